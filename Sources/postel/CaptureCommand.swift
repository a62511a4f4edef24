import ArgumentParser
import Capture
import CrossCheck
import Flows
import KernelSockets
import Replay
import Reports
import TCPStateMachine

/// `postel capture`: from the packets that pass now to the states of both endpoints.
struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Captures live and tells the states of both endpoints of every TCP connection as they change.",
        discussion: """
            On a terminal it shows how many endpoints are in each state and the connections that changed last. Into a \
            file or a pipe it writes a record (NDJSON) for each transition as soon as it is settled. Ctrl-C ends it, \
            and a summary of everything follows. --format table writes tables at the end.

            Examples:
              postel capture -i eth0
              postel capture -i any --eager | jq -c 'select(.to == "CLOSE-WAIT")'
              postel capture -i eth0 -i lo --duration 60 --format table
              postel capture -i eth0 --write trace.pcapng --format ndjson --show findings
              postel capture -i eth0 --crosscheck --kernel-events --show summary
              postel capture -i eth0 --filter 'tcp port 443 or (vlan and tcp port 443)'

            A filter looks at the outer headers only: 'tcp port 443' passes over what is in a tunnel or behind a VLAN \
            tag; behind the word vlan everything is looked for after a tag. Without a filter all packets are looked \
            into.

            Capturing takes CAP_NET_RAW: run as root, or once \(LiveCaptureError.grant)
            Privileges are given up once the interfaces are open; a helper process keeps what finding the owners of \
            sockets takes.

            Exit status: \(exitStatuses)
            """)

    private static let exitStatuses = """
        0 done, also by Ctrl-C or SIGTERM; 1 a finding as severe as --fail-on, or with --crosscheck a divergence; 2 an \
        interface could not be captured, or the output not be written; 64 wrong usage.
        """

    @OptionGroup var source: CaptureArguments

    @Flag(
        help: ArgumentHelp(
            "Tell transitions as soon as they are presumed.",
            discussion: """
                One that turns out untrue is taken back by a withdrawal; one that is proven is told again, with its \
                proof.
                """))
    var eager = false

    @OptionGroup var crossCheck: CrossCheckArguments

    @OptionGroup var report: ReportArguments

    @OptionGroup var labels: LabelArguments

    @OptionGroup var tracking: TrackingArguments

    func validate() throws {
        guard let write = source.write else { return }
        if write == "-", report.output == "-" {
            throw ValidationError("--write - and the report would go to the same place: add --output FILE")
        }
        if write == "-", OutputFile.isTerminal(1) {
            throw ValidationError("standard output is a terminal: send the capture into a program or a file")
        }
        if write != "-", write == report.output || Environment.isSameFile(write, report.output) {
            throw ValidationError("--write \(write) and --output would overwrite each other")
        }
    }

    func run() throws {
        Interruption.install()
        throw ExitCode(capture().rawValue)
    }

    /// A table that is drawn anew, and no records.
    private var isLive: Bool {
        report.format == nil && report.show == nil && report.output == "-" && OutputFile.isTerminal(1)
    }

    private func capture() -> ExitStatus {
        do {
            // Started first: it keeps the privileges, and none of the descriptors that come now.
            let helper = isLive || crossCheck.kernelEvents || crossCheck.owners ? try SharedHelper() : nil
            let kernel = crossCheck.crosscheck ? try LiveCrossCheck(crossCheck, helper) : nil
            var capture = try LiveCapture(interfaces: source.interface, options: source.options)
            try Privileges.drop(to: source.user)
            if let write = source.write {
                try capture.record(into: PcapngWriter(path: write, application: Postel.configuration.version))
            }
            if let kernel { return try compare(&capture, kernel, helper) }
            return try watch(&capture, helper)
        } catch {
            return Failure.report(error)
        }
    }

    private func watch(_ capture: inout LiveCapture, _ helper: SharedHelper?) throws -> ExitStatus {
        let options = reportOptions
        guard isLive else {
            var sink = Report(options: options, output: try OutputFile(path: report.output))
            let outcome = try run(&capture, into: &sink, trackerOptions(options.interest))
            try sink.finish(outcome.summary)
            return status(capture, outcome, dropped: sink.droppedRecords, worst: sink.worstSeverity(outcome.summary))
        }
        var table = try LiveTable(name: capture.name, options: options, columns: try columns(helper))
        let outcome = try run(&capture, into: &table, trackerOptions(LiveTable.interest(options)))
        try table.finish(outcome.summary)
        return status(capture, outcome, dropped: 0, worst: table.worstSeverity(outcome.summary))
    }

    /// Of the live table, besides those of the packets.
    private func columns(_ helper: SharedHelper?) throws -> [any LiveColumn] {
        try helper.map { [try OwnerColumn($0)] } ?? []
    }

    /// Watches with the kernel's side beside it.
    private func compare(
        _ capture: inout LiveCapture, _ kernel: consuming LiveCrossCheck, _ helper: SharedHelper?
    ) throws -> ExitStatus {
        let options = reportOptions
        var live = kernel
        live.begin(capture.interfaces, vantage: tracking.vantage?.vantage ?? .automatic)
        var tracking = trackerOptions(isLive ? LiveTable.interest(options) : options.interest)
        live.extend(&tracking)
        guard isLive else {
            let inner = Report(options: options, output: try OutputFile(path: report.output))
            var sink = CrossCheckingSink(inner: inner, crossCheck: live)
            let outcome = try run(&capture, into: &sink, tracking)
            try sink.inner.finish(outcome.summary)
            let status = status(
                capture, outcome, dropped: sink.inner.droppedRecords, worst: sink.inner.worstSeverity(outcome.summary))
            return .worst(status, try finish(sink.crossCheck, options, capture.name))
        }
        let column = KernelColumn()
        live.show(in: column)
        let inner = try LiveTable(name: capture.name, options: options, columns: try columns(helper) + [column])
        var sink = CrossCheckingSink(inner: inner, crossCheck: live)
        let outcome = try run(&capture, into: &sink, tracking)
        try sink.inner.finish(outcome.summary)
        let status = status(capture, outcome, dropped: 0, worst: sink.inner.worstSeverity(outcome.summary))
        return .worst(status, try finish(sink.crossCheck, options, capture.name))
    }

    /// Behind the records of the capture, once these are written.
    private func finish(
        _ crossCheck: borrowing LiveCrossCheck, _ options: ReportOptions, _ capture: String
    ) throws -> ExitStatus {
        let isTable = options.format == .table
        var comparison = CrossCheckReport(
            format: isTable ? .table : .ndjson, output: try OutputFile(path: report.output, appends: true),
            shown: isTable ? [.divergent] : Set(Verdict.Kind.allCases),
            width: isLive ? OutputFile.terminalWidth() : nil, hasColors: isLive && options.hasColors)
        return try crossCheck.finish(into: &comparison, captures: [capture])
    }

    private func trackerOptions(_ interest: TrackerOptions.Interest) -> TrackerOptions {
        var tracking = tracking.options(interest: eager ? interest.union(.presumed) : interest)
        labels.apply(to: &tracking)
        return tracking
    }

    private func run<Sink: LiveSink & ~Copyable>(
        _ capture: inout LiveCapture, into sink: inout Sink, _ tracking: TrackerOptions
    ) throws -> ReplayPipeline.Outcome {
        let run = LiveRun(tracking: tracking, packetLimit: source.count, duration: source.duration.map { .seconds($0) })
        return try run.run(&capture, into: &sink, shouldStop: { Interruption.number != nil })
    }

    private func status(
        _ capture: borrowing LiveCapture, _ outcome: ReplayPipeline.Outcome, dropped: UInt64, worst: Severity?
    ) -> ExitStatus {
        .worst(
            Failure.report(outcome.problems), Failure.reportDropped(dropped),
            capture.recordingError.map { Failure.report(.writing($0)) } ?? .done, report.judge(worst))
    }

    private var reportOptions: ReportOptions {
        var options = report.options(fileCount: 1)
        if report.format == nil, !isLive { options.format = .ndjson }
        guard report.show == nil else { return options }
        if isLive { options.kinds = [.summary] }
        if options.format == .ndjson { options.kinds = [.transitions, .summary] }
        return options
    }
}
