import TCPStateMachine
import WireFormat

/// What is known of an endpoint, yes or no.
struct EndpointFlags: OptionSet, BitwiseCopyable {
    let rawValue: UInt32

    /// `iss` is known.
    static let hasInitialNumber = EndpointFlags(rawValue: 1 << 0)
    /// `sndNxt` is known, from its own segments or from the peer's ACKs.
    static let hasSndNxt = EndpointFlags(rawValue: 1 << 1)
    /// `sndNxt` is known from its own segments: a number above it is new, not perhaps a retransmission.
    static let hasOwnSndNxt = EndpointFlags(rawValue: 1 << 2)
    /// It has sent an ACK: `rcvNxt` is known.
    static let hasRcvNxt = EndpointFlags(rawValue: 1 << 3)
    /// `rightEdge` is exact: the window scale of both ends is known.
    static let hasExactWindow = EndpointFlags(rawValue: 1 << 4)
    static let sentSyn = EndpointFlags(rawValue: 1 << 5)
    static let sentSynAck = EndpointFlags(rawValue: 1 << 6)
    /// Its FIN's number is known.
    static let hasFin = EndpointFlags(rawValue: 1 << 7)
    /// ... and only from what others acknowledged or from its later numbers: no FIN of it was captured.
    static let finInferred = EndpointFlags(rawValue: 1 << 8)
    static let usesTimestamps = EndpointFlags(rawValue: 1 << 9)
    static let offeredWindowScale = EndpointFlags(rawValue: 1 << 10)
    /// The capture was taken on its host.
    static let isLocal = EndpointFlags(rawValue: 1 << 11)
    /// Its segments were seen leaving this host, and arriving.
    static let seenSent = EndpointFlags(rawValue: 1 << 12)
    static let seenReceived = EndpointFlags(rawValue: 1 << 13)
    /// Octets of it passed unseen that may end in a FIN: `taintEnd`.
    static let isTainted = EndpointFlags(rawValue: 1 << 14)
    /// The peer acknowledged its SYN, as far as the capture shows.
    static let synAcknowledged = EndpointFlags(rawValue: 1 << 15)
    /// The peer acknowledged its FIN, as far as the capture shows.
    static let finAcknowledged = EndpointFlags(rawValue: 1 << 16)
    /// It was met in mid-stream: its start states are a set.
    static let isMidStream = EndpointFlags(rawValue: 1 << 17)
    /// It ended the connection by a RST of its own.
    static let sentReset = EndpointFlags(rawValue: 1 << 18)
    static let hasRoundTrip = EndpointFlags(rawValue: 1 << 19)
    static let isAwaited = EndpointFlags(rawValue: 1 << 20)
    /// All octets that `dueEnd` ends passed once: their answer measures the round trip.
    static let awaitedOnce = EndpointFlags(rawValue: 1 << 21)
    static let hasIdentification = EndpointFlags(rawValue: 1 << 22)
    static let repeatedSyn = EndpointFlags(rawValue: 1 << 23)
    /// Its advertised window was zero.
    static let closedWindow = EndpointFlags(rawValue: 1 << 24)
    /// The peer's FIN was delivered to it.
    static let tookFin = EndpointFlags(rawValue: 1 << 25)
    /// It answered a SYN, as if from LISTEN, and the peer has not gone on yet: if the peer sends a SYN,ACK next, both
    /// opened.
    static let isOpeningUnsettled = EndpointFlags(rawValue: 1 << 27)
    /// Its last segment acknowledged the peer's FIN.
    static let acknowledgedPeerFin = EndpointFlags(rawValue: 1 << 26)
    /// It sent its FIN again.
    static let repeatedFin = EndpointFlags(rawValue: 1 << 28)
    /// A RST or SYN passed on its way that it is to answer by a challenge ACK.
    static let isChallenged = EndpointFlags(rawValue: 1 << 29)
    /// New text came so late in FIN-WAIT-2 that nobody may have been there any more.
    static let mayHaveTimedOut = EndpointFlags(rawValue: 1 << 30)
    /// A segment passed that may have ended it, and it seemed to go on.
    static let mayBeReset = EndpointFlags(rawValue: 1 << 31)
}

/// One end of a flow: its numbers as the vantage point sees them, and what its machine is known to be in.
struct Endpoint: ~Copyable {
    var flags: EndpointFlags = []
    /// ISS.
    var iss = SequenceNumber(0)
    /// The highest number behind anything it is known to have sent.
    var sndNxt = SequenceNumber(0)
    /// The number of its FIN.
    var finNumber = SequenceNumber(0)
    /// Its highest ACK: what it has shown of its RCV.NXT.
    var rcvNxt = SequenceNumber(0)
    /// The highest number that it ever allowed the peer to send: ACK + window.
    var rightEdge = SequenceNumber(0)
    /// SEQ and ACK of its last segment.
    var lastSequenceNumber = SequenceNumber(0)
    var taintEnd = SequenceNumber(0)
    /// What passed of its numbers.
    var stream = OctetStream(start: SequenceNumber(0))
    /// The highest TSval.
    var timestamp: UInt32 = 0
    var windowScale: UInt8 = 0
    /// The states it may be in, pending facts not counted; empty while nothing is known.
    var states: StateSet = [] {
        didSet { state = states.only }
    }
    /// The one state it is in, or nil.
    private(set) var state: State?
    var pending: FactKinds = []
    var opening = Opening.active
    var lastIdentification: UInt16 = 0
    var lowestTimeToLive: UInt8 = 255
    var highestTimeToLive: UInt8 = 0
    /// Vantage to endpoint and back: the smallest time seen from a segment towards it to its acknowledgment,
    /// nanoseconds.
    var roundTrip: Int64 = 0
    /// It takes no less than `roundTrip`: the measure was that of an answer that nothing delays, or two agree.
    var isTripSure = false
    /// The oldest segment towards it that demands an answer and has none: when it passed and where it ends.
    var dueTime: Int64 = 0
    var dueEnd = SequenceNumber(0)
    /// Since when it has been in a state that is to end in time (TIME-WAIT, CLOSE-WAIT, FIN-WAIT-2, LAST-ACK), or when
    /// the half-closed connection was last used, nanoseconds since the epoch; 0 if neither.
    var clock: Int64 = 0
    /// The octets of text in its SYN, which count only as far as the SYN,ACK acknowledges them (RFC 7413).
    var synPayload: UInt16 = 0
    /// How its last segment was seen.
    var sight = Sight()
    /// How sure its last reported step was, while it has no detail.
    var certainty = Certainty.proven
    /// The rule and the cause of its last reported step, if that was presumed: later evidence may withdraw it.
    var lastRule: Rule?
    var lastCause = PacketReference.none
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    var retransmissions: UInt64 = 0

    func has(_ flag: EndpointFlags) -> Bool { flags.contains(flag) }

    /// It lies among those that its segments were seen with.
    func hasSent(timeToLive: UInt8) -> Bool { timeToLive >= lowestTimeToLive && timeToLive <= highestTimeToLive }

    /// The number behind its SYN and the text in it.
    var synEnd: SequenceNumber { iss + 1 + UInt32(synPayload) }

    /// It can have been sent to its SYN, and to what it has sent since: RFC 793 p. 66.
    func isAcceptableInOpening(_ number: SequenceNumber) -> Bool {
        number.isAfter(iss) && number.isAtOrBefore(later(synEnd, sndNxt))
    }
}

/// The part of an endpoint that is touched when something is open.
struct EndpointDetail: ~Copyable {
    var journal: Journal
    var pending: PendingFacts
    /// The last segments towards it.
    var recent: RecentSegments
    /// TSval of the segment that its RST answered, or 0: what echoes an earlier one was sent before the RST.
    var answeredTimestamp: UInt32 = 0
    /// Its RST that passed before anything else of it; the cause is none if none did.
    var firstReset = PendingFact.none
    /// SEQ of that.
    var firstResetNumber = SequenceNumber(0)
    /// TSval of its RST, or 0.
    var resetTimestamp: UInt32 = 0
    /// Its RST answered text.
    var hasAnsweredText = false
    /// How many entries the journal had when the endpoint or its peer became tainted.
    var entriesBeforeTaint: UInt8 = 0
    /// Which of its observations hold something.
    var observed: ObservationKinds = []
    private let observationRow: Row<Observations>

    init(
        journal: consuming Journal, pending: consuming PendingFacts, recent: consuming RecentSegments,
        observations: Row<Observations>
    ) {
        self.journal = journal
        self.pending = pending
        self.recent = recent
        observationRow = observations
    }

    /// What findings rest on, in place.
    var observations: Observations {
        get { observationRow[0] }
        nonmutating set { observationRow[0] = newValue }
        nonmutating _modify { yield &observationRow[0] }
    }
}
