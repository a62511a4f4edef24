import TCPStateMachine

/// A word of a sentence that means something to the reader of claims.
struct Token: Sendable {
    var concept: Concept
    var state: State?
    var isMisspelled = false
    /// A name of a state that may be a word: written in lower case without any mark.
    var isPlain = false
    var number = 0
    var begin: Int
    var end: Int
    /// How many other words stand between it and the token before.
    var gap = 0
}

/// Finds the tokens of a text.
struct TokenScanner {
    let vocabulary: Vocabulary

    func tokens(of text: ProseText) -> [Token] {
        let bytes = text.bytes
        var tokens: [Token] = []
        var at = 0
        var gap = 0
        while at < bytes.count {
            let byte = bytes[at]
            if ProseText.isDigit(byte) {
                if let named = word(text, at, gap) {
                    tokens.append(named)
                    at = named.end
                } else {
                    let (value, end) = TokenScanner.number(bytes, at)
                    tokens.append(Token(concept: .number, number: value, begin: at, end: end, gap: gap))
                    at = end
                }
                gap = 0
                continue
            }
            if let token = word(text, at, gap) {
                tokens.append(token)
                at = token.end
                gap = 0
                continue
            }
            if byte == 40, at + 1 < bytes.count, bytes[at + 1] == 41 {
                // `close()`
                at += 2
                continue
            }
            if let punctuation = TokenScanner.punctuation(bytes, at) {
                tokens.append(Token(concept: punctuation.0, begin: at, end: punctuation.1, gap: gap))
                at = punctuation.1
                gap = 0
                continue
            }
            let isWord = ProseText.isLetter(bytes, at)
            if isWord { gap += 1 }
            at = isWord ? skip(bytes, at) : at + 1
        }
        return tokens
    }

    /// The next place where a word may begin.
    private func skip(_ bytes: [UInt8], _ at: Int) -> Int {
        if bytes[at] >= 0xE3 { return at + 3 }
        var end = at
        while end < bytes.count, ProseText.isLetter(bytes, end) || (bytes[end] & 0xC0 == 0x80),
            !(bytes[end] >= 0xE3 && bytes[end] <= 0xED)
        { end += 1 }
        return max(end, at + 1)
    }

    /// The state that is written in capitals at the beginning of a longer phrase: "CLOSING the connection".
    private func name(_ text: ProseText, _ at: Int, _ end: Int) -> (Vocabulary.Entry, Int)? {
        var last = at
        while last < end, text.upper[last] { last += 1 }
        guard last - at > 3, last < end, !ProseText.isLetter(text.bytes, last) else { return nil }
        guard let found = vocabulary.longest(in: Array(text.bytes[..<last]), at: at), found.end == last,
            found.entry.concept == .state
        else { return nil }
        return found
    }

    private func word(_ text: ProseText, _ at: Int, _ gap: Int) -> Token? {
        guard var (entry, end) = vocabulary.longest(in: text.bytes, at: at) else { return nil }
        if entry.concept != .state, text.upper[at], let name = name(text, at, end) { (entry, end) = name }
        var token = Token(concept: entry.concept, number: Int(entry.number) * 100, begin: at, end: end, gap: gap)
        if entry.state != .max {
            token.state = State(rawValue: entry.state)
            token.isMisspelled = entry.isMisspelled
        }
        switch entry.concept {
        case .state, .connected, .unknown, .finWait, .implementationState:
            let isOneWord = !text.bytes[at..<end].contains { $0 == 32 || $0 == 45 || $0 == 95 || ProseText.isDigit($0) }
            if isOneWord, end - at < 12 {
                let isUpper = text.upper[at..<end].allSatisfy { $0 }
                token.isPlain = !isUpper && !text.marked[at]
                if token.isPlain, let other = entry.other {
                    token.concept = other
                    token.state = nil
                    token.isPlain = false
                }
            }
        case .fin, .syn, .ack, .rst:
            // "fin" is a word of several languages, "ack" of none.
            if entry.concept == .fin, !text.upper[at], end - at == 3 { return nil }
        default: break
        }
        return token
    }

    /// A number; of a range the smaller one, in hundredths. "1.5" is 150, "30-120" is 3000.
    private static func number(_ bytes: [UInt8], _ begin: Int) -> (Int, Int) {
        var (value, at) = (0, begin)
        while at < bytes.count, ProseText.isDigit(bytes[at]) {
            if value < 100_000_000 { value = value * 10 + Int(bytes[at] &- 48) }
            at += 1
        }
        value *= 100
        if at + 1 < bytes.count, bytes[at] == 46, ProseText.isDigit(bytes[at + 1]) {
            value += Int(bytes[at + 1] &- 48) * 10
            at += 2
            while at < bytes.count, ProseText.isDigit(bytes[at]) { at += 1 }
        }
        return (value, at)
    }

    private static func punctuation(_ bytes: [UInt8], _ at: Int) -> (Concept, Int)? {
        switch bytes[at] {
        case 44: return (.comma, at + 1)
        case 40, 41, 91, 93, 59, 58: return (.stop, at + 1)
        case 45 where at + 1 < bytes.count && at > 0 && bytes[at - 1] == 32 && bytes[at + 1] == 32:
            return (.stop, at + 1)
        case 0xE3
        where at + 2 < bytes.count && bytes[at + 1] == 0x80 && (bytes[at + 2] == 0x81 || bytes[at + 2] == 0x82):
            return (.comma, at + 3)
        case 0xD8 where at + 1 < bytes.count && (bytes[at + 1] == 0x8C || bytes[at + 1] == 0x9B):
            return (.comma, at + 2)
        case 0xE2
        where at + 2 < bytes.count && bytes[at + 1] == 0x80 && (bytes[at + 2] == 0x93 || bytes[at + 2] == 0x94):
            return (.stop, at + 3)
        default: return nil
        }
    }
}
