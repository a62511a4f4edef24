/// A document as it was read: lines of text. What is no UTF-8 is replaced by U+FFFD and said so by `isRepaired`.
public struct Document: Sendable {
    /// As diagnostics show it.
    public let name: String
    /// The lines in order, without their line ends (LF or CRLF).
    let lines: [Substring]
    /// The octets were not all UTF-8.
    public let isRepaired: Bool
    let kind: Kind

    /// What a document is as a whole, by the end of its name; what stands inside is found by `BlockFinder`.
    enum Kind: Hashable, Sendable {
        case markup, html, manualPage, sourceCode, mermaid, plantUML, dot, tex, delimited, json, yaml, xml
    }

    /// A document of so many octets is nothing that a person has written.
    public static let mostOctets = 8 << 20
    /// A line of more octets is data, not text; it is counted as unchecked.
    static let longestLine = 16_384

    public init(name: String, bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        self.init(name: name, text: text, isRepaired: String(validating: bytes, as: UTF8.self) == nil)
    }

    public init(name: String, text: String) {
        self.init(name: name, text: text, isRepaired: false)
    }

    private init(name: String, text: String, isRepaired: Bool) {
        self.name = name
        self.isRepaired = isRepaired
        kind = Kind(fileName: name)
        let body = text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
        lines = Substring(body).utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
            Substring(line.last == 13 ? line.dropLast() : line)
        }
    }

    /// All lines as pieces.
    var pieces: [Piece] {
        lines.enumerated().map { Piece(line: $0.offset + 1, whole: $0.element, text: $0.element) }
    }
}

extension Document.Kind {
    /// The kind that a file's name promises.
    init(fileName: String) {
        let name = fileName.split(separator: "/").last ?? ""
        let end = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        switch end {
        case "html", "htm", "xhtml": self = .html
        case "1", "2", "3", "4", "5", "6", "7", "8", "man": self = .manualPage
        case "mmd", "mermaid": self = .mermaid
        case "puml", "plantuml", "pu", "iuml": self = .plantUML
        case "dot", "gv": self = .dot
        case "tex", "tikz": self = .tex
        case "csv", "tsv": self = .delimited
        case "json", "json5", "geojson": self = .json
        case "yaml", "yml": self = .yaml
        case "xml", "scxml": self = .xml
        case "c", "h", "cc", "cpp", "cxx", "hpp", "java", "js", "ts", "jsx", "tsx", "py", "go", "rs", "rb", "swift",
            "kt", "cs", "ml", "mli", "fs", "hs", "scala", "erl", "ex", "lua", "php", "pl", "pml", "promela", "tla",
            "v", "sv", "vhd", "vhdl", "sml", "lisp", "clj", "dart", "sh", "bt":
            self = .sourceCode
        default: self = .markup
        }
    }
}
