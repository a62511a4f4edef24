/// How loud a finding is. `--fail-on` compares with it.
public enum Severity: UInt8, CaseIterable, Comparable, Sendable, BitwiseCopyable {
    case note
    case warning
    case error

    public var name: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }

    public static func < (lower: Severity, higher: Severity) -> Bool { lower.rawValue < higher.rawValue }
}

/// The closed list of findings. Each has a name that stays, a severity, one line that says what it means, and its source.
public enum FindingCode: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case connectionRefused
    case connectTimeout
    case halfOpen
    case halfClosed
    case abortiveClose
    case simultaneousOpen
    case simultaneousClose
    case portReuse
    case challengeAck
    case rstOutOfWindow
    case retransmission
    case arrivalNotTaken
    case forgedSegment
    case midStream
    case captureReordered

    /// The name in records.
    public var name: String {
        switch self {
        case .connectionRefused: "connection-refused"
        case .connectTimeout: "connect-timeout"
        case .halfOpen: "half-open"
        case .halfClosed: "half-closed"
        case .abortiveClose: "abortive-close"
        case .simultaneousOpen: "simultaneous-open"
        case .simultaneousClose: "simultaneous-close"
        case .portReuse: "port-reuse"
        case .challengeAck: "challenge-ack"
        case .rstOutOfWindow: "rst-out-of-window"
        case .retransmission: "retransmission"
        case .arrivalNotTaken: "arrival-not-taken"
        case .forgedSegment: "forged-segment"
        case .midStream: "mid-stream"
        case .captureReordered: "capture-reordered"
        }
    }

    public var severity: Severity {
        switch self {
        case .halfClosed, .simultaneousOpen, .simultaneousClose, .portReuse, .challengeAck, .retransmission, .midStream,
            .captureReordered:
            .note
        case .connectionRefused, .connectTimeout, .halfOpen, .abortiveClose, .rstOutOfWindow:
            .warning
        case .arrivalNotTaken, .forgedSegment:
            .error
        }
    }

    /// One line: what it means.
    public var meaning: String {
        switch self {
        case .connectionRefused: "the SYN was answered by a RST: nobody listens there"
        case .connectTimeout: "the SYN was sent again and never answered"
        case .halfOpen: "one endpoint has ended the connection and the other still holds it"
        case .halfClosed: "one direction was closed while data went on in the other"
        case .abortiveClose: "an endpoint ended the connection with a RST instead of a FIN"
        case .simultaneousOpen: "both endpoints sent a SYN before they received the other's"
        case .simultaneousClose: "both endpoints sent a FIN before they received the other's"
        case .portReuse: "the same addresses and ports were used again for a new connection"
        case .challengeAck: "a RST or SYN that did not fit exactly was answered by an ACK"
        case .rstOutOfWindow: "a RST lay outside the receive window: it must change nothing"
        case .retransmission: "a segment brought no octet that was not sent before"
        case .arrivalNotTaken: "a segment passed on the way to the endpoint, which went on as if it had not come"
        case .forgedSegment: "a segment did not come from the endpoint whose address it bears"
        case .midStream: "the connection was open when the capture began"
        case .captureReordered: "a segment stands in the capture behind segments that were sent after it"
        }
    }

    /// Where the rule stands.
    public var source: String {
        switch self {
        case .connectionRefused: "RFC 9293 section 3.5.2"
        case .connectTimeout: "RFC 9293 section 3.8.3"
        case .halfOpen: "RFC 9293 section 3.5.1"
        case .halfClosed: "RFC 9293 section 3.6"
        case .abortiveClose: "RFC 9293 section 3.10.5"
        case .simultaneousOpen: "RFC 9293 section 3.5 figure 7"
        case .simultaneousClose: "RFC 9293 section 3.6 figure 13"
        case .portReuse: "RFC 9293 section 3.6.1, RFC 6191"
        case .challengeAck: "RFC 5961 sections 3 and 4"
        case .rstOutOfWindow: "RFC 9293 section 3.5.3"
        case .retransmission: "RFC 9293 section 3.8"
        case .arrivalNotTaken: "RFC 9293 section 3.10.7"
        case .forgedSegment: "RFC 5961 section 1"
        case .midStream: "RFC 9293 section 3.4"
        case .captureReordered: "RFC 9293 section 3.4"
        }
    }
}

/// The findings of a flow: each code at most once.
public struct FindingSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public init(_ code: FindingCode) {
        self.rawValue = 1 << UInt64(code.rawValue)
    }

    public func contains(_ code: FindingCode) -> Bool {
        rawValue & (1 << UInt64(code.rawValue)) != 0
    }

    /// The members in the order of `FindingCode.allCases`.
    public var codes: [FindingCode] {
        FindingCode.allCases.filter { contains($0) }
    }
}
