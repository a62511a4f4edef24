import TCPStateMachine
import WireFormat

/// What an endpoint shows of itself by sending: SYN, new octets, FIN (inference notes 1.4).
extension Flow {
    private static let senders = StateSet([.established, .closeWait])
    private static let receivers = StateSet([.established, .finWait1, .finWait2])
    private static let finSenders = StateSet([.finWait1, .closing, .lastAck])

    func takeOwnStep(
        _ c: CapturedSegment, of e: EndpointRole, isOld: Bool, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        if s.hasSyn { return takeOwnSyn(c, of: e, d, &l) }
        guard s.length > 0 else {
            self[e].flags.insert(.hasOwnSndNxt)
            if answersChallenge(c, of: e, d, &l) { return .challengeAck }
            guard let probe = probe(c, of: e, before: self[e].sndNxt, isOld: isOld, d) else { return .none }
            count(probe, c, of: e, d)
            return probe
        }
        leaveSynReceived(c, e, d, &l)
        let payloadEnd = s.finNumber
        if self[e].has(.finInferred), payloadEnd.isAfter(self[e].finNumber) {
            withdrawInferredFin(of: e, c.time, d, &l)
        }
        if self[e].has(.isTainted), resolvesTaint(s, of: e) {
            if endsTaint(s, of: e) { doubtSinceTaint(d) }
            untaint(e, d, &l)
        }
        if s.payloadLength > 0, self[e].has(.hasOwnSndNxt), payloadEnd.isAfter(self[e].sndNxt) {
            narrow(e, to: Self.senders, d, &l)
            narrow(e.other, to: Self.receivers, d, &l)
            noticeHalfClose(c, of: e, &l)
            restartClocks(usedBy: e, at: c.time)
        }
        self[e].flags.remove(.isChallenged)
        if s.hasFin { takeOwnFin(c, of: e, d, &l) }
        return takeOctets(c, of: e, isOld: isOld, d, &l)
    }

    /// The last of the octets that passed unseen is data, or something stands behind them: they held no FIN. Or it is
    /// the FIN, which now has passed.
    private func resolvesTaint(_ s: Segment, of e: EndpointRole) -> Bool {
        s.end.isAfter(self[e].taintEnd) || endsTaint(s, of: e)
            || (s.payloadLength > 0 && s.finNumber == self[e].taintEnd)
    }

    /// The octets that passed unseen end in this FIN: what the peer has done since, it did behind it.
    private func endsTaint(_ s: Segment, of e: EndpointRole) -> Bool {
        s.hasFin && s.end == self[e].taintEnd
    }

    // MARK: SYN

    private func takeOwnSyn(
        _ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        let kind: EndpointFlags = s.hasAck ? .sentSynAck : .sentSyn
        let isFirst = !self[e].has(kind)
        self[e].flags.insert(kind)
        if s.hasAck, self[e.other].has(.isOpeningUnsettled), self[e].opening == .active,
            self[e.other].isAcceptableInOpening(s.acknowledgmentNumber)
        {
            // Else it answers a SYN of an earlier opening, which says nothing of this one.
            revealSimultaneousOpen(e.other, shownBy: c, d, &l)
        }
        if s.hasAck, self[e].state == .synSent, self[e].packets > 1, !self[e].pending.contains(.syn) {
            // A SYN,ACK from SYN-SENT with the same ISN: the peer's bare SYN was not captured.
            let evidence = Evidence(time: c.time, cause: .none, proof: c.reference, certainty: .proven, seen: false)
            happen(.synArrives, to: e, evidence, d, &l)
            meetUnseenOpener(e.other, answeredBy: c, d, &l)
        }
        if s.refusesSack { refusesSack = true }
        // A copy that comes when the scales have been agreed on changes nothing.
        if s.options.present.contains(.windowScale), !self[e].has(.hasExactWindow) {
            self[e].flags.insert(.offeredWindowScale)
            self[e].windowScale = s.options.windowScale
        }
        agreeOnWindowScale()
        if s.hasAck, isFirst { abortBefore(c, of: e, d, &l) }
        if s.payloadLength == 0, s.options.present.contains(.fastOpenCookie), !s.hasAck {
            // A cookie without data: the SYN,ACK can not show whether the responder took it.
            usedFastOpen = true
        }
        self[e].synPayload = max(self[e].synPayload, UInt16(clamping: s.payloadLength))
        if s.payloadLength > 0 {
            let isAskedFor = !s.options.present.isDisjoint(with: [.fastOpenCookie, .fastOpenRequest])
            find(.dataOnSyn, at: e, time: c.time, c.reference, &l, detail: .fastOpen(isAskedFor))
        }
        _ = self[e].stream.insert(left: s.sequenceNumber, right: s.sequenceNumber + 1)
        guard !isFirst else { return .none }
        self[e].flags.insert(.repeatedSyn)
        self[e].retransmissions &+= 1
        find(.retransmission, at: e, time: c.time, c.reference, &l)
        return .retransmission
    }

    /// A RST that passed before the SYN,ACK has the number behind it: it was sent after it, and ended what that had
    /// begun.
    private func abortBefore(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        let rst = d[e].firstReset
        guard !rst.cause.isNone, d[e].firstResetNumber == c.segment.sequenceNumber + 1, self[e].state == .synReceived
        else { return }
        let evidence = Evidence(
            time: rst.time, cause: rst.cause, proof: c.reference, certainty: .presumed, isFinal: false)
        self[e].flags.insert(.sentReset)
        happen(.abort, to: e, evidence, d, &l)
    }

    /// Both sent SYN,ACK: both had sent a SYN. The one that seemed to answer from LISTEN had opened, too, and its bare
    /// SYN was not captured.
    private func revealSimultaneousOpen(
        _ e: EndpointRole, shownBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard self[e].state == .synReceived, d[e].journal.count == 1 else { return }
        let answered = d[e].journal[0]
        self[e].opening = .active
        self[e].flags.remove(.isOpeningUnsettled)
        d[e].journal.begin(in: StateSet(.closed))
        self[e].states = StateSet(.closed)
        // It may be the SYN of the incarnation before that was answered.
        let certainty: Certainty = incarnationOf == 0 ? .proven : .presumed
        var evidence = Evidence(
            time: answered.time, cause: .none, proof: c.reference, certainty: certainty, seen: false)
        happen(.activeOpen, to: e, evidence, d, &l)
        evidence.cause = answered.cause
        evidence.seen = answered.seen
        happen(.synArrives, to: e, evidence, d, &l)
    }

    /// The scale counts only if both SYNs offered it (RFC 7323 section 2.2).
    private func agreeOnWindowScale() {
        let opened: EndpointFlags = [.sentSyn, .sentSynAck]
        guard !initiator.has(.hasExactWindow), !initiator.flags.isDisjoint(with: opened),
            !responder.flags.isDisjoint(with: opened)
        else { return }
        if !initiator.has(.offeredWindowScale) || !responder.has(.offeredWindowScale) {
            self[.initiator].windowScale = 0
            self[.responder].windowScale = 0
        }
        self[.initiator].flags.insert(.hasExactWindow)
        self[.responder].flags.insert(.hasExactWindow)
    }

    /// Without Fast Open nobody sends data before he has the ACK of his SYN, and who opened passively no FIN either:
    /// that ACK was not captured. Whether Fast Open was at work is known only if the SYN was.
    func leaveSynReceived(
        _ c: CapturedSegment, _ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        // Who acknowledges more than a SYN has left SYN-RECEIVED: before, he takes no text (RFC 793 p. 72).
        let isPast = s.hasAck && self[e.other].has(.hasInitialNumber)
            && s.acknowledgmentNumber.isAfter(self[e.other].iss + 1)
        let mayClose = mayCloseUnsynchronized(e, l) && s.payloadLength == 0 && !isPast
        guard self[e].state == .synReceived, !mayClose, !usedFastOpen, !self[e].pending.contains(.ackOfSyn) else {
            return
        }
        // A FIN that escaped the capture may have left before; and who opened, too, may have got a SYN,ACK.
        let mayHaveClosed = self[e].has(.finInferred) && mayCloseUnsynchronized(e, l)
        let isSure = self[e.other].has(.sentSyn) && !mayHaveClosed && self[e].opening == .passive
        let certainty: Certainty = isSure ? .proven : .presumed
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: certainty, seen: false,
            isFinal: certainty == .proven)
        self[e].flags.insert(.synAcknowledged)
        happen(.ackOfSynArrives, to: e, evidence, d, &l)
    }

    /// Its user has a connection to close in SYN-RECEIVED (RFC 793 p. 60); that of a socket that listens has none
    /// before it is ESTABLISHED, Fast Open apart (RFC 7413).
    func mayCloseUnsynchronized(_ e: EndpointRole, _ l: borrowing Ledger) -> Bool {
        self[e].opening == .active || usedFastOpen || !l.profile(e).acceptsWhenEstablished
    }

    // MARK: FIN

    private func takeOwnFin(
        _ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        guard !self[e].has(.hasFin) else {
            // The same FIN again, or the one that was inferred before it was seen.
            if !self[e].has(.finInferred), !isDuplicate(c, from: e, d) { self[e].flags.insert(.repeatedFin) }
            self[e].flags.remove(.finInferred)
            return
        }
        let isNew = self[e].has(.hasOwnSndNxt)
        self[e].finNumber = s.finNumber
        self[e].flags.insert(.hasFin)
        if isNew {
            narrow(e, to: Self.senders, d, &l)
            narrow(e.other, to: Self.receivers, d, &l)
        }
        if self[e].state == .synReceived { deliverTimelyAckOfSyn(to: e, before: c, d, &l) }
        if self[e].state == .synSent {
            // Nobody sends a FIN from SYN-SENT: the SYN,ACK came, and did not fit what had passed before it.
            let evidence = Evidence(
                time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
            happen(.synAckArrives, to: e, evidence, d, &l)
        }
        // A FIN behind a RST of its sender's was overtaken by it.
        let isOvertaken = wasSentBeforeReset(s, e, d) || (self[e].has(.sentReset) && self[e].state == .closed)
        if isOvertaken, d[e].journal.count > 0, !d[e].journal.isFull {
            insertBeforeReset(.close, e, .own(c, .presumed), d, l)
            return
        }
        var evidence = Evidence.own(c, closeCertainty(c, of: e, d))
        if !isNew, self[e].has(.isMidStream), evidence.certainty == .proven {
            // Anybody may have sent it, until the peer acknowledges it (`confirmFin`).
            evidence = Evidence(
                time: c.time, cause: c.reference, proof: .none, certainty: .presumed, isFinal: false)
        }
        happen(.close, to: e, evidence, d, &l)
        if !isNew { narrow(e, to: Self.finSenders, d, &l) }
    }

    /// The peer acknowledges a FIN that was the first segment of an endpoint met in mid-stream: it was its own.
    func confirmFin(of e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger) {
        guard self[e].has(.hasFin), c.segment.acknowledgmentNumber == self[e].finNumber + 1,
            let place = d[e].journal.lastIndex(of: .close), d[e].journal[place].certainty == .presumed,
            d[e].journal[place].proof.isNone
        else { return }
        d[e].journal[place].certainty = .proven
        d[e].journal[place].proof = c.reference
        d[e].journal[place].isFinal = true
        settle(e, d, &l)
    }

    /// The endpoint's RST stands last in the journal; what it sent before that passed later.
    private func insertBeforeReset(
        _ event: DiagramEvent, _ e: EndpointRole, _ evidence: Evidence, _ d: FlowDetail, _ l: borrowing Ledger
    ) {
        let last = Int(d[e].journal.count) - 1
        let entry = JournalEntry(
            event: event, certainty: evidence.certainty, seen: true, isFinal: false, time: d[e].journal[last].time,
            cause: evidence.cause, proof: evidence.proof)
        if event == .close, d[e].hasAnsweredText, d[e].journal[last].event == .socketGone {
            d[e].journal[last].event = .dataAfterCloseArrives
        }
        d[e].journal.insert(entry, at: last)
        refreshStates(e, d, l)
    }

    /// ESTABLISHED to FIN-WAIT-1 is what a FIN shows that does not acknowledge the peer's; CLOSE-WAIT to LAST-ACK needs
    /// that no other segment of the endpoint came before: a retransmission in CLOSING looks the same.
    private func closeCertainty(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail) -> Certainty {
        // The ACK of its SYN may have come, and was not captured.
        if self[e].state == .synReceived { return .presumed }
        // Its number had been shown before: it was sent then.
        if self[e].has(.hasSndNxt), self[e].sndNxt.isAtOrAfter(c.segment.end) { return .presumed }
        guard self[e].state == .closeWait else {
            // It acknowledges a FIN that is not known to have come.
            let p = e.other
            let number = c.segment.acknowledgmentNumber
            let isAnswer = self[p].has(.hasFin) && number.isAfter(self[p].finNumber)
            // Or what was not captured, which may have been one.
            let isOfUnseen = c.segment.hasAck && self[p].has(.hasSndNxt) && number.isAfter(self[p].sndNxt)
            return isAnswer || isOfUnseen ? .presumed : .proven
        }
        if nothingIsMissing(before: c, from: e, d) { return .proven }
        let stoodHere = self[e].lastSequenceNumber == c.segment.sequenceNumber
        let covered = self[e.other].has(.hasFin) && self[e].has(.acknowledgedPeerFin)
        return stoodHere && covered ? .proven : .presumed
    }

    // MARK: Octets

    private func takeOctets(
        _ c: CapturedSegment, of e: EndpointRole, isOld: Bool, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let s = c.segment
        let sndNxt = self[e].sndNxt
        let isKnown = self[e].has(.hasSndNxt)
        let isBehind = isKnown && s.sequenceNumber.isBefore(sndNxt)
        let farthest = self[e].stream.farthestEnd
        let hadHole = self[e].stream.rangeCount > 0
        let probe = probe(c, of: e, before: sndNxt, isOld: isOld, d)
        let newOctets = self[e].stream.insert(left: s.sequenceNumber, right: s.finNumber)
        let newFin = s.hasFin ? self[e].stream.insert(left: s.finNumber, right: s.finNumber + 1) : 0
        self[e].bytes &+= UInt64(newOctets)
        if !isKnown || s.end.isAfter(sndNxt) { self[e].sndNxt = s.end }
        self[e].flags.insert([.hasSndNxt, .hasOwnSndNxt])
        completeFin(of: e, by: c, d)
        if !hadHole, self[e].stream.rangeCount > 0 {
            d[e].observations.holeTime = c.time
            d[e].observed.insert(.hole)
        }
        if let probe {
            count(probe, c, of: e, d)
            return probe
        }
        if newOctets + newFin == 0 {
            refillBeforeFin(of: e, by: c, d)
            if let late = passLate(c, of: e, d, &l) {
                self[e].bytes &+= UInt64(late.octets)
                return late.note
            }
            return repeated(c, of: e, &l)
        }
        // Behind what passed, not only behind what the peer's SACK tells of.
        let isFilling = isBehind && self[e].sndNxt == sndNxt && hadHole && farthest.isAtOrAfter(s.end)
        return isFilling ? fillHole(c, of: e, d, &l) : .none
    }

    /// A FIN beyond a hole takes effect when the hole is filled (RFC 793 p. 69: segments are processed in order).
    private func completeFin(of e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail) {
        let p = e.other
        guard self[p].pending.contains(.fin), !d[p].pending.isFinWhole,
            self[e].stream.contiguousEnd.isAfter(self[e].finNumber)
        else { return }
        d[p].pending.isFinWhole = true
        for index in 0..<Int(d[p].pending.finCopyCount) {
            d[p].pending.updateFin(at: index) { copy in
                copy.time = c.time
                copy.cause = c.reference
                copy.acknowledgmentNumber = later(copy.acknowledgmentNumber, c.segment.acknowledgmentNumber)
                copy.timestamp = c.segment.options.timestampValue
            }
        }
    }

    /// Text is sent again at the very number that the peer waits for: what passed of it was lost behind, and the FIN
    /// beyond it takes effect with this.
    private func refillBeforeFin(of e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail) {
        let s = c.segment
        let p = e.other
        guard self[p].pending.contains(.fin), d[p].pending.isFinWhole, s.payloadLength > 0, !s.hasFin,
            self[p].has(.hasRcvNxt), s.sequenceNumber == self[p].rcvNxt, s.end.isAtOrBefore(self[e].finNumber)
        else { return }
        pendFin(at: p, finCopy(c, at: p, isDoubted: false), isWhole: true, d)
    }

    /// No octet that had not passed before.
    private func repeated(_ c: CapturedSegment, of e: EndpointRole, _ l: inout Ledger) -> SegmentNote {
        self[e].retransmissions &+= 1
        find(.retransmission, at: e, time: c.time, c.reference, &l)
        return .retransmission
    }

    /// New data after the peer's FIN was acknowledged: one direction goes on.
    private func noticeHalfClose(_ c: CapturedSegment, of e: EndpointRole, _ l: inout Ledger) {
        guard self[e].state == .closeWait, c.segment.payloadLength > 0 else { return }
        find(.halfClosed, at: e, time: c.time, c.reference, &l)
    }
}

extension Segment {
    /// This SYN does not permit SACK (RFC 2018 section 2), as far as its options were captured.
    var refusesSack: Bool { options.present.isDisjoint(with: [.sackPermitted, .incomplete]) }
}
