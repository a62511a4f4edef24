public import TCPStateMachine

/// Something of each of the two endpoints.
public struct BothEnds<Value> {
    public var a: Value
    public var b: Value

    public init(_ both: Value) {
        a = both
        b = both
    }

    public init(a: Value, b: Value) {
        self.a = a
        self.b = b
    }

    public subscript(side: End) -> Value {
        get {
            switch side {
            case .a: a
            case .b: b
            }
        }
        set {
            switch side {
            case .a: a = newValue
            case .b: b = newValue
            }
        }
    }
}

extension BothEnds: Equatable where Value: Equatable {}
extension BothEnds: Hashable where Value: Hashable {}
extension BothEnds: Sendable where Value: Sendable {}
extension BothEnds: BitwiseCopyable where Value: BitwiseCopyable {}

/// What the two users, the two timers and the network may do in an exploration. Every number bounds how often it
/// happens on any one way through the states; together they make the states finite.
public struct ExplorationBounds: Hashable, Sendable {
    /// How often the user, the timers and the accidents of one endpoint may act. Each at most 255.
    public struct Allowance: Hashable, Sendable, BitwiseCopyable {
        /// OPENs of the kinds in `openings`.
        public var opens: UInt8 = 1
        /// Which OPENs the user calls.
        public var openings = Openings.either
        /// SENDs.
        public var sends: UInt8 = 1
        /// CLOSEs.
        public var closes: UInt8 = 1
        /// ABORTs.
        public var aborts: UInt8 = 1
        /// Retransmissions; when they are used up, the next timeout is R2 (RFC 1122 section 4.2.3.5).
        public var retransmissions: UInt8 = 1
        /// User timeouts.
        public var userTimeouts: UInt8 = 0
        /// ICMP errors, hard or soft, that reach this endpoint.
        public var icmpErrors: UInt8 = 0
        /// Crashes with loss of memory (RFC 793 section 3.4); on Linux, losses of the socket.
        public var crashes: UInt8 = 0

        public init() {}
    }

    /// The kinds of OPEN.
    public enum Openings: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
        case active
        case passive
        case either
    }

    public var allowances = BothEnds(Allowance())
    public var profiles = BothEnds(Profile.rfc9293)
    /// Segments that the network loses, in both directions together.
    public var losses: UInt8 = 1
    /// Segments that the network duplicates, in both directions together.
    public var duplicates: UInt8 = 0
    /// The most segments under way in one direction, 1 ... 8. A step that would send more is not taken.
    public var inFlight = 8
    /// Whether segments overtake each other.
    public var reorders = false
    /// Whether TIME-WAIT may end while segments are under way, against the meaning of 2 MSL.
    public var shortTimeWait = false
    /// Whether a CLOSE may also give up receiving (half-duplex close, RFC 1122 section 4.2.2.13).
    public var halfDuplexClose = false
    /// Whether RECEIVE is a step of its own; if not, every octet is read at once.
    public var slowReader = false
    /// The octets of one SEND.
    public var octets: UInt32 = 1
    /// Octets of the receive buffer, with which the window begins.
    public var window: UInt32 = 65_535
    /// Whether what can no longer matter makes no world of its own (Docs/exploration.md); off only to prove that
    /// nothing is lost by it.
    package var forgetsWhatIsIdle = true
    /// Whether SYNs offer timestamps. The timestamp clock stands still.
    public var timestamps = false

    public init() {}

    /// What a connection is made with.
    var parameters: Parameters {
        var parameters = Parameters()
        parameters.receiveBuffer = window
        parameters.offersTimestamps = timestamps
        return parameters
    }
}
