import ArgumentParser
import Capture
import Flows
import Replay
import Reports
import TCPStateMachine

/// `postel replay`: from capture files to the states of both endpoints.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Reads capture files and tells the states of both endpoints of every TCP connection.",
        discussion: """
            Several files are read in the order of their first packets and continue each other's connections; standard \
            input comes last.

            Examples:
              postel replay trace.pcap
              postel replay --show transitions --flow 3 trace.pcap
              postel replay --select state=CLOSE-WAIT trace.pcap
              postel replay --format zeek --output conn.log trace.pcap
              postel replay --format ndjson --show flows,transitions,summary trace.pcap
              postel replay --select finding=half-open --write half-open.pcapng trace.pcap
              postel replay --filter 'tcp port 443' --fail-on error ring-*.pcapng
              tcpdump -w - -U | postel replay -

            Exit status: \(ExitStatus.explanation)
            """)

    @Argument(
        help: ArgumentHelp(
            "Capture files, pcap or pcapng, packed with gzip or not; - is standard input.", valueName: "file"))
    var files: [String]

    @OptionGroup var report: ReportArguments

    @OptionGroup var labels: LabelArguments

    @Option(help: ArgumentHelp("Look only at packets that match, in the language of pcap-filter(7).", valueName: "bpf"))
    var filter: String?

    @OptionGroup var tracking: TrackingArguments

    @Option(
        help: ArgumentHelp(
            "Write the packets of the flows shown into a capture file, pcapng.",
            discussion: """
                Their segments, fragments of them, and the ICMP errors about them, in the order in which they are \
                read; all flows without --flow and --select. The input is read twice. - is standard output, which \
                then takes no report.
                """,
            valueName: "file"))
    var write: String?

    func validate() throws {
        guard files.count <= 65536 else {
            throw ValidationError("\(files.count) files are more than the 65536 that one replay takes")
        }
        let standardInputs = files.count { $0 == "-" }
        guard standardInputs <= 1 else {
            throw ValidationError("standard input (-) can be read only once")
        }
        if standardInputs == 1, Environment.inputIsTerminal {
            throw ValidationError("standard input is a terminal: send a capture into it, for example with tcpdump -w -")
        }
        if let input = files.first(where: { $0 != "-" && Environment.isSameFile($0, report.output) }) {
            throw ValidationError("--output \(report.output) would overwrite the input \(input)")
        }
        try validateWrite()
    }

    /// What `--write` must not destroy, or be mixed with.
    private func validateWrite() throws {
        guard let write else { return }
        if write == "-" {
            guard report.output != "-" else {
                throw ValidationError("--write - and the report would go to the same place: add --output FILE")
            }
            guard !OutputFile.isTerminal(1) else {
                throw ValidationError("standard output is a terminal: send the capture into a program or a file")
            }
        }
        if let input = files.first(where: { $0 != "-" && Environment.isSameFile($0, write) }) {
            throw ValidationError("--write \(write) would overwrite the input \(input)")
        }
        if write != "-", write == report.output || Environment.isSameFile(write, report.output) {
            throw ValidationError("--write \(write) and --output would overwrite each other")
        }
    }

    func run() throws {
        Interruption.install()
        let status = replay()
        // What was asked for is done; a stop from outside is told as shells tell it.
        throw ExitCode(Interruption.number.map(ExitStatus.stopped) ?? status.rawValue)
    }

    private func replay() -> ExitStatus {
        let options = report.options(fileCount: files.count)
        do throws(OutputError) {
            var sink = Report(options: options, output: try OutputFile(path: report.output))
            let progress = ProgressLine()
            let (outcome, writing) = try replay(options, into: &sink, progress)
            progress.clear()
            let problems = outcome.problems
            if case .badFilter? = problems.last { return Failure.report(problems) }
            try sink.finish(outcome.summary)
            if options.format == .zeek { Failure.noteZeek(outcome.summary.counts) }
            return .worst(
                Failure.report(problems), Failure.reportDropped(sink.droppedRecords),
                writing.map { Failure.report($0) } ?? .done,
                report.judge(sink.worstSeverity(outcome.summary)))
        } catch {
            return Failure.report(error)
        }
    }

    /// Replays, and carves if that is asked for.
    ///
    /// - Returns: the outcome, and why not all packets could be carved out, if so.
    private func replay(
        _ options: ReportOptions, into sink: inout Report, _ progress: ProgressLine
    ) throws(OutputError) -> (ReplayPipeline.Outcome, ReplayPipeline.CarveError?) {
        let pipeline = pipeline(options)
        guard let write else {
            let outcome = try pipeline.run(
                into: &sink, progress: progress.show, shouldStop: { Interruption.number != nil })
            return (outcome, nil)
        }
        let writer: PcapngWriter
        do throws(CaptureWriteError) {
            writer = try PcapngWriter(path: write, application: Postel.configuration.version)
        } catch {
            let outcome = try pipeline.run(
                into: &sink, progress: progress.show, shouldStop: { Interruption.number != nil })
            return (outcome, .writing(error))
        }
        let carved = try pipeline.run(
            into: &sink, carvingTo: writer, selects: options.selects, progress: progress.show,
            shouldStop: { Interruption.number != nil })
        guard case .failure(let error) = carved.written else { return (carved.outcome, nil) }
        return (carved.outcome, error)
    }

    private func pipeline(_ options: ReportOptions) -> ReplayPipeline {
        var tracking = tracking.options(interest: options.interest)
        labels.apply(to: &tracking)
        var pipeline = ReplayPipeline(paths: files, filter: filter, tracking: tracking)
        // On a terminal the line that shows the progress stands between the pieces of the report.
        pipeline.reportsApart = report.output != "-" || !OutputFile.isTerminal(1)
        return pipeline
    }
}
