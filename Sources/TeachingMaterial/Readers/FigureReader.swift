import TCPStateMachine

/// Reads drawings with characters in the family of RFC 793's figure 6. Their geometry suffers in copies; their labels
/// do not: an event over a rule over an action. These are held against all steps that have the event.
struct FigureReader {
    struct Label: Sendable {
        var event: Piece
        var action: Piece
    }

    /// The labels of a drawing; empty if the lines are none of that family.
    static func labels(_ pieces: [Piece]) -> [Label] {
        guard showsFigure(pieces) else { return [] }
        var labels: [Label] = []
        for index in pieces.indices.dropFirst().dropLast() {
            let rules = rules(of: pieces[index])
            let arrows = arrows(of: pieces[index])
            guard !rules.isEmpty || !arrows.isEmpty else { continue }
            let over = Array(pieces[index - 1].text.unicodeScalars)
            let under = Array(pieces[index + 1].text.unicodeScalars)
            for rule in rules {
                guard let above = text(over: rule, over, in: pieces[index - 1]),
                    let below = text(over: rule, under, in: pieces[index + 1])
                else { continue }
                labels.append(Label(event: above, action: below))
            }
            for arrow in arrows {
                // A long arrow between two boxes is its own rule, if an event stands over it and an action under it.
                guard let above = text(over: arrow, over, in: pieces[index - 1]), isEvent(above.text),
                    let below = text(over: arrow, under, in: pieces[index + 1]), isAction(below.text)
                else { continue }
                labels.append(Label(event: above, action: below))
            }
        }
        return labels
    }

    private static func isEvent(_ text: Substring) -> Bool {
        let word = text.lowercased()
        return word.hasPrefix("rcv ") || word.hasPrefix("recv ") || word.hasPrefix("receive ")
    }

    private static func isAction(_ text: Substring) -> Bool {
        let word = text.lowercased()
        return word.hasPrefix("snd ") || word.hasPrefix("send ")
    }

    /// `<------------------|`, `|----------->`: arrows of at least twelve dashes.
    private static func arrows(of line: Piece) -> [(begin: Int, end: Int)] {
        dashes(of: line).filter { stretch in
            let isLeft = stretch.before == "<" || stretch.before == "◄"
            let isRight = stretch.after == ">" || stretch.after == "►"
            return stretch.end - stretch.begin >= 12 && isLeft != isRight
        }.map { ($0.begin, $0.end) }
    }

    /// Dashes in a row, and what stands beside them: a blank at the ends of the line.
    private static func dashes(of line: Piece) -> [DashStretch] {
        let scalars = Array(line.text.unicodeScalars)
        var found: [DashStretch] = []
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "-" || scalars[index] == "─" else {
                index += 1
                continue
            }
            var end = index
            while end < scalars.count, scalars[end] == "-" || scalars[end] == "─" { end += 1 }
            found.append(
                DashStretch(
                    begin: index, end: end, before: index > 0 ? scalars[index - 1] : " ",
                    after: end < scalars.count ? scalars[end] : " "))
            index = end
        }
        return found
    }

    private struct DashStretch {
        /// Unicode scalars of the line.
        var begin: Int
        var end: Int
        var before: Unicode.Scalar
        var after: Unicode.Scalar
    }

    /// Boxes with at least three of TCP's states in them, and a label of three lines.
    private static func showsFigure(_ pieces: [Piece]) -> Bool {
        guard pieces.contains(where: { $0.text.has("+---") || $0.text.has("┌──") }) else { return false }
        var names: Set<State> = []
        for piece in pieces {
            for cell in piece.text.split(whereSeparator: { "|│".contains($0) }) {
                if let state = StateName(cell.trimmed)?.state { names.insert(state) }
            }
        }
        return names.count >= 3
    }

    /// Stretches of dashes that are no part of a box or an arrow.
    private static func rules(of line: Piece) -> [(begin: Int, end: Int)] {
        dashes(of: line).filter { stretch in
            let free: [Unicode.Scalar] = [" ", "|", "│"]
            return stretch.end - stretch.begin >= 3 && free.contains(stretch.before) && free.contains(stretch.after)
        }.map { ($0.begin, $0.end) }
    }

    /// The words of a line that stand over or under a rule: up to two blanks, a bar or a box.
    private static func text(over rule: (begin: Int, end: Int), _ all: [Unicode.Scalar], in line: Piece) -> Piece? {
        let scalars = line.text.unicodeScalars
        guard rule.begin < all.count else { return nil }
        var begin = min((rule.begin + min(rule.end, all.count)) / 2, all.count - 1)
        func isText(_ index: Int) -> Bool {
            guard all.indices.contains(index) else { return false }
            return !"|│\\/+<>^".unicodeScalars.contains(all[index]) && all[index] != "\t"
        }
        // The middle of the rule lies in the words, or beside them by a few columns.
        let near = (0..<4).flatMap { [begin - $0, begin + $0] }.first { isText($0) && !all[$0].isBlank }
        guard let start = near else { return nil }
        begin = start
        while begin > 0, isText(begin - 1), !(all[begin - 1].isBlank && begin > 1 && all[begin - 2].isBlank) {
            begin -= 1
        }
        var end = start + 1
        while end < all.count, isText(end), !(all[end].isBlank && end + 1 < all.count && all[end + 1].isBlank) {
            end += 1
        }
        let from = scalars.index(scalars.startIndex, offsetBy: begin)
        let to = scalars.index(scalars.startIndex, offsetBy: end)
        let words = line.part(line.text[from..<to].trimmed)
        guard words.text.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) else { return nil }
        return words
    }
}
