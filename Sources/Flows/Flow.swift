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

/// What a flow may have that is not plain.
struct FlowHistory: BitwiseCopyable {
    /// The number of the incarnation before it, or 0.
    var incarnationOf: UInt64 = 0
    /// The slot of its detail, or `noSlot` while nothing is open.
    var detail = Flow.noSlot
    /// The slot of the incarnation before it that is still in memory, or `noSlot`.
    var older = Flow.noSlot
    var rolesGuessed = false
    /// The SYN carried data that the SYN,ACK took (RFC 7413), or a cookie only, which may have been taken.
    var usedFastOpen = false
    /// A SYN of an end did not permit SACK: neither may use it (RFC 2018 section 2).
    var refusesSack = false
}

/// One incarnation of a connection: two endpoints and what they have in common.
///
/// A reference to a record in the store; it is valid while the flow is in memory. While the flow is plain
/// (`Plain/PlainFlow.swift`) it has no endpoints and no history, and who writes to one makes a mistake that traps.
@safe
struct Flow {
    /// Both plain ends, a line each; then a line of what all flows have and where the plain flow is; then when that
    /// was.
    private let block: UnsafeMutableRawPointer
    /// Initiator, responder, history; nil while the flow is plain.
    private let ends: UnsafeMutablePointer<Endpoint>?
    /// Nil for IPv4.
    private let addresses: UnsafePointer<Addresses>?

    static var noSlot: UInt32 { .max }

    private static var coreOffset: Int { 2 * MemoryLayout<PlainEnd>.stride }
    private static var plainOffset: Int { coreOffset + MemoryLayout<FlowCore>.stride }
    private static var beginningOffset: Int { plainOffset + MemoryLayout<PlainFlow>.stride }
    static var blockOctets: Int { beginningOffset + MemoryLayout<FlowBeginning>.stride }

    private static var historyOffset: Int { 2 * MemoryLayout<Endpoint>.stride }
    static var endsOctets: Int { historyOffset + MemoryLayout<FlowHistory>.stride }

    /// A flow whose memory has been filled in.
    @unsafe
    @inline(__always)
    init(
        block: UnsafeMutableRawPointer, ends: UnsafeMutablePointer<Endpoint>?, addresses: UnsafePointer<Addresses>?
    ) {
        unsafe self.block = unsafe block
        unsafe self.ends = unsafe ends
        unsafe self.addresses = unsafe addresses
    }

    /// Makes a plain flow of a block.
    @unsafe
    @inline(__always)
    static func begin(_ block: UnsafeMutableRawPointer, _ core: consuming FlowCore, _ beginning: FlowBeginning) {
        unsafe block.bindMemory(to: PlainEnd.self, capacity: 2).initialize(repeating: PlainEnd(), count: 2)
        unsafe (block + coreOffset).bindMemory(to: FlowCore.self, capacity: 1).initialize(to: core)
        unsafe (block + plainOffset).bindMemory(to: PlainFlow.self, capacity: 1).initialize(to: PlainFlow())
        unsafe (block + beginningOffset).bindMemory(to: FlowBeginning.self, capacity: 1).initialize(to: beginning)
    }

    /// Makes endpoints of a block, of which nothing is known.
    @unsafe
    static func beginEnds(_ block: UnsafeMutableRawPointer) {
        let ends = unsafe block.bindMemory(to: Endpoint.self, capacity: 2)
        unsafe ends.initialize(to: Endpoint())
        unsafe (ends + 1).initialize(to: Endpoint())
        unsafe (block + historyOffset).bindMemory(to: FlowHistory.self, capacity: 1).initialize(to: FlowHistory())
    }

    /// What all flows have, in a block.
    @unsafe
    @inline(__always)
    static func core(_ block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<FlowCore> {
        unsafe (block + coreOffset).assumingMemoryBound(to: FlowCore.self)
    }

    private var core: UnsafeMutablePointer<FlowCore> {
        @inline(__always) get { unsafe Self.core(block) }
    }
    private var plainPart: UnsafeMutablePointer<PlainFlow> {
        @inline(__always) get { unsafe (block + Self.plainOffset).assumingMemoryBound(to: PlainFlow.self) }
    }
    private var plainEnds: UnsafeMutablePointer<PlainEnd> {
        @inline(__always) get { unsafe block.assumingMemoryBound(to: PlainEnd.self) }
    }
    private var beginning: FlowBeginning {
        @inline(__always) get {
            unsafe (block + Self.beginningOffset).assumingMemoryBound(to: FlowBeginning.self).pointee
        }
    }
    private var history: UnsafeMutablePointer<FlowHistory>? {
        guard let ends = unsafe ends else { return nil }
        let memory = unsafe UnsafeMutableRawPointer(ends) + Self.historyOffset
        return unsafe memory.assumingMemoryBound(to: FlowHistory.self)
    }

    /// An endpoint, in place.
    subscript(side: EndpointRole) -> Endpoint {
        unsafeAddress { unsafe UnsafePointer(end(side)) }
        nonmutating unsafeMutableAddress { unsafe end(side) }
    }

    var initiator: Endpoint { unsafeAddress { unsafe UnsafePointer(end(.initiator)) } }
    var responder: Endpoint { unsafeAddress { unsafe UnsafePointer(end(.responder)) } }

    @inline(__always)
    private func end(_ side: EndpointRole) -> UnsafeMutablePointer<Endpoint> {
        guard let ends = unsafe ends else { preconditionFailure("a plain flow has no endpoints") }
        return unsafe ends + Int(side.rawValue)
    }

    /// What there is of a flow while it is plain; it means nothing afterwards.
    var plain: PlainFlow {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(plainPart) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe plainPart }
    }
    subscript(plain side: EndpointRole) -> PlainEnd {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(plainEnds + Int(side.rawValue)) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe plainEnds + Int(side.rawValue) }
    }
    var isPlain: Bool { unsafe ends == nil }

    /// From 1, in the order of first packets.
    var number: UInt64 { unsafe UInt64(core.pointee.upperNumber) << 32 | UInt64(core.pointee.mark) }
    var mark: UInt32 { unsafe core.pointee.mark }
    /// The initiator is the source.
    var pair: SocketPair {
        @inline(__always) get {
            guard let addresses = unsafe addresses else { return unsafe core.pointee.sockets.pair }
            return unsafe core.pointee.sockets.pair(addresses.pointee, core.pointee.family)
        }
    }
    /// Of a flow of IPv4.
    var ipv4Sockets: IPv4Pair? {
        @inline(__always) get { unsafe addresses == nil ? core.pointee.sockets : nil }
    }
    var tunnel: Tunnel { unsafe core.pointee.tunnel }
    var first: Int64 { beginning.time }
    var firstReference: PacketReference { beginning.reference }
    var last: Int64 {
        get { unsafe core.pointee.last }
        nonmutating set { unsafe core.pointee.last = newValue }
    }
    var findings: FindingSet {
        get { unsafe core.pointee.findings }
        nonmutating set { unsafe core.pointee.findings = newValue }
    }
    /// What a plain flow has of it is what there is at first.
    private var past: FlowHistory {
        get {
            guard let history = unsafe history else { return FlowHistory() }
            return unsafe history.pointee
        }
        nonmutating _modify {
            guard let history = unsafe history else { preconditionFailure("a plain flow has no history") }
            yield unsafe &history.pointee
        }
    }
    var detail: UInt32 {
        get { past.detail }
        nonmutating set { past.detail = newValue }
    }
    var older: UInt32 {
        get { past.older }
        nonmutating set { past.older = newValue }
    }
    var incarnationOf: UInt64 {
        get { past.incarnationOf }
        nonmutating set { past.incarnationOf = newValue }
    }
    var rolesGuessed: Bool {
        get { past.rolesGuessed }
        nonmutating set { past.rolesGuessed = newValue }
    }
    var usedFastOpen: Bool {
        get { past.usedFastOpen }
        nonmutating set { past.usedFastOpen = newValue }
    }
    var refusesSack: Bool {
        get { past.refusesSack }
        nonmutating set { past.refusesSack = newValue }
    }
    var isQueued: Bool {
        get { unsafe core.pointee.isQueued }
        nonmutating set { unsafe core.pointee.isQueued = newValue }
    }
    var isGone: Bool {
        get { unsafe core.pointee.isGone }
        nonmutating set { unsafe core.pointee.isGone = newValue }
    }

    /// Which end sent a segment of this flow.
    func role(of c: CapturedSegment) -> EndpointRole {
        c.pair.sourcePort == pair.sourcePort && c.pair.source == pair.source ? .initiator : .responder
    }

    func nature(_ side: EndpointRole, _ l: borrowing Ledger) -> EndpointNature {
        EndpointNature(opening: self[side].opening, profile: l.profile(side))
    }
}

/// What both endpoints keep while something is open: a reference to a record in the store.
@safe
struct FlowDetail {
    /// Initiator, responder.
    private let ends: UnsafeMutablePointer<EndpointDetail>

    @unsafe
    init(ends: UnsafeMutablePointer<EndpointDetail>) {
        unsafe self.ends = unsafe ends
    }

    subscript(side: EndpointRole) -> EndpointDetail {
        unsafeAddress { unsafe UnsafePointer(ends + Int(side.rawValue)) }
        nonmutating unsafeMutableAddress { unsafe ends + Int(side.rawValue) }
    }
}
