import ArgumentParser
import Capture
import Flows
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
              postel capture -i eth0 --filter 'tcp port 443 or (vlan and tcp port 443)'

            A filter looks at the outer headers only: 'tcp port 443' passes over what is in a tunnel or behind a VLAN \
            tag; behind the word vlan everything is looked for after a tag. Without a filter all packets are looked into.

            Exit status: \(exitStatuses)
            """)

    private static let exitStatuses = """
        0 done, also by Ctrl-C or SIGTERM; 1 a finding as severe as --fail-on; 2 an interface could not be captured, or \
        the output not be written; 64 wrong usage.
        """

    @OptionGroup var source: CaptureArguments

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
            var sink = Report(options: options, output: try OutputFile(path: report.output))
            var tracking = tracking.options(interest: options.interest)
            labels.apply(to: &tracking)
            let run = LiveRun(
                tracking: tracking, packetLimit: source.count, duration: source.duration.map { .seconds($0) })
            let outcome = try run.run(&capture, into: &sink, shouldStop: { Interruption.number != nil })
            try sink.finish(outcome.summary)
            return .worst(
                Failure.report(outcome.problems), Failure.reportDropped(sink.droppedRecords),
                report.judge(sink.worstSeverity(outcome.summary)))
        } catch {
            return Failure.report(error)
        }
    }
}
