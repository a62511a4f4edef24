/// The eleven connection states of RFC 793 section 3.2 (RFC 9293 section 3.3.2).
///
/// CLOSED is fictional in the RFC's words: it represents the state when there is no connection.
public enum State: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case closed
    case listen
    case synSent
    case synReceived
    case established
    case finWait1
    case finWait2
    case closeWait
    case closing
    case lastAck
    case timeWait

    /// The RFC's spelling, with hyphens.
    public var name: String {
        switch self {
        case .closed: "CLOSED"
        case .listen: "LISTEN"
        case .synSent: "SYN-SENT"
        case .synReceived: "SYN-RECEIVED"
        case .established: "ESTABLISHED"
        case .finWait1: "FIN-WAIT-1"
        case .finWait2: "FIN-WAIT-2"
        case .closeWait: "CLOSE-WAIT"
        case .closing: "CLOSING"
        case .lastAck: "LAST-ACK"
        case .timeWait: "TIME-WAIT"
        }
    }

    /// The state of this RFC name, or nil; exact spelling.
    public init?(name: some StringProtocol) {
        guard let state = State.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

extension State: CustomStringConvertible {
    public var description: String { name }
}

/// A set of states: what is possible where the evidence leaves more than one.
public struct StateSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable
    public init(_ state: State) {
        self.rawValue = 1 << UInt16(state.rawValue)
    }

    @inlinable
    public func contains(_ state: State) -> Bool {
        rawValue & (1 << UInt16(state.rawValue)) != 0
    }

    /// The members in the order of `State.allCases`.
    public var states: [State] {
        State.allCases.filter { contains($0) }
    }

    /// The only member, or nil if there is none or more than one.
    public var only: State? {
        guard rawValue.nonzeroBitCount == 1 else { return nil }
        return State(rawValue: UInt8(truncatingIfNeeded: rawValue.trailingZeroBitCount))
    }

    public static let all = StateSet(rawValue: (1 << UInt16(State.allCases.count)) - 1)
}

extension StateSet {
    public init(_ states: some Sequence<State>) {
        self.init(rawValue: states.reduce(0) { $0 | (1 << UInt16($1.rawValue)) })
    }
}
