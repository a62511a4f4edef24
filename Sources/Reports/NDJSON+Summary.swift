import Flows
import Replay
import TCPStateMachine
import WireFormat

extension NDJSON {
    /// The summary as one line. Counts by state, reason and finding list every name; rules only those that were used.
    func write(_ summary: Summary, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"summary","files":["#)
        for (place, file) in summary.files.enumerated() {
            if place > 0 { buffer.put(UInt8(ascii: ",")) }
            write(file, to: &buffer)
        }
        buffer.put(#"],"packets":"#)
        buffer.put(decimal: summary.packets)
        buffer.put(#","segments":"#)
        buffer.put(decimal: summary.segments)
        buffer.put(#","copies":"#)
        buffer.put(decimal: summary.counts.copies)
        buffer.put(#","icmp_errors":"#)
        buffer.put(decimal: summary.icmpErrors)
        buffer.put(#","skipped":"#)
        writeCounts(summary.skippedCounts, to: &buffer)
        buffer.put(#","flows":"#)
        buffer.put(decimal: summary.counts.flows)
        buffer.put(#","evicted_flows":"#)
        writeCounts(summary.evictedCounts, to: &buffer)
        buffer.put(#","endpoint_states":"#)
        writeCounts(summary.endpointCounts, to: &buffer)
        buffer.put(#","transitions":"#)
        writeCounts(summary.ruleCounts.filter { $0.count > 0 }, to: &buffer)
        buffer.put(#","findings":"#)
        writeCounts(summary.findingCounts, to: &buffer)
        buffer.put(#","capture_losses":"#)
        buffer.put(decimal: summary.captureLosses)
        buffer.put(#","interrupted":"#)
        buffer.put(summary.isInterrupted)
        buffer.put("}\n")
    }

    private func write(_ file: Summary.File, to buffer: inout ByteBuffer) {
        buffer.put(#"{"name":"#)
        buffer.put(quoted: file.name)
        buffer.put(#","packets":"#)
        buffer.put(decimal: file.packets)
        buffer.put(#","first":"#)
        if let first = file.first { buffer.put(seconds: first) } else { buffer.put("null") }
        buffer.put(#","last":"#)
        if let last = file.last { buffer.put(seconds: last) } else { buffer.put("null") }
        buffer.put(UInt8(ascii: "}"))
    }

    private func writeCounts(_ counts: [NamedCount], to buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: "{"))
        for (place, entry) in counts.enumerated() {
            if place > 0 { buffer.put(UInt8(ascii: ",")) }
            buffer.put(quoted: entry.name)
            buffer.put(UInt8(ascii: ":"))
            buffer.put(decimal: entry.count)
        }
        buffer.put(UInt8(ascii: "}"))
    }
}

/// A count with the name that it has in records.
struct NamedCount {
    let name: String
    let count: UInt64
}

extension Summary {
    /// Packets by the reason for which they were skipped; what the filter held back comes last.
    var skippedCounts: [NamedCount] {
        SkipReason.allCases.map { NamedCount(name: $0.name, count: skipped($0)) }
            + [NamedCount(name: "filtered", count: filtered)]
    }

    /// Flows reported early, by what they were.
    var evictedCounts: [NamedCount] {
        zip(EvictionKind.allCases.map(\.name), counts.evictedFlowsPerKind).map(NamedCount.init)
    }

    /// Endpoints by final state; those whose state is not known come last.
    var endpointCounts: [NamedCount] {
        zip(State.allCases.map(\.name) + ["unknown"], counts.endpointsPerState).map(NamedCount.init)
    }

    /// Transitions by rule.
    var ruleCounts: [NamedCount] {
        zip(Rule.allCases.map(\.id), counts.transitionsPerRule).map(NamedCount.init)
    }

    /// Flows by finding.
    var findingCounts: [NamedCount] {
        zip(FindingCode.allCases.map(\.name), counts.flowsPerFinding).map(NamedCount.init)
    }
}
