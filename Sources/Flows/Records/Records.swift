public import TCPStateMachine
public import WireFormat

/// Which end of a flow: the initiator sent the first SYN (active OPEN), the responder answered it.
///
/// In a simultaneous open both opened actively; the initiator is the one whose SYN passed first.
public enum EndpointRole: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case initiator
    case responder

    @inline(__always)
    public var other: EndpointRole { self == .initiator ? .responder : .initiator }

    /// The name in records.
    public var name: String { self == .initiator ? "initiator" : "responder" }
}

/// How sure a transition or a state is (design section 3).
public enum Certainty: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// The endpoint itself showed it. True if at most one packet per decision escaped the capture.
    case proven
    /// The most likely reading of the evidence; later evidence may settle it otherwise.
    case presumed
    /// A timer of the machine on the packet clock: nothing on the wire shows it.
    case timer

    /// The name in records.
    public var name: String {
        switch self {
        case .proven: "proven"
        case .presumed: "presumed"
        case .timer: "timer"
        }
    }
}

/// A packet of the capture: the file's index in the summary's list (from 0) and the packet's number in it (from 1).
public struct PacketReference: Hashable, Sendable, BitwiseCopyable {
    private var bits: UInt64

    /// Packet numbers beyond 2^48 - 1 are kept as that.
    @inlinable
    public init(file: UInt16, packet: UInt64) {
        self.init(bits: CompactSegment.packet(packet, ofFile: file))
    }

    @usableFromInline
    init(bits: UInt64) {
        self.bits = bits
    }

    /// No packet: what a timer did, or what was not captured.
    public static let none = PacketReference(bits: 0)

    public var isNone: Bool { bits == 0 }
    public var file: UInt16 { UInt16(truncatingIfNeeded: bits >> 48) }
    public var packet: UInt64 { bits & 0xFFFF_FFFF_FFFF }
}

/// One step of one endpoint's machine.
public struct TransitionRecord: Sendable, BitwiseCopyable {
    /// The flow's number, from 1.
    public var flow: UInt64
    public var endpoint: EndpointRole
    /// Nil where this is the first that is known of the endpoint.
    public var from: State?
    public var to: State
    /// The rule of the machine's table; nil where `from` is nil. Its event, action and source go into the record.
    public var rule: Rule?
    /// When the cause passed the vantage point, nanoseconds since the epoch.
    public var time: Int64
    /// The packet that caused the step; none for timers and for what was not captured.
    public var cause: PacketReference
    /// The packet that settled it, or none.
    public var proof: PacketReference
    public var certainty: Certainty
    /// Was the cause captured?
    public var seen: Bool
}

/// A step already reported that turned out untrue.
public struct WithdrawalRecord: Sendable, BitwiseCopyable {
    public enum Reason: UInt8, Sendable, BitwiseCopyable {
        /// The endpoint sent again what an arrival would have settled, or answered as if it had not come.
        case arrivalNotTaken
        /// The endpoint went on with its old numbers: somebody else had sent the segment.
        case forged
        /// The endpoint answered with a RST: no socket was there.
        case metNoSocket
        /// Later octets stand at the number where an unseen FIN had been presumed.
        case dataAtFinNumber
        /// It was told before it was settled, and another step was settled in its place.
        case otherwise

        /// The sentence in records.
        public var name: String {
            switch self {
            case .arrivalNotTaken: "the endpoint went on as if the segment had not arrived"
            case .forged: "the endpoint went on after its own reset: somebody else had sent it"
            case .metNoSocket: "a RST answered: the segment met no socket"
            case .otherwise: "later segments show that it went another way"
            case .dataAtFinNumber: "data stands at the number where a FIN had been presumed"
            }
        }
    }

    public var flow: UInt64
    public var endpoint: EndpointRole
    public var rule: Rule
    /// The packet whose step is withdrawn.
    public var cause: PacketReference
    /// When it became known, nanoseconds since the epoch.
    public var time: Int64
    public var reason: Reason
}

/// What is known of one endpoint when its flow is reported.
public struct EndpointRecord: Sendable, BitwiseCopyable {
    /// Nil where the evidence leaves several states: `possible` lists them.
    public var state: State?
    /// Never empty; the state alone where it is known.
    public var possible: StateSet
    public var certainty: Certainty
    /// Segments sent, copies not counted.
    public var packets: UInt64
    /// Distinct octets of text sent, by sequence number.
    public var bytes: UInt64
    /// Segments that bring no octet that was not sent before: without one that had not passed, or filling a hole a
    /// round trip late. Keepalives, window probes, copies and segments out of order are no retransmissions.
    public var retransmissions: UInt64
}

/// One incarnation of one connection, when it leaves memory or the capture ends.
public struct FlowRecord: Sendable, BitwiseCopyable {
    /// From 1, in the order of first packets.
    public var flow: UInt64
    /// The initiator is the source.
    public var pair: SocketPair
    /// The tunnel that it was seen in; a part of its key as addresses and ports are.
    public var tunnel: Tunnel
    public var initiator: EndpointRecord
    public var responder: EndpointRecord
    /// When its first and last segment passed, nanoseconds since the epoch.
    public var first: Int64
    public var last: Int64
    /// No SYN told who opened: the roles follow the ports.
    public var rolesGuessed: Bool
    /// The flow whose addresses and ports this one uses again, or nil.
    public var incarnationOf: UInt64?
    public var findings: FindingSet
    /// What Wireshark and Zeek call it; nil if that was not asked for.
    public var labels: ForeignLabels?
    /// What the flow was, if it was reported before its end because memory was full; else nil.
    public var evicted: EvictionKind?
}

/// One captured segment with the states after it, as far as they were known when it passed.
public struct SegmentRecord: Sendable, BitwiseCopyable {
    public var flow: UInt64
    public var reference: PacketReference
    public var time: Int64
    public var from: EndpointRole
    public var controlBits: ControlBits
    public var sequenceNumber: SequenceNumber
    /// Nil without the ACK bit.
    public var acknowledgmentNumber: SequenceNumber?
    /// Octets of text.
    public var length: UInt32
    public var note: SegmentNote
    /// Presumed states after the segment; nil where several are possible.
    public var initiatorState: State?
    public var responderState: State?
    /// What its checksums say, if that was asked for (`TrackerOptions.examinesChecksums`).
    public var verdict = PacketVerdict.unexamined
}

/// What is peculiar about a segment.
public enum SegmentNote: UInt8, Sendable, BitwiseCopyable {
    case none
    case retransmission
    case copy
    case stranger
    case reordered
    case outOfOrder
    case keepalive
    case windowProbe
    case challengeAck
    case candidateSyn

    /// The name in records; empty for `none`.
    public var name: String {
        switch self {
        case .none: ""
        case .retransmission: "retransmission"
        case .copy: "copy"
        case .stranger: "stranger"
        case .reordered: "capture-reordered"
        case .outOfOrder: "out-of-order"
        case .keepalive: "keepalive"
        case .windowProbe: "window-probe"
        case .challengeAck: "challenge-ack"
        case .candidateSyn: "candidate-syn"
        }
    }
}

/// Something that a person should look at.
public struct FindingRecord: Sendable, BitwiseCopyable {
    public var flow: UInt64
    /// Nil where it concerns the flow as a whole.
    public var endpoint: EndpointRole?
    public var code: FindingCode
    /// When what shows it passed, or when it began, nanoseconds since the epoch.
    public var time: Int64
    /// The packet that shows it first, or none.
    public var reference: PacketReference
    /// How much, how long, which kind.
    public var detail = FindingDetail.none
}

/// What the tracker hands on, in the order in which it is settled.
public enum Record: Sendable, BitwiseCopyable {
    case transition(TransitionRecord)
    case withdrawal(WithdrawalRecord)
    case flow(FlowRecord)
    case segment(SegmentRecord)
    case finding(FindingRecord)
    /// A connection as Zeek cuts it: of no flow of Postel's.
    case connection(ZeekRecord)
}
