/// What a connection can be told: a user call, a segment, a timeout (RFC 793 section 3.9), an ICMP error (RFC 1122
/// section 4.2.3.9), and two things that only the Linux kernel knows.
public enum Event: Hashable, Sendable, BitwiseCopyable {
    /// OPEN, passive. Whether the remote socket is specified, or to be filled in by the first SYN.
    case passiveOpen(remoteSpecified: Bool)
    /// OPEN, active; without a remote socket it is an error.
    case activeOpen(remoteSpecified: Bool)
    /// OPEN, active, together with a SEND of so many octets, which the SYN carries if there is a Fast Open cookie (RFC
    /// 7413; the socket's `sendto` with MSG_FASTOPEN).
    case fastOpen(octets: UInt32)
    /// SEND of so many octets; their text is not kept.
    case send(octets: UInt32)
    /// RECEIVE of at most so many octets.
    case receive(octets: UInt32)
    /// CLOSE. With further receiving it says "I have no more to send" (RFC 793 p. 49; the socket's `shutdown`);
    /// without, nobody reads any more (half-duplex close, RFC 1122 section 4.2.2.13; the socket's `close`).
    case close(furtherReceiving: Bool)
    /// ABORT.
    case abort
    /// STATUS.
    case status
    /// SEGMENT ARRIVES: checksum, addresses and ports are right.
    case segmentArrives(Segment)
    /// USER TIMEOUT.
    case userTimeout
    /// RETRANSMISSION TIMEOUT, after so many retransmissions of the segment at the front of the queue.
    case retransmissionTimeout(retransmissions: UInt8)
    /// TIME-WAIT TIMEOUT.
    case timeWaitTimeout
    /// An ACK has been held back for as long as it may be (RFC 9293 section 3.8.6.3: less than 0.5 seconds).
    case delayedAcknowledgmentTimeout
    /// The connection has been idle for so long that its peer is asked for a sign of life (RFC 9293 section 3.8.4).
    case keepaliveTimeout
    /// An ICMP error that reports a lasting condition: Destination Unreachable codes 2, 3, 4.
    case icmpHardError
    /// An ICMP error that may pass: Destination Unreachable codes 0, 1, 5, Time Exceeded, Parameter Problem.
    case icmpSoftError
    /// Linux: `tcp_fin_timeout` has run.
    case finWait2Timeout
    /// Linux: the socket is no longer there.
    case socketGone
}

/// What is fixed when a connection is made, besides the profile.
public struct Parameters: Hashable, Sendable, BitwiseCopyable {
    /// Octets that wait for RECEIVE at most; RCV.WND starts with it. At most 2^30, the largest window there is (RFC
    /// 7323 section 2.3); without window scale, 65535 of it can be announced.
    public var receiveBuffer: UInt32 = 65_535
    /// Octets that a user may have queued by SEND at most; more is "insufficient resources".
    public var sendBuffer: UInt32 = 1 << 24
    /// The largest text of a segment, received (announced by the MSS option) and sent, in octets.
    public var segmentLimit: UInt16 = 1460
    /// The shift that our SYN offers, 0 ... 14, or nil for no window scale option.
    public var windowScale: UInt8?
    /// Whether our SYN offers timestamps (RFC 7323).
    public var offersTimestamps = false
    /// Whether our SYN permits SACK (RFC 2018).
    public var permitsSack = false
    /// Whether the ACK of a segment that came in order waits for the next one, or for its timer (RFC 9293 section
    /// 3.8.6.3).
    public var delaysAcknowledgments = false
    /// Whether text on a SYN is sent and taken where there is a Fast Open cookie, and cookies are asked for and given
    /// (RFC 7413).
    public var usesFastOpen = false
    /// Whether what arrives twice is reported where SACK is in use (D-SACK, RFC 2883).
    public var reportsDuplicates = false
    /// Whether the third duplicate ACK sends the segment at the front of the queue again (RFC 5681 section 3.2).
    public var retransmitsFast = false
    /// Whether SENDs are pushed (RFC 793 p. 56): their segments have PSH.
    public var pushes = true

    public init() {}
}
