import TCPStateMachine

/// Reads who does what from the tokens of a sentence.
///
/// Two orders are known: the object after its verb, with joining words before what they join (English, Chinese), and
/// the object before its verb, with joining words after it (Korean, Japanese).
struct ActReader {
    let tokens: [Token]
    let language: Language
    private(set) var acts: [Act] = []

    private var mode = Act.Mode.main
    private var subject: Concept?
    private var source: Concept?
    private var target: Concept?
    private var owner: Concept?
    private var objects: [(concept: Concept, acknowledges: Concept?, owner: Concept?, index: Int)] = []
    private var isNegated = false
    private var isModal = false
    private var states: [(State, Int)] = []
    private var isFromState = false
    /// The verb of the clause that is read, for languages that name the object after it.
    private var open: Int?
    /// What the act before was done with: "a FIN was sent and has been acknowledged".
    private var carried: (concept: Concept, owner: Concept?, subject: Concept?)?

    init(tokens: [Token], language: Language) {
        var tokens = tokens
        if language == .chinese {
            // "关闭连接" is what somebody does as well as what it is called.
            for index in tokens.indices where tokens[index].concept == .termination { tokens[index].concept = .close }
        }
        self.tokens = ActReader.joined(tokens)
        self.language = language
    }

    static func acts(_ tokens: [Token], _ language: Language) -> (acts: [Act], tokens: [Token]) {
        var reader = ActReader(tokens: tokens, language: language)
        if language.isVerbFinal { reader.readVerbFinal() } else { reader.readVerbFirst() }
        return (reader.acts, reader.tokens)
    }

    /// "ACK of its FIN", "FIN에 대한 ACK": one object; "the remote program", "aplicación remota": one actor.
    private static func joined(_ tokens: [Token]) -> [Token] {
        var result: [Token] = []
        var index = 0
        while index < tokens.count {
            var token = tokens[index]
            if index + 1 < tokens.count, tokens[index + 1].gap == 0,
                token.concept == .peer && tokens[index + 1].concept == .application
                    || token.concept == .application && tokens[index + 1].concept == .peer
            {
                token.concept = .peer
                token.end = tokens[index + 1].end
                result.append(token)
                index += 2
                continue
            }
            if token.concept == .ack {
                var next = index + 1
                var hasLink = false
                while next < tokens.count, next <= index + 4, tokens[next].gap <= 3 {
                    let concept = tokens[next].concept
                    if concept == .of || concept == .to {
                        hasLink = true
                    } else if !concept.isActor && concept != .packet && concept != .pronoun && concept != .first {
                        break
                    }
                    next += 1
                }
                if hasLink, next < tokens.count, tokens[next].gap <= 3 {
                    switch tokens[next].concept {
                    case .fin, .terminationRequest, .finAck:
                        token.number = 1
                        token.end = tokens[next].end
                        index = next
                    case .syn, .synAck, .connectionRequest:
                        token.number = 2
                        token.end = tokens[next].end
                        index = next
                    default: break
                    }
                }
                result.append(token)
                index += 1
                continue
            }
            if token.concept == .fin || token.concept == .terminationRequest || token.concept == .syn
                || token.concept == .connectionRequest
            {
                var next = index + 1
                var hasLink = false
                while next < tokens.count, next <= index + 3, tokens[next].gap <= 1 {
                    let concept = tokens[next].concept
                    if concept == .of { hasLink = true } else if concept != .packet && concept != .response { break }
                    next += 1
                }
                if hasLink, next < tokens.count, tokens[next].concept == .ack, tokens[next].gap <= 1 {
                    var ack = tokens[next]
                    ack.begin = token.begin
                    ack.number = token.concept == .fin || token.concept == .terminationRequest ? 1 : 2
                    result.append(ack)
                    index = next + 1
                    continue
                }
            }
            result.append(token)
            index += 1
        }
        return result
    }

    private static func acknowledged(_ token: Token) -> Concept? {
        guard token.concept == .ack else { return nil }
        return token.number == 1 ? .fin : token.number == 2 ? .syn : nil
    }

    private func concept(_ index: Int) -> Concept? { index >= 0 && index < tokens.count ? tokens[index].concept : nil }

    // MARK: Actors

    private mutating func takeActor(_ index: Int) {
        let actor = tokens[index].concept
        let next = concept(index + 1)
        // "its peer": the peer.
        if actor == .local, index + 1 < tokens.count, tokens[index + 1].gap == 0 {
            if next?.isActor == true, next != .application { return }
            // "its socket": whose it is, not who acts.
            if next == .socket || next == .connection || next == .port || next == .stateWord { return }
        }
        let isNextAdjacent = index + 1 < tokens.count && tokens[index + 1].gap == 0
        if language.isVerbFinal {
            switch next {
            case .from where isNextAdjacent: source = actor
            case .to where isNextAdjacent: target = actor
            case .of where isNextAdjacent: owner = actor
            default:
                if actor == .local, isNextAdjacent, next?.isObject == true { owner = actor } else { subject = actor }
            }
            return
        }
        let before = concept(index - 1)
        let isBeforeNear = tokens[index].gap <= 2
        switch before {
        case .from where isBeforeNear: source = actor
        case .to where isBeforeNear: target = actor
        case .by where isBeforeNear: subject = actor
        case .of where isBeforeNear:
            if !objects.isEmpty { objects[objects.count - 1].owner = actor } else { owner = actor }
        default:
            if isNextAdjacent, next == .of || (next?.isObject == true && (actor == .local || actor == .peer)) {
                owner = actor
            } else if open != nil {
                // "waits for the peer to close", "the FIN that the peer sent": another act begins.
                let isAwaited = open.map { acts[$0].verb == .wait && acts[$0].object == nil } ?? false
                finishClause(keepsMode: true)
                if isAwaited { mode = .until }
                subject = actor
            } else {
                subject = actor
            }
        }
    }

    // MARK: Verb first

    private mutating func readVerbFirst() {
        for index in tokens.indices {
            let token = tokens[index]
            switch token.concept {
            case .comma, .stop:
                let isList =
                    token.concept == .comma && open == nil && mode != .main && acts.last?.mode != mode
                    && (!objects.isEmpty || mode != .when)
                finishClause(keepsMode: isList)
            case .and:
                finishClause(keepsMode: true)
            case .when, .after, .before, .until, .because, .purpose:
                let new = token.concept.mode ?? .main
                if language == .chinese, open != nil || !objects.isEmpty, token.concept != .until,
                    token.concept != .because, token.concept != .purpose
                {
                    // 收到 FIN 后: the joining word stands at the end.
                    let count = acts.count
                    finishClause(keepsMode: true)
                    for index in count..<acts.count where acts[index].mode == .main || acts[index].mode == .when {
                        acts[index].mode = new
                        if token.concept == .before { acts[index].mode = .until }
                    }
                    mode = .main
                } else {
                    finishClause(keepsMode: false, keepsSubject: false)
                    mode = new
                }
            case .not, .notYet, .noLonger, .without, .cannot, .nobody:
                // In Arabic it stands before its verb: what was said so far is not denied.
                // "a FIN that nobody has acknowledged": it is the acknowledging that is denied.
                if language == .arabic || token.concept == .nobody, open != nil { finishClause(keepsMode: true) }
                finishMove()
                isNegated = true
                if token.concept == .cannot { isModal = true }
                if token.concept == .without, open != nil {
                    finishClause(keepsMode: true)
                    isNegated = true
                }
            case .can, .will, .may:
                finishMove()
                isModal = true
            case .from: isFromState = true
            case .pronoun:
                // "a peer that does not close": what the actor before it does.
                if token.gap <= 1, let actor = concept(index - 1), actor.isActor, isRelative(token.end - token.begin) {
                    finishClause(keepsMode: true)
                    subject = actor
                }
            case .state, .connected:
                if let state = token.concept == .state ? token.state : token.isPlain ? nil : .established {
                    if isFromState, token.gap <= 3, concept(index - 1) == .from {
                        isFromState = false
                    } else if let open, acts[open].isMove, acts[open].state == nil {
                        acts[open].state = state
                        acts[open].last = index
                    }
                    states.append((state, index))
                }
            case _ where token.concept.isActor: takeActor(index)
            case _ where token.concept.isObject:
                take(object: index)
            case _ where token.concept.isVerb: take(verb: index)
            default: break
            }
        }
        finishClause(keepsMode: false)
    }

    /// "that", "which", "who", "qui", "que", "das", "die": words that are longer than "it".
    private func isRelative(_ length: Int) -> Bool { length >= 3 }

    private mutating func take(object index: Int) {
        let token = tokens[index]
        let object = (token.concept, ActReader.acknowledged(token), owner, index)
        owner = nil
        var link = index - 1
        while link > 0, concept(link) == .first || concept(link)?.isActor == true { link -= 1 }
        let isComplement = concept(link) == .of && !objects.isEmpty
        if let open, acts[open].object == nil, !acts[open].isMove, acts[open].verb != .close, !isComplement {
            acts[open].object = object.0
            acts[open].acknowledges = object.1
            acts[open].owner = object.2
            acts[open].last = index
            objects.append(object)
        } else {
            objects.append(object)
        }
    }

    private mutating func take(verb index: Int) {
        let verb = tokens[index].concept
        // "a FIN that waits": it is not what is awaited.
        if verb == .wait, concept(index - 1) == .pronoun, tokens[index].gap == 0 { objects.removeAll() }
        if let open {
            if acts[open].verb == .wait {
                // "waits to receive a FIN": awaited, not done.
                let (subject, negated) = (acts[open].subject, isNegated)
                finishClause(keepsMode: true)
                self.subject = subject
                isNegated = negated
                begin(verb, index, mode: .until)
                return
            }
            if acts[open].object == nil, objects.isEmpty, !acts[open].isMove, acts[open].verb != .close {
                // "has been sent and received" without more: the later verb counts.
                acts[open].verb = verb
                acts[open].last = index
                return
            }
            finishClause(keepsMode: true)
        }
        begin(verb, index, mode: mode)
    }

    /// "is in CLOSE-WAIT must not ...": what follows a state belongs to the next verb.
    private mutating func finishMove() {
        guard let open, acts[open].isMove, acts[open].state != nil else { return }
        finishClause(keepsMode: true)
    }

    private mutating func begin(_ verb: Concept, _ index: Int, mode: Act.Mode) {
        var act = Act(verb: verb, first: index, last: index)
        if verb == .unacknowledged {
            act.verb = .acknowledge
            isNegated = true
        }
        act.mode = mode
        act.subject = subject
        act.isNegated = isNegated
        act.isModal = isModal
        acts.append(act)
        open = acts.count - 1
    }

    /// Ends what is read; objects before a verb that got none after it are its own: "a FIN has been received".
    private mutating func finishClause(keepsMode: Bool, keepsSubject: Bool = true) {
        if let open {
            if acts[open].object == nil, !acts[open].isMove, acts[open].verb != .already, acts[open].verb != .close,
                acts[open].verb != .closeCall,
                let object = objects.last(where: { $0.index < acts[open].first }) ?? objects.last
            {
                acts[open].object = object.concept
                acts[open].acknowledges = object.acknowledges
                acts[open].owner = object.owner ?? owner
                acts[open].first = min(acts[open].first, object.index)
            } else if let last = objects.last, last.index >= acts[open].first, acts[open].owner == nil,
                last.owner != nil, acts[open].object == last.concept
            {
                acts[open].owner = last.owner
            }
            if acts[open].object == nil, acts[open].verb == .acknowledge, let carried,
                acts[open].subject == nil || acts[open].subject == carried.subject
            {
                acts[open].object = carried.concept
                acts[open].owner = carried.owner ?? owner
            }
            if let object = acts[open].object, acts[open].verb != .acknowledge {
                carried = (object, acts[open].owner ?? (acts[open].verb == .send ? .local : nil), acts[open].subject)
            }
            acts[open].source = source
            acts[open].target = target
            if isNegated { acts[open].isNegated = true }
            if subject != nil, acts[open].subject == nil { acts[open].subject = subject }
        } else if let last = objects.last, keepsMode {
            // "our FIN is on its way but has not been acknowledged".
            carried = (last.concept, last.owner ?? owner, subject)
        }
        open = nil
        objects.removeAll(keepingCapacity: true)
        source = nil
        target = nil
        owner = nil
        isNegated = false
        isModal = false
        if !keepsMode { mode = .main }
        if !keepsSubject { subject = nil }
    }

    // MARK: Verb last

    private mutating func readVerbFinal() {
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            switch token.concept {
            case .state: if let state = token.state { states.append((state, index)) }
            case .connected: if !token.isPlain { states.append((.established, index)) }
            case .comma, .stop:
                objects.removeAll(keepingCapacity: true)
                isNegated = false
                if token.concept == .stop { states.removeAll(keepingCapacity: true) }
            case .notYet, .without: isNegated = true
            case _ where token.concept.isActor: takeActor(index)
            case _ where token.concept.isObject:
                objects.append((token.concept, ActReader.acknowledged(token), owner, index))
                owner = nil
            case _ where token.concept.isVerb:
                index = takeFinal(verb: index)
                continue
            default: break
            }
            index += 1
        }
    }

    /// A verb with what follows it: negation, joining words.
    private mutating func takeFinal(verb index: Int) -> Int {
        let verb = tokens[index].concept
        var act = Act(
            verb: verb == .unacknowledged ? .acknowledge : verb, first: objects.last?.index ?? index, last: index)
        if verb == .unacknowledged { isNegated = true }
        if let object = objects.last {
            act.object = object.concept
            act.acknowledges = object.acknowledges
            act.owner = object.owner
        } else {
            act.owner = owner
        }
        if act.isMove, let state = states.last, state.1 > (acts.last?.last ?? -1) { act.state = state.0 }
        act.subject = subject
        act.source = source
        act.target = target
        act.isNegated = isNegated
        if verb == .wait, act.object == nil, let previous = acts.indices.last,
            acts[previous].mode == .main || acts[previous].mode == .until, !acts[previous].isNegated,
            acts[previous].verb != .wait,
            index - acts[previous].last <= 2, tokens[index].gap <= 1,
            !tokens[acts[previous].last..<index].contains(where: { $0.concept == .and || $0.concept == .comma })
        {
            // "상대방이 FIN을 보내기를 기다리는": what came before is awaited.
            acts[previous].mode = .until
        }
        var next = index + 1
        loop: while next < tokens.count, tokens[next].gap <= 1 {
            switch tokens[next].concept {
            case .not, .notYet, .noLonger, .cannot: act.isNegated = true
            case .can, .will, .may: act.isModal = true
            case .after: act.mode = .after
            case .when: act.mode = .when
            case .before, .until: act.mode = .until
            case .because: act.mode = .after
            case .purpose: act.mode = .purpose
            case .and: break
            default: break loop
            }
            act.last = next
            next += 1
        }
        acts.append(act)
        objects.removeAll(keepingCapacity: true)
        source = nil
        target = nil
        owner = nil
        isNegated = false
        return next
    }
}
