public import Simulation
import TCPStateMachine

/// What `postel explore` can show.
public enum ExplorationPart: String, CaseIterable, Hashable, Sendable {
    /// Totals, states, rules, dead ends.
    case exploration
    /// Violated invariants, each with the shortest ladder that leads there.
    case violations
}

/// An exploration as text for people, or as lines of JSON.
public struct ExplorationReport {
    private let parts: Set<ExplorationPart>
    private let width: Int

    /// - Parameter width: the columns of the terminal, or nil.
    public init(parts: Set<ExplorationPart>, width: Int?) {
        self.parts = parts
        self.width = max(width ?? 100, 40)
    }

    /// Writes the report, to its last octet.
    public func write(
        _ exploration: ConnectionExploration, as format: ExplorationFormat, to output: inout OutputFile
    ) throws(OutputError) {
        switch format {
        case .table: writeTable(exploration, to: &output.buffer)
        case .ndjson: writeLines(exploration, to: &output.buffer)
        }
        try output.flush()
    }

    private func writeTable(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        if parts.contains(.exploration) { ExplorationTable(width: width).write(exploration, to: &buffer) }
        guard parts.contains(.violations) else { return }
        for violated in exploration.violations {
            if buffer.count > 0 { buffer.put("\n") }
            buffer.put(text: "violated: \(violated.invariant.name): \(violated.invariant.text)\n")
            let times = TableText.grouped(UInt64(violated.occurrences))
            buffer.put(text: "\(violated.invariant.source). Violated by \(times) states and steps; the first:\n\n")
            buffer.put(text: violated.ladder.description)
            buffer.put("\n")
        }
    }

    private func writeLines(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        if parts.contains(.exploration) { buffer.put(exploration) }
        guard parts.contains(.violations) else { return }
        for violated in exploration.violations { buffer.put(violated) }
    }
}

/// The form of the output: an exploration has no rows for CSV.
public enum ExplorationFormat: String, CaseIterable, Hashable, Sendable {
    case table
    case ndjson
}
