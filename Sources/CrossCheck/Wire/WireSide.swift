import Flows
import TCPStateMachine
import WireFormat

/// Gathers the tracker's records, flow by flow.
struct WireSide {
    /// In the order of their numbers once all have ended.
    private(set) var flows: [UInt64: FlowEvidence] = [:]
    /// The flows of each pair of sockets, by the canonical form of the pair.
    private(set) var numbers: [SocketPair: [UInt64]] = [:]
    /// When the first and the last segment passed.
    private(set) var first: Int64?
    private(set) var last: Int64?

    mutating func take(_ records: borrowing [Record]) {
        for place in records.indices { take(records[place]) }
    }

    private mutating func take(_ record: Record) {
        switch record {
        case .segment(let segment):
            first = min(first ?? segment.time, segment.time)
            last = max(last ?? segment.time, segment.time)
            flows[segment.flow, default: FlowEvidence(number: segment.flow)].take(segment)
        case .transition(let transition):
            flows[transition.flow, default: FlowEvidence(number: transition.flow)][transition.endpoint]
                .append(transition)
        case .withdrawal(let withdrawal):
            flows[withdrawal.flow]?.withdraw(withdrawal)
        case .finding(let finding):
            // Some are about many flows and bear the number of none.
            if finding.flow > 0 {
                flows[finding.flow, default: FlowEvidence(number: finding.flow)].take(finding.code)
            }
        case .flow(let flow):
            flows[flow.flow, default: FlowEvidence(number: flow.flow)].record = flow
            numbers[flow.pair.canonical, default: []].append(flow.flow)
        case .connection: break
        }
    }

    /// All flows that were reported, in the order of their first packets.
    var numbered: [FlowEvidence] {
        flows.values.filter { $0.record != nil }.sorted { $0.number < $1.number }
    }
}

extension SocketPair {
    /// The same for both directions.
    var canonical: SocketPair {
        let left = (source.high, source.low, UInt64(sourcePort))
        let right = (destination.high, destination.low, UInt64(destinationPort))
        return left <= right ? self : reversed
    }
}
