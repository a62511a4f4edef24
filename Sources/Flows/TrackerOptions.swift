public import TCPStateMachine
public import WireFormat

/// What the tracker is to know beforehand, and what it is to tell.
public struct TrackerOptions: Sendable {
    /// The kinds of records that are wanted; others are not made.
    public struct Interest: OptionSet, Sendable {
        public let rawValue: UInt16

        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        public static let transitions = Interest(rawValue: 1 << 0)
        public static let flows = Interest(rawValue: 1 << 1)
        public static let segments = Interest(rawValue: 1 << 2)
        public static let findings = Interest(rawValue: 1 << 3)
        /// Wireshark's and Zeek's labels in flow records.
        public static let labels = Interest(rawValue: 1 << 4)
        /// Zeek's connections.
        public static let connections = Interest(rawValue: 1 << 5)
        /// With `transitions`: steps that are presumed, too, at once. One that turns out untrue is withdrawn; one that
        /// is proven is told again, with its proof.
        public static let presumed = Interest(rawValue: 1 << 6)
        /// The states of all endpoints are counted, and the flows kept in mind that changed last.
        public static let changes = Interest(rawValue: 1 << 7)

        /// What is told while flows go on, and not as they are settled.
        static let following: Interest = [.presumed, .changes]
    }

    /// Where the capture was taken (design section 3).
    public enum Vantage: Sendable {
        /// Found out from the capture's own directions.
        case automatic
        /// Between the endpoints.
        case middle
        /// On the host that has these addresses.
        case host([Address])
    }

    public var interest: Interest = [.flows]
    public var vantage: Vantage = .automatic
    public var initiatorProfile: Profile = .linux
    public var responderProfile: Profile = .linux
    /// The most flows kept in memory at once; beyond it those are reported early that are least missed
    /// (`EvictionKind`).
    public var maximumFlows: Int = 10_000_000
    /// The ports by which Zeek guesses who began; for its labels and connections only.
    public var likelyServerPorts = LikelyServerPorts.standard
    /// Segments with wrong checksums are left out of Zeek's labels and connections, as Zeek does.
    public var verifiesChecksums = true
    /// Segment records tell what the checksums say, although no label wants them.
    public var examinesChecksums = false
    /// Takes common segments by the short cut (`Flow+InOrder.swift`); off only to prove that it changes nothing.
    package var takesShortCuts = true
    /// How many segments of each end a flow takes in its plain form (`Plain/PlainFlow.swift`); 0 is none. Less than all
    /// only to prove that it makes no difference.
    package var plainSegments: UInt32 = .max
    /// How many segments of plain flows are kept in mind, whichever flows they are of; a power of two. Fewer than all
    /// programs have only to prove what it means to forget.
    package var passedSegments = 1 << 17
    /// The seed of the flow table's hash: fixed by default, so that runs repeat; results never depend on it.
    public var hashSeed: UInt64 = 0x9E37_79B9_7F4A_7C15

    public init() {}

    /// What the decoder is to look into so that the interest is met.
    public var examination: Examination {
        if examinesChecksums { return .checksums }
        guard !interest.isDisjoint(with: [.labels, .connections]) else { return .nothing }
        return verifiesChecksums ? .checksums : .lengths
    }
}

/// Totals over a whole run: the summary's numbers.
public struct TrackerCounts: Sendable {
    /// TCP segments that were taken into account.
    public var segments: UInt64 = 0
    /// Segments that were a second sight of the same segment.
    public var copies: UInt64 = 0
    public var flows: UInt64 = 0
    /// Flows reported early because `maximumFlows` was reached, by `EvictionKind.rawValue`.
    public var evictedFlowsPerKind: [UInt64] = Array(repeating: 0, count: EvictionKind.allCases.count)
    /// Zeek's connections written early for the same reason.
    public var evictedConnections: UInt64 = 0
    /// Segments that Zeek's connections leave out because of a wrong checksum.
    public var badChecksums: UInt64 = 0
    /// How many transitions each rule made, by `Rule.rawValue`.
    public var transitionsPerRule: [UInt64] = []
    /// Endpoints by final state, by `State.rawValue`; the last place counts those whose state is not known.
    public var endpointsPerState: [UInt64] = Array(repeating: 0, count: State.allCases.count + 1)
    /// Flows with each finding, by `FindingCode.rawValue`.
    public var flowsPerFinding: [UInt64] = Array(repeating: 0, count: FindingCode.allCases.count)

    public init() {}

    /// All flows that were reported early.
    public var evictedFlows: UInt64 { evictedFlowsPerKind.reduce(0, &+) }
}
