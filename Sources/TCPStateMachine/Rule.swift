/// The rules of the machine: one case per way in which a connection changes its state.
///
/// A rule is what the RFC's sentence says, with a name: `id` is FROM-EVENT in the RFC's spelling, and stays the same
/// in code, records, diagrams, documents and tests. Which rule applies is `Diagram`'s business, what it means in
/// words is in `RuleTable.swift`.
public enum Rule: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case closedPassiveOpen
    case closedActiveOpen

    case listenActiveOpen
    case listenSend
    case listenClose
    case listenAbort
    case listenSyn
    case listenUserTimeout
    case listenSocketGone

    case synSentSynAck
    case synSentSyn
    case synSentRst
    case synSentClose
    case synSentAbort
    case synSentRetransmissionLimit
    case synSentIcmpHardError
    case synSentUserTimeout
    case synSentSocketGone

    case synReceivedAckOfSyn
    case synReceivedSynAck
    case synReceivedClose
    case synReceivedRstPassive
    case synReceivedRstActive
    case synReceivedSynInWindowPassive
    case synReceivedSynInWindowActive
    case synReceivedAbort
    case synReceivedOldDuplicate
    case synReceivedUserTimeout
    case synReceivedRetransmissionLimit
    case synReceivedIcmpHardError
    case synReceivedSocketGone

    case establishedClose
    case establishedFin
    case establishedAbort
    case establishedAbortTimeWait
    case establishedRst
    case establishedSynInWindow
    case establishedUserTimeout
    case establishedRetransmissionLimit
    case establishedIcmpHardError
    case establishedSocketGone

    case finWait1AckOfFin
    case finWait1Fin
    case finWait1DataAfterClose
    case finWait1Abort
    case finWait1AbortTimeWait
    case finWait1Rst
    case finWait1SynInWindow
    case finWait1UserTimeout
    case finWait1RetransmissionLimit
    case finWait1IcmpHardError
    case finWait1SocketGone

    case finWait2Fin
    case finWait2DataAfterClose
    case finWait2Abort
    case finWait2AbortTimeWait
    case finWait2Rst
    case finWait2SynInWindow
    case finWait2UserTimeout
    case finWait2IcmpHardError
    case finWait2Timeout
    case finWait2SocketGone

    case closeWaitClose
    case closeWaitAbort
    case closeWaitAbortTimeWait
    case closeWaitRst
    case closeWaitSynInWindow
    case closeWaitUserTimeout
    case closeWaitRetransmissionLimit
    case closeWaitIcmpHardError
    case closeWaitSocketGone

    case closingAckOfFin
    case closingAbort
    case closingRst
    case closingSynInWindow
    case closingUserTimeout
    case closingRetransmissionLimit
    case closingIcmpHardError
    case closingSocketGone

    case lastAckAckOfFin
    case lastAckAbort
    case lastAckRst
    case lastAckSynInWindow
    case lastAckUserTimeout
    case lastAckRetransmissionLimit
    case lastAckIcmpHardError
    case lastAckSocketGone

    case timeWaitTimeout
    case timeWaitNewIncarnation
    case timeWaitAbort
    case timeWaitRst
    case timeWaitSynInWindow
    case timeWaitUserTimeout
    case timeWaitReplaced
    case timeWaitReuse
    case timeWaitSocketGone
}

extension Rule {
    /// The state that the connection leaves.
    public var from: State {
        switch self {
        case .closedPassiveOpen, .closedActiveOpen:
            .closed
        case .listenActiveOpen, .listenSend, .listenClose, .listenAbort, .listenSyn, .listenUserTimeout,
            .listenSocketGone:
            .listen
        case .synSentSynAck, .synSentSyn, .synSentRst, .synSentClose, .synSentAbort,
            .synSentRetransmissionLimit, .synSentIcmpHardError, .synSentUserTimeout, .synSentSocketGone:
            .synSent
        case .synReceivedAckOfSyn, .synReceivedSynAck, .synReceivedClose, .synReceivedRstPassive,
            .synReceivedRstActive, .synReceivedSynInWindowPassive, .synReceivedSynInWindowActive,
            .synReceivedAbort, .synReceivedOldDuplicate, .synReceivedUserTimeout,
            .synReceivedRetransmissionLimit, .synReceivedIcmpHardError, .synReceivedSocketGone:
            .synReceived
        case .establishedClose, .establishedFin, .establishedAbort, .establishedAbortTimeWait, .establishedRst,
            .establishedSynInWindow, .establishedUserTimeout, .establishedRetransmissionLimit,
            .establishedIcmpHardError, .establishedSocketGone:
            .established
        case .finWait1AckOfFin, .finWait1Fin, .finWait1DataAfterClose, .finWait1Abort, .finWait1AbortTimeWait,
            .finWait1Rst, .finWait1SynInWindow, .finWait1UserTimeout, .finWait1RetransmissionLimit,
            .finWait1IcmpHardError, .finWait1SocketGone:
            .finWait1
        case .finWait2Fin, .finWait2DataAfterClose, .finWait2Abort, .finWait2AbortTimeWait, .finWait2Rst,
            .finWait2SynInWindow, .finWait2UserTimeout, .finWait2IcmpHardError, .finWait2Timeout,
            .finWait2SocketGone:
            .finWait2
        case .closeWaitClose, .closeWaitAbort, .closeWaitAbortTimeWait, .closeWaitRst, .closeWaitSynInWindow,
            .closeWaitUserTimeout, .closeWaitRetransmissionLimit, .closeWaitIcmpHardError, .closeWaitSocketGone:
            .closeWait
        case .closingAckOfFin, .closingAbort, .closingRst, .closingSynInWindow, .closingUserTimeout,
            .closingRetransmissionLimit, .closingIcmpHardError, .closingSocketGone:
            .closing
        case .lastAckAckOfFin, .lastAckAbort, .lastAckRst, .lastAckSynInWindow, .lastAckUserTimeout,
            .lastAckRetransmissionLimit, .lastAckIcmpHardError, .lastAckSocketGone:
            .lastAck
        case .timeWaitTimeout, .timeWaitNewIncarnation, .timeWaitAbort, .timeWaitRst, .timeWaitSynInWindow,
            .timeWaitUserTimeout, .timeWaitReplaced, .timeWaitReuse, .timeWaitSocketGone:
            .timeWait
        }
    }

    /// The state that the connection enters.
    public var to: State {
        switch self {
        case .listenClose, .listenAbort, .listenUserTimeout, .listenSocketGone, .synSentRst, .synSentClose,
            .synSentAbort, .synSentRetransmissionLimit, .synSentIcmpHardError, .synSentUserTimeout,
            .synSentSocketGone, .synReceivedRstActive, .synReceivedSynInWindowActive, .synReceivedAbort,
            .synReceivedUserTimeout, .synReceivedRetransmissionLimit, .synReceivedIcmpHardError,
            .synReceivedSocketGone, .establishedAbort, .establishedRst, .establishedSynInWindow,
            .establishedUserTimeout, .establishedRetransmissionLimit, .establishedIcmpHardError,
            .establishedSocketGone, .finWait1DataAfterClose, .finWait1Abort, .finWait1Rst, .finWait1SynInWindow,
            .finWait1UserTimeout, .finWait1RetransmissionLimit, .finWait1IcmpHardError, .finWait1SocketGone,
            .finWait2DataAfterClose, .finWait2Abort, .finWait2Rst, .finWait2SynInWindow, .finWait2UserTimeout,
            .finWait2IcmpHardError, .finWait2Timeout, .finWait2SocketGone, .closeWaitAbort, .closeWaitRst,
            .closeWaitSynInWindow, .closeWaitUserTimeout, .closeWaitRetransmissionLimit,
            .closeWaitIcmpHardError, .closeWaitSocketGone, .closingAbort, .closingRst, .closingSynInWindow,
            .closingUserTimeout, .closingRetransmissionLimit, .closingIcmpHardError, .closingSocketGone,
            .lastAckAckOfFin, .lastAckAbort, .lastAckRst, .lastAckSynInWindow, .lastAckUserTimeout,
            .lastAckRetransmissionLimit, .lastAckIcmpHardError, .lastAckSocketGone, .timeWaitTimeout,
            .timeWaitAbort, .timeWaitRst, .timeWaitSynInWindow, .timeWaitUserTimeout, .timeWaitReplaced,
            .timeWaitReuse, .timeWaitSocketGone:
            .closed
        case .closedPassiveOpen, .synReceivedRstPassive, .synReceivedSynInWindowPassive:
            .listen
        case .closedActiveOpen, .listenActiveOpen, .listenSend:
            .synSent
        case .listenSyn, .synSentSyn, .timeWaitNewIncarnation:
            .synReceived
        case .synSentSynAck, .synReceivedAckOfSyn, .synReceivedSynAck:
            .established
        case .synReceivedClose, .establishedClose:
            .finWait1
        case .finWait1AckOfFin:
            .finWait2
        case .establishedFin:
            .closeWait
        case .finWait1Fin:
            .closing
        case .closeWaitClose:
            .lastAck
        case .synReceivedOldDuplicate, .establishedAbortTimeWait, .finWait1AbortTimeWait, .finWait2Fin,
            .finWait2AbortTimeWait, .closeWaitAbortTimeWait, .closingAckOfFin:
            .timeWait
        }
    }

    /// The rule of this id, or nil; exact spelling.
    public init?(id: some StringProtocol) {
        guard let rule = Rule.allCases.first(where: { $0.id == id }) else { return nil }
        self = rule
    }
}

extension Rule: CustomStringConvertible {
    public var description: String { id }
}
