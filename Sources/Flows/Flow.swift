import TCPStateMachine
import WireFormat

/// One incarnation of a connection: two endpoints and what they have in common.
///
/// A reference to a record in the store; it is valid while the flow is in memory. While the flow is plain
/// (`Plain/PlainFlow.swift`) it has no endpoints and no history, and who writes to one makes a mistake that traps.
@safe
struct Flow {
    let block: FlowBlock
    /// Nil while the flow is plain.
    private let ends: FlowEnds?
    /// Nil for IPv4.
    private let addresses: UnsafePointer<Addresses>?

    static var noSlot: UInt32 { .max }

    /// A flow whose memory has been filled in.
    @unsafe
    @inline(__always)
    init(block: FlowBlock, ends: FlowEnds?, addresses: UnsafePointer<Addresses>?) {
        self.block = block
        self.ends = ends
        unsafe self.addresses = unsafe addresses
    }

    /// An endpoint, in place.
    subscript(side: EndpointRole) -> Endpoint {
        unsafeAddress { unsafe known.address(of: side) }
        nonmutating unsafeMutableAddress { unsafe known.mutableAddress(of: side) }
    }
    var initiator: Endpoint { unsafeAddress { unsafe known.address(of: .initiator) } }
    var responder: Endpoint { unsafeAddress { unsafe known.address(of: .responder) } }

    @inline(__always)
    private var known: FlowEnds {
        guard let ends else { preconditionFailure("a plain flow has no endpoints") }
        return ends
    }

    /// What there is of a flow while it is plain; it means nothing afterwards.
    var plain: PlainFlow { @inline(__always) get { block.plain } }
    subscript(plain side: EndpointRole) -> PlainEnd { @inline(__always) get { block[plain: side] } }
    var isPlain: Bool { ends == nil }

    /// From 1, in the order of first packets.
    var number: UInt64 { block.number }
    var mark: UInt32 { block.core.mark }
    /// The initiator is the source.
    var pair: SocketPair {
        @inline(__always) get {
            guard let addresses = unsafe addresses else { return block.core.sockets.pair }
            return unsafe block.core.sockets.pair(addresses.pointee, block.core.family)
        }
    }
    /// Of a flow of IPv4.
    var ipv4Sockets: IPv4Pair? {
        @inline(__always) get { unsafe addresses == nil ? block.core.sockets : nil }
    }
    var tunnel: Tunnel { block.core.tunnel }
    var first: Int64 { block.beginning.time }
    var firstReference: PacketReference { block.beginning.reference }
    var last: Int64 {
        get { block.last }
        nonmutating set { block.last = newValue }
    }
    var findings: FindingSet {
        get { block.core.findings }
        nonmutating set { block.core.findings = newValue }
    }
    /// What a plain flow has of it is what there is at first.
    private var past: FlowHistory {
        get { ends?.history ?? FlowHistory() }
        nonmutating _modify { yield &known.history }
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
        get { block.core.isQueued }
        nonmutating set { block.core.isQueued = newValue }
    }
    var isGone: Bool {
        get { block.core.isGone }
        nonmutating set { block.core.isGone = newValue }
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
