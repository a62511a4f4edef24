import TCPStateMachine

/// Times, connections and segments as the language has them.
extension ScenarioWriter {
    /// A text cannot hold a quotation mark or the end of a line.
    func quoted(_ text: String) -> String {
        let characters = text.map { $0 == "\"" ? "'" : $0.isNewline ? " " : $0 }
        return "\"\(String(characters))\""
    }

    /// With the largest unit that divides it; 100 years at most, as the language has it.
    func duration(_ nanoseconds: Int64) -> String {
        let units = [("s", Duration.second), ("ms", Duration.millisecond), ("us", Duration.microsecond)]
        guard let (name, unit) = units.first(where: { nanoseconds % $0.1 == 0 }) else {
            return moment(VirtualTime(nanoseconds: nanoseconds))
        }
        return "\(min(nanoseconds, ScenarioParser.longestSeconds * Duration.second) / unit) \(name)"
    }

    /// Seconds since the begin.
    func moment(_ time: VirtualTime) -> String {
        let longest = ScenarioParser.longestSeconds * Duration.second
        let (whole, part) = min(time.nanoseconds, longest).quotientAndRemainder(dividingBy: Duration.second)
        guard part > 0 else { return String(whole) }
        var digits = String(part + Duration.second).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// In percent, with as many places as the language reads.
    func percentage(_ fraction: Double) -> String {
        let billionths = (min(max(fraction, 0), 1) * 1e11).rounded()
        return moment(VirtualTime(nanoseconds: Int64(billionths))) + " %"
    }

    func portWords(_ ports: PortPair) -> String { "A \(ports.a) B \(ports.b)" }

    /// ` on NAME` behind a statement: nothing for the first connection.
    func place(on ports: PortPair) -> String {
        ports == scenario.connections[0].ports ? "" : named(ports)
    }

    /// ` on NAME`, for a statement that means all connections where none is named.
    func named(_ ports: PortPair) -> String {
        let name = scenario.connections.first { $0.ports == ports }?.name
        return " on \(name ?? portWords(ports))"
    }

    // MARK: Segments

    func fields(
        _ sequenceNumber: String?, _ acknowledgmentNumber: String?, _ controlBits: ControlBits?,
        _ payloadLength: UInt32?, _ window: UInt16?
    ) -> String {
        var text = ""
        if let sequenceNumber { text += "<SEQ=\(sequenceNumber)>" }
        if let acknowledgmentNumber { text += "<ACK=\(acknowledgmentNumber)>" }
        if let window { text += "<WND=\(window)>" }
        if let payloadLength { text += "<DATA=\(payloadLength)>" }
        if let controlBits { text += "<CTL=\(controlBitWords(controlBits))>" }
        return text
    }

    private func controlBitWords(_ bits: ControlBits) -> String {
        bits.isEmpty ? "none" : SegmentNotation.controlBits(bits)
    }

    /// `B.RCV.NXT+10`, or the number alone.
    func number(_ number: Injection.Number) -> String {
        guard let variable = ScenarioParser.variables.first(where: { $0.1 == number.base })?.0 else {
            return String(number.offset)
        }
        let offset = Int32(bitPattern: number.offset)
        if offset == 0 { return variable }
        return offset > 0 ? "\(variable)+\(offset)" : "\(variable)-\(offset.magnitude)"
    }
}
