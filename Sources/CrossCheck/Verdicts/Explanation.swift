/// Why the kernel legitimately differs from what the wire shows.
public enum Explanation: String, VerdictReason, Hashable, Sendable, CaseIterable {
    // Rows and their absence.
    case synCookie = "syn-cookie"
    case acceptQueueFull = "accept-queue-full"
    case deferredAccept = "deferred-accept"
    case finBehindData = "fin-behind-data"
    case finWait2Timeout = "fin-wait-2-timeout"
    case timeWaitOverflow = "time-wait-overflow"
    case timeWaitKept = "time-wait-kept"
    case timeWaitEnded = "time-wait-ended"
    case timerGranularity = "timer-granularity"
    case connectEnded = "connect-ended"
    case requestEnded = "request-ended"
    case timedOut = "timed-out"
    case orphanTimedOut = "orphan-timed-out"
    case missedByListing = "missed-by-listing"
    case captureLoss = "capture-loss"
    case captureEnded = "capture-ended"
    case takenLate = "taken-late"
    case distantVantage = "distant-vantage"
    case wireUncertain = "wire-uncertain"
    // Transitions.
    case childAtFinalAck = "child-at-final-ack"
    case remnantTakesOver = "remnant-takes-over"
    case closedAgain = "closed-again"
    case sentLater = "sent-later"
    case neverSent = "never-sent"
    case silentEnd = "silent-end"
    case arrivalOrder = "arrival-order"

    public var meaning: String {
        switch self {
        case .synCookie: "the SYN,ACK was a SYN cookie: the kernel remembers nothing until the final ACK"
        case .acceptQueueFull: "the accept queue is full: the kernel drops the SYN, or the ACK that ends the handshake"
        case .deferredAccept: "the listener waits for data before it takes the connection (TCP_DEFER_ACCEPT)"
        case .finBehindData: "the program has closed, and the FIN waits behind data that may not be sent yet"
        case .finWait2Timeout: "a closed socket does not wait in FIN-WAIT-2 for ever (tcp_fin_timeout)"
        case .timeWaitOverflow: "TIME-WAIT was left out: there are too many (tcp_max_tw_buckets)"
        case .timeWaitKept: "a RST does not end TIME-WAIT here (tcp_rfc1337)"
        case .timeWaitEnded: "TIME-WAIT ended early: a RST came, or the ports were used again"
        case .timerGranularity: "the kernel's long timers may run an eighth longer"
        case .connectEnded: "the program gave up the SYN-SENT, or the kernel did: neither is on the wire"
        case .requestEnded: "the kernel gave up the handshake: nothing on the wire tells"
        case .timedOut: "the kernel gave up a connection whose peer did not answer"
        case .orphanTimedOut: "the kernel gave up a closed connection whose peer did not answer (tcp_orphan_retries)"
        case .missedByListing: "the row is there before and after: one listing missed it"
        case .captureLoss: "the capture lacks segments of this connection"
        case .captureEnded: "the kernel looked after the last packet: the capture may have ended before"
        case .takenLate: "the segment was taken more than a millisecond after it had passed"
        case .distantVantage: "the capture was not taken on this host: segments may be lost, or on their way, between"
        case .wireUncertain: "the wire leaves several states open, or ends before this one, and does not contradict it"
        case .childAtFinalAck:
            "the kernel makes the socket when the handshake ends, and tells LISTEN to SYN-RECEIVED then"
        case .remnantTakesOver: "the socket was closed: what is left of it waits in FIN-WAIT-2 or TIME-WAIT, untold"
        case .closedAgain: "close(2) after shutdown(2), or a socket set up again: the state stays"
        case .sentLater: "the program opened or closed; the segment that tells left later"
        case .neverSent: "the program opened or closed; the segment that tells never left"
        case .silentEnd: "the connection ended by a timer, or by a program, without a segment"
        case .arrivalOrder: "two segments passed within a millisecond, and the kernel took them the other way round"
        }
    }

    public var source: String {
        switch self {
        case .synCookie: "RFC 4987 section 3.6"
        case .acceptQueueFull: "listen(2), kernel: ip-sysctl tcp_abort_on_overflow"
        case .deferredAccept: "tcp(7) TCP_DEFER_ACCEPT"
        case .finBehindData: "RFC 9293 section 3.10.4"
        case .finWait2Timeout: "RFC 9293 section 3.6, kernel: ip-sysctl tcp_fin_timeout"
        case .timeWaitOverflow: "kernel: ip-sysctl tcp_max_tw_buckets"
        case .timeWaitKept: "RFC 1337, kernel: ip-sysctl tcp_rfc1337"
        case .timeWaitEnded: "RFC 1337, RFC 6191"
        case .timerGranularity: "kernel: the timer wheel"
        case .connectEnded: "RFC 9293 sections 3.10.4 and 3.8.3"
        case .requestEnded: "kernel: ip-sysctl tcp_synack_retries"
        case .timedOut: "RFC 9293 sections 3.8.3 and 3.8.4"
        case .orphanTimedOut: "kernel: ip-sysctl tcp_orphan_retries"
        case .missedByListing: "Docs/kernel-sockets.md, a snapshot is not atomic"
        case .captureLoss, .captureEnded, .distantVantage, .wireUncertain: "Docs/inference.md"
        case .takenLate: "Docs/crosscheck.md, time"
        case .childAtFinalAck, .remnantTakesOver, .closedAgain, .silentEnd, .arrivalOrder:
            "Docs/crosscheck.md, transitions"
        case .sentLater, .neverSent: "RFC 9293 sections 3.10.1 and 3.10.4"
        }
    }

    public var nextStep: String? {
        switch self {
        case .synCookie: "a SYN flood, or a backlog that is too short: nstat -az TcpExtSyncookiesSent"
        case .acceptQueueFull: "the listening program accepts too slowly: ss -ltn, nstat -az TcpExtListenOverflows"
        case .finBehindData: "the peer's program: it does not read"
        case .timeWaitOverflow: "nstat -az TcpExtTCPTimeWaitOverflow"
        case .captureLoss: "a capture with a larger buffer, or a shorter snapshot length"
        case .connectEnded, .timedOut, .orphanTimedOut: "why the peer does not answer: a capture there"
        case .deferredAccept, .finWait2Timeout, .timeWaitKept, .timeWaitEnded, .timerGranularity, .requestEnded,
            .missedByListing, .captureEnded, .takenLate, .distantVantage, .wireUncertain, .childAtFinalAck,
            .remnantTakesOver, .closedAgain, .sentLater, .neverSent, .silentEnd, .arrivalOrder:
            nil
        }
    }
}
