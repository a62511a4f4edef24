public import TCPStateMachine

/// The ports of a connection, at either end.
public struct PortPair: Hashable, Sendable, BitwiseCopyable {
    public var a: UInt16
    public var b: UInt16

    @inlinable
    public init(a: UInt16, b: UInt16) {
        self.a = a
        self.b = b
    }

    /// The port at `end`.
    @inlinable
    public subscript(end: End) -> UInt16 { end == .a ? a : b }

    /// The pair with the port at `end` replaced.
    @inlinable
    func with(_ port: UInt16, at end: End) -> PortPair {
        end == .a ? PortPair(a: port, b: b) : PortPair(a: a, b: port)
    }
}

/// A transmission control block at one end, with the timers that its connection asks for.
public struct Socket: Hashable, Sendable {
    /// The ports; that of the peer is 0 while it is not specified.
    public internal(set) var ports: PortPair
    public internal(set) var connection: Connection
    /// The listener that made this connection for a SYN, if one did.
    public internal(set) var listener: Int32?
    /// How many connections that are not yet synchronized it may have, if this is a listener.
    public internal(set) var backlog: Int32?
    var clock = RetransmissionClock()
    /// Unanswered keepalive probes.
    var probes: UInt8 = 0

    /// Nothing is left of it but its number.
    public var isGone: Bool { connection.state == .closed }

    /// The connection ends without a word.
    mutating func clear() {
        connection = Connection(
            profile: connection.profile, parameters: connection.parameters, nextInitialNumber: SequenceNumber(0))
    }
}

/// One end of the network: its sockets, all that were ever made, in order.
public struct Host: Hashable, Sendable {
    public let end: End
    public internal(set) var settings: HostSettings
    public internal(set) var sockets: [Socket] = []
    /// The sockets with the same ports, in order: those that are gone may be missing.
    private var places: [PortPair: [Int32]] = [:]
    /// Connections of each listener that are not yet synchronized.
    private var pending: [Int32: Int] = [:]
    /// False between a crash and the restart.
    public internal(set) var isUp = true
    /// It has a Fast Open cookie of the other end.
    var hasFastOpenCookie: Bool
    /// How many of `settings.initialNumbers` have been used.
    var usedNumbers = 0
    /// IPv4 identification of the next packet.
    var identification: UInt16 = 1
    /// Added to the clock of milliseconds that timestamps come from.
    var timestampOffset: UInt32

    init(end: End, settings: HostSettings, timestampOffset: UInt32) {
        self.end = end
        self.settings = settings
        self.timestampOffset = timestampOffset
        hasFastOpenCookie = settings.hasFastOpenCookie
    }

    /// The socket that a segment between these ports is for: the connection's own, or one that waits for it.
    public func socket(for ports: PortPair) -> Int32? {
        if let own = places[ports]?.first(where: { !sockets[Int($0)].isGone }) { return own }
        // A TCB that named its peer waits for nobody else.
        return places[ports.with(0, at: end.other)]?.last { sockets[Int($0)].connection.state == .listen }
    }

    /// A new socket; returns its number.
    mutating func add(_ socket: Socket) -> Int32 {
        let index = Int32(truncatingIfNeeded: sockets.count)
        sockets.append(socket)
        enter(index)
        return index
    }

    /// Nothing has come of the last one.
    mutating func removeLast() {
        guard let last = sockets.popLast() else { return }
        places[last.ports]?.removeAll { Int($0) == sockets.count }
    }

    /// The socket has learned its peer, or forgotten it.
    mutating func set(_ ports: PortPair, of index: Int32) {
        let old = sockets[Int(index)].ports
        guard old != ports else { return }
        places[old]?.removeAll { $0 == index }
        sockets[Int(index)].ports = ports
        enter(index)
    }

    private mutating func enter(_ index: Int32) {
        var known = places[sockets[Int(index)].ports] ?? []
        known.removeAll { sockets[Int($0)].isGone }
        known.append(index)
        known.sort()
        places[sockets[Int(index)].ports] = known
    }

    /// The state between these ports: LISTEN where someone waits for them, CLOSED where nothing is.
    public func state(of ports: PortPair) -> State {
        guard let index = socket(for: ports) else { return .closed }
        return sockets[Int(index)].connection.state
    }

    /// Connections of a listener that are not yet synchronized.
    func pendingConnections(of listener: Int32) -> Int { pending[listener] ?? 0 }

    /// A listener's connection has gone from one state to another.
    mutating func notePending(of listener: Int32, from before: State, to after: State) {
        let change = (after == .synReceived ? 1 : 0) - (before == .synReceived ? 1 : 0)
        if change != 0 { pending[listener, default: 0] += change }
    }

    /// Memory is lost: no connection is left.
    mutating func forget() {
        for place in sockets.indices where !sockets[place].isGone { sockets[place].clear() }
        pending = [:]
        hasFastOpenCookie = false
        isUp = false
    }

    /// The value of the timestamp clock (RFC 7323 section 5.4: here a millisecond).
    func timestamp(at time: VirtualTime) -> UInt32 {
        timestampOffset &+ UInt32(truncatingIfNeeded: time.nanoseconds / Duration.millisecond)
    }
}
