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
    /// When the first of either is due, or earlier; nanoseconds since the epoch.
    var nextDue: Int64 = .max
    /// Flows that are settled, in the order in which they leave memory.
    var leaving = WaitingFlows()
    /// The last segments of plain flows.
    var passed: PassedSegments
    let opensPlainly: Bool
    /// How many segments of an end a flow takes plainly.
    let plainSegments: UInt32
    /// How many flows were reported in their plain form.
    package internal(set) var plainFlows: UInt64 = 0
    var labels: FlowLabels
    private var connections: ZeekTable?
    private let feedsObservers: Bool
    let isFollowing: Bool
    /// What the capture lost, as long as not all flows have been looked at for it.
    var gap: CaptureGap?
    /// How many segments had come when they were looked at last.
    var segmentsAtGap: UInt64 = 0
    /// Flows that go next, when memory is full.
    var victims = Victims()
    /// No segment will come any more.
    private(set) var isFinishing = false
    /// What is left to be reported once the capture has ended.
    private var remaining: RemainingFlows?
    private let takesShortCuts: Bool
    /// Segments that came as they are.
    private var prepared = PreparedSegments()

    public init(options: TrackerOptions) {
        ledger = Ledger(options: options)
        passed = PassedSegments(capacity: options.passedSegments)
        takesShortCuts = options.takesShortCuts
        plainSegments = options.plainSegments
        isFollowing = !options.interest.isDisjoint(with: .following)
        opensPlainly = !isFollowing && options.takesShortCuts && options.plainSegments > 0
            && options.initiatorProfile.hasPlainRules && options.responderProfile.hasPlainRules
        labels = FlowLabels(options: options)
        feedsObservers = !options.interest.isDisjoint(with: [.labels, .connections])
        connections = options.interest.contains(.connections) ? ZeekTable(options: options) : nil
    }

    /// What was settled since the records were last removed, in order. Drain it after every batch.
    public var records: [Record] {
        _read { yield ledger.records }
        _modify { yield &ledger.records }
    }

    public var counts: TrackerCounts { ledger.totals }

    /// The capture was taken on interfaces with this address: with the vantage `automatic` flows that begin from now on
    /// and have it are those of this host. What passes no machine's number of addresses is passed over.
    public mutating func noteLocalAddress(_ address: Address) {
        if ledger.localAddresses.count < 4096 { ledger.localAddresses.insert(address) }
    }

    /// How many flows are in memory.
    public var flowsInMemory: Int { alive }

    /// Steps the first `count` segments of the batch, in order.
    public mutating func process(_ batch: [CapturedSegment], count: Int) {
        let count = max(0, min(count, batch.count))
        var ready = PreparedSegments()
        swap(&ready, &prepared)
        ready.prepare(batch, count: count, seed: ledger.hashSeed)
        process(&ready, count: count)
        // The caller fills its array again, and is to be its only owner.
        ready.whole = WholeSegments([])
        swap(&ready, &prepared)
    }

    /// Steps the first `count` segments of the batch, in order, and notes where their flows are.
    ///
    /// Memory is asked for some segments ahead: the group of the index first, then the flow that it names, so that the
    /// ways there overlap.
    public mutating func process(_ batch: inout PreparedSegments, count: Int) {
        let count = max(0, min(count, batch.capacity))
        if batch.lacksHashes { batch.addHashes(count, seed: ledger.hashSeed) }
        let isLean = !feedsObservers && !ledger.interest.contains(.segments) && !flows.haveRest
        unsafe batch.withSegments { batch in
            if isLean { processLean(batch, count) } else { processFully(batch, count) }
        }
    }

    // Two functions: the compiler inlines no more than so much into one.
    @inline(never)
    private mutating func processLean(_ batch: BatchInPlace, _ count: Int) { process(batch, count, isLean: true) }
    @inline(never)
    private mutating func processFully(_ batch: BatchInPlace, _ count: Int) { process(batch, count, isLean: false) }

    /// - Parameter isLean: of a segment nothing is wanted but what it shows, and flows have nothing but their blocks. A
    ///   constant: what it leaves out would be asked for every segment.
    @inline(__always)
    private mutating func process(_ batch: BatchInPlace, _ count: Int, isLean: Bool) {
        var lookups = Lookups()
        for place in 0..<min(count, 2 * Self.ahead) { askForIndex(batch, at: place) }
        for place in 0..<min(count, Self.ahead) { lookups[place] = lookUp(batch, at: place) }
        for place in 0..<count {
            if place &+ 2 * Self.ahead < count { askForIndex(batch, at: place &+ 2 * Self.ahead) }
            if place &+ Self.ahead < count { lookups[place &+ Self.ahead] = lookUp(batch, at: place &+ Self.ahead) }
            if !isLean { askForMore(&lookups, behind: place, count) }
            process(batch, at: place, lookups[place], isLean)
        }
    }

    /// How many segments ahead a flow is asked for, and twice as many its group of the index.
    private static var ahead: Int { 12 }

    // What asks says that it changes the tracker, or the compiler copies the tracker to ask it.

    /// Asks for the group of the index, unless it is known where the flow is.
    @inline(__always)
    private mutating func askForIndex(_ batch: BatchInPlace, at place: Int) {
        let clue = batch.clue(place)
        if clue.slot == Flow.noSlot { index.prefetch(hash: clue.hash) }
    }

    /// Finds out where the flow is, and asks for it.
    @inline(__always)
    private mutating func lookUp(_ batch: BatchInPlace, at place: Int) -> Lookup {
        guard flows.highWater > 0 else { return Lookup() }
        var clue = batch.clue(place)
        if clue.slot == Flow.noSlot {
            clue.slot = index.likely(hash: clue.hash)
            batch.note(clue.slot, at: place)
        }
        // Where there is none it is another flow, which the segment does not belong to: to branch would be dearer.
        let slot = min(clue.slot, flows.highWater &- 1)
        let flow = flows.block(of: slot)
        flow.prefetch()
        return Lookup(flow: flow, slot: slot)
    }

    /// Asks for what flows have beside their blocks, in the order in which it is reached.
    @inline(__always)
    private mutating func askForMore(_ lookups: inout Lookups, behind place: Int, _ count: Int) {
        if labels.isOn, place &+ Self.ahead < count { labels.prefetch(flow: lookups[place &+ Self.ahead].slot) }
        if flows.haveRest, place &+ Self.ahead / 2 < count { askForRest(&lookups, behind: place) }
    }

    @inline(never)
    private mutating func askForRest(_ lookups: inout Lookups, behind place: Int) {
        let (near, next) = (place &+ Self.ahead / 2, place &+ Self.ahead / 4)
        guard let flow = lookups[near].flow else { return }
        if flows.prefetchRest(flow) { lookups[near].hasRest = true }
        if labels.isOn { labels.prefetchPair(of: lookups[near].slot) }
        if lookups[next].hasRest { prefetchDetail(of: lookups[next].slot) }
    }

    @inline(__always)
    private func prefetchDetail(of slot: UInt32) {
        let detail = flows[slot].detail
        if detail != Flow.noSlot { details.prefetch(detail) }
    }

    /// The capture has ended: everything is settled, flows alive are reported by number.
    public mutating func finish() {
        while finish(atMost: .max) {}
    }

    /// The same in pieces, so that the records of all flows alive need not be held at once.
    ///
    /// - Parameter count: how many flows are reported now; no segment may come afterwards.
    /// - Returns: whether any are left.
    public mutating func finish(atMost count: Int) -> Bool {
        isFinishing = true
        if remaining == nil {
            for alarm in ledger.openings.finish() { raise(alarm) }
        }
        var left = remaining.take() ?? RemainingFlows(flows, alive: alive)
        var count = count
        while count > 0, let slot = left.removeFirst(flows) {
            report(slot)
            count -= 1
        }
        remaining = left
        guard left.isEmpty else { return true }
        connections?.finish(into: &ledger.records)
        ledger.counts.evictedConnections = connections?.evicted ?? 0
        return false
    }

    /// Takes an ICMP error about a segment of a flow.
    ///
    /// - Returns: the number of the flow, or nil if it is none in memory.
    @discardableResult
    public mutating func process(_ error: ICMPError, time: Int64, reference: PacketReference) -> UInt64? {
        advance(to: time)
        let hash = error.pair.flowHash(in: error.tunnel, seed: ledger.hashSeed)
        guard let found = find(error.pair, in: error.tunnel, hash: hash) else { return nil }
        let detail = detail(of: found.slot)
        flows[found.slot].observe(error, time: time, reference, details[detail], &ledger)
        queueIfEnded(found.slot)
        if isFollowing { follow(found.slot) }
        return flows[found.slot].number
    }

    // MARK: One segment

    @inline(__always)
    private mutating func process(_ batch: BatchInPlace, at place: Int, _ lookup: Lookup, _ isLean: Bool) {
        let c = batch.segment(place)
        if c.line.time > ledger.clock {
            ledger.clock = c.line.time
            if c.line.time >= nextDue { settleDue() }
        }
        ledger.counts.segments &+= 1
        if isLean || connections == nil {
            if takePlainly(c, lookup, isLean) { return }
            if c.line.hasSyn, let slot = openPlainly(c, batch.clue(place).hash) { return batch.note(slot, at: place) }
        }
        batch.note(processGenerally(c, batch.clue(place).hash), at: place)
    }

    /// - Returns: the slot of its flow, or `Flow.noSlot`.
    @inline(never)
    private mutating func processGenerally(_ segment: SegmentInPlace, _ hash: UInt32) -> UInt32 {
        let c = segment.whole
        let slot: UInt32
        let known = find(c.pair, in: c.tunnel, hash: hash)
        if feedsObservers {
            // Its flow may have begun since it was looked up, or stand further on in the index; its labels stay plain.
            if connections == nil, let found = known,
                takePlainly(segment, Lookup(flow: flows.block(of: found.slot), slot: found.slot), false)
            {
                return found.slot
            }
            observe(c, known?.slot)
        }
        if let found = known {
            if takePlainly(segment, found.slot) { return found.slot }
            if c.segment.hasSyn || flows[found.slot].older != Flow.noSlot || !candidates.isEmpty {
                guard let chosen = choose(c, among: found, hash) else { return Flow.noSlot }
                slot = chosen
            } else {
                slot = found.slot
            }
        } else {
            slot = open(c, hash, replacing: nil, isPlain: mayBePlain(segment))
            if flows[slot].isPlain {
                begin(segment, slot)
                return slot
            }
        }
        step(c, slot)
        return slot
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
        if c.segment.hasRst { endOlder(than: slot, refusedBy: e, c) }
        queueIfEnded(slot)
        if isFollowing { follow(slot) }
    }

    // MARK: Other tools' labels

    /// The observers take the segment, whichever flow it belongs to; `newest` is the newest flow of its key.
    @inline(never)
    private mutating func observe(_ c: CapturedSegment, _ newest: UInt32?) {
        if c.verdict.isChecksumWrong { ledger.counts.badChecksums &+= 1 }
        connections?.process(c, into: &ledger.records)
        // The first segment of a pair is taken as its flow is opened.
        guard labels.isOn, let newest else { return }
        labels.expand(newest, flows[newest])
        let cut = labels.take(c, of: newest)
        guard !cut.isEmpty else { return }
        var slot = newest
        while slot != Flow.noSlot {
            labels.freeze(slot, cut)
            slot = flows[slot].older
        }
        labels.renew(c, cut)
    }

    @inline(__always)
    mutating func recordSegment(
        _ c: @autoclosure () -> CapturedSegment, _ e: EndpointRole, _ slot: UInt32, _ note: SegmentNote
    ) {
        if ledger.interest.contains(.segments) { appendRecord(c(), e, slot, note) }
    }

    @inline(never)
    private mutating func appendRecord(_ c: CapturedSegment, _ e: EndpointRole, _ slot: UInt32, _ note: SegmentNote) {
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
    ///
    /// Inlined, as all that is asked of the tracker for every segment: to call it, the compiler copies the tracker.
    @inline(__always)
    func find(_ pair: SocketPair, in tunnel: Tunnel, hash: UInt32) -> (slot: UInt32, position: Int)? {
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
        _ c: CapturedSegment, _ hash: UInt32, replacing older: (slot: UInt32, position: Int)?, isPlain: Bool = false
    ) -> UInt32 {
        makeRoom(keeping: older?.slot)
        let opening = Roles(c)
        // Eviction may have moved or removed the older incarnation.
        let place = older == nil ? nil : find(c.pair, in: c.tunnel, hash: hash)
        let slot = flows.allocate(
            number: ledger.counts.flows, opening.senderIsInitiator ? c.pair : c.pair.reversed, c.tunnel,
            FlowBeginning(time: c.time, reference: c.reference))
        if !isPlain {
            if labels.isOn { labels.open(slot, c, isFirst: older == nil) }
            prepare(slot, opening)
        }
        if let place {
            flows[slot].older = place.slot
            flows[slot].incarnationOf = flows[place.slot].number
            index.replace(at: place.position, hash: hash, slot: slot)
            flows[slot].find(.portReuse, at: nil, time: c.time, c.reference, &ledger)
            keepFewIncarnations(slot)
        } else {
            index.insert(hash: hash, slot: slot)
        }
        if c.segment.hasSyn, !c.segment.hasAck { watchOpening(slot, c.pair, at: c.time) }
        return slot
    }

    /// One flow more is to be in memory.
    ///
    /// - Parameter kept: does not go, if one must.
    mutating func makeRoom(keeping kept: UInt32?) {
        if alive >= max(1, ledger.options.maximumFlows) { evictOne(keeping: kept) }
        ledger.counts.flows &+= 1
        alive += 1
    }

    /// One of the ends has an address that the capture names as its own.
    @inline(__always)
    func isLocal(_ pair: SocketPair) -> Bool {
        !ledger.localAddresses.isEmpty
            && (ledger.localAddresses.contains(pair.source) || ledger.localAddresses.contains(pair.destination))
    }

    /// What a flow needs that is not plain from its first segment on.
    private mutating func prepare(_ slot: UInt32, _ opening: Roles) {
        flows.giveEnds(slot)
        flows[slot].rolesGuessed = opening.areGuessed
        flows[slot].detail = details.allocate()
        flows[slot].locate(.initiator, ledger)
        flows[slot].locate(.responder, ledger)
    }
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
