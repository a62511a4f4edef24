import TCPStateMachine

/// The beginning of a glossary's entry: one or more names of states, and what parts them from the text.
struct EntryHead {
    var names: [Token] = []
    /// All tokens up to the text, with what stands in parentheses.
    var tokens: [Token] = []
    /// Where the text begins.
    var body = 0

    /// - Parameters:
    ///   - isWholeLine: the text is all that stands in its cell or heading.
    ///   - column: where the text goes on after a wide gap, which parts as well as a colon.
    init?(_ text: ProseText, language: Language, isWholeLine: Bool, column: Int? = nil) {
        let bytes = text.bytes
        let vocabulary = Vocabularies.of(language)
        var at = 0
        func skipBlanks() {
            while at < bytes.count,
                bytes[at] == 32 || bytes[at] == 34 || bytes[at] == 39 || bytes[at] == 91 || bytes[at] == 95
            { at += 1 }
        }
        skipBlanks()
        var isSeparated = false
        var count = 0
        while count < 12 {
            count += 1
            let begin = at
            guard let (entry, end) = EntryHead.name(in: text, at: at, vocabulary) else { break }
            var token = Token(concept: entry.concept, begin: begin, end: end)
            token.state = entry.state == .max ? nil : State(rawValue: entry.state)
            token.isMisspelled = entry.isMisspelled
            let isOneWord = !bytes[begin..<end].contains { $0 == 32 || $0 == 45 || $0 == 95 || ProseText.isDigit($0) }
            token.isPlain =
                isOneWord && end - begin < 12 && !text.upper[begin..<end].allSatisfy { $0 } && !text.marked[begin]
            names.append(token)
            tokens.append(token)
            at = end
            skipBlanks()
            while at < bytes.count, bytes[at] == 34 || bytes[at] == 39 || bytes[at] == 93 || bytes[at] == 95 { at += 1 }
            skipBlanks()
            // "state", "상태": part of the name.
            if let (word, end) = vocabulary.longest(in: bytes, at: at), word.concept == .stateWord {
                at = end
                skipBlanks()
            }
            if at < bytes.count, bytes[at] == 40 {
                var close = at
                while close < bytes.count, bytes[close] != 41, close - at < 120 { close += 1 }
                guard close < bytes.count, bytes[close] == 41 else { break }
                tokens += TokenScanner(vocabulary: vocabulary).tokens(of: text.part(at..<close + 1))
                at = close + 1
                skipBlanks()
            }
            guard at < bytes.count else {
                isSeparated = true
                break
            }
            let byte = bytes[at]
            if byte == 44 || byte == 47 || byte == 38 {
                at += 1
                skipBlanks()
                continue
            }
            if let (word, end) = vocabulary.longest(in: bytes, at: at), word.concept == .and || word.concept == .comma {
                let back = at
                at = end
                skipBlanks()
                if let (next, _) = vocabulary.longest(in: bytes, at: at), EntryHead.isName(next.concept) { continue }
                at = back
            }
            isSeparated = takeSeparator(bytes, &at)
            break
        }
        guard !names.isEmpty else { return nil }
        if !isSeparated {
            // Only a wide gap can part them now.
            guard let column, at < text.count, text.place(at: at).column >= column, column > 1 else { return nil }
            if let last = names.last, text.place(at: last.begin).column >= column { return nil }
        }
        if isWholeLine, at < bytes.count, names.allSatisfy(\.isPlain) { return nil }
        skipBlanks()
        body = at
    }

    /// The name at a place: of the vocabulary, or a translated one in capitals, which in lower case is a word.
    private static func name(in text: ProseText, at begin: Int, _ vocabulary: Vocabulary) -> (Vocabulary.Entry, Int)? {
        let bytes = text.bytes
        if let (entry, end) = vocabulary.longest(in: bytes, at: begin), isName(entry.concept) { return (entry, end) }
        var end = begin
        while end < bytes.count, ProseText.isLetter(bytes, end) || bytes[end] & 0xC0 == 0x80 || bytes[end] == 95 {
            if ProseText.isASCIILetter(bytes[end]), !text.upper[end] { return nil }
            end += 1
        }
        guard 6...24 ~= end - begin,
            case .state(let state)? = StateName(String(decoding: bytes[begin..<end], as: UTF8.self))
        else { return nil }
        return (Vocabulary.Entry(concept: .state, state: state.rawValue), end)
    }

    private static func isName(_ concept: Concept) -> Bool {
        switch concept {
        case .state, .finWait, .connected, .unknown, .implementationState: true
        default: false
        }
    }

    private func takeSeparator(_ bytes: [UInt8], _ at: inout Int) -> Bool {
        switch bytes[at] {
        case 58:
            at += 1
            // `::` of AsciiDoc, `:=`.
            while at < bytes.count, bytes[at] == 58 || bytes[at] == 61 { at += 1 }
            return at >= bytes.count || bytes[at] == 32 || bytes[at] >= 0x80 || ProseText.isLetter(bytes, at)
                || bytes[at] == 34 || bytes[at] == 40
        case 45 where at > 0 && bytes[at - 1] == 32 && at + 1 < bytes.count:
            at += 1
            while at < bytes.count, bytes[at] == 45 || bytes[at] == 62 { at += 1 }
            return at < bytes.count && (bytes[at] == 32 || bytes[at] >= 0x80)
        case 61, 124:
            at += 1
            return true
        case 0xE2
        where at + 2 < bytes.count && (bytes[at + 1] == 0x80 && (bytes[at + 2] == 0x93 || bytes[at + 2] == 0x94)):
            at += 3
            return true
        case 0xE2 where at + 2 < bytes.count && bytes[at + 1] == 0x80 && bytes[at + 2] == 0xA6:
            at += 3
            return true
        default: return false
        }
    }
}
