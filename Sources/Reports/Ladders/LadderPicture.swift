public import Simulation
import TCPStateMachine

/// A ladder as a picture (SVG 1.1): the two ends' lines of time, the states beside them, segments as arrows from their
/// departure to their arrival. What is lost ends in a cross.
public struct LadderPicture: Sendable {
    /// The remarks of the scenario, by number.
    public var remarks: [String]

    public init(remarks: [String] = []) {
        self.remarks = remarks
    }

    /// Measures in pixels.
    private enum Measure {
        static let width = 860
        static let left = 240
        static let right = 620
        static let top = 76
        static let line = 40
        static let stateHeight = 24
        static let stateWidth = 124
        static let gap = 14
        static let timeColumn = 16
    }

    private enum Color {
        static let text = "#10233b"
        static let arrow = "#1f3a5f"
        static let loss = "#c0392b"
        static let lifeline = "#8a97a8"
        static let faint = "#6b7787"
    }

    /// The picture as a text of its own.
    public func render(_ ladder: Ladder, title: String?) -> String {
        let height = Measure.top + ladder.rows.count * Measure.line + 28
        var svg = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Measure.width)" height="\(height)" \
            viewBox="0 0 \(Measure.width) \(height)" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" \
            font-size="13">
            <defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" \
            orient="auto"><path d="M0 0L10 5L0 10z" fill="\(Color.arrow)"/></marker></defs>
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        if let title {
            svg += text(title, x: Measure.width / 2, y: 26, anchor: "middle", size: 15, weight: "bold")
        }
        for (end, x) in [("TCP A", Measure.left), ("TCP B", Measure.right)] {
            svg += text(end, x: x, y: 52, anchor: "middle", weight: "bold")
            svg += line(x, 62, x, height - 16, color: Color.lifeline, width: 2)
        }
        let places = SegmentPlaces(in: ladder)
        for index in ladder.rows.indices { svg += arrow(of: index, ladder, places) }
        for index in ladder.rows.indices { svg += cells(of: index, ladder) }
        return svg + "</svg>\n"
    }

    private func height(of index: Int) -> Int { Measure.top + index * Measure.line + Measure.line / 2 }

    // MARK: Arrows

    /// The arrow of a row, if its segment departs there or, having departed nowhere, arrives there.
    private func arrow(of index: Int, _ ladder: Ladder, _ places: SegmentPlaces) -> String {
        guard let arrow = ladder.rows[index].arrow else { return "" }
        let sent = ladder.segments[Int(arrow.number)]
        let isFromA = sent.from == .a
        let (departure, arrival) = isFromA ? (arrow.a, arrow.b) : (arrow.b, arrow.a)
        let (from, to) = isFromA ? (Measure.left, Measure.right) : (Measure.right, Measure.left)
        let y = height(of: index)
        let label = SegmentNotation.text(sent.segment)
        if departure == .inNetwork {
            // What came out of the network by itself begins in the middle of it.
            guard places.first[arrow.number] == index else { return "" }
            let middle = (from + to) / 2
            return segment(middle, y - 10, to, y, label: label, isLost: arrival == .lost, isStray: true)
        }
        guard arrival == .inNetwork else {
            let end = arrival == .lost ? from + (to - from) * 3 / 4 : to
            return segment(from, y, end, y, label: label, isLost: arrival == .lost, isStray: false)
        }
        guard let place = places.last[arrow.number], place > index else {
            return segment(from, y, from + (to - from) / 2, y, label: label, isLost: false, isStray: true)
        }
        let row = ladder.rows[place].arrow
        let isLost = (isFromA ? row?.b : row?.a) == .lost
        return segment(from, y, to, height(of: place), label: label, isLost: isLost, isStray: false)
    }

    /// A line with a head or a cross, and what it says.
    private func segment(
        _ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, label: String, isLost: Bool, isStray: Bool
    ) -> String {
        let direction = x2 > x1 ? 1 : -1
        let (startX, endX) = (x1 + direction * 4, x2 - direction * 4)
        var svg = #"<line x1="\#(startX)" y1="\#(y1)" x2="\#(endX)" y2="\#(y2)" "#
            + #"stroke="\#(Color.arrow)" stroke-width="1.5""#
        if isStray { svg += #" stroke-dasharray="5 4""# }
        svg += isLost ? "/>\n" : " marker-end=\"url(#head)\"/>\n"
        if isLost {
            svg += line(endX - 6, y2 - 6, endX + 6, y2 + 6, color: Color.loss, width: 2)
            svg += line(endX - 6, y2 + 6, endX + 6, y2 - 6, color: Color.loss, width: 2)
        }
        // Beside its departure: what crosses it has its own line, and there its own words.
        let center = (Measure.left + Measure.right) / 2
        svg += #"<text x="\#(center)" y="\#(y1 - 5)" text-anchor="middle" font-size="11" fill="\#(Color.text)""#
        // A white edge keeps it readable where another arrow passes behind it.
        svg += #" stroke="white" stroke-width="3" paint-order="stroke""#
        return svg + ">\(escaped(label))</text>\n"
    }

    // MARK: States

    private func cells(of index: Int, _ ladder: Ladder) -> String {
        let row = ladder.rows[index]
        let y = height(of: index)
        var svg = ""
        for (cell, x) in [
            (row.a, Measure.left - Measure.gap - Measure.stateWidth), (row.b, Measure.right + Measure.gap),
        ] {
            if let comment = cell.comment {
                let words = LadderWords.text(of: comment, remarks: remarks)
                let center = x + Measure.stateWidth / 2
                svg += text(words, x: center, y: y + 5, anchor: "middle", size: 12, style: "italic")
            } else if cell.showsState {
                svg += box(cell.state, x: x, y: y)
            }
        }
        let time = LadderText.seconds(row.time, places: LadderText.places(of: row.time))
        svg += text(time + " s", x: Measure.timeColumn, y: y + 4, size: 11, color: Color.faint)
        if ladder.hasSeveralConnections, row.arrow != nil {
            let ports = "\(row.ports.a):\(row.ports.b)"
            svg += text(ports, x: Measure.width - 8, y: y + 4, anchor: "end", size: 10, color: Color.faint)
        }
        return svg
    }

    private func box(_ state: State, x: Int, y: Int) -> String {
        let top = y - Measure.stateHeight / 2
        return #"<rect x="\#(x)" y="\#(top)" width="\#(Measure.stateWidth)" height="\#(Measure.stateHeight)" rx="4" "#
            + "fill=\"\(color(of: state))\" stroke=\"#5b6b7f\" stroke-width=\"0.8\"/>\n"
            + text(state.name, x: x + Measure.stateWidth / 2, y: y + 5, anchor: "middle")
    }

    /// Opening, open, closing and closed are told apart at a glance.
    private func color(of state: State) -> String {
        switch state {
        case .closed: "#eceff3"
        case .listen: "#e3ecfa"
        case .synSent, .synReceived: "#fdf3d0"
        case .established: "#d9f2dd"
        case .finWait1, .finWait2, .closing: "#fde3cf"
        case .closeWait, .lastAck: "#f6dcec"
        case .timeWait: "#e4dcf5"
        }
    }

    // MARK: Elements

    private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, color: String, width: Int) -> String {
        #"<line x1="\#(x1)" y1="\#(y1)" x2="\#(x2)" y2="\#(y2)" stroke="\#(color)" stroke-width="\#(width)"/>"# + "\n"
    }

    private func text(
        _ words: String, x: Int, y: Int, anchor: String = "start", size: Int = 13, weight: String = "normal",
        style: String = "normal", color: String = Color.text
    ) -> String {
        #"<text x="\#(x)" y="\#(y)" text-anchor="\#(anchor)" font-size="\#(size)" font-weight="\#(weight)" "#
            + "font-style=\"\(style)\" fill=\"\(color)\">\(escaped(words))</text>\n"
    }

    /// Whatever a scenario says must not become markup; what XML cannot hold is left out.
    private func escaped(_ words: String) -> String {
        var result = ""
        for scalar in words.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            default:
                guard scalar.value >= 0x20, scalar.value != 0xFFFE, scalar.value != 0xFFFF else { continue }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The first and the last row of each segment.
private struct SegmentPlaces {
    var first: [Int32: Int] = [:]
    var last: [Int32: Int] = [:]

    init(in ladder: Ladder) {
        for (index, row) in ladder.rows.enumerated() {
            guard let number = row.arrow?.number else { continue }
            if first[number] == nil { first[number] = index }
            last[number] = index
        }
    }
}
