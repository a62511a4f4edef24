import TCPStateMachine

/// What a segment does to the seven states of both ends.
extension ZeekConnection {
    /// Whether a segment closes its sender's end, and whether Zeek says so at once.
    enum Close {
        case reported
        case silent
    }

    /// - Parameter isOriginator: what the sender was taken for when the segment came.
    mutating func step(_ segment: Segment, _ side: Int, _ isOriginator: Bool, _ time: Int64) -> Close? {
        switch ends[side].state {
        case .inactive: stepInactive(segment, side, isOriginator, time)
        case .synSent, .synAckSent: stepSynSent(segment, side)
        case .established, .partial: stepEstablished(segment, side)
        case .closed: stepClosed(segment, side, time)
        case .reset: nil
        }
    }

    private mutating func stepInactive(
        _ segment: Segment, _ side: Int, _ isOriginator: Bool, _ time: Int64
    ) -> Close? {
        let peer = 1 - side
        var close: Close?
        if segment.hasSyn {
            if isOriginator {
                enter(side, segment.hasAck ? .synAckSent : .synSent)
                timers.attempt(at: time)
            } else {
                answerSyn(segment, side)
            }
        }
        if segment.hasFin {
            enter(side, .closed)
            close = .reported
        }
        if segment.hasRst {
            let isReject =
                isOriginator
                ? ends[peer].state == .established
                : ends[peer].state == .synSent || ends[peer].state == .synAckSent
            enter(side, .reset)
            close = isReject ? .silent : .reported
        }
        if ends[side].state == .inactive { meetInMiddle(segment, side, isOriginator) }
        return close
    }

    /// The responder's first segment has a SYN.
    private mutating func answerSyn(_ segment: Segment, _ side: Int) {
        let peer = 1 - side
        if !segment.hasAck, ends[peer].state == .synAckSent,
            segment.sequenceNumber.rawValue == ends[side].startNumber
        {
            swapReordered(originatorWas: side)
        }
        if ends[peer].state == .synSent { enter(peer, .established) }
        enter(side, .established)
    }

    /// The first segment of an end has neither SYN, FIN nor RST.
    private mutating func meetInMiddle(_ segment: Segment, _ side: Int, _ isOriginator: Bool) {
        // Some TCPs acknowledge a SYN before they answer it.
        if !isOriginator, segment.payloadLength == 0, ends[originator].state == .synSent { return }
        if segment.hasAck, ends[1 - side].state == .established {
            // Only the SYN was missed.
            enter(side, .established)
            becomeWhole(isOriginator)
        } else {
            enter(side, .partial)
        }
    }

    private mutating func stepSynSent(_ segment: Segment, _ side: Int) -> Close? {
        var close: Close?
        if segment.hasFin {
            enter(side, .closed)
            close = .reported
        }
        if segment.hasRst {
            enter(side, .reset)
            timers.isActive = false
            if close == nil { close = .silent }
        }
        return close
    }

    private mutating func stepEstablished(_ segment: Segment, _ side: Int) -> Close? {
        let peer = 1 - side
        if segment.hasSyn, !segment.hasAck, ends[side].state == .partial, ends[peer].state == .inactive {
            enter(side, .synSent)
        }
        if segment.hasRst {
            enter(side, .reset)
            if ends[peer].state != .reset || ends[peer].previous != .established { timers.isActive = false }
            return .silent
        }
        guard segment.hasFin else { return nil }
        enter(side, .closed)
        // The other sent a FIN and then a RST, and this FIN makes it a normal end.
        if ends[peer].state == .reset, ends[peer].previous == .closed { enter(peer, .closed) }
        return .reported
    }

    private mutating func stepClosed(_ segment: Segment, _ side: Int, _ time: Int64) -> Close? {
        guard segment.hasRst, ends[1 - side].state != .closed else { return nil }
        enter(side, .reset)
        timers.reset(at: time)
        return ends[side].hasClosed ? nil : .silent
    }
}
