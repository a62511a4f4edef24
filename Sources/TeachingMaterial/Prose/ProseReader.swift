import TCPStateMachine

/// Reads sentences about states and says which of them contradict the machine.
///
/// It gets the prose of a whole document, in order, so that a subject can be carried from line to line, and gives back
/// what is wrong and what mentions states without having been understood.
struct ProseReader: Sendable {
    let file: String
    /// What the document says of itself.
    let context: Context

    /// What came of it.
    struct Findings: Sendable {
        var diagnostics: [Diagnostic] = []
        /// Sentences that mention states and were held against the machine.
        var checked = 0
        /// Mentions of states that were not understood.
        var unchecked: [Unchecked] = []
        /// Lines under headings that announce mistakes.
        var quotedLines: [ClosedRange<Int>] = []
    }

    func read(_ blocks: [ProseBlock]) -> Findings {
        var findings = Findings()
        let (passages, quotedLines) = PassageReader.passages(of: blocks)
        findings.quotedLines = quotedLines
        let isAboutTCP = passages.contains { passage in
            passage.names.contains(where: ProseReader.isUnmistakable)
                || passage.sentences.contains { $0.tokens.contains(where: ProseReader.isUnmistakable) }
                || passage.names.contains { $0.concept == .state && !$0.isPlain }
                    && passage.sentences.contains { $0.has(any: .fin, .syn, .synAck, .finAck, .ack) }
        }
        var previous: Sentence?
        var story: [String: State] = [:]
        for passage in passages {
            var passage = passage
            // Only the steps of one list, or the sentences of one paragraph, tell one story.
            if !passage.isNumbered { story.removeAll() }
            if passage.isQuoted || context.contains(.otherProtocol) {
                for sentence in passage.sentences where ProseReader.mentionsState(sentence) {
                    findings.unchecked.append(unchecked(sentence))
                }
                continue
            }
            carrySubjects(in: &passage, after: previous)
            for (index, sentence) in passage.sentences.enumerated() {
                let before = index > 0 ? passage.sentences[index - 1] : previous
                judge(sentence, passage, before, isAboutTCP, &story, &findings)
                previous = sentence
            }
        }
        findings.diagnostics += GlossaryJudge.diagnostics(passages, file: file, isAboutTCP: isAboutTCP)
        var seen: Set<Key> = []
        findings.diagnostics = findings.diagnostics.sorted { $0.place < $1.place }.filter {
            seen.insert(Key(line: $0.place.line, code: $0.code)).inserted
        }
        return findings
    }

    /// What is said once of a line.
    private struct Key: Hashable {
        var line: Int
        var code: DiagnosticCode
    }

    /// "In this state": the one that was spoken of last.
    private func carrySubjects(in passage: inout Passage, after previous: Sentence?) {
        var last: [State] = previous.map { $0.subject.isEmpty ? $0.named : $0.subject } ?? []
        for index in passage.sentences.indices {
            if !passage.sentences[index].isEntry {
                let named = passage.sentences[index].named
                if named.isEmpty {
                    if passage.sentences[index].has(.these) { passage.sentences[index].subject = last }
                } else {
                    last = named
                }
            } else {
                last = passage.sentences[index].subject
            }
        }
    }

    private func judge(
        _ sentence: Sentence, _ passage: Passage, _ previous: Sentence?, _ isAboutTCP: Bool,
        _ story: inout [String: State], _ findings: inout Findings
    ) {
        var judge = ClaimJudge(
            sentence: sentence, passage: passage, previous: previous, isAboutTCP: isAboutTCP, story: story)
        judge.judge()
        story = judge.story
        let (found, isChecked) = (judge.findings, judge.isChecked)
        var seen: Set<DiagnosticCode> = []
        for finding in found where seen.insert(finding.code).inserted {
            findings.diagnostics.append(
                Diagnostic(
                    file: file, place: sentence.place(finding.token), severity: finding.severity, code: finding.code,
                    message: finding.message, correction: finding.correction, source: finding.code.source))
        }
        guard isAboutTCP, ProseReader.mentionsState(sentence) || !sentence.subject.isEmpty && sentence.isFirst else {
            return
        }
        if isChecked || !found.isEmpty { findings.checked += 1 } else { findings.unchecked.append(unchecked(sentence)) }
    }

    private func unchecked(_ sentence: Sentence) -> Unchecked {
        let text = String(decoding: sentence.text.bytes.prefix(80), as: UTF8.self)
        return Unchecked(file: file, place: sentence.place(0), text: text)
    }

    private static func mentionsState(_ sentence: Sentence) -> Bool {
        sentence.tokens.contains { $0.concept == .state && !$0.isPlain }
    }

    /// A name that nothing but TCP has.
    static func isUnmistakable(_ token: Token) -> Bool {
        guard token.concept == .state, let state = token.state else { return false }
        switch state {
        case .synSent, .synReceived, .finWait1, .finWait2, .closeWait, .lastAck, .timeWait: return true
        case .established, .listen: return !token.isPlain
        case .closed, .closing: return false
        }
    }
}
