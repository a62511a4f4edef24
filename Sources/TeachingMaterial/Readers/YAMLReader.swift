import Yams

/// Reads YAML with libyaml.
enum YAMLReader {
    /// A document with more octets is no machine that a person has written.
    private static let mostOctets = 256 << 10
    private static let mostNodes = 20_000
    private static let deepest = 60

    /// The tree of the first document; nil if it is not well-formed.
    static func tree(_ pieces: [Piece]) -> DataTree? {
        let text = pieces.map { String($0.text) }.joined(separator: "\n")
        guard text.utf8.count <= mostOctets, isShallow(text), aliases(in: text) <= mostAliases,
            let node = try? compose(yaml: text)
        else { return nil }
        var budget = mostNodes
        return tree(node, pieces, 0, &budget)
    }

    /// Blocks as deep as this are an attack on the parser's stack.
    private static let mostLevels = 100
    /// Aliases of aliases grow by powers, and the parser compares keys whole: so few make no more than some thousand.
    private static let mostAliases = 24

    /// Counts what could open a level: brackets, and in front of each line blanks and the marks of sequences and keys.
    private static func isShallow(_ text: String) -> Bool {
        var brackets = 0
        var (column, marks, isFront) = (0, 0, true)
        for byte in text.utf8 {
            column += 1
            switch byte {
            case 10: (column, marks, isFront) = (0, 0, true)
            case 32: break
            case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): if isFront { marks += 1 }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                isFront = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets -= 1
            default: isFront = false
            }
            // Each level of a block takes a column at least.
            if brackets >= mostLevels || marks >= mostLevels || isFront && column >= 2 * mostLevels { return false }
        }
        return true
    }

    private static func aliases(in text: String) -> Int {
        var before = UInt8(ascii: "\n")
        var count = 0
        for byte in text.utf8 {
            // `*` before a blank is none.
            if before == UInt8(ascii: "*"), byte > 32 { count += 1 }
            before = byte
        }
        return count
    }

    /// Aliases are shared values; a budget keeps what they expand to finite.
    private static func tree(_ node: Node, _ pieces: [Piece], _ depth: Int, _ budget: inout Int) -> DataTree? {
        budget -= 1
        guard budget > 0, depth < deepest else { return nil }
        let place = place(of: node, pieces)
        switch node {
        case .scalar(let scalar): return .scalar(piece(of: scalar.string, node, pieces))
        case .sequence(let items):
            var trees: [DataTree] = []
            for item in items { if let tree = tree(item, pieces, depth + 1, &budget) { trees.append(tree) } }
            return .list(trees, place)
        case .mapping(let pairs):
            var entries: [DataTree.Entry] = []
            for (key, value) in pairs {
                guard let left = tree(key, pieces, depth + 1, &budget),
                    let right = tree(value, pieces, depth + 1, &budget)
                else { continue }
                entries.append(DataTree.Entry(key: left, value: right))
            }
            return .map(entries, place)
        case .alias: return nil
        }
    }

    private static func place(of node: Node, _ pieces: [Piece]) -> Place {
        guard let mark = node.mark, pieces.indices.contains(mark.line - 1) else {
            return pieces.first?.place ?? Place(line: 1, column: 1)
        }
        return pieces[mark.line - 1].place
    }

    /// The scalar where it stands; a folded or quoted one that is not there word for word stands for itself.
    private static func piece(of text: String, _ node: Node, _ pieces: [Piece]) -> Piece {
        let own = Substring(text)
        guard let mark = node.mark, pieces.indices.contains(mark.line - 1) else {
            return Piece(line: 1, whole: own, text: own)
        }
        let line = pieces[mark.line - 1]
        let scalars = line.text.unicodeScalars
        guard let begin = scalars.index(scalars.startIndex, offsetBy: mark.column - 1, limitedBy: scalars.endIndex),
            let found = line.text[begin...].firstRange(of: text)
        else { return Piece(line: line.line, whole: own, text: own) }
        return line.part(line.text[found])
    }
}
