import TCPStateMachine

/// The timers of connections.
extension Simulator {
    /// The timers that run for the connection between these ports at one end, the next first.
    public func timers(at end: End, of ports: PortPair) -> [(kind: TimerKind, time: VirtualTime)] {
        guard let index = self[end].socket(for: ports) else { return [] }
        return queue.planned.compactMap { entry in
            guard case .timeout(end, index, let kind) = entry.happening else { return nil }
            return (kind, entry.time)
        }
    }

    /// Starts timers, or starts them anew.
    mutating func start(_ timers: Timers, _ end: End, _ index: Int32) {
        let socket = self[end].sockets[Int(index)]
        let settings = self[end].settings
        if timers.contains(.retransmission) { set(.retransmission, end, index, after: socket.clock.timeout(settings)) }
        if timers.contains(.user), let userTimeout = settings.userTimeout { set(.user, end, index, after: userTimeout) }
        if timers.contains(.timeWait) {
            set(.timeWait, end, index, after: Int64(settings.profile.timeWaitSeconds) * Duration.second)
        }
        if timers.contains(.finWait2) {
            set(.finWait2, end, index, after: Int64(settings.profile.finWait2Seconds) * Duration.second)
        }
        if timers.contains(.delayedAcknowledgment) {
            set(.delayedAcknowledgment, end, index, after: settings.acknowledgmentDelay)
        }
    }

    mutating func stop(_ timers: Timers, _ end: End, _ index: Int32) {
        for kind in TimerKind.allCases {
            guard let timer = kind.timer, timers.contains(timer) else { continue }
            queue.remove(.timeout(end, socket: index, kind))
        }
    }

    private mutating func set(_ kind: TimerKind, _ end: End, _ index: Int32, after duration: Int64) {
        queue.add(.timeout(end, socket: index, kind), at: now.advanced(by: duration))
    }

    /// A timer has run out.
    mutating func runOut(_ kind: TimerKind, _ end: End, _ index: Int32) {
        let (side, place) = (Int(end.rawValue), Int(index))
        let event: Event
        switch kind {
        case .retransmission:
            event = .retransmissionTimeout(retransmissions: hosts[side].sockets[place].clock.retransmissions)
            hosts[side].sockets[place].clock.noteTimeout()
        case .user: event = .userTimeout
        case .timeWait: event = .timeWaitTimeout
        case .finWait2: event = .finWait2Timeout
        case .delayedAcknowledgment: event = .delayedAcknowledgmentTimeout
        case .keepalive: return keepAlive(end, index)
        }
        handle(event, at: end, index, as: .timeout(kind))
    }

    /// Nothing has come for long: a probe; and after the last one the connection is given up, as by its user timeout
    /// (RFC 9293 section 3.8.4 leaves open how; Linux sends a RST with it).
    private mutating func keepAlive(_ end: End, _ index: Int32) {
        let (side, place) = (Int(end.rawValue), Int(index))
        guard let keepalive = hosts[side].settings.keepalive else { return }
        if hosts[side].sockets[place].probes >= keepalive.probes {
            let isLinux = hosts[side].settings.profile.name == .linux
            handle(isLinux ? .abort : .userTimeout, at: end, index, as: .timeout(.keepalive))
            return
        }
        hosts[side].sockets[place].probes += 1
        handle(.keepaliveTimeout, at: end, index, as: .timeout(.keepalive))
        set(.keepalive, end, index, after: keepalive.interval)
    }

    /// The keepalive timer runs while the connection is up.
    mutating func settleKeepalive(before: Connection, _ end: End, _ index: Int32) {
        guard let keepalive = self[end].settings.keepalive else { return }
        let state = self[end].sockets[Int(index)].connection.state
        if state.isKeptAlive, !before.state.isKeptAlive {
            set(.keepalive, end, index, after: keepalive.idle)
        } else if !state.isKeptAlive, before.state.isKeptAlive {
            queue.remove(.timeout(end, socket: index, .keepalive))
        }
    }

    /// Something has come: the connection is not idle.
    mutating func noteSignOfLife(_ end: End, _ index: Int32) {
        let (side, place) = (Int(end.rawValue), Int(index))
        let socket = hosts[side].sockets[place]
        if socket.connection.sndWnd == 0 {
            hosts[side].sockets[place].clock.noteAnsweredProbe()
            // "The sending TCP peer MUST allow the connection to stay open" (RFC 9293 section 3.8.6.1).
            if socket.connection.running.contains(.user) { start(.user, end, index) }
        }
        guard let keepalive = hosts[side].settings.keepalive, socket.connection.state.isKeptAlive else { return }
        hosts[side].sockets[place].probes = 0
        set(.keepalive, end, index, after: keepalive.idle)
    }
}

extension TimerKind {
    /// As the RFCs name it.
    public var name: String { timer?.description ?? "keepalive" }

    /// As the machine names it; nil for the one that only its holder knows.
    var timer: Timers? {
        switch self {
        case .retransmission: .retransmission
        case .user: .user
        case .timeWait: .timeWait
        case .finWait2: .finWait2
        case .delayedAcknowledgment: .delayedAcknowledgment
        case .keepalive: nil
        }
    }
}

extension State {
    /// Where a peer that has nothing to say may have vanished.
    fileprivate var isKeptAlive: Bool {
        switch self {
        case .established, .closeWait, .finWait2: true
        case .closed, .listen, .synSent, .synReceived, .finWait1, .closing, .lastAck, .timeWait: false
        }
    }
}
