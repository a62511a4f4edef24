/// Mermaid's `graph` and `flowchart`: ids with shapes, `A((CLOSED)) -- passive OPEN --> B((LISTEN))`.
struct FlowchartReader {
    private var builder = MachineBuilder(.flowchart)

    mutating func read(_ pieces: [Piece]) -> Machine? {
        for piece in pieces {
            let line = piece.trimmed
            guard !line.text.isEmpty, !line.text.hasPrefix("%%") else { continue }
            builder.begin(at: line.place)
            for statement in line.text.split(separator: ";") { read(statement: line.part(statement.trimmed)) }
        }
        return builder.machine()
    }

    /// What stands between two nodes.
    private struct Link {
        var label: Substring?
        var isBackward = false
    }

    private mutating func read(statement: Piece) {
        var rest = statement.text
        guard !FlowchartReader.keywords.contains(where: { rest.hasPrefix($0) }) else { return }
        guard var lefts = nodes(&rest, statement) else { return }
        while let link = link(&rest) {
            guard let rights = nodes(&rest, statement) else { return }
            for left in lefts {
                for right in rights {
                    let (from, to) = link.isBackward ? (right, left) : (left, right)
                    builder.edge(from, to, label: link.label.map(statement.part), at: left.place)
                }
            }
            lefts = rights
        }
    }

    private static let keywords = [
        "graph", "flowchart", "subgraph", "end", "classDef", "class ", "style ", "linkStyle", "direction", "click ",
    ]

    /// `A`, `A[text]`, `A & B`.
    private mutating func nodes(_ rest: inout Substring, _ line: Piece) -> [Piece]? {
        var found: [Piece] = []
        while true {
            rest = rest.trimmed
            let id = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            guard !id.isEmpty else { return found.isEmpty ? nil : found }
            rest = rest[id.endIndex...]
            // Hyphens belong to an id where no arrow begins.
            var whole = id
            while rest.hasPrefix("-"), let next = rest.dropFirst().first, next.isLetter || next.isNumber {
                let more = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                rest = rest[more.endIndex...]
                whole = whole.base[whole.startIndex..<more.endIndex]
            }
            let piece = line.part(whole)
            if let text = shape(&rest) {
                builder.name(piece, text, at: line.part(text))
            } else {
                builder.mention(piece)
            }
            if let style = rest.dropping(prefix: ":::") {
                rest = style.drop { $0.isLetter || $0.isNumber || $0 == "_" }
            }
            found.append(piece)
            rest = rest.trimmed
            guard rest.hasPrefix("&") else { return found }
            rest = rest.dropFirst()
        }
    }

    /// The text in a shape's brackets.
    private func shape(_ rest: inout Substring) -> Substring? {
        guard let first = rest.first, first == "[" || first == "(" || first == "{" || first == ">" else { return nil }
        var depth = 0
        var end = rest.startIndex
        var inQuotes = false
        for index in rest.indices {
            switch rest[index] {
            case "\"": inQuotes.toggle()
            case "[", "(", "{": if !inQuotes { depth += 1 }
            case "]", ")", "}": if !inQuotes { depth -= 1 }
            default: break
            }
            end = index
            if depth <= 0, index > rest.startIndex { break }
        }
        let text = rest[...end]
        rest = rest[rest.index(after: end)...]
        var inside = text
        while let first = inside.first, "[({>/\\\"".contains(first) { inside = inside.dropFirst() }
        while let last = inside.last, "])}/\\\"".contains(last) { inside = inside.dropLast() }
        return inside.trimmed
    }

    /// `-->`, `-->|label|`, `-- label -->`, `-. label .->`, `== label ==>`, `---`.
    private func link(_ rest: inout Substring) -> Link? {
        rest = rest.trimmed
        var link = Link()
        if rest.hasPrefix("<") {
            link.isBackward = true
            rest = rest.dropFirst()
        }
        guard let first = rest.first, first == "-" || first == "=" else { return nil }
        let shaft = rest.prefix { "-=.xo".contains($0) }
        rest = rest[shaft.endIndex...]
        if rest.hasPrefix(">") {
            link.isBackward = false
            rest = rest.dropFirst()
        } else if shaft.count <= 2 || shaft.hasSuffix("."), let end = closingShaft(rest) {
            link.label = unquoted(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        rest = rest.trimmed
        if rest.hasPrefix("|"), let end = rest.dropFirst().firstIndex(of: "|") {
            link.label = unquoted(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        }
        return link
    }

    private func unquoted(_ text: Substring) -> Substring {
        var text = text.trimmed
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        return text
    }

    private func closingShaft(_ text: Substring) -> Range<Substring.Index>? {
        for shaft in ["-->", ".->", "==>", "---"] {
            if let found = text.firstRange(of: shaft) {
                var lower = found.lowerBound
                while lower > text.startIndex, text[text.index(before: lower)] == "-" {
                    lower = text.index(before: lower)
                }
                return lower..<found.upperBound
            }
        }
        return nil
    }
}
