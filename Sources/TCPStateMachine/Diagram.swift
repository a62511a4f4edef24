/// The state diagram: RFC 793 figure 6 with what the text adds to it, one arrow per line. No `default` over states or
/// events: a new case of either must be thought through in every place.
public enum Diagram {
    /// The rule that `event` takes in `state`, or nil if it does not move the connection there.
    public static func rule(
        in state: State, on event: DiagramEvent, openedBy opening: Opening, profile p: Profile
    ) -> Rule? {
        switch state {
        case .closed: switch event {
            case .passiveOpen: .closedPassiveOpen
            case .activeOpen: .closedActiveOpen
            case .send, .close, .abort, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives, .ackOfFinArrives,
                .rstArrives, .synInWindowArrives, .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout,
                .userTimeout, .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout, .socketGone: nil }
        case .listen: switch event {
            case .activeOpen: take(.listenActiveOpen, if: p[.listenBecomesActive])
            case .send: take(.listenSend, if: p[.listenBecomesActive])
            case .close: .listenClose
            case .abort: .listenAbort
            case .synArrives: .listenSyn
            case .userTimeout: take(.listenUserTimeout, if: p[.userTimeoutInEveryState])
            case .socketGone: take(.listenSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .synAckArrives, .ackOfSynArrives, .finArrives, .ackOfFinArrives, .rstArrives,
                .synInWindowArrives, .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout,
                .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout: nil }
        case .synSent: switch event {
            case .close: .synSentClose
            case .abort: .synSentAbort
            case .synArrives: .synSentSyn
            case .synAckArrives: .synSentSynAck
            case .rstArrives: .synSentRst
            case .userTimeout: .synSentUserTimeout
            case .retransmissionLimit: .synSentRetransmissionLimit
            case .icmpHardError: .synSentIcmpHardError
            case .socketGone: take(.synSentSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .ackOfSynArrives, .finArrives, .ackOfFinArrives, .synInWindowArrives,
                .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse,
                .finWait2Timeout: nil }
        case .synReceived: switch event {
            case .close: .synReceivedClose
            case .abort: .synReceivedAbort
            case .synAckArrives: take(.synReceivedSynAck, if: opening == .active && p[.crossingSynAckEstablishes])
            case .ackOfSynArrives: .synReceivedAckOfSyn
            case .rstArrives: switch opening {
                case .passive: .synReceivedRstPassive
                case .active: .synReceivedRstActive
                case .reopened: take(.synReceivedOldDuplicate, if: p[.timeWaitReopens]) }
            case .synInWindowArrives: switch opening {
                case .passive: .synReceivedSynInWindowPassive
                case .active: take(.synReceivedSynInWindowActive, if: p[.synInWindowReset])
                case .reopened: take(.synReceivedOldDuplicate, if: p[.timeWaitReopens]) }
            case .userTimeout: .synReceivedUserTimeout
            case .retransmissionLimit: .synReceivedRetransmissionLimit
            case .icmpHardError: .synReceivedIcmpHardError
            case .socketGone: take(.synReceivedSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .synArrives, .finArrives, .ackOfFinArrives, .dataAfterCloseArrives,
                .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse, .finWait2Timeout: nil }
        case .established: switch event {
            case .close: .establishedClose
            case .abort: p[.abortMayEnterTimeWait] ? .establishedAbortTimeWait : .establishedAbort
            case .finArrives: .establishedFin
            case .rstArrives: .establishedRst
            case .synInWindowArrives: take(.establishedSynInWindow, if: p[.synInWindowReset])
            case .userTimeout: .establishedUserTimeout
            case .retransmissionLimit: .establishedRetransmissionLimit
            case .icmpHardError: take(.establishedIcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .socketGone: take(.establishedSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .synArrives, .synAckArrives, .ackOfSynArrives, .ackOfFinArrives,
                .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse,
                .finWait2Timeout: nil }
        case .finWait1: switch event {
            case .abort: p[.abortMayEnterTimeWait] ? .finWait1AbortTimeWait : .finWait1Abort
            case .ackOfFinArrives: .finWait1AckOfFin
            case .finArrives: .finWait1Fin
            case .rstArrives: .finWait1Rst
            case .synInWindowArrives: take(.finWait1SynInWindow, if: p[.synInWindowReset])
            case .dataAfterCloseArrives: take(.finWait1DataAfterClose, if: p[.halfDuplexCloseReset])
            case .userTimeout: .finWait1UserTimeout
            case .retransmissionLimit: .finWait1RetransmissionLimit
            case .icmpHardError: take(.finWait1IcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .socketGone: take(.finWait1SocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives,
                .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse, .finWait2Timeout: nil }
        case .finWait2: switch event {
            case .abort: p[.abortMayEnterTimeWait] ? .finWait2AbortTimeWait : .finWait2Abort
            case .finArrives: .finWait2Fin
            case .rstArrives: .finWait2Rst
            case .synInWindowArrives: take(.finWait2SynInWindow, if: p[.synInWindowReset] || p[.orphanIsEasilyReset])
            case .dataAfterCloseArrives: take(.finWait2DataAfterClose, if: p[.halfDuplexCloseReset])
            case .userTimeout: .finWait2UserTimeout
            case .icmpHardError: take(.finWait2IcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .finWait2Timeout: take(.finWait2Timeout, if: p[.orphanTimesOutInFinWait2])
            case .socketGone: take(.finWait2SocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives,
                .ackOfFinArrives, .newIncarnationSynArrives, .timeWaitTimeout, .retransmissionLimit,
                .timeWaitReuse: nil }
        case .closeWait: switch event {
            case .close: .closeWaitClose
            case .abort: p[.abortMayEnterTimeWait] ? .closeWaitAbortTimeWait : .closeWaitAbort
            case .rstArrives: .closeWaitRst
            case .synInWindowArrives: take(.closeWaitSynInWindow, if: p[.synInWindowReset])
            case .userTimeout: .closeWaitUserTimeout
            case .retransmissionLimit: .closeWaitRetransmissionLimit
            case .icmpHardError: take(.closeWaitIcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .socketGone: take(.closeWaitSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
                .ackOfFinArrives, .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse,
                .finWait2Timeout: nil }
        case .closing: switch event {
            case .abort: .closingAbort
            case .ackOfFinArrives: .closingAckOfFin
            case .rstArrives: .closingRst
            case .synInWindowArrives: take(.closingSynInWindow, if: p[.synInWindowReset])
            case .userTimeout: .closingUserTimeout
            case .retransmissionLimit: .closingRetransmissionLimit
            case .icmpHardError: take(.closingIcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .socketGone: take(.closingSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
                .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse,
                .finWait2Timeout: nil }
        case .lastAck: switch event {
            case .abort: .lastAckAbort
            case .ackOfFinArrives: .lastAckAckOfFin
            case .rstArrives: .lastAckRst
            case .synInWindowArrives: take(.lastAckSynInWindow, if: p[.synInWindowReset])
            case .userTimeout: .lastAckUserTimeout
            case .retransmissionLimit: .lastAckRetransmissionLimit
            case .icmpHardError: take(.lastAckIcmpHardError, if: p[.hardErrorAbortsSynchronized])
            case .socketGone: take(.lastAckSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
                .dataAfterCloseArrives, .newIncarnationSynArrives, .timeWaitTimeout, .timeWaitReuse,
                .finWait2Timeout: nil }
        case .timeWait: switch event {
            case .abort: .timeWaitAbort
            case .rstArrives: take(.timeWaitRst, if: p[.resetTimeWait])
            case .synInWindowArrives: take(.timeWaitSynInWindow, if: p[.synInWindowReset])
            case .newIncarnationSynArrives:
                p[.timeWaitReopens] ? .timeWaitNewIncarnation : take(.timeWaitReplaced, if: p[.timeWaitReplaced])
            case .timeWaitTimeout: .timeWaitTimeout
            case .userTimeout: take(.timeWaitUserTimeout, if: p[.userTimeoutInEveryState])
            case .timeWaitReuse: take(.timeWaitReuse, if: p[.timeWaitReuse])
            case .socketGone: take(.timeWaitSocketGone, if: p[.socketMayVanish])
            case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
                .ackOfFinArrives, .dataAfterCloseArrives, .retransmissionLimit, .icmpHardError, .finWait2Timeout: nil }
        }
    }

    private static func take(_ rule: Rule, if condition: Bool) -> Rule? { condition ? rule : nil }
}
