import TCPStateMachine

/// The TCP header at `start` (RFC 9293 section 3.1).
///
/// - Parameter segmentLength: octets of header and text by the IP header; not negative.
@inline(__always)
func decodeTCP(
    _ bytes: Span<UInt8>, at start: Int, segmentLength: Int, _ frame: FrameLength,
    into captured: inout CapturedSegment
) -> DecodeOutcome {
    guard segmentLength >= 20 else { return .skipped(.malformed) }
    // With the flags, which are the fourteenth octet, a segment says something; without them it does not.
    guard bytes.count >= start + 20 else {
        guard bytes.count >= start + 14 else { return frame.missing(until: start + 14) }
        return decodeCutTCP(bytes, at: start, segmentLength: segmentLength, into: &captured)
    }
    let headerLength = Int(bytes[start + 12] >> 4) * 4
    guard headerLength >= 20, headerLength <= segmentLength else { return .skipped(.malformed) }
    decodePortsAndNumbers(bytes, at: start, into: &captured)
    captured.segment.window = bytes.uint16(at: start + 14)
    captured.segment.payloadLength = payloadLength(segmentLength - headerLength)
    captured.segment.options = SegmentOptions()
    captured.isHeaderCut = bytes.count < start + headerLength
    if headerLength > 20 {
        let end = min(start + headerLength, bytes.count)
        decodeOptions(bytes, from: start + 20, to: end, into: &captured.segment.options)
        if captured.isHeaderCut { captured.segment.options.present.insert(.incomplete) }
    }
    return .segment
}

/// A header of which the capture holds 14 ... 19 octets. A window that was cut away is read as the largest one: it
/// refuses nothing, and nobody takes it for a closed window.
private func decodeCutTCP(
    _ bytes: Span<UInt8>, at start: Int, segmentLength: Int, into captured: inout CapturedSegment
) -> DecodeOutcome {
    let headerLength = Int(bytes[start + 12] >> 4) * 4
    guard headerLength >= 20, headerLength <= segmentLength else { return .skipped(.malformed) }
    decodePortsAndNumbers(bytes, at: start, into: &captured)
    captured.segment.window = bytes.count >= start + 16 ? bytes.uint16(at: start + 14) : .max
    captured.segment.payloadLength = payloadLength(segmentLength - headerLength)
    captured.segment.options = SegmentOptions()
    if headerLength > 20 { captured.segment.options.present.insert(.incomplete) }
    captured.isHeaderCut = true
    return .segment
}

@inline(__always)
private func decodePortsAndNumbers(_ bytes: Span<UInt8>, at start: Int, into captured: inout CapturedSegment) {
    captured.pair.sourcePort = bytes.uint16(at: start)
    captured.pair.destinationPort = bytes.uint16(at: start + 2)
    captured.segment.sequenceNumber = SequenceNumber(bytes.uint32(at: start + 4))
    captured.segment.acknowledgmentNumber = SequenceNumber(bytes.uint32(at: start + 8))
    captured.segment.controlBits = ControlBits(rawValue: bytes[start + 13])
}

/// `Segment.payloadLength` leaves room for SYN and FIN.
@inline(__always)
private func payloadLength(_ octets: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: min(octets, Int(UInt32.max) - 3))
}
