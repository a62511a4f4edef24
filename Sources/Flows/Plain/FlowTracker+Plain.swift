import TCPStateMachine
import WireFormat

/// Plain flows in the table: they take their segments without endpoints and detail, until they need them.
extension FlowTracker {
    /// Takes the segment, if it is of the flow that was looked up and that is plain and stays so.
    ///
    /// - Returns: whether the segment has been taken.
    @inline(__always)
    mutating func takePlainly(_ c: SegmentInPlace, _ lookup: Lookup, _ isLean: Bool) -> Bool {
        guard let place = lookup.place, let (flow, e) = plainFlow(of: c, at: place) else { return false }
        let slot = lookup.slot
        if isLean { return takePlainly(c, flow, e, slot) }
        guard !labels.isOn || labels.stayPlain(slot, c, from: e, flow), takePlainly(c, flow, e, slot) else {
            return false
        }
        if labels.isOn { labels.takePlainly(c, from: e, slot) }
        recordSegment(c.whole, e, slot, .none)
        return true
    }

    /// The flow at a place, if it is plain and the segment belongs to it, and which end that comes from.
    @inline(__always)
    private mutating func plainFlow(of c: SegmentInPlace, at place: FlowPlace) -> (Flow, EndpointRole)? {
        guard let flow = flows.simple(place), let sockets = c.sockets else { return widePlainFlow(of: c, at: place) }
        return flow.ipv4Sockets?.role(of: sockets).map { (flow, $0) }
    }

    /// The same for one that has more than its block, or whose segment has. It changes nothing, but if it said so the
    /// compiler would load what it needs before every segment.
    @inline(never)
    private mutating func widePlainFlow(of c: SegmentInPlace, at place: FlowPlace) -> (Flow, EndpointRole)? {
        let flow = flows[place]
        guard flow.isPlain, !flow.isGone, let e = flow.plainRole(of: c) else { return nil }
        return (flow, e)
    }

    /// Takes the segment if the flow is plain and stays so; a flow that does not is expanded.
    mutating func takePlainly(_ c: SegmentInPlace, _ slot: UInt32) -> Bool {
        let flow = flows[slot]
        guard flow.isPlain else { return false }
        let e = flow.role(of: c.whole)
        guard takePlainly(c, flow, e, slot) else {
            expand(slot)
            return false
        }
        recordSegment(c.whole, e, slot, .none)
        return true
    }

    @inline(__always)
    private mutating func takePlainly(_ c: SegmentInPlace, _ flow: Flow, _ e: EndpointRole, _ slot: UInt32) -> Bool {
        switch takeExpected(c, flow, e) {
        case .unexpected: return false
        case .taken: break
        case .ended: queue(slot, flow)
        }
        return true
    }

    /// A function of its own, and all of it inlined: there is enough in the loop that calls it.
    @inline(never)
    private mutating func takeExpected(_ c: SegmentInPlace, _ flow: Flow, _ e: EndpointRole) -> PlainOutcome {
        guard flow[plain: e].packets < plainSegments else { return .unexpected }
        return flow.takePlainly(c, from: e, &passed, &ledger)
    }

    /// Opens a flow for a segment that is of none, if it is plain and all that it takes is in one line.
    ///
    /// - Returns: whether the segment has been taken.
    @inline(never)
    mutating func openPlainly(_ c: SegmentInPlace, _ hash: UInt64) -> Bool {
        // What is not sound is counted where there are labels. A flow may have begun since it was looked for.
        guard let sockets = c.sockets, mayBePlain(c), !labels.isOn || c.has(.isSound),
            index.holdsNone(hash: hash)
        else { return false }
        makeRoom(keeping: nil)
        let slot = flows.allocate(
            number: ledger.counts.flows, sockets, FlowBeginning(time: c.time, reference: c.reference))
        index.insert(hash: hash, slot: slot)
        watchOpening(slot, sockets.pair, at: c.time)
        begin(c, slot)
        return true
    }

    /// A flow that begins with the segment is plain, if it is the first on its sockets.
    @inline(__always)
    func mayBePlain(_ c: SegmentInPlace) -> Bool {
        opensPlainly && Flow.isPlainBeginning(c, ledger.options.vantage) && !isLocal(c.sockets?.pair ?? c.pair)
    }

    /// A plain flow begins with the segment.
    @inline(__always)
    mutating func begin(_ c: SegmentInPlace, _ slot: UInt32) {
        if labels.isOn { labels.begin(slot, c) }
        flows[slot].beginPlainly(c, &passed, &ledger)
        recordSegment(c.whole, .initiator, slot, .none)
    }

    /// Gives a plain flow what the general way needs.
    @inline(never)
    mutating func expand(_ slot: UInt32) {
        guard flows[slot].isPlain else { return }
        if labels.isOn { labels.expand(slot, flows[slot]) }
        flows.giveEnds(slot)
        guard flows[slot].plain.phase != .settled else {
            flows[slot].expand(nil, passed)
            return
        }
        let detail = details.allocate()
        flows[slot].detail = detail
        flows[slot].expand(details[detail], passed)
    }
}
