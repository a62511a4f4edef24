import TCPStateMachine

/// A segment has reached its end.
extension Simulator {
    mutating func arrive(_ number: Int32) {
        let sent = history.segments[Int(number)]
        guard sent.fate == .underWay else { return }
        let end = sent.from.other
        guard self[end].isUp else { return drop(number, .metNoHost, at: end) }
        if sent.isCorrupt { return drop(number, .corrupt, at: end) }
        history.segments[Int(number)].fate = .arrived
        receive(number, at: end)
    }

    /// No TCP takes it.
    private mutating func drop(_ number: Int32, _ fate: SentSegment.Fate, at end: End) {
        history.segments[Int(number)].fate = fate
        note(.arrival(number, ignored: nil), at: end, history.segments[Int(number)].ports)
    }

    /// Takes it to the socket that it is for.
    ///
    /// - Parameter isHandedOn: a connection in TIME-WAIT has had it and leaves it to the listener.
    private mutating func receive(_ number: Int32, at end: End, isHandedOn: Bool = false) {
        let (segment, ports) = (history.segments[Int(number)].segment, history.segments[Int(number)].ports)
        guard let index = self[end].socket(for: ports) else { return refuse(number, at: end) }
        let socket = self[end].sockets[Int(index)]
        let trigger = isHandedOn ? Trigger.handedOn(number) : .arrival(number)
        if socket.connection.state == .listen, socket.backlog != nil {
            return listen(number, at: end, index, as: trigger)
        }
        if socket.connection.state == .listen {
            hosts[Int(end.rawValue)].set(ports, of: index)
        }
        let outcome = handle(.segmentArrives(segment), at: end, index, as: trigger)
        noteSignOfLife(end, index)
        guard outcome.signals.contains(.passSegmentToListener) else { return }
        receive(number, at: end, isHandedOn: true)
        // The state after the arrival is that of the connection that it has opened.
        let arrival = history.incidents.lastIndex { $0.end == end && $0.what == .arrival(number, ignored: nil) }
        if let arrival { history.incidents[arrival].state = state(at: end, of: ports) }
    }

    /// A listener makes a connection of its own for a SYN, which goes the way from LISTEN; it stays there itself. What
    /// is no SYN is answered as in LISTEN.
    private mutating func listen(_ number: Int32, at end: End, _ listener: Int32, as trigger: Trigger) {
        let sent = history.segments[Int(number)]
        let host = self[end]
        let parent = host.sockets[Int(listener)]
        let isSyn = SegmentKind.syn.matches(sent.segment)
        // A queue that is full drops SYNs: "the host simply ignores incoming SYNs" (RFC 4987 section 2.2).
        if isSyn, host.pendingConnections(of: listener) >= Int(parent.backlog ?? 0) {
            return drop(number, .backlogFull, at: end)
        }
        var child = parent
        child.ports = sent.ports
        child.listener = listener
        child.backlog = nil
        let index = hosts[Int(end.rawValue)].add(child)
        handle(.segmentArrives(sent.segment), at: end, index, as: trigger)
        if !isSyn { hosts[Int(end.rawValue)].removeLast() }
    }

    /// Nobody is there: answered as in CLOSED.
    private mutating func refuse(_ number: Int32, at end: End) {
        let (segment, ports) = (history.segments[Int(number)].segment, history.segments[Int(number)].ports)
        var nobody = Connection(profile: self[end].settings.profile, nextInitialNumber: SequenceNumber(0))
        let outcome = nobody.handle(.segmentArrives(segment))
        trace(.arrival(number), at: end, ports, from: .closed, .closed, outcome)
        note(.arrival(number, ignored: outcome.reason), at: end, ports)
        for reply in outcome.segments { depart(reply, from: end, ports, in: .closed) }
    }
}

extension Outcome {
    /// Why nothing came of it.
    var reason: Reason? {
        if case .ignored(let reason, _) = self { reason } else { nil }
    }
}
