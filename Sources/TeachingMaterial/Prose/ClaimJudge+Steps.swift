import TCPStateMachine

/// Steps from state to state: what leads where.
extension ClaimJudge {
    mutating func judgeSteps() {
        var window: [Act] = []
        var isEntered = false
        for (index, act) in sentence.acts.enumerated() {
            if act.isMove { isEntered = true }
            guard act.verb == .enter || act.verb == .stay && !window.isEmpty && act.mode == .main,
                let state = act.state ?? section(of: act), !act.isNegated
            else {
                if !act.isMove { window.append(act) }
                continue
            }
            var events = window.filter { !$0.isNegated && $0.mode != .until && $0.mode != .purpose }
            // "enters X after receiving a FIN".
            var later = index + 1
            let isLastState = !sentence.tokens[min(act.last + 1, sentence.tokens.count)...].contains {
                $0.concept == .state
            }
            while isLastState, later < sentence.acts.count, !sentence.acts[later].isMove,
                sentence.acts[later].mode == .after || sentence.acts[later].mode == .when
            {
                if !sentence.acts[later].isNegated { events.append(sentence.acts[later]) }
                later += 1
            }
            judgeEntry(into: state, act, events)
            judgeStep(to: state, act, events)
            window.removeAll()
        }
        if !isEntered { judgeArrow() }
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

    private mutating func judgeStep(to state: State, _ enter: Act, _ events: [Act]) {
        guard enter.verb == .enter,
            let (from, at) = origin(before: enter.last + 1) ?? place(before: enter) ?? entryOrigin(enter)
        else { return }
        if sentence.has(any: .handshake) { return }
        step(from: from, to: state, at: max(at, 0), events, enter)
    }

    /// "is entered when ..." in the section of a state.
    private func section(of act: Act) -> State? {
        guard act.verb == .enter, sentence.subject.count == 1,
            sentence.named.allSatisfy({ sentence.subject.contains($0) })
        else { return nil }
        return sentence.has(.heldWhen) || passage.sentences.count < 6 ? sentence.subject.first : nil
    }

    /// "In CLOSE-WAIT ... moves to LAST-ACK": where the sentence begins, if it names no other end.
    private func place(before enter: Act) -> (State, Int)? {
        guard enter.subject == nil || enter.subject == .socket, sentence.named.count == 2,
            !sentence.has(any: .both, .peer, .host)
        else { return nil }
        guard let at = sentence.tokens.firstIndex(where: { $0.concept == .state && !$0.isPlain }), at > 0,
            at < enter.first, let state = sentence.tokens[at].state
        else { return nil }
        guard sentence.tokens[at - 1].concept == .inside, sentence.tokens[at].gap <= 2 else { return nil }
        guard !sentence.acts.contains(where: { $0.isMove && $0.first < enter.first }) else { return nil }
        return (state, at)
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

    private mutating func step(from: State, to: State, at token: Int, _ events: [Act], _ enter: Act?) {
        guard from != to else { return }
        note(checked: true)
        let label = ClaimJudge.label(events)
        guard let verdict = edges.verdict(from: from, to: to, label: label) else { return }
        guard verdict.severity > .note else { return }
        // A summary of several steps is no step: only what is said to be caused by one event, or cannot be a summary.
        let isPairWrong = edges.verdict(from: from, to: to, label: nil) != nil
        if isPairWrong, isSummary(from, to) { return }
        if !isPairWrong, events.count > 2 { return }
        let code = verdict.code
        report(code, verdict.severity, at: enter?.first ?? token, verdict.message)
        if code == .listenToEstablished, sentence.has(.socket), sentence.has(.server) {
            report(.listenerBecomesConnection, at: enter?.first ?? token)
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
    private static func label(_ acts: [Act]) -> EdgeLabel? {
        var reading = LabelReading()
        for act in acts {
            guard act.subject != .peer, act.subject != .both else { return nil }
            switch (act.verb, act.object) {
            case (.receive, .fin), (.receive, .terminationRequest): reading.events.append(.segment(.fin))
            case (.receive, .ack):
                reading.events.append(
                    act.acknowledges == .fin ? .ackOfFin : act.acknowledges == .syn ? .ackOfSyn : .segment(.ack))
            case (.receive, .syn), (.receive, .connectionRequest): reading.events.append(.segment(.syn))
            case (.receive, .synAck): reading.events.append(.segment([.syn, .ack]))
            case (.receive, .rst): reading.events.append(.segment(.rst))
            case (.closeCall, _): reading.events.append(.close)
            case (.send, .fin): reading.actions.append(.segment(.fin))
            case (.send, .ack): continue
            default: return nil
            }
        }
        guard reading.events.count == 1, reading.actions.count <= 1 else { return nil }
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
        if target.concept == .state, let end = target.state { step(from: state, to: end, at: index, [], nil) }
    }
}
