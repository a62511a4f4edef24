/// Graphviz' language: node statements with labels, edges, chains of edges, comments, HTML labels.
struct DOTReader {
    private var builder = MachineBuilder(.dot)
    private var tokens: [Token] = []
    private var position = 0

    /// A word, a text in quotation marks, a label in angle brackets, or a sign.
    private struct Token {
        enum Kind { case word, text, html, sign }

        var kind: Kind
        var text: String
        /// Where it begins.
        var piece: Piece
    }

    /// A longer graph is not a state diagram.
    private static let mostTokens = 50_000

    mutating func read(_ pieces: [Piece]) -> Machine? {
        tokenize(pieces)
        while position < tokens.count { readStatement() }
        return builder.machine()
    }

    // MARK: Tokens

    private mutating func tokenize(_ pieces: [Piece]) {
        var inComment = false
        var open: Token?
        for piece in pieces where tokens.count < DOTReader.mostTokens {
            var rest = piece.text
            if open == nil, !inComment, rest.trimmed.hasPrefix("#") { continue }
            while !rest.isEmpty {
                if inComment {
                    guard let end = rest.firstRange(of: "*/") else { break }
                    inComment = false
                    rest = rest[end.upperBound...]
                } else if var token = open {
                    let closed = DOTReader.take(&rest, into: &token)
                    open = token
                    if closed {
                        tokens.append(token)
                        open = nil
                    }
                } else if rest.hasPrefix("/*") {
                    inComment = true
                } else if rest.hasPrefix("//") {
                    break
                } else {
                    open = begin(&rest, piece)
                }
            }
            if open != nil { open?.text += "\n" }
        }
    }

    /// Takes a word or a sign, or opens a text.
    private mutating func begin(_ rest: inout Substring, _ line: Piece) -> Token? {
        guard let first = rest.first else { return nil }
        if first == "\"" || first == "<" {
            rest = rest.dropFirst()
            return Token(kind: first == "<" ? .html : .text, text: "", piece: line.part(rest))
        }
        if rest.hasPrefix("->") || rest.hasPrefix("--") {
            tokens.append(Token(kind: .sign, text: "->", piece: line.part(rest.prefix(2))))
            rest = rest.dropFirst(2)
            return nil
        }
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        if word.isEmpty {
            if !first.isWhitespace {
                tokens.append(Token(kind: .sign, text: String(first), piece: line.part(rest.prefix(1))))
            }
            rest = rest.dropFirst()
        } else {
            tokens.append(Token(kind: .word, text: String(word), piece: line.part(word)))
            rest = rest[word.endIndex...]
        }
        return nil
    }

    /// Goes on with a text; true when it is closed.
    private static func take(_ rest: inout Substring, into token: inout Token) -> Bool {
        var isEscaped = false
        var depth = 1
        for index in rest.indices {
            let character = rest[index]
            if token.kind == .html {
                depth += character == "<" ? 1 : character == ">" ? -1 : 0
                // Tags inside balance; a label over several lines is closed by the last bracket of a line.
                if depth == 0 {
                    token.text += rest[..<index]
                    rest = rest[rest.index(after: index)...]
                    return true
                }
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                token.text += rest[..<index]
                token.piece = token.text.contains("\n") ? token.piece : token.piece.part(rest[..<index])
                rest = rest[rest.index(after: index)...]
                return true
            }
        }
        token.text += rest
        rest = rest[rest.endIndex...]
        return false
    }

    // MARK: Statements

    private func peek(_ ahead: Int = 0) -> Token? {
        tokens.indices.contains(position + ahead) ? tokens[position + ahead] : nil
    }

    private mutating func readStatement() {
        guard let token = peek() else { return }
        if token.kind == .sign {
            position += 1
            return
        }
        if token.kind == .word, DOTReader.keywords.contains(token.text.lowercased()) {
            builder.begin(at: token.piece.place)
            position += 1
            if token.text.lowercased() == "subgraph" || token.text.lowercased().hasSuffix("graph") {
                if let name = peek(), name.kind != .sign { position += 1 }
            }
            _ = attributes()
            return
        }
        var ids = [id()]
        if peek()?.text == "=" {
            position += 2
            return
        }
        while peek()?.text == "->", peek()?.kind == .sign {
            position += 1
            guard let next = peek(), next.kind != .sign else { break }
            ids.append(id())
        }
        let values = attributes()
        let label = values["label"] ?? values["xlabel"] ?? values["taillabel"]
        if ids.count == 1 {
            if let label, !label.text.isEmpty, label.text != "\\N" {
                builder.name(ids[0], DOTReader.plain(label), at: label.kind == .html ? nil : label.piece)
            } else {
                builder.mention(ids[0])
            }
            return
        }
        for (from, to) in zip(ids, ids.dropFirst()) {
            let text = label.map(DOTReader.plain) ?? ""
            builder.edge(from, to, label: text.isEmpty ? nil : EdgeLabel(text), text: text, at: from.place)
        }
    }

    private static let keywords: Set<String> = ["digraph", "graph", "strict", "node", "edge", "subgraph"]

    /// An id with its port.
    private mutating func id() -> Piece {
        let token = tokens[position]
        position += 1
        while peek()?.text == ":", let port = peek(1), port.kind != .sign { position += 2 }
        return token.piece
    }

    private mutating func attributes() -> [String: Token] {
        var values: [String: Token] = [:]
        while peek()?.text == "[", peek()?.kind == .sign {
            position += 1
            while let token = peek(), token.text != "]" || token.kind != .sign {
                if token.kind != .sign, peek(1)?.text == "=", let value = peek(2) {
                    values[token.text.lowercased()] = value
                    position += 3
                } else {
                    position += 1
                }
            }
            position += 1
        }
        return values
    }

    /// A label without the tags of HTML.
    private static func plain(_ label: Token) -> String {
        guard label.kind == .html else { return label.text }
        var text = ""
        var inTag = false
        for character in label.text.parts(separatedBy: "&nbsp;", "&#8203;") {
            if character == "<" {
                inTag = true
                text += "\n"
            } else if character == ">", inTag {
                inTag = false
            } else if !inTag {
                text.append(character)
            }
        }
        return String(text[...].trimmed)
    }
}
