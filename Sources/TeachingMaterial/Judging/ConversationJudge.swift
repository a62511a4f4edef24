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
            step(row, &replay, &found)
            // What follows a segment that was not sent cannot be told.
            if found.last?.code == .ladderSegment { break }
            history.append([replay.state(0), replay.state(1)])
        }
        for (index, row) in claim.rows.enumerated() where index + 1 < history.count {
            for (end, cell) in [(0, row.a), (1, row.b)] {
                guard let cell, let state = cell.state else { continue }
                guard !allowed(claim, history, index, end).contains(state) else { continue }
                let right = history[index + 1][end]
                found.append(
                    machines.make(
                        .ladderState, cell.place, "this end is in \(right) here, not in \(state)",
                        correction: "what was sent and what has arrived so far lead to \(right)"))
            }
        }
        return found.sorted { $0.place < $1.place }
    }

    /// The states that an end may be said to have at a row. In a ladder it is the one after it; a note of a sequence
    /// diagram may stand before the arrow that it belongs to, or after it.
    private func allowed(_ claim: ConversationClaim, _ history: [[State]], _ index: Int, _ end: Int) -> Set<State> {
        var states: Set<State> = [history[index + 1][end]]
        guard claim.form == .sequence || claim.rows[index].segment == nil else { return states }
        if claim.form == .sequence {
            var next = index + 1
            while next < claim.rows.count, claim.rows[next].segment == nil { next += 1 }
            if next + 1 < history.count { states.insert(history[next + 1][end]) }
            // A LISTEN that is not drawn, a call that is not shown.
            if history[index][end] == .listen { states.insert(.closed) }
        }
        return states
    }

    private func step(_ row: ConversationClaim.Row, _ replay: inout ConversationReplay, _ found: inout [Diagnostic]) {
        for (end, cell) in [(0, row.a), (1, row.b)] where cell?.timesOut ?? false { replay.timeOut(end) }
        // The last line of a story may be the one after 2 MSL.
        if row.segment == nil {
            for (end, cell) in [(0, row.a), (1, row.b)] where cell?.state == .closed && replay.state(end) == .timeWait {
                replay.timeOut(end)
            }
        }
        guard let segment = row.segment else { return }
        let sender = row.isRightward ? 0 : 1
        var fault = row.departs ? replay.depart(segment, from: sender) : nil
        if row.arrives {
            let other = replay.arrive(segment, at: 1 - sender, isDuplicate: row.isDuplicate)
            fault = fault ?? other
        } else if !row.departs {
            replay.lose(segment, to: 1 - sender)
        }
        if let fault { found.append(diagnostic(fault, segment)) }
    }

    private func diagnostic(_ fault: ConversationReplay.Fault, _ claim: ConversationClaim.SegmentClaim) -> Diagnostic {
        switch fault {
        case .number(let expected):
            return machines.make(
                .ladderNumber, claim.place, "these numbers do not follow from the lines before",
                correction: "the segment is \(SegmentNotation.text(expected, isBrief: true))")
        case .segment(let state):
            return machines.make(
                .ladderSegment, claim.place, "an end in \(state) does not send this here",
                correction: DiagnosticCode.ladderSegment.fact)
        }
    }
}
