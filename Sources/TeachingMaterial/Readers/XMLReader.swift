/// Reads XML into a tree: an element is a map of its attributes and, by name, its children. No entities but the five of
/// XML itself, no document type: there is nothing that could grow or be fetched.
struct XMLReader {
    /// Elements that are open, outermost first.
    private var open: [(name: Substring, entries: [DataTree.Entry], place: Place)] = []
    private var roots: [DataTree] = []
    private var elements = 0

    private static let mostElements = 20_000
    private static let deepest = 60

    static func trees(_ pieces: [Piece]) -> [DataTree] {
        var reader = XMLReader()
        reader.read(pieces)
        return reader.roots
    }

    private mutating func read(_ pieces: [Piece]) {
        var tag: [Piece] = []
        var inComment = false
        for piece in pieces where elements < XMLReader.mostElements {
            var rest = piece.text
            while !rest.isEmpty {
                if inComment {
                    guard let end = rest.firstRange(of: "-->") else { break }
                    inComment = false
                    rest = rest[end.upperBound...]
                } else if !tag.isEmpty {
                    // A tag over several lines.
                    guard let end = rest.firstIndex(of: ">") else {
                        tag.append(piece.part(rest))
                        break
                    }
                    tag.append(piece.part(rest[..<end]))
                    rest = rest[rest.index(after: end)...]
                    take(tag)
                    tag.removeAll()
                } else if let begin = rest.firstIndex(of: "<") {
                    takeText(piece.part(rest[..<begin].trimmed))
                    rest = rest[begin...]
                    if rest.hasPrefix("<!--") {
                        inComment = true
                        continue
                    }
                    rest = rest.dropFirst()
                    guard let end = rest.firstIndex(of: ">") else {
                        tag.append(piece.part(rest))
                        break
                    }
                    take([piece.part(rest[..<end])])
                    rest = rest[rest.index(after: end)...]
                } else {
                    takeText(piece.part(rest.trimmed))
                    break
                }
            }
        }
        while !open.isEmpty { close() }
    }

    private mutating func take(_ tag: [Piece]) {
        guard let first = tag.first else { return }
        let text = first.text
        if text.hasPrefix("!") || text.hasPrefix("?") { return }
        if text.hasPrefix("/") { return close() }
        elements += 1
        guard open.count < XMLReader.deepest else { return }
        let name = text.prefix { !$0.isWhitespace && $0 != "/" }
        open.append((name, [], first.place(of: text.startIndex)))
        var isClosed = false
        for (index, piece) in tag.enumerated() {
            let rest = index == 0 ? piece.text[name.endIndex...] : piece.text
            takeAttributes(piece.part(rest))
            isClosed = rest.trimmed.hasSuffix("/")
        }
        if isClosed { close() }
    }

    private mutating func takeAttributes(_ piece: Piece) {
        var rest = piece.text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].trimmed.split(whereSeparator: \.isWhitespace).last ?? ""
            let value = rest[rest.index(after: equals)...].trimmed
            guard let quote = value.first, quote == "\"" || quote == "'" else { return }
            let inside = value.dropFirst()
            guard let end = inside.firstIndex(of: quote), let last = open.indices.last else { return }
            open[last].entries.append(
                DataTree.Entry(key: .scalar(piece.part(name)), value: .scalar(piece.part(inside[..<end]))))
            rest = inside[inside.index(after: end)...]
        }
    }

    private mutating func takeText(_ piece: Piece) {
        guard !piece.text.isEmpty, let last = open.indices.last else { return }
        open[last].entries.append(
            DataTree.Entry(key: .scalar(piece.part(open[last].name.prefix(0))), value: .scalar(piece)))
    }

    /// An element `<state id="X">` is the map of its state's exits; one with text alone is that text.
    private mutating func close() {
        guard let element = open.popLast() else { return }
        let tree: DataTree
        if element.entries.count == 1, element.entries[0].key.scalar?.text.isEmpty ?? false {
            tree = element.entries[0].value
        } else if let id = XMLReader.id(of: element), element.entries.contains(where: { $0.value.scalar == nil }) {
            let exits = element.entries.filter { $0.value.scalar == nil }.map(\.value)
            tree = .map([DataTree.Entry(key: id, value: .list(exits, element.place))], element.place)
        } else {
            tree = .map(element.entries, element.place)
        }
        let key = DataTree.scalar(Piece(line: element.place.line, whole: element.name, text: element.name))
        if let last = open.indices.last {
            open[last].entries.append(DataTree.Entry(key: key, value: tree))
        } else {
            roots.append(tree)
        }
    }

    private static func id(of element: (name: Substring, entries: [DataTree.Entry], place: Place)) -> DataTree? {
        element.entries.first { entry in
            guard let key = entry.key.scalar?.text, key == "id" || key == "name" || key == "state" || key == "code"
            else { return false }
            return entry.value.scalar.flatMap { StateName($0.text) } != nil
        }?.value
    }
}
