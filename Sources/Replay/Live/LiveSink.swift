import Capture
public import Flows

/// Who takes the records of a live run, and does something of its own between its packets: draws, takes snapshots of
/// the kernel's sockets, compares.
public protocol LiveSink: RecordSink, ~Copyable {
    /// Called whenever no frame is to be had for the moment, and at the latest after some thousand frames.
    ///
    /// All frames stamped before `moment.drainedUpTo` have been stepped, and their records handed on.
    ///
    /// - Parameter tracker: all flows, to be asked and not to be changed.
    /// - Returns: when it wants to be called again, even if no frame comes; nil for no wish.
    mutating func turn(
        _ moment: LiveMoment, _ tracker: borrowing FlowTracker
    ) throws(Failure) -> ContinuousClock.Instant?
}

/// How far a live run has come.
public struct LiveMoment: Sendable {
    /// Every frame that passed before this time has been taken: nanoseconds since the epoch. What the kernel said
    /// before it can be compared.
    public var drainedUpTo: Int64
    /// Frames taken.
    public var packets: UInt64
    /// Frames received and lost by the system's count, taken once a second.
    public var received: UInt64
    public var lost: UInt64
    /// The run ends with this turn: nothing more is captured.
    public var isLast: Bool

    init(_ capture: borrowing LiveCapture) {
        drainedUpTo = capture.drainedUpTo
        packets = capture.frame.packet
        received = capture.received
        lost = capture.lost
        isLast = capture.isOver
    }
}
