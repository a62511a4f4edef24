import ArgumentParser
import KernelSockets
import Reports

/// `postel snapshot`: the kernel's sockets, as a table or as records that can be held against a capture later.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Shows the states that the kernel's own TCP sockets are in, or records them.",
        discussion: """
            Sockets come from sock_diag, which ss uses too, or from /proc/net/tcp. CLOSED (bound) is a socket with a \
            port and no connection; a connection that is gone has no line at all.

            Examples:
              postel snapshot
              postel snapshot --select state=CLOSE-WAIT --owners
              postel snapshot --namespace all --owners
              postel snapshot --interval 0.1 --format ndjson --output sockets
              postel snapshot --interval 1 --count 60 --output sockets --events events

            Columns receive and send: octets that wait; for LISTEN connections that wait for accept(2), and how many \
            may. Ctrl-C ends a recording; what has been recorded is complete.

            Exit status: \(ExitStatus.explanation)
            """)

    @Option(help: ArgumentHelp("Look again every so many seconds, from 0.001 on.", valueName: "seconds"))
    var interval: Double?

    @Option(
        help: ArgumentHelp(
            "Look so many times. Default: once, or until Ctrl-C with --interval.", valueName: "number"))
    var count: UInt64?

    @Option(help: "Where the sockets come from; auto is sockdiag where the kernel has it.")
    var kernel = KernelSourceChoice.automatic

    @Option(
        help: ArgumentHelp(
            "Look into another network namespace: that of a process, one by its name in 'ip netns', or all.",
            valueName: "process|name|all"))
    var namespace: String?

    @Flag(help: "Tell which processes hold each socket. Those of other users take root.")
    var owners = false

    @Option(help: "The form of the output.")
    var format = KernelReportFormat.table

    @Option(
        help: ArgumentHelp(
            "Show only sockets that meet all conditions, for example state=CLOSE-WAIT,port=443.",
            discussion: "state=NAME. port=NUMBER. address=ADDRESS or PREFIX/LENGTH.", valueName: "conditions"))
    var select: String?

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    @Option(
        help: ArgumentHelp(
            "Record there every change of state that the kernel makes meanwhile, on the whole host. Takes root.",
            valueName: "file"))
    var events: String?

    func validate() throws {
        if let interval, !(0.001...86400).contains(interval) {
            throw ValidationError("--interval \(interval): the seconds are a number from 0.001 to 86400")
        }
        if count == 0 { throw ValidationError("--count 0: at least one look must be taken") }
        if let count, count > 1, interval == nil {
            throw ValidationError("--count \(count) needs an --interval: for example --interval 1")
        }
        if let select, try Selection.argument(select).isOnlyForFlows {
            throw ValidationError("--select \(select): sockets are selected by state, port or address only")
        }
        if let events, events == output {
            throw ValidationError("--events \(events) and --output \(output) are the same: choose two places")
        }
    }

    func run() throws {
        Interruption.install()
        let status = try record()
        throw ExitCode(Interruption.number.map(ExitStatus.stopped) ?? status.rawValue)
    }

    private func record() throws -> ExitStatus {
        let selection = try select.map(Selection.argument)
        do throws(OutputError) {
            let width = output == "-" ? OutputFile.terminalWidth() : nil
            let report = KernelReport(
                format: format, output: try OutputFile(path: output), showsOwners: owners, width: width,
                hasColors: width != nil && Environment.allowsColors)
            var recording = SnapshotRecording(report: report, namespace: namespace, source: kernel)
            recording.looksForOwners = owners
            recording.selection = selection
            recording.selectionText = select
            if let events { try recording.watch(into: OutputFile(path: events)) }
            return try recording.run(interval: interval, count: count)
        } catch {
            return Failure.report(error)
        }
    }
}
