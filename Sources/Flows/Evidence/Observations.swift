import TCPStateMachine

/// Which of an endpoint's observations hold something.
struct ObservationKinds: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let stranger = ObservationKinds(rawValue: 1 << 0)
    static let unseen = ObservationKinds(rawValue: 1 << 1)
    static let keepalives = ObservationKinds(rawValue: 1 << 2)
    static let windowProbes = ObservationKinds(rawValue: 1 << 3)
    static let closedWindow = ObservationKinds(rawValue: 1 << 4)
    static let hole = ObservationKinds(rawValue: 1 << 5)
    static let reset = ObservationKinds(rawValue: 1 << 6)
}

/// What findings about an endpoint rest on, and states do not. It stands apart from what every segment touches; a field
/// means something only where its kind is in the endpoint's `observed`.
struct Observations: BitwiseCopyable {
    var stranger: Stranger
    var unseen: UnseenOctets
    var keepalives: Probes
    var windowProbes: Probes
    var closedWindow: ClosedWindow
    /// When the oldest hole that is still open in what the endpoint sends came to be, nanoseconds since the epoch.
    var holeTime: Int64
    /// SEQ of the endpoint's RST, if that stood beyond everything of it that had passed.
    var resetNumber: SequenceNumber
    /// What the endpoint had acknowledged when a segment passed towards it that demands a challenge ACK, and when.
    var challengedNumber: SequenceNumber
    var challengedTime: Int64

    func probes(_ kind: ObservationKinds) -> Probes { kind == .keepalives ? keepalives : windowProbes }

    mutating func setProbes(_ probes: Probes, _ kind: ObservationKinds) {
        if kind == .keepalives { keepalives = probes } else { windowProbes = probes }
    }
}

/// A segment of an endpoint that fitted nothing: a second one may confirm it, the endpoint may go on without it.
struct Stranger: BitwiseCopyable {
    var end: SequenceNumber
    var acknowledgmentNumber: SequenceNumber
    var hasAck: Bool
    /// What it is called if the endpoint goes on without it.
    var code: FindingCode
    /// How many segments the endpoint had sent with it.
    var packets: UInt64
    var time: Int64
    var reference: PacketReference
}

/// Octets of an endpoint that were acknowledged and had not passed: not captured, or further back in the capture.
struct UnseenOctets: BitwiseCopyable {
    var left: SequenceNumber
    var right: SequenceNumber
    /// TSecr of the ACK, or 0.
    var timestampEcho: UInt32
    var octets: UInt32
    /// When the ACK passed, and which packet it was.
    var time: Int64
    var reference: PacketReference
}

/// Probes of an endpoint, of one kind.
struct Probes: BitwiseCopyable {
    var sent: UInt32
    var unanswered: UInt32
    /// How many segments the peer had sent when the last one passed.
    var peerPackets: UInt64
    /// The first one.
    var time: Int64
    var reference: PacketReference
}

/// How long an endpoint's window has been closed.
struct ClosedWindow: BitwiseCopyable {
    /// When it closed last and when it opened last (nanoseconds since the epoch), and how long it had been closed
    /// before.
    var since: Int64
    var opened: Int64
    var before: Int64
    /// The first time.
    var time: Int64
    var reference: PacketReference
}
