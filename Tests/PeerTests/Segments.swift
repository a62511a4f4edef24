import Capture
import TCPStateMachine
import WireFormat

/// Calls `body` with every TCP segment of a capture, in order; fragments are put together.
func forEachSegment(of path: String, _ body: (CapturedSegment) throws -> Void) throws {
    var file = try CaptureFile(path: path)
    let decoder = FrameDecoder(dataLinkType: file.dataLinkType)
    var assembler = FragmentAssembler()
    let nowhere = Address(high: 0, low: 0)
    var captured = CapturedSegment(
        segment: Segment(sequenceNumber: SequenceNumber(0), controlBits: []),
        pair: SocketPair(source: nowhere, destination: nowhere, sourcePort: 0, destinationPort: 0, family: .ipv4))
    while try file.advance() {
        let frame = file.frame
        captured.time = frame.time
        captured.packet = frame.packet
        var outcome = file.withBytes { decoder.decode($0, originalLength: frame.originalLength, into: &captured) }
        if case .fragment(let fragment) = outcome,
            let whole = file.withBytes({ assembler.take(fragment, of: $0, into: &captured, time: frame.time) })
        {
            outcome = whole
        }
        if case .segment = outcome { try body(captured) }
    }
}
