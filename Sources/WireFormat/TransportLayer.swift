import TCPStateMachine

/// The TCP header at `start` (RFC 9293 section 3.1).
///
/// - Parameter segmentLength: octets of header and text by the IP header; 0 ..< 2^32 - 3.
@inline(__always)
func decodeTCP(
    _ bytes: Span<UInt8>, at start: Int, segmentLength: Int, _ frame: FrameLength,
    into captured: inout CapturedSegment
) -> DecodeStep {
    guard segmentLength >= 20 else { return .skipped(.malformed) }
    // A span from the header on: offsets in it are constants, which the length check below covers all at once.
    let header = bytes.extracting(droppingFirst: start)
    guard header.count >= 20 else {
        // With the flags, which are the fourteenth octet, a segment says something; without them it does not.
        guard header.count >= 14 else { return frame.missing(until: start + 14) }
        return decodeCutTCP(header, segmentLength: segmentLength, into: &captured)
    }
    let headerLength = Int(header[12] >> 4) * 4
    guard headerLength >= 20, headerLength <= segmentLength else { return .skipped(.malformed) }
    decodePortsAndNumbers(header, into: &captured)
    captured.segment.window = header.uint16(at: 14)
    captured.segment.payloadLength = UInt32(truncatingIfNeeded: segmentLength - headerLength)
    clear(&captured.segment.options)
    if captured.examination != .nothing {
        examineSegment(
            bytes, at: start, headerLength: headerLength, segmentLength: segmentLength, into: &captured)
    }
    guard headerLength > 20 else { return .segment }
    return decodeOptions(bytes, from: start + 20, to: start + headerLength, into: &captured)
}

/// A header of which the capture holds 14 ... 19 octets. A window that was cut away is read as the largest one: it
/// refuses nothing, and nobody takes it for a closed window.
@inline(never)
private func decodeCutTCP(
    _ header: Span<UInt8>, segmentLength: Int, into captured: inout CapturedSegment
) -> DecodeStep {
    let headerLength = Int(header[12] >> 4) * 4
    guard headerLength >= 20, headerLength <= segmentLength else { return .skipped(.malformed) }
    decodePortsAndNumbers(header, into: &captured)
    captured.segment.window = header.count >= 16 ? header.uint16(at: 14) : .max
    captured.segment.payloadLength = UInt32(truncatingIfNeeded: segmentLength - headerLength)
    clear(&captured.segment.options)
    if headerLength > 20 { captured.segment.options.present.insert(.incomplete) }
    captured.isHeaderCut = true
    return .segment
}

@inline(__always)
private func decodePortsAndNumbers(_ header: Span<UInt8>, into captured: inout CapturedSegment) {
    captured.pair.sourcePort = header.uint16(at: 0)
    captured.pair.destinationPort = header.uint16(at: 2)
    captured.segment.sequenceNumber = SequenceNumber(header.uint32(at: 4))
    captured.segment.acknowledgmentNumber = SequenceNumber(header.uint32(at: 8))
    captured.segment.controlBits = ControlBits(rawValue: header[13])
}

/// The same as `SegmentOptions()`, whose default values are a call into the other module.
@inline(__always)
private func clear(_ options: inout SegmentOptions) {
    let noBlock = SackBlock(left: SequenceNumber(0), right: SequenceNumber(0))
    options.present = SegmentOptions.Kinds(rawValue: 0)
    options.maximumSegmentSize = 0
    options.windowScale = 0
    options.sackBlockCount = 0
    options.timestampValue = 0
    options.timestampEcho = 0
    options.sackBlock0 = noBlock
    options.sackBlock1 = noBlock
    options.sackBlock2 = noBlock
    options.sackBlock3 = noBlock
}
