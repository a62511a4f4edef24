public import Flows
public import Replay
public import TCPStateMachine

/// The terminal while a capture goes on: counts per state, and the flows that changed last, drawn anew now and then.
///
/// It takes a screen of its own, and leaves the terminal as it was. At the end the summary stands there.
public struct LiveTable: ~Copyable, LiveSink {
    private let name: String
    private let options: ReportOptions
    private let columns: [any LiveColumn]
    private var report: Report
    private var screen: LiveScreen
    private var due = ContinuousClock.now
    /// What stands on the screen.
    private var drawn: [String] = []

    /// Often enough to follow, and rarely enough to read.
    private static let interval = Duration.milliseconds(500)

    /// - Parameters:
    ///   - name: what is captured.
    ///   - options: of the report at the end; its selection and flows hold here, too.
    ///   - columns: further columns behind those of the packets.
    public init(name: String, options: ReportOptions, columns: [any LiveColumn]) throws(OutputError) {
        let output = try OutputFile()
        let screen = try LiveScreen()
        self.name = name
        self.options = options
        self.columns = columns
        report = Report(options: options, output: output)
        self.screen = screen
    }

    /// What the tracker must make for this table, and for the report.
    public static func interest(_ options: ReportOptions) -> TrackerOptions.Interest {
        options.interest.union(.changes)
    }

    public mutating func receive(_ records: borrowing [Record]) throws(OutputError) {
        try report.receive(records)
    }

    public mutating func turn(
        _ moment: LiveMoment, _ tracker: borrowing FlowTracker
    ) throws(OutputError) -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        guard now >= due || moment.isLast else { return due }
        due = now + LiveTable.interval
        try draw(moment, tracker)
        return due
    }

    /// The capture is over: the terminal is given back, and the report written.
    public mutating func finish(_ summary: Summary) throws(OutputError) {
        try screen.leave()
        try report.finish(summary)
    }

    /// The worst finding, as of a report.
    public func worstSeverity(_ summary: Summary) -> Severity? { report.worstSeverity(summary) }

    private mutating func draw(_ moment: LiveMoment, _ tracker: borrowing FlowTracker) throws(OutputError) {
        let size = LiveScreen.size()
        let style = TableStyle(hasColors: options.hasColors, width: size.columns)
        var lines = heading(moment, tracker, width: size.columns)
        let room = max(size.rows - lines.count - 2, 0)
        let flows = tracker.latestChanges(atMost: room) { [options] flow in options.selects(flow) }
        for column in columns { column.prepare(flows) }
        lines += table(flows, style)
        // What has not changed is not written: nothing flickers.
        guard lines != drawn else { return }
        drawn = lines
        try screen.show(lines.prefix(size.rows))
    }

    private func heading(_ moment: LiveMoment, _ tracker: borrowing FlowTracker, width: Int) -> [String] {
        var words = ["\(TableText.printable(name)):", TableText.grouped(moment.packets), "packets,"]
        if moment.lost > 0 { words += [TableText.grouped(moment.lost), "lost,"] }
        words += [TableText.grouped(UInt64(tracker.flowsInMemory)), "flows.", "Ctrl-C", "ends."]
        let names = State.allCases.map(\.name) + ["unknown"]
        let counts = zip(names, tracker.endpointsPerState).filter { $0.1 > 0 }
        let states = counts.map { "\($0.0) \(TableText.grouped($0.1))" }.joined(separator: ", ")
        return TableText.wrapped(words, width: width)
            + TableText.wrapped(states.split(separator: " ").map(String.init), width: width) + [""]
    }

    private func table(_ flows: [LiveFlow], _ style: TableStyle) -> [String] {
        var layout = Layout(
            [
                .right("flow"), .socket("initiator"), .left("state"), .socket("responder"), .left("state"),
                .left("since (UTC)"),
            ] + columns.map { .left($0.title) } + [.left("findings")])
        let rows = flows.map { flow -> [Cell] in
            let record = flow.record
            return [
                Cell(String(record.flow)), Cell(TableText.source(record.pair)),
                Cell(TableText.state(record.initiator), TableText.color(record.initiator)),
                Cell(TableText.destination(record.pair)),
                Cell(TableText.state(record.responder), TableText.color(record.responder)),
                Cell(TableText.timeOfDay(flow.since)),
            ] + columns.map { Cell(TableText.printable($0.text(for: flow))) }
                + [Cell(TableText.findings(record.findings), TableText.color(record.findings))]
        }
        for row in rows { layout.fit(row) }
        layout.squeeze(into: style.width)
        var buffer = ByteBuffer(capacity: 4096)
        layout.writeTitles(style, to: &buffer)
        for row in rows { layout.write(row, style, to: &buffer) }
        return buffer.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

extension TableText {
    /// The time of a day with three digits of the second: 23:59:59.123.
    static func timeOfDay(_ nanoseconds: Int64) -> String {
        String(stamp(nanoseconds).dropFirst("2024-02-29 ".count).prefix("23:59:59.123".count))
    }
}
