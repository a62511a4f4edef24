import TCPStateMachine
import WireFormat

/// Segments that fit nothing: they change nothing, until a second one agrees with them (inference notes 1.2).
extension Flow {
    /// What is wrong with a segment that no sender with these numbers can have sent to a receiver with those.
    enum Strangeness {
        /// Its numbers lie elsewhere; a gap of the capture explains it too. The finding, if its sender goes on without
        /// it.
        case elsewhere(FindingCode)
        /// No gap explains it.
        case impossible(FindingCode)
    }

    /// Nil: the segment fits.
    func strangeness(of s: Segment, from e: EndpointRole) -> Strangeness? {
        guard self[e].has(.hasSndNxt) else { return nil }
        if isBehindFin(s, of: self[e]) { return .impossible(.dataAfterFin) }
        if s.hasFin, isImpossibleFin(s, of: self[e]) {
            let hasSentMore = self[e].has(.hasOwnSndNxt) && self[e].stream.farthestEnd.isAfter(s.finNumber + 1)
            return hasSentMore && isInWindow(s, from: e) ? .impossible(.dataAfterFin) : .elsewhere(.unacceptableSegment)
        }
        guard self[e].has(.hasExactWindow), self[e.other].has(.hasExactWindow) else {
            // A FIN beyond a hole is held until an ACK or the filling of the hole confirms it.
            let distance = self[e].sndNxt.distance(to: s.sequenceNumber)
            let isHeld = s.hasFin && self[e].has(.hasOwnSndNxt) && distance > 0
            return isHeld || distance > 1 << 24 || distance < -(1 << 24) ? .elsewhere(.unacceptableSegment) : nil
        }
        if self[e.other].has(.hasRcvNxt) {
            let sent = self[e].synPayload > 0 ? later(self[e].synEnd, self[e].sndNxt) : self[e].sndNxt
            let edge = later(self[e.other].rightEdge, sent)
            if s.sequenceNumber.isAfter(edge) { return .elsewhere(.unacceptableSegment) }
        } else if self[e].sndNxt.distance(to: s.sequenceNumber) > 1 << 24 {
            return .elsewhere(.unacceptableSegment)
        }
        if self[e].has(.hasInitialNumber), s.sequenceNumber.isBefore(self[e].iss - 1) {
            return .elsewhere(.unacceptableSegment)
        }
        if s.hasAck, self[e.other].has(.hasSndNxt), self[e].has(.hasRcvNxt), self[e.other].has(.hasOwnSndNxt) {
            let edge = later(self[e].rightEdge, self[e.other].sndNxt)
            if s.acknowledgmentNumber.isAfter(edge) { return .elsewhere(.ackOfUnsentData) }
        }
        return nil
    }

    /// New text behind the sender's captured FIN. A keepalive of one octet may stand at the FIN's own number.
    private func isBehindFin(_ s: Segment, of sender: borrowing Endpoint) -> Bool {
        guard s.payloadLength > 0, !s.hasSyn, sender.has(.hasFin), !sender.has(.finInferred) else { return false }
        let beyond = (sender.finNumber + 1).distance(to: s.finNumber)
        return beyond > 0 && beyond < 1 << 24 && s.sequenceNumber.isAtOrAfter(sender.finNumber - s.payloadLength)
    }

    private func isInWindow(_ s: Segment, from e: EndpointRole) -> Bool {
        guard self[e.other].has(.hasRcvNxt) else { return false }
        return s.sequenceNumber.isAtOrAfter(self[e.other].rcvNxt)
            && s.sequenceNumber.isAtOrBefore(self[e.other].rightEdge)
    }

    /// Nobody sends beyond his FIN, and nobody has two.
    private func isImpossibleFin(_ s: Segment, of sender: borrowing Endpoint) -> Bool {
        if sender.has(.hasFin), !sender.has(.finInferred) { return s.finNumber != sender.finNumber }
        if sender.has(.finInferred), s.finNumber == sender.finNumber { return false }
        // The FIN may be the last of the octets that were shown and did not pass.
        if sender.has(.isTainted), s.end == sender.taintEnd, s.end == sender.sndNxt { return false }
        return sender.has(.hasOwnSndNxt) && s.finNumber.isBefore(sender.sndNxt)
    }

    /// A stranger changes nothing, until a second segment of either end agrees with it: then the capture had a gap.
    func observeStranger(
        _ c: CapturedSegment, from e: EndpointRole, _ strangeness: Strangeness, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        // A RST may be its answer all the same.
        d[e.other].recent.append(RecentSegment(c, isRepeated: false))
        for side in EndpointRole.allCases where d[side].observed.contains(.stranger) {
            guard agrees(s, from: e, with: d[side].observations.stranger, of: side) else { continue }
            d[side].observed.remove(.stranger)
            resynchronize(to: s, from: e, d, &l)
            return .none
        }
        // Whoever is synchronized answers a SYN with an ACK of the old numbers (RFC 5961 section 4).
        for side in EndpointRole.allCases { settleStranger(side, d, &l) }
        let code: FindingCode
        switch strangeness {
        case .impossible(let impossible):
            find(impossible, at: e, time: c.time, c.reference, &l)
            code = impossible
        case .elsewhere(let elsewhere): code = elsewhere
        }
        if s.hasSyn, s.hasAck == false { return .stranger }
        d[e].observations.stranger = Stranger(
            end: s.end, acknowledgmentNumber: s.acknowledgmentNumber, hasAck: s.hasAck && !s.hasSyn, code: code,
            packets: self[e].packets, time: c.time, reference: c.reference)
        d[e].observed.insert(.stranger)
        return .stranger
    }

    private func agrees(_ s: Segment, from e: EndpointRole, with before: Stranger, of side: EndpointRole) -> Bool {
        guard s.hasAck, before.hasAck, !s.hasSyn else { return false }
        let near: Int32 = 1 << 20
        if side == e {
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
        let isOpen = self[e].state == .established && self[e.other].state == .established
        if !isOpen {
            // It may be another connection.
            for side in EndpointRole.allCases {
                d[side].journal.reportedCertainty = .presumed
                drop([.syn, .ackOfSyn], at: side, d)
            }
        }
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

    /// The endpoint has gone on without its stranger: nobody took it.
    func settleStranger(_ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard d[e].observed.contains(.stranger) else { return }
        d[e].observed.remove(.stranger)
        let stranger = d[e].observations.stranger
        guard self[e].packets > stranger.packets else { return }
        find(stranger.code, at: e, time: stranger.time, stranger.reference, &l)
    }
}
