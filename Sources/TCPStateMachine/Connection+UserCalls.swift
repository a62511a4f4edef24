/// User calls: RFC 793 p. 54-64, RFC 9293 sections 3.10.1 to 3.10.6. The order of the states is the RFC's.
extension Connection {
    /// OPEN, passive (p. 54-55).
    mutating func passiveOpen(remoteSpecified: Bool) -> Outcome {
        switch state {
        case .closed:
            var reaction = Reaction()
            guard move(on: .passiveOpen, &reaction) else { return .refused(.connectionDoesNotExist) }
            opening = .passive
            self.remoteSpecified = remoteSpecified
            openedWithRemote = remoteSpecified
            return .accepted(reaction)
        case .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck,
            .timeWait:
            // A second passive OPEN makes a record of its own or is an error; this one must not change (RFC 1122
            // section 4.2.2.18).
            return .refused(.connectionAlreadyExists)
        }
    }

    /// OPEN, active (p. 54-55).
    mutating func activeOpen(remoteSpecified: Bool) -> Outcome {
        switch state {
        case .closed, .listen:
            guard state == .closed || profile[.listenBecomesActive] else { return .refused(.notOfferedInListen) }
            guard remoteSpecified else { return .refused(.foreignSocketUnspecified) }
            var reaction = Reaction()
            return openActively(on: .activeOpen, &reaction)
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            return .refused(.connectionAlreadyExists)
        case .timeWait:
            return openOverTimeWait(remoteSpecified: remoteSpecified)
        }
    }

    /// Linux: the old machine is deleted and a new one opens in its place; only where timestamps keep the two apart
    /// (kernel-facts 1.3). The new ISS lies above all numbers of the old one.
    private mutating func openOverTimeWait(remoteSpecified: Bool) -> Outcome {
        guard profile[.timeWaitReuse], recentTimestamp != nil else { return .refused(.connectionAlreadyExists) }
        guard remoteSpecified else { return .refused(.foreignSocketUnspecified) }
        var reaction = Reaction()
        let initialNumber = numberAboveOldIncarnation()
        guard move(on: .timeWaitReuse, &reaction) else { return .refused(.connectionAlreadyExists) }
        let clock = timestampClock
        deleteTCB(&reaction)
        timestampClock = clock
        nextInitialNumber = initialNumber
        return openActively(on: .activeOpen, &reaction)
    }

    /// "Select an ISS. Send a SYN segment, set SND.UNA to ISS, SND.NXT to ISS+1. Enter SYN-SENT state" (p. 54).
    private mutating func openActively(on event: DiagramEvent, _ reaction: inout Reaction) -> Outcome {
        guard move(on: event, &reaction) else { return .refused(.connectionAlreadyExists) }
        opening = .active
        remoteSpecified = true
        selectInitialNumber()
        reaction.segments.append(openingSyn())
        start([.retransmission, .user], &reaction)
        return .accepted(reaction)
    }

    /// SEND (p. 56-57).
    mutating func send(_ octets: UInt32) -> Outcome {
        switch state {
        case .closed:
            return .refused(.connectionDoesNotExist)
        case .listen:
            guard profile[.listenBecomesActive] else { return .refused(.notOfferedInListen) }
            guard remoteSpecified else { return .refused(.foreignSocketUnspecified) }
            guard queueToSend(octets) else { return .refused(.insufficientResources) }
            var reaction = Reaction()
            return openActively(on: .send, &reaction)
        case .synSent, .synReceived:
            // Behind a CLOSE that waits for ESTABLISHED nothing can be sent any more: the RFC's answer of the state
            // that the CLOSE leads to.
            guard !closePending else { return .refused(.connectionClosing) }
            guard queueToSend(octets) else { return .refused(.insufficientResources) }
            var reaction = Reaction()
            if isOpenedFast { transmit(&reaction) }
            return .accepted(reaction)
        case .established, .closeWait:
            guard !closePending else { return .refused(.connectionClosing) }
            guard queueToSend(octets) else { return .refused(.insufficientResources) }
            var reaction = Reaction()
            transmit(&reaction)
            return .accepted(reaction)
        case .finWait1, .finWait2, .closing, .lastAck, .timeWait:
            return .refused(.connectionClosing)
        }
    }

    mutating func queueToSend(_ octets: UInt32) -> Bool {
        guard octets <= parameters.sendBuffer - min(unsent, parameters.sendBuffer) else { return false }
        unsent += octets
        return true
    }

    /// RECEIVE (p. 58-59).
    mutating func receive(_ octets: UInt32) -> Outcome {
        switch state {
        case .closed:
            return .refused(.connectionDoesNotExist)
        case .listen, .synSent:
            return queueReceive(octets)
        case .synReceived:
            // Something to read is there only after a Fast Open.
            return unread == 0 ? queueReceive(octets) : readOut(octets)
        case .established, .finWait1, .finWait2:
            guard receiving else { return .refused(.connectionClosing) }
            return unread == 0 ? queueReceive(octets) : readOut(octets)
        case .closeWait:
            return unread == 0 ? .refused(.connectionClosing) : readOut(octets)
        case .closing, .lastAck, .timeWait:
            return .refused(.connectionClosing)
        }
    }

    private mutating func queueReceive(_ octets: UInt32) -> Outcome {
        let (sum, overflow) = awaited.addingReportingOverflow(octets)
        guard !overflow else { return .refused(.insufficientResources) }
        awaited = sum
        return .accepted(Reaction())
    }

    private mutating func readOut(_ octets: UInt32) -> Outcome {
        var reaction = Reaction()
        let before = rcvWnd
        reaction.delivered = min(octets, unread)
        unread -= reaction.delivered
        if unread == 0 { urgentMode = false }
        // The peer is told of a window that has become worth using (RFC 1122 section 4.2.3.3); before, it was not.
        // Rounded up: half of a buffer of one octet is worth telling, too.
        let worthwhile = min((parameters.receiveBuffer + 1) / 2, UInt32(parameters.segmentLimit))
        if state != .closeWait, before < worthwhile, rcvWnd >= worthwhile { reaction.segments.append(acknowledgment()) }
        return .accepted(reaction)
    }

    /// CLOSE (p. 60-61).
    mutating func close(furtherReceiving: Bool) -> Outcome {
        var reaction = Reaction()
        switch state {
        case .closed:
            return .refused(.connectionDoesNotExist)
        case .listen, .synSent:
            guard move(on: .close, &reaction) else { return .refused(.connectionClosing) }
            reaction.signals = .pendingCallsClosing
            deleteTCB(&reaction)
            return .accepted(reaction)
        case .synReceived:
            guard !closePending else { return closeAgain(furtherReceiving: furtherReceiving) }
            receiving = receiving && furtherReceiving
            closePending = true
            // "No SENDs have been issued and there is no pending data": what has been sent here is still queued.
            if unsent == 0 { enterClosing(&reaction) }
            return .accepted(reaction)
        case .established, .closeWait:
            guard !closePending else { return closeAgain(furtherReceiving: furtherReceiving) }
            if losesData(furtherReceiving: furtherReceiving) { return abort() }
            receiving = receiving && furtherReceiving
            closePending = true
            if state == .established || profile[.lastAckAtOnce] { enterClosing(&reaction) } else { transmit(&reaction) }
            return .accepted(reaction)
        case .finWait1, .finWait2:
            return closeAgain(furtherReceiving: furtherReceiving)
        case .closing, .lastAck, .timeWait:
            return .refused(.connectionClosing)
        }
    }

    /// "If such a host issues a CLOSE call while received data is still pending in TCP, its TCP SHOULD send a RST"
    /// (RFC 1122 section 4.2.2.13).
    private func losesData(furtherReceiving: Bool) -> Bool {
        !furtherReceiving && unread > 0 && profile[.halfDuplexCloseReset]
    }

    /// A second CLOSE is an error, but "an ok response would be acceptable" (p. 60): it is given to one that also gives
    /// up receiving, as `close` after `shutdown` does.
    private mutating func closeAgain(furtherReceiving: Bool) -> Outcome {
        guard receiving, !furtherReceiving else { return .refused(.connectionClosing) }
        if losesData(furtherReceiving: furtherReceiving) { return abort() }
        receiving = false
        var reaction = Reaction()
        reaction.signals = .ok
        startOrphanTimer(&reaction)
        return .accepted(reaction)
    }

    /// The CLOSE takes effect: the state changes, and the FIN goes out behind the last octet of the SENDs, now or when
    /// the window lets it.
    mutating func enterClosing(_ reaction: inout Reaction) {
        guard move(on: .close, &reaction) else { return }
        formerIncarnation = nil
        transmit(&reaction)
    }

    /// ABORT (p. 62).
    mutating func abort() -> Outcome {
        var reaction = Reaction()
        switch state {
        case .closed:
            return .refused(.connectionDoesNotExist)
        case .listen, .synSent:
            reaction.signals = .pendingCallsReset
        case .synReceived, .established, .finWait1, .finWait2, .closeWait:
            reaction.signals = .pendingCallsReset
            reaction.segments.append(resetSegment())
        case .closing, .lastAck, .timeWait:
            reaction.signals = .ok
        }
        guard move(on: .abort, &reaction) else { return .refused(.connectionClosing) }
        if state == .timeWait { enterTimeWait(&reaction) } else { deleteTCB(&reaction) }
        return .accepted(reaction)
    }

    /// STATUS (p. 63-64).
    func status() -> Outcome {
        guard state != .closed else { return .refused(.connectionDoesNotExist) }
        var reaction = Reaction()
        reaction.status = state
        return .accepted(reaction)
    }
}
