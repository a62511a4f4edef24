import TCPStateMachine
import WireFormat

/// What a flow keeps at hand for every segment.
struct FlowCore: ~Copyable {
    /// From 1, in the order of first packets.
    var number: UInt64
    /// The initiator is the source.
    var pair: SocketPair
    var tunnel: Tunnel
    var first: Int64
    var firstReference: PacketReference
    var last: Int64
    /// The slot of its detail, or `noSlot` while nothing is open.
    var detail: UInt32
    /// The slot of the incarnation before it that is still in memory, or `noSlot`.
    var older: UInt32 = Flow.noSlot
    /// The number of the incarnation before it, or 0.
    var incarnationOf: UInt64 = 0
    var findings: FindingSet = []
    var rolesGuessed = false
    /// The SYN carried data that the SYN,ACK took (RFC 7413), or a cookie only, which may have been taken.
    var usedFastOpen = false
    /// It waits in the queue of flows that have ended.
    var isQueued = false
    /// No later incarnation has taken its place in the index.
    var isNewest = true
    /// The slot was given back.
    var isGone = false
    /// Since when an endpoint has been in a state that is to end in time (TIME-WAIT, CLOSE-WAIT, FIN-WAIT-2, LAST-ACK),
    /// or when the half-closed connection was last used, nanoseconds since the epoch; 0 if neither.
    var initiatorClock: Int64 = 0
    var responderClock: Int64 = 0
}

/// One incarnation of a connection: two endpoints and what they have in common.
///
/// A reference to a record in the store; it is valid while the flow is in memory.
@safe
struct Flow {
    private let core: UnsafeMutablePointer<FlowCore>
    /// Initiator, responder.
    private let ends: UnsafeMutablePointer<Endpoint>

    static var noSlot: UInt32 { .max }

    @unsafe
    init(core: UnsafeMutablePointer<FlowCore>, ends: UnsafeMutablePointer<Endpoint>) {
        unsafe self.core = unsafe core
        unsafe self.ends = unsafe ends
    }

    /// An endpoint, in place.
    subscript(side: EndpointRole) -> Endpoint {
        unsafeAddress { unsafe UnsafePointer(ends + Int(side.rawValue)) }
        nonmutating unsafeMutableAddress { unsafe ends + Int(side.rawValue) }
    }

    var initiator: Endpoint { unsafeAddress { unsafe UnsafePointer(ends) } }
    var responder: Endpoint { unsafeAddress { unsafe UnsafePointer(ends + 1) } }

    var number: UInt64 { unsafe core.pointee.number }
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
    var initiatorClock: Int64 {
        get { unsafe core.pointee.initiatorClock }
        nonmutating set { unsafe core.pointee.initiatorClock = newValue }
    }
    var responderClock: Int64 {
        get { unsafe core.pointee.responderClock }
        nonmutating set { unsafe core.pointee.responderClock = newValue }
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
