import TCPStateMachine
import WireFormat

/// One connection after the other on the same addresses and ports (inference notes 1.6).
extension FlowTracker {
    /// How many earlier incarnations of a flow stay in memory for what is late. Ports can be used again as fast as
    /// somebody likes.
    private static let incarnationLimit = 4

    /// Who still waits for the answer to his SYN has sent it again by then (RFC 6298 section 2.1 and a fifth),
    /// nanoseconds.
    private static let firstTimeout: Int64 = 1_200_000_000

    /// Nobody sends a SYN again sooner (RFC 6298 section 2.1, less a tenth), nanoseconds.
    private static let leastTimeout: Int64 = 900_000_000

    /// The flow that the segment belongs to: an incarnation in memory, or a new one. Nil if that has to wait.
    mutating func choose(
        _ c: CapturedSegment, among newest: (slot: UInt32, position: Int), _ hash: UInt32
    ) -> UInt32? {
        let s = c.segment
        if s.hasSyn, !s.hasRst {
            return s.hasAck
                ? chooseForSynAck(c, newest, hash) : chooseForSyn(c, newest, hash)
        }
        if s.hasRst, s.hasAck, s.sequenceNumber == SequenceNumber(0),
            let candidate = candidates.take(answeredBy: c, hash: hash)
        {
            // The SYN met nobody: it was refused (RFC 793 p. 36, group 1).
            return commit(candidate, newest, hash)
        }
        var newest = newest
        if s.hasRst, !s.hasAck, let candidate = candidates.take(sentLike: c, hash: hash) {
            // The old connection's ACK is refused: its peer has begun anew (RFC 793 figure 10, line 5).
            _ = commit(candidate, newest, hash)
            newest = find(c.pair, in: c.tunnel, hash: hash) ?? newest
        }
        var slot = newest.slot
        while slot != Flow.noSlot {
            if flows[slot].fits(s, from: flows[slot].role(of: c)) {
                if slot != newest.slot { noticeHalfOpen(c, in: slot, newest.slot) }
                return slot
            }
            slot = flows[slot].older
        }
        return newest.slot
    }

    /// A new SYN is answered with old numbers: the answerer still holds the connection before (RFC 793 figure 10).
    private mutating func noticeHalfOpen(
        _ c: CapturedSegment, in slot: UInt32, _ newest: UInt32
    ) {
        let e = flows[slot].role(of: c)
        let waiting = flows[newest].role(of: c).other
        let holding: StateSet = [
            StateSet(.established), StateSet(.finWait1), StateSet(.finWait2), StateSet(.closeWait),
        ]
        guard c.segment.hasAck, !c.segment.hasRst, flows[newest][waiting].state == .synSent,
            flows[newest][waiting.other].packets == 0, flows[slot][e].states.isSubset(of: holding)
        else { return }
        flows[slot].find(.halfOpen, at: e, time: c.time, c.reference, &ledger)
    }

    // MARK: SYN

    private mutating func chooseForSyn(
        _ c: CapturedSegment, _ newest: (slot: UInt32, position: Int), _ hash: UInt32
    ) -> UInt32? {
        if let known = incarnation(of: c, from: newest.slot) {
            return known
        }
        let slot = newest.slot
        let e = flows[slot].role(of: c)
        if !flows[slot][e].has(.hasInitialNumber), !flows[slot][e].has(.isMidStream) {
            // Simultaneous open; or nothing but a RST was seen of it.
            let hasGivenUp = isOver(e.other, slot) && c.time &- flows[slot].last > Self.firstTimeout
            if flows[slot][e.other].state == .synSent, !hasGivenUp { return slot }
        }
        guard flows[slot][e].has(.isLocal) || isOver(e, slot) || hasBegunAnew(e, slot, c) else {
            if let earlier = candidates.take(repeatedBy: c, hash: hash) {
                // Its sender waits for an answer, and nobody has said that the old connection lives on.
                if c.time &- earlier.time >= Self.leastTimeout, flows[slot].last < earlier.time {
                    return commit(earlier, newest, hash)
                }
                candidates.keep(earlier, hash: hash)
            }
            candidates.keep(c, hash: hash)
            flows[slot].challenge(e.other, at: c.time, details[detail(of: slot)])
            recordSegment(c, e, slot, .candidateSyn)
            return nil
        }
        if let candidate = candidates.take(repeatedBy: c, hash: hash) {
            // It was sent before, when nothing told that its sender could.
            return commit(candidate, newest, hash)
        }
        return replace(newest, c, hash)
    }

    /// The sender can have begun anew: its old machine is presumed to have ended.
    private func isOver(_ e: EndpointRole, _ slot: UInt32) -> Bool {
        presumedStates(e, flows[slot]).isSubset(of: [StateSet(.closed), StateSet(.listen), StateSet(.timeWait)])
    }

    /// Nothing has answered the sender's SYN, or no answer has come to him, and he does not send it again with another
    /// number: he has given it up.
    private mutating func hasBegunAnew(_ e: EndpointRole, _ slot: UInt32, _ c: CapturedSegment) -> Bool {
        let flow = flows[slot]
        guard flow[e].state == .synSent, flow[e].hasSent(timeToLive: c.timeToLive) else { return false }
        if flow[e.other].packets == 0 { return true }
        let answer = details[detail(of: slot)][e].pending.syn.time
        // Who gets a SYN,ACK acknowledges it at once, or has given up before.
        let patience = flow.knowsTrip(e) ? Flow.delayedAck : Self.firstTimeout
        return flow[e].pending.contains(.syn) && flow.speaksAgainst(e, answer &+ patience, now: c.time)
    }

    /// The candidate is a flow of its own after all.
    private mutating func commit(
        _ candidate: CapturedSegment, _ newest: (slot: UInt32, position: Int), _ hash: UInt32
    ) -> UInt32 {
        let opened = replace(newest, candidate, hash)
        step(candidate, opened)
        return opened
    }

    // MARK: SYN,ACK

    private mutating func chooseForSynAck(
        _ c: CapturedSegment, _ newest: (slot: UInt32, position: Int), _ hash: UInt32
    ) -> UInt32? {
        let s = c.segment
        if let known = incarnation(of: c, from: newest.slot) { return known }
        let slot = newest.slot
        let e = flows[slot].role(of: c)
        if !flows[slot][e].has(.hasInitialNumber), flows[slot][e.other].has(.hasInitialNumber) {
            if flows[slot][e.other].isAcceptableInOpening(s.acknowledgmentNumber) {
                endOlder(than: slot, answeredBy: e, c)
                return slot
            }
        }
        if let candidate = candidates.take(answeredBy: c, hash: hash) {
            let opened = commit(candidate, newest, hash)
            endOlder(than: opened, answeredBy: flows[opened].role(of: c), c)
            return opened
        }
        guard isOver(.initiator, slot), isOver(.responder, slot) else { return slot }
        let opened = replace(newest, c, hash)
        beginClosed(opened, c)
        endOlder(than: opened, answeredBy: flows[opened].role(of: c), c)
        return opened
    }

    /// The SYN,ACK answers a late copy of a SYN of the incarnation before: its sender has opened nothing anew.
    private mutating func beginClosed(_ slot: UInt32, _ c: CapturedSegment) {
        let old = flows[slot].older
        guard old != Flow.noSlot else { return }
        let opener = flows[old].role(of: c).other
        guard flows[old][opener].has(.sentSyn), isOfOldSyn(c.segment.acknowledgmentNumber, opener, old) else { return }
        let (iss, text) = (flows[old][opener].iss, flows[old][opener].synPayload)
        flows[slot].beginClosed(flows[slot].role(of: c).other, at: iss, text: text, details[detail(of: slot)])
    }

    private func isOfOldSyn(_ number: SequenceNumber, _ opener: EndpointRole, _ old: UInt32) -> Bool {
        flows[old][opener].has(.hasInitialNumber) && number.isAfter(flows[old][opener].iss)
            && number.isAtOrBefore(flows[old][opener].synEnd)
    }

    /// The incarnation that began with this ISN.
    private func incarnation(of c: CapturedSegment, from newest: UInt32) -> UInt32? {
        let number = c.segment.sequenceNumber
        var slot = newest
        while slot != Flow.noSlot {
            let flow = flows[slot]
            let e = flow.role(of: c)
            if flow[e].has(.hasInitialNumber), flow[e].iss == number { return slot }
            slot = flows[slot].older
        }
        return nil
    }

    // MARK: The old incarnation

    /// Reports the oldest incarnation if there are too many.
    mutating func keepFewIncarnations(_ newest: UInt32) {
        var slot = newest
        var earlier = 0
        while flows[slot].older != Flow.noSlot {
            slot = flows[slot].older
            earlier += 1
        }
        if earlier > Self.incarnationLimit { report(slot) }
    }

    /// Opens a new flow in the place of the newest one; the sender of the SYN has left its old machine.
    private mutating func replace(
        _ newest: (slot: UInt32, position: Int), _ c: CapturedSegment, _ hash: UInt32
    ) -> UInt32 {
        let old = newest.slot
        let e = flows[old].role(of: c)
        let detail = detail(of: old)
        flows[old].runTimers(now: c.time, details[detail], &ledger)
        if !c.segment.hasAck {
            flows[old].leave(e, for: c, .timeWaitReuse, details[detail], &ledger)
            // A SYN in its window ends it in SYN-RECEIVED (RFC 9293 section 3.10.7.4).
            flows[old][e.other].flags.insert(.mayBeReset)
        }
        let isOvertaken = !c.segment.hasAck && flows[old].isLateCopy(c, e)
        let opened = open(c, hash, replacing: newest)
        if isOvertaken {
            // An earlier SYN of its sender's: what it began may be over.
            let detail = self.detail(of: opened)
            details[detail][flows[opened].role(of: c)].journal.reportedCertainty = .presumed
        }
        return opened
    }

    /// The answer to the new SYN settles the other end of the old flow: it had ended too.
    private mutating func endOlder(than slot: UInt32, answeredBy e: EndpointRole, _ c: CapturedSegment) {
        let old = flows[slot].older
        guard old != Flow.noSlot else { return }
        let answerer = flows[old].role(of: c)
        let detail = detail(of: old)
        let cause = beginning(of: slot, shownBy: c)
        flows[old].leave(answerer, for: cause, .newIncarnationSynArrives, details[detail], &ledger)
        // The answer to a late copy of the old SYN says nothing of its sender.
        if !isOfOldSyn(c.segment.acknowledgmentNumber, answerer.other, old) {
            flows[old].leave(answerer.other, for: cause, .timeWaitReuse, details[detail], &ledger)
        }
        queueIfEnded(old)
    }

    /// A RST refuses the SYN of the newest flow: nothing is left of the old one at the end that sent it either.
    mutating func endOlder(than slot: UInt32, refusedBy e: EndpointRole, _ c: CapturedSegment) {
        let old = flows[slot].older
        let s = c.segment
        guard old != Flow.noSlot, s.hasRst, s.hasAck, s.sequenceNumber == SequenceNumber(0),
            flows[slot][e].packets == 1, flows[slot][e].state == .closed, flows[slot][e.other].has(.sentSyn)
        else { return }
        let refuser = flows[old].role(of: c)
        let detail = detail(of: old)
        let cause = beginning(of: slot, shownBy: c)
        // Its time may have come before, or its host have crashed.
        details[detail][refuser].journal.reportedCertainty = .presumed
        flows[old].leave(refuser, for: cause, .newIncarnationSynArrives, details[detail], &ledger)
        queueIfEnded(old)
    }

    /// The answer as evidence of the SYN before it, which is what ended the old connection.
    private func beginning(of slot: UInt32, shownBy answer: CapturedSegment) -> CapturedSegment {
        var cause = answer
        cause.time = flows[slot].first
        cause.packet = flows[slot].firstReference.packet
        cause.file = flows[slot].firstReference.file
        return cause
    }
}

extension Flow {
    /// The segment's numbers are those of this incarnation.
    func fits(_ s: Segment, from e: EndpointRole) -> Bool {
        let near: Int32 = 1 << 24
        if self[e].has(.hasSndNxt), !(s.hasRst && s.hasAck && s.sequenceNumber == SequenceNumber(0)) {
            let distance = self[e].sndNxt.distance(to: s.sequenceNumber)
            guard distance < near, distance > -near else { return false }
            if self[e].has(.hasInitialNumber), s.sequenceNumber.isBefore(self[e].iss - 1) { return false }
        } else if s.hasAck, self[e.other].has(.hasSndNxt) {
            let number = s.acknowledgmentNumber
            if self[e.other].state == .synSent { return self[e.other].isAcceptableInOpening(number) }
            if self[e.other].has(.hasInitialNumber), number.isAtOrBefore(self[e.other].iss) { return false }
            return abs(Int64(self[e.other].sndNxt.distance(to: number))) < Int64(near)
        } else {
            return !self[e.other].has(.hasInitialNumber)
        }
        guard s.hasAck, self[e.other].has(.hasSndNxt) else { return true }
        let acked = self[e.other].sndNxt.distance(to: s.acknowledgmentNumber)
        guard acked < near, acked > -near else { return false }
        return !self[e.other].has(.hasInitialNumber) || !s.acknowledgmentNumber.isBefore(self[e.other].iss)
    }

    /// The endpoint has begun a new connection on the same addresses and ports: this machine of it has ended.
    func leave(
        _ e: EndpointRole, for c: CapturedSegment, _ fromTimeWait: DiagramEvent, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        presumePending(e, now: c.time, d, &l)
        guard let state = self[e].state else {
            vanish(e, .own(c, .presumed), d, &l)
            return
        }
        switch state {
        case .closed, .listen:
            return
        case .timeWait where nature(e, l).rule(in: .timeWait, on: fromTimeWait)?.to == .closed:
            // What passed of it since may have been its refusal.
            happen(fromTimeWait, to: e, .own(c, last >= c.time ? .presumed : .proven), d, &l)
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            vanish(e, .own(c, .presumed), d, &l)
        }
    }
}
