/// Turns the octets of a frame into a segment, in place: it reads the headers and keeps nothing of them but values.
///
/// Every layer checks the length first and reads afterwards. Four lengths must be told apart: what was captured
/// (`bytes.count`), what was on the wire (`originalLength`), what the IP header says, and what the TCP header says. The
/// payload's length comes from the last two (a frame may be padded, and it may be cut); the first only says what can be
/// read. Any octets whatever are good input: the worst outcome is `.skipped`.
public struct FrameDecoder: Sendable, BitwiseCopyable {
    /// The link type of the frames; nil if Postel does not read it, and every frame is skipped as `unknownLinkType`.
    public let linkType: LinkType?

    /// A decoder for frames of this link type.
    public init(linkType: LinkType?) {
        self.linkType = linkType
    }

    /// A decoder for frames of a link type by its DLT_ or LINKTYPE_ number.
    public init(dataLinkType: Int32) {
        self.init(linkType: LinkType(dataLinkType: dataLinkType))
    }

    /// Decodes one frame.
    ///
    /// - Parameters:
    ///   - bytes: the octets that were captured, from the link layer's header on.
    ///   - originalLength: how many octets the frame had on the wire; less than `bytes.count` is read as `bytes.count`.
    ///   - captured: receives the segment and what the headers around it say. `time`, `packet` and `file` are left as
    ///     they are: they come from the capture. After any outcome but `.segment` the other fields have no meaning.
    /// - Returns: what the frame turned out to be.
    public func decode(
        _ bytes: Span<UInt8>, originalLength: Int, into captured: inout CapturedSegment
    ) -> DecodeOutcome {
        captured.virtualLAN = 0
        captured.interface = 0
        captured.direction = .unknown
        let frame = FrameLength(captured: bytes.count, original: max(originalLength, bytes.count))
        guard let linkType else { return .skipped(.unknownLinkType) }
        switch linkType {
        case .ethernet: return decodeEthernet(bytes, frame, into: &captured)
        case .linuxCooked: return decodeLinuxCooked(bytes, frame, into: &captured)
        case .linuxCooked2: return decodeLinuxCooked2(bytes, frame, into: &captured)
        case .rawInternet: return decodeInternet(bytes, at: 0, frame, into: &captured)
        case .ipv4: return decodeIPv4(bytes, at: 0, frame, into: &captured)
        case .ipv6: return decodeIPv6(bytes, at: 0, frame, into: &captured)
        case .null: return decodeNull(bytes, frame, isNetworkOrder: false, into: &captured)
        case .loop: return decodeNull(bytes, frame, isNetworkOrder: true, into: &captured)
        }
    }
}

/// How long a frame is: what the capture holds of it, and what it was on the wire; captured is at most original.
struct FrameLength: BitwiseCopyable {
    let captured: Int
    let original: Int

    /// Why a header that ends at `end` cannot be read: the capture cut it, or the frame never held it.
    @inline(__always)
    func missing(until end: Int) -> DecodeOutcome {
        .skipped(end <= original ? .cutShort : .malformed)
    }
}
