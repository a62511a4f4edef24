import TCPStateMachine

/// Steps from state to state: what leads where.
extension ClaimJudge {
    mutating func judgeSteps() {
        let told = ToldStepReader(sentence: sentence).steps()
        var window: [Act] = []
        var isEntered = false
        for (index, act) in sentence.acts.enumerated() {
            if act.isMove { isEntered = true }
            let step = told.first { act.first <= $0.verb && $0.verb <= act.last }
            guard act.verb == .enter || act.verb == .stay && !window.isEmpty && act.mode == .main,
                let state = step?.to ?? act.state ?? section(of: act), !act.isNegated
            else {
                if !act.isMove { window.append(act) }
                continue
            }
            let before = window.filter { !$0.isNegated && $0.mode != .until && $0.mode != .purpose }
            let events = before + following(index)
            judgeEntry(into: state, act, events)
            if step?.from == nil, act.verb == .enter, act.mode == .main, !told.contains(where: { $0.from != nil }),
                act.state != nil || sentence.has(.heldWhen)
            {
                if let (from, _) = entryOrigin(act) {
                    self.step(from: from, to: state, at: act.first, ClaimJudge.label(events), isVague: events.count > 2)
                } else {
                    judgeEvents(into: state, events, at: act.first)
                }
            }
            window.removeAll()
        }
        for step in told where !isDenied(step) { judge(step) }
        if !isEntered, told.isEmpty { judgeArrow() }
    }

    /// "enters X after receiving a FIN": what is told behind the step that it comes after.
    private func following(_ index: Int) -> [Act] {
        let act = sentence.acts[index]
        let isLastState = !sentence.tokens[min(act.last + 1, sentence.tokens.count)...].contains {
            $0.concept == .state
        }
        guard isLastState else { return [] }
        let later = sentence.acts[(index + 1)...].prefix { !$0.isMove && ($0.mode == .after || $0.mode == .when) }
        return later.filter { !$0.isNegated }
    }

    // MARK: Steps with both states

    private func isDenied(_ step: ToldStep) -> Bool {
        if sentence.isNegated(around: step.verb) || sentence.isNegated(around: step.target) { return true }
        // What a condition denies is not the step.
        let comma = sentence.tokens[..<step.verb].lastIndex { $0.concept == .comma }
        let begin = max(step.begin, (comma ?? -1) + 1)
        guard begin < step.verb else { return false }
        return (begin..<step.verb).contains { index in
            switch sentence.tokens[index].concept {
            case .not, .noLonger, .cannot, .nobody: true
            // "a SYN without ACK" is a segment.
            case .without: !sentence.tokens[index + 1].concept.isObject
            default: false
            }
        }
    }

    private mutating func judge(_ step: ToldStep) {
        if step.to == .listen, sentence.has(.activeOpen), !sentence.has(any: .passiveOpen, .server) {
            report(.clientListens, at: step.verb)
        }
        let from = step.from ?? tracked(step)
        if let from {
            let events = acts(of: step)
            let label = ClaimJudge.label(events) ?? bareLabel(of: step)
            let isKnown = step.from != nil
            // What was told before may be another story: then the event must say it, too.
            if isKnown || label != nil, isKnown || !isNewStory(from, step.to) {
                self.step(from: from, to: step.to, at: step.verb, label, isVague: events.count > 2)
            }
        }
        remember(step)
    }

    /// What happens between the beginning of a step's clause and its verb, or behind it.
    private func acts(of step: ToldStep) -> [Act] {
        var found = sentence.acts.filter {
            !$0.isMove && $0.first >= step.begin && $0.last < max(step.verb, step.target) && !$0.isNegated
                && $0.mode != .until && $0.mode != .purpose
        }
        if let last = sentence.acts.firstIndex(where: { $0.first <= step.verb && step.verb <= $0.last }) {
            found += following(last)
        } else {
            found += sentence.acts.filter {
                $0.first > max(step.verb, step.target) && !$0.isMove && !$0.isNegated
                    && ($0.mode == .after || $0.mode == .when)
            }
        }
        return found
    }

    /// "A FIN takes ESTABLISHED to ...": a segment that nobody sends or receives in so many words.
    private func bareLabel(of step: ToldStep) -> EdgeLabel? {
        let stop = min(step.verb, sentence.tokens.count)
        guard step.begin <= stop else { return nil }
        let isOnly = sentence.tokens[..<stop].count { $0.concept == .state } <= 1
        let clause = sentence.tokens[(isOnly ? 0 : step.begin)..<stop]
        guard !clause.contains(where: { $0.concept.isVerb && $0.concept != .enter && $0.concept != .acknowledge })
        else {
            return nil
        }
        if clause.contains(where: { $0.concept == .timer || $0.concept == .clock }),
            !clause.contains(where: { $0.concept == .hedge || $0.concept == .may })
        {
            return EdgeLabel(readings: [LabelReading(events: [.timeout])])
        }
        let objects = clause.indices.filter { index in
            clause[index].concept.isObject && !(index > 0 && sentence.tokens[index - 1].concept == .without)
        }
        guard objects.count == 1, let at = objects.first else { return nil }
        if let owner = clause.first(where: { $0.concept.isActor })?.concept {
            // "The passive closer's FIN": its own.
            let isOwn = owner == .activeCloser || owner == .passiveCloser || owner == .local
            guard isOwn, sentence.tokens[at].concept == .fin else { return nil }
            return EdgeLabel(readings: [LabelReading(actions: [.segment(.fin)])])
        }
        switch sentence.tokens[at].concept {
        case .fin: return EdgeLabel(readings: [LabelReading(events: [.segment(.fin)])])
        case .syn: return EdgeLabel(readings: [LabelReading(events: [.segment(.syn)])])
        case .rst: return EdgeLabel(readings: [LabelReading(events: [.segment(.rst)])])
        case .synAck: return EdgeLabel(readings: [LabelReading(events: [.segment([.syn, .ack])])])
        case .ack: return EdgeLabel(readings: [LabelReading(events: [.segment(.ack)])])
        default: return nil
        }
    }

    // MARK: Stories

    /// Where an end of a story is, by what was told of it before.
    private func tracked(_ step: ToldStep) -> State? {
        guard passage.isNumbered || passage.sentences.count > 1 else { return nil }
        return actor(of: step).flatMap { story[$0] }
    }

    private mutating func remember(_ step: ToldStep) {
        guard let actor = actor(of: step) else { return }
        // Where a wrong step leads is anybody's guess.
        story[actor] = findings.isEmpty ? step.to : nil
    }

    /// A step that begins another story than the one that was told.
    private func isNewStory(_ from: State, _ to: State) -> Bool {
        switch to {
        case .closed: return from == .listen || from == .established
        case .listen, .synSent, .established: return true
        case .synReceived, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            return from == .closed || from == .timeWait
        }
    }

    /// Who takes a step: the client, the server, host A, B; nil if that is not said.
    private func actor(of step: ToldStep) -> String? {
        let tokens = sentence.tokens
        let end = min(max(step.verb, step.begin), tokens.count)
        let named = tokens[..<end].filter { $0.concept == .client || $0.concept == .server }
        if Set(named.map(\.concept)).count == 1, let one = named.first { return one.concept.rawValue }
        // In German and the like the one who acts may stand behind the verb.
        if named.isEmpty, sentence.language == .german, step.target > step.verb {
            let between = tokens[step.verb..<step.target].filter { $0.concept == .client || $0.concept == .server }
            if let one = between.first { return one.concept.rawValue }
        }
        if !named.isEmpty {
            // The one who acts last before the verb, as the subject of the clause.
            let act = sentence.acts.last { $0.first <= step.verb && $0.subject != nil }
            guard let subject = act?.subject, subject == .client || subject == .server else { return nil }
            return act?.verb == .enter ? subject.rawValue : nil
        }
        return letter(before: tokens.indices.contains(step.verb) ? tokens[step.verb].begin : 0)
    }

    /// "A sends ...", "Host B receives": a capital letter alone, before a place of the text.
    private func letter(before end: Int) -> String? {
        let text = sentence.text
        var found: Set<UInt8> = []
        for index in 0..<min(end, text.count) where text.bytes[index] == 97 || text.bytes[index] == 98 {
            guard text.upper[index] else { continue }
            let isAlone =
                (index == 0 || !ProseText.isLetter(text.bytes, index - 1))
                && !ProseText.isLetter(text.bytes, index + 1)
            // "B's FIN" is what another one has sent.
            let next = index + 1 < text.count ? text.bytes[index + 1] : 32
            guard isAlone, next == 32 || next == 44 else { continue }
            // At the beginning of a sentence A is an article, unless a host or a verb follows.
            if text.bytes[index] == 97, index == 0, let first = sentence.tokens.first, first.gap > 0 { continue }
            found.insert(text.bytes[index])
        }
        guard found.count == 1, let one = found.first else { return nil }
        return one == 97 ? "A" : "B"
    }

    // MARK: Steps of which only the new state is known

    /// An event that leads into the state from nowhere.
    private mutating func judgeEvents(into state: State, _ events: [Act], at token: Int) {
        guard !sentence.has(any: .both, .simultaneous, .handshake, .timer, .wait, .may) else { return }
        let acts = events.filter { !($0.subject == .peer && $0.verb != .send) }
        guard (1...2).contains(acts.count), let label = ClaimJudge.label(acts), let reading = label.readings.first
        else {
            return
        }
        guard !leads(into: state, reading), isTold(state, reading) else { return }
        let origin = State.allCases.first { from in
            Way.leaving(from).contains { way in way.isNormal && reading.events.contains { $0.means(way, from: from) } }
        }
        let code = EdgeJudge.code(origin ?? .established, state, reading)
        let what = reading.events.first?.words ?? "sending \(ClaimJudge.sent(reading))"
        report(code == .illegalTransition ? .wrongEvent : code, at: token, "\(what) leads from no state to \(state)")
    }

    private func leads(into state: State, _ reading: LabelReading) -> Bool {
        let sent = reading.actions.compactMap { action -> SegmentWords? in
            if case .segment(let words) = action { words } else { nil }
        }
        return Way.all.contains { way in
            guard way.to == state else { return false }
            let isCaused = reading.events.isEmpty || reading.events.contains { $0.means(way, from: way.from) }
            return isCaused && sent.allSatisfy { way.allows($0) }
        }
    }

    /// What ends a story may be told in short; what begins one or stands within it may not.
    private func isTold(_ state: State, _ reading: LabelReading) -> Bool {
        switch state {
        case .established: return reading.events.contains { $0 == .segment(.fin) || $0 == .segment(.rst) }
        case .closed, .timeWait: return !reading.events.isEmpty && !reading.events.contains(.close)
        case .listen, .synSent, .synReceived, .finWait1, .finWait2, .closeWait, .closing, .lastAck: return true
        }
    }

    private static func sent(_ reading: LabelReading) -> String {
        if case .segment(let words)? = reading.actions.first { return words.text }
        return "nothing"
    }

    private mutating func judgeEntry(into state: State, _ enter: Act, _ events: [Act]) {
        guard !enter.isModal || events.isEmpty == false else { return }
        note(checked: true)
        let own = enter.subject ?? events.last { $0.subject != nil }?.subject
        if own == .passiveCloser, state == .finWait1 || state == .finWait2 || state == .timeWait || state == .closing {
            return report(.passiveCloseSwapped, at: enter.first, "the passive closer is said to enter \(state)")
        }
        if own == .activeCloser, state == .closeWait || state == .lastAck {
            return report(.passiveCloseSwapped, at: enter.first, "the active closer is said to enter \(state)")
        }
        if state == .listen, own == .client || own == .both, !sentence.has(.server) || own == .both {
            return report(.clientListens, at: enter.first)
        }
        for act in events where act.subject != .both {
            guard let feature = feature(of: act, own: own, in: state) else { continue }
            // An end that is not named may be either.
            if act.subject != nil, enter.subject == nil, act.subject != own { continue }
            guard StateFacts.of(state).contradicts(feature, isTrue: true) else { continue }
            if state == .established || state == .closed || state == .listen { continue }
            report(ClaimJudge.code(state, feature, isTrue: true), at: act.first, ClaimJudge.entryMessage(state, act))
            return
        }
        if state == .established, let last = events.last, last.verb == .send, last.object == .synAck, last.mode != .when
        {
            report(.establishedTooEarly, at: enter.first)
        }
        if state == .established, sentence.has(.request), sentence.first(.request) ?? 0 < enter.first, !hasOrigin,
            !sentence.has(any: .syn, .synAck, .ack, .handshake, .connectionRequest, .response)
        {
            report(.establishedByRequest, at: enter.first)
        }
        if state == .closed, events.contains(where: { $0.verb == .send && $0.object == .fin }),
            sentence.has(any: .refuse, .connectionRefused)
        {
            report(.refusedSendsFin, at: enter.first)
        }
        if state == .closeWait, let close = events.last, events.count == 1, close.verb == .closeCall,
            !isPeer(close.subject, own: own, in: state)
        {
            report(.closeToCloseWait, at: enter.first)
        }
    }

    private static func entryMessage(_ state: State, _ act: Act) -> String {
        let segment =
            act.object == .ack
            ? "an ACK"
            : act.object == .syn || act.object == .connectionRequest
                ? "a SYN" : act.object == .synAck ? "a SYN,ACK" : "a FIN"
        return "\(state) is said to be entered when \(segment) is \(act.verb == .send ? "sent" : "received")"
    }

    private var hasOrigin: Bool { origin(before: sentence.tokens.count) != nil }

    /// The state that is named as the one that is left: "from LISTEN to".
    private func origin(before end: Int) -> (State, Int)? {
        for index in sentence.tokens.indices where index < end {
            guard sentence.tokens[index].concept == .state, let state = sentence.tokens[index].state else { continue }
            if belongsToStep(before: index, end) { continue }
            if sentence.language.isVerbFinal {
                if index + 1 < sentence.tokens.count, sentence.tokens[index + 1].concept == .from,
                    sentence.tokens[index + 1].gap <= 1
                {
                    return (state, index)
                }
                if index + 2 < sentence.tokens.count, sentence.tokens[index + 1].concept == .stateWord,
                    sentence.tokens[index + 2].concept == .from
                {
                    return (state, index)
                }
            } else if index > 0, sentence.tokens[index].gap <= 2 {
                let before = sentence.tokens[index - 1].concept
                if before == .from || before == .enter && isFromVerb(index - 1) { return (state, index) }
            }
        }
        return nil
    }

    /// "to CLOSED from SYN-SENT, and to LISTEN from SYN-RECEIVED": an origin right behind the state that is entered is
    /// that step's, and no later one's.
    private func belongsToStep(before index: Int, _ end: Int) -> Bool {
        guard !sentence.language.isVerbFinal else { return false }
        var at = index - 1
        guard at > 0, sentence.tokens[at].concept == .from else { return false }
        at -= 1
        while at > 0, sentence.tokens[at].concept == .stateWord { at -= 1 }
        return sentence.acts.contains { $0.isMove && $0.state != nil && $0.last == at && $0.last + 1 < end }
    }

    /// "goes from", "transitions from": the verb has the word in it.
    private func isFromVerb(_ index: Int) -> Bool {
        let token = sentence.tokens[index]
        return sentence.text.bytes[token.begin..<token.end].suffix(4).elementsEqual("from".utf8)
    }

    /// "is entered when ..." in the section of a state.
    private func section(of act: Act) -> State? {
        guard act.verb == .enter, sentence.subject.count == 1,
            sentence.named.allSatisfy({ sentence.subject.contains($0) })
        else { return nil }
        return sentence.has(.heldWhen) || passage.sentences.count < 6 ? sentence.subject.first : nil
    }

    /// In the entry of a state, a step without another subject begins there.
    private func entryOrigin(_ enter: Act) -> (State, Int)? {
        guard sentence.isEntry, enter.mode == .main, passage.sentences.count <= 4, sentence.subject.count == 1,
            let state = sentence.subject.first, enter.state != state
        else { return nil }
        if let subject = enter.subject, subject != .local, subject != .socket {
            guard let own = ownActor(in: state), own == subject else { return nil }
        }
        guard sentence.acts.count(where: { $0.isMove && $0.state != nil }) == 1, sentence.named.count <= 1 else {
            return nil
        }
        return (state, -1)
    }

    private mutating func step(from: State, to: State, at token: Int, _ label: EdgeLabel?, isVague: Bool) {
        guard from != to else { return }
        note(checked: true)
        guard let verdict = edges.verdict(from: from, to: to, label: label), verdict.severity > .note else { return }
        // A summary of several steps is no step: only what is said to be caused by one event, or cannot be a summary.
        let isPairWrong = edges.verdict(from: from, to: to, label: nil) != nil
        if isPairWrong, label == nil, isSummary(from, to) || sentence.has(.handshake) { return }
        if !isPairWrong, isVague { return }
        // The reason is said already.
        if verdict.code == .listenToEstablished, findings.contains(where: { $0.code == .establishedTooEarly }) {
            return
        }
        report(verdict.code, verdict.severity, at: token, verdict.message)
        if verdict.code == .listenToEstablished, sentence.has(.socket), sentence.has(.server) {
            report(.listenerBecomesConnection, at: token)
        }
    }

    /// "from CLOSED to ESTABLISHED": a whole story in short.
    private func isSummary(_ from: State, _ to: State) -> Bool {
        switch (from, to) {
        case (.closed, _), (.synSent, .closed), (_, .closed): true
        case (.established, .timeWait), (.established, .lastAck), (.established, .finWait2), (.listen, .closeWait): true
        default: false
        }
    }

    /// The events of a step as the judge of diagrams knows them; nil where they are not clear.
    static func label(_ acts: [Act]) -> EdgeLabel? {
        var reading = LabelReading()
        for act in acts {
            guard act.subject != .both else { return nil }
            let isPeers = act.subject == .peer || act.subject == .host || act.source == .peer
            switch (act.verb, act.object) {
            case (.receive, .fin), (.receive, .terminationRequest): reading.events.append(.segment(.fin))
            case (.receive, .ack):
                reading.events.append(
                    act.acknowledges == .fin ? .ackOfFin : act.acknowledges == .syn ? .ackOfSyn : .segment(.ack))
            case (.receive, .syn), (.receive, .connectionRequest): reading.events.append(.segment(.syn))
            case (.receive, .synAck): reading.events.append(.segment([.syn, .ack]))
            case (.receive, .rst): reading.events.append(.segment(.rst))
            case (.send, .fin) where isPeers: reading.events.append(.segment(.fin))
            case (.send, .syn) where isPeers: reading.events.append(.segment(.syn))
            case (.send, .ack) where isPeers: reading.events.append(.segment(.ack))
            case (.closeCall, _) where !isPeers: reading.events.append(.close)
            case (.send, .fin): reading.actions.append(.segment(.fin))
            case (.send, .syn): reading.actions.append(.segment(.syn))
            case (.send, .synAck): reading.actions.append(.segment([.syn, .ack]))
            case (.send, .ack): reading.actions.append(.segment(.ack))
            case (.acknowledge, .fin) where act.owner == .local || isPeers: reading.events.append(.ackOfFin)
            default: return nil
            }
        }
        // "receives it, sends an ACK": the answer to what was received.
        if reading.events.count == 1, reading.actions == [.segment(.ack)] { reading.actions = [] }
        guard reading.events.count <= 1, reading.actions.count <= 1, reading.events.count + reading.actions.count > 0
        else { return nil }
        return EdgeLabel(readings: [reading])
    }

    /// "from LISTEN to CONNECTED", "LISTEN → ESTABLISHED" without a verb that is known.
    private mutating func judgeArrow() {
        guard !sentence.has(any: .not, .notYet, .noLonger, .cannot), let from = sentence.first(.from),
            from + 1 < sentence.tokens.count, !sentence.isNegated(around: from)
        else { return }
        guard let (state, index) = origin(before: sentence.tokens.count), !sentence.has(any: .handshake) else { return }
        guard let to = sentence.tokens[index...].firstIndex(where: { $0.concept == .to }),
            to + 1 < sentence.tokens.count
        else { return }
        let target = sentence.tokens[to + 1]
        if target.concept == .state, let end = target.state {
            step(from: state, to: end, at: index, nil, isVague: false)
        }
    }
}
