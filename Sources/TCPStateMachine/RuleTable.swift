/// The table of rules: what each says and where that is written. Data, not code; the words of `event` and `condition`
/// are those of the reference table (transitions.tsv) wherever it has the rule.
extension Rule {
    /// One row of the table.
    struct Row {
        let id: StaticString
        let event: StaticString
        let condition: StaticString
        let action: StaticString
        let source: StaticString

        init(
            _ id: StaticString, _ event: StaticString, _ condition: StaticString, _ action: StaticString,
            _ source: StaticString
        ) {
            self.id = id
            self.event = event
            self.condition = condition
            self.action = action
            self.source = source
        }
    }

    // Columns: id; event; condition; action; source.
    var row: Row {
        switch self {
        case .closedPassiveOpen:
            Row("CLOSED-PASSIVE-OPEN", "passive OPEN", "", "create TCB", "RFC 793 3.9 OPEN p54; RFC 9293 3.10.1")
        case .closedActiveOpen:
            Row(
                "CLOSED-ACTIVE-OPEN", "active OPEN", "remote socket specified",
                "create TCB, snd SYN", "RFC 793 3.9 OPEN p54; RFC 9293 3.10.1")
        case .listenActiveOpen:
            Row(
                "LISTEN-ACTIVE-OPEN", "active OPEN", "remote socket specified",
                "snd SYN", "RFC 793 p54; RFC 9293 3.10.1")
        case .listenSend:
            Row(
                "LISTEN-SEND", "SEND", "remote socket specified",
                "snd SYN", "RFC 793 Fig. 6, p56; RFC 9293 Fig. 5, 3.10.2")
        case .listenClose:
            Row("LISTEN-CLOSE", "CLOSE", "", "delete TCB", "RFC 793 Fig. 6, p60; RFC 9293 3.10.4")
        case .listenAbort:
            Row("LISTEN-ABORT", "ABORT", "", "delete TCB", "RFC 793 p62; RFC 9293 3.10.5")
        case .listenSyn:
            Row(
                "LISTEN-SYN", "rcv SYN", "no RST, no ACK, security matches",
                "snd SYN,ACK", "RFC 793 Fig. 6, p65-66; RFC 9293 3.10.7.2")
        case .listenUserTimeout:
            Row(
                "LISTEN-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .listenSocketGone:
            Row(
                "LISTEN-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .synSentSynAck:
            Row(
                "SYN-SENT-SYN-ACK", "rcv SYN,ACK", "SND.UNA < SEG.ACK =< SND.NXT",
                "snd ACK", "RFC 793 Fig. 6, p66-68; RFC 1122 4.2.2.20(c); RFC 9293 3.10.7.3")
        case .synSentSyn:
            Row(
                "SYN-SENT-SYN", "rcv SYN", "no ACK",
                "snd SYN,ACK", "RFC 793 p68 (Fig. 6 prints snd ACK); RFC 1122 4.2.2.8(a); RFC 9293 Fig. 5, 3.10.7.3")
        case .synSentRst:
            Row(
                "SYN-SENT-RST", "rcv RST", "ACK acceptable",
                "signal: connection reset", "RFC 793 p67; RFC 9293 3.5.3, 3.10.7.3")
        case .synSentClose:
            Row("SYN-SENT-CLOSE", "CLOSE", "", "delete TCB", "RFC 793 Fig. 6, p60; RFC 9293 Fig. 5, 3.10.4")
        case .synSentAbort:
            Row("SYN-SENT-ABORT", "ABORT", "", "delete TCB", "RFC 793 p62; RFC 9293 3.10.5")
        case .synSentRetransmissionLimit:
            Row(
                "SYN-SENT-RETRANSMISSION-LIMIT", "R2 exceeded on SYN", "",
                "give up, inform user", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20, MUST-23")
        case .synSentIcmpHardError:
            Row(
                "SYN-SENT-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26; 3.8.3 (Port Unreachable)")
        case .synSentUserTimeout:
            Row(
                "SYN-SENT-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .synSentSocketGone:
            Row(
                "SYN-SENT-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .synReceivedAckOfSyn:
            Row(
                "SYN-RECEIVED-ACK-OF-SYN", "rcv ACK of SYN", "SND.UNA < SEG.ACK =< SND.NXT",
                "none", "RFC 793 Fig. 6, p72; RFC 1122 4.2.2.20(f); RFC 9293 3.10.7.4 fifth")
        case .synReceivedSynAck:
            Row(
                "SYN-RECEIVED-SYN-ACK", "rcv SYN,ACK", "crossing SYNs (active origin), ack of our SYN",
                "none", "RFC 793 Fig. 8 line 6; RFC 1122 4.2.2.10; RFC 9293 Fig. 7 line 6")
        case .synReceivedClose:
            Row(
                "SYN-RECEIVED-CLOSE", "CLOSE", "no SEND issued, nothing pending",
                "snd FIN", "RFC 793 Fig. 6, p60; RFC 9293 Fig. 5, 3.10.4")
        case .synReceivedRstPassive:
            Row(
                "SYN-RECEIVED-RST-PASSIVE", "rcv RST", "came from LISTEN (passive OPEN)",
                "flush", "RFC 793 p37,70; RFC 1122 4.2.2.8(b), 4.2.2.11; RFC 9293 Fig. 5 note 1, 3.5.3, 3.10.7.4")
        case .synReceivedRstActive:
            Row(
                "SYN-RECEIVED-RST-ACTIVE", "rcv RST", "came from SYN-SENT (active OPEN)",
                "signal: connection refused", "RFC 793 p70; RFC 1122 4.2.2.11; RFC 9293 3.10.7.4")
        case .synReceivedSynInWindowPassive:
            Row(
                "SYN-RECEIVED-SYN-IN-WINDOW-PASSIVE", "rcv SYN in window", "passive origin",
                "none", "RFC 1122 4.2.2.20(e); RFC 9293 3.10.7.4 fourth")
        case .synReceivedSynInWindowActive:
            Row(
                "SYN-RECEIVED-SYN-IN-WINDOW-ACTIVE", "rcv SYN in window",
                "793: any origin; 9293 without RFC 5961: active origin",
                "snd RST", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .synReceivedAbort:
            Row("SYN-RECEIVED-ABORT", "ABORT", "", "snd RST, delete TCB", "RFC 793 p62; RFC 9293 3.10.5")
        case .synReceivedOldDuplicate:
            Row(
                "SYN-RECEIVED-OLD-DUPLICATE", "old duplicate SYN found after reopening from TIME-WAIT", "",
                "return to TIME-WAIT", "RFC 1122 4.2.2.13 (2); RFC 9293 3.6.1 (2)")
        case .synReceivedUserTimeout:
            Row(
                "SYN-RECEIVED-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .synReceivedRetransmissionLimit:
            Row(
                "SYN-RECEIVED-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .synReceivedIcmpHardError:
            Row(
                "SYN-RECEIVED-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .synReceivedSocketGone:
            Row(
                "SYN-RECEIVED-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .establishedClose:
            Row("ESTABLISHED-CLOSE", "CLOSE", "after queued SENDs", "snd FIN", "RFC 793 Fig. 6, p60; RFC 9293 3.10.4")
        case .establishedFin:
            Row("ESTABLISHED-FIN", "rcv FIN", "in order", "snd ACK", "RFC 793 Fig. 6, p75; RFC 9293 3.10.7.4 eighth")
        case .establishedAbort:
            Row(
                "ESTABLISHED-ABORT", "ABORT", "",
                "snd RST, flush, delete TCB", "RFC 793 p62; RFC 1122 4.2.2.13; RFC 9293 3.10.5")
        case .establishedAbortTimeWait:
            Row(
                "ESTABLISHED-ABORT-TIME-WAIT", "ABORT", "9293 reset-issuer rule",
                "snd RST", "RFC 9293 3.3.2 note 3, 3.5.2 (\"should\")")
        case .establishedRst:
            Row(
                "ESTABLISHED-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .establishedSynInWindow:
            Row(
                "ESTABLISHED-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .establishedUserTimeout:
            Row(
                "ESTABLISHED-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .establishedRetransmissionLimit:
            Row(
                "ESTABLISHED-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .establishedIcmpHardError:
            Row(
                "ESTABLISHED-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .establishedSocketGone:
            Row(
                "ESTABLISHED-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .finWait1AckOfFin:
            Row(
                "FIN-WAIT-1-ACK-OF-FIN", "rcv ACK of FIN", "no FIN processed in the same segment",
                "none", "RFC 793 Fig. 6, p73; RFC 9293 3.10.7.4 fifth")
        case .finWait1Fin:
            Row(
                "FIN-WAIT-1-FIN", "rcv FIN", "our FIN not yet acknowledged",
                "snd ACK", "RFC 793 Fig. 6, p75; RFC 9293 3.10.7.4 eighth")
        case .finWait1DataAfterClose:
            Row(
                "FIN-WAIT-1-DATA-AFTER-CLOSE", "rcv data", "half-duplex close (user closed fully)",
                "SHOULD snd RST", "RFC 1122 4.2.2.13; RFC 9293 3.6.1 MAY-1, SHLD-3")
        case .finWait1Abort:
            Row(
                "FIN-WAIT-1-ABORT", "ABORT", "",
                "snd RST, flush, delete TCB", "RFC 793 p62; RFC 1122 4.2.2.13; RFC 9293 3.10.5")
        case .finWait1AbortTimeWait:
            Row(
                "FIN-WAIT-1-ABORT-TIME-WAIT", "ABORT", "9293 reset-issuer rule",
                "snd RST", "RFC 9293 3.3.2 note 3, 3.5.2 (\"should\")")
        case .finWait1Rst:
            Row(
                "FIN-WAIT-1-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .finWait1SynInWindow:
            Row(
                "FIN-WAIT-1-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .finWait1UserTimeout:
            Row(
                "FIN-WAIT-1-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .finWait1RetransmissionLimit:
            Row(
                "FIN-WAIT-1-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .finWait1IcmpHardError:
            Row(
                "FIN-WAIT-1-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .finWait1SocketGone:
            Row(
                "FIN-WAIT-1-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .finWait2Fin:
            Row(
                "FIN-WAIT-2-FIN", "rcv FIN", "in order",
                "snd ACK, start 2MSL", "RFC 793 Fig. 6, p75; RFC 9293 3.10.7.4 eighth")
        case .finWait2DataAfterClose:
            Row(
                "FIN-WAIT-2-DATA-AFTER-CLOSE", "rcv data", "half-duplex close",
                "SHOULD snd RST", "RFC 1122 4.2.2.13; RFC 9293 3.6.1 MAY-1, SHLD-3")
        case .finWait2Abort:
            Row(
                "FIN-WAIT-2-ABORT", "ABORT", "",
                "snd RST, flush, delete TCB", "RFC 793 p62; RFC 1122 4.2.2.13; RFC 9293 3.10.5")
        case .finWait2AbortTimeWait:
            Row(
                "FIN-WAIT-2-ABORT-TIME-WAIT", "ABORT", "9293 reset-issuer rule",
                "snd RST", "RFC 9293 3.3.2 note 3, 3.5.2 (\"should\")")
        case .finWait2Rst:
            Row(
                "FIN-WAIT-2-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .finWait2SynInWindow:
            Row(
                "FIN-WAIT-2-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .finWait2UserTimeout:
            Row(
                "FIN-WAIT-2-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .finWait2IcmpHardError:
            Row(
                "FIN-WAIT-2-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .finWait2Timeout:
            Row(
                "FIN-WAIT-2-TIMEOUT", "FIN-WAIT-2 timeout", "orphan: the user has closed fully",
                "delete TCB", "kernel-facts.md 5(g)")
        case .finWait2SocketGone:
            Row(
                "FIN-WAIT-2-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .closeWaitClose:
            Row(
                "CLOSE-WAIT-CLOSE", "CLOSE", "after queued SENDs",
                "snd FIN", "RFC 793 Fig. 6, Fig. 13 (text p61 says CLOSING); RFC 1122 4.2.2.20(a); RFC 9293 3.10.4")
        case .closeWaitAbort:
            Row(
                "CLOSE-WAIT-ABORT", "ABORT", "",
                "snd RST, flush, delete TCB", "RFC 793 p62; RFC 1122 4.2.2.13; RFC 9293 3.10.5")
        case .closeWaitAbortTimeWait:
            Row(
                "CLOSE-WAIT-ABORT-TIME-WAIT", "ABORT", "9293 reset-issuer rule",
                "snd RST", "RFC 9293 3.3.2 note 3, 3.5.2 (\"should\")")
        case .closeWaitRst:
            Row(
                "CLOSE-WAIT-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .closeWaitSynInWindow:
            Row(
                "CLOSE-WAIT-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .closeWaitUserTimeout:
            Row(
                "CLOSE-WAIT-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .closeWaitRetransmissionLimit:
            Row(
                "CLOSE-WAIT-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .closeWaitIcmpHardError:
            Row(
                "CLOSE-WAIT-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .closeWaitSocketGone:
            Row(
                "CLOSE-WAIT-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .closingAckOfFin:
            Row(
                "CLOSING-ACK-OF-FIN", "rcv ACK of FIN", "",
                "start 2MSL", "RFC 793 Fig. 6, p73; RFC 9293 3.10.7.4 fifth")
        case .closingAbort:
            Row("CLOSING-ABORT", "ABORT", "", "ok, delete TCB (no RST)", "RFC 793 p62; RFC 9293 3.10.5")
        case .closingRst:
            Row(
                "CLOSING-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .closingSynInWindow:
            Row(
                "CLOSING-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .closingUserTimeout:
            Row(
                "CLOSING-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .closingRetransmissionLimit:
            Row(
                "CLOSING-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .closingIcmpHardError:
            Row(
                "CLOSING-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .closingSocketGone:
            Row(
                "CLOSING-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .lastAckAckOfFin:
            Row(
                "LAST-ACK-ACK-OF-FIN", "rcv ACK of FIN", "",
                "delete TCB", "RFC 793 Fig. 6, p73; RFC 9293 3.10.7.4 fifth")
        case .lastAckAbort:
            Row("LAST-ACK-ABORT", "ABORT", "", "ok, delete TCB (no RST)", "RFC 793 p62; RFC 9293 3.10.5")
        case .lastAckRst:
            Row(
                "LAST-ACK-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .lastAckSynInWindow:
            Row(
                "LAST-ACK-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .lastAckUserTimeout:
            Row(
                "LAST-ACK-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .lastAckRetransmissionLimit:
            Row(
                "LAST-ACK-RETRANSMISSION-LIMIT", "R2 exceeded", "",
                "close the connection", "RFC 1122 4.2.3.5; RFC 9293 3.8.3 MUST-20(c)")
        case .lastAckIcmpHardError:
            Row(
                "LAST-ACK-ICMP-HARD-ERROR", "ICMP hard error", "",
                "signal aborted, delete TCB", "RFC 9293 3.9.2.2 SHLD-26")
        case .lastAckSocketGone:
            Row(
                "LAST-ACK-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        case .timeWaitTimeout:
            Row(
                "TIME-WAIT-TIMEOUT", "timeout 2MSL", "",
                "delete TCB", "RFC 793 Fig. 6, p77; RFC 1122 4.2.2.13; RFC 9293 3.10.8, MUST-13")
        case .timeWaitNewIncarnation:
            Row(
                "TIME-WAIT-NEW-INCARNATION", "rcv SYN",
                "new incarnation: ISN larger than any used before, or timestamps (RFC 6191)",
                "snd SYN,ACK", "RFC 1122 4.2.2.13; RFC 9293 3.6.1 MAY-2, SHLD-4, 3.10.7.4")
        case .timeWaitAbort:
            Row("TIME-WAIT-ABORT", "ABORT", "", "ok, delete TCB (no RST)", "RFC 793 p62; RFC 9293 3.10.5")
        case .timeWaitRst:
            Row(
                "TIME-WAIT-RST", "rcv RST", "in window (793); SEG.SEQ = RCV.NXT (RFC 5961)",
                "signal reset, delete TCB", "RFC 793 p37,70; RFC 9293 note 3, 3.5.3, 3.10.7.4 second")
        case .timeWaitSynInWindow:
            Row(
                "TIME-WAIT-SYN-IN-WINDOW", "rcv SYN in window", "793, or 9293 without RFC 5961",
                "snd RST, signal reset", "RFC 793 p71; RFC 9293 3.10.7.4 fourth")
        case .timeWaitUserTimeout:
            Row(
                "TIME-WAIT-USER-TIMEOUT", "user timeout", "",
                "flush, signal aborted, delete TCB", "RFC 793 p77; RFC 1122 4.2.2.20(h); RFC 9293 3.10.8")
        case .timeWaitReplaced:
            Row(
                "TIME-WAIT-REPLACED", "rcv SYN", "new incarnation; the listener takes it",
                "delete TCB", "kernel-facts.md 1.3; corpus/kernel README, RST and challenge ACK")
        case .timeWaitReuse:
            Row("TIME-WAIT-REUSE", "active OPEN", "from the same socket pair", "delete TCB", "kernel-facts.md 1.3")
        case .timeWaitSocketGone:
            Row(
                "TIME-WAIT-SOCKET-GONE", "socket gone", "a segment met no socket",
                "none", "kernel-facts.md 1.3; corpus/kernel README, Opening")
        }
    }

    /// The stable name: FROM-EVENT in the RFC's spelling, for example `ESTABLISHED-FIN`.
    public var id: String { row.id.description }

    /// What happens, in the words of the reference table: a user call, a segment, a timeout.
    public var event: String { row.event.description }

    /// Under which condition the event takes this rule; empty if under any.
    public var condition: String { row.condition.description }

    /// What the TCP does besides changing the state; `none` if nothing.
    public var action: String { row.action.description }

    /// Where that is written: RFC, section and page, or the measured behavior of the Linux kernel (kernel-facts).
    public var source: String { row.source.description }
}
