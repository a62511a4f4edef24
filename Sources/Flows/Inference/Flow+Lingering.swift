import TCPStateMachine
import WireFormat

/// States that are to end in time and do not: on the packet clock, which is all that a capture knows of time.
extension Flow {
    /// How long a half-closed connection may lie unused: Linux's `tcp_fin_timeout`, after which the kernel of an end in
    /// FIN-WAIT-2 whose program is gone forgets the connection (kernel facts 5 (g)). Nanoseconds.
    static var patience: Int64 { 60_000 * millisecond }
    /// The least and first retransmission time-out (RFC 6298 section 2), nanoseconds.
    private static var firstTimeout: Int64 { 1_000 * millisecond }

    func clock(_ side: EndpointRole) -> Int64 { self[side].clock }

    func startClock(_ side: EndpointRole, at time: Int64) {
        self[side].clock = time
    }

    /// What Linux gives FIN-WAIT-2 without a user (net.ipv4.tcp_fin_timeout), less a second. Nanoseconds.
    private static var orphanTime: Int64 { 59_000 * millisecond }

    /// New text from an end whose peer has closed: the half-closed connection is in use.
    func restartClocks(usedBy e: EndpointRole, at time: Int64) {
        guard self[e.other].has(.hasFin), !self[e].has(.hasFin) else { return }
        let p = e.other
        if self[p].state == .finWait2, self[p].clock != 0, time &- self[p].clock > Self.orphanTime {
            self[p].flags.insert(.mayHaveTimedOut)
        }
        startClock(e, at: time)
        startClock(p, at: time)
    }

    /// An endpoint leaves a state, or is still there at the end: it was there for too long.
    func noticeLingering(
        _ side: EndpointRole, in states: StateSet, enteredBy cause: PacketReference, until now: Int64, _ l: inout Ledger
    ) {
        let code: FindingCode
        switch states.only {
        case .closeWait: code = .closeWaitLingering
        case .finWait2: code = .finWait2Lingering
        case .closed, .listen, .synSent, .synReceived, .established, .finWait1, .closing, .lastAck, .timeWait, nil:
            return
        }
        let since = clock(side)
        let (lasted, overflow) = now.subtractingReportingOverflow(since)
        guard since != 0, !overflow, lasted >= Self.patience else { return }
        find(code, at: side, time: since, cause, &l, detail: .lasted(lasted))
    }

    /// The FIN from LAST-ACK has no answer: it was sent again, or a retransmission was due. Of a peer that was never
    /// captured the first sending's answer is not expected.
    func noticeUnansweredLastAck(_ e: EndpointRole, now: Int64, _ d: FlowDetail, _ l: inout Ledger) {
        let since = clock(e)
        guard self[e].state == .lastAck, since != 0 else { return }
        let (waited, overflow) = now.subtractingReportingOverflow(since)
        guard !overflow else { return }
        let trips = trip(e) &+ trip(e.other)
        let isDue = self[e.other].packets > 0 && waited >= max(Self.firstTimeout, 3 &* trips)
        guard self[e].has(.repeatedFin) || isDue else { return }
        find(.lastAckUnanswered, at: e, time: since, lastCause(e, d), &l, detail: .lasted(waited))
    }
}
