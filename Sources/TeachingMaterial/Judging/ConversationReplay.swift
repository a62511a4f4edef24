import TCPStateMachine

/// Two machines that go through a conversation as it is told. What a user must have called is inferred from what was
/// sent; a line that is wrong is replaced by what the machine does, so that it is judged once.
struct ConversationReplay {
    /// One end.
    struct End {
        var connection: Connection
        /// Segments that the machine has sent and no line has shown yet.
        var outbox: [Segment] = []
        /// What has been shown as sent, for repetitions.
        var sent: [Segment] = []
    }

    /// What a line has wrong about its segment.
    enum Fault {
        case number(expected: Segment)
        case segment(state: State)
    }

    private(set) var ends: [End]
    /// Segments under way, to the end of this index.
    private var underWay: [[Segment]] = [[], []]
    /// The numbers of the story are given; otherwise they are the machines' own.
    let hasNumbers: Bool
    /// A FIN may be written without the ACK that it carries.
    let isLoose: Bool

    /// Machines that are ready for a conversation; nil if it begins in the midst of something that cannot be made up.
    init?(_ claim: ConversationClaim, profile: Profile) {
        hasNumbers = claim.rows.contains { $0.segment?.sequence != nil }
        isLoose = !hasNumbers || claim.form == .sequence
        let (a, b) = ConversationReplay.opening(claim)
        guard let (first, second) = ConversationReplay.ends(a, b, claim, profile) else { return nil }
        ends = [End(connection: first), End(connection: second)]
    }

    /// The states at the begin: as the first line without a segment says, otherwise as the first segment needs.
    private static func opening(_ claim: ConversationClaim) -> (State, State) {
        var states: [State?] = [nil, nil]
        for row in claim.rows {
            if row.segment != nil { break }
            if let state = row.a?.state, states[0] == nil { states[0] = state }
            if let state = row.b?.state, states[1] == nil { states[1] = state }
        }
        guard let first = claim.rows.first(where: { $0.segment != nil }), let segment = first.segment else {
            return (.closed, .closed)
        }
        let sender = first.isRightward ? 0 : 1
        let isSyn = segment.control.contains(.syn) && !segment.control.contains(.ack)
        if isSyn {
            // A state noted before the arrow may be the one after it.
            if states[sender] == .synSent { states[sender] = .closed }
            let other = 1 - sender
            let crosses = claim.rows.contains { row in
                row.isRightward != first.isRightward && row.segment?.control == .syn
            }
            if states[other] == nil || states[other] == .closed { states[other] = crosses ? .closed : .listen }
            return (states[0] ?? .closed, states[1] ?? .closed)
        }
        return (states[0] ?? .established, states[1] ?? .established)
    }

    private static func ends(
        _ a: State, _ b: State, _ claim: ConversationClaim, _ profile: Profile
    ) -> (Connection, Connection)? {
        var numbers: [UInt32] = [100, 300]
        for side in 0..<2 {
            if let syn = claim.rows.first(where: {
                $0.segment?.control.contains(.syn) ?? false && $0.isRightward == (side == 0)
            }),
                let number = syn.segment?.sequence
            {
                numbers[side] = number
            } else if let first = claim.rows.first(where: { $0.segment != nil && $0.isRightward == (side == 0) }),
                let number = first.segment?.sequence
            {
                numbers[side] = number
            }
        }
        if a == .established, b == .established {
            let first =
                claim.rows.first { $0.segment?.control.contains(.ack) ?? false }
                ?? claim.rows.first { $0.segment != nil }
            guard let first, let segment = first.segment else { return nil }
            let sender = first.isRightward ? 0 : 1
            if let number = segment.sequence { numbers[sender] = number &- 1 }
            if let number = segment.acknowledgment { numbers[1 - sender] = number &- 1 }
        }
        var connections = numbers.map { Connection(profile: profile, nextInitialNumber: SequenceNumber($0)) }
        switch (a, b) {
        case (.closed, .closed), (.closed, .listen), (.listen, .closed), (.listen, .listen):
            if a == .listen { _ = connections[0].handle(.passiveOpen(remoteSpecified: false)) }
            if b == .listen { _ = connections[1].handle(.passiveOpen(remoteSpecified: false)) }
        case (.established, .established):
            _ = connections[1].handle(.passiveOpen(remoteSpecified: false))
            guard let syn = first(connections[0].handle(.activeOpen(remoteSpecified: true))),
                let synAck = first(connections[1].handle(.segmentArrives(syn))),
                let ack = first(connections[0].handle(.segmentArrives(synAck)))
            else { return nil }
            _ = connections[1].handle(.segmentArrives(ack))
        default: return nil
        }
        return (connections[0], connections[1])
    }

    private static func first(_ outcome: Outcome) -> Segment? {
        outcome.segments.first { _ in true }
    }

    func state(_ end: Int) -> State { ends[end].connection.state }

    // MARK: Steps

    private mutating func tell(_ end: Int, _ event: Event) {
        let outcome = ends[end].connection.handle(event)
        for segment in outcome.segments { ends[end].outbox.append(segment) }
    }

    mutating func timeOut(_ end: Int) { tell(end, .timeWaitTimeout) }

    /// A segment leaves an end; what is wrong with it, or nil.
    mutating func depart(_ claim: ConversationClaim.SegmentClaim, from end: Int) -> Fault? {
        if let index = match(claim, in: ends[end].outbox) {
            return send(ends[end].outbox.remove(at: index), claim, end)
        }
        if let index = match(claim, in: ends[end].sent), isSame(claim, ends[end].sent[index]) {
            underWay[1 - end].append(ends[end].sent[index])
            return nil
        }
        for event in inferredCalls(claim, end) { tell(end, event) }
        if let index = match(claim, in: ends[end].outbox) {
            return send(ends[end].outbox.remove(at: index), claim, end)
        }
        // A bare ACK may be sent at any time once there is a peer.
        if claim.control == .ack, claim.length == 0, isSynchronized(state(end)) {
            let connection = ends[end].connection
            let ack = Segment(
                sequenceNumber: connection.sndNxt, acknowledgmentNumber: connection.rcvNxt, controlBits: .ack,
                window: UInt16(truncatingIfNeeded: min(connection.rcvWnd, 65_535)))
            return send(ack, claim, end)
        }
        // Something else is due: it goes on with that.
        guard !ends[end].outbox.isEmpty else { return .segment(state: state(end)) }
        let due = ends[end].outbox.removeFirst()
        ends[end].sent.append(due)
        underWay[1 - end].append(due)
        return .number(expected: due)
    }

    private func isSynchronized(_ state: State) -> Bool {
        switch state {
        case .closed, .listen, .synSent, .synReceived: false
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: true
        }
    }

    private func inferredCalls(_ claim: ConversationClaim.SegmentClaim, _ end: Int) -> [Event] {
        let length = claim.length ?? 1
        if claim.control.contains(.rst) { return [.abort] }
        if claim.control.contains(.fin) {
            return (length > 0 ? [.send(octets: length)] : []) + [.close(furtherReceiving: true)]
        }
        if claim.control.contains(.syn) { return [.activeOpen(remoteSpecified: true)] }
        return length > 0 ? [.send(octets: length)] : []
    }

    /// The first segment of the same kind.
    private func match(_ claim: ConversationClaim.SegmentClaim, in segments: [Segment]) -> Int? {
        let ignored: ControlBits = [.psh, .urg]
        let wanted = claim.control.subtracting(ignored)
        func fits(_ segment: Segment) -> Bool {
            let bits = segment.controlBits.subtracting(ignored)
            // A FIN is often written without the ACK that it carries.
            let fits =
                bits == wanted
                || isLoose && bits.subtracting(.ack) == wanted && !wanted.isDisjoint(with: [.fin, .rst])
            return fits && (claim.length.map { $0 == segment.payloadLength } ?? (segment.payloadLength > 0))
        }
        return segments.firstIndex { fits($0) && isSame(claim, $0) } ?? segments.firstIndex(where: fits)
    }

    private func isSame(_ claim: ConversationClaim.SegmentClaim, _ segment: Segment) -> Bool {
        claim.sequence.map { $0 == segment.sequenceNumber.rawValue } ?? true
            && claim.acknowledgment.map { !segment.hasAck || $0 == segment.acknowledgmentNumber.rawValue } ?? true
    }

    private mutating func send(_ segment: Segment, _ claim: ConversationClaim.SegmentClaim, _ end: Int) -> Fault? {
        ends[end].sent.append(segment)
        underWay[1 - end].append(segment)
        return isSame(claim, segment) ? nil : .number(expected: segment)
    }

    /// The SYN that an end sends next has this number.
    mutating func prepare(_ number: UInt32, at end: Int) {
        switch state(end) {
        case .closed, .listen: ends[end].connection.nextInitialNumber = SequenceNumber(number)
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            break
        }
    }

    /// A segment arrives: the one that left, or an old duplicate. What is wrong with it, or nil.
    mutating func arrive(_ claim: ConversationClaim.SegmentClaim, at end: Int, isDuplicate: Bool) -> Fault? {
        let segment: Segment
        var fault: Fault?
        if isDuplicate, let number = claim.sequence {
            segment = Segment(
                sequenceNumber: SequenceNumber(number), acknowledgmentNumber: SequenceNumber(claim.acknowledgment ?? 0),
                controlBits: claim.control, payloadLength: claim.length ?? 1, window: 65_535)
        } else if let index = match(claim, in: underWay[end]) {
            segment = underWay[end].remove(at: index)
            if !isSame(claim, segment) { fault = .number(expected: segment) }
        } else if !underWay[end].isEmpty {
            // Something is under way, but not this.
            segment = underWay[end].removeFirst()
            fault = .number(expected: segment)
        } else {
            return nil
        }
        tell(end, .segmentArrives(segment))
        return fault
    }

    /// What was sent and shown as lost.
    mutating func lose(_ claim: ConversationClaim.SegmentClaim, to end: Int) {
        if let index = match(claim, in: underWay[end]) { underWay[end].remove(at: index) }
    }
}
