/// Where the flows live: the part that every segment touches, and the part that is needed while something is open.
struct FlowStore: ~Copyable {
    private var cores = Slab<FlowCore>(width: 1)
    private var ends = Slab<Endpoint>(width: 2)
    private var numbers = SlotNumbers()

    init() {}

    /// All slots in use are below it.
    var highWater: UInt32 { numbers.highWater }

    mutating func allocate(_ core: consuming FlowCore) -> UInt32 {
        let slot = numbers.take()
        unsafe cores.reserve(slot).initialize(to: core)
        let ends = unsafe ends.reserve(slot)
        unsafe ends.initialize(to: Endpoint())
        unsafe (ends + 1).initialize(to: Endpoint())
        return slot
    }

    mutating func free(_ slot: UInt32) {
        numbers.giveBack(slot)
    }

    subscript(slot: UInt32) -> Flow {
        unsafe Flow(core: cores[slot], ends: ends[slot])
    }
}

/// Where the details live: journals, pending facts, the last segments and stamps of both endpoints of a flow.
struct DetailStore: ~Copyable {
    private var ends = Slab<EndpointDetail>(width: 2)
    private var entries = Slab<JournalEntry>(width: 2 * Journal.capacity)
    private var copies = Slab<FinCopy>(width: 2 * PendingFacts.copyCapacity)
    private var segments = Slab<RecentSegment>(width: 2 * RecentSegments.capacity)
    private var timestamps = Slab<UInt32>(width: 2 * RecentTimestamps.capacity)
    private var numbers = SlotNumbers()

    init() {}

    mutating func allocate() -> UInt32 {
        let slot = numbers.take()
        let ends = unsafe ends.reserve(slot)
        let entries = unsafe entries.reserve(slot)
        let copies = unsafe copies.reserve(slot)
        let segments = unsafe segments.reserve(slot)
        let timestamps = unsafe timestamps.reserve(slot)
        for side in 0..<2 {
            // Elements are trivial and written before they are read: a count says how many are.
            let entryRow = unsafe Row(base: entries + side * Journal.capacity, count: Journal.capacity)
            let copyRow = unsafe Row(base: copies + side * PendingFacts.copyCapacity, count: PendingFacts.copyCapacity)
            let segmentRow = unsafe Row(base: segments + side * RecentSegments.capacity, count: RecentSegments.capacity)
            let timestampRow = unsafe Row(
                base: timestamps + side * RecentTimestamps.capacity, count: RecentTimestamps.capacity)
            unsafe (ends + side).initialize(
                to: EndpointDetail(
                    journal: Journal(entries: entryRow), pending: PendingFacts(finCopies: copyRow),
                    recent: RecentSegments(slots: segmentRow), timestamps: RecentTimestamps(values: timestampRow)))
        }
        return slot
    }

    mutating func free(_ slot: UInt32) {
        numbers.giveBack(slot)
    }

    subscript(slot: UInt32) -> FlowDetail {
        unsafe FlowDetail(ends: ends[slot])
    }
}
