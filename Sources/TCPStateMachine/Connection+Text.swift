/// Sixth to eighth step of SEGMENT ARRIVES: URG, text, FIN (RFC 793 p. 73-76).
extension Connection {
    /// Whether the peer may still send: its FIN has not been received.
    private var stillReceives: Bool {
        switch state {
        case .established, .finWait1, .finWait2: true
        case .closed, .listen, .synSent, .synReceived, .closeWait, .closing, .lastAck, .timeWait: false
        }
    }

    /// Sixth step. The urgent pointer is not kept: the user is told once until all that has arrived is read.
    mutating func checkUrgent(_ segment: Segment, _ reaction: inout Reaction) {
        guard stillReceives, segment.controlBits.contains(.urg), !urgentMode else { return }
        urgentMode = true
        reaction.signals.insert(.urgentData)
    }

    /// Seventh and eighth step. In the states behind the peer's FIN text and URG "should not occur [...]. Ignore".
    mutating func processText(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        guard stillReceives else { return processAfterFin(segment, &reaction) }
        if !receiving, profile[.halfDuplexCloseReset], hasNewText(segment) {
            return resetDataAfterClose(segment, &reaction)
        }
        // "Send an acknowledgment" for text (p. 74) and FIN (p. 75); one for a hole is RFC 5681's.
        if segment.payloadLength > 0 || segment.hasFin { reaction.acknowledgmentDue = true }
        let mayWait = isNextText(segment) && lastAckSent == rcvNxt
        hold(segment)
        processQueued(&reaction)
        // "An ACK should be generated for at least every second full-sized segment" (RFC 9293 section 3.8.6.3), and at
        // once for what fills a hole or leaves one (RFC 5681 section 4.2).
        let isWhole = rcvNxt == segment.end
        reaction.acknowledgmentMayWait = parameters.delaysAcknowledgments && mayWait && isWhole
        return nil
    }

    /// Text at RCV.NXT and nothing else, with no hole behind it.
    private func isNextText(_ segment: Segment) -> Bool {
        segment.payloadLength > 0 && segment.payloadStart == rcvNxt && !segment.hasFin && !segment.hasSyn
            && reassembly.rightEdge == 0 && reassembly.finNumber == nil
    }

    /// Behind the peer's FIN: text is ignored, a FIN is acknowledged again, TIME-WAIT starts anew with it (p. 75-76).
    private mutating func processAfterFin(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        if segment.hasFin {
            reaction.acknowledgmentDue = true
            if state == .timeWait { start(.timeWait, &reaction) }
            return nil
        }
        // An ACK that did its work in the fifth step is not ignored, text alone is.
        let idle = reaction.rules.isEmpty && reaction.signals.isEmpty && !reaction.acknowledgmentDue
        return idle && state == .timeWait ? .ignored(.nothingAfterFin, reply: nil) : nil
    }

    /// RFC 1122 section 4.2.2.13: "its TCP SHOULD send a RST to show that data was lost". RFC silent on its number: it
    /// answers a segment, so it is that segment's ACK (RFC 793 p. 36; Linux: corpus/vantage, simclose-data-orphan).
    private mutating func resetDataAfterClose(_ segment: Segment, _ reaction: inout Reaction) -> Outcome? {
        let reset = reset(answering: segment)
        guard move(on: .dataAfterCloseArrives, &reaction) else { return nil }
        reaction.segments.append(reset)
        reaction.signals.insert(.connectionReset)
        deleteTCB(&reaction)
        return .accepted(reaction)
    }

    /// Where the text lies, as distances from RCV.NXT; wide numbers, because a hostile length may reach round the
    /// circle.
    private func textRange(_ segment: Segment) -> (start: Int64, end: Int64) {
        let start = Int64(rcvNxt.distance(to: segment.payloadStart))
        return (start, start + Int64(segment.payloadLength))
    }

    private func hasNewText(_ segment: Segment) -> Bool {
        segment.payloadLength > 0 && textRange(segment).end > 0
    }

    /// Keeps the part of the segment that lies inside the window: text by its range, the FIN by its number.
    mutating func hold(_ segment: Segment) {
        let window = rcvWnd
        let (start, end) = textRange(segment)
        let (first, last) = (max(start, 0), min(end, Int64(window)))
        if first < last {
            reassembly.insert(UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: last))
        }
        guard segment.hasFin, reassembly.finNumber == nil else { return }
        let finInWindow = end >= 0 && (end < Int64(window) || profile[.finBeyondWindowAccepted] && end == Int64(window))
        if finInWindow { reassembly.finNumber = segment.finNumber }
    }

    /// Takes what now lies at RCV.NXT: text to the user, then the FIN.
    mutating func processQueued(_ reaction: inout Reaction) {
        guard stillReceives else { return }
        takeText(&reaction)
        if let finNumber = reassembly.finNumber, finNumber == rcvNxt { takeFin(&reaction) }
    }

    mutating func takeText(_ reaction: inout Reaction) {
        let octets = textBeforeFin(reassembly.advance())
        guard octets > 0 else { return }
        reaction.acknowledgmentDue = true
        rcvNxt = rcvNxt + octets
        deliver(octets, &reaction)
    }

    /// Text behind a FIN that is already known does not exist.
    private func textBeforeFin(_ octets: UInt32) -> UInt32 {
        guard let finNumber = reassembly.finNumber else { return octets }
        return min(octets, finNumber.rawValue &- rcvNxt.rawValue)
    }

    private mutating func deliver(_ octets: UInt32, _ reaction: inout Reaction) {
        // After a CLOSE without further receiving nobody takes it: acknowledged, and gone.
        guard receiving else { return }
        let taken = min(octets, awaited)
        awaited -= taken
        unread = unread &+ (octets &- taken)
        reaction.delivered = reaction.delivered &+ taken
    }

    /// Eighth step: "signal the user connection closing and return any pending RECEIVEs with same message, advance
    /// RCV.NXT over the FIN, and send an acknowledgment for the FIN" (p. 75).
    private mutating func takeFin(_ reaction: inout Reaction) {
        guard move(on: .finArrives, &reaction) else { return }
        rcvNxt = rcvNxt + 1
        reassembly = Reassembly()
        awaited = 0
        reaction.signals.insert(.connectionClosing)
        reaction.acknowledgmentDue = true
        if state == .timeWait { enterTimeWait(&reaction) }
    }
}
