import TCPStateMachine
import WireFormat

/// A step of an endpoint's machine that is not settled yet: it stands in the journal, or what would cause it is
/// pending.
struct PresumedStep: Equatable, BitwiseCopyable {
    var rule: Rule
    var time: Int64
    var cause: PacketReference
    var proof: PacketReference
    var seen: Bool
    /// Presumed, or a timer's.
    var certainty = Certainty.presumed

    /// The same step of the same cause; what proves it may have come meanwhile.
    func isSame(as other: PresumedStep) -> Bool { rule == other.rule && cause == other.cause }
}

extension Flow {
    /// The steps behind the last settled one, with all that is pending taken as arrived; none where several states are
    /// possible, or as long as what is known first of the endpoint has not been reported.
    func presumedSteps(_ e: EndpointRole, _ d: FlowDetail, _ l: borrowing Ledger, into steps: inout [PresumedStep]) {
        guard var state = d[e].journal.start.only, !d[e].journal.isStartUnreported, !mayForgetListening(e)
        else { return }
        let nature = nature(e, l)
        func take(
            _ event: DiagramEvent, _ time: Int64, _ cause: PacketReference, _ proof: PacketReference, _ seen: Bool
        ) {
            guard let rule = nature.rule(in: state, on: event) else { return }
            state = rule.to
            steps.append(PresumedStep(rule: rule, time: time, cause: cause, proof: proof, seen: seen))
        }
        for index in 0..<Int(d[e].journal.count) {
            let entry = d[e].journal[index]
            take(entry.event, entry.time, entry.cause, entry.proof, entry.seen)
            if entry.certainty == .timer, let last = steps.indices.last { steps[last].certainty = .timer }
        }
        forEachPending(e, d) { event, time, cause, seen in take(event, time, cause, .none, seen) }
    }

    /// What is pending, as events in the order in which they would arrive.
    @inline(__always)
    func forEachPending(
        _ e: EndpointRole, _ d: FlowDetail, _ body: (DiagramEvent, Int64, PacketReference, Bool) -> Void
    ) {
        func tell(_ event: DiagramEvent, _ fact: PendingFact) { body(event, fact.time, fact.cause, fact.seen) }
        let pending = self[e].pending
        if pending.contains(.syn) { tell(d[e].pending.syn.mark ? .synAckArrives : .synArrives, d[e].pending.syn) }
        if pending.contains(.ackOfSyn) { tell(.ackOfSynArrives, d[e].pending.ackOfSyn) }
        let hasFin = pending.contains(.fin) && d[e].pending.isFinWhole
        let hasAck = pending.contains(.ackOfFin)
        let ackFirst = hasAck && (!hasFin || d[e].pending.ackOfFin.time <= d[e].pending.finCopies[0].time)
        if ackFirst { tell(.ackOfFinArrives, d[e].pending.ackOfFin) }
        if hasFin {
            let copy = d[e].pending.finCopies[0]
            body(.finArrives, copy.time, copy.cause, !copy.cause.isNone)
        }
        if hasAck, !ackFirst { tell(.ackOfFinArrives, d[e].pending.ackOfFin) }
        if pending.contains(.rst) { tell(.rstArrives, d[e].pending.rst) }
    }
}
