import TCPStateMachine

/// What a line of a session asks for.
public enum SessionCommand: Hashable, Sendable {
    case act(Action)
    case deliver(Session.Target)
    case befall(Mishap, Session.Target)
    /// Nil until something happens.
    case wait(Int64?)
    /// A setting, which has been taken.
    case set
    case why
    case undo(all: Bool)
    case redo
    case ladder
    case states
    case story
    case save(path: String)
    case help
    case quit
}

extension Session {
    /// Understands a line. Names, notes and settings that it holds are taken at once.
    ///
    /// - Parameter number: of the line, from 1, for errors.
    /// - Returns: nil where the line holds nothing but a comment.
    public mutating func understand(_ line: String, number: Int) throws(ScenarioError) -> SessionCommand? {
        // The name of a file is none of the language's words.
        let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        if words.first == "save" {
            let path = words.count < 2 ? "" : String(words[1].reversed().drop(while: \.isWhitespace).reversed())
            guard !path.isEmpty else {
                throw ScenarioError(
                    line: number, column: line.count + 1, found: "the end of the line",
                    expected: "the name of a file; - is standard output")
            }
            return .save(path: path)
        }
        var tokens = try ScenarioLexer.tokens(of: line[...], number)
        guard tokens.count > 1 else { return nil }
        tokens.putEndFirst()
        var parser = ScenarioParser(opening, line: tokens)
        let command = try parser.takeSessionCommand(canSet: !hasBegun)
        try parser.expectEndOfLine()
        replaceOpening(parser.scenario)
        return command
    }
}

extension [ScenarioToken] {
    /// `close A` is `A close`: both are said.
    fileprivate mutating func putEndFirst() {
        guard count > 2, case .word(let call) = self[0].kind, ScenarioParser.hostActions.contains(call) else { return }
        if self[1].kind == .word("A") || self[1].kind == .word("B") { swapAt(0, 1) }
    }
}

extension ScenarioParser {
    /// What may stand behind A or B besides settings.
    static let hostActions: Set<String> = [
        "open", "listen", "send", "receive", "close", "shutdown", "half-close", "abort", "status", "vanish", "crash",
        "restart", "read", "stop",
    ]

    private static let settings: Set<String> = [
        "scenario", "profile", "ports", "jitter", "loss", "duplication", "reordering", "seed", "ipv6", "latency",
    ]

    private static let commands =
        "A or B and a call (open, listen, send, close, ...), deliver, drop, duplicate, delay, wait, why, undo, redo, "
        + "ladder, states, story, save, help, quit, or another command of 'help'"

    mutating func takeSessionCommand(canSet: Bool) throws(ScenarioError) -> SessionCommand {
        guard let word = peekWord else { throw expected(ScenarioParser.commands) }
        if let simple = takeSimpleCommand(word) { return simple }
        switch word {
        case "A", "B": return try takeEndCommand(canSet: canSet)
        case "deliver", "drop", "duplicate", "delay": return try takeNetworkCommand(word)
        case "wait":
            advance()
            return .wait(isAtEnd ? nil : try takeDuration())
        case "undo":
            advance()
            return .undo(all: skip("all"))
        case "inject", "icmp", "cut", "mend", "hold", "release", "note", "show": return .act(try takeAction())
        case "latency" where !canSet: return .act(try takeAction())
        case "connection":
            try parseSetting()
            return .set
        case _ where ScenarioParser.settings.contains(word):
            try checkCanSet(canSet)
            if word == "scenario" { try parseTitle() } else { try parseSetting() }
            return .set
        default: throw expected(ScenarioParser.commands)
        }
    }

    private mutating func takeSimpleCommand(_ word: String) -> SessionCommand? {
        let command: SessionCommand
        switch word {
        case "why": command = .why
        case "redo": command = .redo
        case "ladder": command = .ladder
        case "states": command = .states
        case "story": command = .story
        case "step": command = .wait(nil)
        case "help": command = .help
        case "quit", "exit": command = .quit
        default: return nil
        }
        advance()
        return command
    }

    private func checkCanSet(_ canSet: Bool) throws(ScenarioError) {
        guard !canSet else { return }
        throw ScenarioError(
            line: current.place.line, column: current.place.column, found: nil,
            expected: "settings come before the first step; 'undo all' leads back there")
    }

    /// `A open` is an active one; `half-close` is what the RFC's CLOSE is, a `shutdown`.
    private mutating func takeEndCommand(canSet: Bool) throws(ScenarioError) -> SessionCommand {
        let start = self
        let end = try takeEnd()
        if skip("half-close") { return .act(.call(.shutdown, at: end, try takeConnection())) }
        if skip("open"), isAtEnd || peekWord == "on" { return .act(.call(.openActive, at: end, try takeConnection())) }
        self = start
        advance()
        guard let word = peekWord, ScenarioParser.hostSettings.contains(word) else {
            self = start
            return .act(try takeAction())
        }
        try checkCanSet(canSet)
        self = start
        try parseSetting()
        return .set
    }

    private mutating func takeNetworkCommand(_ word: String) throws(ScenarioError) -> SessionCommand {
        advance()
        let target = try takeTarget()
        switch word {
        case "deliver": return .deliver(target)
        case "drop": return .befall(.lose, target)
        case "duplicate": return .befall(.duplicate, target)
        default:
            try take("by")
            return .befall(.delay(try takeDuration()), target)
        }
    }

    /// A number of the list, `all`, `FIN of A`; nothing for the segment that is due first.
    private mutating func takeTarget() throws(ScenarioError) -> Session.Target {
        if isAtEnd || peekWord == "by" { return .next }
        if skip("all") { return .all }
        if case .number = current.kind, !isOrdinal {
            return .number(Int(try takeNumber(1...1_000_000, "a number of the list of segments")))
        }
        return .choice(try takeChoice())
    }
}
