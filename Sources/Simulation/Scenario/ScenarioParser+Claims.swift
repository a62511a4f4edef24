import TCPStateMachine

/// `expect`, and what must be true.
extension ScenarioParser {
    mutating func parseExpectation() throws(ScenarioError) {
        let place = current.place
        advance()
        if peekWord == "no" || peekWord == "finding" || peekWord == "findings" { return try parseFindings(place) }
        let end = try takeEnd()
        let claim = try takeClaim()
        let ports = try takeConnection()
        scenario.expectations.append(Scenario.Expectation(place: place, end: end, ports: ports, claim: claim))
    }

    private static let claims = "a state, or one of: never, path, rule, sends, receives, told, error"

    private mutating func takeClaim() throws(ScenarioError) -> Scenario.Claim {
        guard let word = peekWord else { throw expected(ScenarioParser.claims) }
        switch word {
        case "never":
            advance()
            return .never(try takeState())
        case "path":
            advance()
            var path = [try takeState()]
            while skipSymbol(",") { path.append(try takeState()) }
            return .path(path)
        case "rule":
            advance()
            return .rule(try takeRule())
        case "sends":
            advance()
            let (claim, times, time) = try takeSegmentClaim()
            return .sends(claim, times: times, by: time)
        case "receives":
            advance()
            let (claim, times, time) = try takeSegmentClaim()
            return .receives(claim, times: times, by: time)
        case "told":
            advance()
            return .told(try takeSignal())
        case "error":
            advance()
            return .refused(try takeUserError())
        default:
            guard State(name: word) != nil else { throw expected(ScenarioParser.claims) }
            let state = try takeState()
            return .state(state, at: skip("at") ? try takeTime() : nil)
        }
    }

    private mutating func takeState() throws(ScenarioError) -> State {
        guard let word = peekWord, let state = State(name: word) else {
            throw expected("a state: \(State.allCases.map(\.name).joined(separator: ", "))")
        }
        advance()
        return state
    }

    private mutating func takeRule() throws(ScenarioError) -> Rule {
        guard let rule = Rule.allCases.first(where: { $0.id == peekWord }) else {
            throw expected("the id of a rule such as ESTABLISHED-FIN (Docs/state-machine.md)")
        }
        advance()
        return rule
    }

    private mutating func takeSegmentClaim() throws(ScenarioError) -> (Scenario.SegmentClaim, Int?, VirtualTime?) {
        let place = current
        let fields = try takeFields()
        guard fields.sequenceNumber?.base ?? .zero == .zero, fields.acknowledgmentNumber?.base ?? .zero == .zero else {
            throw ScenarioError(
                line: place.place.line, column: place.place.column, found: "a variable",
                expected: "plain numbers in what is expected")
        }
        var claim = Scenario.SegmentClaim()
        claim.sequenceNumber = fields.sequenceNumber.map { SequenceNumber($0.offset) }
        claim.acknowledgmentNumber = fields.acknowledgmentNumber.map { SequenceNumber($0.offset) }
        claim.controlBits = fields.controlBits
        claim.payloadLength = fields.payloadLength
        claim.window = fields.window
        var times: Int?
        allow("how often (2 times)")
        if case .number = current.kind {
            times = Int(truncatingIfNeeded: try takeNumber(0...1_000_000, "how often"))
            try take("times")
        } else if skip("never") {
            times = 0
        }
        return (claim, times, skip("by") ? try takeTime() : nil)
    }

    static let signals: [(String, Signals)] = [
        ("connection reset", .connectionReset), ("connection refused", .connectionRefused),
        ("connection closing", .connectionClosing), ("connection aborted due to user timeout", .abortedByUserTimeout),
        ("retransmission advice", .retransmissionAdvice), ("connection aborted at R2", .abortedByRetransmissionLimit),
        ("ICMP error", .icmpError), ("SEND ok", .sendAcknowledged), ("CLOSE ok", .closeAcknowledged),
    ]

    private mutating func takeSignal() throws(ScenarioError) -> Signals {
        let names = ScenarioParser.signals.map { "\"\($0.0)\"" }.joined(separator: ", ")
        guard case .text(let text) = current.kind, let known = ScenarioParser.signals.first(where: { $0.0 == text })
        else { throw expected("one of \(names)") }
        advance()
        return known.1
    }

    private mutating func takeUserError() throws(ScenarioError) -> UserError {
        let names = UserError.allCases.map { "\"\(ScenarioParser.words(of: $0))\"" }.joined(separator: ", ")
        guard case .text(let text) = current.kind,
            let known = UserError.allCases.first(where: { ScenarioParser.words(of: $0) == text })
        else { throw expected("one of \(names)") }
        advance()
        return known
    }

    static func words(of error: UserError) -> String { String(error.description.dropFirst("error: ".count)) }

    /// `expect no findings`, `expect findings half-open, forged-segment`, behind it `at A`, `at middle` or `at B`.
    private mutating func parseFindings(_ place: ScenarioPlace) throws(ScenarioError) {
        var codes: [String] = []
        if skip("no") {
            try take("findings")
        } else {
            advance()
            repeat {
                guard let code = peekWord else { throw expected("the code of a finding (Docs/findings.md)") }
                advance()
                codes.append(code)
            } while skipSymbol(",")
        }
        var vantage = Vantage.middle
        if skip("at"), !skip("middle") { vantage = .host(try takeEnd()) }
        scenario.expectations.append(
            Scenario.Expectation(
                place: place, end: .a, ports: PortPair(a: 0, b: 0), claim: .findings(codes, at: vantage)))
    }
}
