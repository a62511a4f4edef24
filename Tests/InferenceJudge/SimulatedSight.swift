public import Flows
public import Simulation
public import WireFormat
import Reports
import TCPStateMachine

/// What a capture of a simulation shows, and what the inference makes of it.
public struct SimulatedSight {
    public let simulator: Simulator
    public let vantage: Vantage
    public let setting: CaptureSetting
    /// What passed, without what the capture is said to have missed.
    let packets: [TappedPacket]
    /// The steps of each end of each pair of ports, in causal order; those that were taken back are left out.
    public private(set) var inferred: [Place: [TransitionRecord]] = [:]

    /// When the capture ends, nanoseconds since the begin: a host that crashes captures no more.
    let end: Int64

    private let whole: [TappedPacket]
    /// When a segment passed, by its number; nil for those that the capture does not have.
    private let passed: [Int64?]

    /// One end of a connection.
    public struct Place: Hashable {
        public var end: End
        public var ports: PortPair
    }

    /// - Parameter isCaptured: whether the capture has the segment at this place of all that passed.
    public init(
        of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting,
        where isCaptured: (Int, TappedPacket) -> Bool = { _, _ in true }
    ) {
        self.simulator = simulator
        self.vantage = vantage
        self.setting = setting
        whole = simulator.packets(at: vantage, setting)
        let end = Self.end(of: simulator, at: vantage)
        self.end = end
        packets = whole.enumerated().filter { place, packet in
            packet.time &- setting.begin < end && isCaptured(place, packet)
        }.map(\.element)
        var passed = [Int64?](repeating: nil, count: simulator.history.segments.count)
        for case .segment(let tapped) in packets where !tapped.isCorrupt {
            passed[Int(tapped.number)] = tapped.captured.time &- setting.begin
        }
        self.passed = passed
        infer()
    }

    private static func end(of simulator: Simulator, at vantage: Vantage) -> Int64 {
        guard case .host(let host) = vantage else { return .max }
        let crash = simulator.history.incidents.first { $0.end == host && $0.what == .crash }
        return crash?.time.nanoseconds ?? .max
    }

    /// The segment, of those that were sent, that a packet of the capture is.
    func segment(of packet: PacketReference) -> Int32? {
        guard !packet.isNone, packet.packet >= 1, packet.packet <= UInt64(whole.count) else { return nil }
        guard case .segment(let tapped) = whole[Int(packet.packet) - 1] else { return nil }
        return tapped.number
    }

    /// The segments among the packets that passed.
    public var capture: [TappedSegment] {
        packets.compactMap { if case .segment(let tapped) = $0 { tapped } else { nil } }
    }

    /// When a segment passed, nanoseconds since the begin; nil if the capture does not have it.
    func time(of segment: Int32) -> Int64? { passed[Int(segment)] }

    /// When the capture had shown a step, nanoseconds since the begin.
    func told(_ step: TransitionRecord) -> Int64 {
        let proof = segment(of: step.proof).flatMap { time(of: $0) } ?? .min
        return max(step.time &- setting.begin, proof)
    }

    // MARK: Inference

    private mutating func infer() {
        let settings = (simulator[.a].settings.profile, simulator[.b].settings.profile)
        var records = infer(initiator: settings.0, responder: settings.1)
        if settings.0 != settings.1 {
            // Whose rules are whose depends on who opened, which the inference finds out.
            let swapped = infer(initiator: settings.1, responder: settings.0)
            if records.map(\.beginning) == swapped.map(\.beginning) {
                records = records.filter { opener(of: $0) == .a } + swapped.filter { opener(of: $0) == .b }
            } else if let first = records.min(by: { $0.flow.flow < $1.flow.flow }), opener(of: first) == .b {
                // Where one connection ends and another begins depends on the rules, too: a packet is told of once.
                records = swapped
            }
        }
        for flow in records.sorted(by: { $0.flow.flow < $1.flow.flow }) {
            let source = opener(of: flow)
            let pair = flow.flow.pair
            let ports =
                source == .a
                ? PortPair(a: pair.sourcePort, b: pair.destinationPort)
                : PortPair(a: pair.destinationPort, b: pair.sourcePort)
            for role in EndpointRole.allCases {
                let place = Place(end: role == .initiator ? source : source.other, ports: ports)
                inferred[place, default: []] += flow.steps.filter { $0.endpoint == role }
            }
        }
    }

    private struct InferredFlow {
        var flow: FlowRecord
        var steps: [TransitionRecord]

        /// Which flow it is in the capture: where it begins, and who opened it.
        var beginning: Beginning { Beginning(time: flow.first, pair: flow.pair) }

        struct Beginning: Equatable {
            var time: Int64
            var pair: SocketPair
        }
    }

    private func opener(of flow: InferredFlow) -> End { flow.flow.pair.source == setting.a ? .a : .b }

    private func infer(initiator: Profile, responder: Profile) -> [InferredFlow] {
        var options = TrackerOptions()
        options.interest = [.flows, .transitions]
        options.initiatorProfile = initiator
        options.responderProfile = responder
        let records = SimulatedReplay.replay(packets, at: vantage, setting, options).records
        var steps: [UInt64: [TransitionRecord]] = [:]
        var flows: [FlowRecord] = []
        for record in records {
            switch record {
            case .transition(let step): steps[step.flow, default: []].append(step)
            case .withdrawal(let withdrawal):
                let index = steps[withdrawal.flow]?.lastIndex {
                    $0.endpoint == withdrawal.endpoint && $0.rule == withdrawal.rule && $0.cause == withdrawal.cause
                }
                if let index { steps[withdrawal.flow]?.remove(at: index) }
            case .flow(let flow): flows.append(flow)
            case .segment, .finding, .connection: break
            }
        }
        return flows.map { InferredFlow(flow: $0, steps: steps[$0.flow] ?? []) }
    }
}

extension TappedPacket {
    fileprivate var time: Int64 {
        switch self {
        case .segment(let tapped): tapped.captured.time
        case .error(let tapped): tapped.time
        }
    }
}
