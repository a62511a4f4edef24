import TCPStateMachine

/// Why both views differ where they must not.
public enum Diagnosis: VerdictReason, Hashable, Sendable, CaseIterable {
    /// The segment passed the interface, and TCP behaves as if it had not come.
    case notTaken(Arrival)
    /// The same, and its checksum is wrong.
    case badChecksum(Arrival)
    /// The kernel has sent, and the capture shows nothing of it.
    case notOnWire(Departure)
    /// The kernel is ahead: it has taken something that the capture does not show.
    case notCaptured
    /// The kernel has no socket any more, and nothing on the wire ended the connection.
    case goneSilently
    /// A RST bears this end's address, and this end goes on.
    case forgedReset
    /// The kernel made a transition that the wire does not show.
    case transitionNotInferred
    /// Nothing that is known explains it.
    case unexplained

    public static let allCases: [Diagnosis] =
        Arrival.allCases.map { .notTaken($0) } + Arrival.allCases.map { .badChecksum($0) }
        + Departure.allCases.map { .notOnWire($0) }
        + [.notCaptured, .goneSilently, .forgedReset, .transitionNotInferred, .unexplained]

    /// What arrived.
    public enum Arrival: String, Hashable, Sendable, CaseIterable {
        case syn
        case synAck = "syn-ack"
        case finalAck = "final-ack"
        case fin
        case ackOfFin = "ack-of-fin"
        case rst

        /// What a segment is by its control bits; a FIN that acknowledges the other one is a FIN.
        init(_ bits: ControlBits) {
            if bits.contains(.rst) {
                self = .rst
            } else if bits.contains(.syn) {
                self = bits.contains(.ack) ? .synAck : .syn
            } else {
                self = bits.contains(.fin) ? .fin : .ackOfFin
            }
        }

        var words: String {
            switch self {
            case .syn: "the SYN"
            case .synAck: "the SYN,ACK"
            case .finalAck: "the ACK that ends the handshake"
            case .fin: "the FIN"
            case .ackOfFin: "the ACK of the FIN"
            case .rst: "the RST"
            }
        }
    }

    /// What should have left.
    public enum Departure: String, Hashable, Sendable, CaseIterable {
        case fin
        case retransmission

        var words: String {
            switch self {
            case .fin: "a FIN"
            case .retransmission: "retransmissions"
            }
        }
    }

    public var code: String {
        switch self {
        case .notTaken(let arrival): "\(arrival.rawValue)-not-taken"
        case .badChecksum(let arrival): "\(arrival.rawValue)-with-bad-checksum"
        case .notOnWire(let departure): "\(departure.rawValue)-not-on-wire"
        case .notCaptured: "not-captured"
        case .goneSilently: "gone-silently"
        case .forgedReset: "forged-reset"
        case .transitionNotInferred: "transition-not-inferred"
        case .unexplained: "unexplained"
        }
    }

    public var meaning: String {
        switch self {
        case .notTaken(let arrival):
            """
            \(arrival.words) is on the wire and the kernel goes on as if it were not: something between the interface \
            and TCP drops it (firewall, reverse-path filter, checksum)
            """
        case .badChecksum(let arrival):
            "\(arrival.words) is on the wire with a wrong TCP checksum, and the kernel has rightly dropped it"
        case .notOnWire(let departure):
            """
            the kernel has sent \(departure.words) and the wire shows none: something between TCP and the interface \
            drops it (firewall, no route, no neighbor)
            """
        case .notCaptured: "the kernel is further than the wire shows: segments went another way, or were not captured"
        case .goneSilently: "the kernel has no socket any more, and nothing on the wire ended the connection"
        case .forgedReset: "a RST bears the address of this end, and the kernel still has the connection"
        case .transitionNotInferred: "the kernel changed the state, and the wire does not show why"
        case .unexplained: "both views differ, and nothing that is known of the kernel explains it"
        }
    }

    public var source: String {
        switch self {
        case .notTaken: "RFC 9293 section 3.10.7"
        case .badChecksum: "RFC 9293 section 3.1"
        case .notOnWire: "RFC 9293 section 3.8"
        case .notCaptured, .transitionNotInferred, .unexplained: "RFC 9293 section 3.3.2"
        case .goneSilently: "RFC 9293 section 3.10.5"
        case .forgedReset: "RFC 5961 section 1"
        }
    }

    public var nextStep: String? {
        switch self {
        case .notTaken:
            """
            the firewall's counters (nft list ruleset, iptables -nvL INPUT); nstat -az TcpExtIPReversePathFilter \
            TcpInCsumErrors; the tracepoint skb:kfree_skb names the reason
            """
        case .badChecksum: "nstat -az TcpInCsumErrors; the path and the card of the sender: they damage packets"
        case .notOnWire:
            "ip neigh and ip route get ADDRESS; the firewall's counters (nft list ruleset, iptables -nvL OUTPUT)"
        case .notCaptured: "other interfaces (ip route get ADDRESS), the filter of the capture, its losses"
        case .goneSilently:
            "a RST that a firewall holds back (nft list ruleset); nstat -az TcpExtTCPAbortOnMemory TcpExtTCPAbortFailed"
        case .forgedReset: "the time to live and IP identification of the RST beside those of its sender's others"
        case .transitionNotInferred, .unexplained:
            "the flow's segments (postel replay --show segments,transitions --flow N)"
        }
    }
}
