// Read RFC 793 section 3.9 (p. 52-77) or RFC 9293 section 3.10 before you change this file or one of its extensions;
// they follow its steps in its order:
//   Connection+UserCalls        OPEN, SEND, RECEIVE, CLOSE, ABORT, STATUS
//   Connection+SegmentArrives   CLOSED, LISTEN, SYN-SENT; the order of the eight steps for all other states
//   Connection+Acceptance       first to fourth step: sequence number, RST, security, SYN
//   Connection+Acknowledgment   fifth step: ACK
//   Connection+Text             sixth to eighth step: URG, text, FIN
//   Connection+Timeouts         timeouts and ICMP errors
//   Connection+Sending          the segments that go out
//   Connection+FastOpen         text on SYNs (RFC 7413)
//   Connection+Duplicates       what arrives twice: D-SACK, fast retransmit

/// One end of a TCP connection: the transmission control block of RFC 793 section 3.2 with its state.
///
/// A value: no clock, no input or output, no allocation. `handle(_:at:)` takes an event and returns what is to be done;
/// whoever holds the connection sends the segments, runs the timers and tells the user. Copy it to keep a moment,
/// compare it to see whether two moments are the same.
public struct Connection: Hashable, Sendable, BitwiseCopyable {
    /// The state. Only `move(on:_:)` below sets it, by a rule of the diagram.
    public private(set) var state = State.closed
    /// How the connection came out of CLOSED; `active` while it is closed.
    public internal(set) var opening = Opening.active
    /// Which TCP this is.
    public let profile: Profile
    /// What is fixed besides.
    public let parameters: Parameters
    /// The number that the next SYN takes as ISS. Whoever holds the connection draws it (RFC 6528): the machine has no
    /// clock and no dice.
    public var nextInitialNumber: SequenceNumber
    /// Whether whoever holds the connection has a Fast Open cookie of the peer, for an active OPEN.
    public var hasFastOpenCookie = false

    // MARK: Send sequence variables (RFC 793 p. 19)

    /// ISS.
    public internal(set) var initialSendNumber = SequenceNumber(0)
    /// SND.UNA: the oldest unacknowledged number.
    public internal(set) var sndUna = SequenceNumber(0)
    /// SND.NXT: the next number to send. It never goes back: retransmissions are sent from SND.UNA.
    public internal(set) var sndNxt = SequenceNumber(0)
    /// SND.WND in octets, scaled.
    public internal(set) var sndWnd: UInt32 = 0
    /// SND.WL1: SEG.SEQ of the last window update.
    public internal(set) var sndWl1 = SequenceNumber(0)
    /// SND.WL2: SEG.ACK of the last window update.
    public internal(set) var sndWl2 = SequenceNumber(0)
    /// MAX.SND.WND: the largest window the peer has ever offered, octets (RFC 5961 section 5.2).
    public internal(set) var maxSndWnd: UInt32 = 0

    // MARK: Receive sequence variables

    /// IRS.
    public internal(set) var initialReceiveNumber = SequenceNumber(0)
    /// RCV.NXT: the next number expected.
    public internal(set) var rcvNxt = SequenceNumber(0)
    /// Octets received in order that no RECEIVE has taken yet.
    public internal(set) var unread: UInt32 = 0
    /// What has arrived beyond a hole.
    var reassembly = Reassembly()

    // MARK: The user

    /// Whether the remote socket is known.
    public internal(set) var remoteSpecified = false
    /// Whether the passive OPEN named a remote socket: a connection that returns to LISTEN takes that up again.
    var openedWithRemote = false
    /// Octets of SENDs that have not been sent.
    public internal(set) var unsent: UInt32 = 0
    /// Octets that outstanding RECEIVEs wait for.
    public internal(set) var awaited: UInt32 = 0
    /// CLOSE has been called, and the FIN has not been sent.
    public internal(set) var closePending = false
    /// Our SYN has been acknowledged.
    var synAcknowledged = false
    /// Our FIN has been sent; its number is SND.NXT - 1.
    public internal(set) var finSent = false
    /// The octet in front of SND.NXT was sent into a window of zero, as a probe.
    var probing = false
    /// The user still receives: not closed in both directions.
    public internal(set) var receiving = true
    /// The user has been told of urgent data.
    var urgentMode = false

    // MARK: Options

    /// The largest text to send, octets.
    public internal(set) var sendLimit: UInt32 = 0
    /// Both SYNs had the window scale option.
    var scaleInUse = false
    /// The shift of SEG.WND as received, if both SYNs had the option.
    var sendShift: UInt8 = 0
    /// The shift of SEG.WND as sent.
    var receiveShift: UInt8 = 0
    /// Both SYNs permitted SACK.
    var sackInUse = false
    /// TS.Recent, if both SYNs had timestamps (RFC 7323).
    public internal(set) var recentTimestamp: UInt32?
    /// Last.ACK.sent (RFC 7323 section 4.3).
    var lastAckSent = SequenceNumber(0)
    /// The timestamp clock of the present event.
    var timestampClock: UInt32 = 0

    /// The peer's SYN,ACK has brought a Fast Open cookie.
    public internal(set) var hasLearnedFastOpenCookie = false
    /// The peer's SYN has asked for a Fast Open cookie.
    var fastOpenCookieAskedFor = false
    /// The peer's SYN had a Fast Open cookie: text is taken and sent before its ACK of our SYN.
    public internal(set) var isOpenedFast = false
    /// Octets of text on our SYN.
    var synText: UInt32 = 0
    /// What has arrived twice, to be reported once.
    var duplicate: SackBlock?
    /// Duplicate ACKs in a row.
    var duplicateAcks: UInt8 = 0

    // MARK: Timers and the past

    /// The timers that run.
    public internal(set) var running: Timers = []
    /// What a connection reopened from TIME-WAIT returns to if the SYN turns out to be an old duplicate.
    var formerIncarnation: FormerIncarnation?

    /// The numbers of a connection in TIME-WAIT.
    struct FormerIncarnation: Hashable, Sendable, BitwiseCopyable {
        var opening: Opening
        var initialSendNumber: SequenceNumber
        var sndNxt: SequenceNumber
        var initialReceiveNumber: SequenceNumber
        var rcvNxt: SequenceNumber
        var recentTimestamp: UInt32?
    }

    /// A connection that does not exist yet: CLOSED.
    public init(
        profile: Profile = .rfc9293, parameters: Parameters = Parameters(), nextInitialNumber: SequenceNumber
    ) {
        self.profile = profile
        var parameters = parameters
        parameters.receiveBuffer = min(parameters.receiveBuffer, 1 << 30)
        parameters.sendBuffer = min(parameters.sendBuffer, 1 << 30)
        parameters.segmentLimit = max(parameters.segmentLimit, 1)
        parameters.windowScale = parameters.windowScale.map { min($0, 14) }
        self.parameters = parameters
        self.nextInitialNumber = nextInitialNumber
    }

    /// RCV.WND in octets: what the buffer still takes. The right edge of the window never moves back, as each octet
    /// that fills the buffer has moved RCV.NXT too (RFC 793 p. 74).
    public var rcvWnd: UInt32 {
        let free = parameters.receiveBuffer - min(unread, parameters.receiveBuffer)
        // What the header cannot say is not offered.
        return min(free, 65_535 << UInt32(receiveShift))
    }

    /// The receive window.
    public var receiveWindow: ReceiveWindow {
        ReceiveWindow(next: rcvNxt, size: rcvWnd)
    }

    /// Octets of sequence space sent and not acknowledged.
    public var inFlight: UInt32 {
        sndNxt.rawValue &- sndUna.rawValue
    }

    /// Our FIN has been sent and acknowledged.
    public var finAcknowledged: Bool {
        finSent && sndUna == sndNxt
    }

    /// Takes one event. `timestamp` is the value of the timestamp clock (RFC 7323), used only if timestamps are.
    public mutating func handle(_ event: Event, at timestamp: UInt32 = 0) -> Outcome {
        timestampClock = timestamp
        switch event {
        case .passiveOpen(let remoteSpecified): return passiveOpen(remoteSpecified: remoteSpecified)
        case .activeOpen(let remoteSpecified): return activeOpen(remoteSpecified: remoteSpecified)
        case .fastOpen(let octets): return fastOpen(octets)
        case .send(let octets): return send(octets)
        case .receive(let octets): return receive(octets)
        case .close(let furtherReceiving): return close(furtherReceiving: furtherReceiving)
        case .abort: return abort()
        case .status: return status()
        case .segmentArrives(let segment): return segmentArrives(segment)
        case .userTimeout: return userTimeout()
        case .retransmissionTimeout(let count): return retransmissionTimeout(count)
        case .timeWaitTimeout: return timeWaitTimeout()
        case .delayedAcknowledgmentTimeout: return delayedAcknowledgmentTimeout()
        case .keepaliveTimeout: return keepaliveTimeout()
        case .icmpHardError: return icmpError(hard: true)
        case .icmpSoftError: return icmpError(hard: false)
        case .finWait2Timeout: return finWait2Timeout()
        case .socketGone: return socketGone()
        }
    }

    /// The choke point: no other line of the module changes the state. Returns false if the diagram has no rule.
    mutating func move(on event: DiagramEvent, _ reaction: inout Reaction) -> Bool {
        guard let rule = Diagram.rule(in: state, on: event, openedBy: opening, profile: profile) else { return false }
        state = rule.to
        reaction.rules.append(rule)
        return true
    }

    /// "Delete the TCB": what is left is a connection that does not exist. The caller has moved to CLOSED.
    mutating func deleteTCB(_ reaction: inout Reaction) {
        stop([.retransmission, .user, .timeWait, .finWait2, .delayedAcknowledgment], &reaction)
        // A fresh value is CLOSED, which is where the rule has led.
        guard state == .closed else { return }
        let hasCookie = hasFastOpenCookie
        self = Connection(profile: profile, parameters: parameters, nextInitialNumber: nextInitialNumber)
        hasFastOpenCookie = hasCookie
    }

    // MARK: Timers

    mutating func start(_ timers: Timers, _ reaction: inout Reaction) {
        running.formUnion(timers)
        reaction.started.formUnion(timers)
        reaction.stopped.subtract(timers)
    }

    mutating func stop(_ timers: Timers, _ reaction: inout Reaction) {
        let stopping = running.intersection(timers)
        running.subtract(stopping)
        reaction.started.subtract(stopping)
        reaction.stopped.formUnion(stopping)
    }
}
