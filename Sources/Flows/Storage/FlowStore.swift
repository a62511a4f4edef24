/// Where the flows live: what every segment touches, side by side.
///
/// A block holds what all flows have and the plain form; the endpoints of a flow that is no longer plain are a block of
/// their own, so that a million plain flows do not pay for them.
struct FlowStore: ~Copyable {
    // The plain part comes first, then what all flows have, and last what is seldom touched.
    private static var plainOffset: Int { 2 * MemoryLayout<PlainEnd>.stride }
    private static var coreOffset: Int { plainOffset + MemoryLayout<PlainFlow>.stride }
    private static var blockOctets: Int { coreOffset + MemoryLayout<FlowCore>.stride }
    /// What a segment of a plain flow touches: up to the core's seldom part.
    private static var hotOctets: Int { coreOffset + FlowCore.hotOctets }
    private static var endsOctets: Int { 2 * MemoryLayout<Endpoint>.stride }

    private var slab = Slab(blockOctets: FlowStore.blockOctets)
    private var ends = Slab(blockOctets: FlowStore.endsOctets)

    init() {}

    /// All slots in use are below it.
    var highWater: UInt32 { slab.highWater }

    /// A new flow in its plain form; one that is not to be plain is given endpoints next.
    mutating func allocate(_ core: consuming FlowCore) -> UInt32 {
        let slot = slab.take()
        let block = unsafe slab[slot]
        unsafe (block + Self.coreOffset).bindMemory(to: FlowCore.self, capacity: 1).initialize(to: core)
        unsafe (block + Self.plainOffset).bindMemory(to: PlainFlow.self, capacity: 1).initialize(to: PlainFlow())
        let plainEnds = unsafe block.bindMemory(to: PlainEnd.self, capacity: 2)
        unsafe plainEnds.initialize(repeating: PlainEnd(), count: 2)
        return slot
    }

    /// Gives a plain flow endpoints of which nothing is known; from now on it is not plain.
    mutating func giveEnds(_ slot: UInt32) {
        let place = ends.take()
        let block = unsafe ends[place].bindMemory(to: Endpoint.self, capacity: 2)
        unsafe block.initialize(to: Endpoint())
        unsafe (block + 1).initialize(to: Endpoint())
        unsafe core(slot).pointee.ends = place
    }

    mutating func free(_ slot: UInt32) {
        let place = unsafe core(slot).pointee.ends
        if place != Flow.noSlot { ends.giveBack(place) }
        slab.giveBack(slot)
    }

    subscript(slot: UInt32) -> Flow {
        @inline(__always) get {
            let block = unsafe slab[slot]
            let core = unsafe (block + Self.coreOffset).assumingMemoryBound(to: FlowCore.self)
            let place = unsafe core.pointee.ends
            return unsafe Flow(
                core: core, plain: (block + Self.plainOffset).assumingMemoryBound(to: PlainFlow.self),
                plainEnds: block.assumingMemoryBound(to: PlainEnd.self),
                ends: place == Flow.noSlot ? nil : ends[place].assumingMemoryBound(to: Endpoint.self))
        }
    }

    @unsafe
    private func core(_ slot: UInt32) -> UnsafeMutablePointer<FlowCore> {
        unsafe (slab[slot] + Self.coreOffset).assumingMemoryBound(to: FlowCore.self)
    }

    /// Asks for the memory of a flow that will be stepped soon.
    @inline(__always)
    func prefetch(_ slot: UInt32) {
        slab.prefetch(slot, octets: Self.hotOctets)
    }

    /// The same for what a flow has that is not plain; its other memory must have come already.
    func prefetchEnds(_ flow: Flow) {
        if flow.endsSlot != Flow.noSlot { ends.prefetch(flow.endsSlot, octets: Self.endsOctets) }
    }
}

/// Where the details live: journals, pending facts and the last segments of both endpoints of a flow.
struct DetailStore: ~Copyable {
    private static var entriesOffset: Int { line(2 * MemoryLayout<EndpointDetail>.stride) }
    private static var copiesOffset: Int {
        entriesOffset + line(2 * Journal.capacity * MemoryLayout<JournalEntry>.stride)
    }
    private static var segmentsOffset: Int {
        copiesOffset + line(2 * PendingFacts.copyCapacity * MemoryLayout<FinCopy>.stride)
    }
    private static var observationsOffset: Int {
        segmentsOffset + line(2 * RecentSegments.capacity * MemoryLayout<RecentSegment>.stride)
    }
    private static var blockOctets: Int { observationsOffset + line(2 * MemoryLayout<Observations>.stride) }

    private var slab = Slab(blockOctets: DetailStore.blockOctets)

    init() {}

    private static func line(_ octets: Int) -> Int { (octets + 63) & ~63 }

    /// A fresh detail: rows are written before they are read, a count says how much of one is in use.
    mutating func allocate() -> UInt32 {
        let slot = slab.take()
        let block = unsafe slab[slot]
        let ends = unsafe block.bindMemory(to: EndpointDetail.self, capacity: 2)
        for side in 0..<2 {
            unsafe (ends + side).initialize(
                to: EndpointDetail(
                    journal: Journal(entries: row(block, Self.entriesOffset, Journal.capacity, side)),
                    pending: PendingFacts(finCopies: row(block, Self.copiesOffset, PendingFacts.copyCapacity, side)),
                    recent: RecentSegments(slots: row(block, Self.segmentsOffset, RecentSegments.capacity, side)),
                    observations: row(block, Self.observationsOffset, 1, side)))
        }
        return slot
    }

    @unsafe
    private func row<Element: BitwiseCopyable>(
        _ block: UnsafeMutableRawPointer, _ offset: Int, _ capacity: Int, _ side: Int
    ) -> Row<Element> {
        let all = unsafe (block + offset).bindMemory(to: Element.self, capacity: 2 * capacity)
        return unsafe Row(base: all + side * capacity, count: capacity)
    }

    mutating func free(_ slot: UInt32) {
        slab.giveBack(slot)
    }

    subscript(slot: UInt32) -> FlowDetail {
        @inline(__always) get {
            unsafe FlowDetail(ends: slab[slot].assumingMemoryBound(to: EndpointDetail.self))
        }
    }

    /// Asks for the memory of a detail that will be needed soon: what is reached first.
    func prefetch(_ slot: UInt32) {
        slab.prefetch(slot, octets: Self.entriesOffset)
    }
}
