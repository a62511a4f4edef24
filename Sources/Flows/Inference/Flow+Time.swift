import TCPStateMachine
import WireFormat

/// How long an answer takes: what the vantage point can expect of an endpoint, and when.
extension Flow {
    /// In nanoseconds, as all times here.
    static var millisecond: Int64 { 1_000_000 }

    /// How long Linux holds back an ACK at most (RFC 9293 section 3.8.6.3 allows half a second).
    static var delayedAck: Int64 { 200 * millisecond }
    /// How long anybody may (RFC 1122 section 4.2.3.2).
    static var longestDelayedAck: Int64 { 500 * millisecond }

    /// The time from the vantage point to the endpoint and back, nanoseconds; 0 on its own host.
    ///
    /// Unknown: the peer's (the handshake gives at least one of the two), else 50 ms.
    func trip(_ side: EndpointRole) -> Int64 {
        if self[side].has(.isLocal) { return 0 }
        if self[side].has(.hasRoundTrip) { return self[side].roundTrip }
        if self[side.other].has(.hasRoundTrip), !self[side.other].has(.isLocal) { return self[side.other].roundTrip }
        return 50 * Self.millisecond
    }

    func knowsTrip(_ side: EndpointRole) -> Bool {
        self[side].has(.isLocal) || self[side].has(.hasRoundTrip)
    }

    /// A segment that passed at `time` can have reached the endpoint before it sent what passes now.
    func couldHaveAnswered(_ side: EndpointRole, _ time: Int64, now: Int64) -> Bool {
        (now &- time) >= trip(side) / 10 * 9
    }

    /// What passes now was sent after a segment that passed at `time` must have reached the endpoint.
    func speaksAgainst(_ side: EndpointRole, _ time: Int64, now: Int64) -> Bool {
        let trip = trip(side)
        return now &- time > trip + trip / 20 + 2 * Self.millisecond
    }

    /// Nothing has come back from the endpoint for longer than it should take. To its own host there is no path.
    func pathIsDead(_ side: EndpointRole, now: Int64) -> Bool {
        self[side].has(.isAwaited) && !self[side].has(.isLocal)
            && now &- self[side].dueTime > 2 * trip(side) + 250 * Self.millisecond
    }

    /// No answer of the endpoint comes sooner than this: 0 where all that was measured may have been late. What is seen
    /// as the answer may be a later one, the answer itself having escaped the capture.
    func leastTrip(_ side: EndpointRole) -> Int64 {
        isTripSure(side) ? trip(side) : 0
    }

    func isTripSure(_ side: EndpointRole) -> Bool { self[side].isTripSure || self[side].has(.isLocal) }

    /// Takes a round trip measured from octets that passed once.
    ///
    /// - Parameter isPrompt: what a TCP sends by itself and at once, an answer to a SYN.
    func measureTrip(_ side: EndpointRole, _ sample: Int64, isPrompt: Bool) {
        // Stamps may be anything; what takes an hour is no round trip, and sums of it must not overflow.
        guard sample >= 0, sample < 3_600_000 * Self.millisecond else { return }
        let known = self[side].has(.hasRoundTrip) ? self[side].roundTrip : .max
        if sample < known {
            self[side].roundTrip = sample
            self[side].flags.insert(.hasRoundTrip)
            self[side].isTripSure = isPrompt || Self.areNear(sample, known)
        } else if !self[side].isTripSure {
            self[side].isTripSure = Self.areNear(known, sample)
        }
    }

    /// Two measures of one trip: the longer is no more than a quarter longer.
    static func areNear(_ shorter: Int64, _ longer: Int64) -> Bool {
        longer &- shorter <= shorter / 4
    }
}
