import TCPStateMachine

/// Takes the blocks of a document to the readers of their formats; what none of them takes is prose.
struct BlockReader {
    private(set) var reading = Reading()
    /// The context of the whole document.
    let context: Context

    init(context: Context) {
        self.context = context
    }

    mutating func read(_ block: Block) {
        switch block.kind {
        case .code(let language): read(code: block.pieces, language)
        case .prose: read(text: block.pieces, isCode: false)
        }
    }

    private mutating func add(_ machine: Machine?) -> Bool {
        guard let machine else { return false }
        reading.machines.append((machine, context))
        return true
    }

    /// A diagram, of which there should be steps.
    private mutating func add(diagram machine: Machine?, _ pieces: [Piece]) {
        if !add(machine) || machine?.edges.isEmpty ?? true { noteUnreadable(pieces) }
    }

    // MARK: Code

    private mutating func read(code pieces: [Piece], _ language: String) {
        guard let first = pieces.first(where: { !$0.isBlank && !$0.text.trimmed.hasPrefix("%%") }) else { return }
        if readDiagram(pieces, first.text.trimmed, language) { return }
        if BlockReader.isProgram(language), add(ControlFlowReader.machine(pieces)) {
            return read(text: pieces, isCode: true)
        }
        switch language {
        case "csv", "tsv":
            if let table = TableReader.delimited(pieces), add(TableMachine(table: table).machine(.delimited)) { return }
        case "yaml", "yml":
            if let tree = YAMLReader.tree(pieces) {
                var data = DataMachine(.yaml)
                if add(data.read(tree)) { return }
            }
        case "xml", "scxml":
            var data = DataMachine(.xml)
            if add(data.read(.list(XMLReader.trees(pieces), pieces[0].place))) { return }
        case "", "text", "txt", "plain", "console", "shell", "bash", "sh", "output": break
        default: if readData(pieces, language == "json" ? .json : .code) { return }
        }
        if language.isEmpty, readUnnamed(pieces, first.text.trimmed) { return }
        read(text: pieces, isCode: true)
    }

    private static func isProgram(_ language: String) -> Bool {
        switch language {
        case "csv", "tsv", "yaml", "yml", "xml", "scxml", "json", "text", "txt", "plain", "console", "shell", "bash",
            "sh", "output", "tex", "latex":
            false
        default: true
        }
    }

    /// Literals of JSON and of programming languages.
    private mutating func readData(_ pieces: [Piece], _ form: Machine.Form) -> Bool {
        var literals = LiteralReader(pieces)
        var data = DataMachine(form)
        let trees = literals.trees()
        guard !trees.isEmpty, add(data.read(.list(trees, pieces[0].place))) else { return false }
        if !literals.comments.isEmpty { reading.prose.append(ProseBlock(kind: .note, pieces: literals.comments)) }
        return true
    }

    /// A block without a language: what its first characters promise.
    private mutating func readUnnamed(_ pieces: [Piece], _ head: Substring) -> Bool {
        if head.hasPrefix("<?xml") || head.hasPrefix("<scxml") || head.hasPrefix("<fsm") || head.hasPrefix("<state") {
            var data = DataMachine(.xml)
            return add(data.read(.list(XMLReader.trees(pieces), pieces[0].place)))
        }
        if head.hasPrefix("{") || head.hasPrefix("[") { return readData(pieces, .json) }
        return readData(pieces, .code)
    }

    /// A diagram whose language is named, or that begins as one does.
    private mutating func readDiagram(_ pieces: [Piece], _ head: Substring, _ language: String) -> Bool {
        let kind = BlockReader.diagram(head, language)
        switch kind {
        case .plantUML
        where pieces.contains(where: {
            $0.text.trimmed.hasPrefix("participant ") || $0.text.trimmed.hasPrefix("actor ")
        }):
            return readSequence(pieces)
        case .mermaid, .plantUML:
            var reader = StateDiagramReader(isPlantUML: kind == .plantUML)
            let machine = reader.read(pieces)
            if !reader.notes.isEmpty { reading.prose.append(ProseBlock(kind: .note, pieces: reader.notes)) }
            for entry in reader.entries { reading.prose.append(ProseBlock(kind: .row, pieces: entry)) }
            add(diagram: machine, pieces)
            return true
        case .flowchart:
            var reader = FlowchartReader()
            add(diagram: reader.read(pieces), pieces)
            return true
        case .dot:
            var reader = DOTReader()
            guard head.hasPrefix("digraph") else { return add(reader.read(pieces)) }
            add(diagram: reader.read(pieces), pieces)
            return true
        case .tikz:
            var reader = TikZReader()
            return add(reader.read(pieces))
        default:
            return head.hasPrefix("sequenceDiagram") && readSequence(pieces)
        }
    }

    private mutating func readSequence(_ pieces: [Piece]) -> Bool {
        var reader = SequenceReader()
        if let claim = reader.read(pieces) {
            reading.conversations.append((claim, context))
        } else {
            noteUnread(pieces)
        }
        if !reader.notes.isEmpty { reading.prose.append(ProseBlock(kind: .note, pieces: reader.notes)) }
        return true
    }

    // MARK: What is not read

    /// A diagram of TCP's states without an edge that was understood; one of classes is none.
    private mutating func noteUnreadable(_ pieces: [Piece]) {
        guard let first = pieces.first(where: { !$0.isBlank }) else { return }
        var states: Set<State> = []
        for piece in pieces {
            let text = piece.text.trimmed
            if text.hasPrefix("class ") || text.hasPrefix("interface ") { return noteUnread(pieces) }
            states.formUnion(SequenceReader.states(in: text))
        }
        if states.intersection(Machine.unmistakable).count >= 2 { reading.unreadable.append(first.trimmed) }
    }

    private mutating func noteUnread(_ pieces: [Piece]) {
        reading.unread += pieces.filter { piece in
            !SequenceReader.states(in: piece.text).isDisjoint(with: Machine.unmistakable)
        }
    }

    /// What a block is by its first line.
    private static func diagram(_ head: Substring, _ language: String) -> Machine.Form? {
        if head.hasPrefix("stateDiagram") { return .mermaid }
        if head.hasPrefix("graph ") || head.hasPrefix("flowchart") { return language == "dot" ? nil : .flowchart }
        if head.hasPrefix("@startuml") { return .plantUML }
        if head.hasPrefix("digraph") || head.hasPrefix("strict ") || head.hasPrefix("graph {") { return .dot }
        switch language {
        case "dot", "graphviz", "gv": return .dot
        case "tex", "latex", "tikz": return .tikz
        case "plantuml", "puml", "uml": return .plantUML
        case "mermaid": return head.hasPrefix("---") || head.hasPrefix("[*]") ? .mermaid : nil
        default: return nil
        }
    }

    // MARK: Lines

    private mutating func read(text pieces: [Piece], isCode: Bool) {
        let pieces = pieces.map(TeXText.plain)
        let inventory = isCode ? CodeInventory(pieces) : nil
        if let inventory { reading.inventories.append(inventory) }
        let labels = FigureReader.labels(pieces)
        if !labels.isEmpty { reading.figures.append(labels) }
        var left: [Piece] = []
        var unread: [Piece] = []
        func flush(_ reading: inout Reading) {
            guard left.contains(where: { !$0.isBlank }) else { return left.removeAll() }
            if isCode { unread += left } else { reading.prose.append(ProseBlock(kind: .text, pieces: left)) }
            left.removeAll()
        }
        var index = 0
        var arrows = MachineBuilder(.arrows)
        var rows: [SocketListing.Row] = []
        // No ladder begins before this line.
        var ladderEnd = 0
        while index < pieces.count {
            let piece = pieces[index]
            if let (table, end) = TableReader.pipes(pieces, from: index) ?? MarkupTables.table(pieces, from: index)
                ?? TeXText.table(pieces, from: index)
            {
                flush(&reading)
                if !add(TableMachine(table: table).machine()) {
                    for row in table.rows {
                        reading.prose.append(ProseBlock(kind: .row, pieces: row, header: table.header))
                    }
                }
                index = end
                continue
            }
            if let row = SocketListingReader.row(piece) {
                flush(&reading)
                rows.append(row)
                index += 1
                continue
            }
            if ScenarioLine.isStatement(piece.text) {
                flush(&reading)
                index += 1
                continue
            }
            if index >= ladderEnd, LadderReader.showsSegment(piece.text) || LadderReader.isStateLine(piece) {
                let ladder = LadderReader.read(pieces, from: index)
                if let claim = ladder.claim {
                    flush(&reading)
                    reading.conversations.append((claim, context))
                    index = ladder.end
                    continue
                }
                ladderEnd = ladder.end
            }
            if let (end, kind) = unfenced(pieces, index) {
                flush(&reading)
                _ = readDiagram(Array(pieces[index..<end]), piece.text.trimmed, kind)
                index = end
                continue
            }
            if index == 0 || pieces[index - 1].isBlank, let (machine, end) = aligned(pieces, index) {
                flush(&reading)
                _ = add(machine)
                index = end
                continue
            }
            if let line = ArrowListReader.read(piece) {
                flush(&reading)
                take(line, piece, &arrows)
            } else {
                left.append(piece)
            }
            index += 1
        }
        flush(&reading)
        if inventory == nil { noteUnread(unread) }
        if !rows.isEmpty { reading.listings.append(SocketListing(rows: rows)) }
        _ = add(arrows.machine(evenWithoutTCP: true))
    }

    /// Columns that are aligned by blanks, up to the next blank line, if they are a machine.
    private func aligned(_ pieces: [Piece], _ begin: Int) -> (Machine, Int)? {
        guard !pieces[begin].isBlank, ArrowScanner.first(in: pieces[begin].text) == nil else { return nil }
        let end = pieces[begin...].firstIndex(where: \.isBlank) ?? pieces.count
        guard end - begin >= 3, end - begin < 200, let table = TableReader.aligned(Array(pieces[begin..<end])) else {
            return nil
        }
        return TableMachine(table: table).machine().map { ($0, end) }
    }

    /// What the first words of diagrams begin with.
    private static let firstOctets = Set("sgf@d\\".utf8)

    /// A diagram that stands in a text without a fence: up to the next blank line after its braces are closed.
    private func unfenced(_ pieces: [Piece], _ begin: Int) -> (Int, String)? {
        let head = pieces[begin].text.trimmed
        guard let first = head.utf8.first, BlockReader.firstOctets.contains(first) else { return nil }
        let kind: String
        switch true {
        case head.hasPrefix("stateDiagram"), head.hasPrefix("sequenceDiagram"), head == "graph TD", head == "graph LR",
            head == "graph TB", head.hasPrefix("flowchart "):
            kind = "mermaid"
        case head.hasPrefix("@startuml"): kind = "plantuml"
        case head.hasPrefix("digraph") && head.hasSuffix("{"): kind = "dot"
        case head.hasPrefix("\\begin{tikzpicture}"): kind = "tikz"
        default: return nil
        }
        let closing = ["plantuml": "@enduml", "dot": "}", "tikz": "\\end{tikzpicture}"][kind]
        var end = begin + 1
        while end < pieces.count {
            let line = pieces[end].text.trimmed
            if let closing {
                if line == closing || line.hasPrefix(closing) && kind != "dot" { return (end + 1, kind) }
            } else if line.isEmpty, end + 1 >= pieces.count || pieces[end + 1].indent <= pieces[begin].indent {
                return (end, kind)
            }
            end += 1
        }
        return (end, kind)
    }

    /// Two states are an edge, more are a chain that one end goes along.
    private mutating func take(_ line: ArrowListReader.Line, _ piece: Piece, _ arrows: inout MachineBuilder) {
        if line.nodes.count == 2 {
            for other in line.others {
                arrows.edge(line.nodes[0].text, other.text, label: nil, at: line.nodes[0].text.place)
            }
            arrows.edge(
                line.nodes[0].text, line.nodes[1].text, label: line.label ?? line.between[1],
                at: line.nodes[0].text.place)
        } else {
            reading.chains.append((StateChain(nodes: line.nodes), context))
        }
    }
}
