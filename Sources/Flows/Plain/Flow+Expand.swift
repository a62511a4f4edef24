import TCPStateMachine
import WireFormat

/// A plain flow does something else: it gets the endpoints, journals and pending facts that the general way would have
/// made of its segments (`PlainFlow`).
extension Flow {
    /// Fills in the endpoints; the flow has them since a moment ago.
    ///
    /// - Parameter d: a fresh detail; nil once the flow is settled.
    func expand(_ d: FlowDetail?, _ passed: borrowing PassedSegments) {
        for side in EndpointRole.allCases {
            expandNumbers(side)
            expandFlags(side)
            self[side].states = plainStates(side)
        }
        if plain.phase >= .closeAcknowledged { expandClosing() }
        refusesSack = plain.refusesSack
        guard let d else { return }
        for side in EndpointRole.allCases {
            d[side].journal.begin(in: self[side].states)
            expandRecent(towards: side, d, passed)
        }
        if plain.phase == .answered { expandOpening(d) }
        expandPending(d)
    }

    // MARK: States

    /// What the phase tells of an end, pending facts not counted.
    func plainStates(_ side: EndpointRole) -> StateSet {
        let isFirst = side == .initiator
        return switch plain.phase {
        case .opening: isFirst ? StateSet(.synSent) : []
        case .answered: StateSet(isFirst ? .synSent : .synReceived)
        case .acknowledged, .established, .closing, .closeAcknowledged, .bothClosed, .done, .settled:
            StateSet(plainState(side))
        }
    }

    /// The state of an end that has shown one.
    func plainState(_ side: EndpointRole) -> State {
        let isCloser = side == plain.closer
        switch plain.phase {
        case .opening, .answered, .acknowledged, .established: return openState(side)
        case .closing: return isCloser ? .finWait1 : openState(side)
        case .closeAcknowledged: return isCloser ? .finWait1 : .closeWait
        case .bothClosed: return isCloser ? .finWait1 : .lastAck
        case .done: return isCloser ? .timeWait : .lastAck
        case .settled: return isCloser && !plain.isOver ? .timeWait : .closed
        }
    }

    private func openState(_ side: EndpointRole) -> State {
        side == .responder && plain.isAckOfSynPending ? .synReceived : .established
    }

    /// With what is pending taken as arrived; empty while nothing is known of the end.
    func plainPresumedStates(_ side: EndpointRole) -> StateSet {
        let isCloser = side == plain.closer
        switch plain.phase {
        case .opening: return plainStates(side)
        case .answered: return StateSet(side == .initiator ? .established : .synReceived)
        case .acknowledged, .established: return StateSet(.established)
        case .closing: return StateSet(isCloser ? .finWait1 : .closeWait)
        case .closeAcknowledged: return StateSet(isCloser ? .finWait2 : .closeWait)
        case .bothClosed: return StateSet(isCloser ? .timeWait : .lastAck)
        case .done: return StateSet(isCloser ? .timeWait : .closed)
        case .settled: return plainStates(side)
        }
    }

    // MARK: Endpoints

    private func expandNumbers(_ side: EndpointRole) {
        let known = self[plain: side]
        guard known.packets > 0 else { return expandDue(side) }
        self[side].iss = block.initialNumber(side)
        self[side].sndNxt = known.sndNxt
        self[side].stream = OctetStream(start: known.sndNxt)
        self[side].opening = side == .initiator ? .active : .passive
        if block.hasFinPlainly(side) { self[side].finNumber = known.sndNxt - 1 }
        self[side].timestamp = known.timestamp
        self[side].windowScale = known.windowScale
        self[side].lastIdentification = known.identification
        self[side].lowestTimeToLive = known.sight.timeToLive
        self[side].highestTimeToLive = known.sight.timeToLive
        self[side].sight = known.sight
        self[side].packets = UInt64(known.packets)
        self[side].bytes = known.bytes
        expandDue(side)
        guard hasAcknowledged(side) else { return }
        self[side].rcvNxt = known.rcvNxt
        self[side].rightEdge = known.rightEdge
        self[side].roundTrip = known.roundTrip
        self[side].isTripSure = known.has(.isTripSure)
        self[side].flags.insert([.hasRcvNxt, .hasRoundTrip])
    }

    private func expandDue(_ side: EndpointRole) {
        guard self[plain: side].has(.isAwaited) else { return }
        self[side].dueTime = self[plain: side].dueTime
        self[side].dueEnd = self[plain: side].dueEnd
        self[side].flags.insert([.isAwaited, .awaitedOnce])
    }

    /// It has sent an ACK.
    func hasAcknowledged(_ side: EndpointRole) -> Bool {
        plain.phase >= (side == .initiator ? .acknowledged : .answered)
    }

    private func expandFlags(_ side: EndpointRole) {
        let known = self[plain: side]
        guard known.packets > 0 else { return }
        self[side].flags.insert([.hasInitialNumber, .hasSndNxt, .hasOwnSndNxt])
        self[side].flags.insert(side == .initiator ? .sentSyn : .sentSynAck)
        if known.has(.usesTimestamps) { self[side].flags.insert(.usesTimestamps) }
        if known.has(.offeredWindowScale) { self[side].flags.insert(.offeredWindowScale) }
        if known.has(.hasIdentification) { self[side].flags.insert(.hasIdentification) }
        if plain.phase >= .answered { self[side].flags.insert(.hasExactWindow) }
        if hasAcknowledged(side.other) { self[side].flags.insert(.synAcknowledged) }
        if block.hasFinPlainly(side) { self[side].flags.insert(.hasFin) }
        if plain.phase == .answered, side == .responder { self[side].flags.insert(.isOpeningUnsettled) }
    }

    /// What follows from the ACKs of the FINs, and what brought each end into its state.
    private func expandClosing() {
        let (a, b) = (plain.closer, plain.closer.other)
        self[a].flags.insert(.finAcknowledged)
        self[b].flags.insert([.tookFin, .acknowledgedPeerFin])
        self[a].lastCause = plain.firstFin.reference
        self[b].lastCause = plain.firstFin.reference
        self[b].clock = plain.firstFin.time
        guard plain.phase >= .bothClosed else { return }
        self[b].lastCause = plain.secondFin.reference
        self[b].clock = plain.secondFin.time
        guard plain.phase >= .done else { return }
        self[b].flags.insert(.finAcknowledged)
        self[a].flags.insert([.tookFin, .acknowledgedPeerFin])
        self[a].lastCause = plain.isOver ? .none : plain.secondFin.reference
        self[a].clock = plain.isOver ? 0 : plain.secondFin.time
        guard plain.phase == .settled else { return }
        self[b].lastRule = .lastAckAckOfFin
        self[b].lastCause = plain.lastAck.reference
        self[b].certainty = .presumed
    }

    // MARK: The detail

    /// The responder's step from LISTEN waits in its journal (`settleOpening`).
    private func expandOpening(_ d: FlowDetail) {
        d[.responder].journal.begin(in: StateSet(.listen))
        d[.responder].journal.append(
            JournalEntry(
                event: .synArrives, certainty: .proven, seen: true, isFinal: false, time: first,
                cause: firstReference, proof: plain.synAck.reference))
    }

    private func expandPending(_ d: FlowDetail) {
        let (a, b) = (plain.closer, plain.closer.other)
        switch plain.phase {
        case .opening:
            let syn = passing(time: first, firstReference, self[plain: .initiator].timestamp)
            pend(.syn, at: .responder, fact(syn, from: .initiator, isShared: false), d)
        case .answered:
            var synAck = fact(
                passing(time: plain.synAck.time, plain.synAck.reference, self[plain: .responder].timestamp),
                from: .responder, isShared: true)
            synAck.mark = true
            pend(.ackOfSyn, at: .initiator, synAck, d)
            pend(.syn, at: .initiator, synAck, d)
        case .acknowledged, .established, .settled: break
        case .closing: pendFin(plain.firstFin, of: a, d)
        case .closeAcknowledged: pendAck(plain.ackOfFirstFin, .ackOfFin, at: a, d)
        case .bothClosed:
            pendAck(plain.ackOfFirstFin, .ackOfFin, at: a, d)
            pendFin(plain.secondFin, of: b, d)
        case .done: pendAck(plain.lastAck, .ackOfFin, at: b, d)
        }
        if plain.isAckOfSynPending { pendAck(plain.ackOfSyn, .ackOfSyn, at: .responder, d) }
    }

    private func pendAck(_ cause: Passing, _ kind: FactKind, at e: EndpointRole, _ d: FlowDetail) {
        let ack = passing(time: cause.time, cause.reference, plain.pendingTimestamp)
        pend(kind, at: e, fact(ack, from: e.other, isShared: plain.isTimestampShared), d)
    }

    private func pendFin(_ cause: Passing, of sender: EndpointRole, _ d: FlowDetail) {
        pendFin(
            at: sender.other,
            FinCopy(
                time: cause.time, cause: cause.reference, acknowledgmentNumber: self[plain: sender].rcvNxt,
                timestamp: plain.hasTimestamps ? self[plain: sender].timestamp : 0,
                hasTimestamp: plain.hasTimestamps, isDoubted: false,
                hasRoom: leavesRoom(sender, behind: self[sender.other].sndNxt)),
            isWhole: true, d)
    }

    private func passing(
        time: Int64, _ reference: PacketReference, _ timestamp: UInt32
    ) -> (Passing, timestamp: UInt32) {
        (Passing(time: time, reference: reference), timestamp)
    }

    private func fact(
        _ cause: (Passing, timestamp: UInt32), from sender: EndpointRole, isShared: Bool
    ) -> PendingFact {
        // Only the first SYN may have timestamps that its answer has not.
        let hasTimestamp = plain.phase == .opening ? self[plain: sender].has(.usesTimestamps) : plain.hasTimestamps
        return PendingFact(
            time: cause.0.time, cause: cause.0.reference, timestamp: hasTimestamp ? cause.timestamp : 0,
            hasTimestamp: hasTimestamp, isTimestampShared: hasTimestamp && isShared, mark: false, seen: true)
    }

    private func expandRecent(towards side: EndpointRole, _ d: FlowDetail, _ passed: borrowing PassedSegments) {
        var found: InlineArray<8, UInt32> = InlineArray(repeating: 0)
        var number = self[plain: side.other].lastPassed
        var count = 0
        while count < RecentSegments.capacity, let segment = passed.segment(number) {
            found[count] = number
            number = segment.previous
            count += 1
        }
        while count > 0 {
            count -= 1
            if let segment = passed.segment(found[count]) { d[side].recent.append(segment.segment) }
        }
        if let last = passed.segment(found[0]) {
            self[side.other].lastSequenceNumber = last.segment.sequenceNumber
        }
    }
}
