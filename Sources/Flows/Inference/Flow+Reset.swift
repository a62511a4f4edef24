import TCPStateMachine
import WireFormat

/// A RST passes: what it says of its sender (inference notes 1.5). What it answers, and whose it is, is in
/// `Flow+ResetOrigin.swift`; what it does to whom it reaches in `Flow+ResetArrives.swift`.
extension Flow {
    func observeReset(
        _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> SegmentNote {
        let answered = answeredSegment(by: c, from: e, d, l)
        if let age = answered {
            d[e].recent[age: age].isAnsweredByReset = true
            resetAnswering(d[e].recent[age: age], c, from: e, d, &l)
        } else if isRepeatedReset(c, from: e, d) || !isForged(c, from: e, d, l) {
            let isAhead = self[e].has(.hasOwnSndNxt) && c.segment.sequenceNumber.isAfter(self[e].sndNxt)
            let isRefusal = c.segment.hasAck && c.segment.sequenceNumber == SequenceNumber(0)
            let isAtSndNxt = !self[e].has(.hasOwnSndNxt) || c.segment.sequenceNumber == self[e].sndNxt
            let isLikeAnswer = l.profile(e)[.abortAcknowledges] && !c.segment.hasAck
                && mayBeAnswer(c, from: e, toAny: true, d)
            let isAbort = (isAtSndNxt && !isLikeAnswer) || (isAhead && !isRefusal)
            // Octets before it are still to come, if it has overtaken them.
            if isAhead || self[e].stream.rangeCount > 0, !isForged(c, from: e, d, l) {
                d[e].observations.resetNumber = c.segment.sequenceNumber
                d[e].observed.insert(.reset)
            }
            resetByItself(c, from: e, isAbort: isAbort, isAhead: isAhead, d, &l)
        } else {
            find(.forgedSegment, at: e, time: c.time, c.reference, &l)
        }
        if c.hasIdentification, c.identification != 0, self[e].has(.sentReset) {
            self[e].lastIdentification = c.identification
        }
        d[e].resetTimestamp = c.segment.options.timestampValue
        // A RST that answers is an answer, too.
        if answered != nil { self[e].flags.remove([.isAwaited, .awaitedOnce]) }
        arriveReset(c, at: e.other, answering: answered.map { d[e].recent[age: $0].time }, d, &l)
        d[e.other].recent.appendReset(RecentSegment(c, isRepeated: false))
        return .none
    }

    // MARK: What it says of its sender

    /// The segment it answers met no socket: what that one and later ones brought is void, what came before counts.
    private func resetAnswering(
        _ segment: RecentSegment, _ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        if segment.controlBits.contains(.syn), !segment.hasAck {
            if !findings.contains(.connectionRefused) { l.openings.refuse(pair) }
            find(.connectionRefused, at: e.other, time: c.time, c.reference, &l)
        }
        guard !self[e].states.isEmpty else {
            let isRefusal = segment.controlBits.contains(.syn) && !segment.hasAck
            claimClosed(e, c, isRefusal || knowsTrip(e) ? .proven : .presumed, d, &l)
            return
        }
        if let state = self[e].state, state == .synSent || state == .synReceived,
            segment.hasAck, !self[e].isAcceptableInOpening(segment.acknowledgmentNumber)
        {
            // An ACK of what was never sent is answered without a change of state (RFC 793 p. 66 and 72).
            return
        }
        let isOrphanData = self[e].states.isSubset(of: [StateSet(.finWait1)]) && segment.hasPayload
        deliverEarlier(than: segment, at: e, including: isOrphanData, c, d, &l)
        if isOrphanData { acknowledgeOrphan(e, by: segment, c, d, &l) }
        // A RST of the peer's that passed behind the answered segment may have overtaken it.
        let hasReset = self[e].pending.contains(.rst) && !self[e].has(.isLocal)
        // An inexact one ends a small socket in FIN-WAIT-2 without an answer.
        let isChallenged = self[e].has(.isChallenged)
        let rst = timelyReset(at: e, now: c.time, d)
        let ackOfFin = self[e].pending.contains(.ackOfFin) ? d[e].pending.ackOfFin : .none
        drop([.syn, .ackOfSyn, .ackOfFin, .fin, .rst], at: e, d)
        // A RST of the peer had ended it already: CLOSED and LISTEN answer like this and stay what they are.
        if let state = self[e].state, state == .closed || state == .listen {
            noticeHalfOpen(held: e.other, segment, c, &l)
            return
        }
        // While the round trip is unknown the answer may be to something else.
        let isSure = knowsTrip(e) && !mayBeAbort(c.segment, of: e, l) && !hasReset && !isChallenged
            && !self[e].has(.mayBeReset)
        let hasClosed = self[e].states.isSubset(of: [StateSet(.finWait1), StateSet(.finWait2)])
        let hasText = segment.hasPayload || isBehindText(segment, at: e, now: c.time, d)
        let takesData = hasClosed && hasText && refusesText(e, l)
        let isKnown = isSure && (!takesData || (segment.hasPayload && wasHereBefore(c, e, d)))
        let evidence = Evidence(
            time: c.time, cause: c.reference, proof: c.reference, certainty: isKnown ? .proven : .presumed,
            isFinal: false)
        self[e].flags.insert(.sentReset)
        d[e].answeredTimestamp = segment.timestamp
        d[e].hasAnsweredText = segment.hasPayload
        if !takesData, let rst {
            // It had come by then, and the segment was late: nothing else has ended the connection.
            pend(.rst, at: e, rst, d)
            deliver(.rst, to: e, .presumed, by: c.reference, d, &l)
        } else if self[e].state == .lastAck, let earlier = earlierAckOfFin(at: e, segment, c, ackOfFin, d) {
            pend(.ackOfFin, at: e, earlier, d)
            deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l)
        } else if takesData {
            happen(.dataAfterCloseArrives, to: e, evidence, d, &l)
        } else {
            vanish(e, evidence, d, &l)
        }
    }

    /// The ACK of the endpoint's FIN that had ended the connection before: one that seemed to be lost when the FIN
    /// passed again; or the answered one itself, if the RST is late and answers a copy of it.
    private func earlierAckOfFin(
        at e: EndpointRole, _ segment: RecentSegment, _ c: CapturedSegment, _ answered: PendingFact, _ d: FlowDetail
    ) -> PendingFact? {
        let refused = d[e].pending.refusedAckOfFin
        if !refused.cause.isNone { return refused }
        let trip = trip(e)
        let isLate = c.time &- segment.time > trip &+ trip / 20 &+ Self.millisecond / 4
        return isLate && !answered.cause.isNone && answered.time == segment.time ? answered : nil
    }

    /// A RST of the peer's that had come when the endpoint sent what passes now.
    private func timelyReset(at e: EndpointRole, now: Int64, _ d: FlowDetail) -> PendingFact? {
        if self[e].pending.contains(.rst), !d[e].pending.rst.mark,
            couldHaveAnswered(e, d[e].pending.rst.time, now: now)
        {
            return d[e].pending.rst
        }
        // What passed before it has turned out not to have come.
        let uncertain = d[e].pending.uncertainReset
        guard !uncertain.cause.isNone, self[e].rcvNxt.isBefore(self[e.other].sndNxt),
            couldHaveAnswered(e, uncertain.time, now: now)
        else { return nil }
        return uncertain
    }

    /// That it was the text that ended the connection: no ABORT has escaped the capture, and FIN-WAIT-2 had not timed
    /// out.
    private func wasHereBefore(_ c: CapturedSegment, _ e: EndpointRole, _ d: FlowDetail) -> Bool {
        !self[e].has(.mayHaveTimedOut) && nothingIsMissing(before: c, from: e, d)
    }

    /// Data met no socket at an end that had ended before: its sender still held the connection (RFC 793 figure 11).
    private func noticeHalfOpen(
        held holder: EndpointRole, _ segment: RecentSegment, _ c: CapturedSegment, _ l: inout Ledger
    ) {
        guard segment.hasPayload, let state = self[holder].state, state == .established || state == .closeWait else {
            return
        }
        find(.halfOpen, at: holder, time: c.time, c.reference, &l)
    }

    /// Delivers, presumed, what had passed before the segment that met no socket. Data that an orphan in FIN-WAIT-1
    /// refuses still acknowledges its FIN: Linux takes the ACK before it resets.
    private func deliverEarlier(
        than segment: RecentSegment, at e: EndpointRole, including: Bool, _ c: CapturedSegment,
        _ d: FlowDetail, _ l: inout Ledger
    ) {
        let limit = including ? segment.time : segment.time &- 1
        let hasReset = self[e].pending.contains(.rst) && !d[e].pending.rst.mark && d[e].pending.rst.time <= limit
        if hasReset, self[e].pending.contains(.syn), d[e].pending.rst.time < d[e].pending.syn.time {
            deliver(.rst, to: e, .presumed, by: c.reference, d, &l)
        }
        // Who receives a bare SYN in SYN-SENT answers it by a SYN,ACK.
        let isUnanswered = self[e].state == .synSent && !d[e].pending.syn.mark && !self[e].has(.sentSynAck)
            && speaksAgainst(e, d[e].pending.syn.time, now: c.time)
        if self[e].pending.contains(.syn), d[e].pending.syn.seen, d[e].pending.syn.time <= limit, !isUnanswered {
            deliver(.syn, to: e, .presumed, by: c.reference, d, &l)
        }
        if self[e].pending.contains(.ackOfSyn), d[e].pending.ackOfSyn.time <= limit {
            deliver(.ackOfSyn, to: e, .presumed, by: c.reference, d, &l)
        }
        // Of what passed with it only its own ACK is Linux's to take first.
        let hasAckOfFin = segment.hasAck && segment.acknowledgmentNumber.isAfter(self[e].finNumber)
        dropAckBeyond(segment, at: e, d)
        deliverClosing(at: e, before: segment.time, including: including && hasAckOfFin, c, d, &l)
        if self[e].pending.contains(.rst), !d[e].pending.rst.mark, d[e].pending.rst.time <= limit {
            deliver(.rst, to: e, .presumed, by: c.reference, d, &l)
        }
    }

    /// The peer's FIN and the ACK of the endpoint's own, in the order in which they passed.
    private func deliverClosing(
        at e: EndpointRole, before time: Int64, including: Bool, _ c: CapturedSegment, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        let hasFin = self[e].pending.contains(.fin) && d[e].pending.isFinWhole
            && d[e].pending.finCopies[0].time < time && !isAckOverdue(e, d, now: c.time)
        let hasAck = self[e].pending.contains(.ackOfFin) && !isBeyondReach(e, d)
            && (including ? d[e].pending.ackOfFin.time <= time : d[e].pending.ackOfFin.time < time)
        let ackFirst = hasAck && (!hasFin || d[e].pending.ackOfFin.time <= d[e].pending.finCopies[0].time)
        if ackFirst { deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l) }
        if hasFin { deliver(.fin, to: e, .presumed, by: c.reference, d, &l) }
        if hasAck, !ackFirst { deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l) }
    }

    /// The FIN would have been acknowledged by now, had it come: at once while closing, within 40 ms before.
    private func isAckOverdue(_ e: EndpointRole, _ d: FlowDetail, now: Int64) -> Bool {
        let isClosing = self[e].state == .finWait1 || self[e].state == .finWait2
        let patience = isClosing ? 0 : 40 * Self.millisecond
        return speaksAgainst(e, d[e].pending.finCopies[0].time &+ patience, now: now)
    }

    /// It answers nothing that was captured: an ABORT, if it has the number of one.
    private func resetByItself(
        _ c: CapturedSegment, from e: EndpointRole, isAbort: Bool, isAhead: Bool, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        let s = c.segment
        let isForeign = foreignMarks(c, from: e, l) > 0
        // A lone RST from an end that never showed itself claims nothing: anybody can have sent it.
        guard !self[e].states.isEmpty else {
            if d[e].firstReset.cause.isNone {
                d[e].firstReset = PendingFact(reset: c)
                d[e].firstResetNumber = s.sequenceNumber
            }
            return
        }
        if s.hasAck, self[e.other].has(.hasSndNxt), s.acknowledgmentNumber.isAtOrBefore(self[e.other].sndNxt) {
            let showsFin = self[e].pending.contains(.fin) && self[e.other].has(.hasFin)
                && s.acknowledgmentNumber.isAfter(self[e.other].finNumber)
            if !isForeign {
                proveArrivals(at: e, by: c, isOld: true, d, &l)
            } else if showsFin {
                // Somebody else may have sent it.
                deliverClosing(at: e, before: c.time, including: false, c, d, &l)
            }
        }
        // Without an ACK it does not say whether the FIN on its way had come.
        let mayHaveFin = !s.hasAck && self[e].pending.contains(.fin) && d[e].pending.isFinWhole
            && couldHaveAnswered(e, d[e].pending.finCopies[0].time, now: c.time)
        // If somebody else sent it, what is on its way is still to come.
        if !isForeign { drop(.fin, at: e, d) }
        if self[e].pending.contains(.syn), couldHaveAnswered(e, d[e].pending.syn.time, now: c.time) {
            deliver(.syn, to: e, .presumed, by: c.reference, d, &l)
        }
        deliverTimelyAckOfSyn(to: e, before: c, d, &l)
        // Nobody aborts in LAST-ACK: the ACK had come, and the RST answers something else.
        if self[e].pending.contains(.ackOfFin), !isBeyondReach(e, d),
            self[e].state == .lastAck || couldHaveAnswered(e, d[e].pending.ackOfFin.time, now: c.time)
        {
            deliver(.ackOfFin, to: e, .presumed, by: c.reference, d, &l)
        }
        if !isForeign { drop([.syn, .ackOfSyn, .ackOfFin], at: e, d) }
        // What is usual of an end that was met in mid-stream is not known yet.
        let isStrange = self[e].has(.isMidStream) && self[e].packets <= 2
        // Octets before it that did not pass may have ended in a FIN.
        // Without an ACK it may be the answer of an end that a RST has ended.
        let mayBeReset = !s.hasAck && (self[e].has(.mayBeReset) || self[e].pending.contains(.rst))
        let isSure = !isStrange && !isAhead && !mayHaveFin && !mayBeReset && isPlainAbort(c, of: e, d, l)
        let evidence = Evidence(
            time: c.time, cause: c.reference, proof: c.reference, certainty: isSure ? .proven : .presumed,
            isFinal: false)
        self[e].flags.insert(.sentReset)
        // Whoever has been reset before has nothing to abort.
        let wasReset = !s.hasAck && self[e].pending.contains(.rst) && !d[e].pending.rst.mark
            && c.time &- d[e].pending.rst.time >= trip(e) / 2 &* 3
            && (0..<Int(d[e].recent.count)).contains { answers(s, d[e].recent[age: $0]) }
        if isAbort, s.hasAck, !isForeign, replaceEnding(of: e, byAbort: evidence, d, l) {
            return
        } else if isAbort, !wasReset {
            abort(e, evidence, d, &l)
        } else {
            refuseUnseen(e, evidence, d, &l)
        }
    }

    /// The RST of an ABORT passes behind another, which answered a segment and seemed to say that nobody knew how the
    /// connection had ended.
    private func replaceEnding(
        of e: EndpointRole, byAbort evidence: Evidence, _ d: FlowDetail, _ l: borrowing Ledger
    ) -> Bool {
        let last = Int(d[e].journal.count) - 1
        guard last >= 0, d[e].journal[last].event == .socketGone, d[e].journal[last].cause != .none else {
            return false
        }
        d[e].journal[last].event = .abort
        d[e].journal[last].certainty = .presumed
        d[e].journal[last].cause = evidence.cause
        d[e].journal[last].proof = evidence.proof
        refreshStates(e, d, l)
        return true
    }

    /// The number is not SND.NXT, which an ABORT has: the RST answers a segment that was not captured, or is no longer
    /// remembered.
    private func refuseUnseen(_ e: EndpointRole, _ evidence: Evidence, _ d: FlowDetail, _ l: inout Ledger) {
        if let rst = timelyReset(at: e, now: evidence.time, d) {
            pend(.rst, at: e, rst, d)
            deliver(.rst, to: e, .presumed, by: evidence.proof, d, &l)
        }
        guard self[e].state != .closed, self[e].state != .listen else { return }
        var evidence = evidence
        evidence.certainty = .presumed
        let mayBeData = self[e].states.isSubset(of: [StateSet(.finWait1), StateSet(.finWait2)])
            && self[e.other].bytes > 0
        if mayBeData {
            happen(.dataAfterCloseArrives, to: e, evidence, d, &l)
        } else {
            vanish(e, evidence, d, &l)
        }
    }

    /// An ABORT where the diagram has one; whoever waits for nothing more has no socket.
    private func abort(
        _ e: EndpointRole, _ evidence: Evidence, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard let state = self[e].state else {
            happen(.abort, to: e, evidence, d, &l)
            return
        }
        switch state {
        case .closed:
            return
        case .lastAck, .closing, .timeWait:
            // Nobody sends a RST to abort there: it answers something.
            refuseUnseen(e, evidence, d, &l)
        case .listen, .synSent:
            vanish(e, evidence, d, &l)
        case .synReceived, .established, .finWait1, .finWait2, .closeWait:
            happen(.abort, to: e, evidence, d, &l)
        }
    }

    /// All that is known of the endpoint is that it has no connection.
    private func claimClosed(
        _ e: EndpointRole, _ c: CapturedSegment, _ certainty: Certainty, _ d: FlowDetail, _ l: inout Ledger
    ) {
        d[e].journal.begin(in: StateSet(.closed))
        self[e].states = StateSet(.closed)
        drop([.syn, .ackOfSyn, .ackOfFin, .fin], at: e, d)
        reportFirstKnowledge(e, .closed, time: c.time, cause: c.reference, certainty, d, &l)
    }
}
