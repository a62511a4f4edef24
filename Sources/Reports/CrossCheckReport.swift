public import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine

/// Writes what a cross-check came to.
public struct CrossCheckReport: ~Copyable {
    private let format: KernelReportFormat
    private var output: OutputFile
    private let table: CrossCheckTable
    private let shown: Set<Verdict.Kind>

    /// - Parameter shown: the verdicts that are told one by one; all are counted.
    /// - Parameter width: lines of a table are cut to so many columns.
    public init(
        format: KernelReportFormat, output: consuming OutputFile, shown: Set<Verdict.Kind>, width: Int? = nil,
        hasColors: Bool = false
    ) {
        self.format = format
        self.output = output
        self.shown = shown
        table = CrossCheckTable(style: TableStyle(hasColors: hasColors, width: width))
    }

    /// Writes everything.
    ///
    /// - Parameter files: the captures, as `PacketReference.file` counts them.
    public mutating func write(_ outcome: CrossCheckOutcome, files: [String]) throws(OutputError) {
        let told = outcome.judgements.filter { shown.contains($0.verdict.kind) }
        switch format {
        case .table:
            table.writeTotals(outcome.totals, to: &output.buffer)
            try output.flushIfFull()
            for group in JudgementGroup.groups(told) {
                table.write(group, files: files, to: &output.buffer)
                try output.flushIfFull()
            }
            if told.isEmpty { table.writeNothing(shown, to: &output.buffer) }
        case .ndjson:
            let ndjson = CrossCheckNDJSON()
            for judgement in told {
                ndjson.write(judgement, to: &output.buffer)
                try output.flushIfFull()
            }
            ndjson.write(outcome.totals, to: &output.buffer)
        }
        try output.flush()
    }
}

/// Judgements that say the same of one endpoint: the kernel's row changed between them, but not the answer.
struct JudgementGroup {
    /// The latest of them: its row tells most.
    var latest: Judgement
    var count: UInt64
    var begin: Int64
    var end: Int64

    /// In the order of their first members.
    static func groups(_ judgements: [Judgement]) -> [JudgementGroup] {
        struct Key: Hashable {
            let subject: Judgement.Subject
            let verdict: Verdict
            let flow: UInt64?
            let endpoint: UInt8?
            let socket: KernelSocket.Identity?
            let place: Int
        }
        var places: [Key: Int] = [:]
        var groups: [JudgementGroup] = []
        for (place, judgement) in judgements.enumerated() {
            // What belongs to no flow is told apart by its socket, or stays alone.
            let identity = judgement.wire == nil ? judgement.socket?.identity : nil
            let key = Key(
                subject: judgement.subject, verdict: judgement.verdict, flow: judgement.wire?.flow,
                endpoint: judgement.wire?.endpoint.rawValue, socket: identity,
                place: judgement.wire == nil && identity == nil ? place : 0)
            if let known = places[key] {
                groups[known].latest = judgement
                groups[known].count &+= judgement.count
                groups[known].begin = min(groups[known].begin, judgement.window.begin)
                groups[known].end = max(groups[known].end, judgement.window.end)
            } else {
                places[key] = groups.count
                groups.append(
                    JudgementGroup(
                        latest: judgement, count: judgement.count, begin: judgement.window.begin,
                        end: judgement.window.end))
            }
        }
        return groups
    }
}
