/// What became of an event. Never a Bool: whoever asks must see why nothing happened.
public enum Outcome: Hashable, Sendable, BitwiseCopyable {
    /// The event was taken, perhaps without a change of state.
    case accepted(Reaction)
    /// The event changed nothing; a segment may have to be answered all the same.
    case ignored(Reason, reply: Segment?)
    /// The user call is an error in this state.
    case refused(UserError)

    /// The rules that were taken, in order.
    public var rules: RuleList {
        switch self {
        case .accepted(let reaction): reaction.rules
        case .ignored, .refused: RuleList()
        }
    }

    /// The segments to send, in order.
    public var segments: SegmentList {
        switch self {
        case .accepted(let reaction): reaction.segments
        case .ignored(_, let reply): SegmentList(reply)
        case .refused: SegmentList()
        }
    }

    /// What the user is told.
    public var signals: Signals {
        switch self {
        case .accepted(let reaction): reaction.signals
        case .ignored, .refused: []
        }
    }
}

/// What an accepted event brings about, for the caller to carry out. A value of fixed size.
public struct Reaction: Hashable, Sendable, BitwiseCopyable {
    /// The rules taken, in order: none, one, or several by one packet (ACK of our FIN, then FIN).
    public var rules = RuleList()
    /// The segments to send, in order.
    public var segments = SegmentList()
    /// What to tell the user.
    public var signals: Signals = []
    /// Timers to start, or to start anew if they run.
    public var started: Timers = []
    /// Timers to stop.
    public var stopped: Timers = []
    /// Octets handed to the user, by this RECEIVE or by one that waited.
    public var delivered: UInt32 = 0
    /// STATUS: the state, as the RFC's "state = ..." answer.
    public var status: State?
    /// An ACK must go out with this reaction, on its own if nothing carries it.
    var acknowledgmentDue = false
    /// That ACK may be held back, unless something carries it.
    var acknowledgmentMayWait = false

    public init() {}
}

/// Why an event changed nothing.
public enum Reason: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// CLOSED: a segment without RST is answered by one (RFC 793 p. 65).
    case noConnection
    /// CLOSED, LISTEN: a RST is discarded (RFC 793 p. 65).
    case resetWithoutConnection
    /// LISTEN: "any acknowledgment is bad", it is answered by a RST (RFC 793 p. 65).
    case acknowledgmentInListen
    /// LISTEN: neither RST, ACK nor SYN (RFC 793 p. 66).
    case nothingForListen
    /// SYN-SENT: the ACK is not of our SYN, it is answered by a RST (RFC 793 p. 66).
    case acknowledgmentNotOfSyn
    /// SYN-SENT: a RST whose ACK is not of our SYN (RFC 793 p. 66).
    case resetNotOfSyn
    /// SYN-SENT: a RST without ACK (RFC 793 p. 67).
    case resetWithoutAcknowledgment
    /// SYN-SENT: neither SYN nor RST (RFC 793 p. 68).
    case noSyn
    /// The segment lies outside the receive window, it is answered by an ACK (RFC 793 p. 69).
    case outsideWindow
    /// A RST outside the receive window (RFC 793 p. 69).
    case resetOutsideWindow
    /// PAWS: the timestamp is older than TS.Recent, it is answered by an ACK (RFC 7323 section 5.3 R1).
    case oldTimestamp
    /// A RST in the window, but not at RCV.NXT: challenged by an ACK (RFC 5961 section 3.2).
    case resetChallenged
    /// A SYN in a synchronized state: challenged by an ACK (RFC 5961 section 4.2).
    case synChallenged
    /// A RST in TIME-WAIT, where it is ignored (RFC 1337).
    case resetInTimeWait
    /// The ACK bit is off (RFC 793 p. 72).
    case noAcknowledgment
    /// SYN-RECEIVED: the ACK is not acceptable, it is answered by a RST (RFC 793 p. 72).
    case acknowledgmentNotOfSynAck
    /// The ACK is of something not yet sent, it is answered by an ACK (RFC 793 p. 72).
    case acknowledgmentOfUnsent
    /// The ACK is older than SND.UNA - MAX.SND.WND, it is answered by an ACK (RFC 5961 section 5.2).
    case acknowledgmentTooOld
    /// CLOSING: the ACK is not of our FIN (RFC 793 p. 73).
    case acknowledgmentNotOfFin
    /// Text, URG or FIN after the peer's FIN, or nothing of interest (RFC 793 p. 74-75).
    case nothingAfterFin
    /// No such timer runs in this state.
    case noSuchTimer
    /// The ACK that was held back has gone out with another segment.
    case nothingToAcknowledge
    /// The ICMP error says nothing about this state, or the profile does not let it abort a synchronized connection.
    case errorNotFatal
    /// The event is not part of the profile.
    case notInProfile
}

/// The errors of RFC 793 section 3.9, in its words.
public enum UserError: UInt8, CaseIterable, Error, Hashable, Sendable, BitwiseCopyable {
    case connectionDoesNotExist
    case connectionAlreadyExists
    case foreignSocketUnspecified
    case connectionClosing
    case insufficientResources
    /// Not the RFC's: the sockets API does not offer SEND or active OPEN on a listening socket.
    case notOfferedInListen
}

extension UserError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .connectionDoesNotExist: "error: connection does not exist"
        case .connectionAlreadyExists: "error: connection already exists"
        case .foreignSocketUnspecified: "error: foreign socket unspecified"
        case .connectionClosing: "error: connection closing"
        case .insufficientResources: "error: insufficient resources"
        case .notOfferedInListen: "error: not offered in LISTEN"
        }
    }
}

/// What the TCP tells its user besides the answer to a call.
public struct Signals: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// "connection reset": the unsolicited general signal (RFC 793 p. 70).
    public static let connectionReset = Signals(rawValue: 1 << 0)
    /// "connection refused" (RFC 793 p. 70).
    public static let connectionRefused = Signals(rawValue: 1 << 1)
    /// "connection closing": the peer's FIN (RFC 793 p. 75).
    public static let connectionClosing = Signals(rawValue: 1 << 2)
    /// "error: connection aborted due to user timeout" (RFC 793 p. 77).
    public static let abortedByUserTimeout = Signals(rawValue: 1 << 3)
    /// Outstanding SENDs and RECEIVEs get "error: closing" (RFC 793 p. 60).
    public static let pendingCallsClosing = Signals(rawValue: 1 << 4)
    /// Outstanding SENDs and RECEIVEs get "connection reset" (RFC 793 p. 62, 70).
    public static let pendingCallsReset = Signals(rawValue: 1 << 5)
    /// "ok" for a call (RFC 793 p. 62).
    public static let ok = Signals(rawValue: 1 << 6)
    /// SENDs are acknowledged: "ok" for their buffers (RFC 793 p. 72).
    public static let sendAcknowledged = Signals(rawValue: 1 << 7)
    /// The CLOSE is acknowledged: "ok" (RFC 793 p. 73).
    public static let closeAcknowledged = Signals(rawValue: 1 << 8)
    /// The remote side has urgent data (RFC 793 p. 73).
    public static let urgentData = Signals(rawValue: 1 << 9)
    /// Retransmissions have passed R1: the network layer should look for another way (RFC 1122 section 4.2.3.5).
    public static let retransmissionAdvice = Signals(rawValue: 1 << 10)
    /// Retransmissions have reached R2 and the connection is closed (RFC 1122 section 4.2.3.5).
    public static let abortedByRetransmissionLimit = Signals(rawValue: 1 << 11)
    /// An ICMP error is reported (RFC 1122 section 4.2.4.1).
    public static let icmpError = Signals(rawValue: 1 << 12)
    /// Linux: the SYN that ended this TIME-WAIT is for the listener.
    public static let passSegmentToListener = Signals(rawValue: 1 << 13)
}

extension Signals: CustomStringConvertible {
    /// The RFC's words, comma-separated, in the order of the bits.
    public var description: String {
        let words = [
            "connection reset", "connection refused", "connection closing", "connection aborted due to user timeout",
            "pending calls: closing", "pending calls: connection reset", "ok", "SEND ok", "CLOSE ok", "urgent data",
            "retransmission advice", "connection aborted at R2", "ICMP error", "pass to listener",
        ]
        return words.indices.filter { rawValue & (1 << UInt16($0)) != 0 }.map { words[$0] }.joined(separator: ", ")
    }
}

/// The timers of a connection.
public struct Timers: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// For the segment at the front of the retransmission queue, and for probes of a zero window.
    public static let retransmission = Timers(rawValue: 1 << 0)
    /// The user timeout of OPEN (RFC 793 p. 45: five minutes if the user does not say).
    public static let user = Timers(rawValue: 1 << 1)
    /// 2 MSL: `Profile.timeWaitSeconds`.
    public static let timeWait = Timers(rawValue: 1 << 2)
    /// Linux, an orphan: `Profile.finWait2Seconds`.
    public static let finWait2 = Timers(rawValue: 1 << 3)
    /// For an ACK that is held back, where `Parameters.delaysAcknowledgments` is on.
    public static let delayedAcknowledgment = Timers(rawValue: 1 << 4)
}

extension Timers: CustomStringConvertible {
    public var description: String {
        let names = ["retransmission", "user", "time-wait", "fin-wait-2", "delayed ACK"]
        return names.indices.filter { rawValue & (1 << UInt8($0)) != 0 }.map { names[$0] }.joined(separator: ", ")
    }
}
