import ArgumentParser
import Flows
import Reports
import TCPStateMachine

/// The options that say what is shown, how and where: the same for all commands that make records.
struct ReportArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The form of the output. Default: table; for capture a live table, or ndjson where there is no terminal."))
    var format: OutputFormat?

    @Option(
        help: ArgumentHelp(
            "What to show, joined by commas: flows, transitions, segments, findings, summary.",
            discussion: """
                Default: flows,summary as table, flows otherwise; for capture transitions,summary otherwise. csv takes \
                exactly one, zeek flows only.
                """,
            valueName: "kinds"),
        transform: ShownKinds.init)
    var show: ShownKinds?

    @Option(
        name: .customLong("flow"),
        help: ArgumentHelp("Show only the flow of this number; may be repeated.", valueName: "number"))
    var flows: [UInt64] = []

    @Option(
        help: ArgumentHelp(
            "Show only flows that meet all conditions, for example state=CLOSE-WAIT,port=443.",
            discussion: """
                state=NAME: an endpoint ends in that state, or may, where its state is not known. finding=CODE. \
                port=NUMBER. address=ADDRESS or PREFIX/LENGTH. tunnel=vxlan:5001, a kind alone, or \
                none. Records wait for the end of their flow.
                """,
            valueName: "conditions"),
        transform: Selection.argument)
    var select: Selection?

    @Option(
        help: ArgumentHelp("Exit with 1 if a flow shown has a finding at least this severe.", valueName: "severity"))
    var failOn: Severity?

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    func validate() throws {
        if format == .csv, let show, show.kinds.count != 1 {
            throw ValidationError("--format csv takes exactly one kind of records: for example --show transitions")
        }
        if format == .zeek { try validateZeek() }
        if flows.contains(0) {
            throw ValidationError("--flow 0: flows are numbered from 1")
        }
    }

    /// Zeek's connections are not Postel's flows: what is asked about flows has no answer there.
    private func validateZeek() throws {
        if let show, show.kinds != [.flows] {
            throw ValidationError("--format zeek writes connections: it takes no --show but --show flows")
        }
        if !flows.isEmpty {
            throw ValidationError(
                "--flow numbers Postel's flows, and --format zeek writes Zeek's connections: use --select or --filter")
        }
        if select?.isAboutFlowsOnly ?? false {
            throw ValidationError("with --format zeek connections are selected by port or address only")
        }
    }

    /// Whether a finding among the flows shown is as severe as `--fail-on`.
    func judge(_ worst: Severity?) -> ExitStatus {
        guard let failOn, let worst, worst >= failOn else { return .done }
        return .checkFailed
    }

    /// The report that these arguments ask for, on a terminal or elsewhere.
    func options(fileCount: Int) -> ReportOptions {
        let format = format ?? .table
        let width = output == "-" ? OutputFile.terminalWidth() : nil
        var options = ReportOptions()
        options.format = format
        options.kinds = show?.kinds ?? (format == .table ? [.flows, .summary] : [.flows])
        options.flows = Set(flows)
        options.selection = select
        options.width = width
        options.hasColors = width != nil && Environment.allowsColors
        options.namesFiles = fileCount > 1
        options.judgesFindings = failOn != nil
        return options
    }
}
