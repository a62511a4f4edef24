import TCPStateMachine
import WireFormat

/// Text that comes after CLOSE and is refused: what it shows of its receiver (Linux: kernel facts 5).
extension Flow {
    /// Text before the segment, which the endpoint has not acknowledged, came first and was refused; unless it
    /// passed so long ago that its refusal would have passed before.
    func isBehindText(_ segment: RecentSegment, at e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        guard self[e].has(.hasRcvNxt) else { return false }
        let p = e.other
        let hasFin = self[p].has(.hasFin) && segment.sequenceNumber.isAfter(self[p].finNumber)
        let end = hasFin ? self[p].finNumber : segment.sequenceNumber
        return end.isAfter(self[e].rcvNxt)
            && !(0..<Int(d[e].recent.count)).contains { age in
                let text = d[e].recent[age: age]
                return text.hasPayload && text.end.isAfter(self[e].rcvNxt) && speaksAgainst(e, text.time, now: now)
            }
    }

    /// Its profile has a rule for text that comes after CLOSE.
    func refusesText(_ e: EndpointRole, _ l: borrowing Ledger) -> Bool {
        guard let state = self[e].state else { return true }
        return nature(e, l).rule(in: state, on: .dataAfterCloseArrives) != nil
    }

    /// Linux takes the ACK of the text that an orphan refuses, whatever passed before it.
    func acknowledgeOrphan(
        _ e: EndpointRole, by segment: RecentSegment, _ c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard self[e].state == .finWait1, self[e].has(.hasFin), segment.hasAck,
            segment.acknowledgmentNumber.isAfter(self[e].finNumber),
            segment.acknowledgmentNumber.isAtOrBefore(self[e].sndNxt)
        else { return }
        let evidence = Evidence(
            time: segment.time, cause: .none, proof: c.reference, certainty: .presumed, seen: false, isFinal: false)
        happen(.ackOfFinArrives, to: e, evidence, d, &l)
    }

    /// The refused text stands before what brought the ACK of the endpoint's FIN: that lay beyond the window, or beyond
    /// a hole, when it came, and was not taken.
    func dropAckBeyond(_ segment: RecentSegment, at e: EndpointRole, _ d: FlowDetail) {
        guard segment.hasPayload, self[e].pending.contains(.ackOfFin),
            let number = d[e].pending.ackOfFin.numberBeyondWindow, segment.sequenceNumber.isBefore(number),
            segment.time >= d[e].pending.ackOfFin.time
        else { return }
        drop(.ackOfFin, at: e, d)
    }
}
