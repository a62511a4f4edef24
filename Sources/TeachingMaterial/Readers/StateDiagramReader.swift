/// Mermaid's `stateDiagram` and PlantUML's state diagrams, which share most of their grammar.
struct StateDiagramReader {
    private var builder: MachineBuilder
    /// Text of notes, for the reader of prose.
    private(set) var notes: [Piece] = []
    /// Notes beside a state: they are about it.
    private(set) var entries: [[Piece]] = []
    private var inNote = false
    private var noteState: Piece?
    private var noteIsLabel = false
    private let isPlantUML: Bool

    init(isPlantUML: Bool) {
        self.isPlantUML = isPlantUML
        builder = MachineBuilder(isPlantUML ? .plantUML : .mermaid)
    }

    mutating func read(_ pieces: [Piece]) -> Machine? {
        for piece in pieces { read(line: piece.trimmed) }
        return builder.machine()
    }

    private mutating func read(line: Piece) {
        let text = line.text
        guard !text.isEmpty else { return }
        if inNote {
            if text.lowercased().hasPrefix("end note") || text == "endnote" {
                inNote = false
                noteState = nil
            } else if noteIsLabel {
                builder.labelLast(String(text))
            } else {
                take(note: line)
            }
            return
        }
        if text.hasPrefix("%%") || text.hasPrefix("'") || text.hasPrefix("@") || text.hasPrefix("direction ") { return }
        if let note = text.dropping(prefix: "note ") { return read(note: line.part(note)) }
        builder.begin(at: line.place)
        if let definition = text.dropping(prefix: "state ") { return read(definition: line.part(definition)) }
        if read(edges: line) { return }
        // `CLOSED : no connection`: a description.
        if let colon = text.firstIndex(of: ":"), StateName(text[..<colon].trimmed) != nil {
            builder.mention(line.part(text[..<colon].trimmed))
            notes.append(line)
        }
    }

    private mutating func read(note: Piece) {
        noteIsLabel = note.text.hasPrefix("on link")
        let colon = note.text.firstIndex(of: ":")
        // "right of FIN_WAIT_1"
        let words = note.text[..<(colon ?? note.text.endIndex)].split(separator: " ")
        if let place = words.firstIndex(of: "of"), place + 1 < words.count, StateName(words[place + 1])?.state != nil {
            noteState = note.part(words[place + 1])
        }
        if let colon {
            let text = note.part(note.text[note.text.index(after: colon)...].trimmed)
            if noteIsLabel { builder.labelLast(String(text.text)) } else { take(note: text) }
            noteState = nil
        } else {
            inNote = true
        }
    }

    private mutating func take(note: Piece) {
        if let noteState { entries.append([noteState, note]) } else { notes.append(note) }
    }

    /// `state "long name" as X`, `state X : text`, `state X {`.
    private mutating func read(definition: Piece) {
        let text = definition.text
        if text.hasPrefix("\"") {
            let parts = text.dropFirst().split(separator: "\"", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return }
            let after = parts[1].trimmed
            if let id = after.dropping(prefix: "as ") {
                builder.name(definition.part(word(id)), parts[0], at: definition.part(parts[0]))
            }
            return
        }
        let id = word(text)
        let rest = text[id.endIndex...].trimmed
        if let long = rest.dropping(prefix: "as \"") {
            builder.name(definition.part(id), long.prefix { $0 != "\"" })
        } else if !rest.hasPrefix("<<"), !rest.hasPrefix("{") {
            builder.mention(definition.part(id))
        }
        if rest.hasPrefix(":") { notes.append(definition) }
    }

    /// An id: letters, digits, `_`, `-`, or `[*]`.
    private func word(_ text: Substring) -> Substring {
        let text = text.trimmed
        if text.hasPrefix("[*]") { return text.prefix(3) }
        if text.hasPrefix("\""), let end = text.dropFirst().firstIndex(of: "\"") {
            return text[text.index(after: text.startIndex)..<end]
        }
        return text.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "." }
    }

    private mutating func read(edges line: Piece) -> Bool {
        var rest = line.text
        guard let arrow = ArrowScanner.first(in: rest) else { return false }
        let left = line.part(trailingWord(rest[..<arrow.range.lowerBound]))
        rest = rest[arrow.range.upperBound...]
        var label: Piece?
        if let colon = labelColon(rest) {
            label = line.part(rest[rest.index(after: colon)...].trimmed)
            rest = rest[..<colon]
        }
        let right = line.part(word(rest))
        guard !left.text.isEmpty, !right.text.isEmpty else { return false }
        let (from, to) = arrow.isBackward ? (right, left) : (left, right)
        builder.edge(from, to, label: label, at: line.place)
        return true
    }

    /// The last word before an arrow, which may be in quotation marks.
    private func trailingWord(_ text: Substring) -> Substring {
        let text = text.trimmed
        if text.hasSuffix("[*]") { return text.suffix(3) }
        if text.hasSuffix("\""), let begin = text.dropLast().lastIndex(of: "\"") {
            return text[text.index(after: begin)..<text.index(before: text.endIndex)]
        }
        let begin = text.lastIndex { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == ".") }
        return begin.map { text[text.index(after: $0)...] } ?? text
    }

    private func labelColon(_ text: Substring) -> Substring.Index? {
        text.firstIndex(of: ":")
    }
}
