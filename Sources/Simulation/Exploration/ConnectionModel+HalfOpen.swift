import TCPStateMachine

/// Half-open connections (RFC 793 section 3.4, figures 10 and 11): one end has a connection of which the other knows
/// nothing. Whether it is discovered is tried: one end sends, everything is delivered, and the connection must be gone.
extension ConnectionModel {
    /// The most segments that a trial delivers. Two machines that still talk then never come to rest.
    private static var patience: Int { 64 }

    /// True if the connection is not half-open, or is discovered whoever sends.
    func halfOpenIsDiscovered(_ a: Connection, _ b: Connection) -> Bool {
        if isHalfOpen(a, forgottenBy: b), !isDiscovered(a, b) { return false }
        if isHalfOpen(b, forgottenBy: a), !isDiscovered(b, a) { return false }
        return true
    }

    private func isHalfOpen(_ survivor: Connection, forgottenBy other: Connection) -> Bool {
        switch survivor.state {
        case .closed, .listen, .synSent, .synReceived, .timeWait: return false
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: break
        }
        switch other.state {
        case .closed, .listen: return true
        // A survivor that has closed before its SYN was acknowledged may still be waited for.
        case .synSent: return survivor.initialReceiveNumber != other.initialSendNumber
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: return false
        }
    }

    private func isDiscovered(_ survivor: Connection, _ other: Connection) -> Bool {
        var (one, two) = (survivor, other)
        let sent = data(from: &one)
        if !sent.isEmpty {
            guard comesToRest(&one, &two, sent, from: .a), !stillLives(survivor, in: one, beside: two) else {
                return false
            }
        }
        (one, two) = (survivor, other)
        let syn = synSegment(from: &two)
        if !syn.isEmpty {
            guard comesToRest(&one, &two, syn, from: .b), !stillLives(survivor, in: one, beside: two) else {
                return false
            }
        }
        return true
    }

    /// What the survivor sends: what it has to repeat, or new data. Nothing in FIN-WAIT-2, which has nothing to say.
    private func data(from connection: inout Connection) -> SegmentList {
        if !connection.running.contains(.retransmission) {
            let segments = machine(&connection, .send(octets: 1)).segments
            if !segments.isEmpty { return segments }
        }
        return machine(&connection, .retransmissionTimeout(retransmissions: 0)).segments
    }

    /// A SYN from the end that knows nothing.
    private func synSegment(from connection: inout Connection) -> SegmentList {
        switch connection.state {
        case .synSent: machine(&connection, .retransmissionTimeout(retransmissions: 0)).segments
        case .closed, .listen, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck,
            .timeWait:
            machine(&connection, .activeOpen(remoteSpecified: true)).segments
        }
    }

    /// Delivers everything, in order and without loss; false if it never ends.
    private func comesToRest(
        _ a: inout Connection, _ b: inout Connection, _ segments: SegmentList, from side: End
    ) -> Bool {
        var underWay = segments.map { (segment: $0, to: side.other) }
        var delivered = 0
        while delivered < underWay.count {
            guard delivered < Self.patience else { return false }
            let (segment, to) = underWay[delivered]
            delivered += 1
            let answers: SegmentList
            switch to {
            case .a: answers = machine(&a, .segmentArrives(segment)).segments
            case .b: answers = machine(&b, .segmentArrives(segment)).segments
            }
            underWay.append(contentsOf: answers.map { ($0, to.other) })
        }
        return true
    }

    /// Whether the old connection is still there, and not both ends of a new one.
    private func stillLives(_ survivor: Connection, in now: Connection, beside other: Connection) -> Bool {
        switch now.state {
        case .closed, .listen, .synSent: false
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            now.initialSendNumber == survivor.initialSendNumber
                && now.initialReceiveNumber == survivor.initialReceiveNumber
        }
    }
}
