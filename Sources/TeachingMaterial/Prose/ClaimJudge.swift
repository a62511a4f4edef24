import TCPStateMachine

/// Holds the claims of one sentence against the machine.
struct ClaimJudge {
    /// What is wrong at a token.
    struct Finding: Hashable, Sendable {
        var code: DiagnosticCode
        var severity: Severity
        var token: Int
        var message: String
        var correction: String
    }

    let sentence: Sentence
    let passage: Passage
    /// The sentence before, in the same passage or the one before it.
    var previous: Sentence?
    /// The document speaks of TCP's states at all.
    var isAboutTCP = true
    let edges = EdgeJudge(profile: nil)

    private(set) var findings: [Finding] = []
    /// A claim about a state was understood.
    private(set) var isChecked = false

    init(sentence: Sentence, passage: Passage, previous: Sentence?, isAboutTCP: Bool) {
        self.sentence = sentence
        self.passage = passage
        self.previous = previous
        self.isAboutTCP = isAboutTCP
    }

    static func findings(
        _ sentence: Sentence, _ passage: Passage, previous: Sentence?, isAboutTCP: Bool
    ) -> (findings: [Finding], isChecked: Bool) {
        var judge = ClaimJudge(sentence: sentence, passage: passage, previous: previous, isAboutTCP: isAboutTCP)
        judge.judge()
        return (judge.findings, judge.isChecked)
    }

    private mutating func judge() {
        guard !sentence.isQuestion, !sentence.has(any: .quoted, .otherProtocol) else { return }
        judgeSubjects()
        guard isAboutTCP else { return }
        judgeSteps()
        for state in subjects {
            judgeHistory(of: state)
            judgeMeaning(of: state)
        }
    }

    /// The states that the sentence describes: those of its entry, or the one that it begins with.
    var subjects: [State] {
        let named = sentence.named
        // "unlike FIN-WAIT-1": another state in an entry takes the features that follow it.
        if sentence.isEntry, sentence.isFirst || named.allSatisfy({ sentence.subject.contains($0) }) {
            return sentence.subject
        }
        if let first = sentence.first(.these), first <= 2, named.isEmpty { return sentence.subject }
        guard let first = sentence.first(.state), sentence.tokens[first].state != nil else { return [] }
        guard
            !sentence.tokens[..<first].contains(where: {
                $0.concept.isVerb || $0.concept.isObject || $0.concept.mode != nil && $0.concept != .when
            })
        else { return [] }
        guard sentence.tokens[first].isPlain == false else { return [] }
        if named.count == 1 { return named }
        guard named.count <= 3,
            !sentence.tokens[..<first].contains(where: { $0.concept == .cannot || $0.concept == .not })
        else { return [] }
        // "A and B mean ...": one predicate for all that stand before it.
        let verb = sentence.tokens.firstIndex { $0.concept == .definite || $0.concept.isVerb } ?? first
        let leading = sentence.tokens[..<verb].compactMap { $0.concept == .state ? $0.state : nil }
        return leading.count == named.count ? named : []
    }

    // MARK: Reports

    mutating func report(
        _ code: DiagnosticCode, _ severity: Severity? = nil, at token: Int, _ message: String? = nil
    ) {
        isChecked = true
        findings.append(
            Finding(
                code: code, severity: lowered(severity ?? code.severity), token: token, message: message ?? code.title,
                correction: code.fact))
    }

    mutating func note(checked: Bool) { if checked { isChecked = true } }

    /// What says of itself that it is simplified, or the usual case, is not called an error.
    private func lowered(_ severity: Severity) -> Severity {
        guard sentence.has(any: .hedge, .simplified) else { return severity }
        return severity == .error ? .warning : .note
    }
}
