// The headers before the Internet header, one function for each link type.
// Formats: https://www.tcpdump.org/linktypes.html.

/// EtherType numbers (IEEE 802 Numbers, IANA).
@usableFromInline
enum EtherType {
    @inlinable static var ipv4: UInt16 { 0x0800 }
    static let ipv6: UInt16 = 0x86DD
    /// 802.1Q: the tag protocol identifier of a customer's tag.
    static let customerTag: UInt16 = 0x8100
    /// 802.1ad: that of a provider's tag.
    static let serviceTag: UInt16 = 0x88A8
    /// What switches used for the outer tag before 802.1ad.
    static let oldServiceTag: UInt16 = 0x9100
    /// A whole Ethernet frame, as in GRE and Geneve: "Transparent Ethernet Bridging" (RFC 1701).
    static let ethernet: UInt16 = 0x6558
    static let mplsUnicast: UInt16 = 0x8847
    static let mplsMulticast: UInt16 = 0x8848
    static let pppoeSession: UInt16 = 0x8864
    /// PPP in the GRE of PPTP (RFC 2637).
    static let ppp: UInt16 = 0x880B
    /// ERSPAN, versions I and II.
    static let erspan: UInt16 = 0x88BE
    static let erspan3: UInt16 = 0x22EB
    /// What is below is a length, and LLC stands behind it (IEEE 802.3 section 3.2.6). Linux's cooked captures use the
    /// range too: 4 stands for LLC (linux/if_ether.h).
    static let least: UInt16 = 0x0600
}

/// More tags than any network stacks; the bound keeps a hostile frame from being nothing but tags.
private let mostTags = 4

/// Ethernet: destination 6, source 6, EtherType 2.
@inline(__always)
func decodeEthernet(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 14 else { return frame.missing(until: 14) }
    let type = bytes.uint16(at: 12)
    // The common case first, so that the offsets below it are constants.
    if type == EtherType.ipv4 { return decodeIPv4(bytes, at: 14, frame, into: &captured) }
    return decodeEtherType(type, bytes, at: 14, frame, into: &captured)
}

/// What stands behind an EtherType, 802.1Q tags included: tag control information 2, EtherType 2.
@inline(never)
func decodeEtherType(
    _ first: UInt16, _ bytes: Span<UInt8>, at firstOffset: Int, _ frame: FrameLength,
    into captured: inout CapturedSegment
) -> DecodeStep {
    var type = first
    var offset = firstOffset
    for _ in 0...mostTags {
        switch type {
        case EtherType.ipv4: return decodeIPv4(bytes, at: offset, frame, into: &captured)
        case EtherType.ipv6: return decodeIPv6(bytes, at: offset, frame, into: &captured)
        case EtherType.customerTag, EtherType.serviceTag, EtherType.oldServiceTag:
            guard bytes.count >= offset + 4 else { return frame.missing(until: offset + 4) }
            // Three bits of priority and one of drop eligibility stand before the identifier.
            captured.virtualLAN = bytes.uint16(at: offset) & 0x0FFF
            type = bytes.uint16(at: offset + 2)
            offset += 4
        case EtherType.mplsUnicast, EtherType.mplsMulticast:
            return decodeMPLS(bytes, at: offset, frame, into: &captured)
        case EtherType.pppoeSession: return decodePPPoE(bytes, at: offset, frame, into: &captured)
        case ..<EtherType.least: return decodeLLC(bytes, at: offset, frame, into: &captured)
        default: return .skipped(.notIP)
        }
    }
    return .skipped(.notIP)
}

/// Logical link control with a SNAP header (IEEE 802.2, RFC 1042): AA AA 03, organization 3, EtherType 2.
func decodeLLC(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard let inside = frame.inside() else { return .skipped(.nestedTooDeep) }
    guard bytes.count >= start + 8 else { return frame.missing(until: start + 8) }
    // The organization: an EtherType follows (0), or the one of bridged networks (0000F8, IEEE 802.1H).
    let head = bytes.uint64(at: start) >> 16
    guard head == 0xAAAA_0300_0000 || head == 0xAAAA_0300_00F8 else { return .skipped(.notIP) }
    return decodeEtherType(bytes.uint16(at: start + 6), bytes, at: start + 8, inside, into: &captured)
}

/// An Ethernet frame inside of something.
func decodeInnerEthernet(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 14 else { return frame.missing(until: start + 14) }
    return decodeEtherType(bytes.uint16(at: start + 12), bytes, at: start + 14, frame, into: &captured)
}

/// LINUX_SLL: packet type 2, ARPHRD type 2, address length 2, address 8, protocol 2.
func decodeLinuxCooked(
    _ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= 16 else { return frame.missing(until: 16) }
    captured.direction = direction(ofPacketType: bytes.uint16(at: 0))
    return decodeEtherType(bytes.uint16(at: 14), bytes, at: 16, frame, into: &captured)
}

/// LINUX_SLL2: protocol 2, reserved 2, interface index 4, ARPHRD type 2, packet type 1, address length 1, address 8.
func decodeLinuxCooked2(
    _ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= 20 else { return frame.missing(until: 20) }
    // Indexes count up from 1; one above 65535 would collide with another, which costs no more than a missed copy.
    captured.interface = UInt16(truncatingIfNeeded: bytes.uint32(at: 4))
    captured.direction = direction(ofPacketType: UInt16(bytes[10]))
    return decodeEtherType(bytes.uint16(at: 0), bytes, at: 20, frame, into: &captured)
}

/// NULL and LOOP: address family 4. The capturing machine's order is not recorded for NULL, but no family is above
/// 255, so a value with its high half set was written in the other order.
func decodeNull(
    _ bytes: Span<UInt8>, _ frame: FrameLength, isNetworkOrder: Bool, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= 4 else { return frame.missing(until: 4) }
    var family = bytes.uint32(at: 0)
    if !isNetworkOrder, family > 0xFFFF { family = family.byteSwapped }
    switch family {
    case 2: return decodeInnerIPv4(bytes, at: 4, frame, into: &captured)
    // AF_INET6 has a number of its own on Linux (10), NetBSD and OpenBSD (24), FreeBSD (28) and macOS (30).
    case 10, 24, 28, 30: return decodeIPv6(bytes, at: 4, frame, into: &captured)
    default: return .skipped(.notIP)
    }
}

/// An Internet header whose first four bits say its version.
func decodeInternet(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count > start else { return frame.missing(until: start + 1) }
    switch bytes[start] >> 4 {
    case 4: return decodeInnerIPv4(bytes, at: start, frame, into: &captured)
    case 6: return decodeIPv6(bytes, at: start, frame, into: &captured)
    default: return .skipped(.notIP)
    }
}

/// PFLOG: the header's length 1, which is filled up to a multiple of four, address family 1, and what was done with the
/// packet.
func decodePacketFilterLog(
    _ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= 2 else { return frame.missing(until: 2) }
    let start = (Int(bytes[0]) + 3) & ~3
    guard start > 2 else { return .skipped(.malformed) }
    switch bytes[1] {
    case 2: return decodeInnerIPv4(bytes, at: start, frame, into: &captured)
    case 24, 28, 30: return decodeIPv6(bytes, at: start, frame, into: &captured)
    default: return .skipped(.notIP)
    }
}

/// Linux's packet types (linux/if_packet.h): 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us.
private func direction(ofPacketType type: UInt16) -> Direction {
    switch type {
    case 0: .received
    case 4: .sent
    default: .unknown
    }
}
