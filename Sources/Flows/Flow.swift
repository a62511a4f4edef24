import TCPStateMachine
import WireFormat

/// One incarnation of a connection: two endpoints and what they have in common.
struct Flow: ~Copyable {
    /// From 1, in the order of first packets.
    var number: UInt64
    /// The initiator is the source.
    var pair: SocketPair
    var key: FlowKey
    var first: Int64
    var firstReference: PacketReference
    var last: Int64
    /// Initiator, responder.
    var ends = InlineArray<2, Endpoint> { _ in Endpoint() }
    /// The slot of its detail.
    var detail: UInt32
    /// The slot of the incarnation before it that is still in memory, or `noSlot`.
    var older: UInt32 = Flow.noSlot
    /// The number of the incarnation before it, or 0.
    var incarnationOf: UInt64 = 0
    var findings: FindingSet = []
    var initiatorIsLow: Bool
    var rolesGuessed = false
    /// The SYN carried data that the SYN,ACK took (RFC 7413), or a cookie only, which may have been taken.
    var usedFastOpen = false
    /// It waits in the queue of flows that have ended.
    var isQueued = false
    /// No later incarnation has taken its place in the index.
    var isNewest = true
    /// The slot was given back.
    var isGone = false
    /// When TIME-WAIT began, per endpoint, 0 if not.
    var timeWaitSince: (initiator: Int64, responder: Int64) = (0, 0)
    /// A segment that fitted nothing, which a second one may confirm.
    var stranger: Stranger?

    static let noSlot = UInt32.max

    var initiator: Endpoint { _read { yield ends[0] } }
    var responder: Endpoint { _read { yield ends[1] } }

    subscript(side: EndpointRole) -> Endpoint {
        _read { yield ends[Int(side.rawValue)] }
        _modify { yield &ends[Int(side.rawValue)] }
    }

    func nature(_ side: EndpointRole, _ options: TrackerOptions) -> EndpointNature {
        switch side {
        case .initiator: EndpointNature(opening: initiator.opening, profile: options.initiatorProfile)
        case .responder: EndpointNature(opening: responder.opening, profile: options.responderProfile)
        }
    }
}

/// The numbers of a segment that fitted nothing.
struct Stranger: BitwiseCopyable {
    var side: EndpointRole
    var end: SequenceNumber
    var acknowledgmentNumber: SequenceNumber
    var hasAck: Bool
}

/// What both endpoints keep while something is open.
struct FlowDetail: ~Copyable {
    /// Initiator, responder.
    var ends = InlineArray<2, EndpointDetail> { _ in EndpointDetail() }

    var initiator: EndpointDetail { _read { yield ends[0] } }
    var responder: EndpointDetail { _read { yield ends[1] } }

    subscript(side: EndpointRole) -> EndpointDetail {
        _read { yield ends[Int(side.rawValue)] }
        _modify { yield &ends[Int(side.rawValue)] }
    }
}
