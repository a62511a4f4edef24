/// SEGMENT ARRIVES: RFC 793 p. 65-76, RFC 9293 section 3.10.7.
extension Connection {
    mutating func segmentArrives(_ segment: Segment) -> Outcome {
        switch state {
        case .closed: arrivesAtClosed(segment)
        case .listen: arrivesAtListen(segment)
        case .synSent: arrivesAtSynSent(segment)
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            arrivesAtOtherStates(segment)
        }
    }

    /// CLOSED (p. 65).
    private func arrivesAtClosed(_ segment: Segment) -> Outcome {
        if segment.hasRst { return .ignored(.resetWithoutConnection, reply: nil) }
        return .ignored(.noConnection, reply: reset(answering: segment))
    }

    /// LISTEN (p. 65-66).
    private mutating func arrivesAtListen(_ segment: Segment) -> Outcome {
        // First, RST: it cannot answer anything that this connection has sent.
        if segment.hasRst { return .ignored(.resetWithoutConnection, reply: nil) }
        // Second, ACK: "any acknowledgment is bad".
        if segment.hasAck { return .ignored(.acknowledgmentInListen, reply: reset(answering: segment)) }
        // Third, SYN. Security and precedence are not part of this machine (obsolete: RFC 9293 appendix A.1); RFC 1122
        // section 4.2.2.20(b) corrects the form of the reset for them.
        var reaction = Reaction()
        guard segment.hasSyn, move(on: .synArrives, &reaction) else {
            // Fourth: "you are unlikely to get here, but if you do, drop the segment".
            return .ignored(.nothingForListen, reply: nil)
        }
        remoteSpecified = true
        selectInitialNumber()
        takeSyn(segment)
        takeFastOpen(segment, &reaction)
        reaction.segments.append(synSegment(acknowledging: true))
        start([.retransmission, .user], &reaction)
        return .accepted(reaction)
    }

    /// SYN-SENT (p. 66-68).
    private mutating func arrivesAtSynSent(_ segment: Segment) -> Outcome {
        // First, ACK. Correction: p. 66 prints SND.UNA =< SEG.ACK as the acceptable range, which would accept ISS that
        // the line before refuses; RFC 9293 prints SND.UNA < SEG.ACK.
        if segment.hasAck, !acknowledgesNew(segment.acknowledgmentNumber) {
            if segment.hasRst { return .ignored(.resetNotOfSyn, reply: nil) }
            return .ignored(.acknowledgmentNotOfSyn, reply: reset(answering: segment))
        }
        // Second, RST. RFC 5961's check of its number cannot apply: there is no RCV.NXT yet.
        var reaction = Reaction()
        if segment.hasRst {
            guard segment.hasAck, move(on: .rstArrives, &reaction) else {
                return .ignored(.resetWithoutAcknowledgment, reply: nil)
            }
            reaction.signals = .connectionReset
            deleteTCB(&reaction)
            return .accepted(reaction)
        }
        // Third, security and precedence: not part of this machine.
        // Fourth, SYN. Fifth: "if neither of the SYN or RST bits is set then drop the segment" (a FIN with it, p. 75).
        guard segment.hasSyn else { return .ignored(.noSyn, reply: nil) }
        return segment.hasAck ? synAckArrivesAtSynSent(segment) : synArrivesAtSynSent(segment)
    }

    private mutating func synAckArrivesAtSynSent(_ segment: Segment) -> Outcome {
        var reaction = Reaction()
        guard move(on: .synAckArrives, &reaction) else { return .ignored(.notInProfile, reply: nil) }
        takeSyn(segment)
        takeAcknowledgment(segment.acknowledgmentNumber, &reaction)
        // Correction: RFC 1122 section 4.2.2.20(c), the window must be set here.
        setWindow(from: segment)
        reaction.acknowledgmentDue = true
        concludeFastOpen(segment, &reaction)
        // "If there are other controls or text in the segment then continue processing at the sixth step".
        checkUrgent(segment, &reaction)
        processQueued(&reaction)
        return finish(&reaction)
    }

    /// SYNs have crossed. Figure 6 prints "snd ACK" here, the text (p. 68) and RFC 1122 section 4.2.2.8(a) say SYN,ACK.
    private mutating func synArrivesAtSynSent(_ segment: Segment) -> Outcome {
        var reaction = Reaction()
        guard move(on: .synArrives, &reaction) else { return .ignored(.notInProfile, reply: nil) }
        takeSyn(segment)
        reaction.segments.append(synSegment(acknowledging: true))
        start(.retransmission, &reaction)
        return .accepted(reaction)
    }

    /// The eight steps (p. 69-76).
    private mutating func arrivesAtOtherStates(_ segment: Segment) -> Outcome {
        var reaction = Reaction()
        if let outcome = checkNewIncarnation(segment, &reaction) { return outcome }
        if let outcome = checkCrossingSynAck(segment, &reaction) { return outcome }
        if let outcome = checkReset(segment, &reaction) { return outcome }
        if let outcome = checkSequenceNumber(segment, &reaction) { return outcome }
        // Third, security and precedence: not part of this machine (obsolete: RFC 9293 appendix A.1).
        if let outcome = checkSyn(segment, &reaction) { return outcome }
        if let outcome = checkAcknowledgment(segment, &reaction) { return outcome }
        checkUrgent(segment, &reaction)
        if let outcome = processText(segment, &reaction) { return outcome }
        return finish(&reaction)
    }

    /// "RCV.NXT is set to SEG.SEQ+1, IRS is set to SEG.SEQ and any other control or text should be queued for
    /// processing later" (p. 66), with the options of the SYN.
    mutating func takeSyn(_ segment: Segment) {
        initialReceiveNumber = segment.sequenceNumber
        rcvNxt = segment.sequenceNumber + 1
        lastAckSent = rcvNxt
        reassembly = Reassembly()
        takeOptions(segment.options)
        // Without a window a SYN,ACK would not be answered with data; the SYN's is the first known (RFC 9293 p. 68).
        setWindow(from: segment)
        hold(segment)
    }

    private mutating func takeOptions(_ options: SegmentOptions) {
        let present = options.present
        // RFC 1122 section 4.2.2.6: 536 if the option is missing.
        let peerLimit = present.contains(.maximumSegmentSize) ? UInt32(options.maximumSegmentSize) : 536
        sendLimit = max(1, min(peerLimit, UInt32(parameters.segmentLimit)))
        // RFC 7323 sections 2.2, 3.2; RFC 2018 section 2: an option is in use if both SYNs have it.
        if let shift = parameters.windowScale, present.contains(.windowScale) {
            scaleInUse = true
            sendShift = min(options.windowScale, 14)
            receiveShift = shift
        }
        sackInUse = parameters.permitsSack && present.contains(.sackPermitted)
        recentTimestamp =
            parameters.offersTimestamps && present.contains(.timestamps) ? options.timestampValue : nil
    }

    /// Ends the work on a segment: what the window now allows is sent, a queued CLOSE takes effect, and an ACK that is
    /// due goes out on its own if no data carries it (p. 74).
    mutating func finish(_ reaction: inout Reaction) -> Outcome {
        if closePending, state == .established || (state == .closeWait && profile[.lastAckAtOnce]) {
            enterClosing(&reaction)
        } else {
            transmit(&reaction)
        }
        if reaction.acknowledgmentDue {
            if reaction.acknowledgmentMayWait {
                start(.delayedAcknowledgment, &reaction)
            } else {
                reaction.segments.append(acknowledgment())
            }
            reaction.acknowledgmentDue = false
        }
        return .accepted(reaction)
    }
}
