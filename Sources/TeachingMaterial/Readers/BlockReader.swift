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

    // MARK: Code

    private mutating func read(code pieces: [Piece], _ language: String) {
        guard let first = pieces.first(where: { !$0.isBlank && !$0.text.trimmed.hasPrefix("%%") }) else { return }
        if readDiagram(pieces, first.text.trimmed, language) { return }
        switch language {
        case "csv", "tsv":
            if let table = TableReader.delimited(pieces), add(TableMachine(table: table).machine(.delimited)) { return }
        default: break
        }
        read(text: pieces, isCode: true)
    }

    /// A diagram whose language is named, or that begins as one does.
    private mutating func readDiagram(_ pieces: [Piece], _ head: Substring, _ language: String) -> Bool {
        let kind = BlockReader.diagram(head, language)
        switch kind {
        case .mermaid, .plantUML:
            var reader = StateDiagramReader(isPlantUML: kind == .plantUML)
            let machine = reader.read(pieces)
            if !reader.notes.isEmpty { reading.prose.append(ProseBlock(kind: .note, pieces: reader.notes)) }
            _ = add(machine)
            return true
        case .flowchart:
            var reader = FlowchartReader()
            _ = add(reader.read(pieces))
            return true
        default: return false
        }
    }

    /// What a block is by its first line.
    private static func diagram(_ head: Substring, _ language: String) -> Machine.Form? {
        if head.hasPrefix("stateDiagram") { return .mermaid }
        if head.hasPrefix("graph ") || head.hasPrefix("flowchart") { return language == "dot" ? nil : .flowchart }
        if head.hasPrefix("@startuml") { return .plantUML }
        switch language {
        case "plantuml", "puml", "uml": return .plantUML
        case "mermaid": return head.hasPrefix("---") || head.hasPrefix("[*]") ? .mermaid : nil
        default: return nil
        }
    }

    // MARK: Lines

    private mutating func read(text pieces: [Piece], isCode: Bool) {
        var left: [Piece] = []
        func flush(_ reading: inout Reading) {
            guard left.contains(where: { !$0.isBlank }) else { return left.removeAll() }
            if !isCode { reading.prose.append(ProseBlock(kind: .text, pieces: left)) }
            left.removeAll()
        }
        var index = 0
        var arrows = MachineBuilder(.arrows)
        while index < pieces.count {
            let piece = pieces[index]
            if let (table, end) = TableReader.pipes(pieces, from: index) {
                flush(&reading)
                if !add(TableMachine(table: table).machine()) {
                    for row in table.rows {
                        reading.prose.append(ProseBlock(kind: .row, pieces: row, header: table.header))
                    }
                }
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
        _ = add(arrows.machine(evenWithoutTCP: true))
    }

    /// Two states are an edge, more are a chain that one end goes along.
    private mutating func take(_ line: ArrowListReader.Line, _ piece: Piece, _ arrows: inout MachineBuilder) {
        if line.nodes.count == 2 {
            arrows.edge(
                line.nodes[0].text, line.nodes[1].text, label: line.label ?? line.between[1],
                at: line.nodes[0].text.place)
        } else {
            reading.chains.append((StateChain(nodes: line.nodes), context))
        }
    }
}
