public import TCPStateMachine

/// What must hold in every world.
public enum Invariant: Int, CaseIterable, Hashable, Sendable {
    /// A state changes by rules of the profile's table, and by nothing else.
    case ruleTable
    /// If both endpoints are ESTABLISHED, their numbers match.
    case matchingNumbers
    /// A half-open connection is discovered when either side sends.
    case halfOpenDiscovered
    /// Nobody waits for the network or a timer if there is nothing to wait for.
    case noDeadlock
    /// TIME-WAIT is only for who sent its FIN before it received the peer's.
    case timeWaitOrder

    var set: InvariantSet { InvariantSet(rawValue: 1 << UInt32(rawValue)) }

    /// As in reports.
    public var name: String {
        switch self {
        case .ruleTable: "rule-table"
        case .matchingNumbers: "matching-numbers"
        case .halfOpenDiscovered: "half-open-discovered"
        case .noDeadlock: "no-deadlock"
        case .timeWaitOrder: "time-wait-order"
        }
    }

    /// The invariant in a sentence.
    public var text: String {
        switch self {
        case .ruleTable: "no endpoint leaves the rule table"
        case .matchingNumbers: "both ESTABLISHED implies matching numbers"
        case .halfOpenDiscovered: "a half-open connection is discovered when either side sends"
        case .noDeadlock: "no deadlock except in the final states"
        case .timeWaitOrder: "TIME-WAIT only in an endpoint that sent its FIN before it received the peer's"
        }
    }

    /// Where the RFC says so.
    public var source: String {
        switch self {
        case .ruleTable: "RFC 793 section 3.9; RFC 9293 section 3.10"
        case .matchingNumbers: "RFC 793 section 3.4 p. 32; RFC 9293 section 3.5.1"
        case .halfOpenDiscovered: "RFC 793 section 3.4 p. 32-34; RFC 9293 section 3.5.1"
        case .noDeadlock: "RFC 793 section 3.9 p. 77; RFC 1122 section 4.2.3.5"
        case .timeWaitOrder: "RFC 793 section 3.5 p. 37-38, figure 6; RFC 9293 section 3.6"
        }
    }
}

extension ConnectionModel {
    public mutating func violations(in world: World) -> InvariantSet {
        let (a, b) = (table.endpoint(world.a), table.endpoint(world.b))
        var violated: InvariantSet = []
        if a.connection.state == .established, b.connection.state == .established,
            !a.connection.matches(b.connection)
        {
            violated.formUnion(Invariant.matchingNumbers.set)
        }
        for endpoint in [a, b] where endpoint.connection.state == .timeWait && endpoint.finOrder != .sentFirst {
            violated.formUnion(Invariant.timeWaitOrder.set)
        }
        if world.isQuiet, !halfOpenIsDiscovered(a.connection, b.connection) {
            violated.formUnion(Invariant.halfOpenDiscovered.set)
        }
        return violated
    }

    public mutating func violations(inDeadEnd world: World) -> InvariantSet {
        noteDeadEnd(world)
        let (a, b) = (connection(of: .a, in: world), connection(of: .b, in: world))
        return world.isQuiet && FinalStates.isFinal(a, b) ? [] : Invariant.noDeadlock.set
    }
}

/// The pairs of states in which both endpoints may stay for ever: they wait for a user, or for nothing.
public enum FinalStates {
    /// Whether nothing has to happen any more.
    static func isFinal(_ a: Connection, _ b: Connection) -> Bool {
        guard isFinal(a.state, b.state) else { return false }
        let nobody: StateSet = [StateSet(.closed), StateSet(.listen)]
        if nobody.contains(a.state) || nobody.contains(b.state) { return isIdle(a) && isIdle(b) }
        return a.matches(b) && b.rcvNxt == a.sndNxt && a.rcvNxt == b.sndNxt && isIdle(a) && isIdle(b)
    }

    /// Whether a pair is in the list.
    public static func isFinal(_ a: State, _ b: State) -> Bool {
        switch (a, b) {
        // No connection.
        case (.closed, .closed), (.closed, .listen), (.listen, .closed), (.listen, .listen): true
        // The users have nothing to say, or one of them has not closed yet.
        case (.established, .established), (.finWait2, .closeWait), (.closeWait, .finWait2): true
        // Half-open, and nobody sends (RFC 793 p. 32): one end waits for its user, or for a FIN that will not come.
        case (.established, .closed), (.established, .listen), (.closed, .established), (.listen, .established): true
        case (.closeWait, .closed), (.closeWait, .listen), (.closed, .closeWait), (.listen, .closeWait): true
        case (.finWait2, .closed), (.finWait2, .listen), (.closed, .finWait2), (.listen, .finWait2): true
        default: false
        }
    }

    /// Nothing of the connection's own is still to be acknowledged or sent.
    private static func isIdle(_ connection: Connection) -> Bool {
        connection.inFlight == 0 && connection.unsent == 0 && !connection.closePending
    }
}

extension Connection {
    /// Whether this end and the other speak of the same connection: each knows the other's ISS, and what one has
    /// received lies between what the other knows to be acknowledged and what it has sent.
    func matches(_ other: Connection) -> Bool {
        initialSendNumber == other.initialReceiveNumber && other.initialSendNumber == initialReceiveNumber
            && sndUna.isAtOrBefore(other.rcvNxt) && other.rcvNxt.isAtOrBefore(sndNxt)
            && other.sndUna.isAtOrBefore(rcvNxt) && rcvNxt.isAtOrBefore(other.sndNxt)
    }
}
