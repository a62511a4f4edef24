import Reports
import Simulation

/// `postel simulate --interactive`: a person drives both users and the network.
///
/// On a terminal each step redraws the screen; elsewhere a session is a transcript, line by line.
struct InteractiveSession: ~Copyable {
    private(set) var session: Session
    private var style: SessionText
    private let isTerminal: Bool
    /// The scenario that it began with, which is not to be overwritten.
    private let source: String?
    private var output: SessionReport
    private var input = LineInput()
    private var lineNumber = 0
    private var status = ExitStatus.done

    /// What a line has led to.
    private enum Effect {
        /// Something happened, or may have.
        case step
        /// Something was asked.
        case answer(String)
        case mistake(column: Int?, String)
        case nothing
        case quit
    }

    init(_ session: Session, from source: String?) throws(OutputError) {
        self.session = session
        self.source = source
        let screen = OutputFile.terminalSize()
        isTerminal = screen != nil && Environment.inputIsTerminal
        style = SessionText(
            hasColors: screen != nil && Environment.allowsColors, screen: isTerminal ? screen : nil)
        output = SessionReport(output: try OutputFile())
    }

    /// Takes lines until the end, which may be a signal.
    ///
    /// - Returns: what the process says when it ends.
    mutating func run() throws(OutputError) -> Int32 {
        if isTerminal {
            try output.write(style.view(of: session, below: SessionHelp.greeting))
        } else {
            try output.write(style.situation(of: session))
        }
        while true {
            if isTerminal { try output.write("> ") }
            switch input.next() {
            case .line(let line):
                lineNumber += 1
                if !isTerminal { try output.write("\n> \(line)\n") }
                let former = session
                let effect = effect(of: line)
                if case .quit = effect { return status.rawValue }
                try show(effect, of: line, since: former)
            case .unreadable:
                lineNumber += 1
                try show(.mistake(column: nil, "this is no line of text"), of: "", since: session)
            case .end:
                if isTerminal { try output.write("\n") }
                return status.rawValue
            case .interrupted:
                if isTerminal { try output.write("\n") }
                return ExitStatus.stopped(bySignal: Interruption.number ?? 0)
            }
        }
    }

    private mutating func show(_ effect: Effect, of line: String, since former: Session) throws(OutputError) {
        switch effect {
        case .step:
            if isTerminal {
                // It may have another size by now.
                style.screen = OutputFile.terminalSize()
                let news = ["> \(line)"] + style.answers(from: former, to: session)
                try output.write(style.view(of: session, below: news.map { $0 + "\n" }.joined()))
            } else {
                try output.write(style.step(from: former, to: session))
            }
        case .answer(let text): try output.write(text)
        case .mistake(let column, let message):
            if isTerminal {
                try output.write(column.map { String(repeating: " ", count: $0 + 1) + "^\n" } ?? "")
                try output.write(message + "\n")
            } else {
                let place = column.map { ":\($0)" } ?? ""
                StandardError.complain("standard input:\(lineNumber)\(place): \(message)")
                status = .incomplete
            }
        case .nothing, .quit: break
        }
    }

    private mutating func effect(of line: String) -> Effect {
        do throws(ScenarioError) {
            guard let command = try session.understand(line, number: lineNumber) else { return .nothing }
            return effect(of: command)
        } catch {
            return .mistake(column: error.column, error.message)
        }
    }

    private mutating func effect(of command: SessionCommand) -> Effect {
        do throws(Session.Problem) {
            switch command {
            case .act(let action): try session.perform(action)
            case .deliver(let target): try session.deliver(target)
            case .befall(let mishap, let target): try session.befall(mishap, target)
            case .wait(let time?): try session.wait(time)
            case .wait(nil): try session.waitForNext()
            case .undo(let all): if all { try session.undoAll() } else { try session.undo() }
            case .redo: try session.redo()
            case .set: break
            case .why: return .answer(Explanation(of: session).text)
            case .ladder: return .answer(style.ladder(of: session))
            case .states: return .answer(style.states(of: session))
            case .story: return .answer(session.story().scenario.text)
            case .save(let path): return save(to: path)
            case .help: return .answer(SessionHelp.text)
            case .quit: return .quit
            }
            return .step
        } catch {
            return .mistake(column: nil, error.message)
        }
    }

    private func save(to path: String) -> Effect {
        if let source, Environment.isSameFile(source, path) {
            return .mistake(column: nil, "\(path) would be overwritten: it is where this session began")
        }
        let (scenario, unmet) = session.story()
        do throws(OutputError) {
            var file = SessionReport(output: try OutputFile(path: path))
            try file.write(scenario.text)
        } catch {
            return .mistake(column: nil, Failure.message(of: error))
        }
        guard path != "-" else { return .nothing }
        let left = unmet == 0 ? "" : ", without \(unmet) expectations that it does not meet"
        return .answer("written\(left): 'postel simulate \(path)' tells the same ladder\n")
    }
}

/// What a session says of itself.
enum SessionHelp {
    static let greeting =
        "Two TCPs, and you are their users and the network. 'B listen', 'A open', 'deliver', 'why'; 'help' for more.\n"

    static let text = """
        Users (A or B, before or behind the call):
          A open, B listen, B open passive, A send 100, A receive 50, A close, A half-close, A abort, A status
          A crash, A restart, A stop reading, A read, A vanish
        The network:
          deliver         the next segment arrives; deliver 2: the second of the list; deliver all; deliver FIN of A
          drop 1          it is lost; duplicate 1: a copy follows it; delay 1 by 2 s
          hold, release   whether segments wait for 'deliver', or arrive when they are due
          cut A, mend A   nothing from A gets through; latency A 200 ms
          inject from B <SEQ=A.RCV.NXT><CTL=RST>    somebody sends this in B's name
        Time stands still between steps:
          wait 2 s        timers run, and what is not held arrives; wait: until something happens
        Looking:
          why             what the last step did, by which rules, and where that is written
          ladder, states, story
        And:
          undo, undo all, redo, note A "text", save FILE, help, quit (or Ctrl-D)
        Before the first step, settings of Docs/scenarios.md: profile linux, A iss 100, latency 20 ms, ...
        All words of that page behind 'at TIME' are understood.

        """
}
