import ArgumentParser
import Capture
import Replay
import Reports
import Simulation

/// `postel simulate`: two machines in virtual time, and what they say to each other.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs scenarios: two TCPs, a network, and what happens between them, as a ladder.",
        discussion: """
            A scenario says what the two ends and the network are like, who calls what and when, what befalls which \
            segment, and what must come of it. Docs/scenarios.md has the language, Traces/scenarios has examples.

            Examples:
              postel simulate Traces/scenarios/rfc793-figure-8.scenario
              postel simulate --format svg --output close.svg Traces/scenarios/half-close.scenario
              postel simulate --format ndjson --show transitions Traces/scenarios/syn-flood.scenario
              postel simulate --write trace.pcapng --at B Traces/scenarios/old-duplicate-syn.scenario
              printf 'at 0 B open passive\\nat 0 A open active\\n' | postel simulate -
              postel simulate --interactive

            Exit status: 0 done; 1 an expectation of a scenario was not met; 2 a scenario could not be read, or the \
            output not be written; 64 wrong usage.
            """)

    /// How the story is told.
    enum Form: String, CaseIterable, ExpressibleByArgument {
        case ladder, svg, ndjson, csv
    }

    @Argument(help: ArgumentHelp("Scenarios; - is standard input.", valueName: "scenario"))
    var scenarios: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Drive both users and the network yourself, line by line.",
            discussion: """
                Begins with a scenario, or without one with two closed ends and a network that holds every segment \
                until it is delivered. The line 'help' says what can be done. With --write the capture is written at \
                the end.
                """))
    var interactive = false

    @Option(help: "ladder as in RFC 793 figures 7 to 14, svg for a picture of it, or records.")
    var format = Form.ladder

    @Option(
        help: ArgumentHelp(
            "Which records, joined by commas: transitions, segments, flows, findings, summary.",
            discussion: """
                Transitions and segments are what happened; flows, findings and the summary are what 'postel replay' \
                says of the capture at --at. Default: transitions. csv takes exactly one.
                """,
            valueName: "kinds"),
        transform: ShownKinds.init)
    var show: ShownKinds?

    @Flag(help: "The time of each line of a ladder, in seconds.")
    var times = false

    @Option(help: ArgumentHelp("Write a capture file, pcapng; - is standard output.", valueName: "file"))
    var write: String?

    @Option(
        help: ArgumentHelp(
            "Where the capture is taken, and whose packet numbers records have: A, middle (default), B.",
            valueName: "vantage"),
        transform: VantagePoint.init)
    var at = VantagePoint(vantage: .middle)

    @Option(help: ArgumentHelp("For the network's dice and for initial sequence numbers.", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    /// Where a capture is taken, by name.
    struct VantagePoint {
        let vantage: Vantage

        init(vantage: Vantage) { self.vantage = vantage }

        init(_ name: String) throws {
            guard let known = Vantage.all.first(where: { $0.name == name }) else {
                throw ValidationError("'\(name)' is no place for a capture: A, middle or B")
            }
            vantage = known
        }
    }

    func validate() throws {
        if interactive { return try validateInteractive() }
        guard !scenarios.isEmpty else { throw ValidationError("Missing expected argument '<scenario> ...'") }
        let standardInputs = scenarios.count { $0 == "-" }
        guard standardInputs <= 1 else {
            throw ValidationError("standard input (-) can be read only once")
        }
        if scenarios.count > 1, write != nil || format == .svg {
            throw ValidationError("a capture file or a picture holds one scenario: name only one")
        }
        if write == "-", output == "-" {
            throw ValidationError("--write - and the report cannot both go to standard output: choose --output FILE")
        }
        if let show {
            guard format == .ndjson || format == .csv else {
                throw ValidationError("--show chooses records: use it with --format ndjson or --format csv")
            }
            if format == .csv, show.kinds.count != 1 {
                throw ValidationError("--format csv takes exactly one kind of records: for example --show segments")
            }
        }
        for input in scenarios where input != "-" {
            if Environment.isSameFile(input, output) || Environment.isSameFile(input, write ?? "-") {
                throw ValidationError("\(input) would be overwritten")
            }
        }
    }

    /// A session shows itself in its own way.
    private func validateInteractive() throws {
        guard scenarios.count <= 1, scenarios != ["-"] else {
            throw ValidationError("--interactive begins with one scenario from a file, or without any")
        }
        guard format == .ladder, show == nil, output == "-", write != "-" else {
            throw ValidationError("--interactive goes with --seed, --write FILE and --at only")
        }
    }

    func run() throws {
        throw ExitCode(interactive ? playInteractively() : simulate().rawValue)
    }

    private func playInteractively() -> Int32 {
        var status = ExitStatus.done
        var session = Session.empty
        if let path = scenarios.first {
            guard let scenario = read(path, &status)?.scenario else { return status.rawValue }
            session = Session(scenario)
        } else if let seed {
            session.setSeed(seed)
        }
        Interruption.install()
        do throws(OutputError) {
            var conversation = try InteractiveSession(session, from: scenarios.first)
            let result = try conversation.run()
            guard let write else { return result }
            let setting = CaptureSetting(family: conversation.session.opening.family)
            return max(result, writeCapture(of: conversation.session.simulator, setting, to: write).rawValue)
        } catch {
            return Failure.report(error).rawValue
        }
    }

    private func simulate() -> ExitStatus {
        var status = ExitStatus.done
        do throws(OutputError) {
            switch format {
            case .ladder, .svg:
                var report = LadderReport(output: try OutputFile(path: output))
                for path in scenarios {
                    guard let story = tell(path, &status) else { continue }
                    let title = story.scenario.title ?? (scenarios.count > 1 ? path : nil)
                    let ladder = Ladder(of: story.simulator.history, from: story.scenario.ladderBegin)
                    let remarks = story.scenario.remarks
                    if format == .svg {
                        try report.write(ladder, title: title, as: LadderPicture(remarks: remarks))
                    } else {
                        try report.write(ladder, title: title, as: LadderText(remarks: remarks, showsTimes: times))
                    }
                }
                try report.finish()
            case .ndjson, .csv:
                var options = ReportOptions()
                options.format = format == .csv ? .csv : .ndjson
                options.kinds = show?.kinds ?? [.transitions]
                var report = Report(options: options, output: try OutputFile(path: output))
                var truth = SimulationRecords()
                var account = SimulatedAccount(for: options)
                for path in scenarios {
                    guard let story = tell(path, &status) else { continue }
                    let setting = CaptureSetting(family: story.scenario.family)
                    try report.receive(truth.make(of: story.simulator, at: at.vantage, setting))
                    try report.receive(account.make(of: story.simulator, named: path, at: at.vantage, setting))
                }
                try report.finish(account.summary)
            }
        } catch {
            return worse(status, Failure.report(error))
        }
        return status
    }

    /// A scenario that has been run.
    private struct Story {
        let scenario: Scenario
        let simulator: Simulator
    }

    /// Reads a scenario, or says why it cannot be read.
    private func read(_ path: String, _ status: inout ExitStatus) -> (input: TextInput, scenario: Scenario)? {
        let input: TextInput
        do throws(TextInput.Problem) {
            input = try TextInput(path: path)
        } catch {
            StandardError.complain(error.message)
            status = worse(status, .incomplete)
            return nil
        }
        var scenario: Scenario
        do throws(ScenarioError) {
            scenario = try Scenario(parsing: input.text)
        } catch {
            StandardError.complain("\(input.name):\(error.line):\(error.column): \(error.message)")
            status = worse(status, .incomplete)
            return nil
        }
        if let seed { scenario.settings.seed = seed }
        return (input, scenario)
    }

    /// Runs a scenario, writes its capture and says what was not as expected.
    private func tell(_ path: String, _ status: inout ExitStatus) -> Story? {
        guard let (input, scenario) = read(path, &status) else { return nil }
        let (simulator, isComplete) = scenario.run()
        if !isComplete {
            StandardError.complain("\(input.name): does not come to an end: give it one with 'end at TIME'.")
            status = worse(status, .incomplete)
        }
        let setting = CaptureSetting(family: scenario.family)
        var failures = scenario.failures(in: simulator)
        failures += SimulatedFindings.failures(of: scenario, in: simulator, setting)
        for failure in failures {
            StandardError.complain("\(input.name):\(failure.place.line):\(failure.place.column): \(failure.message)")
            status = worse(status, .checkFailed)
        }
        if let write { status = worse(status, writeCapture(of: simulator, setting, to: write)) }
        return Story(scenario: scenario, simulator: simulator)
    }

    private func writeCapture(of simulator: Simulator, _ setting: CaptureSetting, to path: String) -> ExitStatus {
        do throws(CaptureWriteError) {
            try simulator.writeCapture(to: path, at: at.vantage, setting, application: "postel simulate")
            return .done
        } catch {
            if case .closed = error { return .done }
            StandardError.complain(error.message)
            return .incomplete
        }
    }

    private func worse(_ one: ExitStatus, _ other: ExitStatus) -> ExitStatus {
        one.rawValue >= other.rawValue ? one : other
    }
}
