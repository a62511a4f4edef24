/// Cuts a label into words: `recv_SYNACK()`, `receiveFin`, `收到FIN`, `?SYN;SYN+ACK!`.
struct LabelLexer {
    private(set) var words: [LabelWord] = []

    /// A longer text is no label.
    static let longest = 200

    init(_ text: some StringProtocol) {
        var rest = Substring(text).unicodeScalars.prefix(LabelLexer.longest)
        while let scalar = rest.first {
            if let (meaning, length) = LabelLexer.entity(rest) {
                words.append(meaning)
                rest = rest.dropFirst(length)
            } else if LabelLexer.isLetter(scalar) {
                let run = rest.prefix { LabelLexer.isLetter($0) || $0.properties.numericType != nil }
                add(run: Substring(run))
                rest = rest.dropFirst(run.count)
            } else if scalar.properties.numericType == .decimal {
                let run = rest.prefix { $0.properties.numericType == .decimal || $0 == "." }
                let after = rest.dropFirst(run.count)
                if "2" == String(run), LabelLexer.skipsToMSL(after) {
                    // "2 * MSL": the number belongs to the word.
                } else {
                    words.append(.number(Double(String(run)) ?? 0))
                }
                rest = after
            } else {
                add(mark: scalar)
                rest = rest.dropFirst()
            }
        }
    }

    private static func skipsToMSL(_ rest: Substring.UnicodeScalarView) -> Bool {
        let next = rest.drop { !isLetter($0) || $0 == "x" || $0 == "×" }.prefix(3)
        return String(next).lowercased() == "msl"
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCIIWord && scalar.value > 57 || scalar.value > 127 && scalar.properties.isAlphabetic
    }

    /// Line ends and arrows as markup writes them.
    private static func entity(_ rest: Substring.UnicodeScalarView) -> (LabelWord, Int)? {
        guard let first = rest.first, first == "\\" || first == "&" || first == "<" else { return nil }
        let head = String(rest.prefix(8)).lowercased()
        for (text, mark) in [
            ("\\n", "\n"), ("\\l", "\n"), ("\\r", "\n"), ("\\\\", "\n"), ("&rarr;", "→"), ("<br/>", "\n"),
            ("<br />", "\n"), ("<br>", "\n"), ("&#10;", "\n"), ("&amp;", "&"), ("&nbsp;", " "), ("&gt;", ">"),
        ] as [(String, Character)] where head.hasPrefix(text) {
            return (.mark(mark), text.count)
        }
        return nil
    }

    private mutating func add(mark scalar: Unicode.Scalar) {
        switch scalar {
        case "/", "／": words.append(.mark("/"))
        case "\n": words.append(.mark("\n"))
        case ";", "；", "。": words.append(.mark(";"))
        case "→", "➜", "⇒", "⟶", ">": words.append(.mark("→"))
        case "|", "¦": words.append(.mark("|"))
        case ",", "，", "、": words.append(.mark(","))
        case "+", "＋", "-", "&", "_", "·": words.append(.mark("+"))
        case "(", "（", "[", "【": words.append(.mark("("))
        case ")", "）", "]", "】": words.append(.mark(")"))
        case "?", "？": words.append(.mark("?"))
        case "!", "！": words.append(.mark("!"))
        case ":", "：": words.append(.mark(":"))
        case "x", "×", "*": break
        default: break
        }
    }

    /// A run of letters: one word, camel-cased words, or a sentence without blanks.
    private mutating func add(run: Substring) {
        let folded = run.lowercased()
        if let known = LabelWord.words[folded] { return words.append(known) }
        if folded.unicodeScalars.allSatisfy(\.isASCIIWord) {
            let parts = LabelLexer.camelParts(run)
            if parts.count > 1 {
                for part in parts { words.append(LabelWord.words[part.lowercased()] ?? .other) }
            } else if let flags = LabelLexer.letters(run) {
                words.append(.flags(flags))
            } else {
                addGlued(folded)
            }
            return
        }
        var rest = folded[...]
        var isOther = false
        while !rest.isEmpty {
            if let (stem, meaning) = LabelWord.stems.first(where: { rest.hasPrefix($0.0) }) {
                words.append(meaning)
                rest = rest.dropFirst(stem.count)
                isOther = false
                continue
            }
            let latin = rest.prefix { $0.isASCII }
            if !latin.isEmpty {
                words.append(LabelWord.words[String(latin)] ?? .other)
                rest = rest.dropFirst(latin.count)
                continue
            }
            if !isOther { words.append(.other) }
            isOther = true
            rest = rest.dropFirst()
        }
    }

    /// `rcvfin`, `sendsynack`, `passiveopen`, `ackoffin`: known words without anything between them.
    private mutating func addGlued(_ folded: String) {
        var rest = folded[...]
        var found: [LabelWord] = []
        while !rest.isEmpty {
            var length = min(rest.count, 12)
            while length >= 2, LabelWord.words[String(rest.prefix(length))] == nil { length -= 1 }
            guard length >= 2, let meaning = LabelWord.words[String(rest.prefix(length))] else {
                return words.append(.other)
            }
            found.append(meaning)
            rest = rest.dropFirst(length)
        }
        words += found
    }

    /// `SA`, `F`: the letters of flags, as tcpdump has them.
    private static func letters(_ run: Substring) -> SegmentWords? {
        guard run.count <= 3 else { return nil }
        var flags: SegmentWords = []
        for letter in run {
            switch letter {
            case "S": flags.insert(.syn)
            case "A": flags.insert(.ack)
            case "F": flags.insert(.fin)
            case "R": flags.insert(.rst)
            default: return nil
            }
        }
        // A alone may be a host.
        return run == "A" ? nil : flags
    }

    /// `receiveFIN` and `FINReceived` at their capitals.
    private static func camelParts(_ run: Substring) -> [Substring] {
        let letters = Array(run.utf8)
        func isUpper(_ index: Int) -> Bool { index < letters.count && (65...90).contains(letters[index]) }
        func isLower(_ index: Int) -> Bool { index < letters.count && (97...122).contains(letters[index]) }
        var cuts = [0]
        for index in 1..<max(letters.count, 1) where isUpper(index) {
            if isLower(index - 1) || (isUpper(index - 1) && isLower(index + 1)) { cuts.append(index) }
        }
        guard cuts.count > 1 else { return [run] }
        cuts.append(letters.count)
        return zip(cuts, cuts.dropFirst()).map { begin, end in
            let from = run.utf8.index(run.startIndex, offsetBy: begin)
            return run[from..<run.utf8.index(from, offsetBy: end - begin)]
        }
    }
}
