public import TCPStateMachine

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
    @inlinable
    public func decode(
        _ bytes: Span<UInt8>, originalLength: Int, into captured: inout CapturedSegment
    ) -> DecodeOutcome {
        step(bytes, originalLength: originalLength, into: &captured).outcome(captured)
    }

    @usableFromInline
    func step(_ bytes: Span<UInt8>, originalLength: Int, into captured: inout CapturedSegment) -> DecodeStep {
        // What most frames have, side by side so that it becomes one store; the layers correct it.
        captured.tunnel = .none
        captured.virtualLAN = 0
        captured.interface = 0
        captured.timeToLive = 0
        captured.outerTimeToLive = 0
        captured.direction = .unknown
        captured.hasIdentification = true
        captured.isHeaderCut = false
        let frame = FrameLength(original: max(originalLength, bytes.count))
        // The common case first: a jump table costs more than a comparison.
        if linkType == .ethernet { return decodeEthernet(bytes, frame, into: &captured) }
        return stepOther(bytes, frame, into: &captured)
    }

    @inline(never)
    private func stepOther(
        _ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment
    ) -> DecodeStep {
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
        case .ppp: return decodeFramedPPP(bytes, frame, into: &captured)
        case .pppSerial: return decodeSerialPPP(bytes, frame, into: &captured)
        case .pppOverEthernet: return decodePPPoE(bytes, at: 0, frame, into: &captured)
        case .pppd: return decodePPP(bytes, withDirection: 2, frame, into: &captured)
        case .pppWithDirection: return decodePPP(bytes, withDirection: 1, frame, into: &captured)
        case .ciscoHDLC: return decodeCiscoHDLC(bytes, frame, into: &captured)
        case .mpls: return decodeMPLS(bytes, at: 0, frame, into: &captured)
        case .wireless: return decodeWireless(bytes, at: 0, frame, into: &captured)
        case .wirelessRadiotap: return decodeRadiotap(bytes, frame, into: &captured)
        case .wirelessPrism: return decodePrism(bytes, frame, into: &captured)
        case .wirelessAVS: return decodeAVS(bytes, frame, into: &captured)
        case .packetFilterLog: return decodePacketFilterLog(bytes, frame, into: &captured)
        }
    }
}

/// `DecodeOutcome` in four octets, so that it comes back in a register: an outcome of many goes through memory,
/// which cost a tenth of the time of a call (measured). What an ICMP error quotes lies in the captured
/// segment's pair and sequence number until `decode` collects it.
@usableFromInline
enum DecodeStep: BitwiseCopyable {
    case segment
    case icmpError(type: UInt8, code: UInt8, isHard: Bool)
    /// Its IP header begins where the payload length says.
    case fragment
    case skipped(SkipReason)

    /// With what lies in the captured segment.
    @inlinable
    func outcome(_ captured: CapturedSegment) -> DecodeOutcome {
        switch self {
        case .segment: .segment
        case .skipped(let reason): .skipped(reason)
        case .icmpError(let type, let code, let isHard):
            .icmpError(
                ICMPError(
                    pair: captured.pair, tunnel: captured.tunnel, sequenceNumber: captured.segment.sequenceNumber,
                    type: type, code: code, isHard: isHard))
        case .fragment: .fragment(Fragment(start: Int(captured.segment.payloadLength)))
        }
    }
}

/// How long a frame was on the wire, by the capture; inside a tunnel, how long the frame is by the packet around it.
struct FrameLength: BitwiseCopyable {
    /// At least the octets that were captured.
    let original: Int
    /// How many headers are around it that can be put around each other without end.
    var depth = 0
    /// More than anyone builds; the bound keeps a hostile frame from being nothing but headers around headers.
    private static let mostNested = 8

    /// The frame inside of one of those headers, or nil if there are too many around it.
    ///
    /// - Parameter end: where the frame inside ends, by the header around it, whatever was captured of it; nil if that
    ///   header does not say.
    func inside(until end: Int? = nil) -> FrameLength? {
        guard depth < Self.mostNested else { return nil }
        return FrameLength(original: end ?? original, depth: depth + 1)
    }

    /// Why a header that ends at `end` cannot be read: the capture cut it, or the frame never held it.
    @inline(__always)
    func missing(until end: Int) -> DecodeStep {
        .skipped(end <= original ? .cutShort : .malformed)
    }

    /// The octets of the frame from `start` on, `start` being at most what was captured: what an IP header that does
    /// not state its length carries. At most what leaves room for SYN and FIN in 32 bits (`Segment.payloadLength`).
    @inline(__always)
    func octets(from start: Int) -> Int {
        min(original - start, Int(UInt32.max) - 3)
    }
}
