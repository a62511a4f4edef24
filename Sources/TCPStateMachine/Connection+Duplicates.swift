/// What arrives twice tells of the network: the receiver reports it (D-SACK, RFC 2883), the sender counts duplicate
/// ACKs and does not wait for its timer (fast retransmit, RFC 5681 section 3.2).
extension Connection {
    /// Keeps which of the segment's octets have arrived before, for the next ACK: those below RCV.NXT, or all of them
    /// if they lie within what waits beyond a hole (RFC 2883 section 4).
    mutating func noteDuplicate(_ segment: Segment) {
        guard parameters.reportsDuplicates, sackInUse, segment.payloadLength > 0, !segment.hasRst else { return }
        let (start, end) = (segment.payloadStart, segment.payloadStart + segment.payloadLength)
        if start.isBefore(rcvNxt) {
            duplicate = SackBlock(left: start, right: end.isAfter(rcvNxt) ? rcvNxt : end)
        } else if reassembly.holds(rcvNxt.distanceUp(to: start), rcvNxt.distanceUp(to: end)) {
            duplicate = SackBlock(left: start, right: end)
        }
    }

    /// The third duplicate ACK in a row: what it waits for is lost, most likely.
    mutating func countDuplicateAck(_ segment: Segment, _ reaction: inout Reaction) {
        guard parameters.retransmitsFast, isDuplicateAck(segment) else { return }
        duplicateAcks = duplicateAcks == .max ? .max : duplicateAcks + 1
        guard duplicateAcks == 3, let front = frontOfQueue() else { return }
        reaction.segments.append(front)
        start(.retransmission, &reaction)
    }

    /// RFC 5681 section 2: (a) something is outstanding, (b) no text, (c) neither SYN nor FIN, (d) the highest ACK
    /// again, (e) the same window.
    private func isDuplicateAck(_ segment: Segment) -> Bool {
        inFlight > 0 && segment.length == 0 && segment.acknowledgmentNumber == sndUna
            && UInt32(segment.window) << UInt32(sendShift) == sndWnd
    }
}

extension SequenceNumber {
    /// How far `other` lies behind this number.
    fileprivate func distanceUp(to other: SequenceNumber) -> UInt32 {
        other.rawValue &- rawValue
    }
}
