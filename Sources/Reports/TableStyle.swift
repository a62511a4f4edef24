import Flows
import TCPStateMachine

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
