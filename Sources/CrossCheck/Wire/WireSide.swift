import Flows
import TCPStateMachine
import WireFormat

/// Gathers the tracker's records, flow by flow.
struct WireSide {
    /// By their numbers, until they have been judged.
    private(set) var flows: [UInt64: FlowEvidence] = [:]
    /// How many were ever reported.
    private(set) var reported = 0
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
            flows[transition.flow, default: FlowEvidence(number: transition.flow)].take(transition)
        case .withdrawal(let withdrawal):
            flows[withdrawal.flow]?.withdraw(withdrawal)
        case .finding(let finding):
            // Some are about many flows and bear the number of none.
            if finding.flow > 0 {
                flows[finding.flow, default: FlowEvidence(number: finding.flow)].take(finding.code)
            }
        case .flow(let flow):
            flows[flow.flow, default: FlowEvidence(number: flow.flow)].record = flow
            reported += 1
        case .connection: break
        }
    }

    /// All flows that were reported or are still open, in the order of their first packets.
    ///
    /// - Parameter open: how those stand that were not reported; what of them began later is left out.
    func numbered(with open: [FlowRecord], upTo time: Int64) -> [FlowEvidence] {
        var all = flows
        for record in open where all[record.flow]?.record == nil { all[record.flow]?.record = record }
        return all.values.filter { $0.record.map { $0.first <= time } ?? false }.sorted { $0.number < $1.number }
    }

    /// Forgets flows that have been judged, and what belongs to none that is reported or open.
    mutating func forget(_ judged: Set<UInt64>, open: [FlowRecord]) {
        let known = Set(open.map(\.flow))
        flows = flows.filter { number, flow in
            !judged.contains(number) && (flow.record != nil || known.contains(number))
        }
    }
}
