import TCPStateMachine

/// What a state is said to have behind it, and to wait for.
extension ClaimJudge {
    typealias History = StateFacts.History

    /// Whether an actor is the other end, seen from the end that is in the state.
    func isPeer(_ actor: Concept?, own: Concept?, in state: State) -> Bool {
        switch actor {
        case .peer, .host: return true
        case .activeCloser: return state == .closeWait || state == .lastAck
        case .passiveCloser: return state == .finWait1 || state == .finWait2 || state == .timeWait
        case .client, .server: return own != nil && (own == .client || own == .server) && actor != own
        default: return false
        }
    }

    /// What an act says of the history of a state's end; nil if nothing.
    func feature(of act: Act, own: Concept?, in state: State) -> History? {
        let isPeersAct = isPeer(act.subject, own: own, in: state)
        if act.verb == .acknowledge, isOfBoth(act) { return act.object == .syn ? .synAcknowledged : .finAcknowledged }
        if act.subject == .both {
            // Both have closed, or have sent a FIN: then the peer's has been sent, too.
            return (act.verb == .send || act.verb == .receive) && act.object == .fin
                || act.verb == .already && act.mode != .until ? .finReceived : nil
        }
        if let closing = closing(act, isPeersAct) { return closing }
        if act.verb == .already || act.verb == .close && act.mode == .after {
            return isPeersAct && !sentence.has(any: .half, .remoteClosed) ? .finReceived : nil
        }
        switch (act.verb, act.object) {
        case (.send, .fin), (.send, .terminationRequest), (.send, .finAck):
            if act.source != nil, isPeer(act.source, own: own, in: state) { return .finReceived }
            if act.owner == .peer { return isPeersAct || act.subject == nil ? .finReceived : nil }
            return isPeersAct ? .finReceived : .finSent
        case (.receive, .fin), (.receive, .terminationRequest):
            if act.owner == .local || isPeersAct { return nil }
            if act.source != nil, !isPeer(act.source, own: own, in: state), own != nil, act.source == own { return nil }
            return .finReceived
        case (.receive, .ack):
            if isPeersAct || act.owner == .peer && act.acknowledges == nil {
                return isPeersAct ? nil : acknowledged(act, state)
            }
            return acknowledged(act, state)
        case (.send, .ack):
            return isPeersAct ? acknowledged(act, state) : nil
        case (.acknowledge, .fin), (.acknowledge, .terminationRequest):
            if act.owner == .local || isPeersAct { return .finAcknowledged }
            if act.owner == .peer { return .finReceived }
            return !StateFacts.of(state).ever.contains(.finReceived) && StateFacts.of(state).ever.contains(.finSent)
                ? .finAcknowledged : nil
        case (.receive, .syn), (.receive, .connectionRequest):
            return isPeersAct || act.owner == .local ? nil : .synReceived
        case (.send, .syn), (.send, .connectionRequest):
            return isPeersAct || act.owner == .peer ? .synReceived : .synSent
        case (.receive, .synAck):
            return isPeersAct ? nil : .synAcknowledged
        default: return nil
        }
    }

    /// Who has closed, or has not: an end that has closed has sent its FIN.
    private func closing(_ act: Act, _ isPeersAct: Bool) -> History? {
        guard act.verb == .already || act.isNegated && (act.verb == .close || act.verb == .closeCall),
            act.object == nil, !sentence.has(any: .half, .halfClosed, .remoteClosed)
        else { return nil }
        if isPeersAct { return act.isNegated ? .finReceived : nil }
        guard act.subject == .application || act.subject == .local else { return nil }
        return .finSent
    }

    /// "both FINs have been acknowledged", "everything has been acknowledged".
    private func isOfBoth(_ act: Act) -> Bool {
        let tokens = sentence.tokens
        guard tokens.indices.contains(act.first), tokens.indices.contains(act.last) else { return false }
        let near = tokens[max(0, act.first - 2)...act.last]
        return near.contains { $0.concept == .both } && (act.object == .fin || act.object == .syn)
            || act.object == nil && near.contains { $0.concept == .all }
    }

    private func acknowledged(_ act: Act, _ state: State) -> History? {
        switch act.acknowledges {
        case .syn: return .synAcknowledged
        case .fin: return .finAcknowledged
        default:
            switch state {
            case .synSent, .synReceived: return .synAcknowledged
            case .finWait1, .finWait2, .closing, .lastAck: return .finAcknowledged
            case .closed, .listen, .established, .closeWait, .timeWait: return nil
            }
        }
    }

    mutating func judgeHistory(of state: State) {
        // Another state in the sentence, and nothing that leads there: whose features these are is open.
        if sentence.named.contains(where: { !sentence.subject.contains($0) && $0 != state }),
            !sentence.acts.contains(where: \.isMove)
        {
            return
        }
        let own = ownActor(in: state)
        for (index, act) in sentence.acts.enumerated() {
            if act.isMove { continue }
            if state == .closed || leadsElsewhere(index, from: state) { continue }
            if state == .listen, !isSaidOfListen(act) { continue }
            if act.verb == .wait || act.mode == .until || isExit(act) {
                var awaited = act
                if act.verb != .wait { awaited.mode = .until }
                judgeAwaited(awaited, index, of: state, own: own)
                continue
            }
            guard !act.isModal, act.mode != .purpose else { continue }
            // "In CLOSE-WAIT a FIN is sent when ...": what happens then, and not what has happened.
            if !sentence.isEntry, act.mode == .main, index + 1 < sentence.acts.count,
                sentence.acts[index + 1].mode == .when
            {
                continue
            }
            if act.mode == .when, !isHeldCondition(index) { continue }
            guard let feature = feature(of: act, own: own, in: state) else { continue }
            isCheckedNow()
            let facts = StateFacts.of(state)
            guard facts.contradicts(feature, isTrue: !act.isNegated) else { continue }
            // Who is meant by client and server is open: if the other reading fits, nothing is said.
            if act.subject == .client || act.subject == .server, isFitting(act, swapped: state) { continue }
            let code = ClaimJudge.code(state, feature, isTrue: !act.isNegated)
            report(code, at: act.first, ClaimJudge.message(state, feature, isTrue: !act.isNegated))
            return
        }
    }

    /// A listener has sent and acknowledged nothing; what it receives leads on.
    private func isSaidOfListen(_ act: Act) -> Bool {
        guard act.mode == .main, !act.isModal, !act.isNegated, act.verb == .send,
            act.object == .syn || act.object == .fin
        else { return false }
        return passage.sentences.count <= 3 && !sentence.has(any: .when, .client, .peer)
            && (sentence.isEntry || sentence.has(.inside))
    }

    /// What a client or server does may be what the other end does.
    private func isFitting(_ act: Act, swapped state: State) -> Bool {
        switch (act.verb, act.object) {
        case (.send, .fin), (.send, .terminationRequest), (.send, .finAck):
            !StateFacts.of(state).contradicts(.finReceived, isTrue: !act.isNegated)
        case (.receive, .ack): StateFacts.of(state).ever.contains(.finReceived)
        case (.receive, .fin), (.receive, .terminationRequest):
            !StateFacts.of(state).contradicts(.finSent, isTrue: !act.isNegated) && sentence.has(.peer)
        default: false
        }
    }

    private mutating func isCheckedNow() { note(checked: true) }

    /// "FIN-WAIT-2 ends when the peer's FIN arrives": what ends a state is what it waits for.
    private func isExit(_ act: Act) -> Bool {
        guard let end = sentence.first(.ends, .leave), end < act.last, sentence.named.count == 1,
            let at = sentence.first(.state), !sentence.isNegated(around: end)
        else { return false }
        guard sentence.tokens[end].concept == .leave ? at == end + 1 && act.mode != .main : at < end else {
            return false
        }
        return act.mode == .when || act.mode == .after || act.mode == .main
    }

    /// "The peer's FIN is still to come": a segment and that it is missing, without a verb.
    mutating func judgeMissing(of state: State) {
        let acts = sentence.acts.filter { !$0.isMove }
        guard acts.isEmpty, let missing = sentence.first(.notYet), sentence.named.allSatisfy({ $0 == state }),
            !sentence.has(any: .will, .can, .may, .hedge)
        else { return }
        let objects = sentence.tokens.indices.filter { sentence.tokens[$0].concept.isObject }
        guard objects.count == 1, let at = objects.first else { return }
        let near = sentence.tokens[max(0, at - 2)..<min(sentence.tokens.count, at + 4)]
        let feature: History
        switch sentence.tokens[at].concept {
        case .fin where near.contains { $0.concept == .peer }: feature = .finReceived
        case .ack where sentence.tokens[at].number == 1: feature = .finAcknowledged
        default: return
        }
        note(checked: true)
        guard StateFacts.of(state).contradicts(feature, isTrue: false) else { return }
        report(
            ClaimJudge.code(state, feature, isTrue: false), at: min(at, missing),
            ClaimJudge.message(state, feature, isTrue: false))
    }

    /// The end that is in the state, where the text has a word for it: what the first act's subject is.
    func ownActor(in state: State) -> Concept? {
        // "A server shows many CLOSE-WAIT": the one that the state is found at.
        if !sentence.isEntry, let at = sentence.first(.state),
            let end = sentence.tokens[..<at].last(where: { $0.concept == .client || $0.concept == .server })
        {
            return end.concept
        }
        for act in sentence.acts where !act.isMove && act.mode != .until {
            guard let subject = act.subject else { continue }
            switch subject {
            case .client, .server: return subject
            case .local, .application, .system: return .local
            default: continue
            }
        }
        return nil
    }

    /// "when" holds in an entry that says when the state is used, or that has nothing else to say.
    private func isHeldCondition(_ index: Int) -> Bool {
        if let held = sentence.first(.heldWhen),
            sentence.tokens[held].begin < sentence.tokens[sentence.acts[index].first].begin
        {
            return true
        }
        if sentence.has(.whilst) { return true }
        guard sentence.isEntry, sentence.isFirst else { return false }
        return sentence.acts.allSatisfy { $0.mode == .when }
    }

    /// The act is the reason for a step that leads out of the state: it has not happened while the state lasts.
    private func leadsElsewhere(_ index: Int, from state: State) -> Bool {
        for later in sentence.acts[index...] where later.isMove {
            if later.state != state { return true }
        }
        if index > 0, sentence.acts[index].mode == .when || sentence.acts[index].mode == .after {
            for earlier in sentence.acts[..<index] where earlier.isMove {
                if earlier.state != state { return true }
            }
        }
        return false
    }

    // MARK: Waiting

    private mutating func judgeAwaited(_ act: Act, _ index: Int, of state: State, own: Concept?) {
        guard !act.isNegated else { return }
        judgeTimer(act, of: state)
        // A wait with a reason or a span of time is not a wait for a segment.
        if sentence.has(any: .retransmit, .timer, .twiceMSL, .msl, .all, .lose, .period) {
            return note(checked: state == .timeWait)
        }
        var objects: [(Concept, Concept?)] = []
        if act.mode == .until, act.subject == .application || act.subject == .local && act.verb != .send,
            act.verb != .close, act.verb != .already, act.verb != .closeCall, act.verb != .acknowledge
        {
            // The application accepts, reads, writes: no state but CLOSE-WAIT depends on what it does.
            guard act.subject == .application, state != .closeWait, state != .established,
                state != .timeWait || !sentence.has(.not)
            else { return }
            objects.append((.application, nil))
        } else if act.mode == .until, act.verb != .wait,
            act.verb == .close || act.verb == .already || act.verb == .closeCall
        {
            let closer = act.subject ?? act.owner
            if closer == .application || closer == .local || closer == .socket {
                objects.append((.closeCall, nil))
            } else if isPeer(closer, own: own, in: state) {
                objects.append((.fin, nil))
            } else {
                return
            }
        } else if let object = act.object {
            if act.mode == .until, act.verb == .send, act.subject == nil || act.subject == .local { return }
            if act.verb == .acknowledge {
                objects.append((.ack, object == .syn || object == .synAck ? .syn : .fin))
            } else {
                objects.append((object, act.acknowledges))
            }
        } else {
            return
        }
        // "for a FIN or the ACK of its own": one of them is enough.
        for token in sentence.tokens[act.first...].dropFirst().prefix(10) {
            if token.concept == .stop || token.concept.isVerb && token.concept != .wait && token.concept != act.verb {
                break
            }
            if token.concept.isObject { objects.append((token.concept, token.concept == .ack ? .fin : nil)) }
        }
        note(checked: true)
        if act.object == .terminationRequest, isOwnUser(act) { objects = [(.closeCall, nil)] }
        // "Waiting for the close" without a word of whose: in CLOSE-WAIT it is the local one.
        let isSomebodys = [act.source, act.owner, act.subject].contains(.peer)
        if state == .closeWait, act.object == .terminationRequest, !isSomebodys { return }
        if objects.contains(where: { isAwaited($0.0, $0.1, in: state) }) { return }
        guard let wrong = objects.first, let code = ClaimJudge.awaits(state, wrong.0),
            // "waiting for the socket to close": of this end, whoever was spoken of before.
            state != .closeWait || !sentence.has(.socket) || wrong.0 == .ack
        else { return }
        report(code.0, code.1, at: act.first, "\(state) is said to wait for \(ClaimJudge.word(wrong.0))")
    }

    /// A clock runs out in TIME-WAIT alone.
    private mutating func judgeTimer(_ act: Act, of state: State) {
        guard act.verb == .wait, act.object == nil, state != .timeWait,
            !sentence.has(any: .implementation, .hedge, .may, .retransmit, .can, .all)
        else { return }
        let tokens = sentence.tokens[act.first...].dropFirst().prefix(3)
        guard let clock = tokens.firstIndex(where: { $0.concept == .clock || $0.concept == .twiceMSL }),
            !sentence.has(any: .fin, .ack, .synAck, .terminationRequest)
        else { return }
        switch state {
        case .closed, .listen, .established: return
        case .synSent, .synReceived: if sentence.tokens[clock].concept != .twiceMSL { return }
        case .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: break
        }
        report(.wrongWait, state == .finWait2 ? .warning : .error, at: clock, "\(state) is said to wait for a timer")
    }

    private func isOwnUser(_ act: Act) -> Bool {
        [act.source, act.owner, act.subject].contains { $0 == .application || $0 == .local }
    }

    /// Whether a state waits for this; what cannot be told counts as right.
    private func isAwaited(_ object: Concept, _ acknowledges: Concept?, in state: State) -> Bool {
        let events = StateFacts.of(state).awaited
        switch object {
        case .fin, .terminationRequest:
            return events.contains(.finArrives) && state != .established && state != .synReceived
        case .ack:
            if acknowledges == .syn { return state == .synSent || state == .synReceived }
            return events.contains(.ackOfFinArrives) || events.contains(.ackOfSynArrives)
        case .finAck: return state == .finWait2
        case .synAck, .syn, .connectionRequest:
            if object == .connectionRequest { return state == .listen || state == .synSent }
            return object == .syn ? events.contains(.synArrives) : events.contains(.synAckArrives) && state == .synSent
        case .closeCall: return state == .closeWait || state == .established
        case .application: return false
        case .response: return true
        case .data: return state == .established
        default: return true
        }
    }

    private static func awaits(_ state: State, _ object: Concept) -> (DiagnosticCode, Severity?)? {
        switch (state, object) {
        case (.synReceived, .data): return (.synReceivedAwaitsData, nil)
        case (.synSent, .ack): return (.synSentLeavesOnAck, nil)
        case (.closing, .fin), (.closing, .terminationRequest): return (.closingAsFinWait2, nil)
        case (.lastAck, .fin), (.lastAck, .terminationRequest): return (.lastAckSwapped, nil)
        case (.timeWait, .fin), (.timeWait, .terminationRequest): return (.timeWaitAwaitsFin, nil)
        case (.timeWait, .data): return (.timeWaitServesRequests, nil)
        case (.finWait1, .finAck), (.closing, .finAck), (.lastAck, .finAck): return (.finAckAsOneEvent, nil)
        case (.closed, _), (.established, _): return nil
        case (.listen, .data), (.synSent, .data), (.finWait2, .data), (.closeWait, .data), (.closeWait, .finAck),
            (.finWait1, .data):
            return nil
        default: return (.wrongWait, nil)
        }
    }

    private static func word(_ object: Concept) -> String {
        switch object {
        case .fin, .terminationRequest: "a FIN"
        case .ack: "an ACK"
        case .finAck: "a FIN,ACK"
        case .synAck: "a SYN,ACK"
        case .syn, .connectionRequest: "a SYN"
        case .closeCall: "the user's CLOSE"
        case .data: "data"
        case .application: "the application"
        default: "something else"
        }
    }

    // MARK: Codes

    private static func message(_ state: State, _ feature: History, isTrue: Bool) -> String {
        let words =
            switch feature {
            case .synSent: isTrue ? "have sent a SYN" : "have sent no SYN"
            case .synReceived: isTrue ? "have received a SYN" : "have received no SYN"
            case .synAcknowledged: isTrue ? "have got the ACK of its SYN" : "have no ACK of its SYN"
            case .finSent: isTrue ? "have sent a FIN" : "have sent no FIN"
            case .finAcknowledged: isTrue ? "have got the ACK of its FIN" : "have no ACK of its FIN"
            case .finReceived: isTrue ? "have received a FIN" : "have received no FIN"
            default: "be something else"
            }
        return "\(state) is said to \(words)"
    }

    static func code(_ state: State, _ feature: History, isTrue: Bool) -> DiagnosticCode {
        switch (state, feature, isTrue) {
        case (.finWait1, .finReceived, true): .finWait1AsFinReceived
        case (.finWait2, .finReceived, true): .finWait2AsFinReceived
        case (.closing, .finAcknowledged, true), (.closing, .finReceived, false): .closingAsFinWait2
        case (.lastAck, .finAcknowledged, true), (.lastAck, .finReceived, false): .lastAckSwapped
        case (.timeWait, .finReceived, false): .timeWaitAwaitsFin
        case (.closeWait, .finSent, true): .closeWaitByOwnFin
        default: .wrongHistory
        }
    }
}
