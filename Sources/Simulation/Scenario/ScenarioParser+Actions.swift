import TCPStateMachine

/// `at TIME`, and what happens then.
extension ScenarioParser {
    private static let actions = "A, B, inject, cut, mend, latency, note or show"

    mutating func parseAction() throws(ScenarioError) {
        advance()
        let time = try takeTime()
        let action: Action
        switch peekWord {
        case "A", "B":
            let end = try takeEnd()
            action = try takeHostAction(end)
        case "inject":
            advance()
            action = try takeInjection()
        case "cut", "mend":
            let isCut = peekWord == "cut"
            advance()
            action = .cut(isCut, from: try takeEnd())
        case "latency":
            advance()
            let end = try takeEnd()
            action = .latency(try takeDuration(), from: end)
        case "note":
            advance()
            let end = try takeEnd()
            scenario.remarks.append(try takeText("the note in quotation marks"))
            let number = Int32(truncatingIfNeeded: scenario.remarks.count - 1)
            action = .remark(number, at: end, try takeConnection())
        case "show":
            advance()
            try take("states")
            action = .showStates(try takeConnection())
        default: throw expected(ScenarioParser.actions)
        }
        scenario.actions.append(Scenario.PlannedAction(time: time, action: action))
    }

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

    private mutating func takeCall() throws(ScenarioError) -> UserCall {
        guard let word = peekWord else { throw expected(ScenarioParser.calls) }
        let simple: UserCall
        switch word {
        case "open":
            advance()
            if skip("active") { return .openActive }
            guard skip("passive") else { throw expected("active or passive") }
            return .openPassive(remoteSpecified: skip("specified"))
        case "listen":
            advance()
            guard skip("backlog") else { return .listen(backlog: 128) }
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
            payloadLength: fields.payloadLength ?? 0, window: fields.window ?? 65_535)
        if skip("as") {
            try take("duplicate")
            injection.kind = .oldDuplicate
        }
        return .inject(injection, try takeConnection())
    }
}
