/// Where the flows live: what every segment touches, side by side.
struct FlowStore: ~Copyable {
    private static var endsOffset: Int { (MemoryLayout<FlowCore>.stride + 15) & ~15 }

    private var slab = Slab(blockOctets: FlowStore.endsOffset + 2 * MemoryLayout<Endpoint>.stride)

    init() {}

    /// All slots in use are below it.
    var highWater: UInt32 { slab.highWater }

    mutating func allocate(_ core: consuming FlowCore) -> UInt32 {
        let slot = slab.take()
        let block = unsafe slab[slot]
        unsafe block.bindMemory(to: FlowCore.self, capacity: 1).initialize(to: core)
        let ends = unsafe (block + Self.endsOffset).bindMemory(to: Endpoint.self, capacity: 2)
        unsafe ends.initialize(to: Endpoint())
        unsafe (ends + 1).initialize(to: Endpoint())
        return slot
    }

    mutating func free(_ slot: UInt32) {
        slab.giveBack(slot)
    }

    subscript(slot: UInt32) -> Flow {
        @inline(__always) get {
            let block = unsafe slab[slot]
            return unsafe Flow(
                core: block.assumingMemoryBound(to: FlowCore.self),
                ends: (block + Self.endsOffset).assumingMemoryBound(to: Endpoint.self))
        }
    }

    /// Asks for the memory of a flow that will be stepped soon.
    func touch(_ slot: UInt32) -> UInt8 {
        slab.touch(slot, from: 0, to: Self.endsOffset + 2 * MemoryLayout<Endpoint>.stride)
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

    /// Asks for the memory of a detail that will be needed soon: all but what is seldom reached.
    func touch(_ slot: UInt32) -> UInt8 {
        slab.touch(slot, from: 0, to: Self.entriesOffset)
            ^ slab.touch(slot, from: Self.segmentsOffset, to: Self.observationsOffset)
    }
}
