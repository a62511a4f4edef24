import TCPStateMachine
import WireFormat

/// What a RST does to whom it reaches (inference notes 1.5).
extension Flow {
    /// Whether the receiver may take it, by its profile's rules (Linux: kernel facts 5 (i)); an unacceptable one never
    /// replaces one that is pending.
    func arriveReset(
        _ c: CapturedSegment, at p: EndpointRole, answering answered: Int64?, _ d: FlowDetail, _ l: inout Ledger
    ) {
        switch verdict(on: c.segment, at: p, answering: answered, d, l) {
        case .taken:
            if self[p].state == .timeWait {
                let ends = nature(p, l).profile[.resetTimeWait]
                find(.timeWaitAssassination, at: p, time: c.time, c.reference, &l, detail: .timeWait(ends: ends))
            }
            // A second one has nothing left to end, if the first one arrived.
            if self[p].pending.contains(.rst), !d[p].pending.rst.mark {
                // Unless this one is exact by what the endpoint has shown since, and the first was by what was lost.
                guard let answered, c.segment.sequenceNumber == self[p].rcvNxt, answered > d[p].pending.rst.time,
                    isLostBehind(p, at: answered, d), self[p].rcvNxt.isBefore(self[p.other].sndNxt)
                else { return }
                dropLostAckOfSyn(at: p, d)
            }
            if !l.profile(p)[.resetAtFinNumberCloses] { doubtFin(at: p, resetAt: c.segment.sequenceNumber, d) }
            pend(.rst, at: p, PendingFact(reset: c, pathIsDead: pathIsDead(p, now: c.time)), d)
        case .challenged:
            noteUncertainReset(c, at: p, d)
            challenge(p, at: c.time, d)
        case .outOfWindow:
            // It is exact, if what passed before it was lost behind the vantage point.
            noteUncertainReset(c, at: p, d)
            if answered == nil { find(.rstOutOfWindow, at: p, time: c.time, c.reference, &l) }
        case .meaningless:
            return
        }
    }

    /// The segment that brought the ACK of the SYN has octets that the endpoint does not have: it did not come.
    private func dropLostAckOfSyn(at p: EndpointRole, _ d: FlowDetail) {
        guard self[p].pending.contains(.ackOfSyn) else { return }
        let isLost = (0..<Int(d[p].recent.count)).contains { age in
            let segment = d[p].recent[age: age]
            return segment.time == d[p].pending.ackOfSyn.time && segment.end.isAfter(self[p].rcvNxt)
        }
        if isLost { drop(.ackOfSyn, at: p, d) }
    }

    /// A RST at the FIN's number, or before it, is taken only where the FIN has not come.
    private func doubtFin(at p: EndpointRole, resetAt number: SequenceNumber, _ d: FlowDetail) {
        guard self[p].pending.contains(.fin), self[p.other].has(.hasFin),
            number.isAtOrBefore(self[p.other].finNumber)
        else { return }
        d[p].pending.doubtFin()
    }

    /// It is exact, if what passed before it was lost behind the vantage point.
    private func noteUncertainReset(_ c: CapturedSegment, at p: EndpointRole, _ d: FlowDetail) {
        guard self[p].has(.hasRcvNxt), c.segment.sequenceNumber == self[p].rcvNxt else { return }
        self[p].flags.insert(.mayBeReset)
        // The first one counts, unless the endpoint has gone on since.
        let first = d[p].pending.uncertainReset
        if !first.cause.isNone, let own = lastPassing(of: p, d), !speaksAgainst(p, first.time, now: own) { return }
        d[p].pending.uncertainReset = PendingFact(reset: c)
    }

    /// The endpoint has text or a FIN on its way and has been silent since such a RST passed, for longer than it would
    /// have waited before it sent that again: it has taken the RST, and not what passed before it.
    func takeUncertainReset(at p: EndpointRole, now: Int64, _ d: FlowDetail) {
        let rst = d[p].pending.uncertainReset
        guard !rst.cause.isNone, !self[p].pending.contains(.rst), self[p].rcvNxt.isBefore(self[p.other].sndNxt),
            self[p].sndNxt.isAfter(self[p.other].rcvNxt), let lastOwn = lastPassing(of: p, d)
        else { return }
        guard !speaksAgainst(p, rst.time, now: lastOwn),
            speaksAgainst(p, rst.time &+ 1_000 * Self.millisecond, now: now)
        else { return }
        drop([.fin, .ackOfFin], at: p, d)
        pend(.rst, at: p, rst, d)
    }

    private enum ResetVerdict {
        case taken
        /// In the window, not exact: an ACK is its answer (RFC 5961 section 3).
        case challenged
        case outOfWindow
        /// There is no connection that it could end.
        case meaningless
    }

    private func verdict(
        on s: Segment, at p: EndpointRole, answering answered: Int64?, _ d: FlowDetail, _ l: borrowing Ledger
    ) -> ResetVerdict {
        let profile = l.profile(p)
        guard !self[p].states.isEmpty else { return .meaningless }
        if let state = self[p].state {
            switch state {
            case .closed, .listen:
                guard self[p].pending.contains(.syn) else { return .meaningless }
            case .synSent:
                // The ACK must be good; a SYN,ACK on its way may have made it ESTABLISHED.
                if s.hasAck, self[p].isAcceptableInOpening(s.acknowledgmentNumber) { return .taken }
                guard self[p].pending.contains(.syn) else { return .meaningless }
            case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
                break
            }
        }
        guard self[p.other].has(.hasSndNxt) else { return .taken }
        if self[p].state == .synReceived, self[p].opening == .passive, !self[p].pending.contains(.ackOfSyn),
            self[p].has(.hasExactWindow), self[p.other].has(.hasInitialNumber)
        {
            // A request compares with what its SYN,ACK acknowledged, whatever was sent since; an inexact RST in the
            // window is challenged (Docs/state-machine.md, "Measured").
            let first = self[p].has(.hasRcvNxt) ? self[p].rcvNxt : self[p.other].iss + 1
            return s.sequenceNumber == first ? .taken : inexactVerdict(on: s, at: p, after: first, profile)
        }
        var rcvNxt = self[p.other].stream.contiguousEnd
        // The endpoint went on as if no copy of the FIN had come.
        if self[p].pending.contains(.fin), self[p.other].has(.hasFin), rcvNxt == self[p.other].finNumber + 1,
            d[p].pending.isFinDoubted
        {
            rcvNxt = self[p.other].finNumber
        }
        if self[p].has(.hasRcvNxt) {
            // What stands beyond the window was not taken.
            if self[p].has(.hasExactWindow), rcvNxt.isAfter(self[p].rightEdge) { rcvNxt = self[p].rightEdge }
            rcvNxt = later(rcvNxt, self[p].rcvNxt)
        }
        if s.sequenceNumber == rcvNxt {
            // What fills the window to its edge was taken.
            let isBeyond = isBeyondWindow(s, at: p) && s.sequenceNumber != self[p].rightEdge
            return self[p].has(.isLocal) && isBeyond ? .outOfWindow : .taken
        }
        // What passed here may be lost behind: the answer to a segment that shows another RCV.NXT is exact there.
        if let answered, !s.hasAck, self[p].has(.hasRcvNxt), s.sequenceNumber == self[p].rcvNxt,
            isLostBehind(p, at: answered, d)
        {
            return .taken
        }
        let peerHasClosed = self[p.other].has(.hasFin) && rcvNxt.isAfter(self[p.other].finNumber)
        if profile[.resetAtFinNumberCloses], peerHasClosed, s.sequenceNumber == self[p.other].finNumber,
            !mayBeFinWait2(self[p])
        {
            return .taken
        }
        if profile[.resetAtSackEdgeCloses], !refusesSack, self[p.other].stream.rangeCount > 0,
            s.sequenceNumber == self[p.other].stream.farthestEnd
        {
            return .taken
        }
        guard self[p].has(.hasExactWindow), self[p].has(.hasRcvNxt) else {
            return s.sequenceNumber == self[p.other].sndNxt ? .taken : .challenged
        }
        return inexactVerdict(on: s, at: p, after: rcvNxt, profile)
    }

    /// By RFC 793 p. 70 any number in the window closes. At the right edge it is none by p. 69, unless the window is
    /// wider than its scale can say (RFC 7323 section 2.3); Linux counts that in.
    private func inexactVerdict(
        on s: Segment, at p: EndpointRole, after rcvNxt: SequenceNumber, _ profile: Profile
    ) -> ResetVerdict {
        let edge = self[p].rightEdge
        guard s.sequenceNumber.isAfter(rcvNxt), s.sequenceNumber.isAtOrBefore(edge) else { return .outOfWindow }
        if profile[.challengeACKs] { return .challenged }
        return s.sequenceNumber == edge && self[p].windowScale == 0 ? .outOfWindow : .taken
    }

    /// What passed on its way to the endpoint at its RCV.NXT had not come when it sent what passed at `time`,
    /// though there had been time enough.
    private func isLostBehind(_ p: EndpointRole, at time: Int64, _ d: FlowDetail) -> Bool {
        for age in 0..<Int(d[p].recent.count) {
            let segment = d[p].recent[age: age]
            // What stands further on waits for what is next.
            guard segment.end.isAfter(self[p].rcvNxt), segment.sequenceNumber.isAtOrBefore(self[p].rcvNxt),
                segment.time < time
            else { continue }
            if !speaksAgainst(p, segment.time, now: time) { return false }
        }
        return true
    }

    /// RCV.NXT - 1 resets in CLOSE-WAIT, LAST-ACK and CLOSING only.
    private func mayBeFinWait2(_ receiver: borrowing Endpoint) -> Bool {
        receiver.state == .timeWait || receiver.state == .finWait2 || receiver.pending.contains(.ackOfFin)
    }
}
