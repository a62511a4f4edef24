import TCPStateMachine
import WireFormat

/// Plain flows in the table: they take their segments without endpoints and detail, until they need them.
extension FlowTracker {
    /// Takes the segment, if it is of the flow that was looked up and that is plain and stays so.
    ///
    /// - Returns: whether the segment has been taken.
    @inline(__always)
    mutating func takePlainly(_ c: SegmentInPlace, _ lookup: Lookup, _ isLean: Bool) -> Bool {
        guard let flow = lookup.flow, let e = plainRole(of: c, in: flow) else { return false }
        return note(isLean ? takeExpected(c.line, flow, e) : takeFully(c, flow, e, lookup.slot), flow, lookup.slot)
    }

    /// Which end of a flow a segment comes from; nil if the flow is not plain, or the segment is of another.
    @inline(__always)
    private mutating func plainRole(of c: SegmentInPlace, in flow: FlowBlock) -> EndpointRole? {
        guard flow.core.isSimple, let sockets = c.line.sockets else { return widePlainRole(of: c, in: flow) }
        return flow.core.sockets.role(of: sockets)
    }

    /// The same for one that has more than its block, or whose segment has. It changes nothing, but if it said so the
    /// compiler would load what it needs before every segment.
    @inline(never)
    private mutating func widePlainRole(of c: SegmentInPlace, in block: FlowBlock) -> EndpointRole? {
        let flow = flows[block]
        return flow.isPlain && !flow.isGone ? flow.plainRole(of: c) : nil
    }

    /// Takes the segment if the flow is plain and stays so; a flow that does not is expanded.
    mutating func takePlainly(_ c: SegmentInPlace, _ slot: UInt32) -> Bool {
        let flow = flows[slot]
        guard flow.isPlain else { return false }
        let e = flow.role(of: c.whole)
        guard note(takeExpected(c.line, flow.block, e), flow.block, slot) else {
            expand(slot)
            return false
        }
        recordSegment(c.whole, e, slot, .none)
        return true
    }

    /// - Returns: whether the segment has been taken.
    @inline(__always)
    private mutating func note(_ outcome: PlainOutcome, _ flow: FlowBlock, _ slot: UInt32) -> Bool {
        switch outcome {
        case .unexpected: return false
        case .taken, .opened: break
        case .ended: queue(slot, flow)
        }
        return true
    }

    /// A function of its own, and all of it inlined: there is enough in the loop that calls it.
    @inline(never)
    private mutating func takeExpected(_ line: SegmentLine, _ flow: FlowBlock, _ e: EndpointRole) -> PlainOutcome {
        take(line, flow, e)
    }

    /// The same with all that may be wanted of a segment.
    @inline(never)
    private mutating func takeFully(
        _ c: SegmentInPlace, _ flow: FlowBlock, _ e: EndpointRole, _ slot: UInt32
    ) -> PlainOutcome {
        guard !labels.isOn || labels.stayPlain(slot, c.line, from: e, flow) else { return .unexpected }
        let outcome = take(c.line, flow, e)
        guard outcome != .unexpected else { return outcome }
        if labels.isOn { labels.takePlainly(c.line, from: e, slot) }
        recordSegment(c.whole, e, slot, .none)
        return outcome
    }

    @inline(__always)
    private mutating func take(_ line: SegmentLine, _ flow: FlowBlock, _ e: EndpointRole) -> PlainOutcome {
        guard flow[plain: e].packets < plainSegments else { return .unexpected }
        let outcome = flow.take(line, from: e, &passed, &ledger)
        if outcome == .opened { completeOpening(flow) }
        return outcome
    }

    @inline(never)
    private mutating func completeOpening(_ flow: FlowBlock) {
        ledger.openings.complete(flows[flow].pair)
    }

    /// Opens a flow for a segment that is of none, if it is plain and all that it takes is in one line.
    ///
    /// - Returns: whether the segment has been taken.
    @inline(never)
    mutating func openPlainly(_ c: SegmentInPlace, _ hash: UInt32) -> UInt32? {
        // What is not sound is counted where there are labels. A flow may have begun since it was looked for.
        guard let sockets = c.line.sockets, mayBePlain(c), !labels.isOn || c.line.has(.isSound),
            index.holdsNone(hash: hash)
        else { return nil }
        makeRoom(keeping: nil)
        let slot = flows.allocate(
            number: ledger.counts.flows, sockets, FlowBeginning(time: c.line.time, reference: c.line.reference))
        index.insert(hash: hash, slot: slot)
        watchOpening(slot, sockets.pair, at: c.line.time)
        begin(c, slot)
        return slot
    }

    /// A flow that begins with the segment is plain, if it is the first on its sockets.
    @inline(__always)
    func mayBePlain(_ c: SegmentInPlace) -> Bool {
        opensPlainly && Flow.isPlainBeginning(c, ledger.options.vantage) && !isLocal(c.anyPair)
    }

    /// A plain flow begins with the segment.
    @inline(__always)
    mutating func begin(_ c: SegmentInPlace, _ slot: UInt32) {
        if labels.isOn { labels.begin(slot, c) }
        flows[slot].block.begin(c.line, &passed, &ledger)
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
