public import TCPStateMachine

// Records that others than the tracker make: the simulator, which knows the truth.

extension TransitionRecord {
    /// A step that is known and not inferred.
    public init(
        known flow: UInt64, _ endpoint: EndpointRole, from: State, to: State, rule: Rule?, time: Int64,
        cause: PacketReference, isTimer: Bool
    ) {
        self.flow = flow
        self.endpoint = endpoint
        self.from = from
        self.to = to
        self.rule = rule
        self.time = time
        self.cause = cause
        proof = .none
        certainty = isTimer ? .timer : .proven
        seen = !cause.isNone
    }
}

extension SegmentRecord {
    /// A segment with the states that it has led to.
    public init(
        known flow: UInt64, _ reference: PacketReference, time: Int64, from: EndpointRole, _ segment: Segment,
        initiatorState: State, responderState: State
    ) {
        self.flow = flow
        self.reference = reference
        self.time = time
        self.from = from
        controlBits = segment.controlBits
        sequenceNumber = segment.sequenceNumber
        acknowledgmentNumber = segment.hasAck ? segment.acknowledgmentNumber : nil
        length = segment.payloadLength
        note = .none
        self.initiatorState = initiatorState
        self.responderState = responderState
    }
}
