import TCPStateMachine

/// Claims that are about no single state.
extension ClaimJudge {
    mutating func judgeSubjects() {
        judgeRefused()
        judgeAnyAddress()
        judgeLifetime()
        judgeReset()
        guard isAboutTCP else { return }
        judgeConnected()
        judgeVanishing()
        judgeRoleMentions()
        judgeTimeWaitEntries()
        judgeSilence()
        if sentence.named.contains(.timeWait) || sentence.subject == [.timeWait] { judgeTimeWaitMentions() }
        judgeFourSegments()
    }

    /// CONNECTED where a state of TCP should stand.
    private mutating func judgeConnected() {
        for (index, token) in sentence.tokens.enumerated() where token.concept == .connected && !token.isPlain {
            let near = sentence.tokens[max(0, index - 1)..<min(sentence.tokens.count, index + 3)]
            let isState =
                near.contains { $0.concept == .stateWord || $0.concept == .enter || $0.concept == .state }
                || sentence.named.count > 0
            guard isState, !sentence.isNegated(around: index) else { continue }
            return report(.connectedState, at: index)
        }
    }

    private mutating func judgeRefused() {
        guard let refused = sentence.first(.connectionRefused), !sentence.has(any: .timer, .rst, .not) else { return }
        if let block = sentence.asserted(.block, .firewall) { report(.refusedOrBlocked, at: min(refused, block)) }
    }

    private mutating func judgeAnyAddress() {
        guard let address = sentence.first(.anyAddress), !sentence.has(any: .interface, .local, .peer, .host) else {
            return
        }
        let following = passage.sentences.drop { $0.place(0) < sentence.place(0) }.prefix(2)
        guard let any = sentence.asserted(.any), any > address || sentence.language.isVerbFinal else { return }
        guard following.contains(where: { $0.has(.allow) && $0.has(.any) && !$0.has(.interface) }) else { return }
        report(.localAnyAddress, at: address)
    }

    private mutating func judgeLifetime() {
        let isAboutWait =
            sentence.has(any: .twiceMSL, .msl) || sentence.named.contains(.timeWait)
            || sentence.subject.contains(.timeWait)
        guard isAboutWait else { return }
        if let proof = sentence.asserted(.proof), sentence.has(any: .close, .already, .termination) {
            return report(.silenceProvesClosed, at: proof)
        }
        if let length = sentence.asserted(.segmentLength) { return report(.twiceMSLExplained, at: length) }
        if sentence.has(any: .twiceMSL, .msl), let trip = sentence.asserted(.roundTrip),
            sentence.has(any: .definite, .of, .maximum), !sentence.has(any: .retransmit, .fin, .ack)
        {
            report(.twiceMSLExplained, at: trip)
        }
    }

    private mutating func judgeReset() {
        if let checksum = sentence.asserted(.checksum),
            sentence.acts.contains(where: { $0.verb == .send && $0.object == .rst && !$0.isNegated })
        {
            report(.resetCauses, at: checksum)
        }
        guard isAboutTCP, sentence.has(.rst), let only = sentence.asserted(.only) else { return }
        let states = Set(sentence.named)
        if states == [.established, .closeWait] || states == [.established] && sentence.has(.possible) {
            report(.resetStates, at: only)
        }
    }

    /// "These states are quick": the states in which a connection is opened.
    private mutating func judgeVanishing() {
        let unseen = sentence.tokens.indices.first {
            sentence.tokens[$0].concept == .observe && sentence.isNegated(around: $0)
        }
        guard let instant = sentence.asserted(.instant) ?? sentence.first(.vanish) ?? unseen else { return }
        let vanishes = sentence.has(.vanish) || unseen != nil
        let isOpening: Bool
        if !sentence.named.isEmpty {
            isOpening =
                sentence.named.allSatisfy { $0 == .synSent || $0 == .synReceived } && vanishes
                && (sentence.has(.instant) || unseen != nil)
        } else {
            isOpening = sentence.has(.these) && vanishes && previous?.has(.opensConnection) == true
        }
        if isOpening { report(.synStatesVanish, at: instant) }
    }

    private mutating func judgeFourSegments() {
        guard let four = sentence.asserted(.four), sentence.has(any: .termination, .close, .closingUp),
            sentence.has(any: .all, .will, .only, .use, .always),
            !sentence.has(any: .hedge, .may, .can)
        else { return }
        report(.fourSegments, at: four)
    }
}
