/// What a capture says of one frame, beside its octets.
public struct FrameInfo: Hashable, Sendable, BitwiseCopyable {
    /// When the frame was captured: nanoseconds since the epoch. A stamp that 64 bits cannot hold is the nearest that
    /// they can.
    public var time: Int64
    /// The number of the frame in its file, from 1, counting those that a filter held back: as other tools show it.
    public var packet: UInt64
    /// How many octets the capture holds.
    public var capturedLength: Int
    /// How many octets the frame had on the wire, by the capture; a damaged file may say fewer than were captured.
    public var originalLength: Int
    /// The interface that it was captured on: from 0, in the order in which the file describes them, those of all
    /// sections counted through. 0 in formats that have only one.
    public var interface: UInt32
    public var direction: FrameDirection

    @inlinable
    public init(
        time: Int64, packet: UInt64, capturedLength: Int, originalLength: Int, interface: UInt32 = 0,
        direction: FrameDirection = .unknown
    ) {
        self.time = time
        self.packet = packet
        self.capturedLength = capturedLength
        self.originalLength = originalLength
        self.interface = interface
        self.direction = direction
    }
}

/// Seconds and nanoseconds to nanoseconds, for stamps that may be anything: a file is not to be trusted.
@inline(__always)
func nanoseconds(seconds: Int, nanoseconds: Int) -> Int64 {
    let (product, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, carry) = product.addingReportingOverflow(Int64(nanoseconds))
    guard !carry else { return nanoseconds < 0 ? .min : .max }
    return sum
}
