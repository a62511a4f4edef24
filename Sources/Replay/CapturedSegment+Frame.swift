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
        note(frame, file: file)
        if frame.interface != 0 || frame.direction != .unknown {
            completeWay(frame.interface, frame.direction)
        }
    }

    /// When and where it was captured.
    @inline(__always)
    mutating func note(_ frame: FrameInfo, file: UInt16) {
        time = frame.time
        packet = frame.packet
        self.file = file
    }

    /// Which interface it was seen on, and which way it went.
    @inline(never)
    mutating func completeWay(_ frameInterface: UInt32, _ frameDirection: FrameDirection) {
        if interface == 0 { interface = UInt16(truncatingIfNeeded: frameInterface) }
        guard direction == .unknown else { return }
        switch frameDirection {
        case .inbound: direction = .received
        case .outbound: direction = .sent
        case .unknown: break
        }
    }
}
