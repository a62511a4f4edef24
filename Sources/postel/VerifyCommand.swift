import ArgumentParser
import Reports
import Simulation
import TCPStateMachine
import TeachingMaterial

/// `postel verify`: teaching material against the machine.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads teaching material about TCP states and says what in it contradicts the machine.",
        discussion: """
            Course notes, READMEs, diagrams (Mermaid, PlantUML, DOT, TikZ, ASCII), tables, ladders, machines in JSON, \
            YAML or XML, and socket listings are read; each claim about states is held against the rules of the \
            machine. What contradicts them is said as compilers do, with the right fact and the section of the RFC. \
            What mentions states and was not understood is counted, and listed with --show unchecked. Docs/verify.md \
            has all codes, with a wrong and a right example of each.

            A comment in a document switches codes off: 'postel-disable-next-line CODE', 'postel-disable-line CODE', \
            'postel-disable CODE' up to 'postel-enable CODE'. A file .postel-verify in the working directory, or that \
            of --config, holds settings.

            Examples:
              postel verify notes.md slides/
              postel verify --fail-on warning --format sarif --output verify.sarif .
              postel verify --profile rfc793 figure6.txt
              postel verify --explain listen-to-established
              pandoc -t plain lecture.docx | postel verify -

            Exit status: 0 done; 1 a diagnostic as severe as --fail-on; 2 a document could not be read, or the output \
            not be written; 64 wrong usage.
            """)

    @Argument(help: ArgumentHelp("Documents and folders; - is standard input.", valueName: "file"))
    var files: [String] = []

    @Option(help: "How diagnostics are written.")
    var format = DiagnosticFormat.text

    @Option(
        help: ArgumentHelp(
            "What to show, joined by commas: diagnostics, coverage, unchecked. Default: diagnostics,coverage.",
            valueName: "parts"),
        transform: { try VerifyCommand.parts($0) })
    var show: Set<DiagnosticPart> = [.diagnostics, .coverage]

    @Option(help: ArgumentHelp("The severity from which the exit status is 1. Default: error.", valueName: "severity"))
    var failOn: Severity?

    @Option(
        help: ArgumentHelp(
            "The profile that the material is written for: rfc793, rfc9293, linux. Default: what any of them does.",
            valueName: "profile"),
        transform: { try ProfileChoice.profile($0).name })
    var profile: Profile.Name?

    @Option(help: ArgumentHelp("Leave out a code. May be repeated.", valueName: "code"))
    var disable: [DiagnosticCode] = []

    @Option(
        help: ArgumentHelp(
            "In folders, read files of such names: * and ? are wild. May be repeated.", valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("In folders, leave out such files and folders. May be repeated.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(help: ArgumentHelp("Settings. Default: .postel-verify, where there is one.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Explain a code: the fact, its source, and a ladder that shows it.", valueName: "code"))
    var explain: DiagnosticCode?

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    func validate() throws {
        guard explain == nil else {
            guard files.isEmpty else { throw ValidationError("--explain explains a code and reads no documents") }
            return
        }
        guard !files.isEmpty else {
            throw ValidationError("name a document, a folder, or - for standard input")
        }
        guard files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("standard input (-) can be read only once")
        }
        for file in files where file != "-" && Environment.isSameFile(file, output) {
            throw ValidationError("\(file) would be overwritten")
        }
    }

    func run() throws {
        throw ExitCode((explain.map(explain) ?? verify()).rawValue)
    }

    private static func parts(_ text: String) throws -> Set<DiagnosticPart> {
        Set(
            try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let part = DiagnosticPart(rawValue: String(word)) else {
                    let names = DiagnosticPart.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("'\(word)' is nothing to show: choose among \(names)")
                }
                return part
            })
    }

    // MARK: Verifying

    private func verify() -> ExitStatus {
        var status = ExitStatus.done
        var settings = VerifySettings()
        do throws(TextInput.Problem) {
            settings = try VerifySettings(path: config)
        } catch {
            StandardError.complain(error.message)
            return .usage
        }
        settings.include += include
        settings.exclude += exclude
        var verifier = Verifier(profile: profile ?? settings.profile)
        verifier.disabled = settings.disabled.union(disable)
        let limit = failOn ?? settings.failOn ?? .error
        do throws(OutputError) {
            let hasColors = output == "-" && Environment.outputIsTerminal && Environment.allowsColors
            var report = DiagnosticReport(
                format: format, parts: show, hasColors: hasColors, output: try OutputFile(path: output, wipes: false))
            for path in paths(settings, &status) {
                guard let document = read(path, &status) else { continue }
                let verification = verifier.verify(document)
                if verification.diagnostics.contains(where: { $0.severity >= limit }) {
                    status = worse(status, .checkFailed)
                }
                try report.write(verification)
            }
            try report.finish()
        } catch {
            return worse(status, Failure.report(error))
        }
        return status
    }

    /// The documents to read; a folder that holds none is said, for a check of nothing would succeed.
    private func paths(_ settings: VerifySettings, _ status: inout ExitStatus) -> [String] {
        var paths: [String] = []
        for file in files {
            let found = DocumentFinder.paths(file, include: settings.include, exclude: settings.exclude)
            if found.isEmpty {
                StandardError.complain(
                    """
                    \(file): no document in this folder has a name that is read.
                    Name it, or a pattern with --include.
                    """)
                status = worse(status, .incomplete)
            }
            paths += found
        }
        return paths
    }

    private func read(_ path: String, _ status: inout ExitStatus) -> Document? {
        let name = path == "-" ? "<stdin>" : path
        do throws(TextInput.Problem) {
            let octets = try TextInput.octets(of: path, atMost: Document.mostOctets)
            if let offset = Document.firstNull(in: octets) {
                throw TextInput.Problem(
                    message: "\(name): a NUL at octet \(offset): this is no text. Save it as text in UTF-8.")
            }
            let document = Document(name: name, bytes: octets)
            if let offset = document.firstFault {
                StandardError.complain(
                    "\(name): not all in UTF-8 (octet \(offset)): what cannot be decoded was read as U+FFFD.")
            }
            return document
        } catch {
            StandardError.complain(error.message)
            status = worse(status, .incomplete)
            return nil
        }
    }

    private func worse(_ one: ExitStatus, _ other: ExitStatus) -> ExitStatus {
        one.rawValue >= other.rawValue ? one : other
    }

    // MARK: Explaining

    private func explain(_ code: DiagnosticCode) -> ExitStatus {
        do throws(OutputError) {
            var file = try OutputFile(path: output, wipes: false)
            try CodeExplanation(code).write(to: &file)
            return .done
        } catch {
            return Failure.report(error)
        }
    }
}
