/// What the decoder looks into beside what Postel's own inference needs: other tools' labels want it, and it costs
/// time.
public enum Examination: UInt8, Sendable, BitwiseCopyable {
    case nothing
    /// Lengths: `internetLength`, `isTextCut`, and a verdict that leaves checksums alone.
    case lengths
    /// The same, and the checksums of the IPv4 header and of the TCP segment.
    case checksums
}

/// What examining a segment showed.
public enum PacketVerdict: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// Nobody asked.
    case unexamined
    /// Nothing is wrong, as far as was asked and as far as the capture reaches.
    case sound
    /// The IPv4 header has a wrong checksum, or it states no length, or more than the frame had.
    case badInternetHeader
    /// The capture does not hold the whole TCP header.
    case cutHeader
    /// The TCP checksum is wrong. On the host that sent the segment this means nothing: there the network interface
    /// fills it in later (checksum offload).
    case badChecksum
    /// The TCP checksum is only that of the pseudo-header: the sender's host left the rest to the network interface,
    /// and no wire has carried the segment yet (checksum offload).
    case unfinishedChecksum

    /// Whether the TCP checksum is not what it should be, for whatever reason.
    public var isChecksumWrong: Bool {
        switch self {
        case .badChecksum, .unfinishedChecksum: true
        case .unexamined, .sound, .badInternetHeader, .cutHeader: false
        }
    }
}

/// The IP header, from `start` on in the frame.
///
/// - Parameters:
///   - statedLength: octets of header and payload as the header states them; 0 if it does not.
///   - isIPv4: IPv6 has no checksum in its header.
@inline(never)
func examineInternetHeader(
    _ bytes: Span<UInt8>, at start: Int, headerLength: Int, statedLength: Int, isIPv4: Bool, _ frame: FrameLength,
    into captured: inout CapturedSegment
) {
    captured.internetLength = UInt32(clamping: statedLength)
    let onWire = max(frame.original, bytes.count)
    let isLengthWrong = start + statedLength > onWire || (statedLength == 0 && captured.examination == .checksums)
    var isChecksumWrong = false
    if isIPv4, captured.examination == .checksums, bytes.count >= start + headerLength {
        var checksum = Checksum()
        checksum.add(bytes.extracting(start..<start + headerLength))
        isChecksumWrong = checksum.value != 0
    }
    captured.verdict = isLengthWrong || isChecksumWrong ? .badInternetHeader : .sound
}

/// The TCP segment at `start`, of which at least 20 octets were captured.
@inline(never)
func examineSegment(
    _ bytes: Span<UInt8>, at start: Int, headerLength: Int, segmentLength: Int, into captured: inout CapturedSegment
) {
    let held = bytes.count - start
    captured.isTextCut = held < segmentLength
    guard captured.verdict == .sound else { return }
    if held < headerLength {
        captured.verdict = .cutHeader
    } else if captured.examination == .checksums, held >= segmentLength {
        let segment = bytes.extracting(start..<start + segmentLength)
        if !Checksum.isValid(segment: segment, pair: captured.pair) {
            let isUnfinished = Checksum.isUnfinished(segment: segment, pair: captured.pair)
            captured.verdict = isUnfinished ? .unfinishedChecksum : .badChecksum
        }
    }
}
