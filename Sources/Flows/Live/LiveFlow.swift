import TCPStateMachine

/// A flow that is in memory, as it is presumed to be now: for tables that show a capture as it goes on.
public struct LiveFlow: Sendable {
    /// With the states that follow if all that is pending arrives.
    public var record: FlowRecord
    /// Since when both ends have been in these states, nanoseconds since the epoch.
    public var since: Int64
}

extension FlowTracker {
    /// Endpoints of the flows in memory by presumed state, by `State.rawValue`; the last place counts those whose state
    /// is not known. Counted with the interest `changes` only.
    public var endpointsPerState: [UInt64] { ledger.census?.endpointsPerState ?? [] }

    /// The flows that changed last, the latest first; known with the interest `changes` only.
    public func latestChanges(atMost count: Int, where isWanted: (FlowRecord) -> Bool = { _ in true }) -> [LiveFlow] {
        var found: [LiveFlow] = []
        ledger.census?.forEachLatest { change in
            guard found.count < count else { return false }
            let flow = flows[change.slot]
            guard !flow.isGone, flow.number == change.number else { return true }
            let record = presumedRecord(of: flow)
            if isWanted(record) { found.append(LiveFlow(record: record, since: change.time)) }
            return true
        }
        return found
    }

    func presumedRecord(of flow: Flow) -> FlowRecord {
        FlowRecord(
            flow: flow.number, pair: flow.pair, tunnel: flow.tunnel, initiator: presumedEnd(.initiator, flow),
            responder: presumedEnd(.responder, flow), first: flow.first, last: flow.last,
            rolesGuessed: flow.rolesGuessed, incarnationOf: flow.incarnationOf == 0 ? nil : flow.incarnationOf,
            findings: flow.findings)
    }

    private func presumedEnd(_ e: EndpointRole, _ flow: Flow) -> EndpointRecord {
        let states = presumedStates(e, flow)
        let hasDetail = flow.detail != Flow.noSlot
        return EndpointRecord(
            state: states.only, possible: states.isEmpty ? flow.possibleOfUnknown(e) : states,
            certainty: hasDetail ? flow.presumedCertainty(e, details[flow.detail]) : flow[e].certainty,
            packets: flow[e].packets, bytes: flow[e].bytes, retransmissions: flow[e].retransmissions)
    }
}

extension Flow {
    /// How sure the presumed state of an endpoint is.
    fileprivate func presumedCertainty(_ e: EndpointRole, _ d: FlowDetail) -> Certainty {
        guard self[e].pending.isEmpty else { return .presumed }
        for index in 0..<Int(d[e].journal.count) where d[e].journal[index].certainty != .proven { return .presumed }
        return d[e].journal.reportedCertainty
    }
}
