public import TCPStateMachine

/// A conversation in the notation of RFC 793 figures 7 to 14: one line below the other, A on the left, B on the right.
///
/// "Right arrows indicate departure of a TCP segment from TCP A to TCP B, or arrival of a segment at B from A. Left
/// arrows indicate the reverse. Ellipsis indicates a segment which is still in the network. An XXX indicates a segment
/// which is lost or rejected. TCP states represent the state AFTER the departure or arrival of the segment" (RFC 793
/// p. 31).
public struct Ladder: Hashable, Sendable {
    /// What stands between a state and the segment.
    public enum Mark: String, Hashable, Sendable {
        case rightArrow = "-->"
        case leftArrow = "<--"
        case inNetwork = "..."
        case lost = "XXX"
    }

    /// What stands in the column of an end.
    public struct Cell: Hashable, Sendable {
        /// The state after what the line shows, whether it is printed or not.
        public var state: State
        /// The state is printed: something happened at this end.
        public var showsState = false
        /// In parentheses in place of the state.
        public var comment: Comment?
    }

    /// What is no segment.
    public enum Comment: Hashable, Sendable {
        case close, shutdown, abort, crash, restart, vanish
        case twiceMSL, userTimeout, retransmissionLimit, finWait2Timeout, keepaliveTimeout
        case duplicate, forged
        /// An ICMP error has arrived.
        case icmp(ICMPReport)
        /// A remark of the scenario, by its number.
        case remark(Int32)
    }

    /// The segment of a line.
    public struct Arrow: Hashable, Sendable {
        /// Which one, of those that were sent.
        public var number: Int32
        public var a: Mark
        public var b: Mark
    }

    public struct Row: Hashable, Sendable {
        /// When the first thing that the line shows happened.
        public var time: VirtualTime
        public var ports: PortPair
        public var a: Cell
        public var b: Cell
        public var arrow: Arrow?
        /// The line has a number of its own; otherwise it belongs to the one above.
        public var isNumbered = true

        public subscript(end: End) -> Cell {
            get { end == .a ? a : b }
            set { if end == .a { a = newValue } else { b = newValue } }
        }
    }

    public internal(set) var rows: [Row] = []
    /// The segments that the rows' numbers mean.
    public let segments: [SentSegment]
    /// More than one connection is shown: each line says whose it is.
    public internal(set) var hasSeveralConnections = false

    /// The ladder of what has happened since `begin`.
    public init(of history: History, from begin: VirtualTime = .zero) {
        segments = history.segments
        var builder = LadderBuilder(history: history, from: begin)
        builder.build()
        rows = builder.rows
        hasSeveralConnections = Set(rows.map(\.ports)).count > 1
    }
}
