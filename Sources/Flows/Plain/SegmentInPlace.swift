import TCPStateMachine
import WireFormat

/// A segment where it lies, in its batch: handed about by value the 152 octets of a `CapturedSegment` were copied for
/// every segment, and all of them waited for where a few are asked for.
///
/// It is valid while the tracker takes the batch.
@safe
struct SegmentInPlace {
    let line: SegmentLine
    /// The first segment of the batch as it was captured, and which one this is: if its line is not all that there is.
    private let batch: UnsafePointer<CapturedSegment>?
    private let position: Int

    @unsafe
    @inline(__always)
    init(_ line: SegmentLine, _ batch: UnsafePointer<CapturedSegment>?, _ position: Int) {
        self.line = line
        unsafe self.batch = unsafe batch
        self.position = position
    }

    private var captured: UnsafePointer<CapturedSegment> {
        guard let batch = unsafe batch else { preconditionFailure("a segment that is not whole anywhere") }
        return unsafe batch + position
    }

    /// The whole of it, for the general way.
    var whole: CapturedSegment { unsafe line.whole ?? captured.pointee }
    /// Of one that is not whole in its line.
    var tunnel: Tunnel { unsafe captured.pointee.tunnel }
    /// The same.
    var pair: SocketPair { unsafe captured.pointee.pair }
    /// Of any.
    var anyPair: SocketPair { @inline(__always) get { line.sockets?.pair ?? pair } }
}

/// The line of memory that a segment lies in, or what a plain flow asks for of one that does not. One pointer, for it
/// is handed about for every segment.
///
/// It is valid while the tracker takes the batch.
@safe
struct SegmentLine {
    private let compact: UnsafePointer<CompactSegment>

    @unsafe
    @inline(__always)
    init(_ compact: UnsafePointer<CompactSegment>) {
        unsafe self.compact = unsafe compact
    }

    /// All of it, if it is whole here.
    var whole: CapturedSegment? { unsafe has(.isWhole) ? CapturedSegment(compact.pointee) : nil }

    @inline(__always)
    func has(_ note: CompactSegment.Notes) -> Bool { notes.contains(note) }
    var notes: CompactSegment.Notes { @inline(__always) get { unsafe compact.pointee.notes } }

    /// Its sockets, if they are of IPv4 and in no tunnel.
    var sockets: IPv4Pair? {
        @inline(__always) get { unsafe has(.hasAddresses) ? IPv4Pair(compact.pointee) : nil }
    }

    // MARK: The segment

    var controlBits: ControlBits { @inline(__always) get { unsafe compact.pointee.controlBits } }
    var hasSyn: Bool { @inline(__always) get { controlBits.contains(.syn) } }
    var hasFin: Bool { @inline(__always) get { controlBits.contains(.fin) } }
    var sequenceNumber: SequenceNumber { @inline(__always) get { unsafe compact.pointee.sequenceNumber } }
    var acknowledgmentNumber: SequenceNumber { @inline(__always) get { unsafe compact.pointee.acknowledgmentNumber } }
    var window: UInt16 { @inline(__always) get { unsafe compact.pointee.window } }
    var payloadLength: UInt32 { @inline(__always) get { unsafe compact.pointee.payloadLength } }
    /// SEG.LEN (RFC 793 section 3.3).
    var length: UInt32 {
        @inline(__always) get { payloadLength &+ controlBits.length }
    }
    /// TSval, or 0.
    var timestampValue: UInt32 { @inline(__always) get { unsafe compact.pointee.timestampValue } }
    /// TSecr, or 0.
    var timestampEcho: UInt32 { @inline(__always) get { unsafe compact.pointee.timestampEcho } }
    var windowScale: UInt8 { @inline(__always) get { unsafe compact.pointee.windowScale } }
    /// Of a SYN (`Segment.refusesSack`).
    var refusesSack: Bool {
        @inline(__always) get { notes.isDisjoint(with: [.permitsSack, .hasIncompleteOptions]) }
    }

    // MARK: How it was seen

    var time: Int64 { @inline(__always) get { unsafe compact.pointee.time } }
    var reference: PacketReference {
        @inline(__always) get { unsafe PacketReference(bits: compact.pointee.packetOfFile) }
    }
    var identification: UInt16 { @inline(__always) get { unsafe compact.pointee.identification } }
    var sight: Sight { @inline(__always) get { unsafe compact.pointee.sight } }
}
