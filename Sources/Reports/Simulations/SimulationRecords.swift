public import Flows
public import Simulation
import TCPStateMachine
import WireFormat

/// The truth of a simulation as records: the same that a replay makes, but known and not inferred.
public struct SimulationRecords: Sendable {
    /// Flows numbered so far: several simulations are numbered on.
    private var lastFlow: UInt64 = 0

    public init() {}

    /// Transitions and segments, in the order of their times.
    ///
    /// - Parameters:
    ///   - vantage: whose capture the packet numbers are of; a segment that was not seen there has no record, and what
    ///     it caused has no packet.
    ///   - setting: the two ends' addresses, and when the simulation began by the calendar.
    public mutating func make(
        of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting
    ) -> [Record] {
        var flows = SimulatedFlows(following: lastFlow)
        let capture = simulator.capture(at: vantage, setting)
        var packets: [Int32: UInt64] = [:]
        for tapped in capture { packets[tapped.number] = tapped.captured.packet }
        var records: [(time: Int64, record: Record)] = simulator.history.transitions.compactMap { step in
            guard let flow = flows.take(step, simulator) else { return nil }
            let packet = step.cause.flatMap { packets[$0] }
            let time = setting.begin &+ step.time.nanoseconds
            let record = TransitionRecord(
                known: flow.number, flow.role(of: step.end), from: step.from, to: step.to, rule: step.rule, time: time,
                cause: packet.map { PacketReference(file: 0, packet: $0) } ?? .none,
                isTimer: step.rule?.isOfTimer ?? false)
            return (time, .transition(record))
        }
        let states = SegmentStates(of: simulator.history)
        for tapped in capture {
            let sent = simulator.history.segments[Int(tapped.number)]
            guard let flow = flows.flow(of: sent.ports, at: sent.sent) else { continue }
            let after = states.after(tapped.number, simulator)
            let (initiator, responder) = flow.initiator == .a ? (after.a, after.b) : (after.b, after.a)
            let record = SegmentRecord(
                known: flow.number, PacketReference(file: 0, packet: tapped.captured.packet),
                time: tapped.captured.time, from: flow.role(of: sent.from), sent.segment, initiatorState: initiator,
                responderState: responder)
            records.append((tapped.captured.time, .segment(record)))
        }
        lastFlow = flows.last
        // Stable: at the same moment transitions come before segments, each kind in its own order.
        return records.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element.record)
    }
}

extension Rule {
    /// No segment and no call takes it.
    fileprivate var isOfTimer: Bool {
        let id = id
        return id.hasSuffix("-TIMEOUT") || id.hasSuffix("-RETRANSMISSION-LIMIT")
    }
}

/// The incarnations of a simulation's connections.
private struct SimulatedFlows {
    struct Flow {
        var number: UInt64
        var initiator: End
        var ports: PortPair
        var begin: VirtualTime
        /// Which ends have opened it actively.
        var openers: Set<End> = []

        func role(of end: End) -> EndpointRole { end == initiator ? .initiator : .responder }
    }

    private var flows: [Flow] = []
    /// The flows between the same ports, in order.
    private var places: [PortPair: [Int]] = [:]
    private(set) var last: UInt64
    /// The states as the transitions have led to.
    private var states: [PortPair: [End: State]] = [:]

    init(following last: UInt64) {
        self.last = last
    }

    /// The flow that a step belongs to; an active OPEN begins one, unless it crosses another. Steps are given in order.
    mutating func take(_ step: Transition, _ simulator: Simulator) -> Flow? {
        guard let ports = wholePorts(step.ports, simulator) else { return nil }
        defer { states[ports, default: [:]][step.end] = step.to }
        guard step.to == .synSent else {
            if let known = index(of: ports) { return flows[known] }
            // Who listens, or answers a SYN, is the responder.
            return begin(ports, by: step.end.other, at: step.time, isActive: false)
        }
        if let known = index(of: ports), !flows[known].openers.contains(step.end), crosses(ports, step.end) {
            if flows[known].openers.isEmpty { flows[known].initiator = step.end }
            flows[known].openers.insert(step.end)
            return flows[known]
        }
        return begin(ports, by: step.end, at: step.time, isActive: true)
    }

    /// The flow of a segment that was sent at a moment.
    func flow(of ports: PortPair, at time: VirtualTime) -> Flow? {
        let known = places[ports] ?? []
        return (known.last { flows[$0].begin <= time } ?? known.first).map { flows[$0] }
    }

    private func index(of ports: PortPair) -> Int? {
        places[ports]?.last
    }

    /// Both ends open at the same time: one connection, or nobody has opened this one yet.
    private func crosses(_ ports: PortPair, _ end: End) -> Bool {
        guard let known = index(of: ports) else { return false }
        return flows[known].openers.isEmpty || states[ports]?[end.other] == .synSent
    }

    private mutating func begin(_ ports: PortPair, by end: End, at time: VirtualTime, isActive: Bool) -> Flow {
        last += 1
        let flow = Flow(
            number: last, initiator: end, ports: ports, begin: time, openers: isActive ? [end] : [])
        places[ports, default: []].append(flows.count)
        flows.append(flow)
        return flow
    }

    /// A TCB that names no peer belongs to the first connection that it has.
    private func wholePorts(_ ports: PortPair, _ simulator: Simulator) -> PortPair? {
        guard ports.a == 0 || ports.b == 0 else { return ports }
        return simulator.history.segments.first {
            (ports.a == 0 || $0.ports.a == ports.a) && (ports.b == 0 || $0.ports.b == ports.b)
        }?.ports
    }
}

/// The states of the two ends after each segment: of its sender when it left, of its receiver when it came.
private struct SegmentStates {
    private var departures: [Int32: State] = [:]
    private var arrivals: [Int32: State] = [:]
    private let transitions: [Transition]

    init(of history: History) {
        transitions = history.transitions
        for incident in history.incidents {
            switch incident.what {
            case .departure(let number): departures[number] = incident.state
            case .arrival(let number, _): arrivals[number] = incident.state
            case .icmpError, .call, .timeout, .crash, .restart, .signal, .remark, .statesAsked: break
            }
        }
    }

    func after(_ number: Int32, _ simulator: Simulator) -> (a: State, b: State) {
        let sent = simulator.history.segments[Int(number)]
        let sender = departures[number] ?? state(of: sent.from, sent)
        let receiver = arrivals[number] ?? state(of: sent.from.other, sent)
        return sent.from == .a ? (sender, receiver) : (receiver, sender)
    }

    /// The state of an end when a segment was sent that did not touch it.
    private func state(of end: End, _ sent: SentSegment) -> State {
        transitions.last { step in
            step.end == end && step.time <= sent.sent
                && (step.ports == sent.ports || step.ports[end.other] == 0 && step.ports[end] == sent.ports[end])
        }?.to ?? .closed
    }
}
