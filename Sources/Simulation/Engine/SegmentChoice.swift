/// What somebody in the network does to a segment that is under way.
public enum Mishap: Hashable, Sendable, BitwiseCopyable {
    /// It arrives now.
    case deliver
    case lose
    /// A copy follows it a millisecond later.
    case duplicate
    /// It arrives so much later, nanoseconds.
    case delay(Int64)
}

/// Which of the segments that are under way is meant.
public struct SegmentChoice: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var from: End
    public var kind: SegmentKind
    /// Only those of the connection between these ports.
    public var ports: PortPair?
    /// Which of those that match, from 1 in the order in which they were sent.
    public var ordinal: UInt32

    public init(from: End, kind: SegmentKind, ports: PortPair? = nil, ordinal: UInt32 = 1) {
        self.from = from
        self.kind = kind
        self.ports = ports
        self.ordinal = ordinal
    }

    func matches(_ sent: SentSegment) -> Bool {
        sent.from == from && kind.matches(sent.segment) && (ports == nil || ports == sent.ports)
    }
}
