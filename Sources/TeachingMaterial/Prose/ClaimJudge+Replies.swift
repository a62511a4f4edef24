import TCPStateMachine

/// What a state answers to a segment, and which clock runs where.
extension ClaimJudge {
    /// "An end in TIME-WAIT that sees the FIN again must send a RST", "LISTEN answers a SYN with an ACK".
    mutating func judgeReplies() {
        guard let state = replying, !sentence.has(any: .not, .notYet, .noLonger, .cannot, .without, .may),
            !sentence.has(any: .timer, .clock, .implementation, .hedge),
            let (received, sent, token) = reply
        else { return }
        guard let allowed = ClaimJudge.replies(of: state, to: received), !allowed.contains(sent) else { return }
        let right = allowed.map(\.text).sorted().joined(separator: " or ")
        report(
            .wrongAction, at: token,
            "\(state) is said to answer \(received.text) with \(sent.text)\(right.isEmpty ? "" : ", not with \(right)")"
        )
    }

    /// A reset that reaches a listener is ignored.
    mutating func judgeListenerReset() {
        guard sentence.named == [.listen], let at = sentence.first(.state), !sentence.tokens[at].isPlain,
            let reset = sentence.first(.rst), !sentence.has(any: .not, .notYet, .noLonger, .cannot, .without, .ignore),
            sentence.has(any: .inside, .receive),
            sentence.acts.contains(where: {
                ($0.verb == .close || $0.verb == .already || $0.verb == .enter && $0.state == .closed) && !$0.isNegated
            })
        else { return }
        report(.wrongEvent, at: reset, "a RST is said to close a socket in LISTEN")
    }

    /// The one state that the sentence is about.
    private var replying: State? {
        let named = sentence.named
        guard named.count <= 1 else { return nil }
        if let at = sentence.first(.state), at > 0, sentence.tokens[at - 1].concept != .inside,
            sentence.tokens[at - 1].concept != .stay
        {
            return nil
        }
        return named.first ?? (sentence.subject.count == 1 ? sentence.subject.first : nil)
    }

    /// The segment that is received and the one that answers it.
    private var reply: (SegmentWords, SegmentWords, Int)? {
        let tokens = sentence.tokens
        if let answer = sentence.first(.answer) {
            // "answers the SYN with an ACK", "the SYN is answered with an ACK".
            let objects = tokens.indices.filter { ClaimJudge.segment(tokens[$0]) != nil }
            guard objects.count == 2, objects[1] > answer, let first = ClaimJudge.segment(tokens[objects[0]]),
                let second = ClaimJudge.segment(tokens[objects[1]])
            else { return nil }
            return (first, second, answer)
        }
        let acts = sentence.acts.filter { !$0.isNegated && $0.mode != .until && $0.mode != .purpose && !$0.isMove }
        guard acts.count == 2, acts[0].verb == .receive, acts[1].verb == .send, acts[1].isModal || !acts[0].isModal,
            sentence.acts.allSatisfy({ !$0.isMove || $0.verb == .stay }),
            acts[1].subject != .peer, acts[1].source != .peer,
            let first = acts[0].object.flatMap(ClaimJudge.segment),
            let second = acts[1].object.flatMap(ClaimJudge.segment)
        else { return nil }
        // What an entry tells of the way into its state is no answer that the state gives.
        guard !sentence.isEntry else { return nil }
        return (first, second, acts[1].first)
    }

    private static func segment(_ token: Token) -> SegmentWords? { segment(token.concept) }

    private static func segment(_ concept: Concept) -> SegmentWords? {
        switch concept {
        case .syn: .syn
        case .synAck: [.syn, .ack]
        case .ack: .ack
        case .fin: .fin
        case .finAck: [.fin, .ack]
        case .rst: .rst
        default: nil
        }
    }

    /// What a state may answer; nil where that depends on more than the state.
    private static func replies(of state: State, to segment: SegmentWords) -> Set<SegmentWords>? {
        switch (state, segment) {
        case (.closed, .rst), (.listen, .rst): []
        case (.closed, _): [.rst, [.rst, .ack]]
        case (.listen, .syn), (.synSent, .syn): [[.syn, .ack]]
        case (.listen, [.syn, .ack]): [.rst]
        case (.synSent, [.syn, .ack]): [.ack, .rst]
        case (.established, .fin), (.finWait1, .fin), (.finWait2, .fin), (.timeWait, .fin): [.ack]
        case (.timeWait, .ack), (.lastAck, .ack), (.closing, .ack): []
        default: nil
        }
    }

    // MARK: Clocks

    /// The clock of twice the segment lifetime runs in TIME-WAIT alone.
    mutating func judgeOtherTimers() {
        let about = sentence.named.isEmpty ? sentence.subject : sentence.named
        guard about.count == 1, let state = about.first, let clock = sentence.first(.twiceMSL),
            !sentence.has(any: .not, .notYet, .noLonger, .cannot, .hedge, .may, .answer)
        else { return }
        switch state {
        case .closeWait, .lastAck, .synSent, .synReceived, .established, .finWait1: break
        case .closed, .listen, .finWait2, .closing, .timeWait: return
        }
        // "After LAST-ACK", "instead of": another state may be meant.
        guard !sentence.has(any: .enter) || sentence.isEntry == false, !sentence.has(any: .activeCloser, .peer) else {
            return
        }
        guard
            sentence.has(any: .after, .until, .wait, .stay, .timer, .clock, .leave, .ends, .inside, .beginning, .when)
        else { return }
        report(.wrongWait, .error, at: clock, "\(state) is said to last, or to wait for, 2 MSL")
    }
}
