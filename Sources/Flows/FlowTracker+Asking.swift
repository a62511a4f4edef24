public import TCPStateMachine
public import WireFormat

extension FlowTracker {
    /// The states that one end of a connection is presumed to be in now, by the newest flow with these sockets; nil
    /// where no flow is in memory.
    ///
    /// - Parameter pair: the end that is asked about is the source.
    public func states(of pair: SocketPair) -> StateSet? {
        let hash = pair.flowHash(in: .none, seed: ledger.options.hashSeed)
        guard let found = find(pair, in: .none, hash: hash) else { return nil }
        let flow = flows[found.slot]
        let isInitiator = flow.pair.source == pair.source && flow.pair.sourcePort == pair.sourcePort
        return presumedStates(isInitiator ? .initiator : .responder, flow)
    }

    /// All flows in memory as they stand, with the states that follow if all that is pending arrives; in any order.
    public func forEachFlow(_ body: (FlowRecord) -> Void) {
        for slot in 0..<flows.highWater where !flows[slot].isGone { body(presumedRecord(of: flows[slot])) }
    }
}
