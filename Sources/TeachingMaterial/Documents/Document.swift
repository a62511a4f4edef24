/// A document as it was read: lines of text, in UTF-8, or in UTF-16 behind a byte order mark. What cannot be decoded is
/// replaced by U+FFFD, and `firstFault` says so.
public struct Document: Sendable {
    /// As diagnostics show it.
    public let name: String
    /// The lines in order, without their line ends (LF, CRLF, or CR alone where there is no LF).
    let lines: [Substring]
    /// Where in the octets the first stands that could not be decoded; nil if all could.
    public let firstFault: Int?
    let kind: Kind

    /// What a document is as a whole, by the end of its name; what stands inside is found by `BlockFinder`.
    enum Kind: Hashable, Sendable {
        case markup, html, manualPage, sourceCode, mermaid, plantUML, dot, tex, delimited, json, yaml, xml
    }

    /// A document of so many octets is nothing that a person has written.
    public static let mostOctets = 8 << 20
    /// A line of more octets is data, not text; it is counted as unchecked.
    static let longestLine = 16_384
    /// What stands behind so many lines is read as one more, which is too long.
    private static let mostLines = 400_000

    /// Reads octets; what is no text at all, `firstNull(in:)` tells before.
    public init(name: String, bytes: [UInt8]) {
        let decoded = TextDecoding(bytes)
        self.init(name: name, text: decoded.text, firstFault: decoded.firstFault)
    }

    public init(name: String, text: String) {
        self.init(name: name, text: text, firstFault: nil)
    }

    private init(name: String, text: String, firstFault: Int?) {
        self.name = name
        self.firstFault = firstFault
        kind = Kind(fileName: name)
        var body = text[...]
        body.makeContiguousUTF8()
        if body.unicodeScalars.first == "\u{FEFF}" { body = Substring(body.unicodeScalars.dropFirst()) }
        let end: UInt8 = body.utf8.contains(10) ? 10 : 13
        let split = body.utf8.split(
            separator: end, maxSplits: Document.mostLines, omittingEmptySubsequences: false)
        lines = split.map { line in
            Substring(line.last == 13 ? line.dropLast() : line)
        }
    }

    /// Where the first NUL stands in octets that are no UTF-16: no text has one. Nil in a text.
    public static func firstNull(in bytes: [UInt8]) -> Int? {
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) { return nil }
        return bytes.firstIndex(of: 0)
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
