public import TCPStateMachine

/// What the capture says of a frame's way: some link types and pcapng know it.
public enum Direction: UInt8, Hashable, Sendable, BitwiseCopyable {
    case unknown
    /// Sent to this host (or received by it in passing).
    case received
    /// Sent by this host.
    case sent
}

/// A TCP segment with what the frame around it tells: who sent it to whom, when, and how it was seen.
public struct CapturedSegment: Sendable, BitwiseCopyable {
    public var segment: Segment
    public var pair: SocketPair
    /// The tunnel that it was seen in, the innermost if there are several.
    public var tunnel: Tunnel
    /// When it passed the vantage point: nanoseconds since the epoch.
    public var time: Int64
    /// The number of the packet in its file, from 1.
    public var packet: UInt64
    /// The index of the file in the list of files, from 0.
    public var file: UInt16
    /// IPv4 identification; meaningful only if `hasIdentification`.
    public var identification: UInt16
    /// VLAN identifier of the innermost 802.1Q tag, or 0.
    public var virtualLAN: UInt16
    /// Which interface of the capture it was seen on; 0 if there is only one.
    public var interface: UInt16
    /// Time to live, or hop limit.
    public var timeToLive: UInt8
    /// In a tunnel, the times to live of the packets around it, added up without carry; else 0. It tells a second sight
    /// of the same tunneled segment from the first.
    public var outerTimeToLive: UInt8
    public var direction: Direction
    public var hasIdentification: Bool
    /// The TCP header was cut by the snapshot length: options may be missing.
    public var isHeaderCut: Bool
    /// What the decoder is to look into. It is a question and stays as it is; the three fields below are its answer,
    /// and have no meaning where nothing was asked.
    public var examination = Examination.nothing
    public var verdict = PacketVerdict.unexamined
    /// The capture does not hold all of the text.
    public var isTextCut = false
    /// Octets of the IP packet by its header, the header included; 0 where it does not state them.
    public var internetLength: UInt32 = 0

    @inlinable
    public init(segment: Segment, pair: SocketPair, time: Int64 = 0, packet: UInt64 = 0) {
        self.segment = segment
        self.pair = pair
        self.tunnel = .none
        self.time = time
        self.packet = packet
        self.file = 0
        self.identification = 0
        self.virtualLAN = 0
        self.interface = 0
        self.timeToLive = 0
        self.outerTimeToLive = 0
        self.direction = .unknown
        self.hasIdentification = false
        self.isHeaderCut = false
    }

    /// It is neither damaged nor cut, as far as it was looked into.
    @inline(__always)
    public var isSound: Bool { (verdict == .sound || verdict == .unexamined) && !isHeaderCut }
}

/// An ICMP or ICMPv6 error that quotes a TCP segment: the pair is that of the quoted segment, in the direction it
/// traveled.
public struct ICMPError: Hashable, Sendable, BitwiseCopyable {
    public var pair: SocketPair
    /// The tunnel that the ICMP message itself was seen in: the flow that it is about is one of that tunnel.
    public var tunnel: Tunnel
    /// SEG.SEQ of the quoted segment: all that an ICMP error must quote of a TCP header (RFC 792: 64 bits).
    public var sequenceNumber: SequenceNumber
    /// ICMP type, as on the wire; `pair.family` says of which ICMP.
    public var type: UInt8
    /// ICMP code, as on the wire.
    public var code: UInt8
    /// Hard errors SHOULD abort a connection that is not yet synchronized (RFC 1122 section 4.2.3.9, RFC 9293 3.9.2.2).
    public var isHard: Bool

    @inlinable
    public init(
        pair: SocketPair, tunnel: Tunnel = .none, sequenceNumber: SequenceNumber, type: UInt8, code: UInt8, isHard: Bool
    ) {
        self.pair = pair
        self.tunnel = tunnel
        self.sequenceNumber = sequenceNumber
        self.type = type
        self.code = code
        self.isHard = isHard
    }
}

/// What one frame turned out to be.
public enum DecodeOutcome: Sendable, BitwiseCopyable {
    /// A TCP segment; the argument passed by reference holds it.
    case segment
    /// An ICMP error about a TCP segment.
    case icmpError(ICMPError)
    /// A part of an IP packet that carries, or may carry, TCP: `FragmentAssembler` knows whether it is the last one
    /// missing.
    case fragment(Fragment)
    /// Nothing for the state machine, with the reason.
    case skipped(SkipReason)
}

/// Why a frame is no evidence about a TCP connection. Counted, shown in the summary, never an error.
public enum SkipReason: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// A network protocol other than IPv4 and IPv6 (ARP, LLDP, ...).
    case notIP
    /// An IP packet that carries neither TCP nor an ICMP error about TCP.
    case notTCP
    /// A fragment of a segment that counts with the fragment that completed it; also an ICMP error that quotes a
    /// fragment without TCP header, and a later fragment of an IEEE 802.11 frame.
    case fragment
    /// The capture cut the frame before the end of the TCP control bits, or of what an ICMP error quotes.
    case cutShort
    /// A header whose own lengths contradict each other.
    case malformed
    /// The link type of the capture is not known to Postel.
    case unknownLinkType
    /// A fragment of a packet of which others were missing after 30 s, or when the capture ended.
    case fragmentIncomplete
    /// A fragment of a packet whose fragments overlap.
    case fragmentOverlap
    /// A fragment that was given up because too many were waiting for others.
    case fragmentEvicted
    /// A frame of a wireless network that is encrypted.
    case encrypted
    /// More headers around headers, tunnels in tunnels for example, than anyone builds.
    case nestedTooDeep

    /// The name in records.
    public var name: String {
        switch self {
        case .notIP: "not-ip"
        case .notTCP: "not-tcp"
        case .fragment: "fragment"
        case .cutShort: "cut-short"
        case .malformed: "malformed"
        case .unknownLinkType: "unknown-link-type"
        case .fragmentIncomplete: "fragment-incomplete"
        case .fragmentOverlap: "fragment-overlap"
        case .fragmentEvicted: "fragment-evicted"
        case .encrypted: "encrypted"
        case .nestedTooDeep: "nested-too-deep"
        }
    }
}
