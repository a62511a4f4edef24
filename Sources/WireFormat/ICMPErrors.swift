import TCPStateMachine

/// The types of ICMP error messages (RFC 792).
private enum ICMPType {
    static let destinationUnreachable: UInt8 = 3
    static let sourceQuench: UInt8 = 4
    static let timeExceeded: UInt8 = 11
    static let parameterProblem: UInt8 = 12
}

/// The types of ICMPv6 error messages (RFC 4443 section 2.1).
private enum ICMPv6Type {
    static let destinationUnreachable: UInt8 = 1
    static let packetTooBig: UInt8 = 2
    static let timeExceeded: UInt8 = 3
    static let parameterProblem: UInt8 = 4
}

/// An ICMP message at `start`: type 1, code 1, checksum 2, rest 4, then the header of the packet it is about and at
/// least eight octets of what that packet carried (RFC 792), which is enough for ports and sequence number.
@inline(never)
func decodeICMP(
    _ bytes: Span<UInt8>, at start: Int, messageLength: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard messageLength >= 8 else { return .skipped(.malformed) }
    guard bytes.count >= start + 2 else { return frame.missing(until: start + 2) }
    let type = bytes[start]
    let code = bytes[start + 1]
    switch type {
    case ICMPType.destinationUnreachable, ICMPType.sourceQuench, ICMPType.timeExceeded, ICMPType.parameterProblem:
        break
    default: return .skipped(.notTCP)
    }
    let quoted = start + 8
    let end = start + messageLength
    guard quoted + 20 <= end else { return .skipped(.malformed) }
    guard bytes.count >= quoted + 20 else { return frame.missing(until: quoted + 20) }
    let headerLength = Int(bytes[quoted] & 0x0F) * 4
    guard bytes[quoted] >> 4 == 4, headerLength >= 20 else { return .skipped(.malformed) }
    guard bytes[quoted + 9] == InternetProtocol.tcp else { return .skipped(.notTCP) }
    // Only the first fragment holds the ports. The quoted total length is not asked: some hosts quote it swapped.
    guard bytes.uint16(at: quoted + 6) & 0x1FFF == 0 else { return .skipped(.fragment) }
    captured.pair.source = Address(ipv4: bytes.uint32(at: quoted + 12))
    captured.pair.destination = Address(ipv4: bytes.uint32(at: quoted + 16))
    captured.pair.family = .ipv4
    let isHard = type == ICMPType.destinationUnreachable && isHardUnreachable(code)
    return decodeQuotedTCP(bytes, at: quoted + headerLength, messageEnd: end, frame, into: &captured)
        ?? .icmpError(type: type, code: code, isHard: isHard)
}

/// An ICMPv6 message at `start`: type 1, code 1, checksum 2, rest 4, then as much of the packet as fits (RFC 4443).
@inline(never)
func decodeICMPv6(
    _ bytes: Span<UInt8>, at start: Int, messageLength: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard messageLength >= 8 else { return .skipped(.malformed) }
    guard bytes.count >= start + 2 else { return frame.missing(until: start + 2) }
    let type = bytes[start]
    let code = bytes[start + 1]
    switch type {
    case ICMPv6Type.destinationUnreachable, ICMPv6Type.packetTooBig, ICMPv6Type.timeExceeded,
        ICMPv6Type.parameterProblem:
        break
    default: return .skipped(.notTCP)
    }
    let quoted = start + 8
    let end = start + messageLength
    guard quoted + 40 <= end else { return .skipped(.malformed) }
    guard bytes.count >= quoted + 40 else { return frame.missing(until: quoted + 40) }
    guard bytes[quoted] >> 4 == 6 else { return .skipped(.malformed) }
    switch skipExtensionHeaders(bytes, at: quoted + 40, nextHeader: bytes[quoted + 6]) {
    case .upperLayer(InternetProtocol.tcp, let offset):
        captured.pair.source = Address(high: bytes.uint64(at: quoted + 8), low: bytes.uint64(at: quoted + 16))
        captured.pair.destination = Address(high: bytes.uint64(at: quoted + 24), low: bytes.uint64(at: quoted + 32))
        captured.pair.family = .ipv6
        let isHard = type == ICMPv6Type.destinationUnreachable && isHardUnreachableV6(code)
        return decodeQuotedTCP(bytes, at: offset, messageEnd: end, frame, into: &captured)
            ?? .icmpError(type: type, code: code, isHard: isHard)
    case .upperLayer: return .skipped(.notTCP)
    case .fragment: return .skipped(.fragment)
    case .missing(let until): return until > end ? .skipped(.malformed) : frame.missing(until: until)
    case .tooMany: return .skipped(.malformed)
    }
}

/// The first eight octets of a quoted TCP header, ports and sequence number; what is wrong with them, or nil.
private func decodeQuotedTCP(
    _ bytes: Span<UInt8>, at start: Int, messageEnd: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep? {
    guard start + 8 <= messageEnd else { return .skipped(.malformed) }
    guard bytes.count >= start + 8 else { return frame.missing(until: start + 8) }
    captured.pair.sourcePort = bytes.uint16(at: start)
    captured.pair.destinationPort = bytes.uint16(at: start + 2)
    captured.segment.sequenceNumber = SequenceNumber(bytes.uint32(at: start + 4))
    return nil
}

/// Protocol (2) and port (3) unreachable are hard (RFC 1122 section 4.2.3.9). So is fragmentation needed (4) by the
/// letter, but path MTU discovery (RFC 1191) made it the everyday message that asks for smaller segments.
private func isHardUnreachable(_ code: UInt8) -> Bool {
    code == 2 || code == 3
}

/// Administratively prohibited (1) and port unreachable (4). RFC 9293 section 3.9.2.2 calls 0 and 3 soft and is silent
/// about the rest; these two are what Linux takes as fatal (icmpv6_err_convert) and RFC 4443 section 3.1 has.
private func isHardUnreachableV6(_ code: UInt8) -> Bool {
    code == 1 || code == 4
}
