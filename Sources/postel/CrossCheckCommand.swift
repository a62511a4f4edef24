import ArgumentParser
import Capture
import CrossCheck
import Flows
import KernelSockets
import Replay
import Reports
import WireFormat

/// `postel crosscheck`: what the wire shows against what the kernel said, from recordings of both.
struct CrossCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crosscheck",
        abstract: "Holds the states inferred from a capture against the kernel's own, and says why they differ.",
        discussion: """
            Record both on the same host at the same time, the capture a little longer than the snapshots:
              tcpdump -i eth0 -w trace.pcap tcp &
              postel snapshot --interval 0.1 --owners --output sockets --format ndjson --events transitions

            Examples:
              postel crosscheck --pcap trace.pcap --snapshots sockets
              postel crosscheck --pcap trace.pcap --snapshots sockets --events transitions
              postel crosscheck --pcap trace.pcap --snapshots sockets --show divergent,explained
              postel crosscheck --pcap trace.pcap --snapshots sockets --format ndjson --show all
              postel crosscheck --pcap router.pcap --snapshots sockets --vantage middle

            Each row of each snapshot gets one verdict: agree; in-flight, within a millisecond of a packet; explained, \
            where the kernel rightly differs; divergent, with a diagnosis; kernel-only. So does each end of each flow, \
            wire-only among them, and each transition. Docs/crosscheck.md has them all.

            Exit status: 0 nothing diverges; 1 something does; 2 an input could not be read to its end, or the output \
            not be written; 64 wrong usage.
            """)

    @Option(
        help: ArgumentHelp("A capture, pcap or pcapng, packed with gzip or not; may be repeated.", valueName: "file"))
    var pcap: [String]

    @Option(
        help: ArgumentHelp(
            "What 'postel snapshot --format ndjson' has recorded; may be repeated.", valueName: "file"))
    var snapshots: [String]

    @Option(
        help: ArgumentHelp("What 'postel snapshot --events' has recorded; may be repeated.", valueName: "file"))
    var events: [String] = []

    @Option(help: ArgumentHelp("Look only at packets that match, in the language of pcap-filter(7).", valueName: "bpf"))
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Where the capture was taken: auto (default), middle, or the addresses of the capturing host.",
            discussion: "auto: on the host whose sockets were recorded. middle: elsewhere.", valueName: "vantage"),
        transform: VantageChoice.init)
    var vantage: VantageChoice?

    @Option(help: "The form of the output.")
    var format = KernelReportFormat.table

    @Option(
        help: ArgumentHelp(
            "The verdicts to tell one by one, joined by commas, or all. All are counted. Default: divergent as table, "
                + "all as ndjson.",
            valueName: "verdicts"),
        transform: ShownVerdicts.init)
    var show: ShownVerdicts?

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    func validate() throws {
        if pcap.isEmpty { throw ValidationError("--pcap names the capture: at least one is needed") }
        if snapshots.isEmpty, events.isEmpty {
            throw ValidationError(
                "--snapshots names what the kernel said: record it with 'postel snapshot --interval 0.1'")
        }
    }

    func run() throws {
        Interruption.install()
        let status = check()
        throw ExitCode(Interruption.number.map(ExitStatus.stopped) ?? status.rawValue)
    }

    private func check() -> ExitStatus {
        var kernel: [KernelRecord] = []
        var status = ExitStatus.done
        for path in snapshots + events { status = .worst(status, read(path, into: &kernel)) }
        let local = localAddresses(kernel)
        var sink = CheckerSink(checker: CrossChecker(localAddresses: local))
        for record in kernel { sink.checker.take(record) }
        let pipeline = ReplayPipeline(
            paths: pcap, filter: filter, tracking: CrossChecker.tracking(localAddresses: local))
        let progress = ProgressLine()
        let replayed: ReplayPipeline.Outcome = pipeline.run(
            into: &sink, progress: progress.show, shouldStop: { Interruption.number != nil })
        progress.clear()
        status = .worst(status, Failure.report(replayed.problems))
        if case .badFilter? = replayed.problems.last { return .usage }
        let outcome = sink.checker.finish()
        do throws(OutputError) {
            let width = output == "-" ? OutputFile.terminalWidth() : nil
            var report = CrossCheckReport(
                format: format, output: try OutputFile(path: output),
                shown: show?.kinds ?? (format == .table ? [.divergent] : Set(Verdict.Kind.allCases)), width: width,
                hasColors: width != nil && Environment.allowsColors)
            try report.write(outcome, files: replayed.summary.files.map(\.name))
        } catch {
            return .worst(status, Failure.report(error))
        }
        return .worst(status, outcome.totals.hasDivergence ? .checkFailed : .done)
    }

    /// Reads a recording to its end, or to its damage, which is said.
    private func read(_ path: String, into records: inout [KernelRecord]) -> ExitStatus {
        do throws(KernelSocketsError) {
            var reader = try RecordingReader(path: path)
            while let record = try reader.next() { records.append(record) }
            return .done
        } catch {
            return Failure.report(error)
        }
    }

    /// Those of the capturing host.
    private func localAddresses(_ records: [KernelRecord]) -> Set<Address> {
        switch vantage?.vantage ?? .automatic {
        case .middle: return []
        case .host(let addresses): return Set(addresses)
        case .automatic: return CrossChecker.localAddresses(in: records)
        }
    }
}

/// Hands what the replay settles on to the checker.
private struct CheckerSink: RecordSink {
    var checker: CrossChecker

    mutating func receive(_ records: borrowing [Record]) {
        checker.take(records)
    }
}

/// The verdicts that `--show` names.
struct ShownVerdicts {
    let kinds: Set<Verdict.Kind>

    init(_ text: String) throws {
        guard text != "all" else {
            kinds = Set(Verdict.Kind.allCases)
            return
        }
        kinds = Set(
            try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let kind = Verdict.Kind(rawValue: String(word)) else {
                    throw ValidationError(
                        "'\(word)' is no verdict: choose among all, "
                            + Verdict.Kind.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return kind
            })
    }
}
