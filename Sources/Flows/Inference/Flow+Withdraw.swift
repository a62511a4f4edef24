import TCPStateMachine
import WireFormat

/// A step already reported turns out untrue: the endpoint goes on as if what caused it had not come.
///
/// Steps wait in the journal while they may be contradicted; a flow whose both ends are done is settled after a while
/// all the same, so that memory serves others. What comes later still than that takes the last step back.
extension Flow {
    func withdrawReported(_ e: EndpointRole, contradictedBy c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger) {
        guard d[e].journal.isSettled, d[e].journal.reportedCertainty == .presumed, let rule = self[e].lastRule,
            self[e].state == rule.to, contradicts(c.segment, rule, of: e)
        else { return }
        if l.interest.contains(.transitions) {
            l.records.append(
                .withdrawal(
                    WithdrawalRecord(
                        flow: number, endpoint: e, rule: rule, cause: self[e].lastCause, time: c.time,
                        reason: .arrivalNotTaken)))
        }
        d[e].journal.begin(in: StateSet(rule.from))
        self[e].states = StateSet(rule.from)
        self[e].lastRule = nil
        self[e].flags.remove(.finAcknowledged)
    }

    private func contradicts(_ s: Segment, _ rule: Rule, of e: EndpointRole) -> Bool {
        switch rule {
        case .lastAckAckOfFin, .closingAckOfFin, .finWait1AckOfFin:
            // The FIN is sent again: its ACK was lost behind the vantage point.
            return s.hasFin && self[e].has(.hasFin) && s.finNumber == self[e].finNumber
        case .establishedRst, .finWait1Rst, .finWait2Rst, .closeWaitRst, .closingRst, .lastAckRst:
            return !s.hasSyn && !s.hasRst && s.hasAck && s.acknowledgmentNumber.isAtOrAfter(self[e].rcvNxt)
        default:
            return false
        }
    }
}
