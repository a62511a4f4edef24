import TCPStateMachine
import WireFormat

/// A segment passes the vantage point: the order in which its evidence is taken (inference notes 1.2).
extension Flow {
    /// Takes one segment of this flow, sent by endpoint `e`.
    func observe(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        if c.time > last { last = c.time }
        self[e].packets &+= 1
        self[e].sight = Sight(c)
        if c.direction != .unknown { noteDirection(c, from: e, l.options) }
        // Resets have a path of their own: they enter neither the test for strangers nor the usual TTLs.
        if s.hasRst { return observeReset(c, from: e, d, &l) }

        guard meet(c, from: e, d, &l), !isStranger(s, from: e) else {
            return observeStranger(c, from: e, d, &l)
        }
        let isOld = isOld(s, from: e)
        if self[e].has(.sentReset), !isOld, !s.hasSyn { reviveAfterReset(c, e, d, &l) }
        if self[e].state == .closed { reviveAfterError(e, d, &l) }

        if d[e].journal.reportedCertainty == .presumed { withdrawReported(e, contradictedBy: c, d, &l) }
        takeNumbersOf(peer: e.other, shownBy: c, isOld: isOld, d, &l)
        if !self[e].pending.isEmpty { proveArrivals(at: e, by: c, isOld: isOld, d, &l) }
        let note = takeOwnStep(c, of: e, isOld: isOld, d, &l)
        arrive(c, at: e.other, d, &l)
        remember(c, from: e)
        return note
    }

    /// The capture's own word on where the segment came from makes an endpoint local, or not.
    private func noteDirection(
        _ c: CapturedSegment, from e: EndpointRole, _ options: TrackerOptions
    ) {
        let flag: EndpointFlags = c.direction == .sent ? .seenSent : .seenReceived
        guard !self[e].has(flag) else { return }
        self[e].flags.insert(flag)
        locate(e, options.vantage)
    }

    /// The segment shows numbers that its sender has left behind: it may prove arrivals, it never contradicts.
    private func isOld(_ s: Segment, from e: EndpointRole) -> Bool {
        if s.hasAck, self[e].has(.hasRcvNxt), s.acknowledgmentNumber.isBefore(self[e].rcvNxt) { return true }
        return s.options.hasTimestamps && self[e].has(.usesTimestamps)
            && Int32(bitPattern: s.options.timestampValue &- self[e].timestamp) < 0
    }

    // MARK: Strangers

    /// A segment that no sender with these numbers can have sent to a receiver with those.
    private func isStranger(_ s: Segment, from e: EndpointRole) -> Bool {
        guard self[e].has(.hasSndNxt) else { return false }
        if s.hasFin, isImpossibleFin(s, of: self[e]) { return true }
        let exact = self[e].has(.hasExactWindow) && self[e.other].has(.hasExactWindow)
        guard exact else {
            // A FIN beyond a hole is held until an ACK or the filling of the hole confirms it.
            if s.hasFin, self[e].has(.hasOwnSndNxt), s.sequenceNumber.isAfter(self[e].sndNxt) { return true }
            let distance = self[e].sndNxt.distance(to: s.sequenceNumber)
            return distance > 1 << 24 || distance < -(1 << 24)
        }
        if self[e.other].has(.hasRcvNxt) {
            let edge = later(self[e.other].rightEdge, self[e].sndNxt)
            if s.sequenceNumber.isAfter(edge) { return true }
        }
        if self[e].has(.hasInitialNumber), s.sequenceNumber.isBefore(self[e].iss - 1) { return true }
        if s.hasAck, self[e.other].has(.hasSndNxt), self[e].has(.hasRcvNxt), self[e.other].has(.hasOwnSndNxt) {
            let edge = later(self[e].rightEdge, self[e.other].sndNxt)
            if s.acknowledgmentNumber.isAfter(edge) { return true }
        }
        return false
    }

    /// Nobody sends beyond his FIN, and nobody has two.
    private func isImpossibleFin(_ s: Segment, of sender: borrowing Endpoint) -> Bool {
        if sender.has(.hasFin), !sender.has(.finInferred) { return s.finNumber != sender.finNumber }
        if sender.has(.finInferred), s.finNumber == sender.finNumber { return false }
        return sender.has(.hasOwnSndNxt) && s.finNumber.isBefore(sender.sndNxt)
    }

    /// A stranger changes nothing, until a second segment of either end agrees with it: then the capture had a gap.
    private func observeStranger(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        // A RST may be its answer all the same.
        d[e.other].recent.append(RecentSegment(c, isRepeated: false))
        if let before = stranger, agrees(s, from: e, with: before) {
            stranger = nil
            resynchronize(to: s, from: e, d, &l)
            return .none
        }
        if s.hasSyn {
            // Whoever is synchronized answers it with an ACK of the old numbers (RFC 5961 section 4).
            return .stranger
        }
        stranger = Stranger(
            side: e, end: s.end, acknowledgmentNumber: s.acknowledgmentNumber, hasAck: s.hasAck)
        return .stranger
    }

    private func agrees(_ s: Segment, from e: EndpointRole, with before: Stranger) -> Bool {
        guard s.hasAck, before.hasAck, !s.hasSyn else { return false }
        let near: Int32 = 1 << 20
        if before.side == e {
            let ahead = before.end.distance(to: s.sequenceNumber)
            let acked = before.acknowledgmentNumber.distance(to: s.acknowledgmentNumber)
            // A repetition of the stranger itself is no second witness.
            return ahead >= 0 && ahead < near && acked >= 0 && acked < near && (s.length > 0 || acked > 0)
        }
        let acked = before.end.distance(to: s.acknowledgmentNumber)
        let ahead = before.acknowledgmentNumber.distance(to: s.sequenceNumber)
        return acked >= 0 && acked < near && ahead >= 0 && ahead < near
    }

    /// Both ends go on elsewhere: what lies between was not captured, and may have held anything.
    private func resynchronize(
        to s: Segment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        taint(e, upTo: s.sequenceNumber, d)
        taint(e.other, upTo: s.acknowledgmentNumber, d)
        for (side, number) in [(e, s.end), (e.other, s.acknowledgmentNumber)] {
            self[side].sndNxt = number
            self[side].stream = OctetStream(start: number)
            self[side].flags.remove([.hasExactWindow, .hasRcvNxt, .isAwaited])
        }
        self[e].rcvNxt = s.acknowledgmentNumber
        self[e].flags.insert(.hasRcvNxt)
    }

    // MARK: After a reset of its own

    /// Whoever goes on after his own RST did not send it, or it was refused.
    private func reviveAfterReset(
        _ c: CapturedSegment, _ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let last = Int(d[e].journal.count) - 1
        guard last >= 0, d[e].journal[last].cause != .none else { return }
        let entry = d[e].journal[last]
        switch entry.event {
        case .abort, .socketGone, .userTimeout, .dataAfterCloseArrives:
            guard c.time &- entry.time >= 2_000_000 else { return }
        case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
            .ackOfFinArrives, .rstArrives, .synInWindowArrives, .newIncarnationSynArrives, .timeWaitTimeout,
            .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout:
            return
        }
        d[e].journal.remove(at: last)
        self[e].flags.remove(.sentReset)
        refreshStates(e, d, l)
        find(.forgedSegment, at: e, time: entry.time, entry.cause, &l)
    }

    // MARK: What is kept of the segment

    func remember(_ c: CapturedSegment, from e: EndpointRole) {
        let s = c.segment
        self[e].lastSequenceNumber = s.sequenceNumber
        if s.hasAck, self[e.other].has(.hasFin), s.acknowledgmentNumber.isAfter(self[e.other].finNumber) {
            self[e].flags.insert(.acknowledgedPeerFin)
        } else {
            self[e].flags.remove(.acknowledgedPeerFin)
        }
        if s.options.hasTimestamps {
            if !self[e].has(.usesTimestamps)
                || Int32(bitPattern: s.options.timestampValue &- self[e].timestamp) > 0
            {
                self[e].timestamp = s.options.timestampValue
            }
            self[e].flags.insert(.usesTimestamps)
        }
        if c.hasIdentification {
            self[e].lastIdentification = c.identification
            self[e].flags.insert(.hasIdentification)
        }
        self[e].lowestTimeToLive = min(self[e].lowestTimeToLive, c.timeToLive)
        self[e].highestTimeToLive = max(self[e].highestTimeToLive, c.timeToLive)
    }
}

/// The number that lies further ahead.
func later(_ a: SequenceNumber, _ b: SequenceNumber) -> SequenceNumber {
    a.isBefore(b) ? b : a
}
