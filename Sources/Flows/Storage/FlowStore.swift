import TCPStateMachine
import WireFormat

/// Where the flows live: what every segment touches, side by side.
///
/// A block holds what all flows have and the plain form, in four cache lines, of which a segment that opens and closes
/// nothing touches three. The endpoints of a flow that is no longer plain are a block of their own, so that a million
/// plain flows do not pay for them, and so are addresses that are not of IPv4.
struct FlowStore: ~Copyable {
    private var slab = Slab<FlowBlock>()
    private var ends = Slab<FlowEnds>()
    private var addresses = Slab<SingleValue<Addresses>>()

    init() {}

    /// All slots in use are below it.
    var highWater: UInt32 { slab.highWater }

    /// Slots are in the order in which the flows began.
    var areInOrder: Bool { !slab.hasReused }

    /// A new flow in its plain form; one that is not to be plain is given endpoints next.
    ///
    /// - Parameter pair: the initiator is the source.
    mutating func allocate(
        number: UInt64, _ pair: SocketPair, _ tunnel: Tunnel, _ beginning: FlowBeginning
    ) -> UInt32 {
        let sockets = IPv4Pair(pair)
        let addresses =
            sockets == nil ? keep(Addresses(source: pair.source, destination: pair.destination)) : Flow.noSlot
        return begin(
            FlowCore(
                number: number, sockets: sockets ?? IPv4Pair(portsOf: pair), addresses: addresses, pair.family,
                tunnel: tunnel, first: beginning.time), beginning)
    }

    /// The same for a flow of IPv4 in no tunnel.
    @inline(__always)
    mutating func allocate(number: UInt64, _ sockets: IPv4Pair, _ beginning: FlowBeginning) -> UInt32 {
        begin(
            FlowCore(
                number: number, sockets: sockets, addresses: Flow.noSlot, .ipv4, tunnel: .none, first: beginning.time),
            beginning)
    }

    @inline(__always)
    private mutating func begin(_ core: consuming FlowCore, _ beginning: FlowBeginning) -> UInt32 {
        let slot = slab.take()
        _ = unsafe FlowBlock(slab[slot], core, beginning)
        return slot
    }

    private mutating func keep(_ wide: Addresses) -> UInt32 {
        let place = addresses.take()
        unsafe addresses[place].bindMemory(to: Addresses.self, capacity: 1).initialize(to: wide)
        return place
    }

    /// Gives a plain flow endpoints of which nothing is known; from now on it is not plain.
    mutating func giveEnds(_ slot: UInt32) {
        let place = ends.take()
        _ = unsafe FlowEnds(beginning: ends[place])
        block(of: slot).core.ends = place
    }

    mutating func free(_ slot: UInt32) {
        let block = block(of: slot)
        let (end, wide) = (block.core.ends, block.core.addresses)
        if end != Flow.noSlot { ends.giveBack(end) }
        if wide != Flow.noSlot { addresses.giveBack(wide) }
        slab.giveBack(slot)
    }

    subscript(slot: UInt32) -> Flow {
        @inline(__always) get { self[block(of: slot)] }
    }

    /// Where a flow is, which takes some steps to find out.
    @inline(__always)
    func block(of slot: UInt32) -> FlowBlock { unsafe FlowBlock(slab[slot]) }

    subscript(block: FlowBlock) -> Flow {
        @inline(__always) get {
            if block.core.isWhole { return unsafe Flow(block: block, ends: nil, addresses: nil) }
            let (end, wide) = (block.core.ends, block.core.addresses)
            return unsafe Flow(
                block: block, ends: end == Flow.noSlot ? nil : FlowEnds(ends[end]),
                addresses: wide == Flow.noSlot
                    ? nil : UnsafePointer(addresses[wide].assumingMemoryBound(to: Addresses.self)))
        }
    }

    @inline(__always)
    func prefetch(_ slot: UInt32) { block(of: slot).prefetch() }

    /// A flow has, or had, memory elsewhere.
    var haveRest: Bool { @inline(__always) get { ends.highWater | addresses.highWater != 0 } }

    /// Asks for the line of a flow that tells how far it has come. A number that no flow has is passed over.
    @inline(__always)
    func prefetchCore(_ slot: UInt32) {
        if slot < highWater { block(of: slot).prefetchCore() }
    }

    /// Asks for what a flow has elsewhere; its other memory must have come already.
    ///
    /// - Returns: whether there is any.
    @inline(__always)
    func prefetchRest(_ block: FlowBlock) -> Bool {
        guard !block.core.isWhole else { return false }
        let (end, wide) = (block.core.ends, block.core.addresses)
        if wide != Flow.noSlot { addresses.prefetch(wide, octets: 1) }
        if end != Flow.noSlot { ends.prefetch(end, octets: FlowEnds.octets) }
        return true
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
    enum Block: SlabContent {
        static var octets: Int { observationsOffset + line(2 * MemoryLayout<Observations>.stride) }
    }

    private var slab = Slab<Block>()

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
