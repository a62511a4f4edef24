public import TCPStateMachine

/// What one end of the network is like: its TCP, its timers, its user.
public struct HostSettings: Hashable, Sendable {
    public var profile: Profile
    /// For all its connections.
    public var parameters = Parameters()
    /// How long an ACK is held back where `parameters.delaysAcknowledgments` is on, nanoseconds (RFC 9293 section
    /// 3.8.6.3: less than 0.5 seconds).
    public var acknowledgmentDelay = 200 * Duration.millisecond
    /// The retransmission timeout before a round trip has been measured, nanoseconds (RFC 6298 section 2.1).
    public var initialTimeout = Duration.second
    /// The least retransmission timeout, nanoseconds (RFC 6298 section 2.4: one second; Linux: 200 ms).
    public var minimumTimeout: Int64
    /// The most that back-off comes to, nanoseconds (RFC 6298 section 2.5: at least 60 s; Linux: 120 s).
    public var maximumTimeout: Int64
    /// The user timeout, nanoseconds (RFC 793 p. 45: five minutes); nil for none, as in Linux.
    public var userTimeout: Int64?
    /// It has a Fast Open cookie of the other end from the begin.
    public var hasFastOpenCookie = false
    /// When and how often an idle connection asks for a sign of life; nil for never, which is the default everywhere.
    public var keepalive: Keepalive?
    /// Whether the user takes what arrives at once, so that the window never closes.
    public var readsAtOnce = true
    /// The initial sequence numbers of its connections, in the order in which they are needed; when they are used up,
    /// numbers come from a clock of four microseconds and the seed (RFC 9293 section 3.4.1).
    public var initialNumbers: [SequenceNumber] = []

    /// RFC 9293 section 3.8.4; Linux: 7200 s, 75 s, 9.
    public struct Keepalive: Hashable, Sendable, BitwiseCopyable {
        /// How long nothing must have come before the first probe, nanoseconds.
        public var idle: Int64
        /// Between probes, nanoseconds.
        public var interval: Int64
        /// After so many unanswered ones the connection is given up.
        public var probes: UInt8

        public init(
            idle: Int64 = 7200 * Duration.second, interval: Int64 = 75 * Duration.second, probes: UInt8 = 9
        ) {
            self.idle = idle
            self.interval = interval
            self.probes = probes
        }
    }

    /// The profile's usual timers.
    public init(profile: Profile = .rfc9293) {
        self.profile = profile
        switch profile.name {
        case .rfc793, .rfc9293:
            minimumTimeout = Duration.second
            maximumTimeout = 60 * Duration.second
            userTimeout = 300 * Duration.second
        case .linux:
            minimumTimeout = 200 * Duration.millisecond
            maximumTimeout = 120 * Duration.second
            userTimeout = nil
        }
    }
}
