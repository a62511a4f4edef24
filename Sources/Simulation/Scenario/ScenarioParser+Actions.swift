import TCPStateMachine

/// `at TIME`, and what happens then.
extension ScenarioParser {
    static let actions =
        "A, B, inject, icmp, cut, mend, hold, release, deliver, drop, duplicate, delay, latency, note or show"

    /// What may stand behind `at TIME`, besides what A and B do.
    static let happenings: Set<String> = [
        "inject", "icmp", "cut", "mend", "release", "deliver", "note", "show",
    ]

    mutating func parseAction() throws(ScenarioError) {
        let place = current.place
        advance()
        let time = try takeTime()
        scenario.actions.append(Scenario.PlannedAction(time: time, action: try takeAction(), place: place))
    }

    /// What happens, without its time.
    mutating func takeAction() throws(ScenarioError) -> Action {
        guard let word = peekWord else { throw expected(ScenarioParser.actions) }
        if word == "A" || word == "B" { return try takeHostAction(try takeEnd()) }
        let place = current
        advance()
        switch word {
        case "inject": return try takeInjection()
        case "icmp": return try takeReport()
        case "cut": return .cut(true, from: try takeEnd())
        case "mend": return .cut(false, from: try takeEnd())
        case "hold": return .hold(true)
        case "release": return .hold(false)
        case "deliver": return .befall(.deliver, try takeChoice())
        case "drop": return .befall(.lose, try takeChoice())
        case "duplicate": return .befall(.duplicate, try takeChoice())
        case "delay": return try takeDelay()
        case "latency":
            let end = try takeEnd()
            return .latency(try takeDuration(), from: end)
        case "note":
            let end = try takeEnd()
            scenario.remarks.append(try takeText("the note in quotation marks"))
            let number = Int32(truncatingIfNeeded: scenario.remarks.count - 1)
            return .remark(number, at: end, try takeConnection())
        case "show":
            try take("states")
            return .showStates(try takeConnection())
        default:
            throw ScenarioError(
                line: place.place.line, column: place.place.column, found: place.shown,
                expected: ScenarioParser.actions)
        }
    }

    /// `icmp host-unreachable to A`
    private mutating func takeReport() throws(ScenarioError) -> Action {
        guard let report = ICMPReport.allCases.first(where: { $0.name == peekWord }) else {
            throw expected("an ICMP error: \(ICMPReport.allCases.map(\.name).joined(separator: ", "))")
        }
        advance()
        try take("to")
        let end = try takeEnd()
        return .icmp(report, to: end, try takeConnection())
    }

    /// `second FIN of A`, of those that are under way; of all connections where none is named.
    mutating func takeChoice() throws(ScenarioError) -> SegmentChoice {
        var choice = try takeChoiceWithoutConnection()
        if isNext("on") { choice.ports = try takeConnection() }
        return choice
    }

    private mutating func takeChoiceWithoutConnection() throws(ScenarioError) -> SegmentChoice {
        let ordinal = try takeOrdinal() ?? 1
        let kind = try takeKind()
        try take("of")
        return SegmentChoice(from: try takeEnd(), kind: kind, ordinal: ordinal)
    }

    private mutating func takeDelay() throws(ScenarioError) -> Action {
        var choice = try takeChoiceWithoutConnection()
        try take("by")
        let time = try takeDuration()
        if isNext("on") { choice.ports = try takeConnection() }
        return .befall(.delay(time), choice)
    }

    /// What is meant where nothing is said: the backlog of a listener, the window of a segment that is injected.
    static let usualBacklog: UInt16 = 128
    static let usualWindow: UInt16 = 65_535

    private static let calls =
        "a call (open, listen, send, receive, close, shutdown, abort, status, vanish), crash, restart, read or stop"

    private mutating func takeHostAction(_ end: End) throws(ScenarioError) -> Action {
        switch peekWord {
        case "crash":
            advance()
            return .crash(end)
        case "restart":
            advance()
            return .restart(end)
        case "read":
            advance()
            return .readAtOnce(true, at: end)
        case "stop":
            advance()
            try take("reading")
            return .readAtOnce(false, at: end)
        default:
            let call = try takeCall()
            return .call(call, at: end, try takeConnection())
        }
    }

    mutating func takeCall() throws(ScenarioError) -> UserCall {
        guard let word = peekWord else { throw expected(ScenarioParser.calls) }
        let simple: UserCall
        switch word {
        case "open":
            advance()
            if skip("active") { return skip("send") ? .openFast(octets: try takeOctets()) : .openActive }
            guard skip("passive") else { throw expected("active or passive") }
            return .openPassive(remoteSpecified: skip("specified"))
        case "listen":
            advance()
            guard skip("backlog") else { return .listen(backlog: ScenarioParser.usualBacklog) }
            return .listen(backlog: UInt16(truncatingIfNeeded: try takeNumber(0...65_535, "a number of connections")))
        case "send":
            advance()
            return .send(octets: try takeOctets())
        case "receive":
            advance()
            return .receive(octets: try takeOctets())
        case "close": simple = .close
        case "shutdown": simple = .shutdown
        case "abort": simple = .abort
        case "status": simple = .status
        case "vanish": simple = .vanish
        default: throw expected(ScenarioParser.calls)
        }
        advance()
        return simple
    }

    /// `inject from B <SEQ=...>... [as duplicate]`
    private mutating func takeInjection() throws(ScenarioError) -> Action {
        try take("from")
        let end = try takeEnd()
        let fields = try takeFields()
        guard let sequenceNumber = fields.sequenceNumber else { throw expected("<SEQ=...> among the fields") }
        guard let controlBits = fields.controlBits else { throw expected("<CTL=...> among the fields") }
        var injection = Injection(
            kind: .forged, from: end, sequenceNumber: sequenceNumber,
            acknowledgmentNumber: fields.acknowledgmentNumber, controlBits: controlBits,
            payloadLength: fields.payloadLength ?? 0, window: fields.window ?? ScenarioParser.usualWindow)
        if skip("as") {
            try take("duplicate")
            injection.kind = .oldDuplicate
        }
        return .inject(injection, try takeConnection())
    }
}
