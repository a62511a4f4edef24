import TCPStateMachine
import WireFormat

/// A segment is on its way to an endpoint: what it would change there becomes pending.
extension Flow {
    func arrive(
        _ c: CapturedSegment, at p: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        let isRepeated = isAwaiting(p, s)
        var segment = RecentSegment(c, isRepeated: isRepeated)
        segment.isBelated = s.length > 0 && self[p].has(.hasRcvNxt) && s.end.isAtOrBefore(self[p].rcvNxt)
        d[p].recent.append(segment)
        awaitAnswer(c, from: p, isRepeated: isRepeated)
        guard isAcceptable(s, at: p) else { return }
        if s.hasSyn { pendSyn(c, at: p, d) }
        if s.hasAck {
            if self[p].has(.isMidStream) { confirmFin(of: p, by: c, d, &l) }
            pendAcknowledgments(c, at: p, d)
        }
        if s.hasFin { pendFin(c, at: p, d) }
    }

    // MARK: Facts

    private func pendSyn(_ c: CapturedSegment, at p: EndpointRole, _ d: FlowDetail) {
        guard mayTakeSyn(p) else { return }
        let s = c.segment
        let acknowledges = s.hasAck && isAcknowledgmentOfSyn(s, at: p)
        if s.hasAck, !acknowledges { return }
        if self[p].pending.contains(.syn), acknowledges, d[p].pending.syn.cause.isNone {
            // What was taken for an unseen SYN,ACK passes now, late; in SYN-SENT a FIN does nothing.
            d[p].pending.doubtFin()
        } else if self[p].pending.contains(.syn) {
            // The first one counts, unless its answer should have passed by now: then it was lost, and this may come.
            guard d[p].pending.syn.mark == acknowledges, knowsTrip(p),
                speaksAgainst(p, d[p].pending.syn.time, now: c.time)
            else { return }
        }
        pend(.syn, at: p, fact(c, mark: acknowledges), d)
    }

    /// The endpoint's machine waits for a SYN, or nothing is known of it yet.
    private func mayTakeSyn(_ p: EndpointRole) -> Bool {
        guard let state = self[p].state else { return self[p].states.isEmpty }
        switch state {
        case .closed, .listen, .synSent: return true
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: return false
        }
    }

    private func isAcknowledgmentOfSyn(_ s: Segment, at p: EndpointRole) -> Bool {
        self[p].has(.hasInitialNumber) && s.acknowledgmentNumber.isAfter(self[p].iss)
            && s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt)
    }

    private func pendAcknowledgments(
        _ c: CapturedSegment, at p: EndpointRole, _ d: FlowDetail
    ) {
        let s = c.segment
        // In SYN-SENT an ACK without a SYN does nothing (RFC 793 p. 68, fifth).
        let isIdle = self[p].state == .synSent && !s.hasSyn && !self[p].pending.contains(.syn)
        if !self[p].has(.synAcknowledged), !isIdle, isAcknowledgmentOfSyn(s, at: p), !isBeyondWindow(s, at: p) {
            pend(.ackOfSyn, at: p, fact(c, mark: s.hasSyn), d)
        }
        let isNew = !self[p].has(.finAcknowledged) || (self[p].pending.contains(.ackOfFin) && isBeyondReach(p, d))
        if self[p].has(.hasFin), isNew, s.acknowledgmentNumber.isAfter(self[p].finNumber),
            s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt)
        {
            // It lies beyond a hole, or brings no octet that the endpoint does not have: who goes by the RFC takes its
            // ACK later, or not at all (RFC 793 p. 69).
            let isHeld = s.sequenceNumber.isAfter(self[p.other].stream.contiguousEnd)
            let isOld = s.length > 0 && self[p].has(.hasRcvNxt) && s.end.isAtOrBefore(self[p].rcvNxt)
            let isBeyond = isBeyondWindow(s, at: p)
            var ack = fact(c, mark: isHeld || isOld || isBeyond)
            if isBeyond { ack.numberBeyondWindow = s.sequenceNumber }
            pend(.ackOfFin, at: p, ack, d)
        }
    }

    /// It stands where the window ends, and the endpoint has not shown that it has all before it: text beyond the
    /// window passed, and was not taken. A scaled window is said rounded down (RFC 7323 section 2.3).
    func isBeyondWindow(_ s: Segment, at p: EndpointRole) -> Bool {
        let isRounded = self[p].state != .synReceived && !self[p].has(.closedWindow)
        let rest = isRounded ? UInt32(1) << UInt32(min(self[p].windowScale, 14)) &- 1 : 0
        return self[p].has(.hasExactWindow) && self[p].has(.hasRcvNxt) && s.sequenceNumber != self[p].rcvNxt
            && s.sequenceNumber.isAtOrAfter(self[p].rightEdge + rest)
    }

    private func pendFin(_ c: CapturedSegment, at p: EndpointRole, _ d: FlowDetail) {
        let s = c.segment
        guard self[p.other].has(.hasFin), s.finNumber == self[p.other].finNumber else { return }
        if self[p].state == .timeWait { startClock(p, at: c.time) }
        guard !self[p].has(.tookFin) else { return }
        if self[p].has(.isLocal), d[p].pending.finCopyCount > 0, d[p].pending.finCopies[0].cause.isNone {
            // No other copy has come to its own host.
            d[p].pending.dropFin()
        }
        pendFin(
            at: p, finCopy(c, at: p, isDoubted: isBeyondWindow(s, at: p)),
            isWhole: self[p.other].stream.contiguousEnd.isAfter(self[p.other].finNumber), d)
    }

    /// The FIN takes effect with this segment.
    func finCopy(_ c: CapturedSegment, at p: EndpointRole, isDoubted: Bool) -> FinCopy {
        let s = c.segment
        return FinCopy(
            time: c.time, cause: c.reference,
            acknowledgmentNumber: s.hasAck ? s.acknowledgmentNumber : self[p].finNumber,
            timestamp: s.options.timestampValue, hasTimestamp: s.options.hasTimestamps, isDoubted: isDoubted,
            hasRoom: leavesRoom(p.other, behind: self[p].sndNxt))
    }

    private func fact(_ c: CapturedSegment, mark: Bool) -> PendingFact {
        let options = c.segment.options
        let sender = role(of: c)
        // A SYN before it that passes later, or not at all, may have the same.
        let isShared = self[sender].has(.usesTimestamps)
            ? self[sender].timestamp == options.timestampValue : !c.segment.hasSyn || c.segment.hasAck
        return PendingFact(
            time: c.time, cause: c.reference, timestamp: options.timestampValue,
            hasTimestamp: options.hasTimestamps, isTimestampShared: isShared, mark: mark, seen: true)
    }

    // MARK: The receiver's rules

    /// Whether the segment can change anything at a receiver that has shown these numbers (RFC 793 p. 69; Linux
    /// drops an old segment whole, with its ACK).
    private func isAcceptable(_ s: Segment, at p: EndpointRole) -> Bool {
        guard self[p].has(.hasRcvNxt), !s.hasSyn else { return true }
        if s.end.isBefore(self[p].rcvNxt) { return false }
        guard self[p].has(.isLocal), s.options.hasTimestamps, self[p.other].has(.usesTimestamps) else { return true }
        // What stood beyond a hole does not count (RFC 7323 section 4.3).
        if self[p.other].lastSequenceNumber.isAfter(self[p].rcvNxt) { return true }
        // PAWS (RFC 7323 section 5): on the endpoint's own host the order of arrival is known.
        return Int32(bitPattern: s.options.timestampValue &- self[p.other].timestamp) >= 0
    }

    // MARK: What is due

    /// The segment repeats what an answer is awaited for.
    func isAwaiting(_ p: EndpointRole, _ s: Segment) -> Bool {
        self[p].has(.isAwaited) && (s.hasSyn ? s.sequenceNumber + 1 : s.end).isAtOrBefore(self[p].dueEnd)
    }

    /// Octets demand an ACK; so does a keepalive.
    func awaitAnswer(_ c: CapturedSegment, from p: EndpointRole, isRepeated: Bool) {
        let s = c.segment
        let isProbe = s.length == 0 && s.sequenceNumber == self[p.other].sndNxt - 1
        guard s.length > 0 || isProbe else { return }
        // Who has answered the bare SYN of a simultaneous open need not answer the SYN,ACK.
        if s.hasSyn, s.hasAck, self[p].has(.sentSynAck) { return }
        if self[p].has(.isAwaited) {
            // Text may be sent again together with what was behind it.
            if isRepeated || s.sequenceNumber.isBefore(self[p].dueEnd) { self[p].flags.remove(.awaitedOnce) }
            return
        }
        self[p].dueTime = c.time
        self[p].dueEnd = s.hasSyn ? s.sequenceNumber + 1 : s.end
        self[p].flags.insert(.isAwaited)
        let isOnce = s.length > 0 && (!self[p].has(.hasRcvNxt) || s.end.isAfter(self[p].rcvNxt))
            && !(s.hasSyn && self[p.other].has(.repeatedSyn))
        if isOnce { self[p].flags.insert(.awaitedOnce) } else { self[p].flags.remove(.awaitedOnce) }
    }
}
