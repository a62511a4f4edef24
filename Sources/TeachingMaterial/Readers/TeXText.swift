/// What LaTeX, and mathematics in Markdown and reStructuredText, write in commands: arrows, escapes, tables.
enum TeXText {
    /// A line with its arrows and escapes as plain signs; its columns are then those of the plain text.
    static func plain(_ piece: Piece) -> Piece {
        guard piece.text.utf8.contains(UInt8(ascii: "\\")) else { return piece }
        var text = piece.text
        for (command, sign) in signs where text.has(command) {
            text = Substring(text.parts(separatedBy: command).joined(separator: sign))
        }
        guard text != piece.text else { return piece }
        return Piece(line: piece.line, whole: text, text: text)
    }

    /// Longer ones first.
    private static let signs = [
        (":math:`\\rightarrow`", "→"), (":math:`\\to`", "→"), (":math:`\\Rightarrow`", "→"),
        ("$\\longrightarrow$", "→"), ("$\\rightarrow$", "→"), ("$\\Rightarrow$", "→"), ("$\\to$", "→"),
        ("\\longrightarrow", "→"), ("\\textrightarrow", "→"), ("\\rightarrow", "→"), ("\\Rightarrow", "→"),
        ("\\item ", ""),
    ]

    /// The rows of a `tabular` that begins at a line, and the line after its end.
    static func table(_ pieces: [Piece], from begin: Int) -> (table: Table, end: Int)? {
        let head = pieces[begin].text.trimmed
        guard head.hasPrefix("\\begin{tab") || head.hasPrefix("\\begin{longtable") else { return nil }
        var rows: [[Piece]] = []
        var end = begin + 1
        while end < pieces.count, end - begin < 2_000 {
            let line = pieces[end].text.trimmed
            if line.hasPrefix("\\end{") || line.hasPrefix("\\begin{") { break }
            if line.utf8.contains(UInt8(ascii: "&")) { rows.append(cells(pieces[end])) }
            end += 1
        }
        guard rows.count >= 2, let first = rows.first else { return nil }
        return (Table(header: first, rows: Array(rows.dropFirst()), place: pieces[begin].trimmed.place), end + 1)
    }

    private static func cells(_ line: Piece) -> [Piece] {
        var text = line.text
        if let end = text.firstRange(of: "\\\\") { text = text[..<end.lowerBound] }
        return text.split(separator: "&", omittingEmptySubsequences: false).map { cell in
            var cell = cell.trimmed
            while cell.hasPrefix("\\"), let space = cell.firstIndex(where: { $0 == " " || $0 == "{" }) {
                // \textbf{LISTEN}, \hline LISTEN
                cell = cell[cell.index(after: space)...].trimmed
            }
            if cell.hasSuffix("}") { cell = cell.dropLast() }
            return line.part(cell == "---" || cell == "--" ? cell.prefix(1) : cell)
        }
    }
}
