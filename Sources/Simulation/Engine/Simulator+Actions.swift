import TCPStateMachine

/// What is done from outside.
extension Simulator {
    /// Does it now.
    public mutating func perform(_ action: Action) {
        switch action {
        case .call(let call, let end, let ports): perform(call, at: end, ports)
        case .crash(let end): crash(end)
        case .restart(let end):
            hosts[Int(end.rawValue)].isUp = true
            note(.restart, at: end, anyPorts(of: end))
        case .inject(let injection, let ports): inject(injection, ports)
        case .icmp(let what, let end, let ports): report(what, to: end, ports)
        case .readAtOnce(let isOn, let end): setReading(isOn, at: end)
        case .latency(let latency, let end): network.settings[latencyFrom: end] = max(latency, 0)
        case .cut(let isOn, let end): network.isCut[Int(end.rawValue)] = isOn
        case .hold(let isOn): hold(isOn)
        case .befall(let mishap, let choice): befall(mishap, choice)
        case .remark(let number, let end, let ports): note(.remark(number), at: end, ports)
        case .showStates(let ports): note(.statesAsked, at: .a, ports)
        }
    }

    private mutating func perform(_ call: UserCall, at end: End, _ ports: PortPair) {
        guard self[end].isUp else { return }
        switch call {
        case .openActive: open(.activeOpen(remoteSpecified: true), call, at: end, ports)
        case .openFast(let octets): open(.fastOpen(octets: octets), call, at: end, ports)
        case .openPassive(let remoteSpecified):
            let own = remoteSpecified ? ports : ports.with(0, at: end.other)
            open(.passiveOpen(remoteSpecified: remoteSpecified), call, at: end, own)
        case .listen(let backlog):
            let own = ports.with(0, at: end.other)
            open(.passiveOpen(remoteSpecified: false), call, at: end, own)
            guard let index = self[end].socket(for: own), self[end].sockets[Int(index)].connection.state == .listen
            else { return }
            hosts[Int(end.rawValue)].sockets[Int(index)].backlog = Int32(backlog)
        case .send(let octets): pass(.send(octets: octets), call, at: end, ports)
        case .receive(let octets): pass(.receive(octets: octets), call, at: end, ports)
        case .close: pass(.close(furtherReceiving: false), call, at: end, ports)
        case .shutdown: pass(.close(furtherReceiving: true), call, at: end, ports)
        case .abort: pass(.abort, call, at: end, ports)
        case .status: pass(.status, call, at: end, ports)
        case .vanish: pass(.socketGone, call, at: end, ports)
        }
    }

    /// A call that needs a connection.
    private mutating func pass(_ event: Event, _ call: UserCall, at end: End, _ ports: PortPair) {
        guard let index = self[end].socket(for: ports), isAccepted(self[end].sockets[Int(index)]) else {
            trace(.call(call), at: end, ports, from: .closed, .closed, .refused(.connectionDoesNotExist))
            return note(.call(call, .error(.connectionDoesNotExist)), at: end, ports)
        }
        handle(event, at: end, index, as: .call(call))
    }

    /// The user of a listener has a connection when it is ESTABLISHED, not before: `accept` returns it then, or when
    /// the SYN has brought text (Fast Open).
    private func isAccepted(_ socket: Socket) -> Bool {
        let connection = socket.connection
        let hasText = connection.rcvNxt != connection.initialReceiveNumber + 1
        return socket.listener == nil || connection.state != .synReceived || hasText
    }

    /// OPEN makes a connection where there is none; where there is one, it says what it makes of it.
    private mutating func open(_ event: Event, _ call: UserCall, at end: End, _ ports: PortPair) {
        let side = Int(end.rawValue)
        // A listener stays what it is: the connection to one peer is another. Nobody listens twice at one port.
        if let index = self[end].socket(for: ports),
            self[end].sockets[Int(index)].backlog == nil || ports[end.other] == 0
        {
            if call == .openActive, self[end].sockets[Int(index)].connection.state == .listen {
                hosts[side].set(ports, of: index)
            }
            handle(event, at: end, index, as: .call(call))
            return
        }
        let settings = self[end].settings
        let connection = Connection(
            profile: settings.profile, parameters: settings.parameters, nextInitialNumber: SequenceNumber(0))
        let index = hosts[side].add(Socket(ports: ports, connection: connection))
        handle(event, at: end, index, as: .call(call))
    }

    /// Memory is lost, and nobody is told.
    private mutating func crash(_ end: End) {
        let side = Int(end.rawValue)
        let known = anyPorts(of: end)
        for place in hosts[side].sockets.indices where !hosts[side].sockets[place].isGone {
            let socket = hosts[side].sockets[place]
            history.transitions.append(
                Transition(
                    time: now, end: end, connection: Int32(place), ports: socket.ports, from: socket.connection.state,
                    to: .closed, rule: nil, cause: nil))
        }
        hosts[side].forget()
        queue.removeTimeouts(of: end)
        note(.crash, at: end, known)
    }

    /// The ports that an accident of a whole host is written down with: of the last connection that is there.
    private func anyPorts(of end: End) -> PortPair {
        let sockets = self[end].sockets
        let last = sockets.last { !$0.isGone && $0.ports[end.other] != 0 } ?? sockets.last
        return last?.ports ?? PortPair(a: 0, b: 0)
    }

    private mutating func setReading(_ isOn: Bool, at end: End) {
        hosts[Int(end.rawValue)].settings.readsAtOnce = isOn
        guard isOn else { return }
        for place in self[end].sockets.indices where self[end].sockets[place].connection.unread > 0 {
            let unread = self[end].sockets[place].connection.unread
            handle(.receive(octets: unread), at: end, Int32(place), as: .habit)
        }
    }
}

extension Outcome {
    /// What the user is answered.
    var answer: CallAnswer {
        switch self {
        case .accepted(let reaction): reaction.status.map { .status($0) } ?? .ok
        case .ignored: .ok
        case .refused(let error): .error(error)
        }
    }
}
