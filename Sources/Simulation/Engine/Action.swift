public import TCPStateMachine

/// A call of a user (RFC 793 section 3.8, and what sockets add to it).
public enum UserCall: Hashable, Sendable, BitwiseCopyable {
    /// OPEN, active.
    case openActive
    /// OPEN, active, with a SEND that the SYN carries if there is a Fast Open cookie (RFC 7413).
    case openFast(octets: UInt32)
    /// OPEN, passive, as RFC 793 has it: one connection, which takes the first SYN itself.
    case openPassive(remoteSpecified: Bool)
    /// The socket's `listen`: each SYN gets a connection of its own, at most so many of them not yet synchronized.
    case listen(backlog: UInt16)
    case send(octets: UInt32)
    case receive(octets: UInt32)
    /// CLOSE; nobody reads any more (the socket's `close`).
    case close
    /// CLOSE, and receiving goes on (the socket's `shutdown`).
    case shutdown
    case abort
    case status
    /// Linux: the socket is gone without a word.
    case vanish
}

/// A segment that no TCP at its end has sent.
public struct Injection: Hashable, Sendable, BitwiseCopyable {
    /// What it pretends to be.
    public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// Forged: somebody in between made it.
        case forged
        /// A duplicate of an old segment that has wandered about in the network.
        case oldDuplicate
    }

    /// A number to be found out when it is sent.
    public struct Number: Hashable, Sendable, BitwiseCopyable {
        public enum Base: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
            case zero
            /// SND.NXT, SND.UNA and RCV.NXT of A's connection.
            case aSendNext, aSendUnacknowledged, aReceiveNext
            /// The same of B's.
            case bSendNext, bSendUnacknowledged, bReceiveNext
        }

        public var base: Base
        /// Added to it, modulo 2^32.
        public var offset: UInt32

        public init(base: Base = .zero, offset: UInt32) {
            self.base = base
            self.offset = offset
        }
    }

    public var kind: Kind
    /// In whose name.
    public var from: End
    public var sequenceNumber: Number
    public var acknowledgmentNumber: Number?
    public var controlBits: ControlBits
    public var payloadLength: UInt32
    public var window: UInt16

    public init(
        kind: Kind, from: End, sequenceNumber: Number, acknowledgmentNumber: Number? = nil, controlBits: ControlBits,
        payloadLength: UInt32 = 0, window: UInt16 = 65_535
    ) {
        self.kind = kind
        self.from = from
        self.sequenceNumber = sequenceNumber
        self.acknowledgmentNumber = acknowledgmentNumber
        self.controlBits = controlBits
        self.payloadLength = payloadLength
        self.window = window
    }
}

/// What is done from outside: by a user, an accident, or somebody in the network.
public enum Action: Hashable, Sendable, BitwiseCopyable {
    /// The user at `end` calls, for the connection between these ports.
    case call(UserCall, at: End, PortPair)
    /// The end loses its memory and is silent until it restarts.
    case crash(End)
    case restart(End)
    case inject(Injection, PortPair)
    /// Somebody at the other side of the network sends an ICMP error to this end, about the last segment that it has
    /// sent for the connection.
    case icmp(ICMPReport, to: End, PortPair)
    /// The user begins or ceases to take what arrives at once.
    case readAtOnce(Bool, at: End)
    /// The latency from this end on, nanoseconds.
    case latency(Int64, from: End)
    /// From here on segments from this end are lost, or no longer.
    case cut(Bool, from: End)
    /// From here on segments stay in the network until one is delivered, or no longer.
    case hold(Bool)
    /// Something befalls one of the segments that are under way.
    case befall(Mishap, SegmentChoice)
    /// Nothing: a remark of the scenario, by its number.
    case remark(Int32, at: End, PortPair)
    /// Nothing: the states are to be shown.
    case showStates(PortPair)
}
