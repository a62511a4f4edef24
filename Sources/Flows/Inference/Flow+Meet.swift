import TCPStateMachine
import WireFormat

/// The first segments of an endpoint: where its numbers and its machine begin.
extension Flow {
    /// The states in which a connection that is met in mid-stream may be.
    private static let midStream = StateSet([
        .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait,
    ])

    /// Begins with an endpoint that was not seen before. Not nil if the segment belongs to no connection known here.
    func meet(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> Strangeness? {
        let s = c.segment
        if s.hasSyn {
            guard !self[e].has(.hasInitialNumber) else {
                if s.sequenceNumber == self[e].iss {
                    doubtOpening(answeredBy: s, from: e, d)
                    return nil
                }
                let ahead = s.sequenceNumber.distance(to: self[e].iss)
                if s.hasAck, ahead > 0, ahead < 1 << 20 {
                    // It had sent more before it was met than its SYN,ACK, which comes again: perhaps a FIN.
                    for side in EndpointRole.allCases { d[side].journal.reportedCertainty = .presumed }
                }
                return .elsewhere(.unacceptableSegment)
            }
            if s.hasAck { return meetSynAck(c, from: e, d, &l) }
            meetSyn(c, from: e, d, &l)
            return nil
        }
        guard !self[e].has(.hasOwnSndNxt) else { return nil }
        return meetOther(c, from: e, d, &l)
    }

    /// A SYN,ACK of this opening answers a SYN that is none of it: its sender has taken part in another one.
    private func doubtOpening(answeredBy s: Segment, from e: EndpointRole, _ d: FlowDetail) {
        guard s.hasAck, self[e.other].has(.hasInitialNumber),
            !self[e.other].isAcceptableInOpening(s.acknowledgmentNumber)
        else { return }
        for side in EndpointRole.allCases { d[side].journal.reportedCertainty = .presumed }
    }

    private func begin(_ e: EndpointRole, at iss: SequenceNumber, _ opening: Opening) {
        self[e].iss = iss
        self[e].sndNxt = iss + 1
        self[e].stream = OctetStream(start: iss)
        self[e].opening = opening
        self[e].flags.insert([.hasInitialNumber, .hasSndNxt, .hasOwnSndNxt])
    }

    /// A machine begins in a state that is known: CLOSED for who opens, LISTEN for who answers.
    private func begin(_ e: EndpointRole, in state: State, _ d: FlowDetail) {
        d[e].journal.begin(in: StateSet(state))
        self[e].states = StateSet(state)
    }

    /// A SYN of an earlier incarnation of the endpoint was answered late.
    func beginClosed(_ e: EndpointRole, at iss: SequenceNumber, text: UInt16, _ d: FlowDetail) {
        begin(e, at: iss, .active)
        self[e].synPayload = text
        self[e].flags.remove(.hasOwnSndNxt)
        begin(e, in: .closed, d)
    }

    /// Who answers was in LISTEN; if it had refused before, somebody has begun to listen since.
    private func beginListening(
        _ e: EndpointRole, _ c: CapturedSegment, _ certainty: Certainty, _ d: FlowDetail, _ l: inout Ledger
    ) {
        if self[e].states.isEmpty {
            begin(e, in: .listen, d)
            return
        }
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: certainty, seen: false, isFinal: false)
        happen(.passiveOpen, to: e, evidence, d, &l)
    }

    private func meetSyn(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        begin(e, at: c.segment.sequenceNumber, .active)
        if self[e].states.isEmpty { begin(e, in: .closed, d) }
        if self[e].state == .closed { happen(.activeOpen, to: e, .own(c), d, &l) }
    }

    private func meetSynAck(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> Strangeness? {
        let s = c.segment
        let p = e.other
        if self[p].has(.hasInitialNumber) {
            // If not, it answers another SYN than the one that was captured, or none.
            guard self[p].isAcceptableInOpening(s.acknowledgmentNumber) else {
                return self[p].has(.sentSyn) ? .impossible(.ackOfUnsentData) : .elsewhere(.ackOfUnsentData)
            }
        } else if !self[p].has(.isMidStream) {
            meetUnseenSyn(of: p, answeredBy: c, d, &l)
        }
        begin(e, at: s.sequenceNumber, .passive)
        if self[e].has(.isMidStream), self[e].packets == 1 {
            // Its peer was met in mid-stream before it: it still waits for the ACK of its SYN.
            d[e].journal.begin(in: StateSet(.synReceived))
            self[e].states = StateSet(.synReceived)
        }
        guard self[e].states.isEmpty || self[e].state == .closed else { return nil }
        // It may go on with what seemed to have ended.
        let certainty: Certainty = incarnationOf == 0 ? .proven : .presumed
        beginListening(e, c, certainty, d, &l)
        if !self[e].pending.contains(.syn) {
            let evidence = Evidence(
                time: c.time, cause: .none, proof: c.reference, certainty: certainty, seen: false, isFinal: false)
            self[e].flags.insert(.isOpeningUnsettled)
            happen(.synArrives, to: e, evidence, d, &l)
        }
        return nil
    }

    /// A SYN,ACK left SYN-SENT: the peer's bare SYN came there, and it was not captured.
    func meetUnseenOpener(
        _ p: EndpointRole, answeredBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard !self[p].has(.hasInitialNumber), self[p].states.isEmpty else { return }
        begin(p, at: c.segment.acknowledgmentNumber - 1, .active)
        self[p].flags.remove(.hasOwnSndNxt)
        self[p].flags.insert(.sentSyn)
        begin(p, in: .closed, d)
        // Its SYN may have been taken for one of an earlier incarnation.
        let certainty: Certainty = incarnationOf == 0 ? .proven : .presumed
        let evidence = Evidence(time: c.time, cause: .none, proof: c.reference, certainty: certainty, seen: false)
        happen(.activeOpen, to: p, evidence, d, &l)
    }

    /// The SYN was not captured: its sender is the one who receives the SYN,ACK.
    private func meetUnseenSyn(
        of p: EndpointRole, answeredBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        begin(p, at: c.segment.acknowledgmentNumber - 1, .active)
        self[p].flags.remove(.hasOwnSndNxt)
        self[p].stream = OctetStream(start: c.segment.acknowledgmentNumber)
        guard self[p].states.isEmpty else { return }
        begin(p, in: .closed, d)
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: true)
        happen(.activeOpen, to: p, evidence, d, &l)
    }

    /// The first segment of an endpoint is neither SYN nor SYN,ACK.
    private func meetOther(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> Strangeness? {
        let s = c.segment
        let p = e.other
        let isUnanswered = self[p].has(.sentSyn) && self[p].state == .closed && s.hasAck
            && self[p].isAcceptableInOpening(s.acknowledgmentNumber)
        if isUnanswered, !self[e].has(.hasInitialNumber) {
            // A RST seemed to have ended the opening, or did.
            meetUnseenSynAck(of: e, c, d, &l)
            return nil
        }
        if self[p].state == .synSent, !self[e].has(.hasInitialNumber) {
            guard s.hasAck, self[p].isAcceptableInOpening(s.acknowledgmentNumber) else {
                // An ACK of other numbers: the responder still holds an older connection (RFC 793 figure 10).
                return s.hasAck ? .impossible(.halfOpen) : .elsewhere(.unacceptableSegment)
            }
            if s.acknowledgmentNumber != self[p].iss + 1 { usedFastOpen = true }
            meetUnseenSynAck(of: e, c, d, &l)
            return nil
        }
        if self[e].has(.hasInitialNumber) {
            // Its SYN was told by others (an answer to it was captured).
            self[e].flags.insert(.hasOwnSndNxt)
            return nil
        }
        if s.hasFin, self[e].has(.hasSndNxt), (s.finNumber + 1).isBefore(self[e].sndNxt) {
            // The peer has more of it than that: it is not its own.
            return .elsewhere(.unacceptableSegment)
        }
        guard s.hasAck else {
            // Without ACK, SYN and RST: it starts no connection.
            self[e].sndNxt = s.end
            self[e].flags.insert([.hasSndNxt, .hasOwnSndNxt])
            return nil
        }
        meetInMidStream(e, s, d, &l)
        if self[p].states.isEmpty { meetInMidStream(peer: p, acknowledged: s.acknowledgmentNumber, d) }
        find(.midStream, at: nil, time: c.time, c.reference, &l)
        return nil
    }

    /// The SYN,ACK was not captured, and what follows it is.
    private func meetUnseenSynAck(
        of e: EndpointRole, _ c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        begin(e, at: c.segment.sequenceNumber - 1, .passive)
        self[e].flags.insert(.sentSynAck)
        self[e].stream = OctetStream(start: c.segment.sequenceNumber)
        beginListening(e, c, .presumed, d, &l)
        if incarnationOf != 0 || self[e.other].state == .closed {
            // Nothing shows that this one began anew, too.
            d[e].journal.reportedCertainty = .presumed
            d[e.other].journal.reportedCertainty = .presumed
        }
        pend(
            .syn, at: e.other,
            PendingFact(
                time: c.time, cause: .none, timestamp: 0, hasTimestamp: false, isTimestampShared: true, mark: true,
                seen: false), d)
    }

    private func meetInMidStream(
        _ e: EndpointRole, _ s: Segment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        if !self[e].has(.hasSndNxt) {
            self[e].sndNxt = s.sequenceNumber
            self[e].stream = OctetStream(start: s.sequenceNumber)
            self[e].flags.insert(.hasSndNxt)
        }
        if self[e].states.isEmpty {
            d[e].journal.begin(in: Self.midStream)
            d[e].journal.isStartUnreported = true
            self[e].flags.insert(.isMidStream)
            refreshStates(e, d, l)
        }
        // Whoever has the acknowledgment of his FIN sends neither data nor FIN again.
        if s.payloadLength > 0 || s.hasFin {
            narrow(e, to: Self.midStream.subtracting([StateSet(.finWait2), StateSet(.timeWait)]), d, &l)
        }
    }

    /// All that passed of the endpoint is a FIN, behind which its peer has more of it.
    func isAlienFin(of e: EndpointRole) -> Bool {
        self[e].has(.isMidStream) && self[e].packets == 1 && self[e].has(.hasFin) && !self[e].has(.finInferred)
    }

    /// Somebody else sent the FIN that the endpoint was met with: nothing of it has passed yet.
    func meetAnew(
        _ e: EndpointRole, at number: SequenceNumber, acknowledgedBy c: CapturedSegment, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        guard let place = d[e].journal.lastIndex(of: .close) else { return }
        find(.forgedSegment, at: e, time: d[e].journal[place].time, d[e].journal[place].cause, &l)
        drop(.fin, at: e.other, d)
        withdraw(.finArrives, from: e.other, d, &l)
        self[e.other].flags.remove(.tookFin)
        self[e].flags.remove([.hasFin, .hasOwnSndNxt, .isTainted])
        meetInMidStream(peer: e, acknowledged: number, d)
    }

    /// The end that has not spoken yet; what it has sent is known from the other's ACK.
    private func meetInMidStream(
        peer p: EndpointRole, acknowledged number: SequenceNumber, _ d: FlowDetail
    ) {
        self[p].sndNxt = number
        self[p].stream = OctetStream(start: number)
        self[p].flags.insert([.hasSndNxt, .isMidStream])
        d[p].journal.begin(in: Self.midStream)
        d[p].journal.isStartUnreported = true
        self[p].states = Self.midStream
    }

    /// Keeps only those start states of a mid-stream endpoint from which it can be in one of `allowed` now.
    func narrow(
        _ e: EndpointRole, to allowed: StateSet, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard self[e].has(.isMidStream), d[e].journal.start.only == nil else { return }
        d[e].journal.narrow(to: allowed, nature(e, l))
        refreshStates(e, d, l)
        settle(e, d, &l)
    }
}
