import Flows
import Replay
@testable import Reports
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What a report writes of the example records.
func render(
    _ options: ReportOptions, _ records: [Record] = Examples.records, summary: Summary = Examples.summary
) throws -> String {
    let folder = try TemporaryFolder()
    let path = folder.path("report")
    var report = Report(options: options, output: try OutputFile(path: path))
    try report.receive(records)
    try report.finish(summary)
    return try contents(path)
}

/// The options for a format and kinds.
func options(_ format: OutputFormat, _ kinds: RecordKind...) -> ReportOptions {
    var options = ReportOptions()
    options.format = format
    options.kinds = Set(kinds)
    return options
}

@Suite struct ReportTests {
    @Test func `NDJSON of every record`() throws {
        let text = try render(options(.ndjson, .flows, .transitions, .segments, .findings, .summary))
        #expect(Golden.difference(text, "all.ndjson") == nil)
    }

    @Test(arguments: RecordKind.allCases)
    func `CSV of one kind`(kind: RecordKind) throws {
        #expect(Golden.difference(try render(options(.csv, kind)), "\(kind.rawValue).csv") == nil)
    }

    @Test func `table of flows and summary`() throws {
        #expect(Golden.difference(try render(options(.table, .flows, .summary)), "flows.txt") == nil)
    }

    @Test func `table of everything, with packets of several files`() throws {
        var all = options(.table, .flows, .transitions, .segments, .findings, .summary)
        all.namesFiles = true
        #expect(Golden.difference(try render(all), "all.txt") == nil)
    }

    @Test func `table on a narrow terminal with colors`() throws {
        var narrow = options(.table, .flows, .transitions, .segments, .findings, .summary)
        narrow.width = 60
        narrow.hasColors = true
        let text = try render(narrow)
        #expect(Golden.difference(text, "narrow.txt") == nil)
        for line in text.split(separator: "\n") where line.contains("\u{1B}") {
            #expect(visibleColumns(line) <= 60, "\(line)")
        }
    }

    @Test(arguments: [1, 2, 5, 20, 40, 80, 200])
    func `no line of a table is wider than the terminal`(width: Int) throws {
        var narrow = options(.table, .flows)
        narrow.width = width
        // The legend breaks between words, and words are not cut.
        for line in try render(narrow).split(separator: "\n", omittingEmptySubsequences: false).prefix(4) {
            #expect(visibleColumns(line) <= width, "\(line)")
        }
    }

    @Test func `a table of many flows goes out as it comes`() throws {
        var flows: [Record] = []
        for number in 1...2500 {
            var flow = Examples.closed
            flow.flow = UInt64(number)
            flows.append(.flow(flow))
        }
        let lines = try render(options(.table, .flows), flows).split(separator: "\n")
        #expect(lines.count == 2500 + 1 + 2)
        #expect(lines[2500].hasPrefix("2500"))
    }

    @Test(arguments: OutputFormat.allCases)
    func `nothing to show is said or empty`(format: OutputFormat) throws {
        let text = try render(options(format, .flows), [])
        switch format {
        case .table: #expect(text == "No flows.\n")
        case .ndjson: #expect(text == "")
        case .csv: #expect(text.split(separator: "\r\n").count == 1)
        case .zeek: #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        }
    }

    @Test func `only the flows of the numbers asked for`() throws {
        var some = options(.ndjson, .flows, .findings)
        some.flows = [2]
        let lines = try render(some).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains(#""flow":2,"#) })
    }

    @Test func `a selection holds records until their flow is known`() throws {
        var some = options(.ndjson, .transitions)
        some.selection = try Selection("state=TIME-WAIT,finding=retransmission")
        let text = try render(some)
        var all = options(.ndjson, .transitions)
        all.flows = [1]
        #expect(text == (try render(all)))
        some.selection = try Selection("finding=half-closed")
        #expect(try render(some) == "")
    }

    @Test func `what is held is bounded, and what is dropped is counted`() {
        var hold = FlowHold(limit: 3)
        for record in Examples.records.prefix(5) { hold.keep(record) }
        #expect(hold.dropped == 2)
        #expect(hold.take(1).count == 3)
        #expect(hold.take(1).isEmpty)
        hold.keep(Examples.records[0])
        #expect(hold.take(1).count == 1)
        #expect(hold.dropped == 2)
    }

    /// What another thread makes of records is what the report makes of them, in small pieces and in large ones.
    @Test(arguments: [1, 500])
    func `text that was made elsewhere is the same`(times: Int) throws {
        let records = Array(repeating: Examples.records, count: times).flatMap { $0 }
        var some = options(.ndjson, .flows, .transitions, .segments, .findings)
        for format in [OutputFormat.ndjson, .csv] {
            some.format = format
            for flows in [[], [2]] as [Set<UInt64>] {
                some.flows = flows
                let folder = try TemporaryFolder()
                var report = Report(options: some, output: try OutputFile(path: folder.path("report")))
                let made = report.renderer
                let renderer = try #require(made)
                try report.receive(text: renderer(records))
                try report.receive(records)
                try report.receive(text: renderer(records))
                try report.finish(Examples.summary)
                let same = try contents(folder.path("report")) == render(some, records + records + records)
                #expect(same, "\(format) \(flows)")
            }
        }
    }

    @Test func `text is made elsewhere only where each record is a line for itself`() throws {
        func rendersElsewhere(_ options: ReportOptions) throws -> Bool {
            Report(options: options, output: try OutputFile(path: "/dev/null")).renderer != nil
        }
        #expect(try rendersElsewhere(options(.ndjson, .flows)) && rendersElsewhere(options(.csv, .transitions)))
        var selective = options(.ndjson, .flows)
        selective.selection = try Selection("state=CLOSED")
        var judging = options(.ndjson, .flows)
        judging.flows = [1]
        judging.judgesFindings = true
        for some in [selective, judging, options(.table, .flows), options(.zeek, .flows)] {
            #expect(try !rendersElsewhere(some))
        }
    }

    @Test func `the worst finding is that of the flows shown`() throws {
        #expect(try worst(nil, []) == .warning)
        #expect(try worst("finding=retransmission", []) == .note)
        #expect(try worst(nil, [2]) == .error)
        #expect(try worst(nil, [3]) == nil)
    }

    private func worst(_ selection: String?, _ flows: Set<UInt64>) throws -> Severity? {
        var some = options(.ndjson, .summary)
        some.selection = try selection.map { try Selection($0) }
        some.flows = flows
        some.judgesFindings = true
        #expect(some.interest.contains(.flows) == (selection != nil || !flows.isEmpty))
        var report = Report(options: some, output: try OutputFile(path: "/dev/null"))
        try report.receive(Examples.records)
        return report.worstSeverity(Examples.summary)
    }

    @Test func `an output that cannot be written is an error, a reader that goes is another`() throws {
        #expect(throws: OutputError.self) { _ = try OutputFile(path: "/nonexistent/file") }
        var full = Report(options: options(.ndjson, .flows), output: try OutputFile(path: "/dev/full"))
        try full.receive(Examples.records)
        do {
            try full.finish(Examples.summary)
            Issue.record("no error")
        } catch {
            guard case .system(_, "/dev/full") = error else {
                Issue.record("another error: \(error)")
                return
            }
        }
    }

    /// The columns of a line without its colors.
    private func visibleColumns(_ line: Substring) -> Int {
        line.replacing(/\u{1B}\[[0-9]*m/, with: "").count
    }
}
