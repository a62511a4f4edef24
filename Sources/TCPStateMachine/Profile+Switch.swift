extension Profile {
    /// One difference between the texts, or between a text and the kernel.
    public enum Switch: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
        /// RFC 5961 sections 3.2 and 4.2: a RST must have exactly RCV.NXT, one elsewhere in the window and a SYN are
        /// answered by a challenge ACK. Off: any RST in the window closes (RFC 793 p. 70).
        case challengeACKs
        /// RFC 793 p. 71: a SYN in the window is an error, the connection is reset. Off: it is challenged.
        case synInWindowReset
        /// RFC 5961 section 5.2: an ACK older than SND.UNA - MAX.SND.WND is answered by an ACK and dropped.
        case acknowledgmentRangeCheck
        /// PAWS, RFC 7323 section 5: a segment with an older timestamp is a duplicate, where timestamps are in use.
        case protectAgainstWrappedNumbers
        /// RFC 1122 section 4.2.2.13: TIME-WAIT takes a new SYN and goes to SYN-RECEIVED itself.
        case timeWaitReopens
        /// Linux: a new SYN deletes the machine in TIME-WAIT and goes to the listener, as a new connection.
        case timeWaitReplaced
        /// RFC 6191: timestamps decide whether a SYN in TIME-WAIT is new; without it, its number must be above RCV.NXT.
        case timestampsOpenTimeWait
        /// RFC 6191: a SYN with timestamps is new whatever its number, where the old incarnation had none.
        case firstTimestampsOpenTimeWait
        /// Linux: an active OPEN may take over the socket pair of a connection in TIME-WAIT (`tcp_tw_reuse`).
        case timeWaitReuse
        /// RFC 793 p. 70: a RST ends TIME-WAIT. Off: RFC 1337, it is ignored (`tcp_rfc1337`).
        case resetTimeWait
        /// RFC 1122 section 4.2.2.13: data that nobody can read any more, before or after CLOSE, is answered by a RST.
        case halfDuplexCloseReset
        /// RFC 9293 sections 3.3.2 note 3 and 3.5.2: who issues a reset should enter TIME-WAIT. It contradicts section
        /// 3.10.5, so no standard profile has it.
        case abortMayEnterTimeWait
        /// RFC 1122 section 4.2.3.9: an ICMP hard error aborts the connection in every state that has a peer. Off: only
        /// in SYN-SENT and SYN-RECEIVED.
        case hardErrorAbortsSynchronized
        /// Linux: in SYN-SENT an ICMP soft error (host unreachable) aborts as a hard one does.
        case softErrorAbortsOpening
        /// RFC 793 figure 8 line 6: where SYNs crossed, the peer's SYN,ACK acknowledges our SYN. Off: the strict text
        /// of section 3.9, by which its SYN lies outside the window.
        case crossingSynAckEstablishes
        /// RFC 793 p. 54 and 56: active OPEN and SEND turn LISTEN into SYN-SENT. Off: the sockets API refuses them.
        case listenBecomesActive
        /// RFC 793 p. 77: the user timeout closes "any state". Off: not LISTEN and TIME-WAIT, which have no such timer.
        case userTimeoutInEveryState
        /// Linux: in CLOSE-WAIT, LAST-ACK and CLOSING a RST with the number of the peer's FIN, RCV.NXT - 1, closes too.
        case resetAtFinNumberCloses
        /// Linux: where SACK is in use, a RST at the right edge of what has arrived out of order closes too.
        case resetAtSackEdgeCloses
        /// Linux: an orphan in FIN-WAIT-2, which is no full socket any more, is reset by any RST in the window and by a
        /// SYN in the window, which it answers by a RST; it answers a RST outside the window by an ACK.
        case orphanIsEasilyReset
        /// Linux: TIME-WAIT drops a RST in the window that is not at RCV.NXT without a challenge.
        case timeWaitDropsInexactReset
        /// Linux: a passive SYN-RECEIVED that a SYN in the window returns to LISTEN answers it by a RST.
        case resetOnReturnToListen
        /// Linux: a passive SYN-RECEIVED answers the repeated SYN by its SYN,ACK, not by an ACK.
        case repeatedSynGetsSynAck
        /// Linux: the FIN is not counted against the window, so that it is taken into a window of zero.
        case finBeyondWindowAccepted
        /// Linux: CLOSE takes CLOSE-WAIT to LAST-ACK at once. Off: when all SENDs have been segmentized (RFC 793 p.
        /// 61).
        case lastAckAtOnce
        /// Linux: an orphan in FIN-WAIT-2 does not wait for ever (`tcp_fin_timeout`).
        case orphanTimesOutInFinWait2
        /// Linux: a connection may lose its socket without a word on the wire.
        case socketMayVanish
        /// Linux: the RST of an ABORT carries what any other segment does: ACK and timestamps. Off: SEQ alone (RFC 793
        /// p. 62).
        case abortAcknowledges

        @inlinable var mask: UInt32 { 1 << UInt32(rawValue) }

        /// Where the behavior is written or measured.
        public var source: String {
            switch self {
            case .challengeACKs: "RFC 5961 sections 3.2, 4.2; RFC 9293 section 3.10.7.4"
            case .synInWindowReset: "RFC 793 p. 71"
            case .acknowledgmentRangeCheck: "RFC 5961 section 5.2; RFC 9293 section 3.10.7.4"
            case .protectAgainstWrappedNumbers: "RFC 7323 section 5; kernel-facts 5(j)"
            case .timeWaitReopens: "RFC 1122 section 4.2.2.13; RFC 9293 section 3.6.1"
            case .timeWaitReplaced: "kernel-facts 1.3; corpus/kernel README, RST and challenge ACK"
            case .timestampsOpenTimeWait: "RFC 6191; RFC 9293 section 3.10.7.4"
            case .firstTimestampsOpenTimeWait: "RFC 6191 section 2"
            case .timeWaitReuse: "kernel-facts 1.3"
            case .resetTimeWait: "RFC 793 p. 70; RFC 1337; kernel-facts 5(h)"
            case .halfDuplexCloseReset: "RFC 1122 section 4.2.2.13; corpus/kernel README, Closing"
            case .abortMayEnterTimeWait: "RFC 9293 sections 3.3.2 note 3, 3.5.2; against section 3.10.5"
            case .hardErrorAbortsSynchronized: "RFC 1122 section 4.2.3.9; RFC 9293 section 3.9.2.2"
            case .softErrorAbortsOpening: "corpus/kernel README, Opening"
            case .crossingSynAckEstablishes: "RFC 793 figure 8; RFC 9293 figure 7; corpus/kernel README, Opening"
            case .listenBecomesActive: "RFC 793 p. 54, 56; RFC 9293 sections 3.10.1, 3.10.2"
            case .userTimeoutInEveryState: "RFC 793 p. 77; RFC 9293 section 3.10.8"
            case .resetAtFinNumberCloses: "kernel-facts 5(i)"
            case .resetAtSackEdgeCloses: "corpus/kernel README, RST and challenge ACK"
            case .orphanIsEasilyReset, .timeWaitDropsInexactReset, .resetOnReturnToListen, .repeatedSynGetsSynAck:
                "Docs/state-machine.md, Measured"
            case .finBeyondWindowAccepted: "corpus/kernel README, Closing"
            case .lastAckAtOnce: "corpus/kernel README, Closing"
            case .orphanTimesOutInFinWait2: "kernel-facts 5(g)"
            case .socketMayVanish: "kernel-facts 1.3; corpus/kernel README, Opening"
            case .abortAcknowledges: "kernel-facts 5(e2); corpus/vantage, rst-est-B-1"
            }
        }
    }
}

/// A set of standard profiles.
public struct ProfileSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public init(_ name: Profile.Name) {
        self.init(rawValue: 1 << name.rawValue)
    }

    public func contains(_ name: Profile.Name) -> Bool {
        rawValue & (1 << name.rawValue) != 0
    }

    /// The members in the order of `Profile.Name`.
    public var names: [Profile.Name] {
        Profile.Name.allCases.filter { contains($0) }
    }
}
