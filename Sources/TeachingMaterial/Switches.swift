/// Comments in a document that switch codes off: `postel-disable-line CODE`, `postel-disable-next-line CODE`,
/// `postel-disable CODE` up to `postel-enable CODE`. Without codes they mean all; ` -- ` begins a remark.
struct Switches {
    /// From a line on, codes are off or on; without codes, all.
    private struct Change {
        let line: Int
        let isOff: Bool
    }

    /// A word that stands where a code should, and names none.
    struct UnknownWord {
        let word: Piece
        let command: Substring
    }

    /// In the order of their lines.
    private var changesOfAll: [Change] = []
    private var changes: [DiagnosticCode: [Change]] = [:]
    /// Codes that are off in one line; nil for all.
    private var lines: [Int: [Set<DiagnosticCode>?]] = [:]
    private(set) var unknown: [UnknownWord] = []
    /// Lines that are a switch and nothing else.
    private(set) var comments: Set<Int> = []
    /// More are no misspellings.
    private static let mostUnknown = 100

    init(of pieces: [Piece]) {
        for piece in pieces {
            var rest = piece.text
            while let found = rest.firstRange(of: "postel-") {
                rest = rest[found.upperBound...]
                guard Switches.isInComment(piece.text[..<found.lowerBound]) else { continue }
                read(piece, piece.text[found.lowerBound...])
                break
            }
        }
    }

    /// What stands before a switch ends with what begins a comment, or goes on with one, in some format.
    private static func isInComment(_ before: Substring) -> Bool {
        let before = before.trimmed
        // A line of its own, inside a comment over several lines perhaps; PlantUML's comments.
        if before.isEmpty || before == "*" || before == "'" { return true }
        return openings.contains { before.hasSuffix($0) }
    }

    /// Markdown and HTML, TeX and Mermaid, `#`, C, reStructuredText, SQL, troff, Lisp; a member `"//"` of JSON, which
    /// has no comments.
    private static let openings = [
        "<!--", "%", "#", "//", "/*", "..", "--", "\\\"", ";", "//\": \"", "//\":\"", "comment\": \"", "[//]: # (",
    ]

    /// With the blanks around it.
    private static let longestOpening = 12

    private mutating func read(_ piece: Piece, _ text: Substring) {
        let words = Switches.words(of: text)
        guard let command = words.first else { return }
        switch command {
        case "postel-disable-line", "postel-disable-next-line", "postel-disable", "postel-enable": break
        default: return
        }
        if piece.text[..<text.startIndex].utf8.count <= Switches.longestOpening { comments.insert(piece.line) }
        var codes: Set<DiagnosticCode> = []
        for word in words.dropFirst() {
            if let code = DiagnosticCode(name: word) {
                codes.insert(code)
            } else if unknown.count < Switches.mostUnknown {
                unknown.append(UnknownWord(word: piece.part(word), command: command))
            }
        }
        // A word that was meant to be a code must not switch off all.
        if codes.isEmpty, words.count > 1 { return }
        let affected = codes.isEmpty ? nil : codes
        switch command {
        case "postel-disable-line": lines[piece.line, default: []].append(affected)
        case "postel-disable-next-line": lines[piece.line + 1, default: []].append(affected)
        case "postel-disable": change(affected, Change(line: piece.line, isOff: true))
        default: change(affected, Change(line: piece.line + 1, isOff: false))
        }
    }

    private mutating func change(_ codes: Set<DiagnosticCode>?, _ change: Change) {
        guard let codes else { return changesOfAll.append(change) }
        for code in codes { changes[code, default: []].append(change) }
    }

    /// The command and the words behind it, up to the end of the comment or to a remark.
    private static func words(of text: Substring) -> [Substring] {
        var words: [Substring] = []
        for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            if word.hasPrefix("--") || word.hasPrefix("*/") { break }
            let name = word.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
            let end = name.firstRange(of: "--")?.lowerBound ?? name.endIndex
            guard end > name.startIndex else { break }
            words.append(name[..<end])
            if end < word.endIndex, word[end] != ":" { break }
        }
        return words
    }

    func isOff(_ code: DiagnosticCode, at line: Int) -> Bool {
        if lines[line]?.contains(where: { $0?.contains(code) ?? true }) ?? false { return true }
        let all = Switches.last(changesOfAll, at: line)
        let one = changes[code].flatMap { Switches.last($0, at: line) }
        guard let one else { return all?.isOff ?? false }
        guard let all, all.line > one.line else { return one.isOff }
        return all.isOff
    }

    /// The last change at or before a line.
    private static func last(_ changes: [Change], at line: Int) -> Change? {
        let next = changes.partitioningIndex { $0.line > line }
        return next > 0 ? changes[next - 1] : nil
    }
}
