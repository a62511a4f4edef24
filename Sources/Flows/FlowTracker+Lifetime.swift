import TCPStateMachine
import WireFormat

/// When a flow is settled, and when it is reported and leaves memory: both ends done and quiet for as long as TIME-WAIT
/// lasts, no room, or the end.
extension FlowTracker {
    /// How long a flow whose both ends are done may be contradicted: longer than a FIN or SYN,ACK waits before it is
    /// sent again. Then everything is settled, and only what every segment touches is kept. Nanoseconds.
    private static var contradictionTime: Int64 { 4_000_000_000 }

    /// As late as Linux sends something again: two minutes, and a while for its way. Nanoseconds.
    private static let longestTimeout: Int64 = 125_000_000_000

    /// The packet clock is the highest stamp so far, or a later time before which all packets are known to have passed.
    public mutating func advance(to time: Int64) {
        guard time > ledger.clock else { return }
        ledger.clock = time
        if time >= nextDue { settleDue() }
    }

    /// Settles and reports the flows whose time has come.
    @inline(never)
    mutating func settleDue() {
        let time = ledger.clock
        while let entry = ended.first, entry.isDue(at: time) {
            ended.removeFirst()
            prefetch(ended)
            settleEarly(entry)
        }
        while let entry = leaving.first, entry.isDue(at: time) {
            leaving.removeFirst()
            prefetch(leaving)
            leave(entry)
        }
        nextDue = min(ended.first?.due ?? .max, leaving.first?.due ?? .max)
    }

    /// Nobody has touched these flows for seconds: asks for one whose turn comes soon.
    @inline(__always)
    private func prefetch(_ waiting: borrowing WaitingFlows) {
        if let entry = waiting.later(by: 6) { flows.prefetch(entry.slot) }
    }

    /// How long a flow waits for late segments: the longer of the two 2 MSL, nanoseconds.
    private var linger: Int64 {
        let options = ledger.options
        return Int64(max(options.initiatorProfile.timeWaitSeconds, options.responderProfile.timeWaitSeconds))
            * 1_000_000_000
    }

    mutating func queueIfEnded(_ slot: UInt32) {
        let flow = flows[slot]
        guard !flow.isQueued, flow.isPlain || flow.mayHaveEnded, hasEnded(flow) else { return }
        queue(slot, flow.block)
    }

    /// Both ends of the flow are done.
    mutating func queue(_ slot: UInt32, _ flow: FlowBlock) {
        flow.core.isQueued = true
        if ended.isCrowded(alive: alive) { dropThoseThatLeft() }
        let entry = entry(slot, flow, after: Self.contradictionTime)
        nextDue = min(nextDue, entry.due)
        ended.append(entry)
    }

    @inline(never)
    private mutating func dropThoseThatLeft() {
        ended = ended.kept { isThere($0) }
    }

    @inline(__always)
    private func entry(_ slot: UInt32, _ flow: FlowBlock, after wait: Int64) -> WaitingFlows.Entry {
        let (due, overflow) = ledger.clock.addingReportingOverflow(wait)
        return WaitingFlows.Entry(slot: slot, mark: flow.core.mark, due: overflow ? .max : due)
    }

    /// Both ends have been done for a while: what is open is settled, and its memory serves others.
    private mutating func settleEarly(_ entry: WaitingFlows.Entry) {
        let slot = entry.slot
        guard isThere(entry) else { return }
        let flow = flows[slot]
        guard hasEnded(flow), hasBeenQuiet(flow, for: Self.contradictionTime) else {
            flow.isQueued = false
            queueIfEnded(slot)
            return
        }
        if flow.isPlain {
            flow.concludePlainly(now: ledger.clock, &ledger)
        } else if !flow.isTainted {
            // Else unseen octets may still turn out to have held a FIN.
            let detail = detail(of: slot)
            flow.conclude(now: ledger.clock, details[detail], &ledger)
            flow.keepCertainty(details[detail])
            flow.detail = Flow.noSlot
            details.free(detail)
            if isFollowing { follow(slot) }
        }
        if leaving.isCrowded(alive: alive) { leaving = leaving.kept { isThere($0) } }
        leaving.append(self.entry(slot, flow.block, after: linger))
    }

    private mutating func leave(_ entry: WaitingFlows.Entry) {
        guard isThere(entry) else { return }
        let flow = flows[entry.slot]
        let wait = flow.mayRepeat ? max(linger, Self.longestTimeout) : linger
        if hasEnded(flow), hasBeenQuiet(flow, for: wait) {
            report(entry.slot)
        } else {
            flow.isQueued = false
            queueIfEnded(entry.slot)
        }
    }

    @inline(__always)
    func isThere(_ entry: WaitingFlows.Entry) -> Bool {
        !flows[entry.slot].isGone && flows[entry.slot].mark == entry.mark
    }

    @inline(__always)
    private func hasBeenQuiet(_ flow: Flow, for time: Int64) -> Bool {
        let (end, overflow) = flow.last.addingReportingOverflow(time)
        return !overflow && end <= ledger.clock
    }

    private static let done = StateSet(.closed).union(StateSet(.listen)).union(StateSet(.timeWait))

    @inline(__always)
    func hasEnded(_ flow: Flow) -> Bool {
        if flow.isPlain { return flow.isDonePlainly }
        return presumedStates(.initiator, flow).isSubset(of: Self.done)
            && presumedStates(.responder, flow).isSubset(of: Self.done)
    }

    /// The states with all that is pending taken as arrived.
    @inline(__always)
    func presumedStates(_ e: EndpointRole, _ flow: Flow) -> StateSet {
        if flow.isPlain { return flow.plainPresumedStates(e) }
        if flow[e].pending.isEmpty { return flow[e].states }
        return flow.presumedStates(e, details[flow.detail], ledger)
    }

    /// The slot of the flow's detail; one that was settled early gets a new one.
    mutating func detail(of slot: UInt32) -> UInt32 {
        expand(slot)
        if flows[slot].detail != Flow.noSlot { return flows[slot].detail }
        let detail = details.allocate()
        flows[slot].detail = detail
        flows[slot].resume(details[detail])
        return detail
    }

    /// Settles a flow, reports it, and gives its memory back.
    ///
    /// - Parameter evicted: what it was, if it has to go before its end.
    mutating func report(_ slot: UInt32, evicted: EvictionKind? = nil) {
        if gap != nil { findGap(slot) }
        var flow = flows[slot]
        let isPlain = flow.isPlain && flow.endsPlainly
        if isPlain {
            flow.concludePlainly(now: ledger.clock, &ledger)
            plainFlows &+= 1
        } else {
            conclude(slot)
            flow = flows[slot]
        }
        if let evicted, evicted.isCutOff {
            flow.find(.evicted, at: nil, time: ledger.clock, .none, &ledger)
        }
        if isFollowing { endFollowing(slot) }
        if isPlain {
            countPlainEnds(flow)
        } else {
            for side in EndpointRole.allCases { ledger.countEnd(in: flow[side].state) }
        }
        count(flow.findings)
        if ledger.interest.contains(.flows) || labels.isOn { appendRecord(slot, evicted) }
        if !isFinishing { unlink(slot) }
        flow.isGone = true
        alive -= 1
        // At the end nobody asks for the memory of a plain flow; of others it serves the next to be expanded.
        if isFinishing, isPlain { return }
        if !isPlain { details.free(flow.detail) }
        flows.free(slot)
    }

    /// Settles a flow in the general way.
    @inline(never)
    private mutating func conclude(_ slot: UInt32) {
        let detail = detail(of: slot)
        flows[slot].conclude(now: ledger.clock, details[detail], &ledger)
    }

    /// Hands on what there is to say of a flow that is settled, if that is wanted.
    @inline(never)
    private mutating func appendRecord(_ slot: UInt32, _ evicted: EvictionKind?) {
        let flow = flows[slot]
        let labels = labels.isOn ? labels.close(slot, flow) : nil
        guard ledger.interest.contains(.flows) else { return }
        var record = flow.isPlain ? flow.plainRecord() : flow.record(details[flow.detail])
        record.evicted = evicted
        record.labels = labels
        ledger.records.append(.flow(record))
    }

    /// Of a flow that has been settled, or that nobody has answered.
    @inline(__always)
    private func countPlainEnds(_ flow: Flow) {
        let isOpening = flow.plain.phase == .opening
        ledger.countEnd(in: isOpening ? .synSent : flow.plain.isOver ? .closed : .timeWait)
        ledger.countEnd(in: isOpening ? nil : .closed)
    }

    @inline(__always)
    private mutating func count(_ findings: FindingSet) {
        var rest = findings.rawValue
        while rest != 0 {
            ledger.counts.flowsPerFinding[rest.trailingZeroBitCount] &+= 1
            rest &= rest - 1
        }
    }

    /// Takes the flow out of the chain of its incarnations, and out of the index if it is the only one.
    private mutating func unlink(_ slot: UInt32) {
        let hash = flows[slot].hash(seed: ledger.hashSeed)
        guard let newest = find(flows[slot].pair, in: flows[slot].tunnel, hash: hash) else { return }
        let older = flows[slot].older
        if newest.slot == slot {
            if older == Flow.noSlot {
                index.remove(at: newest.position)
            } else {
                index.replace(at: newest.position, hash: hash, slot: older)
            }
            return
        }
        var before = newest.slot
        while before != Flow.noSlot {
            if flows[before].older == slot {
                flows[before].older = older
                return
            }
            before = flows[before].older
        }
    }
}

extension Flow {
    /// Its detail is given back: nothing is pending, nothing is unreported.
    func keepCertainty(_ d: FlowDetail) {
        for side in EndpointRole.allCases {
            self[side].certainty = d[side].journal.reportedCertainty
            self[side].pending = []
            self[side].flags.remove(.isChallenged)
        }
    }

    /// It has a detail again.
    func resume(_ d: FlowDetail) {
        for side in EndpointRole.allCases {
            d[side].journal.begin(in: self[side].states)
            d[side].journal.reportedCertainty = self[side].certainty
        }
    }

    /// An end has sent its SYN again, or has gone on after a RST: it may do so once more, though it seems to be done.
    var mayRepeat: Bool {
        guard !isPlain else { return false }
        let flags = initiator.flags.union(responder.flags)
        return !flags.isDisjoint(with: [.repeatedSyn, .mayBeReset])
    }

    /// Cheap: something was seen that ends connections.
    var mayHaveEnded: Bool {
        initiator.has(.hasFin) && responder.has(.hasFin) || initiator.has(.sentReset) || responder.has(.sentReset)
            || initiator.pending.contains(.rst) || responder.pending.contains(.rst)
            || initiator.state == .closed || responder.state == .closed
    }

    func record(_ d: FlowDetail) -> FlowRecord {
        FlowRecord(
            flow: number, pair: pair, tunnel: tunnel, initiator: endpointRecord(.initiator, d),
            responder: endpointRecord(.responder, d), first: first, last: last, rolesGuessed: rolesGuessed,
            incarnationOf: incarnationOf == 0 ? nil : incarnationOf, findings: findings)
    }

    private func endpointRecord(_ e: EndpointRole, _ d: FlowDetail) -> EndpointRecord {
        return EndpointRecord(
            state: self[e].state, possible: self[e].states.isEmpty ? possibleOfUnknown(e) : self[e].states,
            certainty: d[e].journal.reportedCertainty, packets: self[e].packets, bytes: self[e].bytes,
            retransmissions: self[e].retransmissions)
    }

    /// An endpoint that showed nothing: before its answer it listens or not; else anything.
    func possibleOfUnknown(_ e: EndpointRole) -> StateSet {
        self[e.other].has(.sentSyn) ? Self.possibleOfUnanswering : .all
    }

    /// Who has not answered a SYN.
    static let possibleOfUnanswering: StateSet = [StateSet(.closed), StateSet(.listen), StateSet(.synReceived)]
}
