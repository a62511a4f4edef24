public import Flows
public import Replay
public import Simulation
import WireFormat

/// What `postel replay` says of the captures of simulations: flows, findings and a summary, beside the truth that
/// `SimulationRecords` tells.
public struct SimulatedAccount: Sendable {
    /// Of all simulations so far.
    public private(set) var summary = Summary()
    private let interest: TrackerOptions.Interest
    /// Flows numbered so far: several simulations are numbered on.
    private var lastFlow: UInt64 = 0

    /// Of flows and findings, those that a report wants.
    public init(for options: ReportOptions) {
        interest = options.interest.subtracting([.transitions, .segments])
    }

    /// The records of one simulation's capture at a vantage point, damaged segments included, as a file has them.
    ///
    /// - Parameter name: of the simulation, for the summary.
    public mutating func make(
        of simulator: Simulator, named name: String, at vantage: Vantage, _ setting: CaptureSetting
    ) -> [Record] {
        var options = TrackerOptions()
        options.interest = interest
        let capture = simulator.packets(at: vantage, setting)
        let (records, counts) = SimulatedReplay.replay(capture, of: simulator, at: vantage, setting, options)
        var file = Summary.File(name: name)
        file.packets = UInt64(capture.count)
        file.first = capture.first?.time
        file.last = capture.last?.time
        summary.files.append(file)
        summary.packets += file.packets
        summary.icmpErrors += UInt64(capture.count(where: \.isError))
        summary.segments += file.packets - UInt64(capture.count(where: \.isError))
        summary.counts.add(counts)
        defer { lastFlow += counts.flows }
        return records.map { $0.renumbered(by: lastFlow) }
    }
}

extension TappedPacket {
    fileprivate var time: Int64 {
        switch self {
        case .segment(let tapped): tapped.captured.time
        case .error(let tapped): tapped.time
        }
    }

    fileprivate var isError: Bool {
        if case .error = self { true } else { false }
    }
}

extension TrackerCounts {
    fileprivate mutating func add(_ other: TrackerCounts) {
        segments += other.segments
        copies += other.copies
        flows += other.flows
        transitionsPerRule.add(other.transitionsPerRule)
        endpointsPerState.add(other.endpointsPerState)
        flowsPerFinding.add(other.flowsPerFinding)
    }
}

extension [UInt64] {
    /// Place by place.
    fileprivate mutating func add(_ other: [UInt64]) {
        if count < other.count { append(contentsOf: repeatElement(0, count: other.count - count)) }
        for place in other.indices { self[place] += other[place] }
    }
}

extension Record {
    /// The same record of a flow whose number is so much higher.
    fileprivate func renumbered(by offset: UInt64) -> Record {
        switch self {
        case .transition(var record):
            record.flow += offset
            return .transition(record)
        case .withdrawal(var record):
            record.flow += offset
            return .withdrawal(record)
        case .flow(var record):
            record.flow += offset
            record.incarnationOf = record.incarnationOf.map { $0 + offset }
            return .flow(record)
        case .segment(var record):
            record.flow += offset
            return .segment(record)
        case .finding(var record):
            record.flow += offset
            return .finding(record)
        case .connection: return self
        }
    }
}
