public import TCPStateMachine
public import WireFormat

/// A story for two hosts: what they are like, what is done to them and when, and what must come of it.
public struct Scenario: Hashable, Sendable {
    public var title: String?
    public var settings = Simulator.Settings()
    /// The connections by their names; the first one is meant where none is named.
    public var connections = [Connection(name: nil, ports: PortPair(a: 49_152, b: 80))]
    public var actions: [PlannedAction] = []
    public var expectations: [Expectation] = []
    /// What `Action.remark` means.
    public var remarks: [String] = []
    /// When the ladder begins.
    public var ladderBegin = VirtualTime.zero
    /// When the story ends; nil when nothing is left to happen.
    public var end: VirtualTime?
    public var family = AddressFamily.ipv4

    public struct Connection: Hashable, Sendable {
        /// Nil for the one that every scenario has.
        public var name: String?
        public var ports: PortPair

        public init(name: String?, ports: PortPair) {
            self.name = name
            self.ports = ports
        }
    }

    /// An action and its moment.
    public struct PlannedAction: Sendable {
        public var time: VirtualTime
        public var action: Action
        /// Where it was read; nil if a program has made it. The same action elsewhere is equal to this one.
        public var place: ScenarioPlace?

        public init(time: VirtualTime, action: Action, place: ScenarioPlace? = nil) {
            self.time = time
            self.action = action
            self.place = place
        }
    }

    /// What must be true.
    public struct Expectation: Sendable {
        /// Where it was read. The same expectation elsewhere is equal to this one.
        public var place: ScenarioPlace
        public var end: End
        /// Of no meaning for findings, which are those of all connections.
        public var ports: PortPair
        public var claim: Claim
    }

    public enum Claim: Hashable, Sendable {
        /// The end is in this state at a moment; nil for the end of the story.
        case state(State, at: VirtualTime?)
        /// It never is.
        case never(State)
        /// These are its states, in order.
        case path([State])
        /// It takes this rule.
        case rule(Rule)
        /// It sends a segment like this, so often (at least once where nothing is said), by a moment.
        case sends(SegmentClaim, times: Int?, by: VirtualTime?)
        /// The same of segments that arrive at it.
        case receives(SegmentClaim, times: Int?, by: VirtualTime?)
        /// Its user is told this.
        case told(Signals)
        /// A call is refused with this.
        case refused(UserError)
        /// The capture at a vantage point shows these findings and no others, by their codes.
        case findings([String], at: Vantage)
    }

    /// Those of a segment's numbers that are claimed.
    public struct SegmentClaim: Hashable, Sendable {
        public var sequenceNumber: SequenceNumber?
        public var acknowledgmentNumber: SequenceNumber?
        /// Exactly these.
        public var controlBits: ControlBits?
        public var payloadLength: UInt32?
        public var window: UInt16?

        public func matches(_ segment: Segment) -> Bool {
            if let sequenceNumber, sequenceNumber != segment.sequenceNumber { return false }
            if let acknowledgmentNumber {
                guard segment.hasAck, acknowledgmentNumber == segment.acknowledgmentNumber else { return false }
            }
            if let controlBits, controlBits != segment.controlBits { return false }
            if let payloadLength, payloadLength != segment.payloadLength { return false }
            if let window, window != segment.window { return false }
            return true
        }
    }

    public init() {}

    /// A simulator in which everything that the scenario does is planned, and nothing has happened yet.
    public func simulator() -> Simulator {
        var simulator = Simulator(settings: settings)
        for planned in actions { simulator.plan(planned.action, at: planned.time) }
        return simulator
    }

    /// The whole story.
    ///
    /// - Parameter limit: how many things may happen at most.
    /// - Returns: the simulator at the end, and whether that was reached.
    public func run(limit: Int = 1_000_000) -> (simulator: Simulator, isComplete: Bool) {
        var simulator = simulator()
        let isComplete =
            if let end { simulator.run(until: end, limit: limit) } else { simulator.runToEnd(limit: limit) }
        return (simulator, isComplete)
    }
}

extension Scenario.PlannedAction: Hashable {
    public static func == (one: Self, other: Self) -> Bool {
        one.time == other.time && one.action == other.action
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(time)
        hasher.combine(action)
    }
}

extension Scenario.Expectation: Hashable {
    public static func == (one: Self, other: Self) -> Bool {
        one.end == other.end && one.ports == other.ports && one.claim == other.claim
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(end)
        hasher.combine(ports)
        hasher.combine(claim)
    }
}
