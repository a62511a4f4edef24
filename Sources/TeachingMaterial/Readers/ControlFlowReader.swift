import TCPStateMachine

/// Reads steps out of a program's control flow: `case X:` or `if (state == X)`, what arrives in a condition, what is
/// sent in a call, and `state = Y`, `return Y` or `goto Y`.
///
/// Only what is plain is read. A condition that is more than a segment or a call makes a step without a label, of which
/// the pair of states alone is judged.
struct ControlFlowReader {
    /// A state that the code is in, with how far that holds.
    private struct Scope {
        var states: [Piece]
        var depth: Int
        /// Columns of blanks before the line, where blocks are made by them.
        var indent: Int
    }

    /// The last condition, and whether it is understood.
    private struct Condition {
        var event: String?
        var depth: Int
        var indent: Int
        /// It holds for one statement: no brace follows.
        var isSingle: Bool
    }

    private var builder = MachineBuilder(.code)
    private var scope: Scope?
    private var conditions: [Condition] = []
    private var sent: [String] = []
    private var depth = 0
    /// Labels of states before which nothing has been done: `case A: case B:`.
    private var takesMore = false
    private let hasLabels: Bool

    static func machine(_ pieces: [Piece]) -> Machine? {
        guard pieces.contains(where: { $0.text.has("case ") || $0.text.has("state") || $0.text.has("goto ") }) else {
            return nil
        }
        var reader = ControlFlowReader(hasLabels: pieces.contains { $0.text.has("goto ") })
        var tokens = CodeTokens()
        for piece in pieces.prefix(20_000) {
            let line = tokens.tokens(of: piece)
            if !line.isEmpty { reader.read(line, indent: piece.indent) }
        }
        guard reader.builder.edgeCount >= 2 else { return nil }
        return reader.builder.machine()
    }

    private init(hasLabels: Bool) { self.hasLabels = hasLabels }

    // MARK: Lines

    private mutating func read(_ tokens: [CodeToken], indent: Int) {
        close(indent, tokens)
        var index = 0
        while index < tokens.count {
            switch tokens[index].kind {
            case .mark("{"): depth += 1
            case .mark("}"):
                depth -= 1
                conditions.removeAll { $0.depth >= depth && !$0.isSingle }
                if let scope, scope.depth > depth { self.scope = nil }
            case .mark(";"): conditions.removeAll { $0.isSingle && $0.depth >= depth }
            case .word:
                index = read(word: tokens, index, indent)
                continue
            case .mark("!"):
                if hasLabels, let flags = ControlFlowReader.flags(tokens[(index + 1)...].prefix(1)) {
                    sent.append(flags)
                }
            case .mark("?"):
                if hasLabels, let flags = ControlFlowReader.flags(tokens[(index + 1)...].prefix(1)) {
                    conditions = [Condition(event: flags, depth: depth, indent: indent, isSingle: false)]
                    sent = []
                }
            case .mark: break
            }
            index += 1
        }
    }

    /// What ended before a line: by its indentation, where that makes blocks.
    private mutating func close(_ indent: Int, _ tokens: [CodeToken]) {
        guard depth == 0 else { return }
        conditions.removeAll { $0.indent >= indent && !hasLabels }
        if let scope, scope.indent >= indent, !hasLabels { self.scope = nil }
    }

    private mutating func read(word tokens: [CodeToken], _ index: Int, _ indent: Int) -> Int {
        let token = tokens[index]
        let next = index + 1
        switch token.text.lowercased() {
        case "case":
            guard next < tokens.count, let state = ControlFlowReader.state(tokens[next]) else {
                scope = nil
                return next
            }
            if takesMore, scope != nil {
                scope?.states.append(state)
            } else {
                scope = Scope(states: [state], depth: depth, indent: indent)
            }
            (conditions, sent, takesMore) = ([], [], true)
            return next + 1
        case "default": scope = nil
        case "break": (conditions, sent) = ([], [])
        case "else": conditions.removeAll { $0.depth >= depth }
        case "if", "elif", "elsif", "when":
            takesMore = false
            return read(condition: tokens, next, indent)
        case "return", "goto", "become":
            takesMore = false
            if next < tokens.count, let to = ControlFlowReader.state(tokens[next]) {
                take(to)
                return next + 1
            }
        default:
            if hasLabels, index == 0, next < tokens.count, tokens[next].kind == .mark(":"), token.isName,
                let state = ControlFlowReader.state(token)
            {
                scope = Scope(states: [state], depth: depth, indent: indent)
                (conditions, sent) = ([], [])
                return next + 1
            }
            takesMore = false
            return read(statement: tokens, index)
        }
        return next
    }

    /// `state = Y`, `set_state(Y)`, `send(ACK)`.
    private mutating func read(statement tokens: [CodeToken], _ index: Int) -> Int {
        let name = StateName.fold(tokens[index].last)
        let next = index + 1
        guard next < tokens.count else { return next }
        switch tokens[next].kind {
        case .mark("="):
            guard name.hasSuffix("state") || name.hasSuffix("status"), next + 1 < tokens.count,
                let to = ControlFlowReader.state(tokens[next + 1])
            else { return next + 1 }
            take(to)
            return next + 2
        case .mark("("):
            let end = tokens[next...].firstIndex { $0.kind == .mark(")") } ?? tokens.count
            let arguments = tokens[next..<end]
            if name.hasPrefix("send") || name.hasPrefix("snd") || name.hasPrefix("transmit") || name.hasPrefix("reply")
                || name.hasPrefix("xmit") || name.hasSuffix("send") || name.hasPrefix("emit")
                || name.hasSuffix("output")
            {
                if let flags = ControlFlowReader.flags(arguments) ?? ControlFlowReader.flags(named: name) {
                    sent.append(flags)
                }
                return end
            }
            let moves = name.contains("state") || name == "transition" || name == "become" || name == "moveto"
            if moves, let to = arguments.compactMap(ControlFlowReader.state).last {
                take(to)
                return end
            }
            return next
        default: return next
        }
    }

    /// A condition: a comparison with a state opens a scope, the rest is what arrives.
    private mutating func read(condition tokens: [CodeToken], _ begin: Int, _ indent: Int) -> Int {
        var end = begin
        var parens = 0
        while end < tokens.count {
            switch tokens[end].kind {
            case .mark("("): parens += 1
            case .mark(")"):
                parens -= 1
                if parens == 0, tokens[begin].kind == .mark("(") {
                    end += 1
                    let follows = end < tokens.count ? tokens[end].kind : .mark(" ")
                    if follows != .mark("&"), follows != .mark("|") { return finish(tokens, begin..<end, indent) }
                    continue
                }
            case .mark("{"), .mark(":"): if parens <= 0 { return finish(tokens, begin..<end, indent) }
            case .word where tokens[end].text == "then": return finish(tokens, begin..<end, indent)
            case .word, .mark: break
            }
            end += 1
        }
        return finish(tokens, begin..<end, indent)
    }

    private mutating func finish(_ tokens: [CodeToken], _ range: Range<Int>, _ indent: Int) -> Int {
        let condition = tokens[range]
        let isPlain = !condition.contains { $0.kind == .mark("!") || $0.text == "not" || $0.text == "or" }
        var rest: [CodeToken] = []
        var states: [Piece] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let token = tokens[index]
            if case .word = token.kind, StateName.fold(token.last).hasSuffix("state") || token.last == "status",
                index + 2 < range.upperBound, tokens[index + 1].kind == .mark("="),
                let state = ControlFlowReader.state(tokens[index + 2])
            {
                states.append(state)
                index += 3
                continue
            }
            rest.append(token)
            index += 1
        }
        let isBraced = range.upperBound < tokens.count && tokens[range.upperBound].kind == .mark("{")
        let isIndented = range.upperBound < tokens.count && tokens[range.upperBound].kind == .mark(":")
        sent = []
        if !states.isEmpty, isPlain {
            scope = Scope(states: states, depth: isBraced ? depth + 1 : depth, indent: indent)
        } else if !states.isEmpty {
            scope = nil
        }
        conditions.removeAll { $0.depth >= depth && (depth > 0 || $0.indent >= indent) }
        let event = isPlain ? ControlFlowReader.event(rest) : nil
        conditions.append(Condition(event: event, depth: depth, indent: indent, isSingle: !isBraced && !isIndented))
        return range.upperBound
    }

    private mutating func take(_ to: Piece) {
        guard let scope else { return }
        // Two conditions within each other, or one that is not understood, say nothing for sure.
        let events = conditions.compactMap(\.event).filter { !$0.isEmpty }
        let isSure = events.count == 1 && conditions.allSatisfy { $0.event != nil }
        let action = sent.joined(separator: ", ")
        let label =
            isSure || conditions.isEmpty && !action.isEmpty
            ? EdgeLabel(event: events.first ?? "", action: action) : nil
        for from in scope.states {
            builder.begin(at: from.place)
            builder.edge(from, to, label: label, text: events.first ?? "", at: to.place)
        }
        sent = []
    }

    // MARK: Words

    private static func state(_ token: CodeToken) -> Piece? {
        guard case .word = token.kind else { return nil }
        let part = token.piece.part(token.last)
        guard let name = StateName(part.text), name.state != nil, name != .terminal else { return nil }
        // `close` and `listen` in lower case are calls.
        if part.text == "close" || part.text == "listen" || part.text == "closed", token.isName { return nil }
        return part
    }

    /// The control bits that some words name, and nothing else but words that say nothing.
    private static func flags(_ tokens: some Sequence<CodeToken>) -> String? {
        var flags: SegmentWords = []
        for token in tokens {
            guard case .word = token.kind else { continue }
            guard let bits = bits(StateName.fold(token.last)) else { continue }
            flags.formUnion(bits)
        }
        return flags.isEmpty ? nil : flags.text.split(separator: ",").joined(separator: "+")
    }

    private static func flags(named name: String) -> String? {
        for prefix in ["send", "snd", "transmit", "reply", "xmit", "emit"] {
            if let rest = name[...].dropping(prefix: prefix), let bits = bits(String(rest)) {
                return bits.text.split(separator: ",").joined(separator: "+")
            }
        }
        return nil
    }

    private static func bits(_ word: String) -> SegmentWords? {
        var word = word[...]
        for prefix in ["thflag", "flags", "flag", "tcp", "th", "is", "has"] {
            if let rest = word.dropping(prefix: prefix), !rest.isEmpty { word = rest }
        }
        if word.hasSuffix("flag") { word = word.dropLast(4) }
        switch word {
        case "syn": return .syn
        case "ack": return .ack
        case "fin": return .fin
        case "rst", "reset": return .rst
        case "synack", "acksyn": return [.syn, .ack]
        case "finack", "ackfin": return [.fin, .ack]
        case "rstack": return [.rst, .ack]
        default: return nil
        }
    }

    /// What a condition says arrives: empty if it says nothing, nil if it is not understood.
    private static func event(_ tokens: [CodeToken]) -> String? {
        var flags: SegmentWords = []
        var others: [Substring] = []
        for token in tokens {
            guard case .word = token.kind else { continue }
            let folded = StateName.fold(token.last)
            if let bits = bits(folded) {
                flags.formUnion(bits)
            } else if !generic.contains(folded) {
                others.append(token.last)
            }
        }
        if others.isEmpty { return flags.isEmpty ? "" : flags.text.split(separator: ",").joined(separator: "+") }
        guard flags.isEmpty, others.count == 1, let word = others.first, !EdgeLabel(word).isEmpty else { return nil }
        return String(word)
    }

    private static let generic: Set<String> = [
        "flags", "flag", "seg", "segment", "pkt", "packet", "e", "ev", "event", "evt", "th", "tcp", "hdr", "header",
        "self",
        "this", "msg", "message", "input", "is", "type", "kind", "and", "state", "status", "s", "c", "conn", "tcphdr",
        "get", "equals", "1", "true", "0",
    ]
}
