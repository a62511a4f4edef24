import TCPStateMachine
import WireFormat

/// The one timer that makes a transition: TIME-WAIT's, on the packet clock (design section 3).
extension Flow {
    mutating func runTimers(now: Int64, _ d: inout FlowDetail, _ l: inout Ledger) {
        if timeWaitSince.initiator != 0 { runTimeWait(.initiator, since: timeWaitSince.initiator, now, &d, &l) }
        if timeWaitSince.responder != 0 { runTimeWait(.responder, since: timeWaitSince.responder, now, &d, &l) }
    }

    private mutating func runTimeWait(
        _ e: EndpointRole, since: Int64, _ now: Int64, _ d: inout FlowDetail, _ l: inout Ledger
    ) {
        guard self[e].state == .timeWait else { return }
        let seconds = nature(e, l.options).profile.timeWaitSeconds
        let (end, overflow) = since.addingReportingOverflow(Int64(seconds) * 1_000_000_000)
        guard !overflow, now >= end else { return }
        startTimeWait(e, at: 0)
        let evidence = Evidence(time: end, cause: .none, proof: .none, certainty: .timer, seen: false, isFinal: true)
        happen(.timeWaitTimeout, to: e, evidence, &d, &l)
    }
}
