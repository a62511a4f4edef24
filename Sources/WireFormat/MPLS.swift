/// More labels than any network stacks.
private let mostLabels = 16

/// An MPLS label stack (RFC 3032): label 20 bits, traffic class 3, bottom of stack 1, time to live 8; then what the
/// last label stands for, which is not on the wire. As routers do, the first four bits are asked (RFC 4928).
@inline(never)
func decodeMPLS(
    _ bytes: Span<UInt8>, at start: Int, _ frame: FrameLength, into captured: inout CapturedSegment
) -> DecodeStep {
    guard let inside = frame.inside() else { return .skipped(.nestedTooDeep) }
    var offset = start
    for _ in 0..<mostLabels {
        guard bytes.count >= offset + 4 else { return frame.missing(until: offset + 4) }
        let isBottom = bytes[offset + 2] & 1 == 1
        offset += 4
        guard isBottom else { continue }
        guard bytes.count > offset else { return frame.missing(until: offset + 1) }
        switch bytes[offset] >> 4 {
        case 4: return decodeInnerIPv4(bytes, at: offset, inside, into: &captured)
        case 6: return decodeIPv6(bytes, at: offset, inside, into: &captured)
        // A pseudowire's control word (RFC 4385), and behind it the frame (RFC 4448).
        case 0: return decodeInnerEthernet(bytes, at: offset + 4, inside, into: &captured)
        default: return .skipped(.notIP)
        }
    }
    return .skipped(.nestedTooDeep)
}
