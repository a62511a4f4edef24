import TCPStateMachine
import WireFormat

/// What all flows have, and what each segment of one touches.
struct FlowCore: ~Copyable {
    /// The initiator is the source; of a flow that is not one of IPv4 only the ports mean anything.
    let sockets: IPv4Pair
    /// The slot of its addresses, or `noSlot` for IPv4.
    let addresses: UInt32
    let tunnel: Tunnel
    var last: Int64
    /// The slot of its endpoints, or `noSlot` while the flow is plain.
    var ends = Flow.noSlot {
        didSet { isSimple = false }
    }
    /// Tells it from others that had or will have its slot: the lower half of its number.
    let mark: UInt32
    let upperNumber: UInt32
    /// The slot was given back.
    var isGone = false {
        didSet { isSimple = false }
    }
    /// Plain, of IPv4 and in no tunnel, and not gone: what most segments belong to, in one octet.
    private(set) var isSimple: Bool
    /// It waits in the queue of flows that have ended.
    var isQueued = false
    let family: AddressFamily
    var findings: FindingSet = []

    /// Plain, and of IPv4: all that there is of it is in its block.
    var isWhole: Bool { ends & addresses == Flow.noSlot }

    init(
        number: UInt64, sockets: IPv4Pair, addresses: UInt32, _ family: AddressFamily, tunnel: Tunnel, first: Int64
    ) {
        mark = UInt32(truncatingIfNeeded: number)
        upperNumber = UInt32(truncatingIfNeeded: number >> 32)
        self.sockets = sockets
        self.addresses = addresses
        self.family = family
        self.tunnel = tunnel
        last = first
        isSimple = addresses == Flow.noSlot && tunnel == .none
    }
}

/// The first segment of a flow.
struct FlowBeginning: BitwiseCopyable {
    var time: Int64
    var reference: PacketReference
}

/// The block of a flow: what all flows have, and the plain form. It is there as long as the flow is in memory.
///
/// One pointer, for it is handed about for every segment. Both plain ends, a line each; then a line of what all flows
/// have and where the plain flow is; then when that was.
@safe
struct FlowBlock: BitwiseCopyable, SlabContent {
    private let memory: UnsafeMutableRawPointer

    private static var coreOffset: Int { 2 * MemoryLayout<PlainEnd>.stride }
    private static var plainOffset: Int { coreOffset + MemoryLayout<FlowCore>.stride }
    private static var beginningOffset: Int { plainOffset + MemoryLayout<PlainFlow>.stride }
    static var octets: Int { beginningOffset + MemoryLayout<FlowBeginning>.stride }

    /// A block that has been made one of a flow.
    @unsafe
    @inline(__always)
    init(_ memory: UnsafeMutableRawPointer) {
        unsafe self.memory = unsafe memory
    }

    /// Makes a plain flow of memory whose contents mean nothing.
    @unsafe
    @inline(__always)
    init(_ memory: UnsafeMutableRawPointer, _ core: consuming FlowCore, _ beginning: FlowBeginning) {
        unsafe self.memory = unsafe memory
        unsafe memory.bindMemory(to: PlainEnd.self, capacity: 2).initialize(repeating: PlainEnd(), count: 2)
        unsafe (memory + Self.coreOffset).bindMemory(to: FlowCore.self, capacity: 1).initialize(to: core)
        unsafe (memory + Self.plainOffset).bindMemory(to: PlainFlow.self, capacity: 1).initialize(to: PlainFlow())
        unsafe (memory + Self.beginningOffset).bindMemory(to: FlowBeginning.self, capacity: 1).initialize(to: beginning)
    }

    /// What all flows have, in place.
    var core: FlowCore {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(corePart) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe corePart }
    }
    /// What there is of the flow while it is plain; it means nothing afterwards.
    var plain: PlainFlow {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(plainPart) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe plainPart }
    }
    /// Likewise of an end.
    subscript(plain side: EndpointRole) -> PlainEnd {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(plainEnd(side)) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe plainEnd(side) }
    }
    /// The first segment.
    var beginning: FlowBeginning {
        @inline(__always) get {
            unsafe (memory + Self.beginningOffset).assumingMemoryBound(to: FlowBeginning.self).pointee
        }
    }

    @inline(__always)
    private var corePart: UnsafeMutablePointer<FlowCore> {
        unsafe (memory + Self.coreOffset).assumingMemoryBound(to: FlowCore.self)
    }
    @inline(__always)
    private var plainPart: UnsafeMutablePointer<PlainFlow> {
        unsafe (memory + Self.plainOffset).assumingMemoryBound(to: PlainFlow.self)
    }
    @inline(__always)
    private func plainEnd(_ side: EndpointRole) -> UnsafeMutablePointer<PlainEnd> {
        unsafe memory.assumingMemoryBound(to: PlainEnd.self) + Int(side.rawValue)
    }

    /// From 1, in the order of first packets.
    var number: UInt64 { UInt64(core.upperNumber) << 32 | UInt64(core.mark) }
    var last: Int64 {
        @inline(__always) get { core.last }
        @inline(__always) nonmutating set { core.last = newValue }
    }

    /// Asks for the memory of a flow that will be stepped soon.
    @inline(__always)
    func prefetch() {
        unsafe LargeMemory.prefetch(UnsafeRawPointer(memory), octets: Self.octets)
    }

    /// The same for the line that tells how far a flow has come, which is all that most need for a look at it.
    @inline(__always)
    func prefetchCore() {
        unsafe LargeMemory.prefetch(UnsafeRawPointer(corePart), octets: 1)
    }
}
