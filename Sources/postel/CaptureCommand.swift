import ArgumentParser
import Capture
import CrossCheck
import Flows
import KernelSockets
import Replay
import Reports

/// `postel capture`: from the packets that pass now to the states of both endpoints.
struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Captures live and tells the states of both endpoints of every TCP connection as they change.",
        discussion: """
            Every transition is a record (NDJSON), written as soon as it is settled; the summary comes at the end, \
            which Ctrl-C brings.

            Examples:
              postel capture -i eth0
              postel capture -i eth0 -i lo --duration 60 --format table
              postel capture -i eth0 --crosscheck --kernel-events --show summary
              postel capture -i eth0 --filter 'tcp port 443 or (vlan and tcp port 443)'

            A filter looks at the outer headers only: 'tcp port 443' passes over what is in a tunnel or behind a VLAN \
            tag; behind the word vlan everything is looked for after a tag. Without a filter all packets are looked into.

            Exit status: \(exitStatuses)
            """)

    private static let exitStatuses = """
        0 done, also by Ctrl-C or SIGTERM; 1 a finding as severe as --fail-on, or with --crosscheck a divergence; 2 an \
        interface could not be captured, or the output not be written; 64 wrong usage.
        """

    @OptionGroup var source: CaptureArguments

    @OptionGroup var crossCheck: CrossCheckArguments

    @OptionGroup var report: ReportArguments

    @OptionGroup var labels: LabelArguments

    @OptionGroup var tracking: TrackingArguments

    func run() throws {
        Interruption.install()
        throw ExitCode(capture().rawValue)
    }

    private func capture() -> ExitStatus {
        let options = reportOptions
        do throws(LiveCaptureError) {
            var capture = try LiveCapture(interfaces: source.interface, options: source.options)
            return watch(&capture, options)
        } catch {
            return Failure.report(error)
        }
    }

    private var reportOptions: ReportOptions {
        var options = report.options(fileCount: 1)
        if report.format == nil { options.format = .ndjson }
        if report.show == nil, options.format == .ndjson { options.kinds = [.transitions, .summary] }
        return options
    }

    private func watch(_ capture: inout LiveCapture, _ options: ReportOptions) -> ExitStatus {
        do throws(OutputError) {
            let sink = Report(options: options, output: try OutputFile(path: report.output))
            guard crossCheck.crosscheck else { return try run(&capture, sink, options) }
            return try compare(&capture, sink, options)
        } catch {
            return Failure.report(error)
        }
    }

    private func run(
        _ capture: inout LiveCapture, _ report: consuming Report, _ options: ReportOptions
    ) throws(OutputError) -> ExitStatus {
        var sink = report
        let outcome = try run(tracking(options)).run(
            &capture, into: &sink, shouldStop: { Interruption.number != nil })
        return try finish(&sink, outcome)
    }

    /// The same, with the kernel's side beside it.
    private func compare(
        _ capture: inout LiveCapture, _ report: consuming Report, _ options: ReportOptions
    ) throws(OutputError) -> ExitStatus {
        var live: LiveCrossCheck
        do throws(KernelSocketsError) {
            live = try LiveCrossCheck(crossCheck)
        } catch {
            return Failure.report(error)
        }
        live.begin(capture.interfaces, vantage: tracking.vantage?.vantage ?? .automatic)
        var tracking = tracking(options)
        live.extend(&tracking)
        var sink = CrossCheckingSink(inner: report, crossCheck: live)
        let outcome = try run(tracking).run(&capture, into: &sink, shouldStop: { Interruption.number != nil })
        let status = try finish(&sink.inner, outcome)
        // Behind the records of the capture, once these are written.
        var comparison = CrossCheckReport(
            format: options.format == .table ? .table : .ndjson,
            output: try OutputFile(path: self.report.output, appends: true),
            shown: options.format == .table ? [.divergent] : Set(Verdict.Kind.allCases))
        return .worst(status, try sink.crossCheck.finish(into: &comparison, captures: [capture.name]))
    }

    private func tracking(_ options: ReportOptions) -> TrackerOptions {
        var tracking = tracking.options(interest: options.interest)
        labels.apply(to: &tracking)
        return tracking
    }

    private func run(_ tracking: TrackerOptions) -> LiveRun {
        LiveRun(
            tracking: tracking, packetLimit: source.count, duration: source.duration.map { .seconds($0) })
    }

    private func finish(
        _ sink: inout Report, _ outcome: ReplayPipeline.Outcome
    ) throws(OutputError) -> ExitStatus {
        try sink.finish(outcome.summary)
        return .worst(
            Failure.report(outcome.problems), Failure.reportDropped(sink.droppedRecords),
            report.judge(sink.worstSeverity(outcome.summary)))
    }
}
