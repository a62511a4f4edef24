public import TCPStateMachine

/// A segment that was sent, and what became of it.
public struct SentSegment: Hashable, Sendable {
    /// Who sent it.
    public enum Origin: Hashable, Sendable, BitwiseCopyable {
        /// A TCP.
        case host
        /// The network, as a copy of this segment of those that were sent.
        case copy(of: Int32)
        /// Somebody in the network.
        case injected(Injection.Kind)
    }

    /// What became of it.
    public enum Fate: UInt8, Hashable, Sendable, BitwiseCopyable {
        case underWay
        case arrived
        /// Lost before the middle of the network.
        case lostBeforeMiddle
        /// Lost behind the middle of the network.
        case lostBehindMiddle
        /// Its end was down.
        case metNoHost
        /// It arrived with a wrong checksum.
        case corrupt
        /// It arrived at a listener that can take no more connections.
        case backlogFull
    }

    public var segment: Segment
    /// The end that sent it, or in whose name it was sent.
    public var from: End
    public var ports: PortPair
    public var origin: Origin
    public var sent: VirtualTime
    /// When it passed the middle, or will.
    public var middle: VirtualTime
    /// When it arrived, or will, if it is not lost.
    public var arrival: VirtualTime
    public var fate: Fate
    /// A fault has made it late.
    public var isDelayed = false
    public var isCorrupt = false
    /// A copy that was made behind the middle.
    var isMadeBehindMiddle = false
    /// IPv4 identification.
    public var identification: UInt16

    /// Whether it is seen in the middle.
    public var passesMiddle: Bool { fate != .lostBeforeMiddle && !isMadeBehindMiddle }
}

/// What a user was answered.
public enum CallAnswer: Hashable, Sendable, BitwiseCopyable {
    case ok
    case error(UserError)
    case status(State)
}

/// Something that happened at one end.
public struct Incident: Hashable, Sendable {
    public enum What: Hashable, Sendable, BitwiseCopyable {
        /// A segment left, of those that were sent.
        case departure(Int32)
        /// A segment arrived; why nothing came of it, if nothing did.
        case arrival(Int32, ignored: Reason?)
        /// An ICMP error arrived, of those that were sent; why nothing came of it, if nothing did.
        case icmpError(Int32, ignored: Reason?)
        case call(UserCall, CallAnswer)
        case timeout(TimerKind)
        case crash
        case restart
        /// The TCP tells its user.
        case signal(Signals)
        /// A remark of the scenario, by its number.
        case remark(Int32)
        /// The states are to be shown.
        case statesAsked
    }

    public var time: VirtualTime
    public var end: End
    public var ports: PortPair
    /// The state of the connection between these ports after it.
    public var state: State
    public var what: What
}

/// All that happened: the truth.
public struct History: Hashable, Sendable {
    public internal(set) var segments: [SentSegment] = []
    /// The ICMP errors that were sent.
    public internal(set) var errors: [SentError] = []
    public internal(set) var transitions: [Transition] = []
    /// In order; of one end, strictly in the order in which they happened.
    public internal(set) var incidents: [Incident] = []
    /// What was to befall a segment that was not under way.
    public internal(set) var misses: [Miss] = []

    /// Something that was to befall a segment, and none was there.
    public struct Miss: Hashable, Sendable, BitwiseCopyable {
        public var time: VirtualTime
        public var mishap: Mishap
        public var choice: SegmentChoice
    }
}
