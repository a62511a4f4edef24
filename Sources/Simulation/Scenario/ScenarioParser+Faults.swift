import TCPStateMachine

/// `drop second FIN of B`, `delay SYN of A by 2 s`, `duplicate first DATA of A after 30 s`, `reorder DATA of A`,
/// `corrupt every ACK of B`; behind it `before the middle` and `on NAME`.
extension ScenarioParser {
    mutating func parseFault() throws(ScenarioError) {
        let verb = peekWord
        advance()
        let (first, last) = try takeOccurrences()
        let kind = try takeKind()
        try take("of")
        let end = try takeEnd()
        let effect: Fault.Effect
        switch verb {
        case "drop": effect = .lose
        case "delay":
            try take("by")
            effect = .delay(try takeDuration())
        case "duplicate":
            effect = .duplicate(after: skip("after") ? try takeDuration() : Duration.millisecond)
        case "reorder": effect = .reorder
        default: effect = .corrupt
        }
        var fault = Fault(from: end, kind: kind, first: first, last: last, effect: effect)
        if skip("before") {
            try take("the")
            try take("middle")
            fault.isBeforeMiddle = true
        }
        if isNext("on") { fault.ports = try takeConnection() }
        scenario.settings.network.faults.append(fault)
    }

    static let ordinals = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ]

    static let ordinalSuffixes = ["st", "nd", "rd", "th"]

    /// Which of those that match: the first where nothing is said, `second`, `second to fourth`, `every`.
    private mutating func takeOccurrences() throws(ScenarioError) -> (first: UInt32, last: UInt32) {
        if skip("every") { return (1, .max) }
        guard let first = try takeOrdinal() else { return (1, 1) }
        guard skip("to") else { return (first, first) }
        let place = current
        guard let last = try takeOrdinal(), last >= first else {
            throw ScenarioError(
                line: place.place.line, column: place.place.column, found: place.shown,
                expected: "an ordinal that does not lie before the first one")
        }
        return (first, last)
    }

    /// A word, or digits with st, nd, rd, th behind them.
    mutating func takeOrdinal() throws(ScenarioError) -> UInt32? {
        if let word = peekWord, let index = ScenarioParser.ordinals.firstIndex(of: word) {
            advance()
            return UInt32(index) + 1
        }
        guard case .number = current.kind else { return nil }
        let number = try takeNumber(1...1_000_000, "an ordinal")
        guard let suffix = peekWord, ScenarioParser.ordinalSuffixes.contains(suffix) else {
            throw expected("st, nd, rd or th behind the number")
        }
        advance()
        return UInt32(truncatingIfNeeded: number)
    }

    static let kinds: [(String, SegmentKind)] = [
        ("SYN", .syn), ("SYN-ACK", .synAck), ("ACK", .ack), ("DATA", .data), ("FIN", .fin), ("RST", .rst),
        ("segment", .any),
    ]

    mutating func takeKind() throws(ScenarioError) -> SegmentKind {
        guard let known = ScenarioParser.kinds.first(where: { $0.0 == peekWord }) else {
            throw expected("a kind of segment: \(ScenarioParser.kinds.map(\.0).joined(separator: ", "))")
        }
        advance()
        return known.1
    }
}
