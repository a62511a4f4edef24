public import TCPStateMachine

/// Reads a document and says what in it contradicts the machine.
public struct Verifier: Sendable {
    /// The profile that the material is written for; nil accepts what any of them does.
    public var profile: Profile.Name?
    /// Codes that are not reported.
    public var disabled: Set<DiagnosticCode> = []

    public init(profile: Profile.Name? = nil) {
        self.profile = profile
    }

    /// What came of a document.
    public struct Verification: Sendable {
        /// In the order of their places.
        public var diagnostics: [Diagnostic] = []
        /// One for each diagram or table that could be complete.
        public var coverage: [Coverage] = []
        /// Mentions of states that were not checked.
        public var unchecked: [Unchecked] = []
        /// Lines of the document.
        public var lines = 0
    }

    public func verify(_ document: Document) -> Verification {
        let pieces = document.pieces
        let context = Context(of: pieces)
        let switches = Switches(of: pieces)
        var reader = BlockReader(context: context)
        for block in BlockFinder.blocks(of: document) {
            let short = block.pieces.filter { piece in
                piece.text.utf8.count <= Document.longestLine && !switches.comments.contains(piece.line)
            }
            reader.read(Block(kind: block.kind, pieces: short))
        }
        var result = judge(reader.reading, file: document.name, context)
        result.lines = pieces.count
        for piece in pieces where piece.text.utf8.count > Document.longestLine {
            result.unchecked.append(
                Unchecked(file: document.name, place: piece.place, text: "a line of \(piece.text.utf8.count) octets"))
        }
        result.unchecked.sort { $0.place < $1.place }
        result.diagnostics += switches.unknown.map { Verifier.diagnostic($0, file: document.name) }
        result.diagnostics = Verifier.settled(result.diagnostics).filter { diagnostic in
            !disabled.contains(diagnostic.code) && !switches.isOff(diagnostic.code, at: diagnostic.place.line)
        }
        return result
    }

    private func judge(_ reading: Reading, file: String, _ context: Context) -> Verification {
        var result = Verification()
        for (machine, context) in reading.machines {
            let judge = MachineJudge(file: file, edges: EdgeJudge(profile: profile), context: context)
            let (diagnostics, coverage) = judge.judge(machine)
            result.diagnostics += diagnostics
            if let coverage { result.coverage.append(coverage) }
        }
        for (chain, context) in reading.chains {
            let machines = MachineJudge(file: file, edges: EdgeJudge(profile: profile), context: context)
            result.diagnostics += ChainJudge(machines: machines).judge(chain)
        }
        let plain = MachineJudge(file: file, edges: EdgeJudge(profile: profile), context: context)
        for (claim, _) in reading.conversations {
            result.diagnostics += ConversationJudge(machines: plain).judge(claim)
        }
        for inventory in reading.inventories { result.diagnostics += InventoryJudge(machines: plain).judge(inventory) }
        for labels in reading.figures { result.diagnostics += FigureJudge(machines: plain).judge(labels) }
        let hasTCPRows = reading.listings.contains { $0.rows.contains { !$0.isUnix } }
        for listing in reading.listings {
            result.diagnostics += SocketJudge(machines: plain).judge(listing, others: hasTCPRows)
        }
        result.diagnostics += reading.unreadable.map { piece in
            plain.make(.unreadableBlock, piece.place, "no step of this diagram could be read")
        }
        result.unchecked += Verifier.unchecked(reading, file: file)
        let prose = ProseReader(file: file, context: context).read(reading.prose)
        // A diagram among mistakes is one of them.
        result.diagnostics.removeAll { diagnostic in
            let line = diagnostic.place.line
            let next = prose.quotedLines.partitioningIndex { $0.lowerBound > line }
            return next > 0 && prose.quotedLines[next - 1].contains(line)
        }
        result.diagnostics += prose.diagnostics
        result.unchecked += prose.unchecked
        return result
    }

    /// What mentions states and was not read, or not followed.
    private static func unchecked(_ reading: Reading, file: String) -> [Unchecked] {
        let stories = reading.conversations.filter { $0.claim.isUnfollowable }.compactMap(\.claim.rows.first)
        return reading.unread.map { piece in
            Unchecked(file: file, place: piece.trimmed.place, text: String(piece.text.trimmed.prefix(80)))
        } + stories.map { row in
            Unchecked(file: file, place: row.place, text: "a ladder with what the replay cannot follow")
        }
    }

    private static func diagnostic(_ unknown: Switches.UnknownWord, file: String) -> Diagnostic {
        let code = DiagnosticCode.unknownSwitch
        let word = unknown.word.text.prefix(40)
        let near = DiagnosticCode.nearest(to: word).map { "\($0.name) may be meant" }
        return Diagnostic(
            file: file, place: unknown.word.place, severity: code.severity, code: code,
            message: "'\(word)' behind \(unknown.command) names no code", correction: near ?? code.fact,
            source: code.source)
    }

    /// In the order of the document, each thing once.
    private static func settled(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return diagnostics.filter { seen.insert($0).inserted }.sorted { one, other in
            (one.place, other.severity.rawValue, one.code.rawValue) < (
                other.place, one.severity.rawValue, other.code.rawValue
            )
        }
    }
}
