/// TikZ automata: `\node[state] (FW1) {FIN-WAIT-1};` and `(E) edge node {!FIN} (FW1)`, `\draw (A) -- node {..} (B);`.
struct TikZReader {
    private var builder = MachineBuilder(.tikz)

    /// What statements are made of.
    private enum Part {
        case command(String)
        case options
        case point(Piece)
        case text(Piece, String)
        case word(String, Piece)
        case end
    }

    mutating func read(_ pieces: [Piece]) -> Machine? {
        var statement: [Part] = []
        for part in parts(of: pieces) {
            if case .end = part {
                read(statement)
                statement.removeAll()
            } else {
                statement.append(part)
            }
        }
        read(statement)
        return builder.machine()
    }

    private func parts(of pieces: [Piece]) -> [Part] {
        var parts: [Part] = []
        // A text that goes on in the next line.
        var open: (piece: Piece, text: String, depth: Int)?
        for piece in pieces.prefix(20_000) {
            var rest = TikZReader.uncommented(piece.text)
            while let first = rest.first {
                if var text = open {
                    let (taken, depth) = TikZReader.balanced(rest, depth: text.depth)
                    text.text += rest[..<taken]
                    text.depth = depth
                    rest = rest[taken...].dropFirst(depth == 0 ? 1 : 0)
                    open = depth == 0 ? nil : text
                    if depth == 0 { parts.append(.text(text.piece, text.text)) } else { break }
                    continue
                }
                switch first {
                case "\\":
                    let name = rest.dropFirst().prefix { $0.isLetter }
                    if !name.isEmpty { parts.append(.command(String(name))) }
                    rest = rest.dropFirst(1 + max(name.count, 1))
                case "[":
                    parts.append(.options)
                    rest = rest.firstIndex(of: "]").map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
                case "(":
                    let inside = rest.dropFirst().prefix { $0 != ")" }
                    parts.append(.point(piece.part(inside.prefix { $0 != "." }.trimmed)))
                    rest = rest[inside.endIndex...].dropFirst()
                case "{":
                    rest = rest.dropFirst()
                    open = (piece.part(rest), "", 1)
                case "-" where rest.hasPrefix("--") || rest.hasPrefix("-|"):
                    parts.append(.word("--", piece.part(rest.prefix(2))))
                    rest = rest.dropFirst(2)
                case ";":
                    parts.append(.end)
                    rest = rest.dropFirst()
                default:
                    let word = rest.prefix { $0.isLetter }
                    if !word.isEmpty { parts.append(.word(String(word), piece.part(word))) }
                    rest = rest.dropFirst(max(word.count, 1))
                }
            }
            if open != nil { open?.text += "\n" }
        }
        return parts
    }

    private static func uncommented(_ text: Substring) -> Substring {
        guard let percent = text.firstIndex(of: "%") else { return text }
        if percent > text.startIndex, text[text.index(before: percent)] == "\\" { return text }
        return text[..<percent]
    }

    /// Where the brace of this depth is closed.
    private static func balanced(_ text: Substring, depth: Int) -> (Substring.Index, Int) {
        var depth = depth
        for index in text.indices {
            if text[index] == "{" { depth += 1 } else if text[index] == "}" { depth -= 1 }
            if depth == 0 { return (index, 0) }
        }
        return (text.endIndex, depth)
    }

    private mutating func read(_ parts: [Part]) {
        let names = parts.compactMap { part -> String? in if case .command(let name) = part { name } else { nil } }
        if names.contains("node"), !names.contains("draw"), !names.contains("path") { return readNode(parts) }
        readEdges(parts)
    }

    private mutating func readNode(_ parts: [Part]) {
        var id: Piece?
        for part in parts {
            switch part {
            case .point(let piece): if id == nil { id = piece }
            case .text(let piece, let text):
                // The name of an environment that is begun before the node.
                guard let id else { continue }
                let name = TikZReader.plain(text)
                let written = piece.text.firstRange(of: name).map { piece.part(piece.text[$0]) }
                builder.begin(at: id.place)
                return builder.name(id, name, at: written)
            case .command, .options, .word, .end: break
            }
        }
    }

    /// `(A) edge node {label} (B)`: further edges of the statement begin at the same node; `--` and `to` go on from the
    /// last one.
    private mutating func readEdges(_ parts: [Part]) {
        var from: Piece?
        var label: String?
        var isEdge = false
        for part in parts {
            switch part {
            case .point(let piece):
                guard let begin = from, isEdge else {
                    from = piece
                    label = nil
                    continue
                }
                guard !piece.text.isEmpty, !begin.text.isEmpty else { continue }
                builder.edge(begin, piece, label: label.map { EdgeLabel($0) }, text: label ?? "", at: begin.place)
                (label, isEdge) = (nil, false)
                if lastConnector != "edge" { from = piece }
            case .word(let word, _):
                if word == "edge" || word == "to" || word == "and" || word == "--" {
                    isEdge = true
                    lastConnector = word
                }
            case .text(_, let text): if from != nil { label = TikZReader.plain(text) }
            case .command, .options, .end: break
            }
        }
    }

    private var lastConnector = "edge"

    /// A text without LaTeX's commands.
    private static func plain(_ text: String) -> String {
        var plain = ""
        var rest = text[...]
        while let first = rest.first {
            if first == "\\" {
                let next = rest.dropFirst()
                let name = next.prefix { $0.isLetter }
                if name.isEmpty {
                    if next.hasPrefix("\\") { plain += "\n" } else if let sign = next.first { plain.append(sign) }
                    rest = next.dropFirst()
                } else {
                    if name.hasPrefix("rightarrow") || name == "to" { plain += "→" }
                    rest = rest[name.endIndex...].drop { $0 == " " }
                }
            } else {
                if first != "{", first != "}", first != "$" { plain.append(first) }
                rest = rest.dropFirst()
            }
        }
        return String(plain[...].trimmed)
    }
}
