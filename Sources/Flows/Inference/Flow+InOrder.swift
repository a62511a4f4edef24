import TCPStateMachine
import WireFormat

/// The common segment: an ACK, with or without text, that goes on where its sender stood, between two ends that are
/// synchronized and owe each other no SYN or FIN. It moves no machine.
///
/// This is a short cut, not another rule: it calls the same steps as `observe`, less those that such a segment does not
/// touch. A test replays every capture with and without it and compares all records.
extension Flow {
    private static let needed: EndpointFlags = [
        .hasInitialNumber, .hasSndNxt, .hasOwnSndNxt, .hasRcvNxt, .hasExactWindow,
    ]
    private static let forbidden: EndpointFlags = [
        .isTainted, .sentReset, .finInferred, .isOpeningUnsettled, .isMidStream, .hasFin, .closedWindow, .isChallenged,
    ]

    /// Takes the segment, if it is of the common kind.
    func observeInOrder(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail) -> Bool {
        guard isInOrder(c.segment, from: e), isDirectionKnown(c, from: e) else { return false }
        let s = c.segment
        let p = e.other
        if c.time > last { last = c.time }
        self[e].packets &+= 1
        self[e].sight = Sight(c)
        takeAnswer(of: e, c, d)
        takeWindow(of: e, s)
        if s.payloadLength > 0 {
            self[e].stream.contiguousEnd = s.end
            self[e].sndNxt = s.end
            self[e].bytes &+= UInt64(s.payloadLength)
        }
        let isRepeated = isAwaiting(p, s)
        d[p].recent.append(RecentSegment(c, isRepeated: isRepeated))
        awaitAnswer(c, from: p, isRepeated: isRepeated)
        remember(c, from: e)
        return true
    }

    private func isInOrder(_ s: Segment, from e: EndpointRole) -> Bool {
        let p = e.other
        let states: ControlBits = [.syn, .fin, .rst, .ack]
        guard s.controlBits.intersection(states) == .ack, s.options.sackBlockCount == 0,
            self[e].flags.isSuperset(of: Self.needed), self[p].flags.isSuperset(of: Self.needed),
            self[e].flags.isDisjoint(with: Self.forbidden), self[p].flags.isDisjoint(with: Self.forbidden),
            self[e].pending.isEmpty, self[p].pending.isEmpty,
            self[e].state == .established, self[p].state == .established
        else { return false }
        guard s.sequenceNumber == self[e].sndNxt, self[e].stream.contiguousEnd == self[e].sndNxt,
            self[e].stream.rangeCount == 0, self[p].stream.rangeCount == 0, s.window != 0,
            s.acknowledgmentNumber.isAtOrAfter(self[e].rcvNxt), s.acknowledgmentNumber.isAtOrBefore(self[p].sndNxt)
        else { return false }
        guard s.options.hasTimestamps, self[e].has(.usesTimestamps) else { return true }
        return Int32(bitPattern: s.options.timestampValue &- self[e].timestamp) >= 0
    }

    private func isDirectionKnown(_ c: CapturedSegment, from e: EndpointRole) -> Bool {
        switch c.direction {
        case .unknown: true
        case .sent: self[e].has(.seenSent)
        case .received: self[e].has(.seenReceived)
        }
    }
}
