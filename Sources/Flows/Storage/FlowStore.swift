import TCPStateMachine
import WireFormat

/// Where a flow lives, as long as there is the store.
@safe
struct FlowPlace: BitwiseCopyable {
    fileprivate let block: UnsafeMutableRawPointer
}

/// Where the flows live: what every segment touches, side by side.
///
/// A block holds what all flows have and the plain form, in four cache lines, of which a segment that opens and closes
/// nothing touches three. The endpoints of a flow that is no longer plain are a block of their own, so that a million
/// plain flows do not pay for them, and so are addresses that are not of IPv4.
struct FlowStore: ~Copyable {
    private var slab = Slab(blockOctets: Flow.blockOctets)
    private var ends = Slab(blockOctets: Flow.endsOctets)
    private var addresses = Slab(blockOctets: MemoryLayout<Addresses>.stride)

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
        unsafe Flow.begin(slab[slot], core, beginning)
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
        unsafe Flow.beginEnds(ends[place])
        unsafe core(slot).pointee.ends = place
    }

    mutating func free(_ slot: UInt32) {
        let (end, wide) = unsafe (core(slot).pointee.ends, core(slot).pointee.addresses)
        if end != Flow.noSlot { ends.giveBack(end) }
        if wide != Flow.noSlot { addresses.giveBack(wide) }
        slab.giveBack(slot)
    }

    subscript(slot: UInt32) -> Flow {
        @inline(__always) get { self[place(of: slot)] }
    }

    /// Where a flow is, which takes some steps to find out.
    @inline(__always)
    func place(of slot: UInt32) -> FlowPlace { unsafe FlowPlace(block: slab[slot]) }

    subscript(place: FlowPlace) -> Flow {
        @inline(__always) get {
            let core = unsafe Flow.core(place.block)
            if unsafe core.pointee.isWhole { return unsafe Flow(block: place.block, ends: nil, addresses: nil) }
            let (end, wide) = unsafe (core.pointee.ends, core.pointee.addresses)
            return unsafe Flow(
                block: place.block, ends: end == Flow.noSlot ? nil : ends[end].assumingMemoryBound(to: Endpoint.self),
                addresses: wide == Flow.noSlot
                    ? nil : UnsafePointer(addresses[wide].assumingMemoryBound(to: Addresses.self)))
        }
    }

    /// The flow at a place, if it is one of which all that there is lies in its block.
    @inline(__always)
    func simple(_ place: FlowPlace) -> Flow? {
        let core = unsafe Flow.core(place.block)
        return unsafe core.pointee.isSimple ? Flow(block: place.block, ends: nil, addresses: nil) : nil
    }

    @unsafe
    @inline(__always)
    private func core(_ slot: UInt32) -> UnsafeMutablePointer<FlowCore> {
        unsafe Flow.core(slab[slot])
    }

    /// Asks for the memory of a flow that will be stepped soon.
    @inline(__always)
    func prefetch(_ place: FlowPlace) {
        unsafe LargeMemory.prefetch(UnsafeRawPointer(place.block), octets: Flow.blockOctets)
    }

    @inline(__always)
    func prefetch(_ slot: UInt32) { prefetch(place(of: slot)) }

    /// A flow has, or had, memory elsewhere.
    var haveRest: Bool { @inline(__always) get { ends.highWater | addresses.highWater != 0 } }

    /// Asks for the line that tells how far a flow has come, which is all that most need for a look at it. A number
    /// that no flow has is passed over.
    @inline(__always)
    func prefetchCore(_ slot: UInt32) {
        guard slot < highWater else { return }
        unsafe LargeMemory.prefetch(UnsafeRawPointer(core(slot)), octets: 1)
    }

    /// The same for what a flow has elsewhere; its other memory must have come already.
    ///
    /// - Returns: whether there is any.
    @inline(__always)
    func prefetchRest(_ place: FlowPlace) -> Bool {
        let core = unsafe Flow.core(place.block)
        guard unsafe !core.pointee.isWhole else { return false }
        let (end, wide) = unsafe (core.pointee.ends, core.pointee.addresses)
        if wide != Flow.noSlot { addresses.prefetch(wide, octets: 1) }
        if end != Flow.noSlot { ends.prefetch(end, octets: Flow.endsOctets) }
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
