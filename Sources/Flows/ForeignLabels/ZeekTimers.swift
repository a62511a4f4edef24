/// When Zeek looks at a connection again, and when it forgets it. Microseconds since the epoch, on the packet clock.
struct ZeekTimers: BitwiseCopyable {
    private static let second: Int64 = 1_000_000
    /// Until a handshake has come to something.
    private static let handshakeInactivity = 60 * second
    static let establishedInactivity = 300 * second
    static let attemptDelay = 5 * second
    static let closeDelay = 5 * second
    private static let resetDelay = 5 * second
    static let firstLook = 5 * second
    static let nextLook = 6 * second
    private static let linger = 5 * second
    static let never = Int64.max

    /// Something is still expected of the connection.
    var isActive = true
    var inactivity = handshakeInactivity
    private(set) var attempt = never
    /// Two chains of looks: one from the beginning, one from when the first end closed.
    private(set) var look: Int64
    private(set) var halfClosedLook = never
    private(set) var deletion = never
    private(set) var reset = never

    init(first: Int64) {
        look = first &+ Self.firstLook
    }

    /// Those of a connection that has gone on as expected.
    ///
    /// - Parameters:
    ///   - last: when the last segment came.
    ///   - isAnswered: the SYN,ACK has come.
    ///   - closed: when the second end closed, if it has.
    init(first: Int64, last: Int64, look: Int64, halfClosedLook: Int64, isAnswered: Bool, closed: Int64?) {
        self.look = look
        self.halfClosedLook = halfClosedLook
        if isAnswered { inactivity = Self.establishedInactivity }
        // What came later than that found the SYN answered.
        if last < first &+ Self.attemptDelay { attempt = first &+ Self.attemptDelay }
        guard let closed else { return }
        isActive = false
        delete(last: closed)
    }

    /// The originator has sent a SYN.
    mutating func attempt(at time: Int64) {
        attempt = min(attempt, time &+ Self.attemptDelay)
    }

    /// An end sent a RST behind its FIN.
    mutating func reset(at time: Int64) {
        reset = min(reset, time &+ Self.resetDelay)
    }

    /// One end has closed, the other not.
    mutating func watchHalfClosed(last: Int64) {
        halfClosedLook = last &+ Self.nextLook
    }

    /// It is over: nothing else is waited for.
    mutating func delete(last: Int64) {
        attempt = Self.never
        look = Self.never
        halfClosedLook = Self.never
        reset = Self.never
        deletion = last &+ Self.closeDelay
    }

    /// When the next of them is due.
    func next(last: Int64) -> Int64 {
        min(min(min(attempt, look), min(halfClosedLook, deletion)), min(reset, last &+ inactivity))
    }

    /// What is due first, at `now` at the latest; it is then done with.
    mutating func take(now: Int64, last: Int64) -> Due? {
        let due = next(last: last)
        guard due <= now else { return nil }
        if due == attempt {
            attempt = Self.never
            return .attempt
        }
        if due == look {
            look = isActive ? now &+ Self.nextLook : Self.never
            return .look
        }
        if due == halfClosedLook {
            halfClosedLook = isActive ? now &+ Self.nextLook : Self.never
            return .look
        }
        if due == reset {
            reset = Self.never
            return .reset
        }
        return .end
    }

    enum Due {
        case attempt
        case look
        case reset
        case end
    }

    /// Nothing has come for so long that a look may end the connection.
    func hasLingered(last: Int64, now: Int64) -> Bool { last &+ Self.linger < now }
}

extension ZeekConnection {
    /// Whether Zeek has forgotten the connection by `now`.
    mutating func isForgotten(at now: Int64) -> Bool {
        while let due = timers.take(now: now, last: last) {
            switch due {
            case .end: return true
            case .attempt: if timers.isActive, isUnanswered { return true }
            case .reset: if timers.isActive { return true }
            case .look: if timers.isActive, timers.hasLingered(last: last, now: now), isLikelyOver { return true }
            }
        }
        return false
    }

    /// The originator's SYN has no answer.
    var isUnanswered: Bool {
        let state = ends[originator].state
        return (state == .synSent || state == .synAckSent) && ends[responder].state == .inactive
    }

    /// An end has closed and the other will not go on; or nothing ever happened.
    private var isLikelyOver: Bool {
        let states = (ends[0].state, ends[1].state)
        if states == (.inactive, .inactive) { return true }
        guard ends[0].hasClosed || ends[1].hasClosed else { return false }
        return (ends[0].hasClosed && ends[1].hasClosed) || states.0 == .reset || states.1 == .reset
            || states.0 == .inactive || states.1 == .inactive
    }
}
