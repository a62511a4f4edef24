/// What a flow was that was reported before its end, because there were more at once than `--max-flows` allows.
///
/// In the order in which they go: what is least missed goes first.
public enum EvictionKind: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// Both ends were done: only what is late was still waited for.
    case closed
    /// An opening that was not completed, or a few segments of one end: half-open connections, scans, floods.
    case unanswered
    /// Nothing had passed for a minute or longer.
    case idle
    /// It was cut off in the midst: what came after it is another flow.
    case active

    /// The name in records.
    public var name: String {
        switch self {
        case .closed: "closed"
        case .unanswered: "unanswered"
        case .idle: "idle"
        case .active: "active"
        }
    }

    /// The flow may well have gone on: its state is the one when it was cut off.
    var isCutOff: Bool {
        switch self {
        case .closed, .unanswered: false
        case .idle, .active: true
        }
    }
}
