import TCPStateMachine
import WireFormat

/// The facts that are pending at an endpoint: put there, dropped, delivered to its machine.
extension Flow {
    func pend(_ kind: FactKind, at e: EndpointRole, _ fact: PendingFact, _ d: FlowDetail) {
        switch kind {
        case .syn:
            d[e].pending.syn = fact
            self[e].pending.insert(.syn)
        case .ackOfSyn:
            d[e].pending.ackOfSyn = fact
            self[e].pending.insert(.ackOfSyn)
            self[e].flags.insert(.synAcknowledged)
        case .ackOfFin:
            d[e].pending.ackOfFin = fact
            self[e].pending.insert(.ackOfFin)
            self[e].flags.insert(.finAcknowledged)
        case .rst:
            d[e].pending.rst = fact
            self[e].pending.insert(.rst)
        case .fin:
            return
        }
    }

    func pendFin(at e: EndpointRole, _ copy: FinCopy, isWhole: Bool, _ d: FlowDetail) {
        d[e].pending.appendFin(copy)
        d[e].pending.isFinWhole = isWhole
        self[e].pending.insert(.fin)
    }

    /// The facts are gone as if their segments had not passed; the next segment that brings one is a new chance.
    func drop(_ kinds: FactKinds, at e: EndpointRole, _ d: FlowDetail) {
        self[e].pending.subtract(kinds)
        if kinds.contains(.ackOfSyn) { self[e].flags.remove(.synAcknowledged) }
        if kinds.contains(.ackOfFin) { self[e].flags.remove(.finAcknowledged) }
        if kinds.contains(.fin) { d[e].pending.dropFin() }
    }

    /// The ACK of its SYN had come when the endpoint sent the segment, as far as is known.
    func deliverTimelyAckOfSyn(to e: EndpointRole, before c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger) {
        guard self[e].pending.contains(.ackOfSyn),
            !knowsTrip(e) || couldHaveAnswered(e, d[e].pending.ackOfSyn.time, now: c.time)
        else { return }
        deliver(.ackOfSyn, to: e, .presumed, by: c.reference, d, &l)
    }

    /// A pending fact arrives at the machine.
    func deliver(
        _ kind: FactKind, to e: EndpointRole, _ certainty: Certainty, by proof: PacketReference,
        _ d: FlowDetail, _ l: inout Ledger, copy index: Int = 0
    ) {
        switch kind {
        case .syn:
            let fact = d[e].pending.syn
            self[e].pending.remove(.syn)
            if self[e].state == .synSent, fact.mark {
                self[e].pending.remove(.ackOfSyn)
                arrive(.synAckArrives, fact, at: e, certainty, proof, d, &l)
            } else {
                arrive(.synArrives, fact, at: e, certainty, proof, d, &l)
            }
        case .ackOfSyn:
            self[e].pending.remove(.ackOfSyn)
            let fact = d[e].pending.ackOfSyn
            let isCrossing = fact.mark && self[e].state == .synReceived
                && nature(e, l).rule(in: .synReceived, on: .synAckArrives) != nil
            // Both opened: the peer's SYN,ACK may be what came.
            let isDoubtful = !fact.mark && self[e].opening == .active
            let event: DiagramEvent = isCrossing ? .synAckArrives : .ackOfSynArrives
            arrive(event, fact, at: e, isDoubtful ? .presumed : certainty, proof, d, &l)
        case .ackOfFin:
            self[e].pending.remove(.ackOfFin)
            arrive(.ackOfFinArrives, d[e].pending.ackOfFin, at: e, certainty, proof, d, &l)
        case .rst:
            self[e].pending.remove(.rst)
            arrive(.rstArrives, d[e].pending.rst, at: e, certainty, proof, d, &l)
        case .fin:
            let copy = d[e].pending.finCopies[min(index, PendingFacts.copyCapacity - 1)]
            // A FIN carries an ACK: who takes it in SYN-RECEIVED is ESTABLISHED first (RFC 793 p. 75).
            if self[e].state == .synReceived, self[e].pending.contains(.ackOfSyn) {
                deliver(.ackOfSyn, to: e, certainty, by: proof, d, &l)
            }
            self[e].pending.remove(.fin)
            d[e].pending.dropFin()
            let evidence = Evidence(
                time: copy.time, cause: copy.cause, proof: proof, certainty: certainty, seen: !copy.cause.isNone,
                isFinal: certainty == .proven)
            self[e].flags.insert(.tookFin)
            happen(.finArrives, to: e, evidence, d, &l)
        }
    }

    private func arrive(
        _ event: DiagramEvent, _ fact: PendingFact, at e: EndpointRole, _ certainty: Certainty,
        _ proof: PacketReference, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let isFromListen = event == .synArrives && self[e].state == .listen
        if isFromListen { self[e].flags.insert(.isOpeningUnsettled) }
        let evidence = Evidence(
            time: fact.time, cause: fact.cause, proof: proof, certainty: certainty, seen: fact.seen,
            isFinal: certainty == .proven && !isFromListen)
        happen(event, to: e, evidence, d, &l)
    }

    /// The peer has gone on without a SYN,ACK of its own: the endpoint did answer from LISTEN.
    func settleOpening(_ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        self[e].flags.remove(.isOpeningUnsettled)
        guard !isSynUnseen(of: e.other) else { return forgetListening(e, d, &l) }
        guard d[e].journal.count > 0, d[e].journal[0].event == .synArrives, d[e].journal[0].certainty == .proven else {
            return
        }
        d[e].journal[0].isFinal = true
        settle(e, d, &l)
    }

    /// The endpoint sent a SYN that was answered, and none was captured, as far as the answer shows.
    func isSynUnseen(of e: EndpointRole) -> Bool { !self[e].has(.sentSyn) && self[e].state != .closed }

    /// It is not settled yet whether it will be told that the endpoint was in LISTEN.
    func mayForgetListening(_ e: EndpointRole) -> Bool {
        self[e].has(.isOpeningUnsettled) && isSynUnseen(of: e.other)
    }

    /// What the endpoint answered was not captured, and so its own SYN may not have been: it was in LISTEN, or both
    /// opened. What is known of it begins in SYN-RECEIVED.
    func forgetListening(_ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard d[e].journal.count > 0, d[e].journal.start == StateSet(.listen), d[e].journal[0].event == .synArrives
        else { return }
        let answer = d[e].journal[0]
        self[e].flags.remove(.isOpeningUnsettled)
        d[e].journal.dropFirst(leadingTo: StateSet(.synReceived))
        if d[e].entriesBeforeTaint > 0 { d[e].entriesBeforeTaint -= 1 }
        reportFirstKnowledge(e, .synReceived, time: answer.time, cause: answer.proof, answer.certainty, d, &l)
        settle(e, d, &l)
    }
}
