import Capture
import TCPStateMachine
import WireFormat

extension CapturedSegment {
    /// A place for a segment, with what the decoder is to look into.
    static func blank(_ examination: Examination) -> CapturedSegment {
        let nowhere = Address(high: 0, low: 0)
        var blank = CapturedSegment(
            segment: Segment(sequenceNumber: SequenceNumber(0), controlBits: []),
            pair: SocketPair(
                source: nowhere, destination: nowhere, sourcePort: 0, destinationPort: 0, family: .ipv4))
        blank.examination = examination
        return blank
    }

    /// What the capture says of the frame and its way, where the frame does not say it itself, as cooked ones do.
    @inline(__always)
    mutating func complete(from frame: FrameInfo, file: UInt16) {
        time = frame.time
        packet = frame.packet
        self.file = file
        if frame.interface != 0 || frame.direction != .unknown {
            completeWay(frame.interface, frame.direction)
        }
    }

    /// Which interface it was seen on, and which way it went.
    @inline(never)
    private mutating func completeWay(_ frameInterface: UInt32, _ frameDirection: FrameDirection) {
        if interface == 0 { interface = UInt16(truncatingIfNeeded: frameInterface) }
        guard direction == .unknown else { return }
        direction = Direction(frameDirection)
    }
}

extension Sight {
    /// What the capture says of the way of a frame that does not say it itself.
    @inline(never)
    mutating func complete(from frame: FrameInfo) {
        complete(interface: UInt16(truncatingIfNeeded: frame.interface), direction: Direction(frame.direction))
    }
}

extension Direction {
    init(_ direction: FrameDirection) {
        self =
            switch direction {
            case .inbound: .received
            case .outbound: .sent
            case .unknown: .unknown
            }
    }
}
