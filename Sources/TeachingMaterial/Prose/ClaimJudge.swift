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

    /// Where each end of a story was left.
    var story: [String: State] = [:]

    private(set) var findings: [Finding] = []
    /// A claim about a state was understood.
    private(set) var isChecked = false

    init(sentence: Sentence, passage: Passage, previous: Sentence?, isAboutTCP: Bool, story: [String: State] = [:]) {
        self.sentence = sentence
        self.passage = passage
        self.previous = previous
        self.isAboutTCP = isAboutTCP
        self.story = story
    }

    mutating func judge() {
        guard !sentence.isQuestion, !sentence.isQuotation, !sentence.has(any: .quoted, .otherProtocol) else { return }
        judgeSubjects()
        guard isAboutTCP else { return }
        judgeSteps()
        judgeReplies()
        judgeListenerReset()
        judgeOtherTimers()
        for state in subjects {
            judgeHistory(of: state)
            judgeMissing(of: state)
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
        // "Data may still be received in FIN-WAIT-2", "as long as ..., it stays in FIN-WAIT-1".
        if named.count == 1, sentence.tokens[first].isPlain == false, isLocative(first) { return named }
        guard
            !sentence.tokens[..<first].contains(where: {
                $0.concept.isVerb && !(named.count == 1 && ($0.concept == .stay || $0.concept == .leave))
                    || $0.concept.isObject || $0.concept.mode != nil && $0.concept != .when
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

    /// A state at the end of the sentence that says where, or while what, the rest holds.
    private func isLocative(_ index: Int) -> Bool {
        let tokens = sentence.tokens
        guard tokens[(index + 1)...].allSatisfy({ $0.concept == .stop || $0.concept == .stateWord }) else {
            return false
        }
        if sentence.has(.whilst), tokens[..<index].contains(where: { $0.concept == .stay }) { return true }
        guard index > 0, tokens[index].gap <= 1, tokens[index - 1].concept == .inside else { return false }
        return !tokens[..<index].contains { $0.concept == .enter || $0.concept == .stay || $0.concept == .takes }
            && !sentence.has(any: .whilst, .client, .server, .activeCloser, .passiveCloser)
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
