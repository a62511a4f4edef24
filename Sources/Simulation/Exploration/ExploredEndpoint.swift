import TCPStateMachine

/// An endpoint as the exploration sees it: the machine, what its user and its timers may still do, and which FIN came
/// first.
struct ExploredEndpoint: Hashable, Sendable, BitwiseCopyable {
    /// Which came first in this incarnation: that a FIN was sent, or that the peer's was received.
    enum FinOrder: UInt8, Hashable, Sendable, BitwiseCopyable {
        case none
        case sentFirst
        case receivedFirst
    }

    var connection: Connection
    var allowance: ExplorationBounds.Allowance
    var finOrder = FinOrder.none

    /// There is no connection, and nobody opens one any more.
    var isGone: Bool { connection.state == .closed && allowance.opens == 0 }

    /// What can no longer be used does not tell two endpoints apart: the one that is gone uses nothing, and what
    /// LAST-ACK leads to is CLOSED, so that its user's SENDs and CLOSEs are errors for ever.
    mutating func forgetIdleAllowance() {
        guard allowance.opens == 0 else { return }
        switch connection.state {
        case .closed:
            allowance.sends = 0
            allowance.closes = 0
            allowance.aborts = 0
            allowance.retransmissions = 0
            allowance.userTimeouts = 0
            allowance.icmpErrors = 0
            allowance.crashes = 0
        case .lastAck:
            allowance.sends = 0
            allowance.closes = 0
        case .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .timeWait:
            break
        }
    }

    /// Follows the FINs by what is sent and by what the user is told, not by the names of the states.
    mutating func noteFins(rules: RuleList, segments: SegmentList, signals: Signals) {
        for rule in rules {
            switch rule.to {
            case .closed, .listen, .synSent: finOrder = .none
            case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: break
            }
            // A connection reopened from TIME-WAIT has a past until its own SYN is acknowledged.
            if rule.from == .synReceived, rule.to != .timeWait { finOrder = .none }
        }
        guard finOrder == .none else { return }
        if signals.contains(.connectionClosing) {
            finOrder = .receivedFirst
        } else if segments.contains(where: { $0.hasFin }) {
            finOrder = .sentFirst
        }
    }
}

/// A step that an endpoint takes by itself.
enum LocalEvent: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case activeOpen
    case passiveOpen
    case send
    case receive
    case close
    case closeBothWays
    case abort
    case retransmission
    case retransmissionLimit
    case userTimeout
    case timeWaitTimeout
    case finWait2Timeout
    case icmpHardError
    case icmpSoftError
    case crash

    /// In the words of the RFC.
    var name: String {
        switch self {
        case .activeOpen: "active OPEN"
        case .passiveOpen: "passive OPEN"
        case .send: "SEND"
        case .receive: "RECEIVE"
        case .close: "CLOSE"
        case .closeBothWays: "CLOSE without further receiving"
        case .abort: "ABORT"
        case .retransmission: "retransmission timeout"
        case .retransmissionLimit: "retransmission timeout at R2"
        case .userTimeout: "user timeout"
        case .timeWaitTimeout: "time-wait timeout"
        case .finWait2Timeout: "fin-wait-2 timeout"
        case .icmpHardError: "ICMP hard error"
        case .icmpSoftError: "ICMP soft error"
        case .crash: "crash"
        }
    }

    /// What the event takes from the allowance, or nil if it is free.
    var cost: WritableKeyPath<ExplorationBounds.Allowance, UInt8>? {
        switch self {
        case .activeOpen, .passiveOpen: \.opens
        case .send: \.sends
        case .close, .closeBothWays: \.closes
        case .abort: \.aborts
        case .retransmission: \.retransmissions
        case .userTimeout: \.userTimeouts
        case .icmpHardError, .icmpSoftError: \.icmpErrors
        case .crash: \.crashes
        case .receive, .retransmissionLimit, .timeWaitTimeout, .finWait2Timeout: nil
        }
    }
}

/// What became of one endpoint by one event.
struct EndpointStep: Hashable, Sendable, BitwiseCopyable {
    /// The endpoint.
    var side: End
    /// The event, or nil for a segment that arrived.
    var event: LocalEvent?
    /// The endpoint afterwards, by its number.
    var after: UInt32
    /// What is sent, in order, by number.
    var segments = SegmentQueue()
    var rules = RuleList()
    /// The state changed otherwise than by rules of the profile's table.
    var leavesTable = false
    /// More was sent than a table or a queue holds: the step is outside the bounds.
    var overflows = false
    /// How many admitted steps of the exploration this was.
    var taken = 0
}
