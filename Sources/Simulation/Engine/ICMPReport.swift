import TCPStateMachine
import WireFormat

/// What an ICMP error reports (RFC 792, RFC 4443).
public enum ICMPReport: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case networkUnreachable
    case hostUnreachable
    case portUnreachable
    case timeExceeded
    case parameterProblem

    /// As a scenario writes it.
    public var name: String {
        switch self {
        case .networkUnreachable: "network-unreachable"
        case .hostUnreachable: "host-unreachable"
        case .portUnreachable: "port-unreachable"
        case .timeExceeded: "time-exceeded"
        case .parameterProblem: "parameter-problem"
        }
    }

    /// Type and code in messages of a family.
    func numbers(_ family: AddressFamily) -> (type: UInt8, code: UInt8) {
        let isV4 = family == .ipv4
        switch self {
        case .networkUnreachable: return isV4 ? (3, 0) : (1, 0)
        case .hostUnreachable: return isV4 ? (3, 1) : (1, 3)
        case .portUnreachable: return isV4 ? (3, 3) : (1, 4)
        case .timeExceeded: return isV4 ? (11, 0) : (3, 0)
        case .parameterProblem: return isV4 ? (12, 0) : (4, 0)
        }
    }

    /// Whether it tells of a lasting condition (RFC 1122 section 4.2.3.9).
    public var isHard: Bool {
        switch self {
        case .portUnreachable: true
        case .networkUnreachable, .hostUnreachable, .timeExceeded, .parameterProblem: false
        }
    }
}

/// An ICMP error that was sent.
public struct SentError: Hashable, Sendable, BitwiseCopyable {
    public var report: ICMPReport
    /// The end whose segment it is about, and which gets it.
    public var to: End
    public var ports: PortPair
    /// The segment that it quotes, of those that were sent.
    public var quoted: Int32
    /// When it passes the middle.
    public var middle: VirtualTime
    public var arrival: VirtualTime
    /// It has arrived at an end that is up.
    public var hasArrived = false
}

extension SentError {
    /// As a capture shows it.
    func captured(_ history: History, _ setting: CaptureSetting) -> ICMPError {
        let (type, code) = report.numbers(setting.family)
        return ICMPError(
            pair: setting.pair(ports, from: to),
            sequenceNumber: history.segments[Int(quoted)].segment.sequenceNumber, type: type, code: code,
            isHard: report.isHard)
    }
}
