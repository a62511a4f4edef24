/// A word or a sign of source text.
struct CodeToken: Sendable {
    enum Kind: Hashable, Sendable {
        /// A name, a number, or the text of a string.
        case word
        case mark(Character)
    }

    var kind: Kind
    var piece: Piece
    /// A name, not a string.
    var isName = true

    var text: Substring { piece.text }
    /// Of `State.SYN_SENT`, `c->state` and `Event::Close` the last part.
    var last: Substring {
        let cut = text.lastIndex { $0 == "." || $0 == ":" || $0 == ">" }
        return cut.map { text[text.index(after: $0)...] } ?? text
    }
}

/// Cuts lines of source text into words and signs, without comments.
struct CodeTokens {
    private var isInComment = false

    mutating func tokens(of piece: Piece) -> [CodeToken] {
        var tokens: [CodeToken] = []
        var rest = piece.text.prefix(2_000)
        while let first = rest.first {
            if isInComment {
                guard let end = rest.firstRange(of: "*/") else { return tokens }
                isInComment = false
                rest = rest[end.upperBound...]
            } else if rest.hasPrefix("//") || first == "#" {
                return tokens
            } else if rest.hasPrefix("/*") {
                isInComment = true
                rest = rest.dropFirst(2)
            } else if first == "\"" || first == "'" {
                let inside = rest.dropFirst().prefix { $0 != first }
                if !inside.isEmpty { tokens.append(CodeToken(kind: .word, piece: piece.part(inside), isName: false)) }
                rest = rest[inside.endIndex...].dropFirst()
            } else if CodeTokens.isLetter(first) {
                let word = CodeTokens.name(rest)
                tokens.append(CodeToken(kind: .word, piece: piece.part(word)))
                rest = rest[word.endIndex...]
            } else {
                take(sign: first, &rest, piece, &tokens)
            }
        }
        return tokens
    }

    /// `==` and `=` are told apart by the state that a condition or a statement makes of them; `!=` is a `!`.
    private func take(sign first: Character, _ rest: inout Substring, _ piece: Piece, _ tokens: inout [CodeToken]) {
        let width =
            rest.hasPrefix("==") || rest.hasPrefix("!=") || rest.hasPrefix(":=") || rest.hasPrefix("&&")
                || rest.hasPrefix("||") ? 2 : 1
        if !first.isWhitespace {
            let mark: Character = rest.hasPrefix(":=") ? "=" : first
            tokens.append(CodeToken(kind: .mark(mark), piece: piece.part(rest.prefix(width))))
        }
        rest = rest.dropFirst(width)
    }

    private static func isLetter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// `a.b`, `a->b` and `A::B` are one name.
    private static func name(_ text: Substring) -> Substring {
        var end = text.startIndex
        while end < text.endIndex {
            if isLetter(text[end]) {
                end = text.index(after: end)
                continue
            }
            let rest = text[end...]
            let joint = rest.hasPrefix("->") || rest.hasPrefix("::") ? 2 : rest.hasPrefix(".") ? 1 : 0
            guard joint > 0, let next = rest.dropFirst(joint).first, isLetter(next) else { break }
            end = text.index(end, offsetBy: joint)
        }
        return text[..<end]
    }
}
