import TCPStateMachine
import WireFormat

/// Floods and scans: what no flow shows by itself. The flow that completes the picture gets the finding.
extension FlowTracker {
    /// The newest flow has begun with a SYN; its initiator is the source.
    mutating func watchOpening(_ slot: UInt32, _ pair: SocketPair, at time: Int64) {
        let alarms = ledger.openings.begin(pair, slot: slot, number: ledger.counts.flows, at: time)
        if let alarm = alarms.flood { raise(alarm) }
        if let alarm = alarms.scan { raise(alarm) }
    }

    /// Nothing is said of a flow that has left memory.
    mutating func raise(_ alarm: OpeningWatch.Alarm) {
        guard alarm.slot < flows.highWater, !flows[alarm.slot].isGone, flows[alarm.slot].number == alarm.number else {
            return
        }
        let flow = flows[alarm.slot]
        flow.find(
            alarm.code, at: alarm.code == .synFlood ? .responder : .initiator, time: flow.first, flow.firstReference,
            &ledger, detail: .openings(begun: alarm.begun, completed: alarm.completed))
    }
}
