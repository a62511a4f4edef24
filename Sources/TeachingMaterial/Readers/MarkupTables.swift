/// Tables of HTML, AsciiDoc and reStructuredText.
enum MarkupTables {
    /// A table that begins at a line, and the line after it.
    static func table(_ pieces: [Piece], from begin: Int) -> (table: Table, end: Int)? {
        let text = pieces[begin].text
        if text.utf8.contains(UInt8(ascii: "<")), let table = html(pieces, begin) { return table }
        switch text.trimmed.utf8.first {
        case UInt8(ascii: "|"): return asciiDoc(pieces, begin)
        case UInt8(ascii: "+"): return grid(pieces, begin)
        case UInt8(ascii: "="): return simple(pieces, begin)
        case UInt8(ascii: "."): return listTable(pieces, begin)
        default: return nil
        }
    }

    // MARK: HTML

    private static func html(_ pieces: [Piece], _ begin: Int) -> (Table, Int)? {
        guard pieces[begin].text.has("<table") else { return nil }
        var rows: [[Piece]] = []
        var header: [Piece] = []
        var isHead = false
        var cell: Piece?
        var isOpen = false
        var end = begin
        while end < pieces.count, end - begin < 4_000 {
            var rest = pieces[end].text
            while let open = rest.firstIndex(of: "<") {
                if let begun = cell, begun.text.isEmpty, !rest[..<open].trimmed.isEmpty {
                    cell = pieces[end].part(rest[..<open].trimmed)
                }
                let after = rest[rest.index(after: open)...]
                let close = after.firstIndex(of: ">") ?? after.endIndex
                let tag = after[..<close].lowercased()
                rest = close < after.endIndex ? after[after.index(after: close)...] : after[close...]
                if tag == "table" || tag.hasPrefix("table ") {
                    // Of tables in tables, and of those that nobody closes, only the innermost and the last are read.
                    if isOpen { return nil }
                    isOpen = true
                } else if tag == "tr" || tag.hasPrefix("tr ") {
                    rows.append([])
                    isHead = false
                } else if tag == "td" || tag.hasPrefix("td ") || tag == "th" || tag.hasPrefix("th ") {
                    if tag.hasPrefix("th") { isHead = true }
                    cell = pieces[end].part(rest.prefix(0))
                } else if tag == "/td" || tag == "/th" {
                    if rows.isEmpty { rows.append([]) }
                    if let cell { rows[rows.count - 1].append(cell) }
                    cell = nil
                } else if tag == "/tr", isHead, header.isEmpty, let last = rows.popLast() {
                    header = last
                } else if tag == "/table" {
                    return finish(header, rows, pieces[begin], end + 1)
                }
            }
            if let begun = cell, begun.text.isEmpty, !rest.trimmed.isEmpty { cell = pieces[end].part(rest.trimmed) }
            end += 1
        }
        return finish(header, rows, pieces[begin], end)
    }

    private static func finish(_ header: [Piece], _ rows: [[Piece]], _ begin: Piece, _ end: Int) -> (Table, Int)? {
        let filled = rows.filter { !$0.isEmpty }
        guard !filled.isEmpty else { return nil }
        return (Table(header: header, rows: filled, place: begin.trimmed.place), end)
    }

    // MARK: AsciiDoc

    private static func asciiDoc(_ pieces: [Piece], _ begin: Int) -> (Table, Int)? {
        guard pieces[begin].text.trimmed == "|===" else { return nil }
        var rows: [[Piece]] = []
        var single: [Piece] = []
        var end = begin + 1
        while end < pieces.count, pieces[end].text.trimmed != "|===" {
            let line = pieces[end].text.trimmed
            if line.hasPrefix("|") {
                let cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false).map {
                    pieces[end].part($0.trimmed)
                }
                if cells.count == 1 { single += cells } else { rows.append(cells) }
            } else if line.isEmpty, !single.isEmpty {
                rows.append(single)
                single = []
            }
            end += 1
        }
        if !single.isEmpty { rows.append(single) }
        guard rows.count >= 2 else { return nil }
        return (
            Table(header: rows[0], rows: Array(rows.dropFirst()), place: pieces[begin].place),
            min(end + 1, pieces.count)
        )
    }

    // MARK: reStructuredText

    /// `+---+---+` around every row.
    private static func grid(_ pieces: [Piece], _ begin: Int) -> (Table, Int)? {
        let border = pieces[begin].text.trimmed
        guard border.hasPrefix("+-"), border.hasSuffix("+"), TableReader.isRule(border) else { return nil }
        var rows: [[Piece]] = []
        var row: [Piece] = []
        var hasHeader = false
        var end = begin + 1
        while end < pieces.count {
            let line = pieces[end].text.trimmed
            if line.hasPrefix("+"), TableReader.isRule(line) {
                // A table whose rows differ ends before the first that does.
                if row.isEmpty || row.count != rows.first?.count ?? row.count { break }
                rows.append(row)
                if line.utf8.contains(UInt8(ascii: "=")), rows.count == 1 { hasHeader = true }
                row = []
            } else if line.hasPrefix("|") {
                let cells = line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
                    pieces[end].part($0.trimmed)
                }
                // A cell that goes on in the next line keeps its first.
                if row.isEmpty { row = cells }
            } else {
                break
            }
            end += 1
        }
        guard rows.count >= 2, rows[0].count >= 2 else { return nil }
        let names = rows[0].contains { StateName(TableMachine.plainName($0.text)) != nil }
        if hasHeader || !names {
            return (Table(header: rows[0], rows: Array(rows.dropFirst()), place: pieces[begin].trimmed.place), end)
        }
        return (Table(header: [], rows: rows, place: pieces[begin].trimmed.place), end)
    }

    /// Columns under `====  ====`.
    private static func simple(_ pieces: [Piece], _ begin: Int) -> (Table, Int)? {
        let border = pieces[begin].text
        guard isSimpleBorder(border) else { return nil }
        let columns = starts(of: border)
        guard columns.count >= 2 else { return nil }
        var borders = [begin]
        var end = begin + 1
        while end < pieces.count, borders.count < 3, end - begin < 400 {
            if isSimpleBorder(pieces[end].text) { borders.append(end) }
            end += 1
        }
        guard let last = borders.last, borders.count >= 2 else { return nil }
        func cells(_ line: Piece) -> [Piece] {
            let scalars = line.text.unicodeScalars
            return columns.enumerated().map { index, start in
                let from =
                    scalars.index(scalars.startIndex, offsetBy: start, limitedBy: scalars.endIndex) ?? scalars.endIndex
                let stop = index + 1 < columns.count ? columns[index + 1] : scalars.count
                let to =
                    scalars.index(scalars.startIndex, offsetBy: stop, limitedBy: scalars.endIndex) ?? scalars.endIndex
                return line.part(line.text[from..<max(from, to)].trimmed)
            }
        }
        let hasHeader = borders.count == 3
        let header = hasHeader && borders[1] > begin + 1 ? cells(pieces[begin + 1]) : []
        let body = (hasHeader ? borders[1] + 1 : begin + 1)..<last
        let rows = body.map { pieces[$0] }.filter { !$0.isBlank }.map(cells)
        guard !rows.isEmpty else { return nil }
        return (Table(header: header, rows: rows, place: pieces[begin].trimmed.place), last + 1)
    }

    private static func isSimpleBorder(_ text: Substring) -> Bool {
        let text = text.trimmed
        return text.hasPrefix("==") && text.utf8.contains(32)
            && text.utf8.allSatisfy { $0 == 32 || $0 == UInt8(ascii: "=") }
    }

    private static func starts(of border: Substring) -> [Int] {
        var starts: [Int] = []
        var before: UInt8 = 32
        for (index, byte) in border.utf8.enumerated() {
            if byte != 32, before == 32 { starts.append(index) }
            before = byte
        }
        return starts
    }

    /// `.. list-table::` with `* - cell` and `  - cell`.
    private static func listTable(_ pieces: [Piece], _ begin: Int) -> (Table, Int)? {
        guard pieces[begin].text.trimmed.hasPrefix(".. list-table::") else { return nil }
        let indent = pieces[begin].indent
        var rows: [[Piece]] = []
        var end = begin + 1
        var headers = 0
        while end < pieces.count, pieces[end].isBlank || pieces[end].indent > indent {
            let line = pieces[end].trimmed
            if let count = line.text.dropping(prefix: ":header-rows:") { headers = Int(count.trimmed) ?? 0 }
            if line.text.hasPrefix("* -") {
                rows.append([line.part(line.text.dropFirst(3).trimmed)])
            } else if line.text.hasPrefix("-"), !rows.isEmpty {
                rows[rows.count - 1].append(line.part(line.text.dropFirst().trimmed))
            }
            end += 1
        }
        guard rows.count >= 2 else { return nil }
        let header = headers > 0 ? rows[0] : []
        return (
            Table(header: header, rows: Array(rows.dropFirst(headers > 0 ? 1 : 0)), place: pieces[begin].trimmed.place),
            end
        )
    }
}
