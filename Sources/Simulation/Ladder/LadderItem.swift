import TCPStateMachine

/// What one end has to show of an incident.
struct LadderItem {
    enum Kind {
        case departure(Int32)
        case arrival(Int32)
        case comment(Ladder.Comment)
        /// The state alone.
        case quiet
        /// Both states are asked for.
        case states
    }

    var time: VirtualTime
    var end: End
    /// Of the connection; that of a peer who is not known yet is 0.
    var ports: PortPair
    /// Of the connection whose line it stands on.
    var shownPorts: PortPair
    /// The state after it.
    var state: State
    var kind: Kind
}

extension LadderItem {
    /// Nil where a ladder shows nothing of the incident.
    init?(_ incident: Incident, in history: History) {
        guard let kind = LadderItem.kind(of: incident, in: history) else { return nil }
        self.init(
            time: incident.time, end: incident.end, ports: incident.ports, shownPorts: incident.ports,
            state: incident.state, kind: kind)
    }

    var isQuiet: Bool {
        if case .quiet = kind { true } else { false }
    }

    var isArrival: Bool {
        if case .arrival = kind { true } else { false }
    }

    var isComment: Bool {
        if case .comment = kind { true } else { false }
    }

    private static func kind(of incident: Incident, in history: History) -> Kind? {
        switch incident.what {
        case .departure(let number): .departure(number)
        case .arrival(let number, _): .arrival(number)
        case .icmpError(let number, _): .comment(.icmp(history.errors[Int(number)].report))
        case .call(_, .error): nil
        case .call(let call, _): kind(of: call)
        case .timeout(let timer): kind(of: timer, incident.state)
        case .crash: .comment(.crash)
        case .restart: .comment(.restart)
        case .remark(let number): .comment(.remark(number))
        case .statesAsked: .states
        case .signal: nil
        }
    }

    private static func kind(of call: UserCall) -> Kind? {
        switch call {
        case .close: .comment(.close)
        case .shutdown: .comment(.shutdown)
        case .abort: .comment(.abort)
        case .vanish: .comment(.vanish)
        case .openPassive, .listen: .quiet
        case .openActive, .openFast, .send, .receive, .status: nil
        }
    }

    private static func kind(of timer: TimerKind, _ state: State) -> Kind? {
        switch timer {
        case .timeWait: .comment(.twiceMSL)
        case .user: .comment(.userTimeout)
        case .finWait2: .comment(.finWait2Timeout)
        case .retransmission: state == .closed ? .comment(.retransmissionLimit) : nil
        case .keepalive: state == .closed ? .comment(.keepaliveTimeout) : nil
        case .delayedAcknowledgment: nil
        }
    }
}
