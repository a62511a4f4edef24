/// The segments that go out (RFC 793 sections 3.4 and 3.7), and the numbers they take.
extension Connection {
    /// "An initial send sequence number (ISS) is selected" (RFC 793 p. 54).
    mutating func selectInitialNumber() {
        initialSendNumber = nextInitialNumber
        sndUna = nextInitialNumber
        sndNxt = nextInitialNumber + 1
        synAcknowledged = false
    }

    /// An ISS "larger than the largest sequence number it used on the previous connection incarnation" (RFC 1122
    /// section 4.2.2.13 (1)): the one drawn, if it is, otherwise 65537 above, as Linux does.
    func numberAboveOldIncarnation() -> SequenceNumber {
        nextInitialNumber.isAfter(sndNxt) ? nextInitialNumber : sndNxt + 65_537
    }

    /// SEG.WND for a segment that goes out now.
    private var announcedWindow: UInt16 {
        UInt16(truncatingIfNeeded: min(rcvWnd >> UInt32(receiveShift), 65_535))
    }

    private func options() -> SegmentOptions {
        var options = SegmentOptions()
        guard let recentTimestamp else { return options }
        options.present = .timestamps
        options.timestampValue = timestampClock
        options.timestampEcho = recentTimestamp
        return options
    }

    /// The options of a segment that acknowledges: what has arrived beyond a hole is told (RFC 2018 section 4). Beside
    /// timestamps there is room for three blocks.
    private mutating func optionsOfAck() -> SegmentOptions {
        var options = options()
        guard sackInUse else { return options }
        // The block of what has arrived twice stands first, once (RFC 2883 section 4).
        if let duplicate {
            options.appendSackBlock(duplicate)
            options.present.insert(.sack)
            self.duplicate = nil
        }
        reassembly.addBlocks(from: rcvNxt, atMost: options.hasTimestamps ? 3 : 4, to: &options)
        return options
    }

    /// <SEQ=ISS><CTL=SYN> or <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>, with the options of RFC 793 section 3.1, RFC 7323
    /// and RFC 2018; a SYN,ACK only answers those that the SYN had.
    mutating func synSegment(acknowledging: Bool) -> Segment {
        var options = options()
        options.present.insert(.maximumSegmentSize)
        options.maximumSegmentSize = parameters.segmentLimit
        if let shift = parameters.windowScale, !acknowledging || scaleInUse {
            options.present.insert(.windowScale)
            options.windowScale = shift
        }
        if parameters.permitsSack, !acknowledging || sackInUse { options.present.insert(.sackPermitted) }
        if parameters.offersTimestamps, !acknowledging {
            options.present.insert(.timestamps)
            options.timestampValue = timestampClock
        }
        if acknowledging, fastOpenCookieAskedFor { options.present.insert(.fastOpenCookie) }
        if acknowledging { lastAckSent = rcvNxt }
        // The window of a SYN is never scaled (RFC 7323 section 2.2).
        return Segment(
            sequenceNumber: initialSendNumber, acknowledgmentNumber: acknowledging ? rcvNxt : SequenceNumber(0),
            controlBits: acknowledging ? [.syn, .ack] : .syn,
            window: UInt16(truncatingIfNeeded: min(rcvWnd, 65_535)), options: options)
    }

    /// <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
    mutating func acknowledgment() -> Segment {
        lastAckSent = rcvNxt
        return Segment(
            sequenceNumber: sndNxt, acknowledgmentNumber: rcvNxt, controlBits: .ack, window: announcedWindow,
            options: optionsOfAck())
    }

    /// <SEQ=SND.NXT><CTL=RST>; Linux: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>.
    func resetSegment() -> Segment {
        guard profile[.abortAcknowledges] else { return Segment(sequenceNumber: sndNxt, controlBits: .rst) }
        return Segment(
            sequenceNumber: sndNxt, acknowledgmentNumber: rcvNxt, controlBits: [.rst, .ack], options: options())
    }

    /// The reset that its addressee will accept (RFC 793 p. 36): <SEQ=SEG.ACK><CTL=RST> if the segment has an ACK,
    /// otherwise <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
    func reset(answering segment: Segment) -> Segment {
        if segment.hasAck { return Segment(sequenceNumber: segment.acknowledgmentNumber, controlBits: .rst) }
        return Segment(
            sequenceNumber: SequenceNumber(0), acknowledgmentNumber: segment.end, controlBits: [.rst, .ack])
    }

    mutating func dataSegment(at number: SequenceNumber, octets: UInt32, fin: Bool) -> Segment {
        lastAckSent = rcvNxt
        var bits: ControlBits = .ack
        if octets > 0, parameters.pushes { bits.insert(.psh) }
        if fin { bits.insert(.fin) }
        return Segment(
            sequenceNumber: number, acknowledgmentNumber: rcvNxt, controlBits: bits, payloadLength: octets,
            window: announcedWindow, options: optionsOfAck())
    }

    /// Octets that the peer's window still takes.
    private var usableWindow: UInt32 {
        sndWnd > inFlight ? sndWnd - inFlight : 0
    }

    /// Sends what the window allows, at most as many segments as a reaction holds (the rest follows with the next ACK),
    /// and behind the last octet the FIN, if CLOSE has been called.
    mutating func transmit(_ reaction: inout Reaction) {
        guard maySend else { return }
        let sentBefore = reaction.segments.count
        if probing { sendProbedOctet(&reaction) }
        while unsent > 0, usableWindow > 0, !reaction.segments.isFull {
            let octets = min(min(unsent, usableWindow), max(sendLimit, 1))
            let fin = finMayGo && octets == unsent
            reaction.segments.append(dataSegment(at: sndNxt, octets: octets, fin: fin))
            sndNxt = sndNxt + octets
            unsent -= octets
            if fin { noteFinSent() }
        }
        if finMayGo, unsent == 0, !reaction.segments.isFull {
            reaction.segments.append(dataSegment(at: sndNxt, octets: 0, fin: true))
            noteFinSent()
        }
        if reaction.segments.count > sentBefore { reaction.acknowledgmentDue = false }
        // The timer also stands for the probes of a window of zero (RFC 1122 section 4.2.2.17).
        if inFlight > 0 || unsent > 0, !running.contains(.retransmission) { start([.retransmission, .user], &reaction) }
        // "Queue this request until all preceding SENDs have been segmentized; then send a FIN" (p. 61, CLOSE-WAIT).
        if state == .closeWait, finSent { _ = move(on: .close, &reaction) }
    }

    /// The window has opened before the probe was taken: its octet is sent again with what now fits behind it, so that
    /// no hole waits for a timer that has backed off.
    private mutating func sendProbedOctet(_ reaction: inout Reaction) {
        let text = inFlight - (finSent ? 1 : 0)
        guard inFlight > 0, text == 1 else {
            probing = false
            return
        }
        guard sndWnd > 0 else { return }
        probing = false
        let octets = finSent ? 1 : min(min(unsent &+ 1, sndWnd), max(sendLimit, 1))
        let fin = finSent || (closePending && octets == unsent &+ 1)
        reaction.segments.append(dataSegment(at: sndUna, octets: octets, fin: fin))
        guard !finSent else { return }
        sndNxt = sndUna + octets
        unsent -= octets - 1
        if fin { noteFinSent() }
        start(.retransmission, &reaction)
    }

    private mutating func noteFinSent() {
        sndNxt = sndNxt + 1
        finSent = true
        closePending = false
    }

    /// A FIN is due. Before ESTABLISHED it would be a CLOSE that the diagram has not taken.
    private var finMayGo: Bool { closePending && state != .synReceived }

    /// Whether data and FIN may go out: not before ESTABLISHED, except the FIN of a CLOSE in SYN-RECEIVED, and data
    /// after a Fast Open.
    private var maySend: Bool {
        switch state {
        case .closed, .listen, .synSent, .timeWait: false
        case .synReceived: isOpenedFast
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: true
        }
    }

    /// The segment at the front of the retransmission queue, or a probe of one octet where the window is closed; nil if
    /// there is nothing to send.
    mutating func frontOfQueue() -> Segment? {
        if state == .synSent { return synSegment(acknowledging: false) }
        if inFlight > 0 {
            if !synAcknowledged { return synSegment(acknowledging: true) }
            let text = inFlight - (finSent ? 1 : 0)
            let octets = min(text, max(sendLimit, 1))
            return dataSegment(at: sndUna, octets: octets, fin: finSent && octets == text)
        }
        guard unsent > 0 else { return nil }
        unsent -= 1
        sndNxt = sndNxt + 1
        probing = true
        return dataSegment(at: sndUna, octets: 1, fin: false)
    }
}
