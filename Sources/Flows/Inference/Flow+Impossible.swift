import TCPStateMachine
import WireFormat

/// Segments that no TCP sends, and segments that demand a challenge ACK.
extension Flow {
    /// Control bits that contradict each other, or none where there must be an ACK (RFC 9293 section 3.1: once a
    /// connection is established, ACK is always set). As a flow's first segment it is a probe of somebody who wants to
    /// see what comes.
    func noticeImpossible(_ c: CapturedSegment, from e: EndpointRole, _ l: inout Ledger) {
        let bits = c.segment.controlBits
        let openers = bits.intersection([.syn, .fin, .rst])
        let isContradictory = openers.rawValue.nonzeroBitCount > 1
        guard isContradictory || bits.isDisjoint(with: [.syn, .rst, .ack]) else { return }
        let isFirst = self[e].packets <= 1 && self[e.other].packets == 0
        let opensNothing = isFirst && !bits.contains(.rst)
        guard opensNothing || !findings.contains(.scan) else { return }
        find(opensNothing ? .scan : .protocolViolation, at: e, time: c.time, c.reference, &l)
    }

    /// A RST or SYN passes on its way to an endpoint that is to answer it by an ACK (RFC 5961 sections 3 and 4).
    func challenge(_ p: EndpointRole, at time: Int64, _ d: FlowDetail) {
        guard self[p].has(.hasRcvNxt), knowsTrip(p) else { return }
        d[p].observations.challengedTime = time
        d[p].observations.challengedNumber = self[p].rcvNxt
        self[p].flags.insert(.isChallenged)
    }

    /// The endpoint's next segment: an ACK that says nothing new, one trip after what it answers.
    func answersChallenge(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) -> Bool {
        let s = c.segment
        guard self[e].has(.isChallenged), couldHaveAnswered(e, d[e].observations.challengedTime, now: c.time) else {
            return false
        }
        self[e].flags.remove(.isChallenged)
        let latest = d[e].observations.challengedTime &+ trip(e) / 2 * 3 &+ 250 * Self.millisecond
        guard s.controlBits == .ack, s.payloadLength == 0, c.time <= latest, !isDuplicate(c, from: e, d),
            s.sequenceNumber == self[e].sndNxt,
            s.acknowledgmentNumber == d[e].observations.challengedNumber
        else { return false }
        find(.challengeAck, at: e, time: c.time, c.reference, &l)
        return true
    }
}
