import TCPStateMachine
import WireFormat

/// The two clocks: ACK is the sender's RCV.NXT, SEQ is its SND.NXT. Both tell of octets that were not captured.
extension Flow {
    /// What a segment of `p`'s peer shows of `p`'s numbers, and of its own.
    func takeNumbersOf(
        peer p: EndpointRole, shownBy c: CapturedSegment, isOld: Bool, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        let s = c.segment
        let e = p.other
        if self[p].has(.isOpeningUnsettled), !s.hasSyn { settleOpening(p, d, &l) }
        if self[e].has(.isOpeningUnsettled), answersUnseenSynAck(s, from: e, l) { forgetListening(e, d, &l) }
        takeUnseenFin(of: e, shownBy: c, isOld: isOld, d, &l)
        guard s.hasAck else { return }
        takeTextOfSyn(of: p, acknowledgedBy: s)
        if !s.hasSyn, !self[p].has(.hasSndNxt) { meetUnseenSynAck(of: p, acknowledgedBy: c, d, &l) }
        guard self[p].has(.hasSndNxt) else { return }
        takeUnseenOctets(of: p, acknowledgedBy: c, d, &l)
        guard s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt) else { return }
        takeUnseenHoles(of: p, acknowledgedBy: c, d, &l)
        if s.options.sackBlockCount > 0 {
            takeSackEdges(of: p, s, d)
            takeDuplicateSack(of: p, from: c, d, &l)
        }
        takeAnswer(of: e, c, d)
        noteWindow(of: e, c, isOld: isOld, d)
        takeWindow(of: e, s)
        // Nobody acknowledges data of an endpoint that had not left its opening states (text on its SYN apart).
        if !self[p].pending.isEmpty, self[p].has(.hasInitialNumber), !usedFastOpen,
            s.acknowledgmentNumber.isAfter(self[p].synEnd)
        {
            leaveOpening(p, shownBy: c, d, &l)
        }
    }

    /// An ACK of the peer's SYN once more, and nothing else of the peer has passed: what it answers may be a SYN,ACK,
    /// and both have opened. Where a user has no connection before it is ESTABLISHED, a SYN sent again is answered
    /// by a SYN,ACK; else by such an ACK (RFC 793 p. 69), as is what is late of an earlier incarnation.
    private func answersUnseenSynAck(_ s: Segment, from e: EndpointRole, _ l: borrowing Ledger) -> Bool {
        let p = e.other
        return s.length == 0 && s.hasAck && self[e].has(.sentSynAck) && self[p].packets == 1
            && s.sequenceNumber == self[e].iss + 1 && s.acknowledgmentNumber == self[p].iss + 1
            && l.profile(e).acceptsWhenEstablished && !self[e].has(.isChallenged) && incarnationOf == 0
    }

    /// What a segment says of its sender's RCV.NXT and RCV.WND.
    func takeWindow(of e: EndpointRole, _ s: Segment) {
        let isFirst = !self[e].has(.hasRcvNxt)
        if isFirst || s.acknowledgmentNumber.isAfter(self[e].rcvNxt) { self[e].rcvNxt = s.acknowledgmentNumber }
        let window = UInt32(s.window) << UInt32(s.hasSyn ? 0 : min(self[e].windowScale, 14))
        let edge = s.acknowledgmentNumber + window
        if isFirst || edge.isAfter(self[e].rightEdge) { self[e].rightEdge = edge }
        self[e].flags.insert(.hasRcvNxt)
        if s.window == 0 { self[e].flags.insert(.closedWindow) } else { self[e].flags.remove(.closedWindow) }
    }

    /// The endpoint had received what its opening waited for: its data was acknowledged.
    private func leaveOpening(
        _ p: EndpointRole, shownBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        if self[p].pending.contains(.syn) { deliver(.syn, to: p, .proven, by: c.reference, d, &l) }
        if self[p].pending.contains(.ackOfSyn) { deliver(.ackOfSyn, to: p, .proven, by: c.reference, d, &l) }
    }

    /// The responder was never captured, and the initiator acknowledges its SYN.
    private func meetUnseenSynAck(
        of p: EndpointRole, acknowledgedBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let e = p.other
        let number = c.segment.acknowledgmentNumber
        self[p].sndNxt = number
        self[p].stream = OctetStream(start: number)
        self[p].flags.insert(.hasSndNxt)
        guard self[e].state == .synSent, self[p].states.isEmpty else { return }
        self[p].iss = number - 1
        self[p].opening = .passive
        self[p].flags.insert([.hasInitialNumber, .sentSynAck])
        d[p].journal.begin(in: StateSet(.listen))
        self[p].states = StateSet(.listen)
        if self[p].pending.contains(.syn) { deliver(.syn, to: p, .presumed, by: c.reference, d, &l) }
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        happen(.synAckArrives, to: e, evidence, d, &l)
    }

    /// Text on a SYN counts as far as it is acknowledged: by the SYN,ACK with Fast Open (RFC 7413 section 4.1.2),
    /// without it by a later segment of who kept it until he was ESTABLISHED (RFC 793 p. 66), or not at all.
    private func takeTextOfSyn(of p: EndpointRole, acknowledgedBy s: Segment) {
        let number = s.acknowledgmentNumber
        guard self[p].synPayload > 0, number.isAfter(self[p].sndNxt), self[p].has(.hasInitialNumber),
            number.isAtOrBefore(self[p].synEnd)
        else { return }
        if s.hasSyn || !self[p.other].has(.sentSynAck) { usedFastOpen = true }
        self[p].bytes &+= UInt64(UInt32(bitPattern: self[p].sndNxt.distance(to: number)))
        self[p].sndNxt = number
        self[p].stream.acknowledge(number)
    }

    // MARK: ACK clock

    /// Octets are acknowledged that did not pass: data, or a FIN.
    private func takeUnseenOctets(
        of p: EndpointRole, acknowledgedBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let number = c.segment.acknowledgmentNumber
        let unseen = self[p].sndNxt.distance(to: number)
        guard unseen > 0 else { return }
        if let state = self[p].state, state == .synSent || state == .synReceived,
            self[p].pending.isDisjoint(with: [.syn, .ackOfSyn])
        {
            // Acceptable to nobody: no evidence of octets (RFC 793 p. 66 and 72).
            if self[p].packets > 0 { find(.ackOfUnsentData, at: p.other, time: c.time, c.reference, &l) }
            return
        }
        // Nobody sends beyond his FIN; and no window is that wide by chance.
        let isElsewhere = unseen > 1 << 24 && !self[p.other].flags.isSuperset(of: [.hasExactWindow, .hasRcvNxt])
        if !isElsewhere, isAlienFin(of: p) {
            meetAnew(p, at: number, acknowledgedBy: c, d, &l)
            return
        }
        if isElsewhere || (self[p].has(.hasFin) && !self[p].has(.finInferred)) {
            find(.ackOfUnsentData, at: p.other, time: c.time, c.reference, &l)
            return
        }
        if self[p].has(.finInferred) { withdrawInferredFin(of: p, c.time, d, &l) }
        // The octet behind what was unseen before exists: what was unseen before held no FIN.
        untaint(p, d, &l)
        let first = self[p].sndNxt
        takeUnseenHoles(of: p, acknowledgedBy: c, d, &l)
        noteUnseen(of: p, from: first, to: number, acknowledgedBy: c, d, &l)
        self[p].sndNxt = number
        self[p].stream.acknowledge(number)
        // Of a peer that is never seen, nothing tells whether its FIN crossed the endpoint's own.
        let isOrderLost = self[p].packets == 0 && self[p.other].has(.hasFin)
        if unseen == 1, !isOrderLost {
            presumeFin(of: p, at: first, acknowledgedBy: c, d, &l)
        } else {
            if !self[p].pending.isEmpty, self[p].has(.hasInitialNumber), !usedFastOpen {
                leaveOpening(p, shownBy: c, d, &l)
            }
            taint(p, upTo: number, d)
        }
    }

    /// Octets are acknowledged that did not pass, though later ones did.
    private func takeUnseenHoles(
        of p: EndpointRole, acknowledgedBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let number = c.segment.acknowledgmentNumber
        while self[p].stream.rangeCount > 0, number.isAfter(self[p].stream.contiguousEnd) {
            let left = self[p].stream.contiguousEnd
            let hole = self[p].stream.firstHoleEnd
            let right = number.isBefore(hole) ? number : hole
            noteUnseen(of: p, from: left, to: right, acknowledgedBy: c, d, &l)
            self[p].stream.acknowledge(right)
        }
    }

    /// A SACK edge beyond what was captured shows octets, too.
    private func takeSackEdges(of p: EndpointRole, _ s: Segment, _ d: FlowDetail) {
        for index in 0..<Int(s.options.sackBlockCount) {
            guard let block = s.options.sackBlock(at: index), block.right.isAfter(self[p].sndNxt),
                self[p].sndNxt.distance(to: block.right) < 1 << 24, !self[p].has(.hasFin)
            else { continue }
            self[p].sndNxt = block.right
            taint(p, upTo: block.right, d)
        }
    }

    /// A single octet that did not pass, at the end: a FIN, presumed at once, withdrawn if data stands there.
    private func presumeFin(
        of p: EndpointRole, at number: SequenceNumber, acknowledgedBy c: CapturedSegment,
        _ d: FlowDetail, _ l: inout Ledger
    ) {
        let e = p.other
        self[p].finNumber = number
        self[p].flags.insert([.hasFin, .finInferred])
        // The ACK of a FIN is one of the SYN, too; and nobody sends a FIN from SYN-SENT.
        if !self[e].pending.isEmpty { proveOpening(at: e, by: c, d, &l) }
        leaveSynReceived(c, e, d, &l)
        if self[p].state == .synSent, self[p].pending.contains(.syn) {
            deliver(.syn, to: p, .proven, by: c.reference, d, &l)
        }
        if self[p].state == .synReceived, self[p].pending.contains(.ackOfSyn) {
            deliver(.ackOfSyn, to: p, .presumed, by: c.reference, d, &l)
        }
        leaveSynReceived(c, p, d, &l)
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        let answersFin = unseenFinAnswersFin(p, now: c.time, d)
        if answersFin { deliver(.fin, to: p, .presumed, by: c.reference, d, &l) }
        let carriedAck = answersFin || self[p].state == .closeWait
        happen(.close, to: p, evidence, d, &l)
        if self[e].has(.hasFin) {
            if self[e].pending.contains(.ackOfFin), couldHaveAnswered(e, d[e].pending.ackOfFin.time, now: c.time) {
                deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l)
            } else if carriedAck {
                self[e].flags.insert(.finAcknowledged)
                happen(.ackOfFinArrives, to: e, evidence, d, &l)
            }
        }
        self[e].flags.insert(.tookFin)
        happen(.finArrives, to: e, evidence, d, &l)
    }

    /// The peer's FIN passed towards `p` just as long ago as `p`'s unseen FIN would take to be its answer.
    private func unseenFinAnswersFin(_ p: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        guard self[p].pending.contains(.fin), d[p].pending.finCopyCount > 0, !d[p].pending.finCopies[0].isDoubted
        else { return false }
        let age = now &- d[p].pending.finCopies[0].time
        let sum = trip(p) &+ trip(p.other)
        return age >= sum / 10 * 9 && age <= sum &+ 250 * Self.millisecond
    }

    // MARK: SEQ clock

    /// A pure ACK one number behind everything seen: its sender's FIN was not captured.
    private func takeUnseenFin(
        of e: EndpointRole, shownBy c: CapturedSegment, isOld: Bool, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        let s = c.segment
        guard s.length == 0, s.hasAck, self[e].has(.hasSndNxt) else { return }
        if self[e].has(.finInferred), s.sequenceNumber.isAfter(self[e].finNumber + 1), !isOld {
            // Nobody sends beyond his FIN: it was text that had been taken for one.
            withdrawInferredFin(of: e, c.time, d, &l)
        }
        guard !self[e].has(.hasFin) else { return }
        guard self[e].sndNxt.distance(to: s.sequenceNumber) > 0 else { return }
        // The text of its SYN did pass.
        if self[e].synPayload > 0 {
            let end = s.sequenceNumber.isBefore(self[e].synEnd) ? s.sequenceNumber : self[e].synEnd
            self[e].sndNxt = later(self[e].sndNxt, end)
        }
        let ahead = self[e].sndNxt.distance(to: s.sequenceNumber)
        guard ahead > 0 else { return }
        guard ahead == 1, !isOld else {
            if ahead > 1 {
                // Two octets or more behind the SYN and its text are text, and nobody sends that before his opening is
                // over.
                if !self[e].pending.isEmpty, !usedFastOpen { proveOpening(at: e, by: c, d, &l) }
                if self[e].state == .synReceived, self[e].pending.contains(.ackOfSyn), !usedFastOpen {
                    deliver(.ackOfSyn, to: e, .proven, by: c.reference, d, &l)
                }
                self[e].sndNxt = s.sequenceNumber
                taint(e, upTo: s.sequenceNumber, d)
            }
            return
        }
        let number = self[e].sndNxt
        self[e].finNumber = number
        self[e].sndNxt = s.sequenceNumber
        self[e].stream.acknowledge(s.sequenceNumber)
        self[e].flags.insert([.hasFin, .finInferred])
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        // Nobody sends a FIN before his opening is over.
        if !self[e].pending.isEmpty { proveOpening(at: e, by: c, d, &l) }
        if self[e].state == .synReceived, self[e].opening == .active { deliverTimelyAckOfSyn(to: e, before: c, d, &l) }
        leaveSynReceived(c, e, d, &l)
        var acknowledged = s.acknowledgmentNumber
        if self[e.other].has(.hasFin), self[e].pending.contains(.fin),
            s.acknowledgmentNumber.isAfter(self[e.other].finNumber)
        {
            if repeatsFin(s, at: e, self[e.other].finNumber, d) {
                // One lost segment explains it: the FIN that acknowledged the self[e.other]'s FIN.
                deliver(.fin, to: e, .presumed, by: c.reference, d, &l)
            } else {
                // The FIN came before the one that this segment acknowledges.
                acknowledged = self[e.other].finNumber
            }
        }
        happen(.close, to: e, evidence, d, &l)
        pendFin(
            at: e.other,
            FinCopy(
                time: c.time, cause: .none, acknowledgmentNumber: acknowledged, timestamp: 0,
                hasTimestamp: false, isDoubted: false, hasRoom: leavesRoom(e, behind: self[e.other].sndNxt)),
            isWhole: true, d)
    }

    /// The segment says that the peer's FIN came to the endpoint a second time.
    private func repeatsFin(_ s: Segment, at e: EndpointRole, _ fin: SequenceNumber, _ d: FlowDetail) -> Bool {
        if let block = s.options.sackBlock(at: 0), block.left.isAtOrBefore(fin), block.right.isAfter(fin),
            block.right.isAtOrBefore(s.acknowledgmentNumber)
        {
            return true
        }
        guard s.options.hasTimestamps else { return false }
        for index in 1..<max(1, Int(d[e].pending.finCopyCount)) {
            let copy = d[e].pending.finCopies[index]
            if copy.hasTimestamp, copy.timestamp == s.options.timestampEcho,
                copy.timestamp != d[e].pending.finCopies[0].timestamp
            {
                return true
            }
        }
        return false
    }

    /// Data stands at the number where a FIN had been presumed.
    func withdrawInferredFin(
        of p: EndpointRole, _ time: Int64, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let octet = self[p].finNumber
        if self[p].stream.contiguousEnd == octet + 1, self[p.other].rcvNxt.isAtOrBefore(octet) {
            // It was text that did not pass, and that the peer does not have: a hole.
            self[p].stream.contiguousEnd = octet
        }
        drop(.ackOfFin, at: p, d)
        self[p].flags.remove([.hasFin, .finInferred])
        self[p.other].flags.remove(.tookFin)
        doubt(p, since: .close, d)
        doubt(p.other, since: .finArrives, d)
        withdraw(.close, from: p, d, &l)
        withdraw(.finArrives, from: p.other, d, &l)
        self[p.other].pending.remove(.fin)
        d[p.other].pending.dropFin()
    }

    /// What was shown of the endpoint after this event was read as if it had happened.
    private func doubt(_ e: EndpointRole, since event: DiagramEvent, _ d: FlowDetail) {
        if let index = d[e].journal.lastIndex(of: event) { doubt(e, from: index, d) }
    }

    private func doubt(_ e: EndpointRole, from index: Int, _ d: FlowDetail) {
        for place in index..<Int(d[e].journal.count) { d[e].journal[place].certainty = .presumed }
    }

    // MARK: Taint

    /// Octets passed unseen that may end in a FIN: nothing is proven until the sender shows a later one.
    func taint(_ p: EndpointRole, upTo number: SequenceNumber, _ d: FlowDetail) {
        if !isTainted {
            d[.initiator].entriesBeforeTaint = d[.initiator].journal.count
            d[.responder].entriesBeforeTaint = d[.responder].journal.count
        }
        self[p].taintEnd = number
        self[p].flags.insert(.isTainted)
    }

    /// What was read since octets passed unseen took them for text.
    func doubtSinceTaint(_ d: FlowDetail) {
        for side in EndpointRole.allCases { doubt(side, from: entriesBeforeTaint(side, d), d) }
    }

    func untaint(_ p: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard self[p].has(.isTainted) else { return }
        self[p].flags.remove(.isTainted)
        settle(.initiator, d, &l)
        settle(.responder, d, &l)
    }

    // MARK: Answers

    /// A SYN,ACK, or the ACK of one that brings nothing else.
    private func isPrompt(_ s: Segment, from e: EndpointRole) -> Bool {
        guard !s.hasSyn else { return true }
        return s.length == 0 && self[e.other].has(.hasInitialNumber) && s.acknowledgmentNumber == self[e].dueEnd
            && self[e].dueEnd == self[e.other].iss + 1
    }

    /// Both opened: the endpoint's first SYN,ACK answers the peer's bare SYN, though the peer's SYN,ACK has passed
    /// since.
    private func answersBareSyn(_ s: Segment, of e: EndpointRole) -> Bool {
        let p = e.other
        return s.hasSyn && s.hasAck && self[e].has(.sentSyn) && !self[e].has(.sentSynAck) && self[p].has(.sentSyn)
            && !self[p].has(.repeatedSyn) && self[e].dueEnd == self[p].iss + 1
    }

    /// The endpoint answers what was due: a measure of the round trip, if what it answers passed once.
    func takeAnswer(of e: EndpointRole, _ c: CapturedSegment, _ d: FlowDetail) {
        let number = c.segment.acknowledgmentNumber
        guard self[e].has(.isAwaited), number.isAtOrAfter(self[e].dueEnd) else { return }
        if self[e].has(.awaitedOnce) {
            measureTrip(e, c.time &- self[e].dueTime, isPrompt: isPrompt(c.segment, from: e))
        } else if answersBareSyn(c.segment, of: e) {
            measureTrip(e, c.time &- self[e].dueTime, isPrompt: true)
        }
        self[e].flags.remove([.isAwaited, .awaitedOnce])
        guard number.isBefore(self[e.other].sndNxt) else { return }
        // More is on its way: the oldest segment behind the ACK is due now.
        var age = Int(d[e].recent.count) - 1
        while age >= 0 {
            let segment = d[e].recent[age: age]
            if segment.end.isAfter(number), segment.end != segment.sequenceNumber {
                self[e].dueTime = segment.time
                self[e].dueEnd = segment.end
                self[e].flags.insert(.isAwaited)
                if !segment.isRepeated { self[e].flags.insert(.awaitedOnce) }
                return
            }
            age -= 1
        }
    }
}
