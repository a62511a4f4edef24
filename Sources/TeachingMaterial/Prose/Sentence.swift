import TCPStateMachine

/// A sentence of prose with what the document around it says about it.
struct Sentence: Sendable {
    var text: ProseText
    var tokens: [Token]
    var acts: [Act] = []
    var language: Language
    /// The states of the entry that it stands in ("FIN-WAIT-2: ..."), or that it speaks of with "this state".
    var subject: [State] = []
    /// It is the text of a glossary's entry, not only a sentence that begins with a state.
    var isEntry = false
    /// It is the first of its entry.
    var isFirst = false
    var isQuestion = false
    /// It stands in quotation marks as a whole.
    var isQuotation = false
    /// The place of the entry's name.
    var head: Place?

    func place(_ token: Int) -> Place {
        guard token >= 0, token < tokens.count else { return text.place(at: 0) }
        return text.place(at: tokens[token].begin)
    }

    func has(_ concept: Concept) -> Bool { tokens.contains { $0.concept == concept } }
    func has(any concepts: Concept...) -> Bool { tokens.contains { concepts.contains($0.concept) } }
    func first(_ concepts: Concept...) -> Int? { tokens.firstIndex { concepts.contains($0.concept) } }

    /// The index of a concept that no negation stands near.
    func asserted(_ concepts: Concept...) -> Int? {
        tokens.indices.first { concepts.contains(tokens[$0].concept) && !isNegated(around: $0) }
    }

    /// Whether a negation belongs to a token: before it in its clause, or right after it where verbs come last.
    func isNegated(around index: Int) -> Bool {
        var before = index - 1
        while before >= 0, index - before <= 4 {
            switch tokens[before].concept {
            case .without where before + 1 < tokens.count && tokens[before + 1].concept.isObject: before -= 1
            case .notYet, .without: return true
            case .not, .noLonger, .cannot, .nobody:
                // Where verbs come last, so does what takes them back.
                if !language.isVerbFinal { return true }
                before -= 1
            case .comma, .stop, .and: before = -1
            default: before -= 1
            }
        }
        if language.isVerbFinal || language == .chinese || language == .german || language == .english {
            let reach = language.isVerbFinal ? 2 : 1
            for after in (index + 1)..<max(index + 1, min(tokens.count, index + 1 + reach)) where tokens[after].gap <= 1
            {
                switch tokens[after].concept {
                case .not, .notYet, .noLonger, .cannot: return true
                case .comma, .stop, .and: return false
                default: continue
                }
            }
        }
        return false
    }

    /// The states that it names, in order, each once.
    var named: [State] {
        var states: [State] = []
        for token in tokens {
            if let state = token.state, token.concept == .state, !states.contains(state) { states.append(state) }
        }
        return states
    }
}
