/// First to fourth step of SEGMENT ARRIVES in the synchronized states and SYN-RECEIVED (RFC 793 p. 69-71), and the two
/// tests that must come before them.
///
/// A step returns nil to go on to the next one.
extension Connection {
    /// TIME-WAIT: a SYN that opens a new incarnation. It comes before the first step, because "the logic above is not
    /// applicable" for it (RFC 9293 section 3.10.7.4 first; RFC 1122 section 4.2.2.13; RFC 6191).
    mutating func checkNewIncarnation(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard state == .timeWait else { return nil }
        let memory = TimeWaitMemory(next: rcvNxt, recentTimestamp: recentTimestamp)
        guard memory.isNewIncarnation(segment, profile: profile) else { return nil }
        guard move(on: .newIncarnationSynArrives, &reaction) else { return nil }
        let initialNumber = numberAboveOldIncarnation()
        if state == .closed {
            // Linux: the listener answers, for a new connection.
            reaction.signals = .passSegmentToListener
            deleteTCB(&reaction)
            return .accepted(reaction)
        }
        let former = FormerIncarnation(
            opening: opening, initialSendNumber: initialSendNumber, sndNxt: sndNxt,
            initialReceiveNumber: initialReceiveNumber, rcvNxt: rcvNxt, recentTimestamp: recentTimestamp)
        reopen(asOf: former, initialNumber: initialNumber)
        takeSyn(segment)
        takeFastOpen(segment, &reaction)
        stop(.timeWait, &reaction)
        start([.retransmission, .user], &reaction)
        reaction.segments.append(synSegment(acknowledging: true))
        return .accepted(reaction)
    }

    private mutating func reopen(asOf former: FormerIncarnation, initialNumber: SequenceNumber) {
        forgetIncarnation()
        opening = .reopened
        formerIncarnation = former
        initialSendNumber = initialNumber
        sndUna = initialNumber
        sndNxt = initialNumber + 1
    }

    /// Forgets what belongs to one incarnation; its numbers are set by the next SYN.
    mutating func forgetIncarnation() {
        let zero = SequenceNumber(0)
        (initialSendNumber, sndUna, sndNxt, sndWl1, sndWl2) = (zero, zero, zero, zero, zero)
        (initialReceiveNumber, rcvNxt, lastAckSent) = (zero, zero, zero)
        (sndWnd, maxSndWnd, sendLimit, unsent, awaited, unread) = (0, 0, 0, 0, 0, 0)
        synAcknowledged = false
        (closePending, finSent, receiving, urgentMode, probing) = (false, false, true, false, false)
        (sendShift, receiveShift, scaleInUse, sackInUse) = (0, 0, false, false)
        recentTimestamp = nil
        reassembly = Reassembly()
        (duplicate, duplicateAcks) = (nil, 0)
        forgetFastOpen()
    }

    /// SYN-RECEIVED where SYNs have crossed: the peer's SYN,ACK, whose SYN has been received before, acknowledges ours
    /// (figure 8 line 6). By the strict text it would lie outside the window, be answered by an ACK and dropped.
    mutating func checkCrossingSynAck(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard state == .synReceived, segment.hasSyn, segment.hasAck, !segment.hasRst else { return nil }
        guard segment.sequenceNumber == initialReceiveNumber else { return nil }
        guard acknowledgesNew(segment.acknowledgmentNumber) else { return nil }
        guard move(on: .synAckArrives, &reaction) else { return nil }
        takeAcknowledgment(segment.acknowledgmentNumber, &reaction)
        setWindow(from: segment)
        processQueued(&reaction)
        return finish(&reaction)
    }

    /// First and second step for a RST (p. 69-70; RFC 5961 section 3.2).
    mutating func checkReset(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard segment.hasRst else { return nil }
        switch resetVerdict(segment.sequenceNumber) {
        case .drop: return .ignored(.resetOutsideWindow, reply: isSmallOrphan ? acknowledgment() : nil)
        case .challenge: return .ignored(.resetChallenged, reply: acknowledgment())
        case .accept: break
        }
        let before = state
        guard move(on: .rstArrives, &reaction) else { return .ignored(.resetInTimeWait, reply: nil) }
        switch before {
        case .synReceived:
            // "The user need not be informed" of a passive one; an active one was refused.
            if opening == .active { reaction.signals = .connectionRefused }
        case .established, .finWait1, .finWait2, .closeWait:
            reaction.signals = [.pendingCallsReset, .connectionReset]
        case .closing, .lastAck, .timeWait, .closed, .listen, .synSent:
            break
        }
        leaveSynchronized(&reaction)
        return .accepted(reaction)
    }

    /// RFC 793's or RFC 5961's verdict, with two more numbers that Linux takes for exact.
    private func resetVerdict(_ number: SequenceNumber) -> ResetVerdict {
        if profile[.resetAtFinNumberCloses], number == rcvNxt - 1 {
            // In these states the number before RCV.NXT is the peer's FIN (kernel-facts 5(i)).
            switch state {
            case .closeWait, .lastAck, .closing: return .accept
            case .closed, .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .timeWait: break
            }
        }
        if profile[.resetAtSackEdgeCloses], sackInUse, reassembly.rightEdge > 0,
            number == rcvNxt + reassembly.rightEdge
        {
            return .accept
        }
        let exactNumberOnly = profile[.challengeACKs] && !isSmallOrphan
        let verdict = receiveWindow.verdict(onResetAt: number, exactNumberOnly: exactNumberOnly)
        let dropped = verdict == .challenge && state == .timeWait && profile[.timeWaitDropsInexactReset]
        return dropped ? .drop : verdict
    }

    /// Linux: what is left of a connection whose user has closed it and whose FIN has been acknowledged.
    private var isSmallOrphan: Bool {
        state == .finWait2 && !receiving && profile[.orphanIsEasilyReset]
    }

    /// Where a RST or a SYN has led: to CLOSED, back to LISTEN, or back to TIME-WAIT.
    mutating func leaveSynchronized(_ reaction: inout Reaction) {
        switch state {
        case .closed:
            deleteTCB(&reaction)
        case .listen:
            // "All segments on the retransmission queue should be removed" (p. 70). A CLOSE that was queued for
            // ESTABLISHED is a CLOSE in LISTEN now.
            let closing = closePending
            stop([.retransmission, .user], &reaction)
            forgetIncarnation()
            remoteSpecified = openedWithRemote
            if closing, move(on: .close, &reaction) { deleteTCB(&reaction) }
        case .timeWait:
            guard let former = formerIncarnation else { return }
            forgetIncarnation()
            opening = former.opening
            (initialSendNumber, sndUna, sndNxt) = (former.initialSendNumber, former.sndNxt, former.sndNxt)
            (initialReceiveNumber, rcvNxt) = (former.initialReceiveNumber, former.rcvNxt)
            recentTimestamp = former.recentTimestamp
            (synAcknowledged, finSent) = (true, true)
            formerIncarnation = nil
            enterTimeWait(&reaction)
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            break
        }
    }

    /// First step (p. 69), after PAWS (RFC 7323 section 5.3 R1-R3).
    mutating func checkSequenceNumber(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        if let recentTimestamp, segment.options.hasTimestamps {
            let value = segment.options.timestampValue
            if profile[.protectAgainstWrappedNumbers], Timestamps.isOld(value, recent: recentTimestamp) {
                return .ignored(.oldTimestamp, reply: acknowledgment())
            }
        }
        noteDuplicate(segment)
        let window = receiveWindow
        var acceptable = window.accepts(segment.sequenceNumber, length: segment.length)
        if profile[.finBeyondWindowAccepted], segment.hasFin {
            acceptable = acceptable || window.accepts(segment.sequenceNumber, length: segment.length &- 1)
        }
        if !acceptable {
            // A FIN repeated in TIME-WAIT lies outside the window, and yet: "acknowledge it, and restart the 2 MSL
            // timeout" (p. 73).
            if state == .timeWait, segment.hasFin, segment.finNumber + 1 == rcvNxt {
                start(.timeWait, &reaction)
                reaction.segments.append(acknowledgment())
                return .accepted(reaction)
            }
            // "If the RCV.WND is zero [...] special allowance should be made to accept valid ACKs, URGs and RSTs": the
            // text is trimmed off later, as the window takes none of it, and is acknowledged in vain.
            guard window.size == 0, segment.sequenceNumber == window.next, segment.hasAck, !segment.hasSyn else {
                let reply = isRepeatedSyn(segment) ? synSegment(acknowledging: true) : acknowledgment()
                return .ignored(.outsideWindow, reply: reply)
            }
            reaction.acknowledgmentDue = true
        }
        remember(timestampOf: segment)
        return nil
    }

    /// Linux: the SYN that made this SYN-RECEIVED has come again, its answer may be lost.
    private func isRepeatedSyn(_ segment: Segment) -> Bool {
        state == .synReceived && opening == .passive && profile[.repeatedSynGetsSynAck]
            && segment.hasSyn && !segment.hasAck && segment.sequenceNumber == initialReceiveNumber
    }

    /// R3: TS.Recent follows the segment that the last ACK waited for (RFC 7323 section 4.3).
    private mutating func remember(timestampOf segment: Segment) {
        guard let recentTimestamp, segment.options.hasTimestamps else { return }
        guard segment.sequenceNumber.isAtOrBefore(lastAckSent) else { return }
        let value = segment.options.timestampValue
        if !Timestamps.isOld(value, recent: recentTimestamp) { self.recentTimestamp = value }
    }

    /// Fourth step (p. 71; RFC 1122 section 4.2.2.20(e); RFC 5961 section 4.2).
    mutating func checkSyn(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard segment.hasSyn else { return nil }
        // A SYN before RCV.NXT whose text reaches into the window is trimmed off: it is not in the window.
        let inWindow = receiveWindow.contains(segment.sequenceNumber)
        // In FIN-WAIT-2 Linux has the rule only for an orphan.
        let spared = state == .finWait2 && !profile[.synInWindowReset] && !isSmallOrphan
        if inWindow, !spared, move(on: .synInWindowArrives, &reaction) {
            if state == .closed || (state == .listen && profile[.resetOnReturnToListen]) {
                reaction.segments.append(reset(answering: segment))
            }
            if state == .closed {
                reaction.signals = [.pendingCallsReset, .connectionReset]
            }
            leaveSynchronized(&reaction)
            return .accepted(reaction)
        }
        if !inWindow, !profile[.challengeACKs] { return nil }
        return .ignored(.synChallenged, reply: acknowledgment())
    }
}
