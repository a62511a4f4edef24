import TCPStateMachine
import WireFormat

/// Where a step of a machine comes from: the packet that caused it, and the one that showed it.
struct Evidence {
    var time: Int64
    var cause: PacketReference
    var proof: PacketReference
    var certainty: Certainty
    /// Was the cause captured?
    var seen = true
    /// Nothing that may still come is expected to change it.
    var isFinal = true

    /// What the endpoint's own segment shows at once.
    static func own(_ c: CapturedSegment, _ certainty: Certainty = .proven) -> Evidence {
        let reference = PacketReference(file: c.file, packet: c.packet)
        return Evidence(
            time: c.time, cause: reference, proof: reference, certainty: certainty, isFinal: certainty == .proven)
    }
}

extension CapturedSegment {
    var reference: PacketReference { PacketReference(file: file, packet: packet) }
}

extension Flow {
    /// Something happened to an endpoint's machine. What the diagram does not know in that state moves nothing.
    func happen(
        _ event: DiagramEvent, to side: EndpointRole, _ evidence: Evidence, _ d: FlowDetail, _ l: inout Ledger
    ) {
        if let state = self[side].state {
            guard let rule = nature(side, l).rule(in: state, on: event) else { return }
            if evidence.isFinal, d[side].journal.isSettled, !isTainted {
                take(rule, event, side, evidence, d, &l)
                return
            }
        }
        guard !self[side].states.isEmpty else { return }
        if d[side].journal.isFull {
            d[side].journal[0].isFinal = true
            settle(side, d, &l)
            if d[side].journal.isFull { return }
        }
        let entered = lastCause(side, d)
        d[side].journal.append(
            JournalEntry(
                event: event, certainty: evidence.certainty, seen: evidence.seen, isFinal: evidence.isFinal,
                time: evidence.time, cause: evidence.cause, proof: evidence.proof))
        let before = self[side].states
        refreshStates(side, d, l)
        notice(side, before: before, enteredBy: entered, event: event, evidence, &l)
        settle(side, d, &l)
    }

    /// The endpoint turns out to have no connection any more, and nothing on the wire ended it.
    func vanish(_ side: EndpointRole, _ evidence: Evidence, _ d: FlowDetail, _ l: inout Ledger) {
        happen(.socketGone, to: side, evidence, d, &l)
    }

    /// The common case: nothing is open before it, and it is final. It need not wait in the journal.
    private func take(
        _ rule: Rule, _ event: DiagramEvent, _ side: EndpointRole, _ evidence: Evidence, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        let certainty = evidence.certainty == .proven ? d[side].journal.reportedCertainty : evidence.certainty
        if certainty != .timer { d[side].journal.reportedCertainty = certainty }
        l.transition(
            TransitionRecord(
                flow: number, endpoint: side, from: rule.from, to: rule.to, rule: rule, time: evidence.time,
                cause: evidence.cause, proof: evidence.proof, certainty: certainty, seen: evidence.seen))
        self[side].lastRule = evidence.certainty == .presumed ? rule : nil
        let entered = self[side].lastCause
        self[side].lastCause = evidence.cause
        let before = self[side].states
        d[side].journal.begin(in: StateSet(rule.to))
        self[side].states = StateSet(rule.to)
        notice(side, before: before, enteredBy: entered, event: event, evidence, &l)
    }

    /// Octets of either end passed unseen that may have ended in a FIN.
    var isTainted: Bool { initiator.has(.isTainted) || responder.has(.isTainted) }

    /// The states follow from the journal.
    func refreshStates(_ side: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger) {
        self[side].states = d[side].journal.current(nature(side, l))
    }

    /// Takes back what is not yet reported of an event, and says whether there was something.
    @discardableResult
    func withdraw(
        _ event: DiagramEvent, from side: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> Bool {
        guard let index = d[side].journal.lastIndex(of: event) else { return false }
        d[side].journal.remove(at: index)
        if index < Int(d[side].entriesBeforeTaint) { d[side].entriesBeforeTaint -= 1 }
        refreshStates(side, d, l)
        return true
    }

    /// Reports what is final, in causal order. While either end is tainted nothing is.
    func settle(_ side: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard !isTainted else { return }
        while d[side].journal.count > 0, d[side].journal[0].isFinal, d[side].journal.start.only != nil {
            reportFirst(side, d, &l)
        }
    }

    /// Reports the first entry of a journal whose start is known.
    func reportFirst(_ side: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard let from = d[side].journal.start.only else { return }
        reportStart(side, from, d, &l)
        let entry = d[side].journal[0]
        guard let rule = nature(side, l).rule(in: from, on: entry.event) else {
            d[side].journal.dropFirst(leadingTo: StateSet(from))
            return
        }
        let certainty = entry.certainty == .proven ? d[side].journal.reportedCertainty : entry.certainty
        l.transition(
            TransitionRecord(
                flow: number, endpoint: side, from: from, to: rule.to, rule: rule, time: entry.time,
                cause: entry.cause, proof: entry.proof, certainty: certainty, seen: entry.seen))
        self[side].lastRule = entry.certainty == .presumed ? rule : nil
        self[side].lastCause = entry.cause
        d[side].journal.reportedCertainty = certainty == .timer ? d[side].journal.reportedCertainty : certainty
        d[side].journal.dropFirst(leadingTo: StateSet(rule.to))
    }

    /// An endpoint met in mid-stream: the first that is known of it, backdated to the flow's first packet.
    func reportStart(
        _ side: EndpointRole, _ state: State, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard d[side].journal.isStartUnreported else { return }
        d[side].journal.isStartUnreported = false
        reportFirstKnowledge(side, state, time: first, cause: firstReference, .proven, d, &l)
    }

    /// A transition with `from` null.
    func reportFirstKnowledge(
        _ side: EndpointRole, _ state: State, time: Int64, cause: PacketReference, _ certainty: Certainty,
        _ d: FlowDetail, _ l: inout Ledger
    ) {
        // A doubt that came up before it is told stays for what follows.
        if d[side].journal.reportedCertainty == .proven { d[side].journal.reportedCertainty = certainty }
        l.transition(
            TransitionRecord(
                flow: number, endpoint: side, from: nil, to: state, rule: nil, time: time, cause: cause, proof: cause,
                certainty: certainty, seen: true))
    }

    /// Findings that a step itself is, and the start of TIME-WAIT.
    private func notice(
        _ side: EndpointRole, before: StateSet, enteredBy entered: PacketReference, event: DiagramEvent,
        _ evidence: Evidence, _ l: inout Ledger
    ) {
        noticeLingering(side, in: before, enteredBy: entered, until: evidence.time, &l)
        guard let state = self[side].state else { return }
        switch state {
        case .synReceived where before.only == .synSent:
            find(.simultaneousOpen, at: nil, time: evidence.time, evidence.cause, &l)
        case .closing:
            find(.simultaneousClose, at: nil, time: evidence.time, evidence.cause, &l)
        case .timeWait, .lastAck:
            startClock(side, at: evidence.time)
        case .closeWait, .finWait2:
            // The half-closed connection may have been used since.
            startClock(side, at: max(clock(side), evidence.time))
        case .closed where event == .abort:
            find(.abortiveClose, at: side, time: evidence.time, evidence.cause, &l)
        case .established where before.only == .synSent || before.only == .synReceived:
            if side == .initiator || initiator.packets == 0 { l.openings.complete(pair) }
        case .closed, .listen, .synSent, .synReceived, .established, .finWait1:
            return
        }
    }

    /// Reports a finding, once per flow and code.
    func find(
        _ code: FindingCode, at side: EndpointRole?, time: Int64, _ reference: PacketReference, _ l: inout Ledger,
        detail: FindingDetail = .none
    ) {
        guard !findings.contains(code) else { return }
        findings.insert(FindingSet(code))
        l.finding(
            FindingRecord(flow: number, endpoint: side, code: code, time: time, reference: reference, detail: detail))
    }
}
