import TCPStateMachine
import WireFormat

/// Findings that only the end of a flow decides: until then an answer may still come.
extension Flow {
    /// The states of an endpoint that still holds its connection and waits for the other.
    private static let holding = StateSet([.established, .finWait1, .finWait2, .closeWait])

    /// Looks at both ends after all that is pending was presumed, and before the last steps are reported.
    func findAtEnd(now: Int64, _ d: FlowDetail, _ l: inout Ledger) {
        for side in EndpointRole.allCases {
            findConnectTimeout(side, &l)
            findHalfOpen(holder: side, d, &l)
            noticeLingering(side, in: self[side].states, enteredBy: lastCause(side, d), until: now, &l)
            noticeUnansweredLastAck(side, now: now, d, &l)
            settleStranger(side, d, &l)
            settleUnseen(of: side, d, &l)
            reportProbes(side, now: now, d, &l)
        }
    }

    /// The packet that brought the endpoint into its state.
    func lastCause(_ e: EndpointRole, _ d: FlowDetail) -> PacketReference {
        let count = Int(d[e].journal.count)
        return count > 0 ? d[e].journal[count - 1].cause : self[e].lastCause
    }

    /// The SYN was sent again, and no segment of the peer passed: it never came, or the answer did not.
    private func findConnectTimeout(_ e: EndpointRole, _ l: inout Ledger) {
        guard self[e].state == .synSent, self[e].has(.repeatedSyn), self[e.other].packets == 0 else { return }
        find(.connectTimeout, at: e, time: first, firstReference, &l)
    }

    /// One end was reset or has aborted, and the other knows nothing of it (RFC 9293 section 3.5.1).
    ///
    /// The steps that end a connection this way are never final before the end, so they still stand in the journal.
    private func findHalfOpen(holder e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        let gone = e.other
        guard let state = self[e].state, Self.holding.contains(state), self[gone].state == .closed else { return }
        let endings: [DiagramEvent] = [
            .abort, .rstArrives, .socketGone, .userTimeout, .dataAfterCloseArrives, .icmpHardError,
        ]
        for event in endings {
            guard let index = d[gone].journal.lastIndex(of: event) else { continue }
            let entry = d[gone].journal[index]
            find(.halfOpen, at: e, time: entry.time, entry.cause, &l)
            return
        }
    }
}
