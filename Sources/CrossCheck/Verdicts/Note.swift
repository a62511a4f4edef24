/// What is worth knowing although both views agree.
public enum Note: String, VerdictReason, Hashable, Sendable, CaseIterable {
    case acceptQueueNotServed = "accept-queue-not-served"
    case fastOpenPending = "fast-open-pending"
    case closeWaitHeld = "close-wait-held"
    case peerSilent = "peer-silent"
    case keepaliveUnanswered = "keepalive-unanswered"
    case windowClosed = "window-closed"
    case arrivalRefused = "arrival-refused"
    case challengeAck = "challenge-ack"
    case portReused = "port-reused"

    public var meaning: String {
        switch self {
        case .acceptQueueNotServed: "the handshake is complete, and no program has accepted the connection yet"
        case .fastOpenPending: "the program has the connection before the handshake is complete (Fast Open)"
        case .closeWaitHeld: "the peer has closed, and the program that holds the socket has not"
        case .peerSilent: "this end sends again and again, and the peer does not answer"
        case .keepaliveUnanswered: "keepalive probes are not answered"
        case .windowClosed: "the peer's window is closed: what is to be sent waits"
        case .arrivalRefused: "a FIN has passed that this end rightly did not take: it is old, or octets before it lack"
        case .challengeAck: "a RST or SYN has passed that this end rightly did not take: it does not fit exactly"
        case .portReused: "the addresses and ports were those of an earlier connection"
        }
    }

    public var source: String {
        switch self {
        case .acceptQueueNotServed: "listen(2), accept(2)"
        case .fastOpenPending: "RFC 7413 section 4.2"
        case .closeWaitHeld: "RFC 9293 section 3.6"
        case .peerSilent: "RFC 9293 section 3.8.3"
        case .keepaliveUnanswered: "RFC 9293 section 3.8.4"
        case .windowClosed: "RFC 9293 section 3.8.6.1"
        case .arrivalRefused: "RFC 9293 section 3.10.7.4, RFC 7323 section 5"
        case .challengeAck: "RFC 5961 sections 3 and 4"
        case .portReused: "RFC 9293 section 3.6.1, RFC 6191"
        }
    }

    public var nextStep: String? {
        switch self {
        case .acceptQueueNotServed: "the listening program: is it busy or stuck? Its queue: ss -ltn sport = :PORT"
        case .fastOpenPending: nil
        case .closeWaitHeld:
            "the program that holds the socket (--owners when recording): does it miss the end of file?"
        case .peerSilent: "is the peer still there? ip route get ADDRESS, ip neigh, and a capture at the peer"
        case .keepaliveUnanswered: "is the peer still there? Its host may have restarted, or a path have gone"
        case .windowClosed: "the program at the peer: it does not read"
        case .arrivalRefused: "what is missing: the findings of the flow (postel replay --flow N)"
        case .challengeAck: "who sent it: the flow's segments (postel replay --show segments --flow N)"
        case .portReused: nil
        }
    }
}
