import Flows
import Replay
import TCPStateMachine
import WireFormat

/// The summary for people: what was read, what was made of it, what was left out.
struct SummaryTable {
    private let width: Int
    private let follows: Bool
    private static let labelWidth = 15

    init(options: ReportOptions) {
        width = options.width ?? 100
        follows = options.kinds.count > 1
    }

    func write(_ summary: Summary, to buffer: inout ByteBuffer) {
        if follows { buffer.put(UInt8(ascii: "\n")) }
        writeFiles(summary, to: &buffer)
        write("packets", packets(summary), to: &buffer)
        write("flows", [TableText.grouped(summary.counts.flows)], to: &buffer)
        if summary.counts.evictedFlows > 0 {
            let why = ["(reported early:", "there were more at once than --max-flows allows)"]
            write("evicted", listed(summary.evictedCounts) + why, to: &buffer)
        }
        write("final states", listed(summary.endpointCounts), to: &buffer)
        write("transitions", listed(summary.ruleCounts), to: &buffer)
        write("findings", listed(summary.findingCounts), to: &buffer)
        if summary.isInterrupted {
            write("stopped", ["before the end of the input: these are the results so far"], to: &buffer)
        }
    }

    private func writeFiles(_ summary: Summary, to buffer: inout ByteBuffer) {
        guard summary.files.count > 1 else { return }
        for (index, file) in summary.files.enumerated() {
            write("file \(index)", [TableText.printable(file.name) + ":", counted(file.packets, "packet")], to: &buffer)
        }
    }

    private func packets(_ summary: Summary) -> [String] {
        var parts = ["\(TableText.grouped(summary.packets)):", counted(summary.segments, "TCP segment")]
        if summary.counts.copies > 0 { parts[1] += " (copies: \(TableText.grouped(summary.counts.copies)))" }
        if summary.icmpErrors > 0 { parts.append(counted(summary.icmpErrors, "ICMP error")) }
        let skipped = summary.skippedCounts.filter { $0.count > 0 }
        parts += skipped.map { "\(TableText.grouped($0.count)) \($0.name)" }
        if summary.captureLosses > 0 { parts.append("\(TableText.grouped(summary.captureLosses)) lost by the capture") }
        return separated(parts, from: 1)
    }

    /// What occurred, with its count.
    private func listed(_ counts: [NamedCount]) -> [String] {
        let parts = counts.filter { $0.count > 0 }.map { "\($0.name) \(TableText.grouped($0.count))" }
        return parts.isEmpty ? ["none"] : separated(parts, from: 0)
    }

    /// "1 packet", "2 packets".
    private func counted(_ count: UInt64, _ noun: String) -> String {
        "\(TableText.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// Commas behind all parts from `first` on but the last.
    private func separated(_ parts: [String], from first: Int) -> [String] {
        parts.enumerated().map { place, part in
            place >= first && place < parts.count - 1 ? part + "," : part
        }
    }

    private func write(_ label: String, _ parts: [String], to buffer: inout ByteBuffer) {
        let lines = TableText.wrapped(parts, width: max(width - SummaryTable.labelWidth, 20))
        for (place, line) in lines.enumerated() {
            let label = place == 0 ? label : ""
            buffer.put(text: label)
            buffer.put(UInt8(ascii: " "), times: SummaryTable.labelWidth - label.count)
            buffer.put(text: line)
            buffer.put(UInt8(ascii: "\n"))
        }
    }
}
