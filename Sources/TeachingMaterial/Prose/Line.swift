/// A line of prose without its marks: what kind of line it is, and what it says.
struct Line: Sendable {
    enum Kind: Sendable {
        case text, item, heading
        /// A row of netstat, a prompt: no prose.
        case data
        /// `----`, `====`.
        case rule
        /// A time stamp of a transcript.
        case skip
    }

    var kind: Kind = .text
    /// Of a heading: 1 for the title. Deeper ones stand below it.
    var level = 1
    /// An item with a number in front.
    var isNumbered = false
    var content: Piece

    init?(_ piece: Piece) {
        content = piece.trimmed
        stripQuotes()
        guard let first = content.text.utf8.first else { return nil }
        let bytes = content.text.utf8
        if first == 46, stripRequest() { return }
        if Line.isTimeStamp(content.text) {
            kind = .skip
            return
        }
        stripTimeStamp()
        if bytes.count <= 200,
            bytes.allSatisfy({
                $0 == 45 || $0 == 61 || $0 == 42 || $0 == 95 || $0 == 32 || $0 == 126 || $0 == 124 || $0 == 43
            })
        {
            kind = .rule
            return
        }
        if Line.isData(content.text) {
            kind = .data
            return
        }
        if first == 35 {
            kind = .heading
            level = content.text.utf8.prefix { $0 == 35 }.count
            strip { $0 == "#" || $0.isBlank }
            stripEnd { $0 == "#" || $0 == "=" || $0.isBlank }
        } else {
            stripMarker()
        }
        if content.text.isEmpty { return nil }
    }

    private mutating func strip(_ isMark: (Unicode.Scalar) -> Bool) {
        content = content.part(Substring(content.text.unicodeScalars.drop(while: isMark)))
    }

    private mutating func stripEnd(_ isMark: (Unicode.Scalar) -> Bool) {
        var scalars = content.text.unicodeScalars
        while let last = scalars.last, isMark(last) { scalars.removeLast() }
        content = content.part(content.text.prefix(upTo: scalars.endIndex))
    }

    /// Quotation marks of Markdown, marks of comments.
    private mutating func stripQuotes() {
        while let first = content.text.unicodeScalars.first, first == ">" || first == "|" {
            strip { $0 == ">" || $0 == "|" || $0.isBlank }
        }
        for mark in ["///", "//", "--", "/*", "*/", ";;", "%", "\u{2502}"] where content.text.hasPrefix(mark) {
            if mark == "--", content.text.hasPrefix("---") { continue }
            content = content.part(content.text.dropFirst(mark.count)).trimmed
            break
        }
    }

    /// A request of troff; false if it is none. Names after a dot stay, as text.
    private mutating func stripRequest() -> Bool {
        let text = content.text
        let word = text.dropFirst().prefix { $0.isLetter }
        guard !word.isEmpty, word.count <= 2, word.allSatisfy({ $0.isUppercase || "bir".contains($0) }) else {
            return false
        }
        let rest = text.dropFirst(1 + word.count)
        guard rest.isEmpty || rest.first == " " else { return false }
        switch word {
        case "SH", "SS":
            kind = .heading
            level = word == "SH" ? 1 : 2
        case "TP", "PP", "P", "IP", "LP", "br", "RS", "RE", "HP", "TQ", "sp":
            kind = rest.trimmed.isEmpty ? .rule : .item
        default: kind = .text
        }
        content = content.part(rest).trimmed
        if content.text.isEmpty { kind = .rule }
        if content.text.hasPrefix("\"") { content = content.part(content.text.dropFirst().prefix { $0 != "\"" }) }
        return true
    }

    /// `-`, `*`, `1.`, `a)`, `①` and the like.
    private mutating func stripMarker() {
        let scalars = content.text.unicodeScalars
        guard let first = scalars.first else { return }
        let rest = scalars.dropFirst()
        switch first {
        case "-", "+", "\u{2022}", "\u{25CF}", "\u{25AA}", "\u{25E6}", "\u{B7}", "\u{2013}", "\u{30FB}", "\u{25A0}",
            "\u{25C6}", "\u{25CB}", "\u{203B}", "\u{25B6}", "\u{2192}":
            kind = .item
            strip { $0 == first || $0.isBlank }
            if content.text.hasPrefix("[ ]") || content.text.hasPrefix("[x]") {
                content = content.part(content.text.dropFirst(3)).trimmed
            }
        case "*" where rest.first.map(\.isBlank) == true:
            kind = .item
            strip { $0 == "*" || $0.isBlank }
        case "\u{2460}"..."\u{2473}":
            kind = .item
            isNumbered = true
            strip { ("\u{2460}"..."\u{2473}").contains($0) || $0.isBlank || $0 == "." }
        case "0"..."9", "(":
            var digits = first == "(" ? rest : scalars[...]
            let count = digits.prefix { $0.value >= 48 && $0.value <= 57 }.count
            guard count > 0, count <= 2 else { return }
            digits = digits.dropFirst(count)
            guard let mark = digits.first,
                mark == "." || mark == ")" || mark == "\u{3001}" || mark == "\u{FF09}" || mark == "\u{FF0E}"
            else { return }
            let after = digits.dropFirst()
            guard mark != "." || after.first.map({ $0.isBlank || !($0.value >= 48 && $0.value <= 57) }) ?? false else {
                return
            }
            kind = .item
            isNumbered = true
            content = content.part(Substring(after)).trimmed
        default: break
        }
    }

    // MARK: What is no prose

    private static func isTimeStamp(_ text: Substring) -> Bool {
        let bytes = text.utf8
        return bytes.count <= 12 && bytes.contains(58)
            && bytes.allSatisfy { ($0 >= 48 && $0 <= 58) || $0 == 46 || $0 == 91 || $0 == 93 || $0 == 44 }
    }

    private mutating func stripTimeStamp() {
        let bytes = Array(content.text.utf8.prefix(9))
        guard bytes.count > 5, bytes[0] >= 48, bytes[0] <= 57, bytes.contains(58) else { return }
        let stamp = content.text.prefix { ($0 >= "0" && $0 <= "9") || $0 == ":" }
        let rest = content.text.dropFirst(stamp.count)
        guard stamp.count >= 5, stamp.count <= 8, rest.first == " " else { return }
        content = content.part(rest).trimmed
    }

    /// Rows of netstat, ss and lsof, prompts, commands.
    private static func isData(_ text: Substring) -> Bool {
        for prefix in [
            "$ ", "C:\\", "C:>", "PS ", "~$", "root@", "unix ", "Proto ", "Netid", "Active Internet", "Active UNIX",
        ] where text.hasPrefix(prefix) { return true }
        let words = text.split(maxSplits: 7, whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 3, let first = words.first else { return false }
        let isProtocol = ["tcp", "udp", "tcp4", "tcp6", "udp4", "udp6", "TCP", "UDP", "unix", "raw", "tcp46", "udp46"]
            .contains(first)
        let numbered = words.count {
            $0.utf8.contains(58) && $0.utf8.last.map { ($0 >= 48 && $0 <= 57) || $0 == 42 } == true
                && $0.utf8.count >= 3
        }
        let isAddress =
            numbered >= 2 || (numbered >= 1 && words.contains { $0.hasSuffix(":*") || $0 == "*:*" || $0 == "*.*" })
        if isProtocol { return words.count >= 4 && (isAddress || words[1].allSatisfy(\.isNumber)) }
        return isAddress && words.count >= 4
    }
}
