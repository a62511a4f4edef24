public import TCPStateMachine

/// What a segment is in the words of its control bits.
public enum SegmentKind: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case any
    /// SYN without ACK.
    case syn
    /// SYN with ACK.
    case synAck
    /// ACK alone, without text.
    case ack
    /// Text, with or without a FIN.
    case data
    /// FIN, with or without text.
    case fin
    case rst

    public func matches(_ segment: Segment) -> Bool {
        switch self {
        case .any: true
        case .syn: segment.hasSyn && !segment.hasAck && !segment.hasRst
        case .synAck: segment.hasSyn && segment.hasAck
        case .ack: segment.length == 0 && segment.hasAck && !segment.hasRst
        case .data: segment.payloadLength > 0
        case .fin: segment.hasFin
        case .rst: segment.hasRst
        }
    }
}

/// Something that befalls certain segments on their way.
public struct Fault: Hashable, Sendable, BitwiseCopyable {
    public enum Effect: Hashable, Sendable, BitwiseCopyable {
        case lose
        /// On its way for so much longer, nanoseconds.
        case delay(Int64)
        /// A copy comes so much later, nanoseconds.
        case duplicate(after: Int64)
        /// It comes right behind the next segment of its sender (a second late if none follows).
        case reorder
        /// Its checksum is wrong when it arrives, and TCP does not take it.
        case corrupt
    }

    /// Whose segments.
    public var from: End
    public var kind: SegmentKind
    /// Only those of the connection between these ports.
    public var ports: PortPair?
    /// The first one that is meant, counted from 1 among those that match; repetitions count.
    public var first: UInt32
    /// The last one.
    public var last: UInt32
    public var effect: Effect
    /// It happens before the segment has passed the middle of the network, and not behind it.
    public var isBeforeMiddle: Bool
    /// How many have matched so far.
    var seen: UInt32 = 0

    public init(
        from: End, kind: SegmentKind, ports: PortPair? = nil, first: UInt32 = 1, last: UInt32 = 1, effect: Effect,
        isBeforeMiddle: Bool = false
    ) {
        self.from = from
        self.kind = kind
        self.ports = ports
        self.first = first
        self.last = last
        self.effect = effect
        self.isBeforeMiddle = isBeforeMiddle
    }

    /// Counts the segment if it matches, and tells whether it is meant.
    mutating func strikes(_ segment: Segment, from end: End, _ ports: PortPair) -> Bool {
        guard end == from, kind.matches(segment), self.ports == nil || self.ports == ports else { return false }
        seen += 1
        return seen >= first && seen <= last
    }
}

/// What the network between the two ends is like.
public struct NetworkSettings: Hashable, Sendable {
    /// One way, from A and from B, nanoseconds.
    public var latencyFromA = 50 * Duration.millisecond
    public var latencyFromB = 50 * Duration.millisecond
    /// Up to so much more for each segment, nanoseconds; segments may overtake each other.
    public var jitter: Int64 = 0
    /// How many of all segments are lost, are duplicated, or are late by up to four latencies: 0 ... 1.
    public var loss = 0.0
    public var duplication = 0.0
    public var reordering = 0.0
    public var faults: [Fault] = []
    /// Segments stay in the network until one is delivered.
    public var isHeld = false

    public init() {}

    /// One way, nanoseconds.
    public subscript(latencyFrom end: End) -> Int64 {
        get { end == .a ? latencyFromA : latencyFromB }
        set { if end == .a { latencyFromA = newValue } else { latencyFromB = newValue } }
    }
}

/// The network as it is at a moment.
struct Network: Hashable, Sendable {
    var settings: NetworkSettings
    var dice: Dice
    /// A segment of each end that waits for the next one to overtake it.
    var heldBack: [Int32?] = [nil, nil]
    /// Nothing from this end gets through.
    var isCut = [false, false]
    /// What is under way stays there until it is delivered.
    var isHolding: Bool

    init(settings: NetworkSettings, dice: Dice) {
        self.settings = settings
        self.dice = dice
        isHolding = settings.isHeld
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine.
public struct Dice: RandomNumberGenerator, Hashable, Sendable, BitwiseCopyable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True with this probability. Nothing is thrown for what cannot happen, so that a rule more or less leaves the
    /// others their luck.
    mutating func fall(_ probability: Double) -> Bool {
        guard probability > 0 else { return false }
        return Double(next() >> 11) * 0x1p-53 < probability
    }

    /// 0 ... bound - 1, or 0.
    mutating func below(_ bound: Int64) -> Int64 {
        bound > 0 ? Int64(next() % UInt64(bound)) : 0
    }
}
