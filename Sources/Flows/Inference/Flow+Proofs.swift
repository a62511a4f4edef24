import TCPStateMachine
import WireFormat

/// What a segment of an endpoint proves, or contradicts, of the arrivals that are pending there (inference notes 1.3).
extension Flow {
    /// The text of a full segment on Ethernet (RFC 9293 section 3.7.1), octets.
    static var usualSegment: UInt32 { 1460 }
    /// The text of the shortest full segment in use (RFC 9293 section 3.7.1, less options), octets.
    private static var leastSegment: Int32 { 500 }
    /// Identifications that lie further apart are not counted.
    private static var countedAhead: UInt16 { 512 }

    func proveArrivals(
        at e: EndpointRole, by c: CapturedSegment, isOld: Bool, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        let p = e.other
        // A copy that the network made was not sent again.
        if !isOld, !(s.length > 0 && isDuplicate(c, from: e, d)) { contradict(at: e, by: c, d, &l) }
        proveOpening(at: e, by: c, d, &l)
        if self[e].pending.contains(.fin), s.hasAck, self[p].has(.hasFin),
            s.acknowledgmentNumber.isAfter(self[p].finNumber),
            s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt)
        {
            proveFin(at: e, by: c, d, &l)
        } else if self[e].pending.contains(.ackOfFin), echoes(d[e].pending.ackOfFin, s) {
            deliver(.ackOfFin, to: e, .proven, by: c.reference, d, &l)
        }
    }

    /// The peer's SYN, and the ACK of the endpoint's own.
    func proveOpening(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        if self[e].pending.contains(.syn), s.hasAck, self[e.other].isAcceptableInOpening(s.acknowledgmentNumber) {
            proveSyn(at: e, by: c, d, &l)
        }
        if self[e].pending.contains(.ackOfSyn), provesAckOfSyn(c, at: e, d, l) {
            deliver(.ackOfSyn, to: e, ackOfSynCertainty(at: e, by: c, d, l), by: c.reference, d, &l)
        }
    }

    /// That the ACK of its SYN came is proven; where both opened, that it was this one is not, if it came too late to
    /// be answered. That it came before the endpoint closed is not, if a FIN may have left before and escaped the
    /// capture.
    private func ackOfSynCertainty(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: borrowing Ledger
    ) -> Certainty {
        let s = c.segment
        let fact = d[e].pending.ackOfSyn
        guard !echoes(fact, s) || s.hasFin || self[e].has(.finInferred) else { return .proven }
        if self[e].opening == .active, !couldHaveAnswered(e, fact.time, now: c.time) { return .presumed }
        // Its text may be that of its SYN, sent again by who has closed since.
        if self[e].synPayload > 0, s.hasFin { return .presumed }
        guard mayCloseUnsynchronized(e, l), s.payloadLength == 0 else { return .proven }
        if self[e].has(.finInferred) { return .presumed }
        guard s.hasFin, !self[e].has(.isLocal) else { return .proven }
        // Its first sending may have passed unseen anywhere behind the SYN,ACK.
        return self[e].packets == 2 && nothingIsMissing(before: c, from: e, d) ? .proven : .presumed
    }

    // MARK: Contradiction

    private func contradict(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        if self[e].pending.contains(.rst) { contradictReset(at: e, by: c, d, &l) }
        if s.hasSyn, !s.hasAck, self[e].pending.contains(.syn),
            self[e].has(.sentSyn) || knowsTrip(e) || c.time &- d[e].pending.syn.time > 3_000 * Self.millisecond,
            speaksAgainst(e, d[e].pending.syn.time, now: c.time) || isUnseenAnswerLost(at: e, now: c.time, d)
        {
            refuse(at: e, d[e].pending.syn, &l)
            drop([.syn, .ackOfSyn], at: e, d)
            // A FIN does nothing in SYN-SENT (RFC 793 p. 75).
            if self[e].state == .synSent { drop(.fin, at: e, d) }
        }
        if s.hasSyn, s.hasAck, self[e].pending.contains(.ackOfSyn), self[e].has(.sentSynAck) || knowsTrip(e),
            speaksAgainst(e, d[e].pending.ackOfSyn.time, now: c.time)
        {
            refuse(at: e, d[e].pending.ackOfSyn, &l)
            drop(.ackOfSyn, at: e, d)
        }
        // What the ACK acknowledges is sent again.
        if s.hasFin || s.payloadLength > 1, self[e].pending.contains(.ackOfFin), self[e].has(.hasFin),
            speaksAgainst(e, d[e].pending.ackOfFin.time, now: c.time)
        {
            refuse(at: e, d[e].pending.ackOfFin, &l)
            if d[e].pending.refusedAckOfFin.cause.isNone { d[e].pending.refusedAckOfFin = d[e].pending.ackOfFin }
            drop(.ackOfFin, at: e, d)
        }
        if self[e].pending.contains(.fin), s.hasAck,
            s.acknowledgmentNumber.isAtOrBefore(self[e.other].finNumber)
        {
            doubtFin(at: e, now: c.time, d)
        }
    }

    /// The SYN,ACK that the capture missed did not come: the SYN is sent again, sooner than the peer's trip, which
    /// tells nothing of the endpoint's.
    private func isUnseenAnswerLost(at e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        d[e].pending.syn.cause.isNone && !knowsTrip(e) && now &- d[e].pending.syn.time > 200 * Self.millisecond
    }

    private func contradictReset(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        // From SYN-SENT nothing is sent but a SYN: it is somebody else's.
        if self[e].state == .synSent, !s.hasSyn, !self[e].pending.contains(.syn) { return }
        let rst = d[e].pending.rst
        let acknowledgesFin = self[e].pending.contains(.fin)
            && s.acknowledgmentNumber.isAfter(self[e.other].finNumber)
        let isChallenge = s.length == 0 && s.hasAck && self[e].has(.hasRcvNxt)
            && s.acknowledgmentNumber == self[e].rcvNxt && couldHaveAnswered(e, rst.time, now: c.time)
            && knowsTrip(e) && !acknowledgesFin
        guard isChallenge || speaksAgainst(e, rst.time, now: c.time) else { return }
        if isChallenge {
            challenge(e, at: rst.time, d)
        }
        // It may be late itself, and the RST have come all the same.
        if !self[e].has(.isLocal) { self[e].flags.insert(.mayBeReset) }
        drop(.rst, at: e, d)
    }

    /// The endpoint went on as if these copies of the FIN had not come; the fact stays, an ACK may still prove it.
    private func doubtFin(at e: EndpointRole, now: Int64, _ d: FlowDetail) {
        for index in 0..<Int(d[e].pending.finCopyCount)
        where speaksAgainst(e, d[e].pending.finCopies[index].time, now: now) {
            d[e].pending.updateFin(at: index) { $0.isDoubted = true }
        }
    }

    /// On the endpoint's own host a segment that came to the interface was not taken by TCP.
    private func refuse(at e: EndpointRole, _ fact: PendingFact, _ l: inout Ledger) {
        guard self[e].has(.isLocal) else { return }
        find(.arrivalNotTaken, at: e, time: fact.time, fact.cause, &l)
    }

    /// On the endpoint's own host a FIN came to the interface that the endpoint had no reason to leave unanswered: it
    /// had everything before it, and answered a later copy only. A delayed ACK takes half a second at most (RFC 1122
    /// section 4.2.3.2); whoever says something else meanwhile has not taken the FIN.
    private func noticeFinNotTaken(at e: EndpointRole, before taken: FinCopy, _ d: FlowDetail, _ l: inout Ledger) {
        let first = d[e].pending.finCopies[0]
        guard self[e].has(.isLocal), d[e].pending.isFinWhole, !first.cause.isNone, self[e].has(.hasRcvNxt)
        else { return }
        guard first.isDoubted || taken.time &- first.time > Self.longestDelayedAck else { return }
        find(.arrivalNotTaken, at: e, time: first.time, first.cause, &l)
    }

    // MARK: Proof

    private func proveSyn(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        if s.hasSyn, self[e].state == .synSent {
            // A SYN,ACK from SYN-SENT: it received a bare SYN (RFC 793 figure 8).
            let wasSynAck = d[e].pending.syn.mark
            if wasSynAck {
                let evidence = Evidence(
                    time: c.time, cause: .none, proof: c.reference, certainty: .proven, seen: false)
                drop(.syn, at: e, d)
                happen(.synArrives, to: e, evidence, d, &l)
                return
            }
        } else if !s.hasSyn, self[e].state == .synSent, !d[e].pending.syn.mark, !self[e].has(.sentSynAck),
            self[e].pending.contains(.ackOfSyn), d[e].pending.ackOfSyn.mark
        {
            // Who receives a bare SYN in SYN-SENT answers it by a SYN,ACK, and none passed: it was the peer's SYN,ACK
            // that came.
            let certainty: Certainty = nothingIsMissing(before: c, from: e, d) ? .proven : .presumed
            d[e].pending.syn = d[e].pending.ackOfSyn
            deliver(.syn, to: e, certainty, by: c.reference, d, &l)
            return
        }
        // Who leaves SYN-SENT by a bare SYN sends a SYN,ACK, and none has passed.
        let isUnanswered = !s.hasSyn && self[e].state == .synSent && !d[e].pending.syn.mark && !self[e].has(.sentSynAck)
        deliver(.syn, to: e, isUnanswered ? .presumed : .proven, by: c.reference, d, &l)
    }

    /// An ACK of the peer's SYN: the SYN,ACK that was taken was not captured, or had been thought lost.
    func proveUnseenAnswer(at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger) {
        let s = c.segment
        guard s.hasAck, !s.hasSyn, self[e.other].has(.hasInitialNumber), self[e.other].has(.sentSynAck),
            s.acknowledgmentNumber.isAfter(self[e.other].iss),
            s.acknowledgmentNumber.isAtOrBefore(self[e.other].sndNxt)
        else { return }
        let evidence = Evidence(
            time: c.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        happen(.synAckArrives, to: e, evidence, d, &l)
    }

    private func provesAckOfSyn(
        _ c: CapturedSegment, at e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger
    ) -> Bool {
        let s = c.segment
        guard self[e].state == .synReceived || self[e].states.isEmpty else { return false }
        if !s.hasSyn, echoes(d[e].pending.ackOfSyn, s) { return true }
        guard !usedFastOpen, !s.hasSyn else { return false }
        if s.payloadLength > 0 { return true }
        guard self[e].opening == .passive else { return false }
        if l.profile(e).acceptsWhenEstablished, s.hasFin || (s.hasRst && s.hasAck) { return true }
        return s.hasAck && self[e.other].has(.hasInitialNumber) && s.acknowledgmentNumber.isAfter(self[e.other].iss + 1)
            && s.acknowledgmentNumber.isAtOrBefore(self[e.other].sndNxt)
    }

    /// TSecr shows that the endpoint had the segment that brought the fact, or a later one.
    func echoes(_ fact: PendingFact, _ s: Segment) -> Bool {
        guard s.options.hasTimestamps, fact.hasTimestamp, s.hasAck else { return false }
        let newer = Int32(bitPattern: s.options.timestampEcho &- fact.timestamp)
        return newer > 0 || (newer == 0 && !fact.isTimestampShared)
    }

    /// The FIN arrived; before it, or after it, the ACK of the endpoint's own FIN.
    private func proveFin(
        at e: EndpointRole, by c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let s = c.segment
        switch arrivedCopy(at: e, c, d) {
        case .unseen:
            var certainty = finCertainty(at: e, by: c, d[e].pending.finCopies[0], d)
            if self[e].has(.hasFin), self[e].pending.contains(.ackOfFin) {
                deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l)
            }
            // What else came that the capture missed is not known.
            let isHeld = mayHoldText(e, behind: d[e].pending.finCopies[0], shownBy: c)
            if self[e].has(.hasFin) || isHeld { certainty = .presumed }
            deliver(.fin, to: e, certainty, by: c.reference, d, &l)
        case .captured(let index, let isShown):
            let copy = d[e].pending.finCopies[index]
            var certainty = finCertainty(at: e, by: c, copy, d)
            // The first copy may have come, too, and its answer was lost: then it was that one which counted.
            // Nor when it came, if the endpoint has gone on without it for a while.
            if !isShown || copy.isDoubted, self[e].has(.hasFin) { certainty = .presumed }
            if index > 0 { noticeFinNotTaken(at: e, before: copy, d, &l) }
            // Which of the two came first is not certain where the FIN itself was not captured.
            if copy.cause.isNone { certainty = .presumed }
            // What filled the hole before it was not captured, and came last.
            if !d[e].pending.isFinWhole, self[e].has(.hasFin) { certainty = .presumed }
            if self[e].has(.hasFin), copy.acknowledgmentNumber.isAfter(self[e].finNumber) {
                acknowledgeFin(at: e, carriedBy: copy, certainty, c, d, &l)
            } else if self[e].pending.contains(.ackOfFin), d[e].pending.ackOfFin.time < copy.time {
                // The FIN was overtaken by the ACK that was sent after it.
                // A stamp that both of them carry tells nothing of their order.
                let isTold = echoes(d[e].pending.ackOfFin, s) && d[e].pending.ackOfFin.timestamp != copy.timestamp
                // If an earlier copy of the FIN came, the ACK came behind it.
                let isSure = isShown && (isTold || self[e].has(.isLocal))
                deliver(.ackOfFin, to: e, isSure ? .proven : .presumed, by: c.reference, d, &l)
            } else if self[e].pending.contains(.ackOfFin)
                ? mayHaveOvertaken(copy, at: e, c, d) : mayBeAcknowledgedUnseen(e, now: c.time, d)
            {
                certainty = .presumed
            }
            // Which copy came is not shown: then no copy that may have come must leave it open.
            let first = d[e].pending.finCopies[isShown ? index : 0]
            if mayHoldText(e, behind: copy, shownBy: c) || mayHoldText(e, behind: first, shownBy: c) {
                certainty = .presumed
            }
            deliver(.fin, to: e, certainty, by: c.reference, d, &l, copy: index)
            if self[e].pending.contains(.ackOfFin), echoes(d[e].pending.ackOfFin, s) {
                deliver(.ackOfFin, to: e, .proven, by: c.reference, d, &l)
            }
        }
    }

    /// The FIN may have come late, behind the ACK that passed after it: the answer came late enough to be one to both.
    private func mayHaveOvertaken(_ copy: FinCopy, at e: EndpointRole, _ c: CapturedSegment, _ d: FlowDetail) -> Bool {
        guard !self[e].has(.isLocal) else { return false }
        let passed = d[e].pending.ackOfFin.time
        // A trip that was measured by this very answer says nothing of its lateness; others may be too long, too.
        let isMeasuredHere = self[e].has(.hasRoundTrip) && self[e].roundTrip >= c.time &- copy.time
        return isMeasuredHere ? c.time > passed : c.time &- passed >= trip(e) / 4
    }

    /// An ACK of the endpoint's FIN may have come before the peer's, and escaped the capture: since that FIN passed
    /// there was time for the peer to answer it.
    private func mayBeAcknowledgedUnseen(_ e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        let p = e.other
        guard self[e].state == .finWait1, !(self[e].has(.isLocal) && self[p].has(.isLocal)) else { return false }
        var age = Int(d[p].recent.count) - 1
        while age >= 0 {
            let segment = d[p].recent[age: age]
            if segment.controlBits.contains(.fin) {
                return now &- segment.time >= (leastTrip(e) &+ leastTrip(p)) / 10 * 9
            }
            age -= 1
        }
        return true
    }

    /// The FIN that arrived carried the ACK of the endpoint's FIN, if no segment before it did.
    private func acknowledgeFin(
        at e: EndpointRole, carriedBy copy: FinCopy, _ certainty: Certainty, _ c: CapturedSegment,
        _ d: FlowDetail, _ l: inout Ledger
    ) {
        let isOfEarlierCopy = self[e].pending.contains(.ackOfFin)
            && isOfCopy(d[e].pending.ackOfFin, before: copy, at: e, d)
        if isOfEarlierCopy { drop(.ackOfFin, at: e, d) }
        if self[e].pending.contains(.ackOfFin) {
            deliver(.ackOfFin, to: e, certainty, by: c.reference, d, &l)
        } else if self[e].state == .finWait1 {
            self[e].flags.insert(.finAcknowledged)
            let evidence = Evidence(
                time: copy.time, cause: copy.cause, proof: c.reference, certainty: certainty,
                seen: !copy.cause.isNone, isFinal: certainty == .proven)
            happen(.ackOfFinArrives, to: e, evidence, d, &l)
        }
    }

    /// The ACK came with a copy of the FIN that passed before the one that was taken: what was not taken brought
    /// nothing.
    private func isOfCopy(_ fact: PendingFact, before taken: FinCopy, at e: EndpointRole, _ d: FlowDetail) -> Bool {
        guard fact.cause != taken.cause else { return false }
        return (0..<Int(d[e].pending.finCopyCount)).contains { d[e].pending.finCopies[$0].cause == fact.cause }
    }

    private enum ArrivedCopy {
        /// `isShown`: by a stamp or a D-SACK, not only by the time that it took.
        case captured(Int, isShown: Bool)
        case unseen
    }

    /// Which copy of the peer's FIN it was that the segment answers.
    private func arrivedCopy(at e: EndpointRole, _ c: CapturedSegment, _ d: FlowDetail) -> ArrivedCopy {
        let s = c.segment
        let count = Int(d[e].pending.finCopyCount)
        let isFirstDoubted = d[e].pending.finCopies[0].isDoubted
        guard count > 1 || s.options.hasTimestamps else { return .captured(0, isShown: !isFirstDoubted) }
        let fin = self[e.other].finNumber
        if let block = s.options.sackBlock(at: 0), block.left.isAtOrBefore(fin), block.right.isAfter(fin),
            block.right.isAtOrBefore(s.acknowledgmentNumber)
        {
            // D-SACK: it came twice, so the first one came.
            return .captured(0, isShown: true)
        }
        if s.options.hasTimestamps {
            var isNewerThanAll = true
            for index in 0..<count {
                let copy = d[e].pending.finCopies[index]
                if copy.hasTimestamp, copy.timestamp == s.options.timestampEcho {
                    return .captured(index, isShown: true)
                }
                if !copy.hasTimestamp || Int32(bitPattern: s.options.timestampEcho &- copy.timestamp) <= 0 {
                    isNewerThanAll = false
                }
            }
            if isNewerThanAll, !d[e].recent.contains(timestamp: s.options.timestampEcho) { return .unseen }
        }
        var index = count - 1
        while index > 0 {
            let copy = d[e].pending.finCopies[index]
            // A FIN sent again comes when nothing is left to acknowledge: its TSval would be echoed (RFC 7323 section
            // 4.3).
            let isNotEchoed = s.options.hasTimestamps && copy.hasTimestamp
                && Int32(bitPattern: copy.timestamp &- s.options.timestampEcho) > 0
            // A delayed ACK takes half a second at most (RFC 1122 section 4.2.3.2); the trip may be shorter than is
            // known.
            let before = d[e].pending.finCopies[index - 1].time &+ Self.longestDelayedAck
            let isEarlierTooOld = speaksAgainst(e, before, now: c.time)
            if !isNotEchoed, isEarlierTooOld || couldHaveAnswered(e, copy.time, now: c.time) {
                return .captured(index, isShown: false)
            }
            index -= 1
        }
        // It came too soon to answer another, if one knows how soon that is.
        let first = d[e].pending.finCopies[0]
        let isNotEchoed = s.options.hasTimestamps && first.hasTimestamp
            && Int32(bitPattern: first.timestamp &- s.options.timestampEcho) > 0
        let isTooSoon = isTripSure(e) && !hasSpoken(e, since: first.time, d)
        return .captured(
            isFirstDoubted ? count - 1 : 0, isShown: !isFirstDoubted && !isNotEchoed && (count == 1 || isTooSoon))
    }

    /// The endpoint sent something well after that passed: how long an answer takes is not known well enough, then, to
    /// say that it had come since.
    private func hasSpoken(_ e: EndpointRole, since time: Int64, _ d: FlowDetail) -> Bool {
        guard d[e.other].recent.count > 0 else { return false }
        return d[e.other].recent[age: 0].time &- time > trip(e) / 4
    }

    /// CLOSE-WAIT is proven by an ACK of the FIN, unless the same segment is the endpoint's own new FIN and another
    /// one may have escaped the capture: then a retransmission in CLOSING would look the same.
    private func finCertainty(
        at e: EndpointRole, by c: CapturedSegment, _ copy: FinCopy, _ d: FlowDetail
    ) -> Certainty {
        guard c.segment.hasFin, !self[e].has(.hasFin) else { return .proven }
        // On its own host the ACK was due long ago: it has escaped the capture.
        if self[e].has(.isLocal), speaksAgainst(e, copy.time &+ Self.delayedAck, now: c.time) { return .presumed }
        return nothingIsMissing(before: c, from: e, d) ? .proven : .presumed
    }

    /// When the peer's FIN came, the endpoint may have had text that the window did not let it send, and a CLOSE behind
    /// it: then it was in FIN-WAIT-1 and went to CLOSING, though no FIN of it had passed (RFC 793 p. 61). What is not
    /// held back is sent at once: if the FIN acknowledged all that had been sent, its answer would have had that text.
    private func mayHoldText(_ e: EndpointRole, behind copy: FinCopy, shownBy c: CapturedSegment) -> Bool {
        let isOpen = self[e].states.contains(.established) || self[e].state == .synReceived
        guard self[e].has(.finInferred) || (!self[e].has(.hasFin) && isOpen) else { return false }
        return c.segment.payloadLength > 0 || copy.acknowledgmentNumber.isBefore(self[e].sndNxt)
            || !copy.hasRoom
    }

    /// The window had room for a whole segment: who waits for more is said to avoid silly windows (RFC 1122 section
    /// 4.2.3.4).
    func leavesRoom(_ receiver: EndpointRole, behind number: SequenceNumber) -> Bool {
        self[receiver].rightEdge.isAtOrAfter(number + Self.usualSegment)
    }

    /// The segment follows its sender's last captured one.
    func nothingIsMissing(before c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail) -> Bool {
        let isCounted = c.hasIdentification && self[e].has(.hasIdentification)
        let ahead = c.identification &- self[e].lastIdentification
        guard self[e].has(.isLocal) else { return isCounted && ahead == 1 }
        // A capture on its own host may lose packets, too.
        guard isCounted, c.identification != 0, self[e].lastIdentification != 0, ahead < Self.countedAhead else {
            return true
        }
        // What the interface cuts into segments counts as many.
        let before = d[e.other].recent.count > 0 ? d[e.other].recent[age: 0] : nil
        let length = before.map { max(0, $0.sequenceNumber.distance(to: $0.end)) } ?? 0
        return Int32(ahead) <= 1 + length / Self.leastSegment
    }
}
