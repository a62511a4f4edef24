import Flows

/// How tables look here: colors and width of the terminal, if it is one.
struct TableStyle {
    var hasColors = false
    /// Lines are cut to this many columns; nil for no limit.
    var width: Int?
    /// Packets are written with the index of their file: there are several.
    var namesFiles = false

    /// Colors that stay readable on light and dark ground (ECMA-48).
    enum Color {
        case plain
        case bold
        case faint
        case red
        case yellow

        var code: StaticString {
            switch self {
            case .plain: ""
            case .bold: "\u{1B}[1m"
            case .faint: "\u{1B}[2m"
            case .red: "\u{1B}[31m"
            case .yellow: "\u{1B}[33m"
            }
        }

        init(_ severity: Severity) {
            switch severity {
            case .note: self = .faint
            case .warning: self = .yellow
            case .error: self = .red
            }
        }
    }

    /// Writes a text of so many columns in a color.
    func write(_ text: some Sequence<Character>, in color: Color, to buffer: inout ByteBuffer) {
        let isColored = hasColors && color != .plain
        if isColored { buffer.put(color.code) }
        for character in text { buffer.put(text: String(character)) }
        if isColored { buffer.put("\u{1B}[0m") }
    }
}

/// One cell of a table.
struct Cell {
    var text: String
    var color = TableStyle.Color.plain

    init(_ text: String, _ color: TableStyle.Color = .plain) {
        self.text = text
        self.color = color
    }
}

/// The columns of a table: as wide as their widest cell so far.
struct Layout {
    struct Column {
        let title: String
        let isRight: Bool

        /// Text: at the left edge.
        static func left(_ title: String) -> Column { Column(title: title, isRight: false) }
        /// Numbers: at the right edge.
        static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private let columns: [Column]
    private let indent: Int
    private var widths: [Int]
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

    /// The titles of the columns.
    func writeTitles(_ style: TableStyle, to buffer: inout ByteBuffer) {
        write(columns.map { Cell($0.title, .bold) }, style, to: &buffer)
    }

    /// A row; it ends with its last cell that is not empty, or where the terminal does.
    func write(_ row: [Cell], _ style: TableStyle, to buffer: inout ByteBuffer) {
        var room = style.width ?? Int.max
        var spaces = indent
        for (place, cell) in row.enumerated() {
            let missing = max(widths[place] - cell.text.count, 0)
            let isRight = columns[place].isRight
            if !cell.text.isEmpty {
                spaces += isRight ? missing : 0
                guard spaces < room else { break }
                buffer.put(UInt8(ascii: " "), times: spaces)
                room -= spaces
                guard cell.text.count <= room else {
                    style.write(cell.text.prefix(room - 1) + "…", in: cell.color, to: &buffer)
                    break
                }
                style.write(cell.text, in: cell.color, to: &buffer)
                room -= cell.text.count
                spaces = isRight ? 0 : missing
            } else {
                spaces += missing
            }
            spaces += Layout.gap
        }
        buffer.put(UInt8(ascii: "\n"))
    }
}
