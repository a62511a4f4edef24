/// Finds the code blocks of Markdown, reStructuredText, AsciiDoc and HTML; the rest is prose. Line numbers stay those
/// of the document.
struct BlockFinder {
    private(set) var blocks: [Block] = []
    private var prose: [Piece] = []
    /// Lines of nothing but dots or hyphens, which end a block that begins with the same.
    private var delimiters: [Substring: [Int]] = [:]
    /// From this line on no `<pre>` is closed: to look again from each would never end.
    private var unclosedPreformatted = Int.max

    static func blocks(of document: Document) -> [Block] {
        let pieces = document.pieces
        switch document.kind {
        case .sourceCode: return [Block(kind: .code(""), pieces: pieces)]
        case .mermaid: return BlockFinder.fenced(pieces) ?? [Block(kind: .code("mermaid"), pieces: pieces)]
        case .plantUML: return BlockFinder.fenced(pieces) ?? [Block(kind: .code("plantuml"), pieces: pieces)]
        case .dot: return BlockFinder.fenced(pieces) ?? [Block(kind: .code("dot"), pieces: pieces)]
        case .tex: return [Block(kind: .code("tex"), pieces: pieces), Block(kind: .prose, pieces: pieces)]
        case .delimited: return [Block(kind: .code("csv"), pieces: pieces)]
        case .json: return [Block(kind: .code("json"), pieces: pieces)]
        case .yaml: return [Block(kind: .code("yaml"), pieces: pieces)]
        case .xml: return [Block(kind: .code("xml"), pieces: pieces)]
        case .manualPage, .markup, .html:
            var finder = BlockFinder()
            finder.read(pieces, isHTML: document.kind == .html)
            return finder.blocks
        }
    }

    /// The blocks of a file that promises a diagram and is a document with fences all the same.
    private static func fenced(_ pieces: [Piece]) -> [Block]? {
        guard pieces.contains(where: { $0.text.trimmed.hasPrefix("```") }) else { return nil }
        var finder = BlockFinder()
        finder.read(pieces, isHTML: false)
        return finder.blocks
    }

    private mutating func read(_ pieces: [Piece], isHTML: Bool) {
        for (index, piece) in pieces.enumerated() {
            if let mark = BlockFinder.delimiter(piece) { delimiters[mark, default: []].append(index) }
        }
        var index = 0
        while index < pieces.count {
            let piece = pieces[index]
            if let (end, block) = fence(pieces, index) ?? directive(pieces, index) ?? delimited(pieces, index)
                ?? preformatted(pieces, index)
            {
                flush()
                blocks.append(block)
                index = end
            } else {
                prose.append(piece)
                index += 1
            }
        }
        flush()
    }

    private mutating func flush() {
        if prose.contains(where: { !$0.isBlank }) { blocks.append(Block(kind: .prose, pieces: prose)) }
        prose.removeAll()
    }

    /// Without the marks of quotations in Markdown.
    private static func unquoted(_ piece: Piece) -> Piece {
        var text = piece.text
        while text.trimmed.hasPrefix(">") { text = text.trimmed.dropFirst() }
        return piece.part(text)
    }

    /// ```` ```mermaid ```` or `~~~`.
    private func fence(_ pieces: [Piece], _ begin: Int) -> (Int, Block)? {
        let opening = BlockFinder.unquoted(pieces[begin]).trimmed
        guard opening.text.hasPrefix("```") || opening.text.hasPrefix("~~~"), let mark = opening.text.first else {
            return nil
        }
        let length = opening.text.prefix { $0 == mark }.count
        let closing = String(repeating: mark, count: length)
        let info = opening.text.dropFirst(length).trimmed
        guard !info.contains("`") else { return nil }
        var end = begin + 1
        while end < pieces.count {
            let line = BlockFinder.unquoted(pieces[end]).text.trimmed
            if line.hasPrefix(closing), line.allSatisfy({ $0 == mark }) { break }
            end += 1
        }
        // A fence that nobody closes ends with the document.
        let inside = pieces[(begin + 1)..<min(end, pieces.count)].map(BlockFinder.unquoted)
        return (end + 1, Block(kind: .code(BlockFinder.language(of: info)), pieces: inside))
    }

    private static func language(of info: Substring) -> String {
        var word = info.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "}" }).first ?? ""
        while let first = word.first, first == "{" || first == "." || first == "=" { word = word.dropFirst() }
        return word.lowercased()
    }

    /// reStructuredText: `.. code-block:: dot` and a paragraph that ends with `::`.
    private func directive(_ pieces: [Piece], _ begin: Int) -> (Int, Block)? {
        let line = pieces[begin].text.trimmed
        var language = ""
        if line.hasPrefix(".. "), let colons = line.firstRange(of: "::") {
            let name = line[..<colons.lowerBound].dropFirst(3).trimmed
            guard BlockFinder.directives.contains(String(name)) else { return nil }
            language = line[colons.upperBound...].trimmed.lowercased()
            if language.isEmpty { language = BlockFinder.directiveLanguages[String(name)] ?? "" }
        } else if !line.hasSuffix("::") || line.hasPrefix(".. ") || pieces[begin].text.has("std::") {
            return nil
        }
        let indent = pieces[begin].indent
        var end = begin + 1
        while end < pieces.count, pieces[end].isBlank || pieces[end].indent > indent { end += 1 }
        guard end > begin + 1 else { return nil }
        let inside = pieces[(begin + 1)..<end]
        guard inside.contains(where: { !$0.isBlank }) else { return nil }
        // The line itself may hold a sentence; it is read with the block before it.
        return (end, Block(kind: .code(language), pieces: Array(inside)))
    }

    private static let directives: Set<String> = [
        "code-block", "code", "sourcecode", "highlight", "parsed-literal", "graphviz", "digraph", "mermaid", "uml",
        "tikz", "csv-table", "blockdiag", "literalinclude", "aafig",
    ]
    private static let directiveLanguages = [
        "graphviz": "dot", "digraph": "dot", "mermaid": "mermaid", "uml": "plantuml", "tikz": "tex", "csv-table": "csv",
    ]

    /// AsciiDoc: between lines of `----`, `....`, after `[source,dot]` or `[mermaid]`.
    private func delimited(_ pieces: [Piece], _ begin: Int) -> (Int, Block)? {
        var (index, language) = (begin, "")
        let head = pieces[begin].text.trimmed
        if head.hasPrefix("["), head.hasSuffix("]"), index + 1 < pieces.count {
            let words = head.dropFirst().dropLast().split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\"" })
            guard let first = words.first else { return nil }
            language = (first == "source" || first == "listing" ? words.dropFirst().first ?? "" : first).lowercased()
            index += 1
        }
        guard let mark = BlockFinder.delimiter(pieces[index]) else { return nil }
        // `----` alone is also a rule of Markdown: only an attribute line or dots make it a block.
        guard index > begin || mark.first == "." else { return nil }
        guard let lines = delimiters[mark] else { return nil }
        let next = lines.partitioningIndex { $0 > index }
        guard next < lines.count else { return nil }
        let end = lines[next]
        return (end + 1, Block(kind: .code(language), pieces: Array(pieces[(index + 1)..<end])))
    }

    /// A line of nothing but four or more dots or hyphens.
    private static func delimiter(_ piece: Piece) -> Substring? {
        let mark = piece.text.trimmed
        guard let first = mark.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "."),
            mark.utf8.count >= 4, mark.utf8.allSatisfy({ $0 == first })
        else { return nil }
        return mark
    }

    /// A line with its entities decoded; its columns are then those of the decoded text.
    private static func decoded(_ piece: Piece) -> Piece {
        guard piece.text.utf8.contains(UInt8(ascii: "&")) else { return piece }
        var text = piece.text
        for (entity, character) in [("&gt;", ">"), ("&lt;", "<"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")] {
            text = Substring(text.parts(separatedBy: entity).joined(separator: character))
        }
        return Piece(line: piece.line, whole: text, text: text)
    }

    /// HTML: `<pre>` up to `</pre>`.
    private mutating func preformatted(_ pieces: [Piece], _ begin: Int) -> (Int, Block)? {
        guard begin < unclosedPreformatted, let open = pieces[begin].text.firstRange(of: "<pre") else { return nil }
        guard let tagEnd = pieces[begin].text[open.upperBound...].firstIndex(of: ">") else { return nil }
        let tag = pieces[begin].text[open.lowerBound...tagEnd].lowercased()
        let language = tag[...].has("mermaid") ? "mermaid" : ""
        var inside: [Piece] = []
        var index = begin
        while index < pieces.count {
            var text = pieces[index].text
            if index == begin { text = text[text.index(after: tagEnd)...] }
            if let close = text.firstRange(of: "</pre") {
                inside.append(pieces[index].part(text[..<close.lowerBound]))
                return (index + 1, Block(kind: .code(language), pieces: inside.map(BlockFinder.decoded)))
            }
            inside.append(pieces[index].part(text))
            index += 1
        }
        unclosedPreformatted = begin
        return nil
    }
}
