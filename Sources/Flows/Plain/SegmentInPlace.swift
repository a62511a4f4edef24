import TCPStateMachine
import WireFormat

/// A segment where it lies, in its batch: handed about by value its 152 octets were copied for every segment, and all
/// of them waited for where a few are asked for.
///
/// It is valid while the tracker takes the batch.
@safe
struct SegmentInPlace {
    private let place: UnsafePointer<CapturedSegment>

    @unsafe
    @inline(__always)
    init(_ place: UnsafePointer<CapturedSegment>) {
        unsafe self.place = unsafe place
    }

    /// The whole of it, for the general way.
    var copied: CapturedSegment { unsafe place.pointee }

    var segment: Segment { @inline(__always) get { unsafe place.pointee.segment } }
    var pair: SocketPair { @inline(__always) get { unsafe place.pointee.pair } }
    var tunnel: Tunnel { @inline(__always) get { unsafe place.pointee.tunnel } }
    var time: Int64 { @inline(__always) get { unsafe place.pointee.time } }
    var reference: PacketReference { @inline(__always) get { unsafe place.pointee.reference } }
    var direction: Direction { @inline(__always) get { unsafe place.pointee.direction } }
    var identification: UInt16 { @inline(__always) get { unsafe place.pointee.identification } }
    var hasIdentification: Bool { @inline(__always) get { unsafe place.pointee.hasIdentification } }
    var isTextCut: Bool { @inline(__always) get { unsafe place.pointee.isTextCut } }
    var isSound: Bool { @inline(__always) get { unsafe place.pointee.isSound } }
    var sight: Sight { @inline(__always) get { unsafe Sight(place.pointee) } }

    @inline(__always)
    func passed(isRepeated: Bool) -> RecentSegment {
        unsafe RecentSegment(place.pointee, isRepeated: isRepeated)
    }
}
