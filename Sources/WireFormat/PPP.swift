/// PPP's protocol numbers (IANA, "PPP DLL Protocol Numbers"). TCP with compressed headers (002D, 002F) is not among
/// them: what it leaves out stood in earlier packets.
enum PPPProtocol {
    static let ipv4: UInt16 = 0x0021
    static let ipv6: UInt16 = 0x0057
    static let mplsUnicast: UInt16 = 0x0281
    static let mplsMulticast: UInt16 = 0x0283
    /// Encrypted by the Encryption Control Protocol's choice (RFC 1968).
    static let encrypted: UInt16 = 0x0053
}

/// A PPP packet (RFC 1661 section 2): protocol 2, or 1 where the peers agreed on that; then what it says.
func decodePPP(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count > start else { return frame.missing(until: start + 1) }
    // The last octet of a protocol's number is odd, the one before it is even: an odd one is the whole number.
    let isCompressed = bytes[start] & 1 == 1
    let offset = start + (isCompressed ? 1 : 2)
    guard bytes.count >= offset else { return frame.missing(until: offset) }
    switch isCompressed ? UInt16(bytes[start]) : bytes.uint16(at: start) {
    case PPPProtocol.ipv4: return decodeInnerIPv4(bytes, at: offset, frame, into: &captured)
    case PPPProtocol.ipv6: return decodeIPv6(bytes, at: offset, frame, into: &captured)
    case PPPProtocol.mplsUnicast, PPPProtocol.mplsMulticast:
        return decodeMPLS(bytes, at: offset, frame, into: &captured)
    case PPPProtocol.encrypted: return .skipped(.encrypted)
    default: return .skipped(.notIP)
    }
}

/// PPP at `start` with the address and control octets of HDLC, FF 03, or without them where the peers agreed on that
/// (RFC 1662 section 3.1). FF begins no protocol number.
func decodeFramedPPP(
    _ bytes: Span<UInt8>, at start: Int = 0, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 2 else { return frame.missing(until: start + 2) }
    let isFramed = bytes[start] == 0xFF && bytes[start + 1] == 0x03
    return decodePPP(bytes, at: isFramed ? start + 2 : start, frame, into: &captured)
}

/// PPP_SERIAL: Cisco's addresses, 0F for one station and 8F for all, tell its HDLC from PPP.
func decodeSerialPPP(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 4 else { return frame.missing(until: 4) }
    switch bytes[0] {
    case 0x0F, 0x8F: return decodeCiscoHDLC(bytes, frame, into: &captured)
    default: return decodeFramedPPP(bytes, frame, into: &captured)
    }
}

/// PPP behind a header of one or two octets, the first of which is 0 for what was received.
func decodePPP(
    _ bytes: Span<UInt8>, withDirection headerLength: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count > headerLength else { return frame.missing(until: headerLength + 1) }
    captured.direction = bytes[0] == 0 ? .received : .sent
    return decodeFramedPPP(bytes, at: headerLength, frame, into: &captured)
}

/// C_HDLC: address 1, control 1, EtherType 2.
func decodeCiscoHDLC(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 4 else { return frame.missing(until: 4) }
    return decodeEtherType(bytes.uint16(at: 2), bytes, at: 4, frame, into: &captured)
}

/// PPPoE (RFC 2516 section 4): version and type 1, code 1, session 2, length 2, then a PPP packet.
@inline(never)
func decodePPPoE(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 6 else { return frame.missing(until: start + 6) }
    guard bytes[start] == 0x11 else { return .skipped(.malformed) }
    // Any other code belongs to discovery.
    guard bytes[start + 1] == 0 else { return .skipped(.notIP) }
    // Segmentation offload leaves the length to the network interface, as it does with IP's.
    let length = Int(bytes.uint16(at: start + 4))
    let end = length == 0 ? frame.original : start + 6 + length
    guard let inside = frame.inside(until: end) else { return .skipped(.nestedTooDeep) }
    return decodePPP(bytes.extracting(first: end), at: start + 6, inside, into: &captured)
}
