import TCPStateMachine

/// A step from state to state as a sentence tells it: "in A ... moves to B", "B is reached from A", "a FIN takes A to
/// B", "A 상태에서 ... B 상태가 된다".
struct ToldStep: Sendable {
    /// The state that is left, where the sentence names it.
    var from: State?
    var to: State
    /// Where the step's clause begins.
    var begin: Int
    /// The word that moves.
    var verb: Int
    /// The token that names the new state.
    var target: Int
}

/// Finds the steps of a sentence from the order of its tokens.
struct ToldStepReader {
    let sentence: Sentence
    private var tokens: [Token] { sentence.tokens }

    func steps() -> [ToldStep] {
        guard tokens.contains(where: isState) else { return [] }
        var steps: [ToldStep] = []
        for index in tokens.indices {
            switch tokens[index].concept {
            case .enter, .takes:
                let found = sentence.language.isVerbFinal ? entered(before: index) : entered(after: index)
                if let found { steps.append(found) }
            case .reached: steps += reached(at: index)
            case .ends: if let found = left(at: index) { steps.append(found) }
            default: break
            }
        }
        return steps
    }

    private func isState(_ token: Token) -> Bool {
        !token.isPlain && (token.concept == .state && token.state != nil || token.concept == .connected)
    }

    private func state(_ index: Int) -> State? {
        guard index >= 0, index < tokens.count, isState(tokens[index]) else { return nil }
        // CONNECTED, where somebody means ESTABLISHED.
        return tokens[index].state ?? .established
    }

    // MARK: The verb before its state

    /// What stands behind a verb of moving: `[from A] to B`, `A to B`, `B`.
    private func entered(after verb: Int) -> ToldStep? {
        var (from, to): ((State, Int)?, (State, Int)?) = (nil, nil)
        var index = verb + 1
        var isFrom = endsWithFrom(verb)
        scan: while index < tokens.count, index <= verb + 9, tokens[index].gap <= 4 {
            let token = tokens[index]
            if let state = state(index) {
                let isObject = tokens[verb].concept == .takes && tokens[index - 1].concept != .handshake
                let isOrigin = isFrom || isObject && from == nil && next(index) == .to
                if isOrigin, from == nil {
                    from = (state, index)
                } else {
                    to = (state, index)
                    break scan
                }
                isFrom = false
            } else {
                switch token.concept {
                case .from: isFrom = true
                case .to, .inside, .stateWord, .direct, .of, .connection, .socket, .pronoun, .definite, .instant: break
                case .handshake: if next(index) != .state { return nil }
                case _
                where sentence.language == .german
                    && (token.concept.isActor || token.concept == .twiceMSL || token.concept == .already):
                    break
                case _ where tokens[verb].concept == .takes && token.concept.isActor: break
                default: break scan
                }
            }
            index += 1
        }
        guard let to else { return nil }
        var begin = clauseBegin(before: verb)
        if from == nil, let before = origin(before: verb, target: to.0) {
            from = before
            begin = min(begin, before.1)
        }
        if let from, from.0 == to.0 { return nil }
        return ToldStep(from: from?.0, to: to.0, begin: begin, verb: verb, target: to.1)
    }

    private func next(_ index: Int) -> Concept? { index + 1 < tokens.count ? tokens[index + 1].concept : nil }

    private func endsWithFrom(_ index: Int) -> Bool {
        let bytes = sentence.text.bytes[tokens[index].begin..<tokens[index].end]
        return bytes.suffix(5).elementsEqual(" from".utf8) || bytes.suffix(3).elementsEqual(" de".utf8)
    }

    /// The state in which a step begins: "in A", "from A", or the subject of the sentence.
    private func origin(before verb: Int, target: State) -> (State, Int)? {
        guard let at = tokens[..<verb].lastIndex(where: isState), let state = state(at), state != target else {
            return nil
        }
        // Another state between, or another end, and it is no longer clear whose this is.
        let between = tokens[(at + 1)..<verb]
        guard !between.contains(where: { $0.concept == .enter || $0.concept == .takes || $0.concept == .stay }),
            !between.contains(where: { $0.concept == .peer || $0.concept == .host || $0.concept == .both })
        else { return nil }
        let ends = Set(tokens.map(\.concept).filter { $0 == .client || $0 == .server })
        guard ends.count <= 1, !sentence.has(any: .both) else { return nil }
        var before = at - 1
        while before >= 0, tokens[before].concept == .stateWord || tokens[before].concept == .of { before -= 1 }
        let isPlace =
            before >= 0
            && (tokens[before].concept == .inside || tokens[before].concept == .from
                || sentence.language == .german && tokens[before].concept == .to && before == 0)
        if isPlace, tokens[at].gap <= 2 {
            return (state, at)
        }
        let lead = tokens[..<at].allSatisfy { $0.concept == .stateWord || $0.concept == .definite }
        guard lead, at <= 1 else { return nil }
        // "LAST-ACK leads to TIME-WAIT", "LAST_ACK 状态收到 ACK 后进入 ...".
        if sentence.language == .chinese { return (state, at) }
        let isDirect = between.allSatisfy { $0.concept == .stateWord || $0.concept == .will || $0.concept == .always }
        return isDirect && tokens[verb].gap <= 2 ? (state, at) : nil
    }

    /// The beginning of the clause that a verb stands in: behind the last full stop or the last step.
    private func clauseBegin(before verb: Int) -> Int {
        let stop = tokens[..<verb].lastIndex { token in
            token.concept == .stop || token.concept == .enter || token.concept == .takes
        }
        return stop.map { $0 + 1 } ?? 0
    }

    // MARK: The verb behind its state

    private func entered(before verb: Int) -> ToldStep? {
        var at = verb - 1
        while at >= 0, verb - at <= 3, tokens[at + 1].gap <= 1,
            tokens[at].concept == .stateWord || tokens[at].concept == .instant || tokens[at].concept == .to
                || tokens[at].concept == .direct
        { at -= 1 }
        guard let to = state(at), tokens[at + 1].gap <= 1 else { return nil }
        let begin = clauseBegin(before: at)
        var from: State?
        if let before = tokens[..<at].lastIndex(where: isState), before >= begin, isOrigin(before) {
            from = state(before)
        }
        if from == to { return nil }
        return ToldStep(from: from, to: to, begin: begin, verb: verb, target: at)
    }

    /// The particle behind a state says that something happens in it, or comes from it.
    private func isOrigin(_ index: Int) -> Bool {
        let bytes = sentence.text.bytes
        var at = tokens[index].end
        if index + 1 < tokens.count, tokens[index + 1].concept == .stateWord, tokens[index + 1].gap == 0 {
            let word = bytes[tokens[index + 1].begin..<tokens[index + 1].end]
            if word.suffix(6).elementsEqual("에서".utf8) { return true }
            at = tokens[index + 1].end
        }
        while at < bytes.count, bytes[at] == 32 { at += 1 }
        let rest = bytes[at...]
        return ToldStepReader.particles.contains { rest.prefix($0.count).elementsEqual($0) }
    }

    private static let particles = ["에서", "으로부터", "로부터", "で", "から", "より", "の時", "のとき", "中に", "の状態で"].map {
        Array($0.utf8)
    }

    // MARK: Passive forms

    /// "The state is entered from ...": the one that the section is about.
    private var ownState: State? {
        sentence.isEntry && sentence.subject.count == 1 ? sentence.subject.first : nil
    }

    /// "B is reached from A": each A is one step.
    private func reached(at verb: Int) -> [ToldStep] {
        let at = tokens[..<verb].lastIndex(where: isState)
        guard let to = at.flatMap(state) ?? ownState, verb - (at ?? verb) <= 3 else { return [] }
        var steps: [ToldStep] = []
        var isFrom = true
        for index in (verb + 1)..<max(verb + 1, min(tokens.count, verb + 9)) {
            switch tokens[index].concept {
            case .from, .handshake: isFrom = true
            case .state where isFrom:
                if let from = state(index), from != to {
                    steps.append(ToldStep(from: from, to: to, begin: verb + 1, verb: verb, target: at ?? verb))
                }
            case .comma, .and, .stateWord, .only, .of, .inside, .direct: break
            case .number, .ordinal, .either: break
            default: return steps
            }
        }
        return steps
    }

    /// "A is left for B", "A is followed by B".
    private func left(at verb: Int) -> ToldStep? {
        let at = tokens[..<verb].lastIndex(where: isState)
        guard let from = at.flatMap(state) ?? ownState, verb - (at ?? verb) <= 3,
            let target = tokens[(verb + 1)...].prefix(3).firstIndex(where: isState), let to = state(target), to != from
        else { return nil }
        guard
            tokens[(verb + 1)..<target].allSatisfy({
                $0.concept == .to || $0.concept == .of || $0.concept == .by || $0.concept == .stateWord
            })
        else { return nil }
        return ToldStep(from: from, to: to, begin: verb + 1, verb: verb, target: target)
    }
}
