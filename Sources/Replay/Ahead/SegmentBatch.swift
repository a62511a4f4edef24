import Capture
import Flows
import WireFormat

/// Segments that were read and decoded, in order, and what else came with them.
struct SegmentBatch {
    /// What is no segment. An error or a loss stands behind the segments: it ends the batch.
    struct Others {
        /// The interfaces of which this batch has the first frames.
        var interfaces: [CaptureInterface] = []
        var error: Error?
        /// Frames that the capture lost before the last one.
        var loss: CaptureLoss?
    }

    struct Error {
        var error: ICMPError
        var time: Int64
        var packet: UInt64
    }

    /// Filled in place and used again; only the first `count` mean anything.
    var segments: PreparedSegments
    var count = 0
    var others = Others()
    /// How far the file has been read with it: packets, and which part of the file, if that is known.
    var packets: UInt64 = 0
    var fraction: Double?

    init(of size: Int, _ examination: Examination) {
        segments = PreparedSegments(capacity: size, blank: .blank(examination))
    }
}
