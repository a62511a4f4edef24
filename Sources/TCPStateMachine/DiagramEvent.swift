/// What can move a connection, at the level of the state diagram (RFC 793 figure 6, RFC 9293 figure 5).
///
/// An event of the diagram is the outcome of the tests of RFC 793 section 3.9, not the raw segment: `rstArrives` says
/// that a reset passed the sequence check, `finArrives` that the FIN is the next octet to be received. One segment may
/// be two events in a row (an acknowledgment of our FIN, then a FIN).
public enum DiagramEvent: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// The user calls passive OPEN.
    case passiveOpen
    /// The user calls active OPEN with the remote socket specified.
    case activeOpen
    /// The user calls SEND; it moves a connection only in LISTEN (RFC 793 p. 56).
    case send
    /// The user calls CLOSE; from SYN-RECEIVED on: the FIN is due (RFC 793 p. 60-61).
    case close
    /// The user calls ABORT (RFC 793 p. 62), or CLOSE while received data is pending in a half-duplex close (RFC 1122
    /// section 4.2.2.13).
    case abort
    /// A SYN without ACK arrives at LISTEN or SYN-SENT.
    case synArrives
    /// A SYN,ACK arrives whose ACK is acceptable: at SYN-SENT, or at SYN-RECEIVED where SYNs crossed (figure 8 line 6).
    case synAckArrives
    /// An acceptable ACK of our SYN arrives, without SYN.
    case ackOfSynArrives
    /// A FIN arrives in order: all that was sent before it has been received.
    case finArrives
    /// An ACK arrives that covers our FIN.
    case ackOfFinArrives
    /// An acceptable RST arrives: it passed the sequence check (in SYN-SENT the ACK check), RFC 5961's where that is
    /// on.
    case rstArrives
    /// A SYN arrives inside the receive window (RFC 793 p. 71).
    case synInWindowArrives
    /// New data arrives although the user has closed the connection in both directions (half-duplex close, RFC 1122
    /// section 4.2.2.13).
    case dataAfterCloseArrives
    /// A SYN arrives at TIME-WAIT that opens a new incarnation of the connection (RFC 1122 section 4.2.2.13, RFC 6191).
    case newIncarnationSynArrives
    /// The time-wait timer has run: 2 MSL.
    case timeWaitTimeout
    /// The user timeout has run.
    case userTimeout
    /// Retransmissions, or the time spent on them, have reached R2 (RFC 1122 section 4.2.3.5).
    case retransmissionLimit
    /// An ICMP message reports a hard error for the connection (RFC 1122 section 4.2.3.9, RFC 9293 section 3.9.2.2).
    case icmpHardError
    /// Linux: an active OPEN takes over the socket pair of a connection in TIME-WAIT.
    case timeWaitReuse
    /// Linux: an orphan has waited for the peer's FIN as long as it may (`tcp_fin_timeout`).
    case finWait2Timeout
    /// Linux: a segment met no socket although the wire shows the connection alive (a request socket whose listener
    /// has closed, a TIME-WAIT that did not fit into its table, a process that was killed, ...).
    case socketGone
}

/// How the connection came out of CLOSED. RFC 1122 section 4.2.2.11: a TCP must remember it while in SYN-RECEIVED.
public enum Opening: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// By active OPEN: from SYN-SENT.
    case active
    /// By passive OPEN: from LISTEN.
    case passive
    /// By a SYN that arrived in TIME-WAIT; should it turn out to be an old duplicate, the connection returns there
    /// (RFC 1122 section 4.2.2.13 (2)).
    case reopened
}
