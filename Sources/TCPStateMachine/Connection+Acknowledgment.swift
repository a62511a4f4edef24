/// Fifth step of SEGMENT ARRIVES: the ACK field (RFC 793 p. 72-73).
extension Connection {
    /// SND.UNA < SEG.ACK =< SND.NXT: acknowledges something not acknowledged before.
    func acknowledgesNew(_ number: SequenceNumber) -> Bool {
        let distance = number.rawValue &- sndUna.rawValue
        return distance != 0 && distance <= inFlight
    }

    mutating func checkAcknowledgment(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard segment.hasAck else { return .ignored(.noAcknowledgment, reply: nil) }
        let number = segment.acknowledgmentNumber
        if state == .synReceived {
            // Correction: p. 72 prints SND.UNA =< SEG.ACK, which would take an ACK of nothing for one of our SYN.
            guard acknowledgesNew(number), move(on: .ackOfSynArrives, &reaction) else {
                return .ignored(.acknowledgmentNotOfSynAck, reply: reset(answering: segment))
            }
            formerIncarnation = nil
            // Correction: RFC 1122 section 4.2.2.20(f), the window must be set here.
            setWindow(from: segment)
        }
        if let outcome = acknowledgeAsInEstablished(segment, &reaction) { return outcome }
        switch state {
        case .finWait1:
            if finAcknowledged, move(on: .ackOfFinArrives, &reaction) {
                reaction.signals.insert(.closeAcknowledged)
                startOrphanTimer(&reaction)
            }
        case .closing:
            guard finAcknowledged, move(on: .ackOfFinArrives, &reaction) else { return stayClosing(&reaction) }
            enterTimeWait(&reaction)
        case .lastAck:
            // "If our FIN is now acknowledged, delete the TCB, enter the CLOSED state, and return."
            if finAcknowledged, move(on: .ackOfFinArrives, &reaction) {
                deleteTCB(&reaction)
                return .accepted(reaction)
            }
        case .closed, .listen, .synSent, .synReceived, .established, .finWait2, .closeWait, .timeWait:
            break
        }
        return nil
    }

    /// CLOSING: "otherwise ignore the segment" (p. 73), but not what the processing for the ESTABLISHED state has done:
    /// it may have opened the window for text and a FIN that still wait behind it (p. 61, CLOSE in ESTABLISHED).
    private mutating func stayClosing(_ reaction: inout Reaction) -> Outcome {
        let outcome = finish(&reaction)
        return reaction == Reaction() ? .ignored(.acknowledgmentNotOfFin, reply: nil) : outcome
    }

    /// The processing for the ESTABLISHED state (p. 72), which all later states share.
    private mutating func acknowledgeAsInEstablished(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        let number = segment.acknowledgmentNumber
        if number.isAfter(sndNxt) { return .ignored(.acknowledgmentOfUnsent, reply: acknowledgment()) }
        if profile[.acknowledgmentRangeCheck], number.isBefore(sndUna - maxSndWnd) {
            return .ignored(.acknowledgmentTooOld, reply: acknowledgment())
        }
        if acknowledgesNew(number) {
            takeAcknowledgment(number, &reaction)
        } else {
            countDuplicateAck(segment, &reaction)
        }
        // Correction: RFC 1122 section 4.2.2.20(g). A duplicate is SEG.ACK =< SND.UNA, and the window is updated if
        // SND.UNA =< SEG.ACK =< SND.NXT; p. 72 leaves out the "=" of both.
        if number.isAtOrAfter(sndUna) { updateWindow(from: segment) }
        return nil
    }

    /// SND.UNA <- SEG.ACK, and what follows for the queue and its timer.
    mutating func takeAcknowledgment(_ number: SequenceNumber, _ reaction: inout Reaction) {
        // Of the octets acknowledged, SYN and FIN are nobody's SEND.
        let ofSyn: UInt32 = synAcknowledged ? 0 : 1
        let ofFin: UInt32 = finSent && number == sndNxt ? 1 : 0
        let ofText = (number.rawValue &- sndUna.rawValue) &- ofSyn &- ofFin
        synAcknowledged = true
        duplicateAcks = 0
        sndUna = number
        if ofText > 0 { reaction.signals.insert(.sendAcknowledged) }
        // The user timeout is for what has not been delivered (RFC 793 p. 45): progress starts it anew.
        let timers: Timers = [.retransmission, .user]
        if inFlight > 0 { start(timers, &reaction) } else { stop(timers, &reaction) }
    }

    /// SND.WND <- SEG.WND, SND.WL1 <- SEG.SEQ, SND.WL2 <- SEG.ACK.
    mutating func setWindow(from segment: Segment) {
        // The window of a SYN is never scaled (RFC 7323 section 2.2).
        sndWnd = segment.hasSyn ? UInt32(segment.window) : UInt32(segment.window) << UInt32(sendShift)
        sndWl1 = segment.sequenceNumber
        sndWl2 = segment.acknowledgmentNumber
        maxSndWnd = max(maxSndWnd, sndWnd)
    }

    /// "The check here prevents using old segments to update the window."
    private mutating func updateWindow(from segment: Segment) {
        let newer =
            sndWl1.isBefore(segment.sequenceNumber)
            || (sndWl1 == segment.sequenceNumber && sndWl2.isAtOrBefore(segment.acknowledgmentNumber))
        if newer { setWindow(from: segment) }
    }
}
