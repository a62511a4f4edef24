import TCPStateMachine
import WireFormat

/// The plain way (`PlainFlow`): which segment a plain flow expects in each phase, and what that shows.
///
/// Where a segment is none of these nothing is changed, and the flow is to be expanded. The rules cite the steps of
/// `observe` that they are special cases of.
extension FlowBlock {
    static let opening: ControlBits = [.syn, .fin, .rst, .ack]

    // MARK: The beginning

    /// The SYN: active OPEN.
    @inline(__always)
    func begin(_ c: SegmentLine, _ passed: inout PassedSegments, _ l: inout Ledger) {
        meetPlainly(c, from: .initiator, &passed)
        awaitPlainly(.responder, c.sequenceNumber + 1, at: c.time)
        step(.initiator, .closedActiveOpen, Passing(c), provenBy: c.reference, &l)
    }

    /// The first segment of an end (`meet`, `takeOwnSyn`, `remember`).
    @inline(__always)
    private func meetPlainly(_ c: SegmentLine, from e: EndpointRole, _ passed: inout PassedSegments) {
        self[plain: e].sndNxt = c.sequenceNumber + 1
        self[plain: e].packets = 1
        self[plain: e].sight = c.sight
        if c.has(.hasTimestamps) {
            self[plain: e].flags.insert(.usesTimestamps)
            self[plain: e].timestamp = c.timestampValue
        }
        if c.has(.hasWindowScale) {
            self[plain: e].flags.insert(.offeredWindowScale)
            self[plain: e].windowScale = min(c.windowScale, 14)
        }
        if c.refusesSack { plain.refusesSack = true }
        if c.has(.hasIdentification) {
            self[plain: e].flags.insert(.hasIdentification)
            self[plain: e].identification = c.identification
        }
        self[plain: e].lastPassed = passed.append(c, isRepeated: false, previous: 0)
    }

    // MARK: What goes on

    /// Takes a segment if it is what a plain flow expects next; else nothing has been changed.
    ///
    /// All that depends on the phase, but for a flow that nobody has answered, is asked behind one jump: where the flow
    /// stands cannot be guessed, and the rest follows from it.
    @inline(__always)
    func take(
        _ c: SegmentLine, from e: EndpointRole, _ passed: inout PassedSegments, _ l: inout Ledger
    ) -> PlainOutcome {
        if plain.phase == .opening { return takePlainAnswer(c, from: e, &passed) ? .taken : .unexpected }
        guard goesOn(c, from: e) else { return .unexpected }
        let p = e.other
        var outcome = PlainOutcome.taken
        switch plain.phase {
        case .answered:
            guard acknowledgesSynAck(c, from: e, &l) else { return .unexpected }
            outcome = .opened
        case .acknowledged, .established: guard speaks(c, from: e, to: p, &l) else { return .unexpected }
        case .closing: guard answersFirstFin(c, from: e, to: p, &l) else { return .unexpected }
        case .closeAcknowledged: guard closesSecond(c, from: e, to: p, &l) else { return .unexpected }
        case .bothClosed:
            guard acknowledgesSecondFin(c, from: e, to: p, &l) else { return .unexpected }
            outcome = .ended
        case .opening, .done, .settled: return .unexpected
        }
        takeNumbersPlainly(c, from: e, to: p, &passed)
        return outcome
    }

    /// The segment stands where its sender's last one ended, acknowledges what its peer sent and no less than before,
    /// and was seen as all of its sender's: it is neither copy nor stranger, neither old nor repeated, and shows no
    /// octet that did not pass.
    @inline(__always)
    private func goesOn(_ c: SegmentLine, from e: EndpointRole) -> Bool {
        guard plain.expects(c.notes), c.sequenceNumber == self[plain: e].sndNxt,
            c.acknowledgmentNumber.isAtOrAfter(self[plain: e].rcvNxt),
            c.acknowledgmentNumber.isAtOrBefore(self[plain: e.other].sndNxt), c.time >= last,
            self[plain: e].sight == c.sight
        else { return false }
        return !plain.hasTimestamps || Int32(bitPattern: c.timestampValue &- self[plain: e].timestamp) >= 0
    }

    /// Special case of `isBeyondWindow`: such a FIN is in doubt.
    @inline(__always)
    private func isBeyondWindowPlainly(_ c: SegmentLine, to p: EndpointRole) -> Bool {
        guard c.sequenceNumber != self[plain: p].rcvNxt else { return false }
        let isRounded = p == .initiator || !plain.isAckOfSynPending
        let rest = isRounded ? UInt32(1) &<< UInt32(self[plain: p].windowScale) &- 1 : 0
        return c.sequenceNumber.isAtOrAfter(self[plain: p].rightEdge + rest)
    }

    /// SYN,ACK: the responder had the SYN, which is reported when the initiator goes on (`settleOpening`).
    private func takePlainAnswer(_ c: SegmentLine, from e: EndpointRole, _ passed: inout PassedSegments) -> Bool {
        let (a, b) = (EndpointRole.initiator, EndpointRole.responder)
        guard e == b, c.controlBits.intersection(Self.opening) == [.syn, .ack], c.payloadLength == 0,
            c.acknowledgmentNumber == self[plain: a].sndNxt, c.window != 0, !c.has(.hasSackBlocks),
            c.sight.direction == .unknown, isRoundTrip(since: last, until: c.time),
            !c.has(.hasTimestamps) || self[plain: a].has(.usesTimestamps)
        else { return false }
        self[plain: b].roundTrip = c.time &- last
        self[plain: b].flags.remove(.isAwaited)
        self[plain: b].flags.insert(.isTripSure)
        meetPlainly(c, from: b, &passed)
        self[plain: b].rcvNxt = c.acknowledgmentNumber
        self[plain: b].rightEdge = c.acknowledgmentNumber + UInt32(c.window)
        if !self[plain: a].has(.offeredWindowScale) || !self[plain: b].has(.offeredWindowScale) {
            self[plain: a].windowScale = 0
            self[plain: b].windowScale = 0
        }
        // All that it can acknowledge as yet: `goesOn` asks for it.
        self[plain: a].rcvNxt = self[plain: b].sndNxt
        self[plain: a].rightEdge = self[plain: b].sndNxt
        awaitPlainly(a, self[plain: b].sndNxt, at: c.time)
        plain.hasTimestamps = c.has(.hasTimestamps)
        plain.synAck = Passing(c)
        plain.phase = .answered
        last = c.time
        return true
    }

    /// The initiator goes on: the responder did answer from LISTEN, and the SYN,ACK came.
    @inline(__always)
    private func acknowledgesSynAck(_ c: SegmentLine, from e: EndpointRole, _ l: inout Ledger) -> Bool {
        guard e == .initiator, !c.hasFin, isRoundTrip(since: plain.synAck.time, until: c.time) else {
            return false
        }
        let syn = Passing(time: beginning.time, reference: beginning.reference)
        step(.responder, .listenSyn, syn, provenBy: plain.synAck.reference, &l)
        step(.initiator, .synSentSynAck, plain.synAck, provenBy: c.reference, &l)
        self[plain: e].roundTrip = c.time &- plain.synAck.time
        self[plain: e].flags.remove(.isAwaited)
        if c.length == 0 { self[plain: e].flags.insert(.isTripSure) }
        plain.ackOfSyn = Passing(c)
        plain.isAckOfSynPending = true
        notePending(c, from: e)
        plain.phase = .acknowledged
        return true
    }

    /// Text, an ACK, or the first FIN.
    @inline(__always)
    private func speaks(
        _ c: SegmentLine, from e: EndpointRole, to p: EndpointRole, _ l: inout Ledger
    ) -> Bool {
        if c.hasFin, isBeyondWindowPlainly(c, to: p) { return false }
        if plain.isAckOfSynPending, e == .responder {
            let isSure = !c.hasFin || c.payloadLength > 0 || l.profile(.responder).acceptsWhenEstablished
                || nothingIsMissingPlainly(before: c, from: e)
            guard isSure else { return false }
            if provesAckOfSynPlainly(c, l) { proveAckOfSyn(c, &l) } else if c.hasFin { return false }
        }
        guard c.hasFin else { return true }
        step(e, .establishedClose, Passing(c), provenBy: c.reference, &l)
        plain.closer = e
        plain.firstFin = Passing(c)
        plain.phase = .closing
        return true
    }

    /// Special case of `provesAckOfSyn`. Inlined, or the ledger is copied to be asked.
    @inline(__always)
    private func provesAckOfSynPlainly(_ c: SegmentLine, _ l: borrowing Ledger) -> Bool {
        if c.payloadLength > 0 || (c.hasFin && l.profile(.responder).acceptsWhenEstablished) { return true }
        if c.acknowledgmentNumber.isAfter(initialNumber(.initiator) + 1) { return true }
        guard plain.hasTimestamps else { return false }
        let newer = Int32(bitPattern: c.timestampEcho &- plain.pendingTimestamp)
        return newer > 0 || (newer == 0 && !plain.isTimestampShared)
    }

    @inline(__always)
    private func proveAckOfSyn(_ c: SegmentLine, _ l: inout Ledger) {
        step(.responder, .synReceivedAckOfSyn, plain.ackOfSyn, provenBy: c.reference, &l)
        plain.isAckOfSynPending = false
        if plain.phase == .acknowledged { plain.phase = .established }
    }

    /// B answers A's FIN: by an ACK, or by an ACK with its own FIN. An ACK that crossed the FIN changes nothing.
    @inline(__always)
    private func answersFirstFin(
        _ c: SegmentLine, from e: EndpointRole, to p: EndpointRole, _ l: inout Ledger
    ) -> Bool {
        guard e != plain.closer, c.payloadLength == 0 else { return false }
        guard c.acknowledgmentNumber == self[plain: p].sndNxt else {
            return !c.hasFin && !plain.isAckOfSynPending && !speaksAgainstPlainly(e, plain.firstFin.time, now: c.time)
        }
        guard isEcho(c, of: p), holdsNoText(e, p) else { return false }
        if c.hasFin {
            guard nothingIsMissingPlainly(before: c, from: e), isSoon(c), !isBeyondWindowPlainly(c, to: p) else {
                return false
            }
        }
        if plain.isAckOfSynPending { proveAckOfSyn(c, &l) }
        step(e, .establishedFin, plain.firstFin, provenBy: c.reference, &l)
        plain.ackOfFirstFin = Passing(c)
        notePending(c, from: e)
        plain.phase = .closeAcknowledged
        if c.hasFin { closeSecond(c, e, &l) }
        return true
    }

    /// Nothing of the endpoint can have waited when A's FIN came (`mayHoldText`).
    @inline(__always)
    private func holdsNoText(_ e: EndpointRole, _ p: EndpointRole) -> Bool {
        self[plain: p].rcvNxt.isAtOrAfter(self[plain: e].sndNxt)
            && self[plain: p].rightEdge.isAtOrAfter(self[plain: e].sndNxt + Flow.usualSegment)
    }

    /// B's FIN, at the number at which its ACK of A's stood: from CLOSE-WAIT (`closeCertainty`).
    @inline(__always)
    private func closesSecond(
        _ c: SegmentLine, from e: EndpointRole, to p: EndpointRole, _ l: inout Ledger
    ) -> Bool {
        guard e != plain.closer, c.hasFin, c.payloadLength == 0, isSoon(c), !isBeyondWindowPlainly(c, to: p) else {
            return false
        }
        closeSecond(c, e, &l)
        return true
    }

    @inline(__always)
    private func closeSecond(_ c: SegmentLine, _ e: EndpointRole, _ l: inout Ledger) {
        step(e, .closeWaitClose, Passing(c), provenBy: c.reference, &l)
        plain.secondFin = Passing(c)
        plain.phase = .bothClosed
    }

    /// A's ACK of B's FIN, which acknowledged its own (`proveFin`).
    @inline(__always)
    private func acknowledgesSecondFin(
        _ c: SegmentLine, from e: EndpointRole, to p: EndpointRole, _ l: inout Ledger
    ) -> Bool {
        guard e == plain.closer, !c.hasFin, c.payloadLength == 0, echoesLast(c, of: p),
            c.acknowledgmentNumber == self[plain: p].sndNxt
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
    @inline(__always)
    private func takeNumbersPlainly(
        _ c: SegmentLine, from e: EndpointRole, to p: EndpointRole, _ passed: inout PassedSegments
    ) {
        let acked = c.acknowledgmentNumber
        last = c.time
        self[plain: e].packets &+= 1
        if self[plain: e].has(.isAwaited), acked.isAtOrAfter(self[plain: e].dueEnd) {
            measurePlainly(e, c.time &- self[plain: e].dueTime)
            self[plain: e].flags.remove(.isAwaited)
            if acked.isBefore(self[plain: p].sndNxt) { awaitOldest(e, behind: acked, passed) }
        }
        self[plain: e].rcvNxt = acked
        let edge = acked + UInt32(c.window) &<< UInt32(self[plain: e].windowScale)
        if edge.isAfter(self[plain: e].rightEdge) { self[plain: e].rightEdge = edge }
        // It has no SYN.
        let length = c.payloadLength &+ (c.hasFin ? 1 : 0)
        let end = c.sequenceNumber + length
        let isRepeated = self[plain: p].has(.isAwaited) && end.isAtOrBefore(self[plain: p].dueEnd)
        if length != 0 {
            self[plain: e].bytes &+= UInt64(c.payloadLength)
            self[plain: e].sndNxt = end
            if !self[plain: p].has(.isAwaited) { awaitPlainly(p, end, at: c.time) }
        }
        self[plain: e].lastPassed = passed.append(c, isRepeated: isRepeated, previous: self[plain: e].lastPassed)
        self[plain: e].timestamp = plain.hasTimestamps ? c.timestampValue : self[plain: e].timestamp
        if c.has(.hasIdentification) {
            self[plain: e].flags.insert(.hasIdentification)
            self[plain: e].identification = c.identification
        }
    }

    /// Special case of `measureTrip`.
    @inline(__always)
    private func measurePlainly(_ e: EndpointRole, _ sample: Int64) {
        let known = self[plain: e].roundTrip
        let isNear = Flow.areNear(min(known, sample), max(known, sample))
        // Which of the two is longer cannot be guessed.
        let flags = self[plain: e].flags
        let kept = sample < known ? flags.subtracting(.isTripSure) : flags
        self[plain: e].flags = isNear ? flags.union(.isTripSure) : kept
        self[plain: e].roundTrip = min(known, sample)
    }

    @inline(__always)
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
    @inline(__always)
    func initialNumber(_ e: EndpointRole) -> SequenceNumber {
        let fin: UInt32 = hasFinPlainly(e) ? 1 : 0
        return self[plain: e].sndNxt - (UInt32(truncatingIfNeeded: self[plain: e].bytes) &+ 1 &+ fin)
    }

    @inline(__always)
    func hasFinPlainly(_ e: EndpointRole) -> Bool {
        switch plain.phase {
        case .opening, .answered, .acknowledged, .established: false
        case .closing, .closeAcknowledged: e == plain.closer
        case .bothClosed, .done, .settled: true
        }
    }

    // MARK: Time and stamps

    /// The peer's pending ACK is that of the segment.
    @inline(__always)
    private func notePending(_ c: SegmentLine, from e: EndpointRole) {
        plain.pendingTimestamp = c.timestampValue
        plain.isTimestampShared = self[plain: e].has(.usesTimestamps)
            && self[plain: e].timestamp == c.timestampValue
    }

    /// Special case of `measureTrip`.
    @inline(__always)
    private func isRoundTrip(since time: Int64, until now: Int64) -> Bool {
        now >= time && now &- time < 3_600_000 * Flow.millisecond
    }

    /// `speaksAgainst` where the round trip was measured.
    @inline(__always)
    private func speaksAgainstPlainly(_ e: EndpointRole, _ time: Int64, now: Int64) -> Bool {
        let trip = self[plain: e].roundTrip
        return now &- time > trip + trip / 20 + 2 * Flow.millisecond
    }

    /// TSecr is not newer than the FIN: there was no copy that the capture did not see (`arrivedCopy`).
    @inline(__always)
    private func isEcho(_ c: SegmentLine, of sender: EndpointRole) -> Bool {
        !plain.hasTimestamps || Int32(bitPattern: c.timestampEcho &- self[plain: sender].timestamp) <= 0
    }

    /// TSecr is that of the FIN and no older one: it was this copy that came (`arrivedCopy`).
    @inline(__always)
    private func echoesLast(_ c: SegmentLine, of sender: EndpointRole) -> Bool {
        !plain.hasTimestamps || c.timestampEcho == self[plain: sender].timestamp
    }

    @inline(__always)
    private func nothingIsMissingPlainly(before c: SegmentLine, from e: EndpointRole) -> Bool {
        c.has(.hasIdentification) && self[plain: e].has(.hasIdentification)
            && c.identification == self[plain: e].identification &+ 1
    }

    /// Nobody lingered in CLOSE-WAIT or FIN-WAIT-2.
    @inline(__always)
    private func isSoon(_ c: SegmentLine) -> Bool {
        c.time &- plain.firstFin.time < Flow.patience
    }

    // MARK: Records

    /// A step, proven unless something else is said. Its cause may lie in memory that no segment touches, and is looked
    /// up only for a record; a timer has only a time.
    @inline(__always)
    func step(
        _ side: EndpointRole, _ rule: Rule, _ cause: @autoclosure () -> Passing, provenBy proof: PacketReference,
        as certainty: Certainty = .proven, _ l: inout Ledger
    ) {
        l.count(rule)
        if l.interest.contains(.transitions) { record(side, rule, cause(), provenBy: proof, certainty, &l) }
    }

    /// Not inlined, so that those who count only need no room for it.
    @inline(never)
    private func record(
        _ side: EndpointRole, _ rule: Rule, _ cause: Passing, provenBy proof: PacketReference, _ certainty: Certainty,
        _ l: inout Ledger
    ) {
        l.records.append(
            .transition(
                TransitionRecord(
                    flow: number, endpoint: side, from: rule.from, to: rule.to, rule: rule, time: cause.time,
                    cause: cause.reference, proof: proof, certainty: certainty, seen: certainty != .timer)))
    }
}
