public import TCPStateMachine

/// Which end of the simulated network.
public enum End: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case a
    case b

    /// The opposite end.
    @inlinable
    public var other: End { self == .a ? .b : .a }

    /// As in the figures of RFC 793: A, B.
    public var name: String { self == .a ? "A" : "B" }
}

/// One step that a simulated connection took: the truth that an inference is held against.
public struct Transition: Hashable, Sendable, BitwiseCopyable {
    /// When it happened.
    public var time: VirtualTime
    /// At which end.
    public var end: End
    /// Which connection of that end, from 0 in the order in which they were made.
    public var connection: Int32
    public var ports: PortPair
    public var from: State
    public var to: State
    /// The rule of the diagram; nil where none leads: the end lost its memory in a crash.
    public var rule: Rule?
    /// The segment, of those that were sent, whose arrival was the cause; nil for user calls, timers and crashes.
    public var cause: Int32?

    public init(
        time: VirtualTime, end: End, connection: Int32, ports: PortPair, from: State, to: State, rule: Rule?,
        cause: Int32?
    ) {
        self.time = time
        self.end = end
        self.connection = connection
        self.ports = ports
        self.from = from
        self.to = to
        self.rule = rule
        self.cause = cause
    }
}
