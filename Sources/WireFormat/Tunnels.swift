// Packets in packets. The lengths of what is inside are those of its own Internet header.

/// UDP destination ports of tunnels.
private enum TunnelPort {
    static let vxlan: UInt16 = 4789
    /// What Linux used before IANA gave a number, and uses still where no other is asked for.
    static let linuxVXLAN: UInt16 = 8472
    static let geneve: UInt16 = 6081
}

/// Whether UDP to this port is a tunnel.
func isTunnelPort(_ port: UInt16) -> Bool {
    switch port {
    case TunnelPort.vxlan, TunnelPort.linuxVXLAN, TunnelPort.geneve: true
    default: false
    }
}

/// What a packet carries that is neither TCP nor ICMP.
///
/// - Parameters:
///   - timeToLive: of the packet around it.
///   - range: where it stands in the frame, by the header of the packet around it.
@inline(never)
func decodeTunnel(
    _ protocolNumber: UInt8, in family: AddressFamily, timeToLive: UInt8, _ bytes: Span<UInt8>, _ range: Range<Int>,
    _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard let inside = frame.inside(until: range.upperBound) else { return .skipped(.nestedTooDeep) }
    captured.outerTimeToLive &+= timeToLive
    // What follows the packet in the frame is not in it.
    let bytes = bytes.extracting(first: range.upperBound)
    let start = range.lowerBound
    switch protocolNumber {
    case InternetProtocol.ipv4:
        captured.tunnel = Tunnel(family == .ipv4 ? .ipInIP : .fourInSix)
        return decodeInnerIPv4(bytes, at: start, inside, into: &captured)
    case InternetProtocol.ipv6:
        captured.tunnel = Tunnel(family == .ipv4 ? .sixInFour : .sixInSix)
        return decodeIPv6(bytes, at: start, inside, into: &captured)
    case InternetProtocol.gre: return decodeGRE(bytes, at: start, inside, into: &captured)
    case InternetProtocol.udp: return decodeUDP(bytes, at: start, inside, into: &captured)
    default: return .skipped(.notTCP)
    }
}

/// UDP: source port 2, destination port 2, length 2, checksum 2. Its length says nothing that IP's does not.
private func decodeUDP(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    // Nearly all of UDP is no tunnel: what is cut before its ports is not worth a doubt.
    guard bytes.count >= start + 4 else { return .skipped(.notTCP) }
    switch bytes.uint16(at: start + 2) {
    case TunnelPort.vxlan, TunnelPort.linuxVXLAN: return decodeVXLAN(bytes, at: start + 8, frame, into: &captured)
    case TunnelPort.geneve: return decodeGeneve(bytes, at: start + 8, frame, into: &captured)
    default: return .skipped(.notTCP)
    }
}

/// VXLAN (RFC 7348 section 5): flags 1, reserved 3, network identifier 3, reserved 1; then an Ethernet frame.
private func decodeVXLAN(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 8 else { return frame.missing(until: start + 8) }
    // Without a valid identifier it is something else that uses the port.
    guard bytes[start] & 0x08 != 0 else { return .skipped(.notTCP) }
    captured.tunnel = Tunnel(.vxlan, key: bytes.uint32(at: start + 4) >> 8)
    return decodeInnerEthernet(bytes, at: start + 8, frame, into: &captured)
}

/// Geneve (RFC 8926 section 3.4): version and words of options 1, flags 1, EtherType 2, network identifier 3, reserved
/// 1, options.
private func decodeGeneve(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 8 else { return frame.missing(until: start + 8) }
    guard bytes[start] >> 6 == 0 else { return .skipped(.notTCP) }
    let offset = start + 8 + Int(bytes[start] & 0x3F) * 4
    captured.tunnel = Tunnel(.geneve, key: bytes.uint32(at: start + 4) >> 8)
    return decodeCarried(bytes.uint16(at: start + 2), bytes, at: offset, frame, into: &captured)
}

/// A payload by its EtherType, which may be a whole Ethernet frame.
private func decodeCarried(
    _ type: UInt16, _ bytes: Span<UInt8>, at offset: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    type == EtherType.ethernet
        ? decodeInnerEthernet(bytes, at: offset, frame, into: &captured)
        : decodeEtherType(type, bytes, at: offset, frame, into: &captured)
}

/// The bits of GRE's first two octets (RFC 2784, RFC 2890; version 1: RFC 2637 section 4.1).
private enum GRE {
    static let checksum: UInt16 = 0x8000
    /// RFC 1701's source routes, which RFC 2784 took away again.
    static let routing: UInt16 = 0x4000
    static let key: UInt16 = 0x2000
    static let sequence: UInt16 = 0x1000
    /// Of version 1 only.
    static let acknowledgment: UInt16 = 0x0080
    static let version: UInt16 = 0x0007
}

/// Generic Routing Encapsulation (RFC 2784): flags and version 2, EtherType 2, then what the flags say is there:
/// checksum and reserved 4, key 4, sequence number 4.
private func decodeGRE(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 4 else { return frame.missing(until: start + 4) }
    let flags = bytes.uint16(at: start)
    let type = bytes.uint16(at: start + 2)
    if flags & GRE.version == 1 { return decodePPTP(flags, type, bytes, at: start + 4, frame, into: &captured) }
    guard flags & GRE.version == 0, flags & GRE.routing == 0 else { return .skipped(.notTCP) }
    var offset = start + 4
    if flags & GRE.checksum != 0 { offset += 4 }
    captured.tunnel = Tunnel(.gre)
    if flags & GRE.key != 0 {
        guard bytes.count >= offset + 4 else { return frame.missing(until: offset + 4) }
        captured.tunnel = Tunnel(.gre, key: bytes.uint32(at: offset))
        offset += 4
    }
    let hasSequence = flags & GRE.sequence != 0
    if hasSequence { offset += 4 }
    switch type {
    // Version I has neither sequence numbers nor a header.
    case EtherType.erspan where !hasSequence:
        captured.tunnel = Tunnel(.erspan)
        return decodeInnerEthernet(bytes, at: offset, frame, into: &captured)
    case EtherType.erspan, EtherType.erspan3:
        return decodeERSPAN(bytes, at: offset, frame, into: &captured)
    default: return decodeCarried(type, bytes, at: offset, frame, into: &captured)
    }
}

/// ERSPAN II and III (draft-foschiano-erspan-03 sections 4.2 and 4.3): version 4 bits, VLAN 12, more 6, session 10;
/// then 4 octets, or 8 and as many again where the last bit of them says so.
private func decodeERSPAN(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 12 else { return frame.missing(until: start + 12) }
    captured.tunnel = Tunnel(.erspan, key: UInt32(bytes.uint16(at: start + 2) & 0x03FF))
    switch bytes[start] >> 4 {
    case 1: return decodeInnerEthernet(bytes, at: start + 8, frame, into: &captured)
    case 2:
        let hasMore = bytes[start + 11] & 1 == 1
        return decodeInnerEthernet(bytes, at: start + (hasMore ? 20 : 12), frame, into: &captured)
    default: return .skipped(.notTCP)
    }
}

/// GRE as PPTP changed it: payload length 2, call identifier 2, then sequence number and acknowledgment number.
private func decodePPTP(
    _ flags: UInt16, _ type: UInt16, _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength,
    into captured: inout CapturedSegment
) -> DecodeStep {
    // Without a sequence number it carries nothing but an acknowledgment.
    guard type == EtherType.ppp, flags & GRE.key != 0, flags & GRE.sequence != 0 else { return .skipped(.notTCP) }
    captured.tunnel = Tunnel(.pptp)
    let offset = start + 8 + (flags & GRE.acknowledgment != 0 ? 4 : 0)
    return decodeFramedPPP(bytes, at: offset, frame, into: &captured)
}
