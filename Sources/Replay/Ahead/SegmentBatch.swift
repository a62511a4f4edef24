import Capture
import WireFormat

/// Segments that were read and decoded, in order, and at most one ICMP error or loss behind them.
struct SegmentBatch {
    /// What follows the segments.
    struct Error {
        var error: ICMPError
        var time: Int64
        var packet: UInt64
    }

    /// Filled in place and used again; only the first `count` mean anything.
    var segments: [CapturedSegment]
    /// What the tracker finds the flow of each by.
    var hashes: [UInt64]
    var count = 0
    var error: Error?
    /// Frames that the capture lost before the last one.
    var loss: CaptureLoss?
    /// The interfaces of which this batch has the first frames.
    var interfaces: [CaptureInterface] = []
    /// How far the file has been read with it: packets, and which part of the file, if that is known.
    var packets: UInt64 = 0
    var fraction: Double?

    init(of size: Int, _ examination: Examination) {
        segments = Array(repeating: .blank(examination), count: size)
        hashes = Array(repeating: 0, count: size)
    }
}
