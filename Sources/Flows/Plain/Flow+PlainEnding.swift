import TCPStateMachine
import WireFormat

/// A plain flow is settled, or reported: special cases of `conclude` and `record`.
extension Flow {
    /// Both ends are done, the last ACK taken as arrived.
    var isDonePlainly: Bool { plain.phase >= .done }

    /// Nothing but what the plain way does is left to do at its end: both ends are done, or the SYN has no answer, and
    /// then nothing is pending that anybody would presume.
    @inline(__always)
    var endsPlainly: Bool { isDonePlainly || plain.phase == .opening }

    /// Settles a flow whose both ends are done; one that nobody has answered stays as it is. `now` is the packet clock.
    @inline(__always)
    func concludePlainly(now: Int64, _ l: inout Ledger) {
        guard isDonePlainly else { return }
        runTimeWaitPlainly(now: now, &l)
        guard plain.phase == .done else { return }
        block.step(plain.closer.other, .lastAckAckOfFin, plain.lastAck, provenBy: .none, as: .presumed, &l)
        block.plain.phase = .settled
    }

    @inline(__always)
    private func runTimeWaitPlainly(now: Int64, _ l: inout Ledger) {
        guard !plain.isOver else { return }
        let seconds = l.profile(plain.closer).timeWaitSeconds
        let (end, overflow) = plain.secondFin.time.addingReportingOverflow(Int64(seconds) * 1_000_000_000)
        guard !overflow, now >= end else { return }
        block.plain.isOver = true
        let passing = Passing(time: end, reference: .none)
        block.step(plain.closer, .timeWaitTimeout, passing, provenBy: .none, as: .timer, &l)
    }

    func plainRecord() -> FlowRecord {
        FlowRecord(
            flow: number, pair: pair, tunnel: tunnel, initiator: plainEndpointRecord(.initiator),
            responder: plainEndpointRecord(.responder), first: first, last: last, rolesGuessed: false,
            incarnationOf: nil, findings: findings)
    }

    private func plainEndpointRecord(_ e: EndpointRole) -> EndpointRecord {
        let states = plainStates(e)
        // The last step of who closed last is presumed, and nothing else.
        let isPresumed = plain.phase != .opening && e != plain.closer
        return EndpointRecord(
            state: states.only, possible: states.isEmpty ? Self.possibleOfUnanswering : states,
            certainty: isPresumed ? .presumed : .proven,
            packets: UInt64(self[plain: e].packets), bytes: self[plain: e].bytes, retransmissions: 0)
    }
}

extension Profile {
    /// The diagram has every arrow that a plain flow takes.
    var hasPlainRules: Bool {
        let arrows: [(State, DiagramEvent, Opening, Rule)] = [
            (.closed, .activeOpen, .active, .closedActiveOpen),
            (.listen, .synArrives, .passive, .listenSyn),
            (.synSent, .synAckArrives, .active, .synSentSynAck),
            (.synReceived, .ackOfSynArrives, .passive, .synReceivedAckOfSyn),
            (.established, .close, .active, .establishedClose),
            (.established, .finArrives, .active, .establishedFin),
            (.closeWait, .close, .active, .closeWaitClose),
            (.lastAck, .ackOfFinArrives, .active, .lastAckAckOfFin),
            (.finWait1, .ackOfFinArrives, .active, .finWait1AckOfFin),
            (.finWait2, .finArrives, .active, .finWait2Fin),
            (.timeWait, .timeWaitTimeout, .active, .timeWaitTimeout),
        ]
        return arrows.allSatisfy { state, event, opening, rule in
            Diagram.rule(in: state, on: event, openedBy: opening, profile: self) == rule
        }
    }
}
