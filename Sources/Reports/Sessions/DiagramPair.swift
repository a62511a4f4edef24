import TCPStateMachine

/// The state diagrams of both ends beside each other, RFC 793 figure 6 made small: the present state of each is marked.
struct DiagramPair {
    var hasColors: Bool

    /// Columns of one diagram.
    static let width = 38
    private static let gap = "   "
    /// Columns of both.
    static let fullWidth = 2 * width + gap.count

    private static let drawing = [
        "               CLOSED                ",
        "           /            \\            ",
        "       LISTEN         SYN-SENT       ",
        "           \\         /     |         ",
        "         SYN-RECEIVED      |         ",
        "          |         \\      |         ",
        "          |         ESTABLISHED      ",
        "          |         /         \\      ",
        "       FIN-WAIT-1           CLOSE-WAIT ",
        "       /       \\                |    ",
        "  FIN-WAIT-2  CLOSING        LAST-ACK  ",
        "        \\      /                |    ",
        "        TIME-WAIT  ---------> CLOSED ",
    ]

    func lines(_ a: State, _ b: State) -> [String] {
        let headings = padded("TCP A", DiagramPair.width) + DiagramPair.gap + "TCP B"
        let both = zip(diagram(of: a), diagram(of: b)).map { left, right in left + DiagramPair.gap + right }
        return [headings] + both
    }

    /// Every line has the same number of columns.
    private func diagram(of state: State) -> [String] {
        var isMarked = false
        return DiagramPair.drawing.map { line in
            let line = padded(String(line.prefix(DiagramPair.width)), DiagramPair.width)
            guard !isMarked, let place = line.range(of: " \(state.name) ") else { return line }
            isMarked = true
            let mark = hasColors ? "\u{1B}[7m[\(state.name)]\u{1B}[0m" : "[\(state.name)]"
            return line[..<place.lowerBound] + mark + line[place.upperBound...]
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension String {
    /// The first place where another text stands.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
