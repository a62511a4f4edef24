import TCPStateMachine

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

/// Both endpoints of a flow that is not plain, and its history. It is there as long as the flow is in memory.
@safe
struct FlowEnds: SlabContent {
    /// Initiator, responder; behind them the history.
    private let ends: UnsafeMutablePointer<Endpoint>

    private static var historyOffset: Int { 2 * MemoryLayout<Endpoint>.stride }
    static var octets: Int { historyOffset + MemoryLayout<FlowHistory>.stride }

    /// Memory that has been made endpoints.
    @unsafe
    init(_ memory: UnsafeMutableRawPointer) {
        unsafe ends = unsafe memory.assumingMemoryBound(to: Endpoint.self)
    }

    /// Makes endpoints, of which nothing is known, of memory whose contents mean nothing.
    @unsafe
    init(beginning memory: UnsafeMutableRawPointer) {
        unsafe ends = unsafe memory.bindMemory(to: Endpoint.self, capacity: 2)
        unsafe ends.initialize(to: Endpoint())
        unsafe (ends + 1).initialize(to: Endpoint())
        unsafe (memory + Self.historyOffset).bindMemory(to: FlowHistory.self, capacity: 1).initialize(to: FlowHistory())
    }

    @unsafe
    @inline(__always)
    func address(of side: EndpointRole) -> UnsafePointer<Endpoint> { unsafe UnsafePointer(mutableAddress(of: side)) }

    @unsafe
    @inline(__always)
    func mutableAddress(of side: EndpointRole) -> UnsafeMutablePointer<Endpoint> {
        unsafe ends + Int(side.rawValue)
    }

    /// In place.
    var history: FlowHistory {
        unsafeAddress { unsafe UnsafePointer(pastPart) }
        nonmutating unsafeMutableAddress { unsafe pastPart }
    }

    private var pastPart: UnsafeMutablePointer<FlowHistory> {
        let memory = unsafe UnsafeMutableRawPointer(ends) + Self.historyOffset
        return unsafe memory.assumingMemoryBound(to: FlowHistory.self)
    }
}
