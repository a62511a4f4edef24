import TCPStateMachine

/// Looks at the entries of a document together: which states they have, under which names.
struct GlossaryJudge {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    private var states: Set<State> = []
    private var spellings: [State: [UInt8]] = [:]
    private var isAdmittedIncomplete = false
    private var introduction: Place?
    private var first: Place?
    private var entries = 0
    private var hasWholeList = false
    /// Names with a text that was understood.
    private var described = 0
    private var paragraphs = 0

    init(file: String) { self.file = file }

    static func diagnostics(_ passages: [Passage], file: String, isAboutTCP: Bool) -> [Diagnostic] {
        guard isAboutTCP else { return [] }
        var judge = GlossaryJudge(file: file)
        for passage in passages { judge.take(passage) }
        judge.finish()
        // Where all states are listed once, a shorter list is of some case.
        return judge.hasWholeList
            ? judge.diagnostics.filter { $0.code != .incompleteList } : judge.diagnostics
    }

    private mutating func take(_ passage: Passage) {
        guard !passage.names.isEmpty, !passage.isQuoted else {
            // A heading, or much text, ends a list.
            paragraphs += 1
            if passage.isHeading && entries > 0 || paragraphs > 2 { finish() }
            return
        }
        if entries == 0 {
            introduction = passage.introduction
            first = passage.place
        }
        paragraphs = 0
        entries += 1
        for name in passage.names { take(name, passage) }
    }

    private mutating func take(_ name: Token, _ passage: Passage) {
        let place = passage.place ?? Place(line: 1, column: 1)
        guard passage.sentences.contains(where: { !$0.tokens.isEmpty }) else {
            // One text for several names, or one that was not understood.
            if name.concept == .state, let state = name.state { states.insert(state) }
            return
        }
        described += 1
        switch name.concept {
        case .connected where states.count >= 2 && !name.isPlain: report(.connectedState, at: place)
        case .unknown where states.count >= 2: report(.unknownAsState, at: place)
        case .finWait where states.count >= 2: report(.mergedFinWait, at: place)
        case .implementationState where states.count >= 2: report(.implementationValue, at: place)
        case .state:
            guard let state = name.state else { return }
            if name.isMisspelled { report(.misspelledState, at: place, "This is no spelling of \(state)") }
            if state == .listen, states.contains(state), let length = spellings[state]?.first,
                Int(length) != name.end - name.begin, passage.names.count == 1
            {
                report(.aliasAsTwoStates, at: place)
            }
            states.insert(state)
            if spellings[state] == nil { spellings[state] = [UInt8(clamping: name.end - name.begin)] }
        default: break
        }
    }

    private mutating func finish() {
        let missing = State.allCases.filter { !states.contains($0) && $0 != .closed }
        if missing.isEmpty { hasWholeList = true }
        // What has no state of opening or none of closing is meant to be a part.
        let isWhole = !states.isDisjoint(with: [.listen, .synSent, .synReceived]) && states.contains(.established)
        if isWhole, described >= 3, states.count >= 6, !missing.isEmpty, let place = introduction ?? first {
            report(.incompleteList, at: place, "This list lacks \(missing.map(\.name).joined(separator: ", "))")
        }
        states = []
        spellings = [:]
        entries = 0
        described = 0
        introduction = nil
    }

    private mutating func report(_ code: DiagnosticCode, at place: Place, _ message: String? = nil) {
        diagnostics.append(
            Diagnostic(
                file: file, place: place, severity: code.severity, code: code, message: message ?? code.title,
                correction: code.fact, source: code.source))
    }
}
