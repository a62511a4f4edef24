/// A moment of a simulation: nanoseconds since its begin. Nothing waits for it: the clock jumps to the next event.
public struct VirtualTime: Hashable, Sendable, BitwiseCopyable, Comparable {
    /// Nanoseconds since the begin, never negative.
    public let nanoseconds: Int64

    /// The begin.
    public static let zero = VirtualTime(nanoseconds: 0)
    /// Later than everything that happens (292 years).
    public static let distantFuture = VirtualTime(nanoseconds: .max)

    /// Moments before the begin are the begin.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = max(nanoseconds, 0)
    }

    @inlinable
    public static func < (left: VirtualTime, right: VirtualTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment `nanoseconds` later; the end of time at most.
    @inlinable
    public func advanced(by nanoseconds: Int64) -> VirtualTime {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return VirtualTime(nanoseconds: overflow ? (nanoseconds < 0 ? 0 : .max) : sum)
    }
}

/// Lengths of time in nanoseconds.
public enum Duration {
    public static let microsecond: Int64 = 1000
    public static let millisecond: Int64 = 1_000_000
    public static let second: Int64 = 1_000_000_000
}
