import TCPStateMachine
import WireFormat

/// Where a RST comes from: which segment it answers, and whether it is its sender's.
extension Flow {
    // MARK: What it answers

    /// The segment that the RST is the answer to: an unanswered one whose numbers it took over, about one trip ago.
    func answeredSegment(
        by c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger
    ) -> Int? {
        let s = c.segment
        let trip = trip(e)
        let isKnown = knowsTrip(e)
        let isDoubtful = mayBeAbort(s, of: e, l)
        let patience = isDoubtful ? Self.millisecond / 4 : 30 * Self.millisecond
        let latest = isKnown ? trip + trip / 5 + patience : 3_000 * Self.millisecond
        // Where the trip is a few microseconds, scheduling makes more than a third of it.
        let earliest = isKnown ? max(0, trip / 10 * (isDoubtful ? 9 : 7) - 2 * Self.millisecond) : 0
        let hasClosed = self[e].states.isSubset(of: [StateSet(.finWait1), StateSet(.finWait2)])
        let lastOwn = self[e].has(.isLocal) ? lastPassing(of: e, d) : nil
        var best: (age: Int, distance: Int64, isRefused: Bool)?
        for age in 0..<Int(d[e].recent.count) {
            let segment = d[e].recent[age: age]
            guard !segment.isAnsweredByReset, answers(s, segment), !wasAcknowledged(segment, by: e) else { continue }
            if s.hasAck, isAbortAtZero(of: e, segment) { continue }
            // How long an answer takes is not known: only what demands one is believed to have got it.
            if isDoubtful, !isKnown, segment.end == segment.sequenceNumber { continue }
            // On its own host the order is known: who has sent something since was not gone.
            if let lastOwn, segment.time < lastOwn { continue }
            let elapsed = c.time &- segment.time
            // Text is what who has closed refuses; and the trip may have been measured by late answers.
            let isRefused = hasClosed && segment.hasPayload
            guard elapsed >= (isRefused ? 0 : earliest), elapsed <= latest else { continue }
            let demandsAnswer = segment.end != segment.sequenceNumber
            // While nobody knows how long an answer takes, RSTs come in the order of what they answer.
            let isNear = isKnown ? isRefused && elapsed < trip : demandsAnswer
            let distance = isNear ? 0 : abs(elapsed &- trip)
            // What demands an answer would have had its own before a later one; text is what is refused.
            let hasText = best?.isRefused ?? false
            let margin = demandsAnswer && (isRefused || !hasText) ? trip / 20 + Self.millisecond : 0
            if best == nil || distance < (best?.distance ?? .max) &+ margin { best = (age, distance, isRefused) }
        }
        return best?.age
    }

    /// When the endpoint's last segment passed that is no RST, as far as it is remembered.
    func lastPassing(of e: EndpointRole, _ d: FlowDetail) -> Int64? {
        for age in 0..<Int(d[e.other].recent.count) {
            let segment = d[e.other].recent[age: age]
            if !segment.controlBits.contains(.rst) { return segment.time }
        }
        return nil
    }

    /// Who has acknowledged the SYN does not refuse it: 0 is where its own numbers stand.
    private func isAbortAtZero(of e: EndpointRole, _ segment: RecentSegment) -> Bool {
        self[e].has(.hasOwnSndNxt) && self[e].sndNxt == SequenceNumber(0) && self[e].has(.hasRcvNxt)
            && self[e].rcvNxt.isAtOrAfter(segment.end)
    }

    /// By the RFCs the RST of an ABORT has SEQ alone, as the answer to a segment that acknowledges everything has.
    func mayBeAbort(_ s: Segment, of e: EndpointRole, _ l: borrowing Ledger) -> Bool {
        // Nobody who has not received a SYN sends a RST of his own accord.
        !s.hasAck && !l.profile(e)[.abortAcknowledges] && s.sequenceNumber == self[e].sndNxt
            && self[e].state != .synSent
    }

    /// Nothing but an ABORT explains it: it has what Linux puts into one, or no segment asks for it as an answer.
    func isPlainAbort(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger) -> Bool {
        // SEQ 0 with an ACK is the answer to a segment without one.
        if c.segment.hasAck { return c.segment.sequenceNumber != SequenceNumber(0) }
        if l.profile(e)[.abortAcknowledges] { return false }
        return !(0..<Int(d[e].recent.count)).contains { age in
            let segment = d[e].recent[age: age]
            return !segment.isAnsweredByReset && answers(c.segment, segment) && !wasAcknowledged(segment, by: e)
        }
    }

    /// A RST takes SEQ from the ACK of what it answers, or is 0 with an ACK of all of it (RFC 793 p. 36).
    func answers(_ s: Segment, _ segment: RecentSegment) -> Bool {
        if segment.hasAck { return !s.hasAck && s.sequenceNumber == segment.acknowledgmentNumber }
        guard s.hasAck, s.sequenceNumber == SequenceNumber(0) else { return false }
        // A SYN is sent again without the text that it had (RFC 7413 section 4.1.3).
        let isBare = segment.controlBits.contains(.syn) && s.acknowledgmentNumber == segment.sequenceNumber + 1
        return s.acknowledgmentNumber == segment.end || isBare
    }

    private func wasAcknowledged(_ segment: RecentSegment, by e: EndpointRole) -> Bool {
        segment.end != segment.sequenceNumber && !segment.isBelated && self[e].has(.hasRcvNxt)
            && self[e].rcvNxt.isAtOrAfter(segment.end) && !segment.controlBits.contains(.syn)
    }

    // MARK: Whose it is

    /// Its sender has sent the same before: one that answers copies of a segment, or was itself copied.
    func isRepeatedReset(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail) -> Bool {
        let p = e.other
        return (0..<Int(d[p].recent.count)).contains { age in
            let earlier = d[p].recent[age: age]
            return earlier.controlBits.contains(.rst) && earlier.sequenceNumber == c.segment.sequenceNumber
                && earlier.hasAck == c.segment.hasAck
        }
    }

    /// Nobody's but a third party's: two marks differ from the sender's, or the number is one it never could have. One
    /// beyond what passed may have overtaken what its sender sent before it.
    func isForged(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger) -> Bool {
        let s = c.segment
        guard !self[e].has(.isLocal), self[e].has(.hasSndNxt), self[e].packets > 1 else { return false }
        if self[e.other].has(.hasExactWindow),
            s.sequenceNumber.isAfter(later(self[e.other].rightEdge, self[e].sndNxt))
        {
            return true
        }
        return foreignMarks(c, from: e, l) >= 2 && !mayBeAnswer(c, from: e, d)
    }

    /// It has the number and the looks of an answer to a segment that passed, which may have come a second time.
    ///
    /// - Parameter toAny: to one that demands no answer, too.
    func mayBeAnswer(_ c: CapturedSegment, from e: EndpointRole, toAny: Bool = false, _ d: FlowDetail) -> Bool {
        let s = c.segment
        guard !s.hasAck, !s.options.hasTimestamps, self[e].hasSent(timeToLive: c.timeToLive) else { return false }
        return (0..<Int(d[e].recent.count)).contains { age in
            let segment = d[e].recent[age: age]
            return (toAny || segment.end != segment.sequenceNumber) && answers(s, segment)
        }
    }

    /// In how many ways the RST differs from what its sender usually sends.
    func foreignMarks(_ c: CapturedSegment, from e: EndpointRole, _ l: borrowing Ledger) -> Int {
        let s = c.segment
        guard !self[e].has(.isLocal), self[e].has(.hasSndNxt), self[e].packets > 1 else { return 0 }
        var marks = 0
        // By the RFCs the RST of an ABORT has neither (RFC 793 p. 62, RFC 7323 section 3.2).
        if l.profile(e)[.abortAcknowledges] {
            let hasTimestamps = self[e].has(.usesTimestamps) && self[e.other].has(.usesTimestamps)
            if !s.options.hasTimestamps, hasTimestamps { marks += 1 }
            if !s.hasAck { marks += 1 }
        }
        if !self[e].hasSent(timeToLive: c.timeToLive) { marks += 1 }
        let isAtFin = self[e].has(.hasFin) && s.sequenceNumber == self[e].finNumber
        if s.sequenceNumber != self[e].sndNxt, !isAtFin { marks += 1 }
        return marks
    }
}
