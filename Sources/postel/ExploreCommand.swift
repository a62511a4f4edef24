import ArgumentParser
import Reports
import Simulation
import TCPStateMachine

/// `postel explore`: everything that two endpoints can do within bounds.
struct ExploreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Tries everything that two TCP endpoints, A and B, can do within bounds.",
        discussion: """
            Two machines, their users and the network between them take every step in every order, breadth first. It \
            tells how many states there are, which states and rules were reached, where nothing can happen any more, \
            and which invariants were violated, with the shortest ladder that leads there. Bounds of an endpoint are \
            one number for both, or A=NUMBER,B=NUMBER. Docs/exploration.md says what a result proves.

            Examples:
              postel explore
              postel explore --profile linux --duplicates 1 --losses 0
              postel explore --profile A=rfc793,B=linux --crashes A=0,B=1 --opens A=1,B=2
              postel explore --reorder --sends A=2,B=0 --max-states 10000000
              postel explore --format ndjson --show violations --short-time-wait --duplicates 1 --opens 2
              postel explore --slow-reader --window 1 --sends A=2,B=0 --aborts 0

            The last one violates an invariant, by what RFC 793 itself says (Docs/exploration.md, Findings).

            Exit status: 0 done, even if it was cut; 1 an invariant was violated; 2 the output could not be written; \
            64 wrong usage; 130 or 143 stopped by Ctrl-C or SIGTERM, after writing the results so far.
            """)

    @Option(
        help: ArgumentHelp(
            "Which TCP the endpoints run: rfc9293 (default), rfc793, linux; or A=NAME,B=NAME.", valueName: "profile"),
        transform: { try EndsArgument.profiles($0) })
    var profile = BothEnds(Profile.rfc9293)

    @Option(help: ArgumentHelp("OPENs, active or passive.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var opens: BothEnds<UInt8> = BothEnds(1)

    @Option(
        help: ArgumentHelp("Which OPENs: either (default), active, passive; or A=KIND,B=KIND.", valueName: "kind"),
        transform: { try EndsArgument.openings($0) })
    var opening = BothEnds(ExplorationBounds.Openings.either)

    @Option(help: ArgumentHelp("SENDs.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var sends: BothEnds<UInt8> = BothEnds(a: 1, b: 0)

    @Option(help: ArgumentHelp("CLOSEs.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var closes: BothEnds<UInt8> = BothEnds(1)

    @Option(help: ArgumentHelp("ABORTs.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var aborts: BothEnds<UInt8> = BothEnds(1)

    @Option(
        help: ArgumentHelp("Retransmissions; the next timeout gives up (R2).", valueName: "n"),
        transform: { try EndsArgument.counts($0) })
    var retransmissions: BothEnds<UInt8> = BothEnds(1)

    @Option(help: ArgumentHelp("User timeouts.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var userTimeouts: BothEnds<UInt8> = BothEnds(0)

    @Option(help: ArgumentHelp("ICMP errors that arrive.", valueName: "n"), transform: { try EndsArgument.counts($0) })
    var icmpErrors: BothEnds<UInt8> = BothEnds(0)

    @Option(
        help: ArgumentHelp("Crashes with loss of memory; on Linux, losses of the socket.", valueName: "n"),
        transform: { try EndsArgument.counts($0) })
    var crashes: BothEnds<UInt8> = BothEnds(0)

    @Option(help: ArgumentHelp("Segments that the network loses.", valueName: "n"))
    var losses: UInt8 = 1

    @Option(
        help: ArgumentHelp("Segments that the network duplicates; the copy waits behind the others.", valueName: "n"))
    var duplicates: UInt8 = 0

    @Option(help: ArgumentHelp("The most segments under way in one direction, 1 to 8.", valueName: "n"))
    var inFlight = 8

    @Option(help: ArgumentHelp("The octets of one SEND.", valueName: "n"))
    var octets: UInt32 = 1

    @Option(help: ArgumentHelp("The receive buffer, octets.", valueName: "n"))
    var window: UInt32 = 65_535

    @Flag(help: "Segments overtake each other.")
    var reorder = false

    @Flag(help: "TIME-WAIT may end while segments are under way.")
    var shortTimeWait = false

    @Flag(help: "A CLOSE may give up receiving, too.")
    var halfDuplexClose = false

    @Flag(help: "RECEIVE is a step of its own; otherwise all is read at once.")
    var slowReader = false

    @Flag(help: "SYNs offer timestamps.")
    var timestamps = false

    @Option(help: ArgumentHelp("The most states to keep, 100 octets each.", valueName: "n"))
    var maxStates = 5_000_000

    @Option(help: ArgumentHelp("The most levels to explore; the initial state is the first.", valueName: "n"))
    var maxDepth = Int.max

    @Option(help: "The form of the output.")
    var format = ExplorationFormat.table

    @Option(
        help: ArgumentHelp(
            "What to show, joined by commas: exploration, violations. Default: both.", valueName: "parts"),
        transform: { try ExploreCommand.parts($0) })
    var show = Set(ExplorationPart.allCases)

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    func validate() throws {
        guard (1...8).contains(inFlight) else {
            throw ValidationError("--in-flight \(inFlight): 1 to 8 segments can be under way")
        }
        guard (1...4_000_000_000).contains(maxStates) else {
            throw ValidationError("--max-states \(maxStates): 1 to 4000000000 states can be kept")
        }
        guard maxDepth > 0 else {
            throw ValidationError("--max-depth \(maxDepth): at least one level must be explored")
        }
        guard (1...1000).contains(octets) else {
            throw ValidationError("--octets \(octets): a SEND has 1 to 1000 octets")
        }
        guard (1...65_535).contains(window) else {
            throw ValidationError("--window \(window): the receive buffer has 1 to 65535 octets")
        }
    }

    func run() throws {
        Interruption.install()
        let status = explore()
        throw ExitCode(Interruption.number.map(ExitStatus.stopped) ?? status.rawValue)
    }

    private func explore() -> ExitStatus {
        do throws(OutputError) {
            var file = try OutputFile(path: output)
            let progress = ProgressLine()
            let exploration = ConnectionExploration(
                within: bounds, limits: ExplorationLimits(maximumStates: maxStates, maximumDepth: maxDepth),
                progress: { progress.show($0) }, shouldStop: { Interruption.number != nil })
            progress.clear()
            let width = output == "-" ? OutputFile.terminalWidth() : nil
            try ExplorationReport(parts: show, width: width).write(exploration, as: format, to: &file)
            return exploration.violations.isEmpty ? .done : .checkFailed
        } catch {
            return Failure.report(error)
        }
    }

    private var bounds: ExplorationBounds {
        var bounds = ExplorationBounds()
        bounds.profiles = profile
        for side in End.allCases {
            var allowance = ExplorationBounds.Allowance()
            allowance.opens = opens[side]
            allowance.openings = opening[side]
            allowance.sends = sends[side]
            allowance.closes = closes[side]
            allowance.aborts = aborts[side]
            allowance.retransmissions = retransmissions[side]
            allowance.userTimeouts = userTimeouts[side]
            allowance.icmpErrors = icmpErrors[side]
            allowance.crashes = crashes[side]
            bounds.allowances[side] = allowance
        }
        (bounds.losses, bounds.duplicates, bounds.inFlight) = (losses, duplicates, inFlight)
        (bounds.octets, bounds.window) = (octets, window)
        (bounds.reorders, bounds.shortTimeWait, bounds.halfDuplexClose) = (reorder, shortTimeWait, halfDuplexClose)
        (bounds.slowReader, bounds.timestamps) = (slowReader, timestamps)
        return bounds
    }

    private static func parts(_ text: String) throws -> Set<ExplorationPart> {
        Set(
            try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let part = ExplorationPart(rawValue: String(word)) else {
                    let names = ExplorationPart.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("'\(word)' is nothing to show: choose among \(names)")
                }
                return part
            })
    }
}

/// Values for the two endpoints: one for both, or `A=...,B=...`.
enum EndsArgument {
    static func counts(_ text: String) throws -> BothEnds<UInt8> {
        try read(text) { word in
            guard let count = UInt8(word) else {
                throw ValidationError("'\(word)' is not a count: write 0 to 255, or A=NUMBER,B=NUMBER")
            }
            return count
        }
    }

    static func openings(_ text: String) throws -> BothEnds<ExplorationBounds.Openings> {
        try read(text) { word in
            guard let kind = ExplorationBounds.Openings.allCases.first(where: { "\($0)" == word }) else {
                throw ValidationError("'\(word)' is no kind of OPEN: write active, passive or either")
            }
            return kind
        }
    }

    static func profiles(_ text: String) throws -> BothEnds<Profile> {
        try read(text, ProfileChoice.profile)
    }

    /// Both endpoints must be named where one is.
    private static func read<Value>(_ text: String, _ value: (Substring) throws -> Value) throws -> BothEnds<Value> {
        guard text.contains("=") else { return BothEnds(try value(text[...])) }
        var (a, b): (Value?, Value?)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (pieces[0], pieces.count) {
            case ("A", 2): a = try value(pieces[1])
            case ("B", 2): b = try value(pieces[1])
            default: throw ValidationError("'\(part)': write one value for both endpoints, or A=VALUE,B=VALUE")
            }
        }
        guard let a, let b else { throw ValidationError("'\(text)' must name both endpoints: A=VALUE,B=VALUE") }
        return BothEnds(a: a, b: b)
    }
}
