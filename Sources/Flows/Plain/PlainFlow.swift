import TCPStateMachine
import WireFormat

/// How far a plain flow has come. A is the end that closes first, B the other one.
enum PlainPhase: UInt8, Comparable, BitwiseCopyable {
    /// The initiator's SYN has passed.
    case opening
    /// The SYN,ACK has passed: its arrival, and that of the ACK in it, are pending at the initiator.
    case answered
    /// The initiator's ACK of it has passed: pending at the responder.
    case acknowledged
    /// Nothing is pending.
    case established
    /// A's FIN has passed: pending at B (and so may be the ACK of the responder's SYN).
    case closing
    /// B's ACK of it has passed: pending at A.
    case closeAcknowledged
    /// B's FIN has passed: pending at A, as is the ACK.
    case bothClosed
    /// A's ACK of B's FIN has passed: pending at B, and nothing will prove it.
    case done
    /// That B took the last ACK was presumed and reported.
    case settled

    static func < (a: PlainPhase, b: PlainPhase) -> Bool { a.rawValue < b.rawValue }
}

/// What became of a segment of a plain flow.
enum PlainOutcome {
    /// It is none that such a flow expects.
    case unexpected
    case taken
    /// It was taken, and both ends have shown that they know each other.
    case opened
    /// It was taken, and both ends are done.
    case ended
}

/// A packet and when it passed.
struct Passing: BitwiseCopyable {
    var time: Int64
    var reference: PacketReference

    static let none = Passing(time: 0, reference: .none)

    init(time: Int64, reference: PacketReference) {
        self.time = time
        self.reference = reference
    }

    init(_ c: SegmentLine) {
        self.init(time: c.time, reference: c.reference)
    }
}

/// A flow that opens, talks and closes as most do: from its SYN on every segment stands where its sender's last one
/// ended, and no number, option or stamp is a surprise.
///
/// What the general way keeps in journals and pending facts follows then from the phase, and each rule of the plain
/// way (`FlowBlock+Plain.swift`) is a special case of a rule of the general one: it is there for speed and for memory.
/// A flow that does anything else is expanded (`Flow+Expand.swift`) to what the general way would have made of it, and
/// goes on there. `ShortCutTests` replays every capture both ways, expands flows behind each of their segments, and
/// compares all records.
struct PlainFlow: BitwiseCopyable {
    var phase = PlainPhase.opening
    private var flags = Flags()
    /// What each segment has behind the SYNs, of being ordinary and timestamps.
    private(set) var expected: CompactSegment.Notes = .isOrdinary
    /// TSval of the segment that brings the pending ACK.
    var pendingTimestamp: UInt32 = 0
    private var first = Passing.none
    private var second = Passing.none
    private var third = Passing.none

    private struct Flags: OptionSet, BitwiseCopyable {
        let rawValue: UInt8

        static let responderCloses = Flags(rawValue: 1 << 0)
        static let isAckOfSynPending = Flags(rawValue: 1 << 1)
        static let isTimestampShared = Flags(rawValue: 1 << 2)
        static let isOver = Flags(rawValue: 1 << 3)
        static let refusesSack = Flags(rawValue: 1 << 4)
    }

    /// A, once there is one.
    var closer: EndpointRole {
        @inline(__always) get { flags.contains(.responderCloses) ? .responder : .initiator }
        @inline(__always) set { flags.set(.responderCloses, to: newValue == .responder) }
    }
    /// Both ends use timestamps.
    var hasTimestamps: Bool {
        @inline(__always) get { expected.contains(.hasTimestamps) }
        @inline(__always) set { expected.set(.hasTimestamps, to: newValue) }
    }
    /// It is as ordinary as any behind the SYNs, and has timestamps if the others have.
    @inline(__always)
    func expects(_ notes: CompactSegment.Notes) -> Bool {
        notes.intersection([.isOrdinary, .hasTimestamps]) == expected
    }
    /// The responder's SYN is acknowledged, and that ACK is pending at it.
    var isAckOfSynPending: Bool {
        @inline(__always) get { flags.contains(.isAckOfSynPending) }
        @inline(__always) set { flags.set(.isAckOfSynPending, to: newValue) }
    }
    /// The segment that brings the pending ACK has the TSval of one before it (`PendingFact.isTimestampShared`).
    var isTimestampShared: Bool {
        @inline(__always) get { flags.contains(.isTimestampShared) }
        @inline(__always) set { flags.set(.isTimestampShared, to: newValue) }
    }
    /// TIME-WAIT has ended.
    var isOver: Bool {
        @inline(__always) get { flags.contains(.isOver) }
        @inline(__always) set { flags.set(.isOver, to: newValue) }
    }
    /// A SYN did not permit SACK.
    var refusesSack: Bool {
        @inline(__always) get { flags.contains(.refusesSack) }
        @inline(__always) set { flags.set(.refusesSack, to: newValue) }
    }

    /// The SYN,ACK, until it is acknowledged.
    var synAck: Passing {
        @inline(__always) get { first }
        @inline(__always) set { first = newValue }
    }
    /// What acknowledged it, until the responder shows that it came.
    var ackOfSyn: Passing {
        @inline(__always) get { second }
        @inline(__always) set { second = newValue }
    }
    /// A's FIN, until everything is closed.
    var firstFin: Passing {
        @inline(__always) get { first }
        @inline(__always) set { first = newValue }
    }
    /// B's ACK of it.
    var ackOfFirstFin: Passing {
        @inline(__always) get { second }
        @inline(__always) set { second = newValue }
    }
    /// B's FIN.
    var secondFin: Passing {
        @inline(__always) get { third }
        @inline(__always) set { third = newValue }
    }
    /// A's ACK of that, at last.
    var lastAck: Passing {
        @inline(__always) get { first }
        @inline(__always) set { first = newValue }
    }
}

extension OptionSet where Self == Element {
    @inline(__always)
    fileprivate mutating func set(_ flag: Self, to isSet: Bool) {
        if isSet { insert(flag) } else { remove(flag) }
    }
}

/// What is known of one end of a plain flow, yes or no.
struct PlainFlags: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let usesTimestamps = PlainFlags(rawValue: 1 << 0)
    static let hasIdentification = PlainFlags(rawValue: 1 << 1)
    static let offeredWindowScale = PlainFlags(rawValue: 1 << 2)
    /// `dueTime` and `dueEnd` mean something; in a plain flow all octets pass once.
    static let isAwaited = PlainFlags(rawValue: 1 << 3)
    /// `Endpoint.isTripSure`.
    static let isTripSure = PlainFlags(rawValue: 1 << 4)
}

/// One end of a plain flow; the fields are those of `Endpoint` that the phase does not tell.
struct PlainEnd: BitwiseCopyable {
    /// Also the end of its stream, which has no holes.
    var sndNxt = SequenceNumber(0)
    var rcvNxt = SequenceNumber(0)
    var rightEdge = SequenceNumber(0)
    var dueEnd = SequenceNumber(0)
    var dueTime: Int64 = 0
    var roundTrip: Int64 = 0
    var bytes: UInt64 = 0
    var timestamp: UInt32 = 0
    var packets: UInt32 = 0
    /// The number of its last segment in `PassedSegments`.
    var lastPassed: UInt32 = 0
    var identification: UInt16 = 0
    var windowScale: UInt8 = 0
    var flags: PlainFlags = []
    /// All of its segments were seen alike.
    var sight = Sight()

    @inline(__always)
    func has(_ flag: PlainFlags) -> Bool { flags.contains(flag) }
}
