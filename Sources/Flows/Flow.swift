import TCPStateMachine
import WireFormat

/// What all flows have; first what every segment touches.
struct FlowCore: ~Copyable {
    /// The initiator is the source.
    var pair: SocketPair
    /// The slot was given back.
    var isGone = false
    /// It waits in the queue of flows that have ended.
    var isQueued = false
    /// No later incarnation has taken its place in the index.
    var isNewest = true
    var tunnel: Tunnel
    var last: Int64
    /// The slot of its endpoints, or `noSlot` while the flow is plain.
    var ends = Flow.noSlot
    /// Tells it from others that had or will have its slot: the lower half of its number.
    let mark: UInt32
    /// From 1, in the order of first packets.
    let number: UInt64
    var first: Int64
    var firstReference: PacketReference
    var findings: FindingSet = []
    /// The number of the incarnation before it, or 0.
    var incarnationOf: UInt64 = 0
    /// The slot of its detail, or `noSlot` while nothing is open.
    var detail = Flow.noSlot
    /// The slot of the incarnation before it that is still in memory, or `noSlot`.
    var older = Flow.noSlot
    var rolesGuessed = false
    /// The SYN carried data that the SYN,ACK took (RFC 7413), or a cookie only, which may have been taken.
    var usedFastOpen = false

    /// The octets up to `mark`.
    static var hotOctets: Int { 64 }

    init(
        number: UInt64, pair: SocketPair, tunnel: Tunnel, first: Int64, firstReference: PacketReference
    ) {
        self.number = number
        mark = UInt32(truncatingIfNeeded: number)
        self.pair = pair
        self.tunnel = tunnel
        self.first = first
        self.firstReference = firstReference
        last = first
    }
}

/// One incarnation of a connection: two endpoints and what they have in common.
///
/// A reference to a record in the store; it is valid while the flow is in memory. While the flow is plain
/// (`Plain/PlainFlow.swift`) it has no endpoints, and who asks for one makes a mistake that traps.
@safe
struct Flow {
    private let core: UnsafeMutablePointer<FlowCore>
    private let plainPart: UnsafeMutablePointer<PlainFlow>
    /// Initiator, responder.
    private let plainEnds: UnsafeMutablePointer<PlainEnd>
    /// Initiator, responder; nil while the flow is plain.
    private let ends: UnsafeMutablePointer<Endpoint>?

    static var noSlot: UInt32 { .max }

    @unsafe
    init(
        core: UnsafeMutablePointer<FlowCore>, plain: UnsafeMutablePointer<PlainFlow>,
        plainEnds: UnsafeMutablePointer<PlainEnd>, ends: UnsafeMutablePointer<Endpoint>?
    ) {
        unsafe self.core = unsafe core
        unsafe plainPart = unsafe plain
        unsafe self.plainEnds = unsafe plainEnds
        unsafe self.ends = unsafe ends
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
        unsafeAddress { unsafe UnsafePointer(plainPart) }
        nonmutating unsafeMutableAddress { unsafe plainPart }
    }
    subscript(plain side: EndpointRole) -> PlainEnd {
        unsafeAddress { unsafe UnsafePointer(plainEnds + Int(side.rawValue)) }
        nonmutating unsafeMutableAddress { unsafe plainEnds + Int(side.rawValue) }
    }
    var isPlain: Bool { unsafe ends == nil }
    var endsSlot: UInt32 { unsafe core.pointee.ends }

    var number: UInt64 { unsafe core.pointee.number }
    var mark: UInt32 { unsafe core.pointee.mark }
    var pair: SocketPair { unsafe core.pointee.pair }
    var tunnel: Tunnel { unsafe core.pointee.tunnel }
    var first: Int64 { unsafe core.pointee.first }
    var firstReference: PacketReference { unsafe core.pointee.firstReference }
    var last: Int64 {
        get { unsafe core.pointee.last }
        nonmutating set { unsafe core.pointee.last = newValue }
    }
    var detail: UInt32 {
        get { unsafe core.pointee.detail }
        nonmutating set { unsafe core.pointee.detail = newValue }
    }
    var older: UInt32 {
        get { unsafe core.pointee.older }
        nonmutating set { unsafe core.pointee.older = newValue }
    }
    var incarnationOf: UInt64 { unsafe core.pointee.incarnationOf }
    var findings: FindingSet {
        get { unsafe core.pointee.findings }
        nonmutating set { unsafe core.pointee.findings = newValue }
    }
    var rolesGuessed: Bool { unsafe core.pointee.rolesGuessed }
    var usedFastOpen: Bool {
        get { unsafe core.pointee.usedFastOpen }
        nonmutating set { unsafe core.pointee.usedFastOpen = newValue }
    }
    var isQueued: Bool {
        get { unsafe core.pointee.isQueued }
        nonmutating set { unsafe core.pointee.isQueued = newValue }
    }
    var isNewest: Bool {
        get { unsafe core.pointee.isNewest }
        nonmutating set { unsafe core.pointee.isNewest = newValue }
    }
    var isGone: Bool {
        get { unsafe core.pointee.isGone }
        nonmutating set { unsafe core.pointee.isGone = newValue }
    }

    /// Which end sent a segment of this flow.
    func role(of c: CapturedSegment) -> EndpointRole {
        c.pair.sourcePort == pair.sourcePort && c.pair.source == pair.source ? .initiator : .responder
    }

    func nature(_ side: EndpointRole, _ l: Ledger) -> EndpointNature {
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
