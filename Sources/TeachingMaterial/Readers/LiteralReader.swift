/// Reads the data in source text: JSON, and the literals of JavaScript, Python, C, Java and the like, without asking
/// which of them it is. `{`, `[` and `(` group; `:`, `=>`, `->` and `=` join a key and a value; strings and names are
/// scalars.
struct LiteralReader {
    private enum Token {
        case open(Character, Place)
        case close
        case separator
        case join
        case scalar(Piece)
    }

    private var tokens: [Token] = []
    private var position = 0
    /// Text of comments.
    private(set) var comments: [Piece] = []

    private static let mostTokens = 200_000
    private static let deepest = 60

    init(_ pieces: [Piece]) {
        var inComment = false
        for piece in pieces where tokens.count < LiteralReader.mostTokens { tokenize(piece, &inComment) }
    }

    private mutating func tokenize(_ piece: Piece, _ inComment: inout Bool) {
        var rest = piece.text
        while let first = rest.first {
            if inComment {
                guard let end = rest.firstRange(of: "*/") else { return comments.append(piece.part(rest)) }
                comments.append(piece.part(rest[..<end.lowerBound]))
                inComment = false
                rest = rest[end.upperBound...]
                continue
            }
            switch first {
            case "{", "[", "(":
                tokens.append(.open(first, piece.place(of: rest.startIndex)))
                rest = rest.dropFirst()
            case "}", "]", ")":
                tokens.append(.close)
                rest = rest.dropFirst()
            case ",", ";":
                tokens.append(.separator)
                rest = rest.dropFirst()
            case "\"", "'", "`": takeString(&rest, first, piece)
            case ":":
                if rest.hasPrefix("::") {
                    rest = rest.dropFirst(2)
                } else {
                    tokens.append(.join)
                    rest = rest.dropFirst()
                }
            case "=", "-":
                if rest.hasPrefix("=>") || rest.hasPrefix("->") {
                    tokens.append(.join)
                } else if rest.hasPrefix("=="), first == "=" {
                    rest = rest.dropFirst()
                } else if first == "=" {
                    tokens.append(.join)
                }
                rest = rest.dropFirst(rest.hasPrefix("=>") || rest.hasPrefix("->") ? 2 : 1)
            case "/":
                if rest.hasPrefix("//") { return comments.append(piece.part(rest.dropFirst(2))) }
                if rest.hasPrefix("/*") { inComment = true }
                rest = rest.dropFirst(rest.hasPrefix("/*") ? 2 : 1)
            case "#":
                // `#define` and `#include` are no comments.
                let word = rest.dropFirst().prefix { $0.isLetter }
                if !["define", "include", "if", "ifdef", "endif", "else", "pragma"].contains(word) {
                    return comments.append(piece.part(rest.dropFirst()))
                }
                rest = rest.dropFirst(1 + word.count)
            default:
                let word = rest.prefix {
                    $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "+" || $0 == "&" || $0 == "|"
                }
                if word.isEmpty {
                    rest = rest.dropFirst()
                } else {
                    tokens.append(.scalar(piece.part(word)))
                    rest = rest[word.endIndex...]
                }
            }
        }
    }

    private mutating func takeString(_ rest: inout Substring, _ quote: Character, _ piece: Piece) {
        let inside = rest.dropFirst()
        var isEscaped = false
        for index in inside.indices {
            if isEscaped {
                isEscaped = false
            } else if inside[index] == "\\" {
                isEscaped = true
            } else if inside[index] == quote {
                tokens.append(.scalar(piece.part(inside[..<index])))
                rest = inside[inside.index(after: index)...]
                return
            }
        }
        // An apostrophe.
        rest = inside
    }

    // MARK: Trees

    /// The groups on the outermost level, in order.
    mutating func trees() -> [DataTree] {
        var trees: [DataTree] = []
        while position < tokens.count {
            if case .open(let mark, let place) = tokens[position] {
                position += 1
                trees.append(group(mark, place, depth: 0))
            } else {
                position += 1
            }
        }
        return trees
    }

    /// What stands between two brackets.
    private mutating func group(_ mark: Character, _ place: Place, depth: Int) -> DataTree {
        var items: [DataTree] = []
        var entries: [DataTree.Entry] = []
        var current: [DataTree] = []
        var key: DataTree?
        func finish() {
            if let key {
                // Calls behind an assignment, without separators.
                let groups = current.filter { $0.scalar == nil }
                if groups.count > 1 {
                    items += groups
                    return
                }
                if let value = LiteralReader.value(of: current) {
                    entries.append(DataTree.Entry(key: key, value: value))
                }
            } else {
                items += LiteralReader.values(of: current)
            }
        }
        while position < tokens.count {
            let token = tokens[position]
            position += 1
            switch token {
            case .close:
                finish()
                return LiteralReader.tree(items, entries, place)
            case .separator:
                finish()
                (current, key) = ([], nil)
            case .join:
                if key == nil, let before = current.last {
                    key = before
                    current = []
                }
            case .scalar(let piece): current.append(.scalar(piece))
            case .open(let inner, let at):
                if depth >= LiteralReader.deepest {
                    skipGroup()
                } else {
                    current.append(group(inner, at, depth: depth + 1))
                }
            }
        }
        finish()
        return LiteralReader.tree(items, entries, place)
    }

    private mutating func skipGroup() {
        var depth = 1
        while position < tokens.count, depth > 0 {
            switch tokens[position] {
            case .open: depth += 1
            case .close: depth -= 1
            case .separator, .join, .scalar: break
            }
            position += 1
        }
    }

    private static func tree(_ items: [DataTree], _ entries: [DataTree.Entry], _ place: Place) -> DataTree {
        if entries.isEmpty { return .list(items, place) }
        if items.isEmpty { return .map(entries, place) }
        return .list(items + [.map(entries, place)], place)
    }

    /// Of `new State("X")` and `State.X` the last part counts: a group if there is one.
    private static func value(of parts: [DataTree]) -> DataTree? {
        parts.last
    }

    private static func values(of parts: [DataTree]) -> [DataTree] {
        guard let last = parts.last else { return [] }
        // `add(CLOSED, OPEN, LISTEN)` among others in a body: calls without separators are all kept.
        let groups = parts.filter { $0.scalar == nil }
        return groups.count > 1 ? groups : [last]
    }
}
