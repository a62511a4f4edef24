import TCPStateMachine
import WireFormat

/// What is told of flows while they go on: steps that are presumed, states that are counted.
extension FlowTracker {
    /// Something may have happened to the flow.
    @inline(never)
    mutating func follow(_ slot: UInt32) {
        let flow = flows[slot]
        if ledger.options.interest.contains(.presumed) {
            for side in EndpointRole.allCases {
                var steps: [PresumedStep] = []
                if flow.detail != Flow.noSlot {
                    let detail = details[flow.detail]
                    if let state = detail[side].journal.start.only, !flow.isTainted {
                        flow.reportStart(side, state, detail, &ledger)
                    }
                    flow.presumedSteps(side, detail, ledger, into: &steps)
                }
                ledger.tell(steps, of: flow.number, side)
            }
        }
        guard ledger.census != nil else { return }
        let initiator = presumedStates(.initiator, flow).only
        let responder = presumedStates(.responder, flow).only
        ledger.census?.note(slot, number: flow.number, initiator, responder, at: ledger.clock)
    }

    /// The flow is reported: what was presumed and did not come true is taken back.
    @inline(never)
    mutating func endFollowing(_ slot: UInt32) {
        for side in EndpointRole.allCases { ledger.tell([], of: flows[slot].number, side) }
        ledger.census?.forget(slot)
    }
}
