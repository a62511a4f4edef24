public import TCPStateMachine

// Simulator             what there is, and the clock
// Simulator+Actions     users, accidents, and others in the network
// Simulator+Arrivals    who a segment is for
// Simulator+ICMP        errors about segments
// Simulator+Connections one connection takes one event: its timers, its segments, its truth
// Simulator+Sending     the way of a segment through the network
// Simulator+UnderWay    what somebody does to a segment on its way
// Simulator+Capture     what is seen of it on the way

/// Two hosts in virtual time, joined by a network that delays, loses, duplicates and reorders.
///
/// A value: copy it to keep a moment, and go on from there more than once. The same settings, actions and seed lead to
/// the same history.
public struct Simulator: Hashable, Sendable {
    /// What a simulation begins with.
    public struct Settings: Hashable, Sendable {
        public var a: HostSettings
        public var b: HostSettings
        public var network = NetworkSettings()
        /// For the network's dice and for initial sequence numbers.
        public var seed: UInt64 = 793

        public init(a: HostSettings = HostSettings(), b: HostSettings = HostSettings()) {
            self.a = a
            self.b = b
        }

        public subscript(end: End) -> HostSettings {
            get { end == .a ? a : b }
            set { if end == .a { a = newValue } else { b = newValue } }
        }
    }

    public internal(set) var now = VirtualTime.zero
    public internal(set) var history = History()
    /// A, then B.
    var hosts: [Host]
    var network: Network
    var queue = EventQueue()
    /// What events have done, where `isTracing` is on, since it was last emptied.
    public var trace: [TracedEvent] = []
    /// Whether `trace` is kept.
    public var isTracing = false
    /// Mixed into initial sequence numbers.
    private let secret: UInt64

    public init(settings: Settings) {
        var dice = Dice(seed: settings.seed)
        secret = dice.next()
        hosts = End.allCases.map { end in
            Host(end: end, settings: settings[end], timestampOffset: UInt32(truncatingIfNeeded: dice.next()))
        }
        network = Network(settings: settings.network, dice: dice)
    }

    public subscript(end: End) -> Host { hosts[Int(end.rawValue)] }

    /// One way from this end as it is now, before jitter and faults, nanoseconds.
    public func latency(from end: End) -> Int64 { network.settings[latencyFrom: end] }

    /// The state between these ports at one end: LISTEN where someone waits for them, CLOSED where nothing is.
    public func state(at end: End, of ports: PortPair) -> State {
        self[end].state(of: ports)
    }

    /// When something happens next, or nil if nothing is left to happen.
    public var nextTime: VirtualTime? { queue.nextTime }

    /// Does `action` at a moment; what has passed is now.
    public mutating func plan(_ action: Action, at time: VirtualTime) {
        queue.add(.action(action), at: max(time, now))
    }

    /// Lets the next thing happen; false if nothing is left.
    @discardableResult
    public mutating func step() -> Bool {
        guard let entry = queue.popNext() else { return false }
        now = entry.time
        switch entry.happening {
        case .arrival(let number): arrive(number)
        case .icmpError(let number): arriveError(number)
        case .timeout(let end, let socket, let kind): runOut(kind, end, socket)
        case .action(let action): perform(action)
        }
        return true
    }

    /// Lets everything happen up to a moment, that included, and sets the clock to it.
    ///
    /// - Parameter limit: at most so many things; a simulation that exceeds it has not come to its end.
    /// - Returns: false if the limit was reached.
    @discardableResult
    public mutating func run(until time: VirtualTime, limit: Int = 1_000_000) -> Bool {
        var left = limit
        while let next = queue.nextTime, next <= time {
            guard left > 0 else { return false }
            left -= 1
            step()
        }
        now = max(now, time)
        return true
    }

    /// Lets everything happen before a moment and sets the clock to it: what is done then comes before all else that
    /// happens then.
    ///
    /// - Returns: false if `limit` was reached.
    @discardableResult
    public mutating func run(before time: VirtualTime, limit: Int = 1_000_000) -> Bool {
        guard time > .zero else { return true }
        let isComplete = run(until: VirtualTime(nanoseconds: time.nanoseconds - 1), limit: limit)
        if isComplete { now = max(now, time) }
        return isComplete
    }

    /// Lets everything happen that will; the clock stays at the last of it.
    ///
    /// - Returns: false if `limit` was reached.
    @discardableResult
    public mutating func runToEnd(limit: Int = 1_000_000) -> Bool {
        var left = limit
        while left > 0, step() { left -= 1 }
        return queue.isEmpty
    }

    /// The number that the next SYN of a host takes: one of those that were set, or the clock of RFC 9293 section 3.4.1
    /// with a secret for the connection (RFC 6528).
    func nextInitialNumber(at end: End, _ ports: PortPair) -> SequenceNumber {
        let host = self[end]
        let numbers = host.settings.initialNumbers
        if host.usedNumbers < numbers.count { return numbers[host.usedNumbers] }
        var mix = Dice(seed: secret ^ UInt64(ports.a) << 32 ^ UInt64(ports.b) << 8 ^ UInt64(end.rawValue))
        let ticks = UInt32(truncatingIfNeeded: now.nanoseconds / (4 * Duration.microsecond))
        return SequenceNumber(UInt32(truncatingIfNeeded: mix.next()) &+ ticks)
    }

    mutating func trace(
        _ trigger: Trigger, at end: End, _ ports: PortPair, from before: State, _ after: State, _ outcome: Outcome
    ) {
        guard isTracing, trigger != .habit else { return }
        trace.append(
            TracedEvent(
                time: now, end: end, ports: ports, trigger: trigger, before: before, after: after, outcome: outcome))
    }

    mutating func note(_ what: Incident.What, at end: End, _ ports: PortPair) {
        history.incidents.append(
            Incident(time: now, end: end, ports: ports, state: state(at: end, of: ports), what: what))
    }
}
