/// A word of a scenario, and where it stands.
struct ScenarioToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Letters, digits, hyphens, underscores and dots, beginning with a letter.
        case word(String)
        /// Digits, and perhaps a point with digits.
        case number(String)
        /// What stood between quotation marks.
        case text(String)
        case symbol(Character)
        case endOfLine
    }

    var kind: Kind
    var place: ScenarioPlace

    /// A character that nobody would see, or that a terminal would obey, by its number.
    static func shown(_ character: Character) -> String {
        let scalars = character.unicodeScalars
        guard let hidden = scalars.first(where: { !$0.isVisible }) else { return "'\(character)'" }
        let digits = String(hidden.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// As an error shows it; long ones are cut.
    var shown: String {
        switch kind {
        case .word(let word): "'\(word.prefix(40))'"
        case .number(let digits): "'\(digits.prefix(40))'"
        case .text(let text): "\"\(text.prefix(40))\""
        case .symbol(let symbol): ScenarioToken.shown(symbol)
        case .endOfLine: "the end of the line"
        }
    }
}

/// Cuts the lines of a scenario into words. A `#` begins a comment.
struct ScenarioLexer {
    /// The words of each line that has any; an `endOfLine` closes each.
    static func lines(of source: String) throws(ScenarioError) -> [[ScenarioToken]] {
        var lines: [[ScenarioToken]] = []
        var number = 0
        // Some editors put a byte order mark in front.
        let source = source.unicodeScalars.first == "\u{FEFF}" ? String(source.unicodeScalars.dropFirst()) : source
        for line in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let tokens = try tokens(of: line, number)
            if tokens.count > 1 { lines.append(tokens) }
        }
        return lines
    }

    static func tokens(of line: Substring, _ number: Int) throws(ScenarioError) -> [ScenarioToken] {
        var tokens: [ScenarioToken] = []
        var rest = line
        var column = 1
        func place() -> ScenarioPlace { ScenarioPlace(line: number, column: column) }
        func take(while matches: (Character) -> Bool) -> String {
            let word = String(rest.prefix(while: matches))
            rest = rest.dropFirst(word.count)
            return word
        }
        while let first = rest.first, first != "#" {
            let start = place()
            if first.isWhitespace {
                column += take(while: \.isWhitespace).count
            } else if isLetter(first) {
                let word = take { isLetter($0) || isDigit($0) || $0 == "-" || $0 == "_" || $0 == "." }
                column += word.count
                tokens.append(ScenarioToken(kind: .word(word), place: start))
            } else if isDigit(first) {
                let digits = take { isDigit($0) || $0 == "." }
                column += digits.count
                tokens.append(ScenarioToken(kind: .number(digits), place: start))
            } else if first == "\"" {
                rest = rest.dropFirst()
                let text = take { $0 != "\"" }
                guard rest.first == "\"" else {
                    throw ScenarioError(
                        line: number, column: column, found: "a quotation mark", expected: "another one behind it")
                }
                if let place = text.firstIndex(where: \.isControl) {
                    column += text.distance(from: text.startIndex, to: place) + 1
                    throw ScenarioError(
                        line: number, column: column, found: ScenarioToken.shown(text[place]),
                        expected: "no control characters between quotation marks")
                }
                rest = rest.dropFirst()
                column += text.count + 2
                tokens.append(ScenarioToken(kind: .text(text), place: start))
            } else {
                rest = rest.dropFirst()
                column += 1
                tokens.append(ScenarioToken(kind: .symbol(first), place: start))
            }
        }
        tokens.append(ScenarioToken(kind: .endOfLine, place: place()))
        return tokens
    }

    private static func isLetter(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || ("A"..."Z").contains(character)
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character)
    }
}

extension Unicode.Scalar {
    /// Neither a control character nor one that formats or separates.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension Character {
    /// A terminal may obey it; a tab does no harm.
    fileprivate var isControl: Bool {
        self != "\t" && unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
