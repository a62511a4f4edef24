import TCPStateMachine
import WireFormat

/// The flow ends, or the capture: what is still pending is presumed or left (inference notes 1.9).
extension Flow {
    /// Settles everything. `now` is the packet clock.
    func conclude(now: Int64, _ d: FlowDetail, _ l: inout Ledger) {
        for side in EndpointRole.allCases {
            presumePending(side, now: now, d, &l)
        }
        // The state is the one at the end of the capture's time, also if no segment of the flow came to say so.
        runTimers(now: now, d, &l)
        findAtEnd(now: now, d, &l)
        for side in EndpointRole.allCases {
            reportRest(side, d, &l)
        }
    }

    // MARK: Presumption

    /// What demands an answer is not presumed without one; an ACK or a RST gets none.
    func presumePending(
        _ e: EndpointRole, now: Int64, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let isSilent = self[e].packets == 0
        if isSilent, self[e].states.isEmpty, self[e].pending.contains(.syn), self[e.other].state != .synSent,
            self[e.other].state != .closed
        {
            // One-way capture: the other end shows that the connection came about.
            d[e].journal.begin(in: StateSet(.listen))
            self[e].states = StateSet(.listen)
        }
        if isSilent, self[e].pending.contains(.syn), !self[e].states.isEmpty, self[e.other].state != .synReceived {
            presume(.syn, e, now, d, &l)
        }
        if self[e].pending.contains(.ackOfSyn) {
            let count = d[e].journal.count
            presume(.ackOfSyn, e, now, d, &l)
            // It passed before unseen octets left open what came then.
            if isTainted, d[e].journal.count > count, d[e].entriesBeforeTaint == count {
                d[e].entriesBeforeTaint = d[e].journal.count
            }
        }
        takeUncertainReset(at: e, now: now, d)
        let rst = pendingReset(e, d)
        let believed = believedFin(e, before: rst?.time, d)
        let takesFin = self[e].pending.contains(.fin) && d[e].pending.isFinWhole
            && (isSilent || (rst != nil && believed != nil) || isAnswerNotYetDue(e, now: now, d))
        if takesFin {
            presumeFinAndAck(e, copy: believed ?? 0, now, d, &l)
        } else if self[e].pending.contains(.ackOfFin), !isBeyondReach(e, d), !isBehindUnansweredFin(e, now: now, d) {
            presume(.ackOfFin, e, now, d, &l)
        }
        if rst != nil, self[e].pending.contains(.rst) { presume(.rst, e, now, d, &l) }
    }

    /// The pending RST, unless the way to the endpoint seemed dead when it passed.
    private func pendingReset(_ e: EndpointRole, _ d: FlowDetail) -> PendingFact? {
        guard self[e].pending.contains(.rst), !d[e].pending.rst.mark else { return nil }
        return d[e].pending.rst
    }

    /// The first copy of the peer's FIN that passed no later than `time` and that the endpoint did not go on without.
    private func believedFin(_ e: EndpointRole, before time: Int64?, _ d: FlowDetail) -> Int? {
        (0..<Int(d[e].pending.finCopyCount)).first { index in
            let copy = d[e].pending.finCopies[index]
            return !copy.isDoubted && copy.time <= time ?? .max && !copy.cause.isNone
        }
    }

    /// On the endpoint's own host a FIN that just came is taken, though its delayed ACK has not left yet. One that was
    /// not captured there has not come.
    private func isAnswerNotYetDue(_ e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        let copy = d[e].pending.finCopies[0]
        return self[e].has(.isLocal) && d[e].pending.finCopyCount == 1 && !copy.isDoubted && !copy.cause.isNone
            && now &- copy.time < Self.delayedAck && lastPassing(of: e, d) ?? .min < copy.time
    }

    /// The ACK of the FIN stands at the edge of the window, and the endpoint has shown since that not all has come that
    /// passed before it: it did not take the segment.
    func isBeyondReach(_ e: EndpointRole, _ d: FlowDetail) -> Bool {
        guard let number = d[e].pending.ackOfFin.numberBeyondWindow, d[e.other].recent.count > 0 else { return false }
        return self[e].rcvNxt.isBefore(number)
            && couldHaveAnswered(e, d[e].pending.ackOfFin.time, now: d[e.other].recent[age: 0].time)
    }

    /// The ACK of the FIN passed after a FIN of the peer's that may have come: which of them came first is not known
    /// until an answer is overdue. That takes a delayed ACK's time (RFC 9293 section 3.8.6.3).
    private func isBehindUnansweredFin(_ e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        guard self[e].pending.contains(.fin), d[e].pending.isFinWhole else { return false }
        let copy = d[e].pending.finCopies[0]
        guard copy.time < d[e].pending.ackOfFin.time, !copy.isDoubted, !(copy.cause.isNone && self[e].has(.isLocal))
        else { return false }
        return !speaksAgainst(e, copy.time &+ Self.longestDelayedAck, now: now)
    }

    private func presumeFinAndAck(
        _ e: EndpointRole, copy index: Int, _ now: Int64, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let copy = d[e].pending.finCopies[index]
        let hasAck = self[e].pending.contains(.ackOfFin)
        let ackFirst = hasAck && d[e].pending.ackOfFin.time <= copy.time
        if ackFirst { presume(.ackOfFin, e, now, d, &l) }
        deliver(.fin, to: e, certainty(.fin, e, now, d), by: .none, d, &l, copy: index)
        if hasAck, !ackFirst { presume(.ackOfFin, e, now, d, &l) }
    }

    /// On the endpoint's own host what gets no answer is proven once 2 ms have passed without contradiction.
    private func presume(
        _ kind: FactKind, _ e: EndpointRole, _ now: Int64, _ d: FlowDetail, _ l: inout Ledger
    ) {
        deliver(kind, to: e, certainty(kind, e, now, d), by: .none, d, &l)
    }

    private func certainty(
        _ kind: FactKind, _ e: EndpointRole, _ now: Int64, _ d: FlowDetail
    ) -> Certainty {
        guard self[e].has(.isLocal), !isOverdue(e, now: now) else { return .presumed }
        let time: Int64
        switch kind {
        case .ackOfSyn: time = d[e].pending.ackOfSyn.time
        case .ackOfFin:
            if d[e].pending.ackOfFin.mark || isBehindFin(e, d) { return .presumed }
            time = d[e].pending.ackOfFin.time
        case .rst:
            if self[e].has(.mayBeReset) { return .presumed }
            time = d[e].pending.rst.time
        case .syn, .fin: return .presumed
        }
        return now &- time >= 2 * Self.millisecond ? .proven : .presumed
    }

    /// A FIN of the peer's passed before the ACK of the endpoint's own, and nothing shows whether it came.
    private func isBehindFin(_ e: EndpointRole, _ d: FlowDetail) -> Bool {
        self[e].pending.contains(.fin) && d[e].pending.finCopies[0].time <= d[e].pending.ackOfFin.time
    }

    /// What demands an answer came to the endpoint's own host and has got none, in more time than a delayed ACK takes:
    /// the answer escaped the capture, or nobody is there. Its silence proves nothing.
    private func isOverdue(_ e: EndpointRole, now: Int64) -> Bool {
        self[e].has(.isAwaited) && speaksAgainst(e, self[e].dueTime &+ Self.longestDelayedAck, now: now)
    }

    // MARK: The presumed state while the flow goes on

    /// The state with all that is pending taken as arrived, in the order in which it passed.
    func presumedStates(_ e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger) -> StateSet {
        guard !self[e].pending.isEmpty else { return self[e].states }
        let nature = nature(e, l)
        var states = self[e].states
        forEachPending(e, d) { event, _, _, _ in states = nature.step(states, on: event) }
        return states
    }

    // MARK: The last records

    /// Reports what was not yet final. After a taint that nothing resolved the record stops.
    private func reportRest(_ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        if mayForgetListening(e) { forgetListening(e, d, &l) }
        let stops = isTainted && !isUntouched(e) && !onlyEnds(e, from: entriesBeforeTaint(e, d), d)
        var left = stops ? entriesBeforeTaint(e, d) : Int(d[e].journal.count)
        let whole = Int(d[e].journal.count)
        var index = left
        if d[e].journal.start.only == nil { left -= skipToKnowledge(e, steps: left, d, &l) }
        while left > 0, d[e].journal.count > 0, d[e].journal.start.only != nil {
            reportFirst(e, d, &l)
            left -= 1
        }
        guard stops else {
            // It never moved: what is known of it is where it was met.
            if let state = d[e].journal.start.only, d[e].journal.count == 0 { reportStart(e, state, d, &l) }
            return
        }
        index -= whole - Int(d[e].journal.count)
        stopAtTaint(e, at: max(0, index), d, l)
    }

    /// The unseen octets are the peer's, and the endpoint has not acknowledged a FIN among them.
    private func isUntouched(_ e: EndpointRole) -> Bool {
        !self[e].has(.isTainted) && self[e].has(.hasRcvNxt) && self[e].rcvNxt.isBefore(self[e.other].taintEnd)
    }

    /// After the taint the endpoint's connection only ended: with or without an unseen FIN that leads to the same
    /// state.
    private func onlyEnds(_ e: EndpointRole, from index: Int, _ d: FlowDetail) -> Bool {
        let count = Int(d[e].journal.count)
        guard index < count else { return false }
        for place in index..<count {
            switch d[e].journal[place].event {
            case .rstArrives, .abort, .socketGone, .userTimeout:
                d[e].journal[place].certainty = .presumed
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
                .ackOfFinArrives, .synInWindowArrives, .dataAfterCloseArrives, .newIncarnationSynArrives,
                .timeWaitTimeout, .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout:
                return false
            }
        }
        return true
    }

    func entriesBeforeTaint(_ e: EndpointRole, _ d: FlowDetail) -> Int {
        min(Int(d[e].entriesBeforeTaint), Int(d[e].journal.count))
    }

    /// The states are those after everything that happened, with and without a FIN of either end in the unseen octets,
    /// which passed before the entry at `index`.
    private func stopAtTaint(_ e: EndpointRole, at index: Int, _ d: FlowDetail, _ l: borrowing Ledger) {
        if self[e].has(.sentReset) {
            self[e].states = StateSet(.closed)
            return
        }
        let nature = nature(e, l)
        var all = StateSet()
        for unseen in Self.unseenClosings {
            if unseen.contains(.finArrives), !self[e.other].has(.isTainted) { continue }
            if unseen.contains(.close), !self[e].has(.isTainted) { continue }
            var states = d[e].journal.states(after: index, nature)
            for event in unseen { states = nature.step(states, on: event) }
            for place in min(index, Int(d[e].journal.count))..<Int(d[e].journal.count) {
                states = nature.step(states, on: d[e].journal[place].event)
            }
            all.formUnion(states)
        }
        if self[e.other].has(.isTainted), self[e].has(.hasFin), self[e.other].packets == 0 {
            let acknowledged = nature.step(all, on: .ackOfFinArrives)
            all.formUnion(acknowledged)
            all.formUnion(nature.step(acknowledged, on: .finArrives))
        }
        if self[e].has(.isTainted) {
            all.formUnion(nature.step(all, on: .close))
        }
        self[e].states = all
    }

    /// What unseen octets of either end may have done to an endpoint: the peer's FIN came, its own left, its own was
    /// acknowledged, in each order that there is.
    private static let unseenClosings: [[DiagramEvent]] = [
        [], [.finArrives], [.close], [.close, .ackOfFinArrives], [.finArrives, .close], [.close, .finArrives],
        [.finArrives, .close, .ackOfFinArrives], [.close, .ackOfFinArrives, .finArrives],
    ]

    /// Met in mid-stream and never narrowed to one start: what is known begins where all starts have led to one state.
    private func skipToKnowledge(
        _ e: EndpointRole, steps: Int, _ d: FlowDetail, _ l: inout Ledger
    ) -> Int {
        let nature = nature(e, l)
        for step in 0..<max(0, steps) {
            guard let state = d[e].journal.states(after: step + 1, nature).only else { continue }
            let entry = d[e].journal[step]
            let isProven = (0...step).allSatisfy { d[e].journal[$0].certainty == .proven }
            for _ in 0...step { d[e].journal.dropFirst(leadingTo: StateSet(state)) }
            d[e].journal.isStartUnreported = false
            reportFirstKnowledge(
                e, state, time: entry.time, cause: entry.cause, isProven ? .proven : .presumed, d, &l)
            return step + 1
        }
        return steps
    }
}
