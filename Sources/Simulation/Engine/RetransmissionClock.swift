import TCPStateMachine

/// How long a connection waits before it sends again (RFC 6298), and how often it has.
struct RetransmissionClock: Hashable, Sendable, BitwiseCopyable {
    /// SRTT, nanoseconds, once a round trip has been measured.
    private var smoothed: Int64?
    /// RTTVAR, nanoseconds.
    private var variation: Int64 = 0
    /// Doublings of the timeout.
    private var backoff: UInt8 = 0
    /// Retransmissions of the segment at the front of the queue.
    private(set) var retransmissions: UInt8 = 0
    /// The round trip that is being measured: it ends with the ACK of this number.
    private var timedNumber: SequenceNumber?
    private var timedSince = VirtualTime.zero

    /// The timeout as it is now, backed off.
    func timeout(_ settings: HostSettings) -> Int64 {
        var base = settings.initialTimeout
        if let smoothed { base = max(smoothed + max(4 * variation, Duration.millisecond), settings.minimumTimeout) }
        return min(base << Int64(min(backoff, 16)), settings.maximumTimeout)
    }

    /// A segment that has not been sent before goes out; only one is timed at once.
    mutating func noteSent(_ segment: Segment, at time: VirtualTime) {
        guard timedNumber == nil, segment.length > 0, retransmissions == 0 else { return }
        timedNumber = segment.end
        timedSince = time
    }

    /// The timer has run: what is sent again is not timed (Karn's algorithm, RFC 6298 section 3), and the timeout
    /// doubles (5.5).
    mutating func noteTimeout() {
        timedNumber = nil
        backoff = min(backoff + 1, 16)
        retransmissions = retransmissions == .max ? .max : retransmissions + 1
    }

    /// Something has been sent again without waiting for the timer: its ACK tells no round trip.
    mutating func noteRepeated() {
        timedNumber = nil
    }

    /// Something new has been acknowledged.
    mutating func noteProgress(upTo number: SequenceNumber, at time: VirtualTime) {
        retransmissions = 0
        if let timedNumber, number.isAtOrAfter(timedNumber) {
            measure(time.nanoseconds - timedSince.nanoseconds)
            self.timedNumber = nil
        }
        backoff = 0
    }

    /// A probe of a closed window was answered: the connection lives, however long that goes on (RFC 9293 section
    /// 3.8.6.1). The timeout stays backed off.
    mutating func noteAnsweredProbe() {
        retransmissions = 0
    }

    /// RFC 6298 sections 2.2 and 2.3.
    private mutating func measure(_ roundTrip: Int64) {
        guard let smoothed else {
            self.smoothed = roundTrip
            variation = roundTrip / 2
            return
        }
        variation = (3 * variation + abs(smoothed - roundTrip)) / 4
        self.smoothed = (7 * smoothed + roundTrip) / 8
    }
}
