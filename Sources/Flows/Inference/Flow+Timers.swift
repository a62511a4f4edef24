import TCPStateMachine
import WireFormat

/// The one timer that makes a transition: TIME-WAIT's, on the packet clock (design section 3).
extension Flow {
    func runTimers(now: Int64, _ d: FlowDetail, _ l: inout Ledger) {
        if initiator.clock != 0 { runTimeWait(.initiator, since: initiator.clock, now, d, &l) }
        if responder.clock != 0 { runTimeWait(.responder, since: responder.clock, now, d, &l) }
    }

    private func runTimeWait(
        _ e: EndpointRole, since: Int64, _ now: Int64, _ d: FlowDetail, _ l: inout Ledger
    ) {
        guard self[e].state == .timeWait else { return }
        let seconds = nature(e, l).profile.timeWaitSeconds
        let (end, overflow) = since.addingReportingOverflow(Int64(seconds) * 1_000_000_000)
        guard !overflow, now >= end else { return }
        startClock(e, at: 0)
        let evidence = Evidence(time: end, cause: .none, proof: .none, certainty: .timer, seen: false, isFinal: true)
        happen(.timeWaitTimeout, to: e, evidence, d, &l)
    }
}
