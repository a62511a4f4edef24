public import Simulation
import TCPStateMachine

/// A ladder as text, in the layout of RFC 793 figures 7 to 14.
public struct LadderText: Sendable {
    /// The remarks of the scenario, by number.
    public var remarks: [String] = []
    /// The time of each line stands in front of it, in seconds.
    public var showsTimes = false
    public init(remarks: [String] = [], showsTimes: Bool = false) {
        self.remarks = remarks
        self.showsTimes = showsTimes
    }

    /// One line, in columns.
    private struct Line {
        var number = ""
        var time = ""
        var left = ""
        var leftMark = ""
        var segment = ""
        var rightMark = ""
        var right = ""
        var ports = ""
    }

    /// The whole ladder; every line ends with a line feed.
    public func render(_ ladder: Ladder) -> String {
        let (heading, rows) = layout(lines(of: ladder))
        return heading + "\n\n" + rows.map { $0 + "\n" }.joined()
    }

    /// One line for each row of the ladder.
    func rows(of ladder: Ladder) -> [String] { layout(lines(of: ladder)).rows }

    /// The last rows, in columns no wider than these need; without times where there is no room for them.
    func lastRows(_ count: Int, of ladder: Ladder, columns: Int) -> [String] {
        let lines = Array(lines(of: ladder).suffix(count))
        let rows = layout(lines).rows
        guard showsTimes, rows.contains(where: { $0.count > columns }) else { return rows }
        return LadderText(remarks: remarks).layout(lines).rows
    }

    private func layout(_ lines: [Line]) -> (heading: String, rows: [String]) {
        let numberWidth = lines.map(\.number.count).max() ?? 0
        let timeWidth = lines.map(\.time.count).max() ?? 0
        let leftWidth = lines.map(\.left.count).max() ?? 0
        let segmentWidth = lines.map(\.segment.count).max() ?? 0
        let rightWidth = lines.map(\.right.count).max() ?? 0
        let indent = numberWidth + 2 + (showsTimes ? timeWidth + 2 : 0)
        let between = leftWidth + 4 + segmentWidth + 6
        let rows = lines.map { line in
            var row = padded(line.number, numberWidth + 2)
            if showsTimes { row += padded("", timeWidth - line.time.count) + line.time + "  " }
            row += padded(line.left, leftWidth + 1) + padded(line.leftMark, 4)
            row += padded(line.segment, segmentWidth + 1) + padded(line.rightMark, 4)
            row += line.ports.isEmpty ? line.right : padded(line.right, rightWidth + 2) + line.ports
            return trimmed(row)
        }
        return (padded("", indent) + padded("TCP A", between) + "TCP B", rows)
    }

    private func lines(of ladder: Ladder) -> [Line] {
        var number = 0
        let places = ladder.rows.map { LadderText.places(of: $0.time) }.max() ?? 3
        return ladder.rows.map { row in
            var line = Line()
            if row.isNumbered {
                number += 1
                line.number = "\(number)."
            }
            line.time = LadderText.seconds(row.time, places: places)
            line.left = text(of: row.a)
            line.right = text(of: row.b)
            if let arrow = row.arrow {
                line.leftMark = arrow.a.rawValue
                line.rightMark = arrow.b.rawValue
                line.segment = SegmentNotation.text(ladder.segments[Int(arrow.number)].segment)
                if ladder.hasSeveralConnections { line.ports = "\(row.ports.a):\(row.ports.b)" }
            }
            return line
        }
    }

    private func text(of cell: Ladder.Cell) -> String {
        if let comment = cell.comment { return LadderWords.text(of: comment, remarks: remarks) }
        return cell.showsState ? cell.state.name : ""
    }

    /// With so many places, at most nine.
    static func seconds(_ time: VirtualTime, places: Int) -> String {
        let (whole, part) = time.nanoseconds.quotientAndRemainder(dividingBy: Duration.second)
        return "\(whole).\(String(part + Duration.second).dropFirst().prefix(places))"
    }

    /// Three, or as many as it takes to show all of a time.
    static func places(of time: VirtualTime) -> Int {
        var (part, places) = (time.nanoseconds % Duration.second, 9)
        while places > 3, part % 10 == 0 {
            part /= 10
            places -= 1
        }
        return places
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}

/// Comments in words.
enum LadderWords {
    static func text(of comment: Ladder.Comment, remarks: [String]) -> String {
        switch comment {
        case .close: "(Close)"
        case .shutdown: "(Shutdown)"
        case .abort: "(Abort)"
        case .crash: "(CRASH)"
        case .restart: "(Restart)"
        case .vanish: "(Vanishes)"
        case .twiceMSL: "(2 MSL)"
        case .userTimeout: "(User timeout)"
        case .retransmissionLimit: "(R2)"
        case .finWait2Timeout: "(FIN-WAIT-2 timeout)"
        case .keepaliveTimeout: "(Keepalive)"
        case .duplicate: "(duplicate)"
        case .forged: "(forged)"
        case .icmp(let report): "(ICMP \(report.name))"
        case .remark(let number):
            remarks.indices.contains(Int(number)) ? "(\(remarks[Int(number)]))" : "(remark)"
        }
    }
}
