public import Flows
public import Replay
public import TCPStateMachine

/// What a report shows, and how.
public struct ReportOptions: Sendable {
    public var format = OutputFormat.table
    /// The kinds of records to show.
    public var kinds: Set<RecordKind> = [.flows, .summary]
    /// Show only the flows of these numbers; all if empty.
    public var flows: Set<UInt64> = []
    /// Show only the flows that match.
    public var selection: Selection?
    /// Cut lines of a table to this many columns.
    public var width: Int?
    /// Color tables, for terminals.
    public var hasColors = false
    /// Name the file beside each packet in tables: there are several.
    public var namesFiles = false
    /// The worst severity among the flows shown is asked for.
    public var judgesFindings = false

    public init() {}

    /// What the tracker must make for this report.
    public var interest: TrackerOptions.Interest {
        if format == .zeek { return judgesByFlow ? [.connections, .flows] : .connections }
        var interest = TrackerOptions.Interest(kinds)
        if format != .table, kinds.contains(.flows) { interest.insert(.labels) }
        if needsFlows { interest.insert(.flows) }
        return interest
    }

    /// Whether a flow is among those that are shown.
    public func selects(_ flow: FlowRecord) -> Bool {
        (flows.isEmpty || flows.contains(flow.flow)) && selection?.matches(flow) ?? true
    }

    /// Only some flows are shown.
    private var isSelective: Bool { selection != nil || !flows.isEmpty }

    /// Records wait for their flow's: to be selected, or to stand together with it in a table.
    var holdsRecords: Bool { (selection != nil && format != .zeek) || (format == .table && showsDetails) }

    /// Something else than flows and the summary is shown.
    var showsDetails: Bool { !kinds.isSubset(of: [.flows, .summary]) }

    /// Flow records are needed even if they are not shown.
    private var needsFlows: Bool { holdsRecords || (judgesFindings && isSelective) }

    /// Whether findings are judged by flow records, because not all flows count.
    var judgesByFlow: Bool { judgesFindings && isSelective }
}

/// Renders records as they come and writes them to its output.
public struct Report: ~Copyable, RecordSink, LiveSink {
    private let options: ReportOptions
    private var output: OutputFile
    private var hold = FlowHold()
    private var worst: Severity?
    private let lines: RecordLines
    private var zeek = ZeekLog()
    private var table: FlowTable
    private var blocks: FlowBlocks

    public init(options: ReportOptions, output: consuming OutputFile) {
        self.options = options
        self.output = output
        let style = TableStyle(hasColors: options.hasColors, width: options.width, namesFiles: options.namesFiles)
        table = FlowTable(style: style)
        blocks = FlowBlocks(style: style, showsFlows: options.kinds.contains(.flows))
        lines = RecordLines(options)
        if options.format == .csv, let kind = options.kinds.first {
            // A header alone is less than one piece: nothing is written yet, nothing can fail.
            lines.csv.writeHeader(of: kind, to: &self.output.buffer)
        }
    }

    /// Records that were not shown because too many had to be kept until their flows ended.
    public var droppedRecords: UInt64 { hold.dropped }

    public mutating func receive(_ records: borrowing [Record]) throws(OutputError) {
        if areLines {
            for index in records.indices {
                lines.writeIfShown(records[index], to: &output.buffer)
                try output.flushIfFull()
            }
            return
        }
        for index in records.indices {
            let record = records[index]
            if case .connection(let connection) = record {
                try show(connection)
                continue
            }
            guard lines.isOfFlowShown(record) else { continue }
            if options.holdsRecords {
                try holdOrShow(record)
            } else {
                if case .flow(let flow) = record { judge(flow) }
                if lines.shows(record) { try show(record) }
            }
        }
    }

    /// Each record is a line, whatever was before it, and nothing else is to be known of it.
    private var areLines: Bool {
        (options.format == .ndjson || options.format == .csv) && !options.holdsRecords && !options.judgesByFlow
    }

    public var renderer: RecordRenderer? {
        guard areLines else { return nil }
        return { [lines] records in lines.text(of: records) }
    }

    public mutating func receive(text: [UInt8]) throws(OutputError) {
        try output.write(text)
    }

    /// Live: what has been settled is to be seen at once.
    public mutating func turn(
        _ moment: LiveMoment, _ tracker: borrowing FlowTracker
    ) throws(OutputError) -> ContinuousClock.Instant? {
        try output.flush()
        return nil
    }

    /// The replay is over: what is left is written, and the summary behind it.
    public mutating func finish(_ summary: Summary) throws(OutputError) {
        if options.format == .table {
            if options.showsDetails {
                blocks.finish(to: &output.buffer)
            } else if options.kinds.contains(.flows) {
                table.finish(to: &output.buffer)
            }
        }
        if options.format == .zeek {
            zeek.finish(summary, to: &output.buffer)
        } else if options.kinds.contains(.summary) {
            try show(summary)
        }
        try output.flush()
    }

    /// The worst finding of the flows shown, or nil if there is none; asked for by `judgesFindings`.
    public func worstSeverity(_ summary: Summary) -> Severity? {
        guard !options.judgesByFlow else { return worst }
        return zip(FindingCode.allCases, summary.counts.flowsPerFinding).filter { $0.1 > 0 }.map(\.0.severity).max()
    }

    private mutating func holdOrShow(_ record: Record) throws(OutputError) {
        guard case .flow(let flow) = record else {
            if lines.shows(record) { hold.keep(record) }
            return
        }
        let records = hold.take(flow.flow)
        guard options.selection?.matches(flow) ?? true else { return }
        judge(flow)
        if options.format == .table, options.showsDetails {
            blocks.write(flow, records, to: &output.buffer)
            try output.flushIfFull()
        } else {
            for record in records { try show(record) }
            if lines.shows(record) { try show(record) }
        }
    }

    private mutating func judge(_ flow: FlowRecord) {
        guard options.judgesByFlow, let severity = flow.findings.codes.map(\.severity).max() else { return }
        worst = max(worst ?? severity, severity)
    }

    @inline(__always)
    private mutating func show(_ record: Record) throws(OutputError) {
        switch options.format {
        case .ndjson, .csv:
            lines.write(record, to: &output.buffer)
        case .table:
            guard case .flow(let flow) = record else { return }
            table.write(flow, to: &output.buffer)
        case .zeek:
            // Its connections are no records of flows.
            return
        }
        try output.flushIfFull()
    }

    private mutating func show(_ connection: ZeekRecord) throws(OutputError) {
        guard options.selection?.matches(connection) ?? true else { return }
        zeek.write(connection, to: &output.buffer)
        try output.flushIfFull()
    }

    private mutating func show(_ summary: Summary) throws(OutputError) {
        switch options.format {
        case .ndjson: lines.ndjson.write(summary, to: &output.buffer)
        case .csv: lines.csv.write(summary, to: &output.buffer)
        case .table: SummaryTable(options: options).write(summary, to: &output.buffer)
        case .zeek: return
        }
        try output.flushIfFull()
    }
}
