import TCPStateMachine

/// Segments as the figures of RFC 793 write them: `<SEQ=100><ACK=300><CTL=FIN,ACK>`, in any order, with `<DATA=10>` and
/// `<WND=0>`.
extension ScenarioParser {
    /// What stands between the angle brackets.
    struct Fields {
        var sequenceNumber: Injection.Number?
        var acknowledgmentNumber: Injection.Number?
        var controlBits: ControlBits?
        var payloadLength: UInt32?
        var window: UInt16?
    }

    mutating func takeFields() throws(ScenarioError) -> Fields {
        var fields = Fields()
        guard current.kind == .symbol("<") else { throw expected("a segment such as <SEQ=100><CTL=SYN>") }
        while skipSymbol("<") {
            let word = peekWord
            guard let word, ["SEQ", "ACK", "CTL", "DATA", "WND"].contains(word) else {
                throw expected("SEQ, ACK, CTL, DATA or WND")
            }
            advance()
            try takeSymbol("=")
            switch word {
            case "SEQ": fields.sequenceNumber = try takeSequenceNumber()
            case "ACK": fields.acknowledgmentNumber = try takeSequenceNumber()
            case "CTL": fields.controlBits = try takeControlBits()
            case "DATA": fields.payloadLength = try takeOctets()
            default: fields.window = UInt16(truncatingIfNeeded: try takeNumber(0...65_535, "a window"))
            }
            try takeSymbol(">")
        }
        return fields
    }

    private static let bits: [(String, ControlBits)] = [
        ("SYN", .syn), ("ACK", .ack), ("FIN", .fin), ("RST", .rst), ("PSH", .psh), ("URG", .urg), ("ECE", .ece),
        ("CWR", .cwr),
    ]

    private mutating func takeControlBits() throws(ScenarioError) -> ControlBits {
        var bits: ControlBits = []
        if skip("none") { return bits }
        repeat {
            guard let known = ScenarioParser.bits.first(where: { $0.0 == peekWord }) else {
                throw expected("a control bit (\(ScenarioParser.bits.map(\.0).joined(separator: ", "))) or none")
            }
            advance()
            bits.insert(known.1)
        } while skipSymbol(",")
        return bits
    }

    static let variables: [(String, Injection.Number.Base)] = [
        ("A.SND.NXT", .aSendNext), ("A.SND.UNA", .aSendUnacknowledged), ("A.RCV.NXT", .aReceiveNext),
        ("B.SND.NXT", .bSendNext), ("B.SND.UNA", .bSendUnacknowledged), ("B.RCV.NXT", .bReceiveNext),
    ]

    /// A number, or a variable of an end's connection with something added or subtracted: `B.RCV.NXT + 10`.
    private mutating func takeSequenceNumber() throws(ScenarioError) -> Injection.Number {
        guard let word = peekWord else { return Injection.Number(offset: try takeOffset()) }
        // A minus sign right behind the name belongs to the word.
        let pieces = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let known = ScenarioParser.variables.first(where: { $0.0 == pieces.first.map(String.init) }) else {
            throw expected("a number or a variable: \(ScenarioParser.variables.map(\.0).joined(separator: ", "))")
        }
        if pieces.count == 2, !pieces[1].isEmpty {
            guard let offset = UInt32(pieces[1]) else { throw expected("a number of octets behind the minus sign") }
            advance()
            return Injection.Number(base: known.1, offset: 0 &- offset)
        }
        advance()
        if pieces.count == 2 || skipSymbol("-") {
            return Injection.Number(base: known.1, offset: 0 &- (try takeOffset()))
        }
        return Injection.Number(base: known.1, offset: skipSymbol("+") ? try takeOffset() : 0)
    }

    private mutating func takeOffset() throws(ScenarioError) -> UInt32 {
        UInt32(truncatingIfNeeded: try takeNumber(0...UInt64(UInt32.max), "a sequence number"))
    }
}
