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

    /// "The client always ends in TIME-WAIT", "the state of the active closer".
    mutating func judgeRoleMentions() {
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
        for (index, act) in sentence.acts.enumerated() where act.object == .data {
            let isPeers = act.subject == .peer || act.subject == .host
            switch state {
            case .finWait1, .finWait2:
                if act.verb == .receive, act.isNegated, act.isModal, !isPeers {
                    return report(.finSilencesPeer, at: act.first)
                }
                if act.verb == .send, !act.isNegated, act.isModal, !isPeers, act.subject == .local,
                    !sentence.has(any: .not, .notYet, .noLonger)
                {
                    return report(.finSilencesPeer, .warning, at: act.first, "\(state) is said to let this end send on")
                }
            case .closeWait:
                if act.verb == .send, act.isNegated, act.isModal, !isPeers {
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
            _ = index
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
            guard isRemote, act.target == nil else { continue }
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
        guard let flow = sentence.asserted(.flow),
            !sentence.has(any: .can, .may, .will, .when, .possible, .cannot, .hedge)
        else { return }
        let isHalfRight = sentence.tokens[..<flow].contains { $0.concept == .opened } || sentence.has(.opened)
        report(.establishedMeansTraffic, isHalfRight ? .note : .warning, at: flow)
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

    private mutating func judgeCloseWait() {
        if let down = sentence.asserted(.remoteClosed) { return report(.closeWaitHostDown, at: down) }
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
