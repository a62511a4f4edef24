import TCPStateMachine

/// Every endpoint and every segment that has come up, once, with the steps between them.
///
/// The machine is a function of endpoint and event. The two endpoints meet the same situation in thousands of worlds;
/// so each step is asked of the machine once and looked up afterwards.
struct EndpointTable {
    private let bounds: ExplorationBounds
    private let machine: ConnectionModel.Machine
    private let tables: BothEnds<Set<Rule>>
    private var endpoints = InternTable<ExploredEndpoint>()
    private var segments = InternTable<Segment>()
    private(set) var steps = ChunkedArray<EndpointStep>()
    /// Where the local steps of each endpoint lie in `steps`; nil until they have been asked for.
    private var localSteps = ChunkedArray<Range32?>()
    /// Which endpoints are gone for good.
    private var gone = ChunkedArray<Bool>()
    /// Pairs of endpoint and segment that have met.
    private var meetings = InternTable<UInt64>()
    /// The step of each meeting.
    private var deliveries = ChunkedArray<UInt32>()

    struct Range32: Hashable, BitwiseCopyable {
        var start: UInt32
        var end: UInt32
    }

    init(bounds: ExplorationBounds, machine: @escaping ConnectionModel.Machine) {
        self.bounds = bounds
        self.machine = machine
        tables = BothEnds(
            a: Set(Diagram.rules(of: bounds.profiles.a)), b: Set(Diagram.rules(of: bounds.profiles.b)))
    }

    var endpointCount: Int { endpoints.count }
    var segmentCount: Int { segments.count }

    func endpoint(_ number: UInt32) -> ExploredEndpoint { endpoints[Int(number)] }
    func segment(_ number: UInt16) -> Segment { segments[Int(number)] }
    func step(_ number: UInt32) -> EndpointStep { steps[Int(number)] }
    func isGone(_ number: UInt32) -> Bool { gone[Int(number)] }

    mutating func count(_ number: UInt32) {
        steps[Int(number)].taken += 1
    }

    /// An endpoint that has done nothing yet.
    mutating func newEndpoint(_ side: End) -> UInt32 {
        let connection = Connection(
            profile: bounds.profiles[side], parameters: bounds.parameters,
            nextInitialNumber: InitialNumbers.first(of: side))
        return intern(ExploredEndpoint(connection: connection, allowance: bounds.allowances[side])) ?? 0
    }

    /// The steps that an endpoint can take by itself, as a range of numbers.
    mutating func localSteps(of number: UInt32, _ side: End) -> Range<UInt32> {
        if let known = localSteps[Int(number)] { return known.start..<known.end }
        let start = UInt32(truncatingIfNeeded: steps.count)
        for event in LocalEvent.allCases {
            guard let step = localStep(event, of: endpoints[Int(number)], side) else { continue }
            steps.append(step)
        }
        let end = UInt32(truncatingIfNeeded: steps.count)
        localSteps[Int(number)] = Range32(start: start, end: end)
        return start..<end
    }

    /// What becomes of an endpoint that a segment arrives at, by number.
    mutating func delivery(of segment: UInt16, to number: UInt32, _ side: End) -> UInt32 {
        guard let (place, isNew) = meetings.insert(UInt64(number) << 16 | UInt64(segment)) else { return 0 }
        if isNew {
            let step = arrival(of: segments[Int(segment)], at: endpoints[Int(number)], side)
            deliveries.append(UInt32(truncatingIfNeeded: steps.count))
            steps.append(step)
        }
        return deliveries[place]
    }

    private mutating func intern(_ endpoint: ExploredEndpoint) -> UInt32? {
        var endpoint = endpoint
        if bounds.forgetsWhatIsIdle { endpoint.forgetIdleAllowance() }
        guard let (number, isNew) = endpoints.insert(endpoint) else { return nil }
        if isNew {
            localSteps.append(nil)
            gone.append(bounds.forgetsWhatIsIdle && endpoint.isGone)
        }
        return UInt32(truncatingIfNeeded: number)
    }

    /// The step by `event`, or nil if it cannot happen, or changes nothing.
    private mutating func localStep(_ event: LocalEvent, of before: ExploredEndpoint, _ side: End) -> EndpointStep? {
        var endpoint = before
        if let cost = event.cost {
            guard endpoint.allowance[keyPath: cost] > 0 else { return nil }
            endpoint.allowance[keyPath: cost] -= 1
        }
        if event == .crash, !bounds.profiles[side][.socketMayVanish] {
            return crash(endpoint, side)
        }
        guard let event = machineEvent(event, of: before) else { return nil }
        let outcome = machine(&endpoint.connection, event.machine)
        switch outcome {
        case .refused: return nil
        case .ignored(_, reply: nil): return nil
        case .ignored, .accepted: break
        }
        // A call that only waits for its answer, or an error that is only reported, leads nowhere.
        guard !outcome.segments.isEmpty || endpoint.connection != before.connection else { return nil }
        return settle(outcome, from: before, to: endpoint, by: event.local, side)
    }

    /// The event of the machine, or nil if `event` cannot happen now.
    private func machineEvent(
        _ event: LocalEvent, of endpoint: ExploredEndpoint
    ) -> (local: LocalEvent, machine: Event)? {
        let running = endpoint.connection.running
        let happens: Bool
        let machine: Event
        switch event {
        case .activeOpen:
            (happens, machine) = (endpoint.allowance.openings != .passive, .activeOpen(remoteSpecified: true))
        case .passiveOpen:
            (happens, machine) = (endpoint.allowance.openings != .active, .passiveOpen(remoteSpecified: true))
        case .send: (happens, machine) = (true, .send(octets: bounds.octets))
        case .receive:
            let unread = endpoint.connection.unread
            (happens, machine) = (bounds.slowReader && unread > 0, .receive(octets: unread))
        case .close: (happens, machine) = (true, .close(furtherReceiving: true))
        case .closeBothWays: (happens, machine) = (bounds.halfDuplexClose, .close(furtherReceiving: false))
        case .abort: (happens, machine) = (true, .abort)
        case .retransmission:
            (happens, machine) = (running.contains(.retransmission), .retransmissionTimeout(retransmissions: 0))
        case .retransmissionLimit:
            let last = running.contains(.retransmission) && endpoint.allowance.retransmissions == 0
            (happens, machine) = (last, .retransmissionTimeout(retransmissions: .max))
        case .userTimeout: (happens, machine) = (true, .userTimeout)
        case .timeWaitTimeout: (happens, machine) = (running.contains(.timeWait), .timeWaitTimeout)
        case .finWait2Timeout: (happens, machine) = (running.contains(.finWait2), .finWait2Timeout)
        case .icmpHardError: (happens, machine) = (true, .icmpHardError)
        case .icmpSoftError: (happens, machine) = (true, .icmpSoftError)
        case .crash: (happens, machine) = (true, .socketGone)
        }
        return happens ? (event, machine) : nil
    }

    /// Loss of memory: no rule of the machine, and nothing that it could do about it.
    private mutating func crash(_ endpoint: ExploredEndpoint, _ side: End) -> EndpointStep? {
        guard endpoint.connection.state != .closed else { return nil }
        let after = ExploredEndpoint(
            connection: Connection(
                profile: bounds.profiles[side], parameters: bounds.parameters,
                nextInitialNumber: endpoint.connection.nextInitialNumber),
            allowance: endpoint.allowance)
        return intern(after).map { EndpointStep(side: side, event: .crash, after: $0) }
    }

    private mutating func arrival(of segment: Segment, at before: ExploredEndpoint, _ side: End) -> EndpointStep {
        var endpoint = before
        let outcome = machine(&endpoint.connection, .segmentArrives(segment))
        var step = settle(outcome, from: before, to: endpoint, by: nil, side)
        if outcome.signals.contains(.passSegmentToListener) {
            // Nobody listens behind this endpoint: the segment meets no socket.
            var next = endpoints[Int(step.after)]
            let answer = machine(&next.connection, .segmentArrives(segment))
            let second = settle(answer, from: endpoints[Int(step.after)], to: next, by: nil, side)
            step.after = second.after
            step.segments = second.segments
            step.leavesTable = step.leavesTable || second.leavesTable
            step.overflows = step.overflows || second.overflows
        }
        return step
    }

    /// Judges an outcome, reads what has arrived, draws the next ISS, and numbers it all.
    private mutating func settle(
        _ outcome: Outcome, from before: ExploredEndpoint, to after: ExploredEndpoint, by event: LocalEvent?,
        _ side: End
    ) -> EndpointStep {
        var after = after
        after.noteFins(rules: outcome.rules, segments: outcome.segments, signals: outcome.signals)
        var step = EndpointStep(side: side, event: event, after: 0, rules: outcome.rules)
        step.leavesTable = !isChain(outcome.rules, from: before.connection, to: after.connection, side)
        for segment in outcome.segments { send(segment, &step) }
        if after.connection.unread > 0, !bounds.slowReader {
            for segment in machine(&after.connection, .receive(octets: after.connection.unread)).segments {
                send(segment, &step)
            }
        }
        InitialNumbers.draw(for: &after.connection)
        if let number = intern(after) { step.after = number } else { step.overflows = true }
        return step
    }

    private mutating func send(_ segment: Segment, _ step: inout EndpointStep) {
        guard let (number, _) = segments.insert(segment, limit: Int(UInt16.max) - 1),
            step.segments.append(UInt16(truncatingIfNeeded: number))
        else {
            step.overflows = true
            return
        }
    }

    /// Whether the rules lead from state to state, and all are in the table of the profile.
    private func isChain(_ rules: RuleList, from before: Connection, to after: Connection, _ side: End) -> Bool {
        var state = before.state
        for rule in rules {
            guard rule.from == state, tables[side].contains(rule) else { return false }
            state = rule.to
        }
        return state == after.state
    }
}

/// The initial sequence numbers of an exploration: each incarnation of an endpoint lies 1000 above the one before, more
/// than it ever sends, and less than a window.
enum InitialNumbers {
    private static let distance: UInt32 = 1000

    static func first(of side: End) -> SequenceNumber {
        switch side {
        case .a: SequenceNumber(100)
        case .b: SequenceNumber(300)
        }
    }

    /// Draws the next number if the last one has been taken.
    static func draw(for connection: inout Connection) {
        switch connection.state {
        case .closed, .listen: return
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            guard connection.initialSendNumber == connection.nextInitialNumber else { return }
            connection.nextInitialNumber = connection.nextInitialNumber + distance
        }
    }
}
