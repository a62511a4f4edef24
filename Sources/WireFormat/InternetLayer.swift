// IPv4 (RFC 791) and IPv6 (RFC 8200) headers.

import TCPStateMachine

/// Protocol numbers, which are also IPv6's next header numbers (IANA).
@usableFromInline
enum InternetProtocol {
    static let hopByHopOptions: UInt8 = 0
    static let icmp: UInt8 = 1
    /// IPv4 as what a packet carries.
    static let ipv4: UInt8 = 4
    @inlinable static var tcp: UInt8 { 6 }
    static let udp: UInt8 = 17
    /// IPv6 as what a packet carries.
    static let ipv6: UInt8 = 41
    static let routing: UInt8 = 43
    static let fragment: UInt8 = 44
    static let gre: UInt8 = 47
    static let authenticationHeader: UInt8 = 51
    static let icmpv6: UInt8 = 58
    static let destinationOptions: UInt8 = 60
    static let mobility: UInt8 = 135
}

/// The IPv4 header at `start` and what it carries.
@inline(__always)
func decodeIPv4(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    let header = bytes.extracting(droppingFirst: start)
    guard header.count >= 20 else { return frame.missing(until: start + 20) }
    // Version 4, and a header of at least five words of four octets.
    let versionAndLength = header[0]
    guard versionAndLength >= 0x45, versionAndLength <= 0x4F else { return .skipped(.malformed) }
    let headerLength = Int(versionAndLength & 0x0F) * 4
    // Segmentation offload hands the capture packets whose total length is not filled in yet, or does not fit.
    let statedLength = Int(header.uint16(at: 2))
    let totalLength = statedLength != 0 ? statedLength : frame.octets(from: start)
    guard totalLength >= headerLength else { return .skipped(.malformed) }
    let protocolNumber = header[9]
    // More fragments, or a fragment offset that is not zero; the bit before them is "don't fragment".
    let isFragment = header.uint16(at: 6) & 0x3FFF != 0
    switch protocolNumber {
    case InternetProtocol.tcp:
        guard !isFragment else { return fragment(at: start, in: &captured) }
        captured.pair.source = Address(ipv4: header.uint32(at: 12))
        captured.pair.destination = Address(ipv4: header.uint32(at: 16))
        captured.pair.family = .ipv4
        captured.identification = header.uint16(at: 4)
        captured.timeToLive = header[8]
        if captured.examination != .nothing {
            examineInternetHeader(
                bytes, at: start, headerLength: headerLength, statedLength: statedLength, isIPv4: true, frame,
                into: &captured)
        }
        return decodeTCP(
            bytes, at: start + headerLength, segmentLength: totalLength - headerLength, frame, into: &captured)
    case InternetProtocol.icmp:
        guard !isFragment else { return .skipped(.notTCP) }
        return decodeICMP(
            bytes, at: start + headerLength, messageLength: totalLength - headerLength, frame, into: &captured)
    default:
        if isFragment {
            return mayCarryTCP(protocolNumber) ? fragment(at: start, in: &captured) : .skipped(.notTCP)
        }
        return decodeTunnel(
            protocolNumber, in: .ipv4, timeToLive: header[8], bytes, start + headerLength..<start + totalLength, frame,
            into: &captured)
    }
}

/// `decodeIPv4` for where it stands in something that may itself be in IPv4: not compiled into its caller.
@inline(never)
func decodeInnerIPv4(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    decodeIPv4(bytes, at: start, frame, into: &captured)
}

/// A fragment; the IP header, whose offset is told, says of which packet.
private func fragment(at start: Int, in captured: inout CapturedSegment) -> DecodeStep {
    captured.segment.payloadLength = UInt32(truncatingIfNeeded: start)
    return .fragment
}

/// The IPv6 header at `start` and what it carries.
func decodeIPv6(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    let header = bytes.extracting(droppingFirst: start)
    guard header.count >= 40 else { return frame.missing(until: start + 40) }
    guard header[0] >> 4 == 6 else { return .skipped(.malformed) }
    // Zero means a jumbogram (RFC 2675), or segmentation offload: the frame knows.
    let statedLength = Int(header.uint16(at: 4))
    let end = start + (statedLength != 0 ? 40 + statedLength : frame.octets(from: start))
    // The common case first: nothing to walk.
    let chain =
        header[6] == InternetProtocol.tcp
        ? .upperLayer(InternetProtocol.tcp, start + 40)
        : skipExtensionHeaders(bytes, at: start + 40, nextHeader: header[6])
    switch chain {
    case .upperLayer(InternetProtocol.tcp, let offset):
        guard offset <= end else { return .skipped(.malformed) }
        captured.pair.source = Address(high: header.uint64(at: 8), low: header.uint64(at: 16))
        captured.pair.destination = Address(high: header.uint64(at: 24), low: header.uint64(at: 32))
        captured.pair.family = .ipv6
        captured.identification = 0
        captured.hasIdentification = false
        captured.timeToLive = header[7]
        if captured.examination != .nothing {
            examineInternetHeader(
                bytes, at: start, headerLength: 40, statedLength: statedLength != 0 ? 40 + statedLength : 0,
                isIPv4: false, frame, into: &captured)
        }
        return decodeTCP(bytes, at: offset, segmentLength: end - offset, frame, into: &captured)
    case .upperLayer(InternetProtocol.icmpv6, let offset):
        guard offset <= end else { return .skipped(.malformed) }
        return decodeICMPv6(bytes, at: offset, messageLength: end - offset, frame, into: &captured)
    case .upperLayer(let protocolNumber, let offset):
        guard offset <= end else { return .skipped(.malformed) }
        return decodeTunnel(
            protocolNumber, in: .ipv6, timeToLive: header[7], bytes, offset..<end, frame, into: &captured)
    case .fragment(let header):
        return mayCarryTCP(header.nextHeader) ? fragment(at: start, in: &captured) : .skipped(.notTCP)
    case .missing(let until): return frame.missing(until: until)
    case .tooMany: return .skipped(.malformed)
    }
}

/// Whether TCP may stand in or behind what a fragmented packet carries.
private func mayCarryTCP(_ protocolNumber: UInt8) -> Bool {
    switch protocolNumber {
    case InternetProtocol.tcp, InternetProtocol.destinationOptions, InternetProtocol.authenticationHeader,
        InternetProtocol.ipv4, InternetProtocol.ipv6, InternetProtocol.gre, InternetProtocol.udp: true
    default: false
    }
}

/// Where a chain of IPv6 extension headers leads.
enum ExtensionHeaders: BitwiseCopyable {
    /// A header that is not an extension, by its number, and its offset, which may lie beyond the captured octets.
    case upperLayer(UInt8, Int)
    /// A fragment.
    case fragment(FragmentHeader)
    /// The capture does not reach to the end of an extension header.
    case missing(until: Int)
    /// More than anyone sends.
    case tooMany
}

/// IPv6's fragment header (RFC 8200 section 4.5).
struct FragmentHeader: BitwiseCopyable {
    /// What the fragmentable part begins with.
    let nextHeader: UInt8
    /// The offset in octets, whose last three bits are others; the last one says that more follow.
    let field: UInt16
    let identification: UInt32
    /// Where the fragment itself begins.
    let end: Int
}

/// More extension headers than RFC 8200 section 4.1 recommends ever to send; the bound keeps a hostile chain short.
private let mostExtensionHeaders = 12

/// Walks IPv6 extension headers (RFC 8200 section 4) from `start` on.
@inline(never)
func skipExtensionHeaders(_ bytes: Span<UInt8>, at start: Int, nextHeader first: UInt8) -> ExtensionHeaders {
    var nextHeader = first
    var offset = start
    for _ in 0..<mostExtensionHeaders {
        let octets: (unit: Int, extra: Int)
        switch nextHeader {
        case InternetProtocol.hopByHopOptions, InternetProtocol.routing, InternetProtocol.destinationOptions,
            InternetProtocol.mobility:
            octets = (8, 8)
        case InternetProtocol.fragment:
            guard bytes.count >= offset + 8 else { return .missing(until: offset + 8) }
            // An offset or "more fragments"; with neither it is a whole packet, an atomic fragment (RFC 6946).
            guard bytes.uint16(at: offset + 2) & 0xFFF9 == 0 else {
                return .fragment(
                    FragmentHeader(
                        nextHeader: bytes[offset], field: bytes.uint16(at: offset + 2),
                        identification: bytes.uint32(at: offset + 4), end: offset + 8))
            }
            // Its second octet is reserved, not a length.
            nextHeader = bytes[offset]
            offset += 8
            continue
        // Counted in units of four octets, less two of them (RFC 4302 section 2.2).
        case InternetProtocol.authenticationHeader: octets = (4, 8)
        default: return .upperLayer(nextHeader, offset)
        }
        guard bytes.count >= offset + 2 else { return .missing(until: offset + 2) }
        nextHeader = bytes[offset]
        offset += Int(bytes[offset + 1]) * octets.unit + octets.extra
    }
    return .tooMany
}
