import TCPStateMachine
import WireFormat

/// The plain way (`PlainFlow`): which segment a plain flow expects in each phase, and what that shows.
///
/// Where a segment is none of these nothing is changed, and the flow is to be expanded. The rules cite the steps of
/// `observe` that they are special cases of.
extension Flow {
    private static let opening: ControlBits = [.syn, .fin, .rst, .ack]

    // MARK: The beginning

    /// Whether a flow that begins with this segment may be plain: with a SYN and nothing else, between two ends that
    /// are not on the capture's host.
    static func isPlainBeginning(_ c: CapturedSegment, _ vantage: TrackerOptions.Vantage) -> Bool {
        let s = c.segment
        return s.controlBits.intersection(opening) == .syn && s.payloadLength == 0 && c.direction == .unknown
            && s.options.present.isDisjoint(with: [.fastOpenCookie, .fastOpenRequest]) && c.time > 0
            && !vantage.includes(c.pair.source, c.pair.family) && !vantage.includes(c.pair.destination, c.pair.family)
    }

    /// The SYN: active OPEN.
    func beginPlainly(_ c: SegmentInPlace, _ passed: inout PassedSegments, _ l: inout Ledger) {
        let s = c.segment
        meetPlainly(c, from: .initiator, &passed)
        awaitPlainly(.responder, s.sequenceNumber + 1, at: c.time)
        step(.initiator, .closedActiveOpen, Passing(c), provenBy: c.reference, &l)
    }

    /// The first segment of an end (`meet`, `takeOwnSyn`, `remember`).
    private func meetPlainly(_ c: SegmentInPlace, from e: EndpointRole, _ passed: inout PassedSegments) {
        let s = c.segment
        self[plain: e].sndNxt = s.sequenceNumber + 1
        self[plain: e].packets = 1
        self[plain: e].sight = c.sight
        if s.options.hasTimestamps {
            self[plain: e].flags.insert(.usesTimestamps)
            self[plain: e].timestamp = s.options.timestampValue
        }
        if s.options.present.contains(.windowScale) {
            self[plain: e].flags.insert(.offeredWindowScale)
            self[plain: e].windowScale = s.options.windowScale
        }
        if s.refusesSack { plain.refusesSack = true }
        if c.hasIdentification {
            self[plain: e].flags.insert(.hasIdentification)
            self[plain: e].identification = c.identification
        }
        self[plain: e].lastPassed = passed.append(c, isRepeated: false, previous: 0)
    }

    // MARK: What goes on

    /// Which end sent the segment; nil if it is none of this flow.
    @inline(__always)
    func plainRole(of c: SegmentInPlace) -> EndpointRole? {
        guard c.tunnel == tunnel else { return nil }
        if let sockets = ipv4Sockets { return sockets.role(of: c.pair) }
        return plainRole(of: c.pair)
    }

    private func plainRole(of pair: SocketPair) -> EndpointRole? {
        if pair == self.pair { return .initiator }
        return pair.reversed == self.pair ? .responder : nil
    }

    /// Takes a segment if it is what a plain flow expects next.
    ///
    /// - Returns: false if it is not: nothing has been changed then.
    func takePlainly(
        _ c: SegmentInPlace, from e: EndpointRole, _ passed: inout PassedSegments, _ l: inout Ledger
    ) -> Bool {
        if plain.phase == .opening { return takePlainAnswer(c, from: e, &passed) }
        guard goesOn(c, from: e) else { return false }
        if c.segment.hasFin, isBeyondWindowPlainly(c.segment, at: e.other) { return false }
        switch plain.phase {
        case .opening, .done, .settled: return false
        case .answered: guard acknowledgesSynAck(c, from: e, &l) else { return false }
        case .acknowledged, .established: guard speaks(c, from: e, &l) else { return false }
        case .closing: guard answersFirstFin(c, from: e, &l) else { return false }
        case .closeAcknowledged: guard closesSecond(c, from: e, &l) else { return false }
        case .bothClosed: guard acknowledgesSecondFin(c, from: e, &l) else { return false }
        }
        takeNumbersPlainly(c, from: e, &passed)
        return true
    }

    /// The segment stands where its sender's last one ended, acknowledges what its peer sent and no less than before,
    /// and was seen as all of its sender's: it is neither copy nor stranger, neither old nor repeated, and shows no
    /// octet that did not pass.
    private func goesOn(_ c: SegmentInPlace, from e: EndpointRole) -> Bool {
        let s = c.segment
        guard s.controlBits.intersection([.syn, .rst, .ack]) == .ack, s.sequenceNumber == self[plain: e].sndNxt,
            s.acknowledgmentNumber.isAtOrAfter(self[plain: e].rcvNxt),
            s.acknowledgmentNumber.isAtOrBefore(self[plain: e.other].sndNxt), s.window != 0, c.time >= last,
            s.options.sackBlockCount == 0, s.options.hasTimestamps == plain.hasTimestamps,
            self[plain: e].sight == c.sight
        else { return false }
        return !plain.hasTimestamps || Int32(bitPattern: s.options.timestampValue &- self[plain: e].timestamp) >= 0
    }

    /// Special case of `isBeyondWindow`: such a FIN is in doubt.
    private func isBeyondWindowPlainly(_ s: Segment, at p: EndpointRole) -> Bool {
        let isRounded = p == .initiator || !plain.isAckOfSynPending
        let rest = isRounded ? UInt32(1) << UInt32(min(self[plain: p].windowScale, 14)) &- 1 : 0
        return s.sequenceNumber != self[plain: p].rcvNxt
            && s.sequenceNumber.isAtOrAfter(self[plain: p].rightEdge + rest)
    }

    /// SYN,ACK: the responder had the SYN, which is reported when the initiator goes on (`settleOpening`).
    private func takePlainAnswer(_ c: SegmentInPlace, from e: EndpointRole, _ passed: inout PassedSegments) -> Bool {
        let s = c.segment
        let (a, b) = (EndpointRole.initiator, EndpointRole.responder)
        guard e == b, s.controlBits.intersection(Self.opening) == [.syn, .ack], s.payloadLength == 0,
            s.acknowledgmentNumber == self[plain: a].sndNxt, s.window != 0, s.options.sackBlockCount == 0,
            c.direction == .unknown, isRoundTrip(since: last, until: c.time),
            !s.options.hasTimestamps || self[plain: a].has(.usesTimestamps)
        else { return false }
        self[plain: b].roundTrip = c.time &- last
        self[plain: b].flags.remove(.isAwaited)
        self[plain: b].flags.insert(.isTripSure)
        meetPlainly(c, from: b, &passed)
        self[plain: b].rcvNxt = s.acknowledgmentNumber
        self[plain: b].rightEdge = s.acknowledgmentNumber + UInt32(s.window)
        if !self[plain: a].has(.offeredWindowScale) || !self[plain: b].has(.offeredWindowScale) {
            self[plain: a].windowScale = 0
            self[plain: b].windowScale = 0
        }
        // All that it can acknowledge as yet: `goesOn` asks for it.
        self[plain: a].rcvNxt = self[plain: b].sndNxt
        self[plain: a].rightEdge = self[plain: b].sndNxt
        awaitPlainly(a, self[plain: b].sndNxt, at: c.time)
        plain.hasTimestamps = s.options.hasTimestamps
        plain.synAck = Passing(c)
        plain.phase = .answered
        last = c.time
        return true
    }

    /// The initiator goes on: the responder did answer from LISTEN, and the SYN,ACK came.
    private func acknowledgesSynAck(_ c: SegmentInPlace, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        guard e == .initiator, !c.segment.hasFin, isRoundTrip(since: plain.synAck.time, until: c.time) else {
            return false
        }
        let syn = Passing(time: first, reference: firstReference)
        step(.responder, .listenSyn, syn, provenBy: plain.synAck.reference, &l)
        step(.initiator, .synSentSynAck, plain.synAck, provenBy: c.reference, &l)
        l.openings.complete(pair)
        self[plain: e].roundTrip = c.time &- plain.synAck.time
        self[plain: e].flags.remove(.isAwaited)
        if c.segment.length == 0 { self[plain: e].flags.insert(.isTripSure) }
        plain.ackOfSyn = Passing(c)
        plain.isAckOfSynPending = true
        notePending(c, from: e)
        plain.phase = .acknowledged
        return true
    }

    /// Text, an ACK, or the first FIN.
    private func speaks(_ c: SegmentInPlace, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        let s = c.segment
        if plain.isAckOfSynPending, e == .responder {
            let isSure = !s.hasFin || s.payloadLength > 0 || l.profile(.responder).acceptsWhenEstablished
                || nothingIsMissingPlainly(before: c, from: e)
            guard isSure else { return false }
            if provesAckOfSynPlainly(s, l) { proveAckOfSyn(c, &l) } else if s.hasFin { return false }
        }
        guard s.hasFin else { return true }
        step(e, .establishedClose, Passing(c), provenBy: c.reference, &l)
        plain.closer = e
        plain.firstFin = Passing(c)
        plain.phase = .closing
        return true
    }

    /// Special case of `provesAckOfSyn`.
    private func provesAckOfSynPlainly(_ s: Segment, _ l: borrowing Ledger) -> Bool {
        if s.payloadLength > 0 || (s.hasFin && l.profile(.responder).acceptsWhenEstablished) { return true }
        if s.acknowledgmentNumber.isAfter(initialNumber(.initiator) + 1) { return true }
        guard plain.hasTimestamps else { return false }
        let newer = Int32(bitPattern: s.options.timestampEcho &- plain.pendingTimestamp)
        return newer > 0 || (newer == 0 && !plain.isTimestampShared)
    }

    private func proveAckOfSyn(_ c: SegmentInPlace, _ l: inout Ledger) {
        step(.responder, .synReceivedAckOfSyn, plain.ackOfSyn, provenBy: c.reference, &l)
        plain.isAckOfSynPending = false
        if plain.phase == .acknowledged { plain.phase = .established }
    }

    /// B answers A's FIN: by an ACK, or by an ACK with its own FIN. An ACK that crossed the FIN changes nothing.
    private func answersFirstFin(_ c: SegmentInPlace, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        let s = c.segment
        guard e != plain.closer, s.payloadLength == 0 else { return false }
        guard s.acknowledgmentNumber == self[plain: plain.closer].sndNxt else {
            return !s.hasFin && !plain.isAckOfSynPending && !speaksAgainstPlainly(e, plain.firstFin.time, now: c.time)
        }
        guard isEcho(s, of: plain.closer), holdsNoText(e) else { return false }
        if s.hasFin { guard nothingIsMissingPlainly(before: c, from: e), isSoon(c) else { return false } }
        if plain.isAckOfSynPending { proveAckOfSyn(c, &l) }
        step(e, .establishedFin, plain.firstFin, provenBy: c.reference, &l)
        plain.ackOfFirstFin = Passing(c)
        notePending(c, from: e)
        plain.phase = .closeAcknowledged
        if s.hasFin { closeSecond(c, e, &l) }
        return true
    }

    /// Nothing of the endpoint can have waited when A's FIN came (`mayHoldText`).
    private func holdsNoText(_ e: EndpointRole) -> Bool {
        self[plain: e.other].rcvNxt.isAtOrAfter(self[plain: e].sndNxt)
            && self[plain: e.other].rightEdge.isAtOrAfter(self[plain: e].sndNxt + Flow.usualSegment)
    }

    /// B's FIN, at the number at which its ACK of A's stood: from CLOSE-WAIT (`closeCertainty`).
    private func closesSecond(_ c: SegmentInPlace, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        guard e != plain.closer, c.segment.hasFin, c.segment.payloadLength == 0, isSoon(c) else { return false }
        closeSecond(c, e, &l)
        return true
    }

    private func closeSecond(_ c: SegmentInPlace, _ e: EndpointRole, _ l: inout Ledger) {
        step(e, .closeWaitClose, Passing(c), provenBy: c.reference, &l)
        plain.secondFin = Passing(c)
        plain.phase = .bothClosed
    }

    /// A's ACK of B's FIN, which acknowledged its own (`proveFin`).
    private func acknowledgesSecondFin(_ c: SegmentInPlace, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        let s = c.segment
        guard e == plain.closer, !s.hasFin, s.payloadLength == 0, echoesLast(s, of: e.other),
            s.acknowledgmentNumber == self[plain: e.other].sndNxt
        else { return false }
        step(e, .finWait1AckOfFin, plain.ackOfFirstFin, provenBy: c.reference, &l)
        step(e, .finWait2Fin, plain.secondFin, provenBy: c.reference, &l)
        plain.lastAck = Passing(c)
        notePending(c, from: e)
        plain.phase = .done
        return true
    }

    // MARK: Numbers

    /// The steps of `takeAnswer`, `takeWindow`, `takeOctets`, `awaitAnswer` and `remember` for such a segment.
    private func takeNumbersPlainly(_ c: SegmentInPlace, from e: EndpointRole, _ passed: inout PassedSegments) {
        let s = c.segment
        let p = e.other
        let acked = s.acknowledgmentNumber
        last = c.time
        self[plain: e].packets &+= 1
        if self[plain: e].has(.isAwaited), acked.isAtOrAfter(self[plain: e].dueEnd) {
            measurePlainly(e, c.time &- self[plain: e].dueTime)
            self[plain: e].flags.remove(.isAwaited)
            if acked.isBefore(self[plain: p].sndNxt) { awaitOldest(e, behind: acked, passed) }
        }
        self[plain: e].rcvNxt = acked
        let edge = acked + UInt32(s.window) << UInt32(min(self[plain: e].windowScale, 14))
        if edge.isAfter(self[plain: e].rightEdge) { self[plain: e].rightEdge = edge }
        let isRepeated = self[plain: p].has(.isAwaited) && s.end.isAtOrBefore(self[plain: p].dueEnd)
        if s.length > 0 {
            self[plain: e].bytes &+= UInt64(s.payloadLength)
            self[plain: e].sndNxt = s.end
            if !self[plain: p].has(.isAwaited) { awaitPlainly(p, s.end, at: c.time) }
        }
        self[plain: e].lastPassed = passed.append(c, isRepeated: isRepeated, previous: self[plain: e].lastPassed)
        self[plain: e].timestamp = plain.hasTimestamps ? s.options.timestampValue : self[plain: e].timestamp
        if c.hasIdentification {
            self[plain: e].flags.insert(.hasIdentification)
            self[plain: e].identification = c.identification
        }
    }

    /// Special case of `measureTrip`.
    private func measurePlainly(_ e: EndpointRole, _ sample: Int64) {
        let known = self[plain: e].roundTrip
        if Self.areNear(min(known, sample), max(known, sample)) {
            self[plain: e].flags.insert(.isTripSure)
        } else if sample < known {
            self[plain: e].flags.remove(.isTripSure)
        }
        self[plain: e].roundTrip = min(known, sample)
    }

    private func awaitPlainly(_ e: EndpointRole, _ end: SequenceNumber, at time: Int64) {
        self[plain: e].dueTime = time
        self[plain: e].dueEnd = end
        self[plain: e].flags.insert(.isAwaited)
    }

    /// More is on its way: the oldest of the last segments behind the ACK is due now.
    private func awaitOldest(_ e: EndpointRole, behind acked: SequenceNumber, _ passed: borrowing PassedSegments) {
        var number = self[plain: e.other].lastPassed
        for _ in 0..<RecentSegments.capacity {
            guard let found = passed.segment(number), found.end.isAfter(acked) else { return }
            if found.end != found.sequenceNumber {
                awaitPlainly(e, found.end, at: found.time)
            }
            number = found.previous
        }
    }

    /// ISS: what is sent is SYN, text, FIN.
    func initialNumber(_ e: EndpointRole) -> SequenceNumber {
        let fin: UInt32 = hasFinPlainly(e) ? 1 : 0
        return self[plain: e].sndNxt - (UInt32(truncatingIfNeeded: self[plain: e].bytes) &+ 1 &+ fin)
    }

    func hasFinPlainly(_ e: EndpointRole) -> Bool {
        switch plain.phase {
        case .opening, .answered, .acknowledged, .established: false
        case .closing, .closeAcknowledged: e == plain.closer
        case .bothClosed, .done, .settled: true
        }
    }

    // MARK: Time and stamps

    /// The peer's pending ACK is that of the segment.
    private func notePending(_ c: SegmentInPlace, from e: EndpointRole) {
        plain.pendingTimestamp = c.segment.options.timestampValue
        plain.isTimestampShared = self[plain: e].has(.usesTimestamps)
            && self[plain: e].timestamp == c.segment.options.timestampValue
    }

    /// Special case of `measureTrip`.
    private func isRoundTrip(since time: Int64, until now: Int64) -> Bool {
        now >= time && now &- time < 3_600_000 * Self.millisecond
    }

    /// `speaksAgainst` where the round trip was measured.
    private func speaksAgainstPlainly(_ e: EndpointRole, _ time: Int64, now: Int64) -> Bool {
        let trip = self[plain: e].roundTrip
        return now &- time > trip + trip / 20 + 2 * Self.millisecond
    }

    /// TSecr is not newer than the FIN: there was no copy that the capture did not see (`arrivedCopy`).
    private func isEcho(_ s: Segment, of sender: EndpointRole) -> Bool {
        !plain.hasTimestamps || Int32(bitPattern: s.options.timestampEcho &- self[plain: sender].timestamp) <= 0
    }

    /// TSecr is that of the FIN and no older one: it was this copy that came (`arrivedCopy`).
    private func echoesLast(_ s: Segment, of sender: EndpointRole) -> Bool {
        !plain.hasTimestamps || s.options.timestampEcho == self[plain: sender].timestamp
    }

    private func nothingIsMissingPlainly(before c: SegmentInPlace, from e: EndpointRole) -> Bool {
        c.hasIdentification && self[plain: e].has(.hasIdentification)
            && c.identification == self[plain: e].identification &+ 1
    }

    /// Nobody lingered in CLOSE-WAIT or FIN-WAIT-2.
    private func isSoon(_ c: SegmentInPlace) -> Bool {
        c.time &- plain.firstFin.time < Self.patience
    }

    // MARK: Records

    /// A proven step. Its cause may lie in memory that no segment touches, and is looked up only for a record.
    @inline(__always)
    private func step(
        _ side: EndpointRole, _ rule: Rule, _ cause: @autoclosure () -> Passing, provenBy proof: PacketReference,
        _ l: inout Ledger
    ) {
        l.take(rule) {
            let cause = cause()
            return TransitionRecord(
                flow: number, endpoint: side, from: rule.from, to: rule.to, rule: rule, time: cause.time,
                cause: cause.reference, proof: proof, certainty: .proven, seen: true)
        }
    }
}
