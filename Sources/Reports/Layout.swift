/// The columns of a table: as wide as their widest cell so far.
struct Layout {
    struct Column {
        let title: String
        var isRight = false
        /// To how many columns it may shrink where the terminal is narrow; nil for a column that does not.
        var least: Int?

        /// Text: at the left edge.
        static func left(_ title: String) -> Column { Column(title: title) }
        /// Numbers: at the right edge.
        static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
        /// Sockets: long ones lose their middle where room is short.
        static func socket(_ title: String) -> Column {
            Column(title: title, least: "255.255.255.255:65535".count)
        }
    }

    private let columns: [Column]
    private let indent: Int
    private var widths: [Int]
    private var isSqueezed = false
    private static let gap = 2

    init(_ columns: [Column], indent: Int = 0) {
        self.columns = columns
        self.indent = indent
        widths = columns.map(\.title.count)
    }

    /// Makes the columns wide enough for a row.
    mutating func fit(_ row: [Cell]) {
        for (place, cell) in row.enumerated() { widths[place] = max(widths[place], cell.text.count) }
    }

    /// Takes room from the columns that may shrink, so that more of the others is seen.
    mutating func squeeze(into width: Int?) {
        guard let width else { return }
        var excess = indent + widths.reduce(0, +) + Layout.gap * (widths.count - 1) - width
        for place in columns.indices {
            guard let least = columns[place].least, excess > 0, widths[place] > least else { continue }
            let given = min(excess, widths[place] - least)
            widths[place] -= given
            excess -= given
            isSqueezed = true
        }
    }

    /// The text of a cell, without its middle where its column has been squeezed below it.
    private func text(_ cell: Cell, _ place: Int) -> String {
        guard isSqueezed, columns[place].least != nil, cell.text.count > widths[place] else { return cell.text }
        let kept = widths[place] - 1
        return cell.text.prefix(kept / 2) + "…" + cell.text.suffix(kept - kept / 2)
    }

    /// The titles of the columns.
    func writeTitles(_ style: TableStyle, to buffer: inout ByteBuffer) {
        write(columns.map { Cell($0.title, .bold) }, style, to: &buffer)
    }

    /// A row; it ends with its last cell that is not empty, or where the terminal does.
    func write(_ row: [Cell], _ style: TableStyle, to buffer: inout ByteBuffer) {
        var room = style.width ?? Int.max
        var spaces = indent
        for (place, cell) in row.enumerated() {
            let text = text(cell, place)
            let missing = max(widths[place] - text.count, 0)
            let isRight = columns[place].isRight
            if !text.isEmpty {
                spaces += isRight ? missing : 0
                guard spaces < room else { break }
                buffer.put(UInt8(ascii: " "), times: spaces)
                room -= spaces
                guard text.count <= room else {
                    style.write(text.prefix(room - 1) + "…", in: cell.color, to: &buffer)
                    break
                }
                style.write(text, in: cell.color, to: &buffer)
                room -= text.count
                spaces = isRight ? 0 : missing
            } else {
                spaces += missing
            }
            spaces += Layout.gap
        }
        buffer.put(UInt8(ascii: "\n"))
    }
}
