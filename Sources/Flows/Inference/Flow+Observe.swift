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
        if c.direction != .unknown { noteDirection(c, from: e, l) }
        noticeImpossible(c, from: e, &l)
        // Resets have a path of their own: they enter neither the test for strangers nor the usual TTLs.
        if s.hasRst { return observeReset(c, from: e, d, &l) }

        if let strangeness = meet(c, from: e, d, &l) ?? strangeness(of: s, from: e) {
            return observeStranger(c, from: e, strangeness, d, &l)
        }
        let isOld = isOld(s, from: e)
        if self[e].has(.sentReset), !isOld, !s.hasSyn, !isOvertaken(s, e, d), !isLateCopy(c, e) {
            reviveAfterReset(c, e, d, &l)
        }
        if self[e].state == .closed { reviveAfterError(e, d, &l) }

        if d[e].journal.reportedCertainty == .presumed { withdrawReported(e, contradictedBy: c, d, &l) }
        takeNumbersOf(peer: e.other, shownBy: c, isOld: isOld, d, &l)
        if !self[e].pending.isEmpty { proveArrivals(at: e, by: c, isOld: isOld, d, &l) }
        if self[e].state == .synSent { proveUnseenAnswer(at: e, by: c, d, &l) }
        let note = takeOwnStep(c, of: e, isOld: isOld, d, &l)
        let isDuplicate = note == .retransmission && isDuplicate(c, from: e, d)
        let isResent = note == .retransmission && !isDuplicate
        if isDuplicate { find(.duplicateFrame, at: e, time: c.time, c.reference, &l) }
        if isResent { noticeNeedlessResend(c, of: e, d, &l) }
        arrive(c, at: e.other, d, &l)
        d[e.other].recent[age: 0].isResent = isResent
        remember(c, from: e)
        return note
    }

    /// The capture's own word on where the segment came from makes an endpoint local, or not.
    private func noteDirection(_ c: CapturedSegment, from e: EndpointRole, _ l: borrowing Ledger) {
        let flag: EndpointFlags = c.direction == .sent ? .seenSent : .seenReceived
        guard !self[e].has(flag) else { return }
        self[e].flags.insert(flag)
        locate(e, l)
    }

    /// The segment shows numbers that its sender has left behind: it may prove arrivals, it never contradicts.
    private func isOld(_ s: Segment, from e: EndpointRole) -> Bool {
        if s.hasAck, self[e].has(.hasRcvNxt), s.acknowledgmentNumber.isBefore(self[e].rcvNxt) { return true }
        // Who has received a SYN sends no bare one any more.
        if s.hasSyn, !s.hasAck, self[e].has(.hasRcvNxt) { return true }
        return s.options.hasTimestamps && self[e].has(.usesTimestamps)
            && Int32(bitPattern: s.options.timestampValue &- self[e].timestamp) < 0
    }

    // MARK: After a reset of its own

    /// Whoever goes on after his own RST did not send it, or it was refused.
    private func reviveAfterReset(
        _ c: CapturedSegment, _ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let last = Int(d[e].journal.count) - 1
        guard last >= 0, d[e].journal[last].cause != .none, !wasSentBeforeReset(c.segment, e, d) else { return }
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
        // What was on its way to it had been given up.
        d[e].journal.reportedCertainty = .presumed
        self[e].flags.remove(.sentReset)
        refreshStates(e, d, l)
        find(.forgedSegment, at: e, time: entry.time, entry.cause, &l)
        let s = c.segment
        let p = e.other
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        if self[e].state == .synReceived, self[p].has(.hasRcvNxt), self[p].rcvNxt.isAfter(self[e].iss) {
            happen(.ackOfSynArrives, to: e, evidence, d, &l)
        }
        guard s.hasAck, self[p].has(.hasFin), s.acknowledgmentNumber.isAfter(self[p].finNumber),
            s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt), !self[e].has(.tookFin),
            !self[e].pending.contains(.fin)
        else { return }
        self[e].flags.insert(.tookFin)
        happen(.finArrives, to: e, evidence, d, &l)
    }

    /// The segment was overtaken by its sender's RST, which stands behind it by number.
    private func isOvertaken(_ s: Segment, _ e: EndpointRole, _ d: FlowDetail) -> Bool {
        // Or a late copy of what its peer has acknowledged.
        if s.payloadLength > 0, !s.hasFin, self[e.other].has(.hasRcvNxt), s.end.isAtOrBefore(self[e.other].rcvNxt) {
            return true
        }
        if d[e].observed.contains(.reset), s.end.isAtOrBefore(d[e].observations.resetNumber) { return true }
        return isLateAck(s, e, d)
    }

    /// An ACK that passed before its sender's RST passes once more, and nothing has passed since that it may answer.
    private func isLateAck(_ s: Segment, _ e: EndpointRole, _ d: FlowDetail) -> Bool {
        let last = Int(d[e].journal.count) - 1
        guard last >= 0, s.length == 0, s.hasAck else { return false }
        let reset = d[e].journal[last].time
        let hasPassed = (0..<Int(d[e.other].recent.count)).contains { d[e.other].recent[age: $0].isLike(s) }
        return hasPassed && !(0..<Int(d[e].recent.count)).contains { age in
            let towards = d[e].recent[age: age]
            return towards.time >= reset && !towards.controlBits.contains(.rst)
        }
    }

    /// By the count of its sender's packets it was sent before others that have passed.
    func isLateCopy(_ c: CapturedSegment, _ e: EndpointRole) -> Bool {
        guard c.hasIdentification, c.identification != 0, self[e].has(.hasIdentification) else { return false }
        let ahead = Int16(bitPattern: c.identification &- self[e].lastIdentification)
        return ahead <= 0 && ahead > -512
    }

    /// The segment was overtaken by its sender's RST: it has a stamp from before the RST, or echoes one from before
    /// what the RST answers.
    func wasSentBeforeReset(_ s: Segment, _ e: EndpointRole, _ d: FlowDetail) -> Bool {
        guard self[e].has(.sentReset), s.options.hasTimestamps else { return false }
        if d[e].resetTimestamp != 0, Int32(bitPattern: s.options.timestampValue &- d[e].resetTimestamp) < 0 {
            return true
        }
        return d[e].answeredTimestamp != 0
            && Int32(bitPattern: s.options.timestampEcho &- d[e].answeredTimestamp) < 0
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
        // A late copy does not turn the count back: what is late after a RST is told by it.
        if c.hasIdentification, !(self[e].has(.sentReset) && isLateCopy(c, e)) {
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
