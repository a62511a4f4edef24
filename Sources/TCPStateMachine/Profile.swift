/// Which TCP a machine is: the text of an RFC or what the Linux kernel does. Data, not a fork of the code: every
/// difference is one named switch with its source.
public struct Profile: Hashable, Sendable, BitwiseCopyable {
    /// The standard profiles.
    public enum Name: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
        case rfc793
        case rfc9293
        case linux
    }

    /// The standard profile that this one is, or was made from.
    public let name: Name
    /// The switches that are on, bit by `Switch.rawValue`.
    var switches: UInt32
    /// How long TIME-WAIT lasts, 2 MSL, in seconds (RFC 793 p. 28: MSL is two minutes; Linux: one minute in all,
    /// kernel-facts 1.3).
    public var timeWaitSeconds: UInt32
    /// How long an orphan stays in FIN-WAIT-2, in seconds, where `orphanTimesOutInFinWait2` is on (`tcp_fin_timeout`).
    public var finWait2Seconds: UInt32
    /// R1: retransmissions of one segment after which the network layer is told (RFC 1122 section 4.2.3.5: at least 3).
    public var retransmissionsUntilAdvice: UInt8
    /// R2: retransmissions of one segment after which the connection is closed. The RFC gives it as time (at least 100
    /// seconds; 3 minutes for a SYN); the counts here are what these come to with a doubling timeout.
    public var retransmissionsUntilClose: UInt8
    /// R2 of a SYN or SYN,ACK.
    public var synRetransmissionsUntilClose: UInt8

    init(
        _ name: Name, timeWaitSeconds: UInt32, finWait2Seconds: UInt32, retransmissionsUntilClose: UInt8,
        synRetransmissionsUntilClose: UInt8, _ switches: Switch...
    ) {
        self.name = name
        self.timeWaitSeconds = timeWaitSeconds
        self.finWait2Seconds = finWait2Seconds
        self.retransmissionsUntilAdvice = 3
        self.retransmissionsUntilClose = retransmissionsUntilClose
        self.synRetransmissionsUntilClose = synRetransmissionsUntilClose
        self.switches = switches.reduce(0) { $0 | $1.mask }
    }

    /// Whether a switch is on. Setting one makes a variant of the profile, for example a host with `tcp_rfc1337` set.
    public subscript(_ which: Switch) -> Bool {
        get { switches & which.mask != 0 }
        set { switches = newValue ? switches | which.mask : switches & ~which.mask }
    }

    /// The user has sockets: a passive connection is handed to him when it is ESTABLISHED (`accept`), so that nobody
    /// can close it before. The RFCs' user can, from the SYN on (RFC 793 p. 60).
    public var acceptsWhenEstablished: Bool { !self[.listenBecomesActive] }

    /// This profile with a switch on or off.
    public func with(_ which: Switch, _ on: Bool = true) -> Profile {
        var profile = self
        profile[which] = on
        return profile
    }

    /// RFC 793 with RFC 1122's corrections of its plain errors (Docs/state-machine.md lists them) and its options.
    public static let rfc793 = Profile(
        .rfc793, timeWaitSeconds: 240, finWait2Seconds: 0, retransmissionsUntilClose: 9,
        synRetransmissionsUntilClose: 8,
        .synInWindowReset, .timeWaitReopens, .resetTimeWait, .halfDuplexCloseReset, .hardErrorAbortsSynchronized,
        .crossingSynAckEstablishes, .listenBecomesActive, .userTimeoutInEveryState)

    /// RFC 9293 with RFC 5961, 6191 and 7323.
    public static let rfc9293 = Profile(
        .rfc9293, timeWaitSeconds: 240, finWait2Seconds: 0, retransmissionsUntilClose: 9,
        synRetransmissionsUntilClose: 8,
        .challengeACKs, .acknowledgmentRangeCheck, .protectAgainstWrappedNumbers, .timeWaitReopens,
        .timestampsOpenTimeWait, .firstTimestampsOpenTimeWait, .resetTimeWait, .halfDuplexCloseReset,
        .hardErrorAbortsSynchronized, .crossingSynAckEstablishes, .listenBecomesActive, .userTimeoutInEveryState)

    /// What the Linux kernel does (6.18, measured), with its default settings.
    public static let linux = Profile(
        .linux, timeWaitSeconds: 60, finWait2Seconds: 60, retransmissionsUntilClose: 15,
        synRetransmissionsUntilClose: 6,
        .challengeACKs, .acknowledgmentRangeCheck, .protectAgainstWrappedNumbers, .timeWaitReplaced,
        .timestampsOpenTimeWait, .timeWaitReuse, .resetTimeWait, .halfDuplexCloseReset, .softErrorAbortsOpening,
        .crossingSynAckEstablishes, .resetAtFinNumberCloses, .resetAtSackEdgeCloses, .orphanIsEasilyReset,
        .timeWaitDropsInexactReset, .resetOnReturnToListen, .repeatedSynGetsSynAck, .finBeyondWindowAccepted,
        .lastAckAtOnce, .orphanTimesOutInFinWait2, .socketMayVanish, .abortAcknowledges)

    /// The standard profiles, in the order of `Name`.
    public static let standard: [Profile] = [.rfc793, .rfc9293, .linux]

    public init(_ name: Name) {
        switch name {
        case .rfc793: self = .rfc793
        case .rfc9293: self = .rfc9293
        case .linux: self = .linux
        }
    }
}

extension Profile.Name: CustomStringConvertible {
    /// As on the command line: `rfc793`, `rfc9293`, `linux`.
    public var description: String {
        switch self {
        case .rfc793: "rfc793"
        case .rfc9293: "rfc9293"
        case .linux: "linux"
        }
    }
}
