import Flows
import Simulation
import TCPStateMachine

/// One end of one pair of sockets: what happened there, and what was inferred.
struct Account {
    let sight: SimulatedSight
    let place: SimulatedSight.Place
    let truth: [Transition]
    let inferred: [TransitionRecord]
    let alignment: Alignment
    /// CLOSEs that waited behind text: their FIN left later.
    let deferredCloses: Int

    init(of sight: SimulatedSight, _ place: SimulatedSight.Place) {
        self.sight = sight
        self.place = place
        let history = sight.simulator.history
        let happened = history.transitions.filter { step in
            step.time.nanoseconds < sight.end && step.end == place.end
                && step.ports[place.end] == place.ports[place.end]
                && (step.ports == place.ports || step.ports[place.end.other] == 0)
        }
        let wire = WireAccount(happened, history)
        truth = wire.steps
        deferredCloses = wire.deferred
        inferred = sight.inferred[place] ?? []
        alignment = Alignment(truth, inferred.filter { $0.from != nil }) { happened, step in
            Account.likeness(happened, step, in: sight)
        }
    }

    /// How much speaks for it that two steps are the same: 0 nothing, 5 the rule and the segment, 4 a copy of that.
    private static func likeness(_ happened: Transition, _ step: TransitionRecord, in sight: SimulatedSight) -> Int {
        guard matches(happened, step, in: sight) else { return 0 }
        // Nobody can tell of a call before it is made.
        let isEarly = sight.told(step) < happened.time.nanoseconds
        // An ICMP error passes before it comes.
        let isCall = happened.cause == nil && happened.rule?.event != "ICMP hard error"
        if isCall, step.certainty != .timer, isEarly { return 0 }
        guard happened.rule == step.rule else { return 2 }
        guard let named = sight.segment(of: step.cause) else { return 3 }
        let sent = sight.simulator.history.segments[Int(named)]
        guard let cause = happened.cause else { return sent.from == happened.end && sent.sent == happened.time ? 5 : 3 }
        if cause == named { return 5 }
        let came = sight.simulator.history.segments[Int(cause)]
        let isAgain = came.from == sent.from && came.segment.sequenceNumber == sent.segment.sequenceNumber
            && came.segment.controlBits == sent.segment.controlBits
        return isEarly ? 1 : isAgain ? 4 : 3
    }

    // MARK: Are two steps the same?

    private static func matches(_ happened: Transition, _ step: TransitionRecord, in sight: SimulatedSight) -> Bool {
        // That somebody listened before he opened is not on the wire.
        if step.rule == .closedActiveOpen, happened.from == .listen, happened.to == .synSent { return true }
        guard happened.from == step.from, happened.to == step.to, let rule = step.rule else { return false }
        if happened.rule == rule { return true }
        // "Socket gone" says that the connection ended and nothing that was captured did it.
        guard rule.id.hasSuffix("-SOCKET-GONE") else { return false }
        return isSilent(happened) || happened.cause.map { sight.time(of: $0) == nil } ?? false
    }

    private static let silentEvents: Set<String> = [
        "user timeout", "R2 exceeded", "R2 exceeded on SYN", "timeout 2MSL", "FIN-WAIT-2 timeout", "socket gone",
        "ICMP hard error", "active OPEN",
    ]

    /// A step that the end takes without a segment to or from it: time, an accident, or a call that sends nothing.
    static func isSilent(_ happened: Transition) -> Bool {
        guard let rule = happened.rule else { return true }
        if happened.cause != nil { return false }
        switch (happened.from, happened.to) {
        case (.closing, .closed), (.lastAck, .closed), (.timeWait, .closed), (.synSent, .closed), (.listen, .closed),
            (.closed, .listen):
            return true
        default:
            return silentEvents.contains(rule.event) && happened.to == .closed
        }
    }

    // MARK: Where they differ

    var discrepancies: [InferenceVerdict.Discrepancy] {
        let recognition = Recognition(of: self)
        var found: [InferenceVerdict.Discrepancy] = []
        var gap = Gap()
        for pairing in alignment.pairings {
            switch pairing {
            case .missing(let happened): gap.missing.append(happened)
            case .extra(let step): gap.extra.append(step)
            case .both(let happened, let step):
                found += discrepancies(of: gap, recognition)
                gap = Gap()
                found += cause(of: happened, step, recognition)
            }
        }
        found += discrepancies(of: gap, recognition)
        for step in inferred where step.from == nil && !recognition.isTrue(firstKnowledge: step) {
            let text = "first known in \(step.to) by packet \(step.cause.packet)"
            let reason = recognition.isDeceived(at: step) ? UndecidableCase.forgedAsFirst : nil
            found.append(discrepancy(text, "first known", reason, isProven: step.certainty == .proven))
        }
        return found
    }

    /// The right step, but because of another packet.
    private func cause(
        of happened: Transition, _ step: TransitionRecord, _ recognition: Recognition
    ) -> [InferenceVerdict.Discrepancy] {
        guard let cause = happened.cause, let named = sight.segment(of: step.cause), cause != named,
            sight.time(of: cause) != nil, !recognition.tells(named, of: happened)
        else { return [] }
        let text = "\(step.rule?.id ?? "-") is said to come from packet \(step.cause.packet), and came from another"
        return [
            discrepancy(
                text, "cause of \(step.rule?.id ?? "-")", recognition.case(of: happened, namedInstead: named),
                isProven: false)
        ]
    }

    private func discrepancies(of gap: Gap, _ recognition: Recognition) -> [InferenceVerdict.Discrepancy] {
        let reasons = gap.reasons(recognition)
        let missing = zip(gap.missing, reasons.missing).map { happened, reason in
            discrepancy(
                "\(happened.rule?.id ?? "crash") at \(happened.time) is missing", "no \(happened.rule?.id ?? "crash")",
                reason, isProven: false)
        }
        let extra = zip(gap.extra, reasons.extra).map { step, reason in
            let isTrue = gap.isCoarser(step) || recognition.isOpenedBefore(step) || recognition.isOverSilently(step)
            return discrepancy(
                "\(step.rule?.id ?? "-") (\(step.certainty.name), packet \(step.cause.packet), proof "
                    + "\(step.proof.packet)) did not happen", "\(step.certainty.name) \(step.rule?.id ?? "-")", reason,
                isProven: step.certainty == .proven && !isTrue)
        }
        return missing + extra
    }

    private func discrepancy(
        _ text: String, _ kind: String, _ undecidable: UndecidableCase?, isProven: Bool
    ) -> InferenceVerdict.Discrepancy {
        InferenceVerdict.Discrepancy(
            place: place, text: "\(sight.vantage.name): \(place.end.name): \(text)",
            kind: "\(place.end.name) \(kind)", undecidable: undecidable,
            isProven: isProven)
    }
}
