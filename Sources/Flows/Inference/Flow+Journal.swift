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
    mutating func happen(
        _ event: DiagramEvent, to side: EndpointRole, _ evidence: Evidence, _ d: inout FlowDetail, _ l: inout Ledger
    ) {
        let nature = nature(side, l.options)
        if let state = self[side].state, nature.rule(in: state, on: event) == nil { return }
        guard !self[side].states.isEmpty else { return }
        if d[side].journal.isFull {
            d[side].journal[0].isFinal = true
            settle(side, &d, &l)
            if d[side].journal.isFull { return }
        }
        d[side].journal.append(
            JournalEntry(
                event: event, certainty: evidence.certainty, seen: evidence.seen, isFinal: evidence.isFinal,
                time: evidence.time, cause: evidence.cause, proof: evidence.proof))
        let before = self[side].states
        refreshStates(side, d, l)
        notice(side, before: before, event: event, evidence, &l)
        settle(side, &d, &l)
    }

    /// The states follow from the journal.
    mutating func refreshStates(_ side: EndpointRole, _ d: borrowing FlowDetail, _ l: Ledger) {
        self[side].states = d[side].journal.current(nature(side, l.options))
    }

    /// Takes back what is not yet reported of an event, and says whether there was something.
    @discardableResult
    mutating func withdraw(
        _ event: DiagramEvent, from side: EndpointRole, _ d: inout FlowDetail, _ l: inout Ledger
    ) -> Bool {
        guard let index = d[side].journal.lastIndex(of: event) else { return false }
        d[side].journal.remove(at: index)
        refreshStates(side, d, l)
        return true
    }

    /// Reports what is final, in causal order. While either end is tainted nothing is.
    mutating func settle(_ side: EndpointRole, _ d: inout FlowDetail, _ l: inout Ledger) {
        guard !initiator.has(.isTainted), !responder.has(.isTainted) else { return }
        while d[side].journal.count > 0, d[side].journal[0].isFinal, d[side].journal.start.only != nil {
            reportFirst(side, &d, &l)
        }
    }

    /// Reports the first entry of a journal whose start is known.
    mutating func reportFirst(_ side: EndpointRole, _ d: inout FlowDetail, _ l: inout Ledger) {
        guard let from = d[side].journal.start.only else { return }
        reportStart(side, from, &d, &l)
        let entry = d[side].journal[0]
        guard let rule = nature(side, l.options).rule(in: from, on: entry.event) else {
            d[side].journal.dropFirst(leadingTo: StateSet(from))
            return
        }
        let certainty = entry.certainty == .proven ? d[side].journal.reportedCertainty : entry.certainty
        l.transition(
            TransitionRecord(
                flow: number, endpoint: side, from: from, to: rule.to, rule: rule, time: entry.time,
                cause: entry.cause, proof: entry.proof, certainty: certainty, seen: entry.seen))
        d[side].journal.reportedCertainty = certainty == .timer ? d[side].journal.reportedCertainty : certainty
        d[side].journal.dropFirst(leadingTo: StateSet(rule.to))
    }

    /// An endpoint met in mid-stream: the first that is known of it, backdated to the flow's first packet.
    mutating func reportStart(
        _ side: EndpointRole, _ state: State, _ d: inout FlowDetail, _ l: inout Ledger
    ) {
        guard d[side].journal.isStartUnreported else { return }
        d[side].journal.isStartUnreported = false
        reportFirstKnowledge(side, state, time: first, cause: firstReference, .proven, &d, &l)
    }

    /// A transition with `from` null.
    mutating func reportFirstKnowledge(
        _ side: EndpointRole, _ state: State, time: Int64, cause: PacketReference, _ certainty: Certainty,
        _ d: inout FlowDetail, _ l: inout Ledger
    ) {
        d[side].journal.reportedCertainty = certainty
        l.transition(
            TransitionRecord(
                flow: number, endpoint: side, from: nil, to: state, rule: nil, time: time, cause: cause, proof: cause,
                certainty: certainty, seen: true))
    }

    /// Findings that a step itself is, and the start of TIME-WAIT.
    private mutating func notice(
        _ side: EndpointRole, before: StateSet, event: DiagramEvent, _ evidence: Evidence, _ l: inout Ledger
    ) {
        guard let state = self[side].state else { return }
        switch state {
        case .synReceived where before.only == .synSent:
            find(.simultaneousOpen, at: nil, time: evidence.time, evidence.cause, &l)
        case .closing:
            find(.simultaneousClose, at: nil, time: evidence.time, evidence.cause, &l)
        case .timeWait:
            startTimeWait(side, at: evidence.time)
        case .closed where event == .abort:
            find(.abortiveClose, at: side, time: evidence.time, evidence.cause, &l)
        case .closed, .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .lastAck:
            return
        }
    }

    mutating func startTimeWait(_ side: EndpointRole, at time: Int64) {
        switch side {
        case .initiator: timeWaitSince.initiator = time
        case .responder: timeWaitSince.responder = time
        }
    }

    /// Reports a finding, once per flow and code.
    mutating func find(
        _ code: FindingCode, at side: EndpointRole?, time: Int64, _ reference: PacketReference, _ l: inout Ledger
    ) {
        guard !findings.contains(code) else { return }
        findings.insert(FindingSet(code))
        l.finding(FindingRecord(flow: number, endpoint: side, code: code, time: time, reference: reference))
    }
}
