import TCPStateMachine

/// Mermaid's `sequenceDiagram` of two hosts: arrows are segments, notes say states.
struct SequenceReader {
    private var claim = ConversationClaim(form: .sequence)
    private var names: [Substring] = []
    /// Text of notes, for the reader of prose.
    private(set) var notes: [Piece] = []

    mutating func read(_ pieces: [Piece]) -> ConversationClaim? {
        for piece in pieces {
            let line = piece.trimmed
            if line.text.hasPrefix("%%") { continue }
            if let rest = line.text.dropping(prefix: "participant ") ?? line.text.dropping(prefix: "actor ") {
                names.append(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            } else if line.text.hasPrefix("@") || line.text.hasPrefix("'") {
                continue
            } else if line.text.lowercased().hasPrefix("note ") {
                readNote(line)
            } else {
                readArrow(line)
            }
        }
        guard names.count == 2, claim.rows.contains(where: { $0.segment != nil }) else { return nil }
        return claim
    }

    private mutating func side(_ name: Substring) -> Bool? {
        if let index = names.firstIndex(of: name) { return index == 0 }
        names.append(name)
        return names.count <= 2 ? names.count == 1 : nil
    }

    private mutating func readArrow(_ line: Piece) {
        guard let arrow = ArrowScanner.first(in: line.text),
            let colon = line.text[arrow.range.upperBound...].firstIndex(of: ":")
        else { return }
        let from = line.text[..<arrow.range.lowerBound].trimmed
        var to = line.text[arrow.range.upperBound..<colon].trimmed
        while let first = to.first, "+->x)".contains(first) { to = to.dropFirst() }
        to = to.trimmed
        guard !from.isEmpty, !to.isEmpty, let isRightward = side(from), side(to) != nil, from != to else { return }
        let text = line.text[line.text.index(after: colon)...]
        guard let flags = SequenceReader.flags(text) else {
            // Something that is no segment was said: what follows may depend on it.
            return
        }
        let length: UInt32? = flags.contains(.data) ? nil : 0
        var segment = ConversationClaim.SegmentClaim(control: flags.bits, length: length, place: line.place)
        if flags.contains(.data) { segment.control.formUnion([.ack, .psh]) }
        segment.sequence = SequenceReader.number(after: "seq", in: text)
        segment.acknowledgment = SequenceReader.number(after: "ack", in: text)
        claim.rows.append(ConversationClaim.Row(segment: segment, isRightward: isRightward, place: line.place))
    }

    /// The first flags of a text: `SYN (seq=x)`, `FIN, ACK`.
    static func flags(_ text: Substring) -> SegmentWords? {
        var flags: SegmentWords = []
        for word in LabelLexer(text).words {
            switch word {
            case .flags(let more): flags.formUnion(more)
            case .mark("+"), .mark(","), .mark("/"), .and: if flags.isEmpty { continue }
            case .number, .send, .receive: continue
            case .other, .mark, .of, .or, .open, .active, .passive, .connect, .listen, .close, .abort, .accept,
                .timeout,
                .user, .msl, .peer, .own, .somebody, .condition, .immediately, .simultaneous, .icmp, .retries, .seconds,
                .minutes, .acknowledges, .acknowledged:
                if !flags.isEmpty { return flags }
            }
        }
        return flags.isEmpty ? nil : flags
    }

    /// `seq=1001`
    private static func number(after name: String, in text: Substring) -> UInt32? {
        let lower = text.lowercased()
        guard let found = lower[...].firstRange(of: name + "=") else { return nil }
        let rest = lower[found.upperBound...]
        let digits = rest.prefix { $0.isNumber }
        // `x+1` and `1000+1` are no numbers.
        guard !digits.isEmpty, !rest[digits.endIndex...].trimmed.hasPrefix("+") else { return nil }
        return UInt32(digits)
    }

    private mutating func readNote(_ line: Piece) {
        guard let colon = line.text.firstIndex(of: ":") else { return }
        let text = line.text[line.text.index(after: colon)...].trimmed
        let place = line.part(text).place
        let head = line.text[..<colon].split(whereSeparator: { $0 == " " || $0 == "," })
        var hosts = head.filter { names.contains($0) }
        // PlantUML's notes beside an arrow belong to the end on that side.
        if hosts.isEmpty, names.count == 2 {
            if head.contains("left") { hosts = [names[0]] }
            if head.contains("right") { hosts = [names[1]] }
        }
        let states = SequenceReader.states(in: text)
        guard states.count == 1, let state = states.first, !hosts.isEmpty else {
            notes.append(line.part(text))
            return
        }
        var row = ConversationClaim.Row(place: place)
        row.isNote = true
        for host in hosts {
            let cell = ConversationClaim.Cell(state: state, place: place)
            if host == names.first { row.a = cell } else { row.b = cell }
        }
        claim.rows.append(row)
    }

    /// The states that a text names.
    static func states(in text: Substring) -> Set<State> {
        var found: Set<State> = []
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-")) }
        for word in words {
            guard let state = StateName(word)?.state else { continue }
            let isWritten = word.unicodeScalars.contains { $0.properties.isUppercase }
            if isWritten || Machine.unmistakable.contains(state) { found.insert(state) }
        }
        return found
    }
}

extension SegmentWords {
    var bits: ControlBits {
        var bits: ControlBits = []
        if contains(.syn) { bits.insert(.syn) }
        if contains(.ack) { bits.insert(.ack) }
        if contains(.fin) { bits.insert(.fin) }
        if contains(.rst) { bits.insert(.rst) }
        return bits
    }
}
