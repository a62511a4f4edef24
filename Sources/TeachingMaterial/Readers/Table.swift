/// A table: cells that know where they stand.
struct Table: Sendable {
    var header: [Piece]
    var rows: [[Piece]]
    /// Where it begins.
    var place: Place

    /// All rows have been read as transitions or as reachable pairs; otherwise they are prose.
    var width: Int { max(header.count, rows.map(\.count).max() ?? 0) }

    func cell(_ row: Int, _ column: Int) -> Piece? {
        rows[row].indices.contains(column) ? rows[row][column] : nil
    }
}

/// Finds tables in lines.
enum TableReader {
    /// A Markdown table that begins at a line: rows of cells between `|`.
    ///
    /// - Returns: the table and the line after it; nil if none begins there.
    static func pipes(_ pieces: [Piece], from begin: Int) -> (table: Table, end: Int)? {
        guard begin + 1 < pieces.count, pieces[begin].text.utf8.contains(UInt8(ascii: "|")) else { return nil }
        // The rule stands in the first line or the second; a run of nothing but rules has been looked at before.
        let isRuled = isRule(pieces[begin].text)
        guard isRuled || isRule(pieces[begin + 1].text) else { return nil }
        if isRuled, begin > 0, isRule(pieces[begin - 1].text) { return nil }
        var end = begin
        while end < pieces.count, pieces[end].text.utf8.contains(UInt8(ascii: "|")), !pieces[end].isBlank { end += 1 }
        let lines = Array(pieces[begin..<end])
        guard lines.count >= 3 || lines.count == 2 && isRule(lines[1].text),
            let rule = lines.firstIndex(where: { isRule($0.text) }), rule <= 1
        else { return nil }
        let header = rule == 1 ? cells(lines[0]) : []
        let rows = lines.dropFirst(rule + 1).filter { !isRule($0.text) }.map(cells)
        guard !rows.isEmpty else { return nil }
        return (Table(header: header, rows: rows, place: lines[0].trimmed.place), end)
    }

    /// `|---|:--:|`, or a border of `+---+---+`.
    static func isRule(_ text: Substring) -> Bool {
        let text = text.trimmed
        guard text.utf8.contains(UInt8(ascii: "-")) || text.utf8.contains(UInt8(ascii: "=")) else { return false }
        return text.utf8.allSatisfy { "|-:+= \t".utf8.contains($0) }
    }

    private static func cells(_ line: Piece) -> [Piece] {
        var text = line.text.trimmed
        if text.hasPrefix("|") { text = text.dropFirst() }
        if text.hasSuffix("|"), !text.hasSuffix("\\|") { text = text.dropLast() }
        var cells: [Piece] = []
        var begin = text.startIndex
        var index = text.startIndex
        var inCode = false
        while index < text.endIndex {
            let character = text[index]
            if character == "`" { inCode.toggle() }
            let isEscaped = index > text.startIndex && text[text.index(before: index)] == "\\"
            if character == "|", !isEscaped {
                cells.append(line.part(text[begin..<index].trimmed))
                begin = text.index(after: index)
            }
            index = text.index(after: index)
        }
        cells.append(line.part(text[begin...].trimmed))
        return cells
    }

    /// Rows of cells between commas, semicolons or tabs (RFC 4180, and what spreadsheets make of it).
    static func delimited(_ pieces: [Piece]) -> Table? {
        let lines = pieces.filter { !$0.isBlank && !$0.text.hasPrefix("#") && !$0.text.trimmed.hasPrefix(":") }
        guard lines.count >= 2 else { return nil }
        let counts = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")].map { mark in
            lines.prefix(20).map { line in line.text.utf8.count { $0 == mark } }
        }
        let marks: [Character] = ["\t", ";", ","]
        guard let chosen = counts.indices.first(where: { counts[$0].allSatisfy { $0 >= 1 } }) else { return nil }
        let rows = lines.map { quotedCells($0, by: marks[chosen]) }
        return Table(header: [], rows: rows, place: lines[0].place)
    }

    private static func quotedCells(_ line: Piece, by mark: Character) -> [Piece] {
        var cells: [Piece] = []
        var begin = line.text.startIndex
        var inQuotes = false
        func cell(_ end: Substring.Index) -> Piece {
            var text = line.text[begin..<end].trimmed
            if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
            return line.part(text)
        }
        for index in line.text.indices {
            let character = line.text[index]
            if character == "\"" { inQuotes.toggle() }
            if character == mark, !inQuotes {
                cells.append(cell(index))
                begin = line.text.index(after: index)
            }
        }
        cells.append(cell(line.text.endIndex))
        return cells
    }

    /// Columns that are aligned by two blanks or more, or by tabs: at least three lines that agree in their number.
    static func aligned(_ pieces: [Piece]) -> Table? {
        let lines = pieces.filter { !$0.isBlank && !isRule($0.text) }
        guard lines.count >= 3 else { return nil }
        let rows = lines.map { line -> [Piece] in
            var cells: [Piece] = []
            var rest = line.text.trimmed
            while !rest.isEmpty {
                let end = rest.firstRange(of: "  ")?.lowerBound ?? rest.endIndex
                let tab = rest.firstRange(of: "\t")?.lowerBound ?? rest.endIndex
                let cut = min(end, tab)
                cells.append(line.part(rest[..<cut].trimmed))
                rest = rest[cut...].trimmed
            }
            return cells
        }
        if let matrix = matrix(lines, header: rows[0]) { return matrix }
        let width = rows.dropFirst().map(\.count).max() ?? 0
        let body = rows.dropFirst()
        guard width >= 3, body.count(where: { $0.count == width }) * 5 >= body.count * 4 else { return nil }
        var header = rows[0]
        // A matrix has nothing over its first column.
        if header.count == width - 1, let first = lines.first { header.insert(first.part(first.text.prefix(0)), at: 0) }
        return Table(header: header, rows: body.filter { $0.count == width }, place: lines[0].place)
    }

    /// A matrix whose columns may be one blank apart: each row is a state and one word for each heading.
    private static func matrix(_ lines: [Piece], header: [Piece]) -> Table? {
        guard header.count >= 3 else { return nil }
        // The corner may have a word of its own.
        let heads = StateName(header[0].text) == nil && EdgeLabel(header[0].text).isEmpty ? header : nil
        for count in [header.count, header.count - 1] where count == header.count || heads != nil {
            let rows = lines.dropFirst().map { line in
                line.text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { line.part($0) }
            }
            guard rows.allSatisfy({ $0.count == count + 1 }),
                rows.allSatisfy({ row in
                    StateName(row[0].text)?.state != nil
                        && row.dropFirst().allSatisfy { StateName($0.text) != nil || TableMachine.isNothing($0.text) }
                })
            else { continue }
            let corner = lines[0].part(lines[0].text.prefix(0))
            let head = count == header.count ? [corner] + header : header
            return Table(header: head, rows: rows, place: lines[0].place)
        }
        return nil
    }
}
