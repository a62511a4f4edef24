import TCPStateMachine

/// Lines in which arrows stand between states: `SYN_SENT -> ESTABLISHED`, `CLOSED: APP_PASSIVE_OPEN -> LISTEN`, and
/// chains of several.
struct ArrowListReader {
    /// What a line says.
    struct Line {
        var nodes: [Machine.Node]
        /// The event that stands in front of the first arrow or behind the last.
        var label: Piece?
        /// Labels between nodes: `CLOSED -> (passive OPEN) -> LISTEN`.
        var between: [Int: Piece] = [:]
        /// `A -> B, C, D`: the other states that the first leads to.
        var others: [Machine.Node] = []
    }

    static func read(_ piece: Piece) -> Line? {
        guard ArrowScanner.first(in: piece.text) != nil else { return nil }
        let line = uncommented(piece)
        var parts: [Piece] = []
        var rest = line.text
        var isBackward = false
        while parts.count < 64, let arrow = ArrowScanner.first(in: rest) {
            if arrow.isBackward { isBackward = true }
            parts.append(line.part(rest[..<arrow.range.lowerBound].trimmed))
            rest = rest[arrow.range.upperBound...]
        }
        guard !isBackward else { return nil }
        parts.append(line.part(rest.trimmed))
        guard parts.count >= 2 else { return nil }
        if parts.count == 2 { return pair(parts[0], parts[1]) }
        return chain(parts)
    }

    /// Without the marks of a comment or of a list.
    private static func uncommented(_ piece: Piece) -> Piece {
        var text = piece.text.trimmed
        while let first = text.unicodeScalars.first, "/#*-+•;%|".unicodeScalars.contains(first) {
            let rest = Substring(text.unicodeScalars.dropFirst())
            if first == "-", rest.hasPrefix(">") || rest.hasPrefix("->") { break }
            text = rest.trimmed
        }
        return piece.part(text)
    }

    /// `FROM -> TO`, `FROM: event -> TO`, `FROM -> TO: event`, `FROM -> TO (event)`, `(FROM, event) -> TO`.
    private static func pair(_ left: Piece, _ right: Piece) -> Line? {
        var (leftText, label): (Substring, Piece?) = (left.text, nil)
        if leftText.hasPrefix("("), leftText.hasSuffix(")") { leftText = leftText.dropFirst().dropLast() }
        if let name = StateName(TableMachine.plainName(leftText)) {
            leftText = TableMachine.plainName(leftText)
            _ = name
        } else if let cut = leftText.firstIndex(where: { $0 == ":" || $0 == "," || $0 == "+" || $0 == "：" }),
            StateName(TableMachine.plainName(leftText[..<cut])) != nil
        {
            label = left.part(leftText[leftText.index(after: cut)...].trimmed)
            leftText = TableMachine.plainName(leftText[..<cut])
        } else if let cut = leftText.lastIndex(where: { $0 == ":" || $0 == " " || $0 == "：" }),
            let name = StateName(TableMachine.plainName(leftText[leftText.index(after: cut)...])),
            isSure(name, leftText[leftText.index(after: cut)...])
        {
            // A log line, or a number in front.
            leftText = TableMachine.plainName(leftText[leftText.index(after: cut)...])
        } else {
            return nil
        }
        // `ESTABLISHED; CLOSE => FIN-WAIT-1`: the call.
        if label == nil, StateName.isClose(leftText), let call = call(in: left, at: leftText) {
            guard let state = call else { return nil }
            label = left.part(leftText)
            leftText = state
        }
        guard let fromName = StateName(leftText), let to = leading(right),
            !isSentence(left.text[..<leftText.startIndex])
        else { return nil }
        guard isSure(fromName, leftText) || isSure(to.name, to.text.text) else { return nil }
        let from = Machine.Node(name: fromName, text: left.part(leftText))
        let after = right.text[to.text.text.endIndex...].trimmed
        if label == nil, let others = states(after, right), !others.isEmpty {
            return Line(nodes: [from, to], label: nil, others: others)
        }
        if label == nil, let text = trailing(after) ?? column(right.text[to.text.text.endIndex...]) {
            label = right.part(text)
        }
        // What goes on as a sentence is for the reader of prose.
        if label == nil, !after.isEmpty, !after.hasPrefix("#"), !after.hasPrefix("//") { return nil }
        return Line(nodes: [from, to], label: label)
    }

    /// Whether a CLOSE is the user's call, because a semicolon or a comma stands before it; and the state before that,
    /// if there is one.
    private static func call(in left: Piece, at word: Substring) -> Substring?? {
        let before = left.text[..<word.startIndex].trimmed
        guard before.hasSuffix(";") || before.hasSuffix(",") || before.hasSuffix("+") else { return nil }
        let rest = before.dropLast().trimmed
        let begin = rest.lastIndex { $0 == " " || $0 == ":" || $0 == ";" }
        let state = TableMachine.plainName(begin.map { rest[rest.index(after: $0)...] } ?? rest)
        return .some(StateName(state)?.state == nil ? nil : state)
    }

    /// `, C, D`: nothing but further states.
    private static func states(_ text: Substring, _ piece: Piece) -> [Machine.Node]? {
        guard text.hasPrefix(",") || text.hasPrefix("|") || text.hasPrefix("/") else { return nil }
        let parts = text.dropFirst().split { $0 == "," || $0 == "|" || $0 == "/" }
        let nodes = parts.map {
            Machine.Node(name: StateName(TableMachine.plainName($0)), text: piece.part(TableMachine.plainName($0)))
        }
        return nodes.allSatisfy { $0.name?.state != nil } ? nodes : nil
    }

    /// Words of a sentence before the first state: more than a number, a host or a time.
    private static func isSentence(_ text: Substring) -> Bool {
        text.split(separator: " ").count { word in word.allSatisfy { $0.isLetter && $0.isLowercase } && word.count > 1 }
            > 2
    }

    /// In lower case, CLOSED and LISTEN are words of the language.
    private static func isSure(_ name: StateName?, _ text: Substring) -> Bool {
        guard let name else { return false }
        if let state = name.state, Machine.unmistakable.contains(state) { return true }
        return text.unicodeScalars.contains { $0.properties.isUppercase }
            && !text.unicodeScalars.contains { $0.properties.isLowercase }
    }

    /// The state that a text begins with.
    private static func leading(_ piece: Piece) -> Machine.Node? {
        let text = piece.text.trimmed
        var begin = text
        while let first = begin.first, "*`\"'(".contains(first) { begin = begin.dropFirst() }
        let word = begin.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        var node = Machine.Node(name: StateName(word), text: piece.part(word))
        if node.name == nil || node.name == .finWait || node.name == .moment {
            // FIN WAIT 1, TIME WAIT: two words or three.
            let words = begin.split(separator: " ", maxSplits: 3)
            for count in [3, 2] where words.count >= count {
                let joined = begin[
                    words[0]
                        .startIndex..<words[count - 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                        .endIndex]
                if let name = StateName(joined), name != .moment {
                    node = Machine.Node(name: name, text: piece.part(joined))
                    break
                }
            }
        }
        guard node.name != nil, node.name != .terminal else { return nil }
        return node
    }

    /// An event behind the target: `: rcv FIN`, `(rcv FIN)`, `[rcv FIN]`.
    private static func trailing(_ text: Substring) -> Substring? {
        var text = text
        while let first = text.first, "*`\"')".contains(first) { text = text.dropFirst() }
        text = text.trimmed
        guard let first = text.first, ":([,;：（".contains(first) else { return nil }
        text = text.dropFirst()
        if let last = text.last, ")]）".contains(last) { text = text.dropLast() }
        return text.trimmed.isEmpty ? nil : text.trimmed
    }

    /// An event in a column of its own, parted by blanks.
    private static func column(_ text: Substring) -> Substring? {
        guard text.hasPrefix("  ") || text.hasPrefix("\t"), text.trimmed.utf8.count < 40,
            let first = text.trimmed.first, first.isLetter || first.isNumber || first == "?" || first == "!"
        else { return nil }
        return text.trimmed
    }

    /// A chain ends with its last state: a sentence that goes on is for the reader of prose.
    private static func isEnd(_ text: Substring) -> Bool {
        let rest = text.trimmed.drop { "*`\"').。;".contains($0) }
        return rest.isEmpty || rest.hasPrefix("(") || rest.hasPrefix("#") || rest.hasPrefix("//")
    }

    private static func chain(_ parts: [Piece]) -> Line? {
        var line = Line(nodes: [])
        for (index, part) in parts.enumerated() {
            let text = TableMachine.plainName(part.text)
            if let name = StateName(text), name != .terminal {
                line.nodes.append(Machine.Node(name: name, text: part.part(text)))
            } else if index == 0, let cut = text.lastIndex(where: { $0 == ":" || $0 == "：" || $0 == " " }),
                let name = StateName(TableMachine.plainName(text[text.index(after: cut)...])), name != .terminal,
                !isSentence(text[..<cut])
            {
                let word = TableMachine.plainName(text[text.index(after: cut)...])
                if StateName.isClose(word), call(in: part, at: word) != nil { return nil }
                line.nodes.append(Machine.Node(name: name, text: part.part(word)))
            } else if let node = leading(part), index < parts.count - 1 || isEnd(part.text[node.text.text.endIndex...])
            {
                line.nodes.append(node)
            } else if !line.nodes.isEmpty, index < parts.count - 1 {
                line.between[line.nodes.count] = part
            } else {
                return nil
            }
        }
        let states = Set(line.nodes.compactMap { $0.name?.state })
        guard line.nodes.count >= 2,
            !states.isDisjoint(with: Machine.unmistakable) || line.nodes.contains(where: { $0.name == .finWait })
        else { return nil }
        return line
    }
}
