import TCPStateMachine
import WireFormat

/// The last segments of all plain flows, in the order of the capture, whoever sent them.
///
/// A flow that stops being plain may need to know what passed before (`RecentSegments`): each segment names the one
/// before it of the same sender, so a flow's own are found from the last one on. Kept here, they cost a flow nothing
/// while it is quiet, and to write one touches no memory of the flow.
struct PassedSegments: ~Copyable {
    private let segments: Ring<PassedSegment>
    /// How many ever passed, modulo 2^32; it is the number of the last one. Places that were not written yet have no
    /// number that anybody knows.
    private var count: UInt32 = 0

    /// - Parameter capacity: how many are kept; a power of two.
    init(capacity: Int) {
        segments = Ring(capacity: capacity, repeating: nil)
    }

    /// Enters a segment.
    ///
    /// - Parameter previous: the number of the one before it of the same sender, or 0.
    /// - Returns: its number, which is not 0.
    @inline(__always)
    mutating func append(_ c: SegmentLine, isRepeated: Bool, previous: UInt32) -> UInt32 {
        count &+= 1
        if count == 0 { count = 1 }
        segments[Int(count)] = PassedSegment(c, isRepeated: isRepeated, previous: previous)
        return count
    }

    /// The segment of a number that `append` gave; nil for 0, and if too many have passed since.
    func segment(_ number: UInt32) -> PassedSegment? {
        guard number != 0, count &- number < UInt32(truncatingIfNeeded: segments.capacity) else { return nil }
        return segments[Int(number)]
    }
}

/// A segment of a plain flow, which is none with RST, and the number of the one before it of the same sender: half a
/// cache line.
struct PassedSegment: BitwiseCopyable {
    let time: Int64
    // As they lie in a compact segment, so that they are copied together.
    let sequenceNumber: SequenceNumber
    private let acknowledgmentNumber: SequenceNumber
    private let payloadLength: UInt32
    private let timestamp: UInt32
    let previous: UInt32
    private let identification: UInt16
    private let controlBits: ControlBits
    private let isRepeated: Bool

    @inline(__always)
    init(_ c: SegmentLine, isRepeated: Bool, previous: UInt32) {
        time = c.time
        sequenceNumber = c.sequenceNumber
        acknowledgmentNumber = c.acknowledgmentNumber
        payloadLength = c.payloadLength
        timestamp = c.timestampValue
        self.previous = previous
        identification = c.identification
        controlBits = c.controlBits
        self.isRepeated = isRepeated
    }

    /// SEG.SEQ + SEG.LEN.
    var end: SequenceNumber {
        sequenceNumber + (payloadLength &+ controlBits.length)
    }

    var segment: RecentSegment {
        RecentSegment(
            time: time, sequenceNumber: sequenceNumber, end: end, acknowledgmentNumber: acknowledgmentNumber,
            timestamp: timestamp, identification: identification, controlBits: controlBits, isAnsweredByReset: false,
            isRepeated: isRepeated)
    }
}
