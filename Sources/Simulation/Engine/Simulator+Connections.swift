import TCPStateMachine

/// One connection takes one event.
extension Simulator {
    /// Hands an event to a socket's connection, writes down what it did, and carries out what it asks for.
    ///
    /// - Parameter trigger: where the event comes from.
    @discardableResult
    mutating func handle(_ event: Event, at end: End, _ index: Int32, as trigger: Trigger) -> Outcome {
        let (side, place) = (Int(end.rawValue), Int(index))
        let ports = hosts[side].sockets[place].ports
        hosts[side].sockets[place].connection.nextInitialNumber = nextInitialNumber(at: end, ports)
        hosts[side].sockets[place].connection.hasFastOpenCookie = hosts[side].hasFastOpenCookie
        let before = hosts[side].sockets[place].connection
        let outcome = hosts[side].sockets[place].connection.handle(event, at: hosts[side].timestamp(at: now))
        // What a listener's connection returns to is LISTEN, although nothing is left of itself.
        let state = hosts[side].sockets[place].connection.state
        if let listener = hosts[side].sockets[place].listener {
            hosts[side].notePending(of: listener, from: before.state, to: state)
        }
        trace(trigger, at: end, ports, from: before.state, state, outcome)
        for rule in outcome.rules {
            history.transitions.append(
                Transition(
                    time: now, end: end, connection: index, ports: ports, from: rule.from, to: rule.to, rule: rule,
                    cause: trigger.segment))
            if rule.selectsInitialNumber { hosts[side].usedNumbers += 1 }
        }
        if let incident = trigger.incident(outcome) { note(incident, of: end, ports, index) }
        settle(after: before, end, index)
        if case .accepted(let reaction) = outcome {
            stop(reaction.stopped, end, index)
            start(reaction.started, end, index)
        }
        let signals = outcome.signals.subtracting([.ok, .passSegmentToListener])
        if !signals.isEmpty { note(.signal(signals), of: end, ports, index) }
        for segment in outcome.segments {
            if before.parameters.retransmitsFast, before.repeats(segment) {
                hosts[side].sockets[place].clock.noteRepeated()
            } else if trigger != .timeout(.retransmission) {
                hosts[side].sockets[place].clock.noteSent(segment, at: now)
            }
            depart(segment, from: end, ports, in: state)
        }
        readAtOnce(end, index)
        return outcome
    }

    /// Notes an incident with the state of this very socket: the ports may already belong to another.
    private mutating func note(_ what: Incident.What, of end: End, _ ports: PortPair, _ index: Int32) {
        let state = self[end].sockets[Int(index)].connection.state
        history.incidents.append(Incident(time: now, end: end, ports: ports, state: state, what: what))
    }

    /// What an event has changed besides the machine: the retransmission clock, keepalive, the peer of a listener.
    private mutating func settle(after before: Connection, _ end: End, _ index: Int32) {
        let (side, place) = (Int(end.rawValue), Int(index))
        let after = hosts[side].sockets[place].connection
        if after.state == .listen, !after.remoteSpecified {
            hosts[side].set(hosts[side].sockets[place].ports.with(0, at: end.other), of: index)
        }
        if after.initialSendNumber != before.initialSendNumber || before.state == .closed {
            hosts[side].sockets[place].clock = RetransmissionClock()
        } else if after.sndUna != before.sndUna {
            hosts[side].sockets[place].clock.noteProgress(upTo: after.sndUna, at: now)
        }
        // A listener's connection that returns to LISTEN is nothing any more: the listener itself is there.
        if after.state == .listen, hosts[side].sockets[place].listener != nil { discard(end, index) }
        if after.hasLearnedFastOpenCookie { hosts[side].hasFastOpenCookie = true }
        settleKeepalive(before: before, end, index)
    }

    /// The child of a listener ends without a word.
    private mutating func discard(_ end: End, _ index: Int32) {
        hosts[Int(end.rawValue)].sockets[Int(index)].clear()
        for kind in TimerKind.allCases { queue.remove(.timeout(end, socket: index, kind)) }
    }

    /// The user takes what arrives at once: a RECEIVE waits all the time.
    private mutating func readAtOnce(_ end: End, _ index: Int32) {
        let (side, place) = (Int(end.rawValue), Int(index))
        guard hosts[side].settings.readsAtOnce else { return }
        let connection = hosts[side].sockets[place].connection
        guard connection.receiving else { return }
        switch connection.state {
        case .synSent, .synReceived, .established, .finWait1, .finWait2:
            guard connection.awaited < 1 << 28 else { return }
            if connection.unread > 0 { handle(.receive(octets: connection.unread), at: end, index, as: .habit) }
            hosts[side].sockets[place].connection.expectText()
        case .closeWait:
            if connection.unread > 0 { handle(.receive(octets: connection.unread), at: end, index, as: .habit) }
        case .closed, .listen, .closing, .lastAck, .timeWait:
            break
        }
    }
}

extension Connection {
    /// The segment has text that has been sent before.
    fileprivate func repeats(_ segment: Segment) -> Bool {
        segment.length > 0 && !segment.hasSyn && segment.sequenceNumber.isBefore(sndNxt)
    }

    /// Leaves a RECEIVE waiting for whatever comes.
    fileprivate mutating func expectText() {
        _ = handle(.receive(octets: 1 << 29))
    }
}

extension Rule {
    /// The rule begins an incarnation, with a number of its own.
    var selectsInitialNumber: Bool {
        switch to {
        case .synSent, .synReceived: from == .closed || from == .listen || from == .timeWait
        case .closed, .listen, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: false
        }
    }
}
