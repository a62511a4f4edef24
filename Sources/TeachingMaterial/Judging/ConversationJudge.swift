import Simulation
import TCPStateMachine

/// Holds a conversation, line by line, against two machines that go through it.
struct ConversationJudge {
    let machines: MachineJudge

    /// A longer story is none that a person has drawn.
    private static let mostRows = 400

    func judge(_ claim: ConversationClaim) -> [Diagnostic] {
        let profile = Profile(machines.edges.profile ?? .rfc793)
        guard !claim.isUnfollowable, claim.rows.count <= ConversationJudge.mostRows,
            var replay = ConversationReplay(claim, profile: profile)
        else { return [] }
        var found: [Diagnostic] = []
        /// The states after each row, and which ends the row moved.
        var history: [[State]] = [[replay.state(0), replay.state(1)]]
        for (index, row) in claim.rows.enumerated() {
            for end in 0..<2 {
                let next = claim.rows[index...].first { row in
                    row.isRightward == (end == 0) && row.departs && row.segment?.control.contains(.syn) ?? false
                }
                if let number = next?.segment?.sequence { replay.prepare(number, at: end) }
            }
            let isLost = step(row, &replay, &found)
            // What follows a segment that was not sent cannot be told.
            if isLost { break }
            history.append([replay.state(0), replay.state(1)])
        }
        let isEarly = claim.form == .sequence && notesStandBefore(claim, history)
        for (index, row) in claim.rows.enumerated() where index + 1 < history.count {
            for (end, cell) in [(0, row.a), (1, row.b)] {
                guard let cell, let state = cell.state else { continue }
                guard !allowed(claim, history, index, end, isEarly).contains(state) else { continue }
                let right = history[index + 1][end]
                found.append(
                    machines.make(
                        .ladderState, cell.place, "this end is in \(right) here, not in \(state)",
                        correction: "what was sent and what has arrived so far lead to \(right)"))
            }
        }
        return found.sorted { $0.place < $1.place }
    }

    /// The states that an end may be said to have at a row: in a ladder the one after it, in a sequence diagram that at
    /// the note, or after the next arrow where notes stand before theirs.
    private func allowed(
        _ claim: ConversationClaim, _ history: [[State]], _ index: Int, _ end: Int, _ isEarly: Bool
    ) -> Set<State> {
        let now = history[index + 1][end]
        var states: Set<State> = [isEarly ? after(claim, history, index, end) : now]
        let row = claim.rows[index]
        if claim.form == .ladder, row.segment != nil, !moves(row, end) {
            // Where two segments cross, the state stands one line above the segment that its end sends.
            let next = claim.rows[index...].firstIndex { $0.segment != nil && moves($0, end) }
            if let next, next + 1 < history.count { states.insert(history[next + 1][end]) }
        }
        guard claim.form == .sequence, row.segment == nil else { return states }
        // Before the first arrow both are usual: the state that is, and the one that the call has led to.
        if !claim.rows[..<index].contains(where: { $0.segment != nil }) {
            states.formUnion([now, after(claim, history, index, end)])
            if now == .listen { states.insert(.closed) }
        }
        return states
    }

    /// Whether a line shows something happen at an end.
    private func moves(_ row: ConversationClaim.Row, _ end: Int) -> Bool {
        (row.isRightward == (end == 0)) ? row.departs : row.arrives
    }

    /// The state after the next arrow.
    private func after(_ claim: ConversationClaim, _ history: [[State]], _ index: Int, _ end: Int) -> State {
        let next = claim.rows[index...].firstIndex { $0.segment != nil }
        return next.flatMap { $0 + 1 < history.count ? history[$0 + 1][end] : nil } ?? history[index + 1][end]
    }

    /// Whether the notes of a diagram fit better if each stands before the arrow that it belongs to.
    private func notesStandBefore(_ claim: ConversationClaim, _ history: [[State]]) -> Bool {
        var (late, early) = (0, 0)
        for (index, row) in claim.rows.enumerated() where index + 1 < history.count && row.segment == nil {
            for (end, cell) in [(0, row.a), (1, row.b)] {
                guard let state = cell?.state else { continue }
                if state != history[index + 1][end] { late += 1 }
                if state != after(claim, history, index, end) { early += 1 }
            }
        }
        return early < late
    }

    /// Takes a line; true if nobody can tell how it goes on.
    private func step(
        _ row: ConversationClaim.Row, _ replay: inout ConversationReplay, _ found: inout [Diagnostic]
    ) -> Bool {
        for (end, cell) in [(0, row.a), (1, row.b)] {
            // The last line of a story may be the one after 2 MSL.
            let isOver = claimsEnd(row, cell) && replay.state(end) == .timeWait
            if cell?.timesOut ?? false || isOver { replay.timeOut(end) }
        }
        guard let segment = row.segment else { return false }
        let sender = row.isRightward ? 0 : 1
        var fault = row.departs ? replay.depart(segment, from: sender) : nil
        if row.arrives {
            let other = replay.arrive(segment, at: 1 - sender, isDuplicate: row.isDuplicate)
            fault = fault ?? other
        } else if !row.departs {
            replay.lose(segment, to: 1 - sender)
        }
        if let fault { found.append(diagnostic(fault, segment)) }
        if case .segment? = fault { return true }
        return false
    }

    private func claimsEnd(_ row: ConversationClaim.Row, _ cell: ConversationClaim.Cell?) -> Bool {
        row.segment == nil && cell?.state == .closed && !row.isNote
    }

    private func diagnostic(_ fault: ConversationReplay.Fault, _ claim: ConversationClaim.SegmentClaim) -> Diagnostic {
        switch fault {
        case .number(let expected):
            let ignored: ControlBits = [.psh, .urg]
            let isOther = expected.controlBits.subtracting(ignored) != claim.control.subtracting(ignored)
            return machines.make(
                isOther ? .ladderSegment : .ladderNumber, claim.place,
                isOther ? "something else is sent here" : "these numbers do not follow from the lines before",
                correction: "the segment is \(SegmentNotation.text(expected, isBrief: true))")
        case .segment(let state):
            return machines.make(
                .ladderSegment, claim.place, "an end in \(state) does not send this here",
                correction: DiagnosticCode.ladderSegment.fact)
        }
    }
}
