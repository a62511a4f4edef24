/// Zeek's names for how a connection went, taken when it leaves Zeek's memory.
public enum ZeekConnState: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// A SYN without an answer.
    case s0
    /// Established and not closed.
    case s1
    /// The originator has sent a FIN, the responder none.
    case s2
    /// The responder has sent a FIN, the originator none.
    case s3
    /// Both have sent a FIN.
    case sf
    /// The SYN was answered by a RST.
    case rej
    /// The originator sent a RST.
    case rsto
    /// The responder sent a RST.
    case rstr
    /// The originator sent a SYN and then a RST.
    case rstos0
    /// The responder sent a SYN,ACK and then a RST, and no SYN was seen.
    case rstrh
    /// The originator sent a SYN and then a FIN.
    case sh
    /// The responder sent a SYN,ACK and then a FIN, and no SYN was seen.
    case shr
    /// None of these: traffic from the middle of a connection.
    case oth

    /// As Zeek writes it.
    public var name: StaticString {
        switch self {
        case .s0: "S0"
        case .s1: "S1"
        case .s2: "S2"
        case .s3: "S3"
        case .sf: "SF"
        case .rej: "REJ"
        case .rsto: "RSTO"
        case .rstr: "RSTR"
        case .rstos0: "RSTOS0"
        case .rstrh: "RSTRH"
        case .sh: "SH"
        case .shr: "SHR"
        case .oth: "OTH"
        }
    }
}

extension ZeekConnection {
    /// What the connection would be called if it left Zeek's memory now.
    var connState: ZeekConnState {
        let o = ends[originator].state
        let r = ends[responder].state
        let isOriginatorIdle = o == .inactive || o == .partial
        let isResponderIdle = r == .inactive || r == .partial
        if r == .reset {
            let isSyn = o == .synSent || o == .synAckSent
            let isEmpty = o == .reset && size(originator) == 0 && size(responder) == 0
            if isSyn || isEmpty { return .rej }
            return isOriginatorIdle ? .rstrh : .rstr
        }
        if o == .reset {
            guard isResponderIdle else { return .rsto }
            return history.isSynThenReset ? .rstos0 : .oth
        }
        switch (o, r) {
        case (.closed, .closed): return .sf
        case (.closed, _): return isResponderIdle ? .sh : .s2
        case (_, .closed): return isOriginatorIdle ? .shr : .s3
        case (.synSent, .inactive): return .s0
        case (.established, .established): return .s1
        default: return .oth
        }
    }
}
