import TCPStateMachine

/// What a state is said to mean, beyond who has sent what.
extension ClaimJudge {
    mutating func judgeMeaning(of state: State) {
        judgeRole(in: state)
        judgePort(of: state)
        judgeDataFlow(in: state)
        switch state {
        case .closed: judgeClosed()
        case .listen: break
        case .synSent: judgeSynSent()
        case .synReceived: judgeSynReceived()
        case .established: judgeEstablished()
        case .finWait1, .finWait2: judgeFinWait(state)
        case .closeWait: judgeCloseWait()
        case .closing: judgeClosing()
        case .lastAck: judgeLastAck()
        case .timeWait: judgeTimeWait()
        }
    }

    // MARK: Roles

    private mutating func judgeRole(in state: State) {
        guard sentence.isEntry || sentence.has(.role) else { return }
        switch state {
        case .synSent, .synReceived:
            let isInHead = sentence.isFirst && passage.headTokens.contains { $0.concept == .role }
            if let role = sentence.asserted(.role) ?? (isInHead ? 0 : nil) { report(.openingStateByRole, at: role) }
        case .finWait1, .finWait2, .closeWait, .lastAck, .timeWait, .closing:
            judgeClosingRole(in: state)
        case .closed, .listen, .established: break
        }
    }

    private mutating func judgeClosingRole(in state: State) {
        guard sentence.isFirst, sentence.isEntry, !sentence.has(any: .activeCloser, .passiveCloser, .both, .hedge, .any)
        else { return }
        let tokens = sentence.tokens
        if let close = tokens.prefix(3).firstIndex(where: { $0.concept == .passiveClose }),
            !sentence.isNegated(around: close)
        {
            if state != .closeWait && state != .lastAck {
                return report(.passiveCloseSwapped, at: close, "\(state) is said to belong to the passive close")
            }
            // "passive close": then the role is named rightly.
        }
        if let close = tokens.prefix(3).firstIndex(where: { $0.concept == .activeClose }),
            !sentence.isNegated(around: close), state == .closeWait || state == .lastAck
        {
            return report(.passiveCloseSwapped, at: close, "\(state) is said to belong to the active close")
        }
        guard
            let act = sentence.acts.first(where: {
                $0.subject == .client || $0.subject == .server || $0.verb == .enter && $0.state == state
            }),
            let subject = act.subject, subject == .client || subject == .server
        else { return }
        // "the client or the server": either may close first.
        let word = tokens.firstIndex { $0.concept == subject } ?? 0
        if word + 2 < tokens.count, tokens[word + 1].concept == .and,
            tokens[word + 2].concept == .server || tokens[word + 2].concept == .client
        {
            return
        }
        report(
            .closingStateByRole, at: act.first, "\(state) is tied to the \(subject == .client ? "client" : "server")")
    }

    /// Who closes first or second, and where that leads; what both go through who close at once.
    mutating func judgeCloserMentions() {
        let named = sentence.named
        guard named.count == 1, let state = named.first, let at = sentence.first(.state),
            sentence.tokens[at].isPlain == false,
            !sentence.has(any: .not, .noLonger, .cannot, .without)
        else { return }
        let isThere = sentence.has(any: .enter, .stay, .inside, .handshake, .reached, .takes)
        guard isThere else { return }
        if let both = sentence.first(.simultaneous), sentence.has(any: .both, .all) {
            switch state {
            case .closeWait, .lastAck:
                return report(.passiveCloseSwapped, at: both, "both ends are said to pass \(state)")
            case .listen where !sentence.has(any: .close, .already, .termination):
                return report(.clientListens, at: both, "both ends are said to pass LISTEN")
            case .closed, .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closing, .timeWait:
                return
            }
        }
        guard let closer = closer(before: at) else { return }
        switch (closer.isFirst, state) {
        case (true, .closeWait), (true, .lastAck):
            report(.passiveCloseSwapped, at: closer.token, "the end that closes first is said to pass \(state)")
        case (false, .finWait1), (false, .finWait2), (false, .timeWait):
            report(.passiveCloseSwapped, at: closer.token, "the end that closes second is said to pass \(state)")
        default: break
        }
    }

    /// Whether the end that a state is given to closes first or second: "the client closes first, the server ...".
    private func closer(before state: Int) -> (isFirst: Bool, token: Int)? {
        let tokens = sentence.tokens
        let closers = tokens.indices.filter {
            tokens[$0].concept == .activeCloser || tokens[$0].concept == .passiveCloser
        }
        guard closers.count == 1, let closer = closers.first, !sentence.has(any: .peer, .host, .both) else {
            return nil
        }
        let isFirst = tokens[closer].concept == .activeCloser
        let ends = tokens.indices.filter { tokens[$0].concept == .client || tokens[$0].concept == .server }
        switch ends.count {
        case 0: return (isFirst, closer)
        case 1: return (isFirst, closer)
        case 2 where tokens[ends[0]].concept != tokens[ends[1]].concept:
            // The first closes first; the state is the second's.
            guard ends[0] < closer || sentence.language == .german, closer < ends[1], ends[1] < state || state < ends[1]
            else { return nil }
            return state > ends[1] || sentence.language == .french ? (!isFirst, ends[1]) : nil
        default: return nil
        }
    }

    /// "The client always ends in TIME-WAIT", "the state of the active closer".
    mutating func judgeRoleMentions() {
        judgeCloserMentions()
        guard !sentence.isEntry,
            let state = sentence.named.first(where: {
                $0 == .finWait1 || $0 == .finWait2 || $0 == .timeWait || $0 == .closing || $0 == .closeWait
                    || $0 == .lastAck
            })
        else { return }
        if let always = sentence.first(.always), sentence.has(any: .client, .server),
            !sentence.has(
                any: .activeCloser, .passiveCloser, .activeClose, .passiveClose, .when, .first, .peer, .hedge, .may,
                .can),
            sentence.has(any: .enter, .stay, .only) || sentence.acts.isEmpty
        {
            return report(.closingStateByRole, at: always)
        }
        if let role = sentence.asserted(.role), sentence.named.count == 1,
            !sentence.has(any: .activeCloser, .passiveCloser, .activeClose, .passiveClose, .hedge, .when, .first)
        {
            return report(.closingStateByRole, at: role)
        }
        if let only = sentence.first(.only), sentence.named.count == 1, only + 1 < sentence.tokens.count,
            [Concept.client, .server].contains(sentence.tokens[only + 1].concept)
                || sentence.tokens[(only + 1)...].prefix(3).contains(where: {
                    $0.concept == .client || $0.concept == .server
                }),
            !sentence.has(
                any: .activeCloser, .passiveCloser, .activeClose, .passiveClose, .not, .cannot, .first, .peer, .hedge,
                .when, .until)
        {
            return report(.closingStateByRole, at: only)
        }
        let isPassive = state == .closeWait || state == .lastAck
        guard sentence.named.count == 1, !(sentence.has(.activeCloser) && sentence.has(.passiveCloser)),
            !sentence.has(any: .not, .notYet, .cannot, .always),
            let means = sentence.first(.definite),
            let role = sentence.first(isPassive ? .activeCloser : .passiveCloser), role > means,
            sentence.first(.state) ?? .max < means,
            !sentence.tokens[..<role].contains(where: {
                $0.concept.isVerb || $0.concept == .from || $0.concept == .to || $0.concept.isObject
            })
        else { return }
        report(.passiveCloseSwapped, at: role, "\(state) is given to the \(isPassive ? "active" : "passive") closer")
    }

    private mutating func judgePort(of state: State) {
        guard sentence.isEntry, sentence.isFirst, let port = sentence.asserted(.portSubject) else { return }
        report(.stateOfPort, at: port)
    }

    // MARK: Data

    /// Who may still send and receive.
    private mutating func judgeDataFlow(in state: State) {
        for act in sentence.acts
        where act.object == .data || act.object == nil && act.verb == .send && act.isModal && state != .closed {
            let isPeers = act.subject == .peer || act.subject == .host || act.source == .peer
            switch state {
            case .finWait1, .finWait2:
                if act.verb == .receive, act.isNegated, act.isModal || sentence.has(.noLonger), !isPeers {
                    return report(.finSilencesPeer, at: act.first)
                }
                if act.verb == .send, !act.isNegated, act.isModal, !sentence.has(.will),
                    act.subject == .local || act.subject == .application
                        || act.subject == nil && !sentence.has(any: .peer, .host, .client, .server, .both),
                    !sentence.has(any: .not, .notYet, .noLonger, .cannot, .half)
                {
                    return report(.finSilencesPeer, .warning, at: act.first, "\(state) is said to let this end send on")
                }
            case .closeWait:
                if act.verb == .send, act.isNegated, act.isModal || sentence.has(.noLonger), !isPeers,
                    !sentence.has(any: .when, .after, .until)
                {
                    return report(.finSilencesPeer, at: act.first)
                }
            case .closing, .lastAck, .timeWait:
                if act.verb == .receive, !act.isNegated, !isPeers, sentence.has(.still) || act.isModal,
                    act.mode == .main, !sentence.has(.retransmit)
                {
                    return report(.dataAfterPeerFin, at: act.first)
                }
            case .closed, .listen, .synSent, .synReceived, .established: break
            }
        }
    }

    // MARK: Opening

    private mutating func judgeClosed() {
        if let clean = sentence.first(.cleanUp), sentence.has(any: .not, .notYet) || sentence.isNegated(around: clean) {
            return report(.closedNotCleanedUp, at: clean)
        }
        if sentence.isEntry, sentence.isFirst, let idle = sentence.first(.idle) {
            report(.closedAsOrdinaryState, at: idle)
        }
    }

    private mutating func judgeSynSent() {
        guard sentence.isFirst || sentence.isEntry else { return }
        for act in sentence.acts where !act.isNegated && act.mode != .when {
            let isRemote = [act.subject, act.source].contains { $0 == .peer || $0 == .host }
            guard isRemote, act.target == nil || act.target == .local else { continue }
            if act.verb == .open || act.verb == .send && (act.object == .syn || act.object == .connectionRequest) {
                return report(.synSentAsRemote, at: act.first)
            }
        }
    }

    private mutating func judgeSynReceived() {
        if sentence.isFirst, sentence.isEntry, let now = sentence.first(.justNow), passage.sentences.count == 1,
            sentence.acts.contains(where: {
                $0.verb == .receive && ($0.object == .syn || $0.object == .connectionRequest)
            }),
            !sentence.has(any: .send, .response, .wait, .ack, .synAck, .acknowledge)
        {
            return report(
                .synReceivedAwaitsData, .warning, at: now, "SYN-RECEIVED is said to have received a SYN and no more")
        }
        if let half = sentence.asserted(.halfOpen), sentence.isEntry { return report(.halfOpenHalfClosed, at: half) }
        if let data = sentence.first(.data), let start = sentence.first(.notYet, .not), sentence.isEntry,
            !sentence.has(any: .ack, .can, .may, .cannot, .synAck),
            sentence.acts.contains(where: {
                $0.object == .data && ($0.verb == .send || $0.verb == .receive || $0.verb == .flow)
            })
        {
            report(.synReceivedAwaitsData, at: min(data, start))
        }
    }

    private mutating func judgeEstablished() {
        guard let flow = sentence.asserted(.flow) ?? inUse,
            !sentence.has(any: .can, .may, .will, .when, .possible, .cannot, .hedge)
        else { return }
        let isHalfRight = sentence.tokens[..<flow].contains { $0.concept == .opened } || sentence.has(.opened)
        report(.establishedMeansTraffic, isHalfRight ? .note : .warning, at: flow)
    }

    /// "being used" in languages that say so with the verb and an ending.
    private var inUse: Int? {
        let tokens = sentence.tokens
        return tokens.indices.first { index in
            tokens[index].concept == .use && index + 1 < tokens.count && tokens[index + 1].concept == .ongoing
                && tokens[index + 1].gap <= 1 && !sentence.isNegated(around: index)
        }
    }

    // MARK: Closing

    private mutating func judgeFinWait(_ state: State) {
        if state == .finWait1, let half = sentence.asserted(.halfClosed), sentence.isEntry {
            return report(.halfOpenHalfClosed, at: half)
        }
        guard sentence.isEntry || sentence.has(.definite) else { return }
        guard let closed = closedClaim() else { return }
        guard !sentence.has(any: .half, .halfClosed) else { return }
        if state == .finWait1 {
            report(.finWait1AsClosed, sentence.has(any: .fin, .ack) ? .note : .warning, at: closed)
        } else {
            // What else the entry says may be right: then it only misleads.
            let isHalfRight = passage.sentences.contains {
                $0.has(any: .wait, .peer, .host, .fin) && $0.has(any: .wait, .until, .not)
            }
            report(.finWait2AsClosed, isHalfRight ? .warning : .error, at: closed)
        }
    }

    /// In Chinese, "the connection closed" without more.
    private func isStative(_ act: Act) -> Bool {
        guard sentence.language == .chinese, act.verb == .close, act.first == act.last, act.first > 0 else {
            return false
        }
        let before = sentence.tokens[act.first - 1].concept
        guard before == .connection || before == .socket, sentence.tokens[act.first].gap == 0 else { return false }
        return !sentence.tokens[..<act.first].contains { $0.concept == .wait || $0.concept == .now }
    }

    /// Where the socket, the port or the connection is said to be closed already, by nobody in particular.
    private func closedClaim() -> Int? {
        for act in sentence.acts where (act.verb == .already || isStative(act)) && !act.isNegated && !act.isModal {
            guard act.mode == .main || act.mode == .after else { continue }
            switch act.subject {
            case nil, .both: break
            default: continue
            }
            let before = sentence.tokens[..<act.last].suffix(3)
            let after = sentence.tokens[act.last...].prefix(3)
            if before.contains(where: {
                $0.concept == .application || $0.concept == .wait || $0.concept.isActor && $0.concept != .both
            }) {
                continue
            }
            guard
                before.contains(where: {
                    $0.concept == .socket || $0.concept == .connection || $0.concept == .port
                        || $0.concept == .portSubject
                })
                    || after.dropFirst().contains(where: {
                        $0.concept == .socket || $0.concept == .connection || $0.concept == .port
                    })
            else { continue }
            return act.last
        }
        return nil
    }

    /// The machine at the other end, not its TCP, is said to have been shut down.
    private var hostDown: Int? {
        let tokens = sentence.tokens
        return tokens.indices.first { index in
            guard tokens[index].concept == .host, index + 1 < tokens.count, tokens[index + 1].gap <= 2 else {
                return false
            }
            let verb = tokens[index + 1].concept
            guard verb == .already || verb == .down || verb == .crash else { return false }
            // What it has closed is a connection, a socket, a side.
            let object = index + 2 < tokens.count ? tokens[index + 2].concept : .stop
            return object != .connection && object != .socket && object != .half && object != .termination
                && !sentence.isNegated(around: index + 1)
        }
    }

    private mutating func judgeCloseWait() {
        if let down = sentence.asserted(.remoteClosed) ?? hostDown { return report(.closeWaitHostDown, at: down) }
        if let forced = sentence.asserted(.forced), sentence.has(any: .close, .until, .already) {
            report(.closeWaitForced, at: forced)
        }
        for act in sentence.acts
        where act.verb == .closeCall && act.mode == .after && !act.isNegated && act.subject != .peer && sentence.isEntry
            && sentence.isFirst
        {
            if sentence.acts.count == 1 { report(.closeToCloseWait, at: act.first) }
        }
    }

    private mutating func judgeClosing() {
        if sentence.subject.count > 1 || sentence.named.count > 1 {
            judgeLumped()
            return
        }
        if let lost = sentence.asserted(.lose), sentence.has(any: .ack, .response),
            !sentence.has(any: .when, .may, .notYet)
        {
            return report(.closingAsLostAck, at: lost)
        }
        if let data = sentence.first(.data), sentence.has(any: .not, .notYet, .still, .noLonger),
            sentence.has(any: .send, .all, .flow), !sentence.has(any: .ack, .can, .cannot, .fin)
        {
            return report(.closingAsUnsentData, at: data)
        }
        if let both = sentence.first(.simultaneous),
            sentence.has(.both) || sentence.has(.client) && sentence.has(.server),
            sentence.acts.contains(where: { $0.verb == .receive && ($0.object == .fin || $0.object == nil) }),
            !sentence.acts.contains(where: { $0.verb == .send && $0.object == .fin })
        {
            return report(.closingAsSameInstant, at: both)
        }
    }

    /// Two closing states with one predicate that fits all of them.
    private mutating func judgeLumped() {
        let states = sentence.named.isEmpty ? sentence.subject : sentence.named
        guard states.count > 1, states.contains(.closing),
            states.first == .closing || states.last == .closing || states.count == 2,
            let closing = sentence.first(.closingUp, .termination), !sentence.has(any: .fin, .ack, .wait)
        else { return }
        guard !findings.contains(where: { $0.code == .closingStatesLumped }) else { return }
        _ = closing
        report(.closingStatesLumped, at: sentence.first(.state) ?? 0)
    }

    private mutating func judgeLastAck() {
        for act in sentence.acts
        where act.verb == .send && act.object == .ack && !act.isNegated && act.mode == .main && !act.isModal {
            guard act.subject != .peer, sentence.has(.last), sentence.acts.count == 1 else { continue }
            report(.wrongFinalAck, at: act.first, "LAST-ACK is said to send the last ACK")
        }
    }
}
