import TCPStateMachine
public import WireFormat

/// All flows of a capture: finds the flow of every segment, lets it take the evidence, and hands on what is settled.
///
/// Results depend on the segments and the options only, never on the batches' bounds or the table's layout.
public struct FlowTracker: ~Copyable {
    var ledger: Ledger
    var flows = FlowStore()
    var details = DetailStore()
    var index = FlowIndex()
    var alive = 0
    /// SYNs with another ISN on addresses and ports that are in use: each becomes a flow when it is answered.
    var candidates = CandidateSyns()
    /// Flows whose both ends are done, in the order in which they are settled.
    var ended = WaitingFlows()
    /// Flows that are settled, in the order in which they leave memory.
    var leaving = WaitingFlows()
    var labels: FlowLabels
    private var connections: ZeekTable?
    private let feedsObservers: Bool
    /// Flows that go next, when memory is full.
    var victims = Victims()
    /// What is left to be reported once the capture has ended, the next one last.
    private var remaining: [UInt32]?
    private let takesShortCuts: Bool
    private var lookups: [Lookup] = []

    public init(options: TrackerOptions) {
        ledger = Ledger(options: options)
        takesShortCuts = options.takesShortCuts
        labels = FlowLabels(options: options)
        feedsObservers = !options.interest.isDisjoint(with: [.labels, .connections])
        connections = options.interest.contains(.connections) ? ZeekTable(options: options) : nil
    }

    /// What was settled since the records were last removed, in order. Drain it after every batch.
    public var records: [Record] {
        _read { yield ledger.records }
        _modify { yield &ledger.records }
    }

    public var counts: TrackerCounts { ledger.counts }

    /// How many flows are in memory.
    public var flowsInMemory: Int { alive }

    /// Steps the first `count` segments of the batch, in order.
    ///
    /// All that the batch will need is asked for first: the words of the index, then the flows they name. Misses of
    /// memory overlap then instead of adding up.
    public mutating func process(_ batch: [CapturedSegment], count: Int) {
        let count = min(count, batch.count)
        if lookups.count < count { lookups = Array(repeating: Lookup(), count: max(count, 64)) }
        let segments = batch.span
        var touched: UInt64 = 0
        for position in 0..<count {
            lookups[position] = Lookup(hash: segments[position].flowHash(seed: ledger.options.hashSeed))
            touched ^= index.touch(hash: lookups[position].hash)
        }
        for position in 0..<count {
            guard let likely = index.candidate(hash: lookups[position].hash, after: -1) else { continue }
            touched ^= UInt64(flows.touch(likely.slot))
            lookups[position].likelyDetail = flows[likely.slot].detail
            if labels.isOn { lookups[position].likelyPair = labels.touch(flow: likely.slot) }
        }
        for position in 0..<count where lookups[position].likelyDetail != Flow.noSlot {
            touched ^= UInt64(details.touch(lookups[position].likelyDetail))
        }
        if labels.isOn {
            for position in 0..<count { touched ^= labels.touch(pair: lookups[position].likelyPair) }
        }
        sink = touched
        for position in 0..<count {
            process(segments[position], lookups[position].hash)
        }
    }

    /// Keeps the touching reads from being optimized away.
    private var sink: UInt64 = 0

    /// The capture has ended: everything is settled, flows alive are reported by number.
    public mutating func finish() {
        while finish(atMost: .max) {}
    }

    /// The same in pieces, so that the records of all flows alive need not be held at once.
    ///
    /// - Parameter count: how many flows are reported now; no segment may come afterwards.
    /// - Returns: whether any are left.
    public mutating func finish(atMost count: Int) -> Bool {
        if remaining == nil {
            for alarm in ledger.openings.finish() { raise(alarm) }
        }
        var slots = remaining.take() ?? aliveByNumber()
        for _ in 0..<min(count, slots.count) {
            guard let slot = slots.popLast() else { break }
            report(slot)
        }
        defer { remaining = slots }
        guard slots.isEmpty else { return true }
        connections?.finish(into: &ledger.records)
        ledger.counts.evictedConnections = connections?.evicted ?? 0
        return false
    }

    private func aliveByNumber() -> [UInt32] {
        var alive: [(number: UInt64, slot: UInt32)] = []
        alive.reserveCapacity(self.alive)
        for slot in 0..<flows.highWater where !flows[slot].isGone {
            alive.append((flows[slot].number, slot))
        }
        alive.sort { $0.number > $1.number }
        return alive.map(\.slot)
    }

    /// Takes an ICMP error about a segment of a flow.
    ///
    /// - Returns: the number of the flow, or nil if it is none in memory.
    @discardableResult
    public mutating func process(_ error: ICMPError, time: Int64, reference: PacketReference) -> UInt64? {
        advance(to: time)
        let hash = error.pair.flowHash(in: error.tunnel, seed: ledger.options.hashSeed)
        guard let found = find(error.pair, in: error.tunnel, hash: hash) else { return nil }
        let detail = detail(of: found.slot)
        flows[found.slot].observe(error, time: time, reference, details[detail], &ledger)
        queueIfEnded(found.slot)
        return flows[found.slot].number
    }

    // MARK: One segment

    private mutating func process(_ c: CapturedSegment, _ hash: UInt64) {
        advance(to: c.time)
        ledger.counts.segments &+= 1
        let slot: UInt32
        let known = find(c.pair, in: c.tunnel, hash: hash)
        if feedsObservers { observe(c, known?.slot) }
        if let found = known {
            if c.segment.hasSyn || flows[found.slot].older != Flow.noSlot || !candidates.isEmpty {
                guard let chosen = choose(c, among: found, hash) else { return }
                slot = chosen
            } else {
                slot = found.slot
            }
        } else {
            slot = open(c, hash, replacing: nil)
        }
        step(c, slot)
    }

    mutating func step(_ c: CapturedSegment, _ slot: UInt32) {
        let d = details[detail(of: slot)]
        let flow = flows[slot]
        let e = flow.role(of: c)
        guard !flow.isCopy(c, from: e, d) else {
            ledger.counts.copies &+= 1
            flow.find(.duplicateFrame, at: e, time: c.time, c.reference, &ledger)
            recordSegment(c, e, slot, .copy)
            return
        }
        if takesShortCuts, flow.observeInOrder(c, from: e, d) {
            recordSegment(c, e, slot, .none)
            return
        }
        flow.runTimers(now: c.time, d, &ledger)
        let note = flow.observe(c, from: e, d, &ledger)
        recordSegment(c, e, slot, note)
        queueIfEnded(slot)
    }

    // MARK: Other tools' labels

    /// The observers take the segment, whichever flow it belongs to; `newest` is the newest flow of its key.
    @inline(never)
    private mutating func observe(_ c: CapturedSegment, _ newest: UInt32?) {
        if c.verdict.isChecksumWrong { ledger.counts.badChecksums &+= 1 }
        connections?.process(c, into: &ledger.records)
        guard labels.isOn else { return }
        guard let newest else { return labels.begin(c) }
        let cut = labels.take(c, of: newest)
        guard !cut.isEmpty else { return }
        var slot = newest
        while slot != Flow.noSlot {
            labels.freeze(slot, cut)
            slot = flows[slot].older
        }
        labels.renew(c, cut)
    }

    mutating func recordSegment(_ c: CapturedSegment, _ e: EndpointRole, _ slot: UInt32, _ note: SegmentNote) {
        guard ledger.options.interest.contains(.segments) else { return }
        let s = c.segment
        let record = SegmentRecord(
            flow: flows[slot].number, reference: c.reference, time: c.time, from: e, controlBits: s.controlBits,
            sequenceNumber: s.sequenceNumber, acknowledgmentNumber: s.hasAck ? s.acknowledgmentNumber : nil,
            length: s.payloadLength, note: note,
            initiatorState: presumedStates(.initiator, flows[slot]).only,
            responderState: presumedStates(.responder, flows[slot]).only, verdict: c.verdict)
        ledger.records.append(.segment(record))
    }

    // MARK: The table

    /// The newest incarnation of the flow with these addresses and ports in this tunnel.
    func find(_ pair: SocketPair, in tunnel: Tunnel, hash: UInt64) -> (slot: UInt32, position: Int)? {
        var position = -1
        while let candidate = index.candidate(hash: hash, after: position) {
            let flow = flows[candidate.slot]
            if flow.tunnel == tunnel, flow.pair.isFlow(of: pair) { return candidate }
            position = candidate.position
        }
        return nil
    }

    /// Opens a flow for the segment; `replacing` is the incarnation before it, which stays in memory for what is late.
    mutating func open(
        _ c: CapturedSegment, _ hash: UInt64,
        replacing older: (slot: UInt32, position: Int)?
    ) -> UInt32 {
        if alive >= max(1, ledger.options.maximumFlows) { evictOne(keeping: older?.slot) }
        ledger.counts.flows &+= 1
        let opening = Roles(c)
        let detail = details.allocate()
        var core = FlowCore(
            number: ledger.counts.flows, pair: opening.senderIsInitiator ? c.pair : c.pair.reversed,
            tunnel: c.tunnel, first: c.time, firstReference: c.reference, last: c.time, detail: detail)
        core.rolesGuessed = opening.areGuessed
        // Eviction may have moved or removed the older incarnation.
        let place = older == nil ? nil : find(c.pair, in: c.tunnel, hash: hash)
        if let place {
            core.older = place.slot
            core.incarnationOf = flows[place.slot].number
        }
        let slot = flows.allocate(core)
        alive += 1
        if labels.isOn { labels.open(slot) }
        flows[slot].locate(.initiator, ledger.options.vantage)
        flows[slot].locate(.responder, ledger.options.vantage)
        if let place {
            flows[place.slot].isNewest = false
            index.replace(at: place.position, hash: hash, slot: slot)
            flows[slot].find(.portReuse, at: nil, time: c.time, c.reference, &ledger)
            keepFewIncarnations(slot)
        } else {
            enter(slot, hash)
        }
        if c.segment.hasSyn, !c.segment.hasAck { watchOpening(slot, at: c.time) }
        return slot
    }

    private mutating func enter(_ slot: UInt32, _ hash: UInt64) {
        let seed = ledger.options.hashSeed
        if index.isFull {
            var grown = index.emptied()
            for other in 0..<flows.highWater
            where other != slot && !flows[other].isGone && flows[other].isNewest {
                grown.insert(hash: flows[other].hash(seed: seed), slot: other)
            }
            index = grown
        }
        index.insert(hash: hash, slot: slot)
    }
}

/// What is computed of a segment before its turn.
private struct Lookup {
    var hash: UInt64 = 0
    /// The detail of the flow that it probably belongs to, or `Flow.noSlot`.
    var likelyDetail = Flow.noSlot
    /// The labels of the pair of sockets that it probably belongs to, if they are kept.
    var likelyPair: UInt32 = 0
}

/// Who opened, as far as a flow's first segment tells.
private struct Roles {
    var senderIsInitiator: Bool
    var areGuessed: Bool

    init(_ c: CapturedSegment) {
        let s = c.segment
        if s.hasSyn {
            senderIsInitiator = !s.hasAck
            areGuessed = false
        } else {
            // A well-known port listens, or else the lower one.
            senderIsInitiator = c.pair.sourcePort >= c.pair.destinationPort
            areGuessed = true
        }
    }
}
