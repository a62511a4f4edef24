/// Timeouts: RFC 793 p. 77, RFC 9293 section 3.10.8; connection failures: RFC 1122 section 4.2.3.5; ICMP errors: RFC
/// 1122 section 4.2.3.9; and what ends a Linux socket without a word.
extension Connection {
    /// USER TIMEOUT: "for any state [...] flush all queues, signal the user, [...] delete the TCB, enter the CLOSED
    /// state".
    mutating func userTimeout() -> Outcome {
        guard state != .closed else { return .ignored(.noConnection, reply: nil) }
        var reaction = Reaction()
        guard move(on: .userTimeout, &reaction) else { return .ignored(.noSuchTimer, reply: nil) }
        reaction.signals = .abortedByUserTimeout
        deleteTCB(&reaction)
        return .accepted(reaction)
    }

    /// RETRANSMISSION TIMEOUT: "send the segment at the front of the retransmission queue again, reinitialize the
    /// retransmission timer". `retransmissions` have been made of it before.
    mutating func retransmissionTimeout(_ retransmissions: UInt8) -> Outcome {
        guard state != .closed else { return .ignored(.noConnection, reply: nil) }
        guard running.contains(.retransmission) else { return .ignored(.noSuchTimer, reply: nil) }
        var reaction = Reaction()
        // R2: "close the connection" (RFC 1122 section 4.2.3.5 (d)); a SYN has its own.
        if retransmissions >= retransmissionLimit, move(on: .retransmissionLimit, &reaction) {
            reaction.signals = .abortedByRetransmissionLimit
            deleteTCB(&reaction)
            return .accepted(reaction)
        }
        guard let segment = frontOfQueue() else { return .ignored(.noSuchTimer, reply: nil) }
        if retransmissions >= profile.retransmissionsUntilAdvice { reaction.signals = .retransmissionAdvice }
        reaction.segments.append(segment)
        start(.retransmission, &reaction)
        return .accepted(reaction)
    }

    private var retransmissionLimit: UInt8 {
        switch state {
        case .synSent, .synReceived: profile.synRetransmissionsUntilClose
        case .closed, .listen, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            profile.retransmissionsUntilClose
        }
    }

    /// TIME-WAIT TIMEOUT: "delete the TCB, enter the CLOSED state".
    mutating func timeWaitTimeout() -> Outcome {
        end(on: .timeWaitTimeout, otherwise: .noSuchTimer)
    }

    /// The ACK that was held back goes out, unless a segment has carried it since.
    mutating func delayedAcknowledgmentTimeout() -> Outcome {
        guard running.contains(.delayedAcknowledgment) else { return .ignored(.noSuchTimer, reply: nil) }
        running.subtract(.delayedAcknowledgment)
        guard lastAckSent != rcvNxt else { return .ignored(.nothingToAcknowledge, reply: nil) }
        var reaction = Reaction()
        reaction.segments.append(acknowledgment())
        return .accepted(reaction)
    }

    /// A segment that the peer must answer: <SEQ=SND.NXT-1>, a number that it has acknowledged, without text. Not while
    /// something waits for an ACK anyway (RFC 9293 section 3.8.4).
    mutating func keepaliveTimeout() -> Outcome {
        switch state {
        case .established, .closeWait, .finWait2:
            guard inFlight == 0, unsent == 0 else { return .ignored(.noSuchTimer, reply: nil) }
            var reaction = Reaction()
            var probe = acknowledgment()
            probe.sequenceNumber = sndNxt - 1
            reaction.segments.append(probe)
            return .accepted(reaction)
        case .closed, .listen, .synSent, .synReceived, .finWait1, .closing, .lastAck, .timeWait:
            return .ignored(.noSuchTimer, reply: nil)
        }
    }

    /// Linux: an orphan does not wait for the peer's FIN for ever (kernel-facts 5(g)). A user who still receives does.
    mutating func finWait2Timeout() -> Outcome {
        guard profile[.orphanTimesOutInFinWait2] else { return .ignored(.notInProfile, reply: nil) }
        guard !receiving else { return .ignored(.noSuchTimer, reply: nil) }
        return end(on: .finWait2Timeout, otherwise: .noSuchTimer)
    }

    /// Linux: the socket is gone, silently (kernel-facts 1.3).
    mutating func socketGone() -> Outcome {
        end(on: .socketGone, otherwise: profile[.socketMayVanish] ? .noConnection : .notInProfile)
    }

    private mutating func end(on event: DiagramEvent, otherwise reason: Reason) -> Outcome {
        var reaction = Reaction()
        guard move(on: event, &reaction) else { return .ignored(reason, reply: nil) }
        deleteTCB(&reaction)
        return .accepted(reaction)
    }

    /// ICMP: a hard error SHOULD abort the connection, a soft one MUST NOT; either is reported to the user (RFC 1122
    /// sections 4.2.3.9, 4.2.4.1). That the message quotes this connection is the caller's to check.
    mutating func icmpError(hard: Bool) -> Outcome {
        var reaction = Reaction()
        switch state {
        case .closed, .listen, .timeWait:
            return .ignored(.errorNotFatal, reply: nil)
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            reaction.signals = .icmpError
            let fatal = hard || (state == .synSent && profile[.softErrorAbortsOpening])
            guard fatal, move(on: .icmpHardError, &reaction) else {
                return hard ? .ignored(.errorNotFatal, reply: nil) : .accepted(reaction)
            }
            deleteTCB(&reaction)
            return .accepted(reaction)
        }
    }

    /// "Start the time-wait timer, turn off the other timers" (p. 75).
    mutating func enterTimeWait(_ reaction: inout Reaction) {
        stop([.retransmission, .user, .finWait2, .delayedAcknowledgment], &reaction)
        start(.timeWait, &reaction)
        // Nothing is left to send or to read for a user who is told "connection closing" from here on.
        unsent = 0
        awaited = 0
        closePending = false
        reassembly = Reassembly()
    }

    /// Linux: the timer of an orphan starts when FIN-WAIT-2 is reached, or with CLOSE there.
    mutating func startOrphanTimer(_ reaction: inout Reaction) {
        guard state == .finWait2, !receiving, profile[.orphanTimesOutInFinWait2] else { return }
        start(.finWait2, &reaction)
    }
}
