import TCPStateMachine

// ScenarioParser           lines, words, and what all statements share
// ScenarioParser+Settings  what is there before it begins
// ScenarioParser+Faults    what befalls segments
// ScenarioParser+Actions   at TIME ...
// ScenarioParser+Segments  <SEQ=...><CTL=...>
// ScenarioParser+Claims    expect ...

/// Reads scenarios: Docs/scenarios.md has the grammar. One statement to a line; recursive descent, one word ahead.
struct ScenarioParser {
    var scenario = Scenario()
    private var tokens: [ScenarioToken] = []
    private var position = 0
    /// What might have stood where the next word stands, and does not have to.
    private var alternatives: [String] = []

    static func parse(_ source: String) throws(ScenarioError) -> Scenario {
        var parser = ScenarioParser()
        for line in try ScenarioLexer.lines(of: source) {
            parser.tokens = line
            parser.position = 0
            parser.alternatives = []
            try parser.parseStatement()
            try parser.expectEndOfLine()
        }
        return parser.scenario
    }

    /// Goes on in a scenario, with the words of one more line.
    init(_ scenario: Scenario = Scenario(), line tokens: [ScenarioToken] = []) {
        self.scenario = scenario
        self.tokens = tokens
    }

    private static let statements =
        "a statement: scenario, profile, A, B, ports, connection, latency, jitter, loss, duplication, reordering, "
        + "seed, ipv6, hold, ladder, end, drop, delay, duplicate, reorder, corrupt, at, expect"

    private mutating func parseStatement() throws(ScenarioError) {
        switch peekWord {
        case "at": try parseAction()
        case "expect": try parseExpectation()
        case "drop", "delay", "duplicate", "reorder", "corrupt": try parseFault()
        case "scenario": try parseTitle()
        case "A", "B", "profile", "ports", "connection", "latency", "jitter", "loss", "duplication", "reordering",
            "seed", "ipv6", "hold", "ladder", "end":
            try parseSetting()
        default: throw expected((isHappening ? ScenarioParser.timeFirst : "") + ScenarioParser.statements)
        }
    }

    /// What is forgotten most easily.
    static let timeFirst = "'at TIME' in front of what happens, or "

    /// The next word is one that may stand behind `at TIME`.
    private var isHappening: Bool {
        peekWord.map { ScenarioParser.happenings.contains($0) || ScenarioParser.hostActions.contains($0) } ?? false
    }

    mutating func parseTitle() throws(ScenarioError) {
        advance()
        scenario.title = try takeText("the title in quotation marks")
    }

    // MARK: Words

    var current: ScenarioToken { tokens[min(position, tokens.count - 1)] }

    /// The word that is next, if it is one.
    var peekWord: String? {
        if case .word(let word) = current.kind { word } else { nil }
    }

    /// A number with a suffix is next: `2nd`.
    var isOrdinal: Bool {
        guard case .number = current.kind, position + 1 < tokens.count else { return false }
        guard case .word(let suffix) = tokens[position + 1].kind else { return false }
        return ScenarioParser.ordinalSuffixes.contains(suffix)
    }

    var isAtEnd: Bool { current.kind == .endOfLine }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
        alternatives = []
    }

    /// Notes what might stand next.
    mutating func allow(_ what: String) {
        if !alternatives.contains(what) { alternatives.append(what) }
    }

    func expected(_ what: String) -> ScenarioError {
        ScenarioError(
            line: current.place.line, column: current.place.column, found: current.shown, expected: what)
    }

    func expectEndOfLine() throws(ScenarioError) {
        guard !isAtEnd else { return }
        let others = alternatives.isEmpty ? "" : alternatives.joined(separator: ", ") + " or "
        throw expected(others + "the end of the line")
    }

    /// Whether the word is next, which does not have to be.
    mutating func isNext(_ word: String) -> Bool {
        guard peekWord != word else { return true }
        allow("'\(word)'")
        return false
    }

    /// Takes the word if it is next.
    mutating func skip(_ word: String) -> Bool {
        guard isNext(word) else { return false }
        advance()
        return true
    }

    mutating func skipSymbol(_ symbol: Character) -> Bool {
        guard current.kind == .symbol(symbol) else {
            allow("'\(symbol)'")
            return false
        }
        advance()
        return true
    }

    mutating func take(_ word: String) throws(ScenarioError) {
        guard skip(word) else { throw expected("'\(word)'") }
    }

    mutating func takeSymbol(_ symbol: Character) throws(ScenarioError) {
        guard skipSymbol(symbol) else { throw expected("'\(symbol)'") }
    }

    mutating func takeText(_ what: String) throws(ScenarioError) -> String {
        guard case .text(let text) = current.kind else { throw expected(what) }
        advance()
        return text
    }

    mutating func takeEnd() throws(ScenarioError) -> End {
        if skip("A") { return .a }
        if skip("B") { return .b }
        throw expected("A or B")
    }

    /// A whole number within a range.
    mutating func takeNumber(_ range: ClosedRange<UInt64>, _ what: String) throws(ScenarioError) -> UInt64 {
        let wanted = "\(what), \(range.lowerBound) to \(range.upperBound)"
        guard case .number(let digits) = current.kind, let number = UInt64(digits), range.contains(number) else {
            throw expected(wanted)
        }
        advance()
        return number
    }

    mutating func takeOctets() throws(ScenarioError) -> UInt32 {
        UInt32(truncatingIfNeeded: try takeNumber(0...(1 << 24), "a number of octets"))
    }

    mutating func takePort() throws(ScenarioError) -> UInt16 {
        UInt16(truncatingIfNeeded: try takeNumber(1...65_535, "a port"))
    }

    // MARK: Times

    /// A hundred years.
    static let longestSeconds: Int64 = 3_155_760_000

    /// Seconds with a point, or a number with one of the units s, ms, us; in nanoseconds, a hundred years at most.
    mutating func takeDuration() throws(ScenarioError) -> Int64 {
        let wanted = "a time such as 1.5, 1.5 s, 200 ms or 50 us"
        guard case .number(let digits) = current.kind, let amount = decimal(digits) else { throw expected(wanted) }
        advance()
        try refuseDecimalComma(behind: digits)
        if skip("s") { return amount }
        if skip("ms") { return amount / 1000 }
        return skip("us") ? amount / 1_000_000 : amount
    }

    mutating func takeTime() throws(ScenarioError) -> VirtualTime {
        VirtualTime(nanoseconds: try takeDuration())
    }

    /// Half of the world writes 0,5.
    private func refuseDecimalComma(behind digits: String) throws(ScenarioError) {
        guard current.kind == .symbol(","), position + 1 < tokens.count,
            tokens[position + 1].place.column == current.place.column + 1,
            case .number(let places) = tokens[position + 1].kind
        else { return }
        throw expected("a point: \(digits).\(places)")
    }

    /// In billionths.
    private func decimal(_ digits: String) -> Int64? {
        let pieces = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = pieces.first, pieces.count <= 2, let whole = Int64(first),
            whole <= ScenarioParser.longestSeconds
        else { return nil }
        guard pieces.count == 2 else { return whole * Duration.second }
        let places = pieces[1]
        guard !places.isEmpty, places.count <= 9, let part = Int64(places) else { return nil }
        var value = part
        for _ in places.count..<9 { value *= 10 }
        return whole * Duration.second + value
    }

    /// `12.5 %`, as a fraction.
    mutating func takePercentage() throws(ScenarioError) -> Double {
        let wanted = "a percentage such as 5 % or 0.1 %"
        guard case .number(let digits) = current.kind, let amount = decimal(digits), amount <= 100 * Duration.second
        else { throw expected(wanted) }
        advance()
        try refuseDecimalComma(behind: digits)
        try takeSymbol("%")
        return Double(amount) / Double(100 * Duration.second)
    }

    // MARK: Connections

    /// `on NAME` at the end of a statement; without it the first connection.
    mutating func takeConnection() throws(ScenarioError) -> PortPair {
        guard skip("on") else { return scenario.connections[0].ports }
        return try takeConnectionName()
    }

    /// The name of a connection, or its ports: `A 50000 B 80`.
    mutating func takeConnectionName() throws(ScenarioError) -> PortPair {
        if peekWord == "A" { return try takePorts() }
        guard let name = peekWord, let known = scenario.connections.first(where: { $0.name == name }) else {
            let names = scenario.connections.compactMap(\.name)
            throw expected(
                names.isEmpty
                    ? "the name of a connection that a line above has given with 'connection NAME A PORT B PORT'"
                    : "the name of a connection: \(names.prefix(20).joined(separator: ", "))")
        }
        advance()
        return known.ports
    }
}

extension Scenario {
    /// Reads a scenario.
    ///
    /// - Throws: where it is wrong, what stands there and what was expected.
    public init(parsing source: String) throws(ScenarioError) {
        self = try ScenarioParser.parse(source)
    }
}
