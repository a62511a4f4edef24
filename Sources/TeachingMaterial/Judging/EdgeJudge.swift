import TCPStateMachine

/// Holds one edge against the rules.
struct EdgeJudge: Sendable {
    /// The profile that the document is drawn for; nil: any.
    var profile: Profile.Name?

    /// What is wrong with an edge.
    struct Verdict: Hashable, Sendable {
        var code: DiagnosticCode
        var severity: Severity
        /// Why, in a sentence without a full stop.
        var message: String
        /// The nearest right edge.
        var correction: String
    }

    /// The ways that the profile has.
    func ways(from state: State) -> [Way] {
        Way.leaving(state).filter { way in
            guard let profile else { return !way.profiles.isEmpty || way.to == .timeWait }
            return way.profiles.contains(profile)
        }
    }

    /// The verdict on a step; nil if it is right, or cannot be told.
    func verdict(from: State, to: State, label: EdgeLabel?) -> Verdict? {
        guard from != to else { return nil }
        let label = label ?? EdgeLabel()
        let ways = ways(from: from)
        let pair = ways.filter { $0.to == to }
        if label.isEmpty {
            return pair.isEmpty ? wrongPair(from, to, label) : note(from, to, label)
        }
        var nearest: Verdict?
        for reading in label.readings where !(reading.events.isEmpty && reading.actions.isEmpty) {
            guard let verdict = verdict(from, to, reading, pair, label) else { return note(from, to, label) }
            // The mildest reading is the one that the author may have meant.
            if verdict.severity < nearest?.severity ?? .error || nearest == nil { nearest = verdict }
        }
        return nearest
    }

    private func verdict(
        _ from: State, _ to: State, _ reading: LabelReading, _ pair: [Way], _ label: EdgeLabel
    ) -> Verdict? {
        guard !pair.isEmpty else { return wrongPair(from, to, label, reading) }
        let causes = reading.events.filter { $0 != .otherCall }
        let caused = pair.filter { way in causes.isEmpty || causes.contains { $0.means(way, from: from) } }
        guard !caused.isEmpty else { return wrongEvent(from, to, reading, pair) }
        let sent = reading.actions.map { action -> SegmentWords in
            if case .segment(let words) = action { words } else { [] }
        }
        if caused.contains(where: { way in sent.allSatisfy { way.allows($0) } }) { return nil }
        return wrongAction(from, to, sent, caused, reading)
    }

    // MARK: Messages

    private func wrongPair(
        _ from: State, _ to: State, _ label: EdgeLabel, _ reading: LabelReading = LabelReading()
    ) -> Verdict {
        let code = EdgeJudge.code(from, to, reading)
        let cause = EdgeJudge.text(of: reading).map { " on \($0)" } ?? ""
        return Verdict(
            code: code, severity: code.severity, message: "\(from) does not lead to \(to)\(cause)",
            correction: nearest(from, to, reading))
    }

    private func wrongEvent(_ from: State, _ to: State, _ reading: LabelReading, _ pair: [Way]) -> Verdict {
        let code = EdgeJudge.code(from, to, reading)
        let cause = EdgeJudge.text(of: reading) ?? "that"
        return Verdict(
            code: code, severity: code.severity, message: "\(cause) does not take \(from) to \(to)",
            correction: nearest(from, to, reading))
    }

    private func wrongAction(
        _ from: State, _ to: State, _ sent: [SegmentWords], _ ways: [Way], _ reading: LabelReading
    ) -> Verdict {
        let wrong = sent.map(\.text).joined(separator: " and ")
        let code: DiagnosticCode =
            switch (from, to) {
            case (.synSent, .synReceived): .synSentAnswersAck
            case (.synSent, .closed) where sent.contains { $0.contains(.fin) }: .refusedSendsFin
            case (.lastAck, _), (.closing, _), (.closeWait, .lastAck): .wrongFinalAck
            default: .wrongAction
            }
        let right = ways.first.map { $0.sends.isEmpty ? "nothing is sent" : "snd \($0.sends.text)" } ?? ""
        return Verdict(
            code: code, severity: code.severity,
            message: "the step from \(from) to \(to) does not send \(wrong)",
            correction: "on \(ways.first?.event.words ?? "it"), \(right)")
    }

    /// A step that is right, and worth a word.
    private func note(_ from: State, _ to: State, _ label: EdgeLabel) -> Verdict? {
        let readings = label.readings.filter { !($0.events.isEmpty && $0.actions.isEmpty) }
        guard let reading = readings.first else { return resetNote(from, to) }
        switch (from, to) {
        case (.closeWait, .lastAck) where readings.allSatisfy({ $0.events.isEmpty && $0.actions == [.segment(.fin)] }):
            return Verdict(
                code: .automaticFin, severity: .note,
                message: "the FIN of CLOSE-WAIT is sent because the user calls CLOSE",
                correction: "CLOSE leads from CLOSE-WAIT to LAST-ACK (snd FIN)")
        case (.finWait2, .closed) where profile != .linux && reading.events.contains(.timeout):
            return Verdict(
                code: .finWait2Timeout, severity: .note,
                message: "a timeout of FIN-WAIT-2 is an implementation's policy",
                correction: DiagnosticCode.finWait2Timeout.fact)
        case (_, .timeWait) where readings.allSatisfy({ !$0.events.isEmpty && $0.events.allSatisfy { $0 == .abort } }):
            return Verdict(
                code: .resetDestination, severity: .note,
                message: "one sentence of RFC 9293 has it so, its rules do not",
                correction: DiagnosticCode.resetDestination.fact)
        default: return nil
        }
    }

    /// An unlabelled step to TIME-WAIT that only a reset takes, by one sentence of RFC 9293 (formats 8.2).
    private func resetNote(_ from: State, _ to: State) -> Verdict? {
        let pair = ways(from: from).filter { $0.to == to }
        guard pair.allSatisfy({ $0.profiles.isEmpty || $0.rule == .synReceivedOldDuplicate }) else { return nil }
        return Verdict(
            code: EdgeJudge.code(from, to, LabelReading()), severity: .note,
            message: "\(from) leads to \(to) only where a reset is involved",
            correction: nearest(from, to, LabelReading()))
    }

    /// The right edges that are nearest: what the event does, what leads there, or all that is normal here.
    func nearest(_ from: State, _ to: State, _ reading: LabelReading) -> String {
        let ways = ways(from: from)
        let sameEvent = ways.filter { way in reading.events.contains { $0.means(way, from: from) } }
        if let way = sameEvent.first { return "in \(from), \(EdgeJudge.joined(sameEvent, or: way))" }
        let samePair = ways.filter { $0.to == to }
        if let way = samePair.first(where: \.isNormal) ?? samePair.first {
            let words = samePair.filter { $0.isNormal == way.isNormal }.map(\.event.words)
            return "from \(from) to \(to) it takes \(unique(words).prefix(4).joined(separator: " or "))"
        }
        let normal = ways.filter(\.isNormal)
        return "in \(from), \(unique(normal.map(\.text)).joined(separator: "; "))"
    }

    private static func joined(_ ways: [Way], or way: Way) -> String {
        unique(ways.map(\.text)).prefix(3).joined(separator: "; ")
    }

    private static func text(of reading: LabelReading) -> String? {
        if let event = reading.events.first { return event.words }
        if case .segment(let words)? = reading.actions.first { return "sending \(words.text)" }
        return nil
    }
}

/// Each once, in order.
func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
}

extension Way {
    /// Whether a label's segment is one that this step may send.
    func allows(_ words: SegmentWords) -> Bool {
        if words == sends { return true }
        // A FIN nearly always carries an ACK, and so does a RST.
        if words.subtracting(.ack) == sends.subtracting(.ack), !sends.isDisjoint(with: [.fin, .rst]) { return true }
        // An ABORT of a connection without a peer sends nothing; drawing a RST there is no contradiction.
        if words == .rst || words == [.rst, .ack] {
            return event == .abort || event == .userTimeout || event == .rstArrives || event == .synInWindowArrives
        }
        // The rule's own text is silent about the data that may go along.
        return words == .data
    }
}

extension LabelEvent {
    /// Whether a label's event is the cause of a step.
    func means(_ way: Way, from: State) -> Bool {
        // A plain RST is none that tells of an old duplicate (RFC 9293 section 3.6.1 (2)).
        if way.rule == .synReceivedOldDuplicate { return false }
        return switch self {
        case .passiveOpen: way.event == .passiveOpen
        case .activeOpen: way.event == .activeOpen || way.event == .timeWaitReuse
        case .send: way.event == .send || way.event == .activeOpen && way.from == .listen
        case .close: way.event == .close
        case .abort: way.event == .abort
        case .otherCall: false
        case .ackOfSyn: way.event == .ackOfSynArrives
        case .ackOfFin: way.event == .ackOfFinArrives
        case .timeWaitTimeout: way.event == .timeWaitTimeout
        case .userTimeout: way.event == .userTimeout || way.event == .retransmissionLimit
        case .timeout:
            switch way.event {
            case .timeWaitTimeout, .userTimeout, .retransmissionLimit, .finWait2Timeout: true
            default: false
            }
        case .icmpError: way.event == .icmpHardError
        case .segment(let words): LabelEvent.segment(words, means: way)
        }
    }

    private static func segment(_ words: SegmentWords, means way: Way) -> Bool {
        switch way.event {
        case .synArrives, .synInWindowArrives, .newIncarnationSynArrives: words == .syn || words == [.syn, .data]
        case .synAckArrives: words == [.syn, .ack]
        // What stays a SYN,ACK in a label of a passive opener is the third segment, miswritten.
        case .ackOfSynArrives: words == .ack || words == [.ack, .data]
        case .ackOfFinArrives: words == .ack
        case .finArrives:
            words == .fin || words == [.fin, .ack] || words == [.fin, .data] || words == [.fin, .ack, .data]
        case .rstArrives: words == .rst || words == [.rst, .ack]
        case .dataAfterCloseArrives: words == .data
        case .passiveOpen, .activeOpen, .send, .close, .abort, .timeWaitTimeout, .userTimeout, .retransmissionLimit,
            .icmpHardError, .timeWaitReuse, .finWait2Timeout, .socketGone:
            false
        }
    }

    /// In the words of the figures.
    var words: String {
        switch self {
        case .passiveOpen: "passive OPEN"
        case .activeOpen: "active OPEN"
        case .send: "SEND"
        case .close: "CLOSE"
        case .abort: "ABORT"
        case .otherCall: "a call"
        case .segment(let words): "rcv \(words.text)"
        case .ackOfSyn: "rcv ACK of our SYN"
        case .ackOfFin: "rcv ACK of our FIN"
        case .timeWaitTimeout: "the 2 MSL timeout"
        case .timeout: "a timeout"
        case .userTimeout: "the user timeout"
        case .icmpError: "an ICMP error"
        }
    }
}
