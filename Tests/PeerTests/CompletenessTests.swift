import Capture
import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Streams and their completeness, as Postel and as Wireshark (4.0.17, `tshark -2`) cut and count them.
@Suite struct CompletenessTests {
    @Test func agreesWithWiresharkOnAFewStories() throws {
        try compare(PeerCaptures.sample.get(), atLeast: 20)
    }
}

@Suite(.enabled(if: Long.isWanted)) struct LongCompletenessTests {
    /// Every stream of every capture.
    @Test func agreesWithWiresharkOnAllCaptures() throws {
        try compare(PeerCaptures.all.get(), atLeast: 900)
    }
}

private func compare(_ captures: [PeerCapture], atLeast least: Int) throws {
    var streams = 0
    for capture in captures {
        let mine = try PostelStreams(path: capture.path)
        var last: [UInt32: UInt8] = [:]
        for frame in capture.frames where !frame.isQuoted {
            last[frame.stream] = frame.completeness
            let stream = mine.streamOfPacket[frame.number]
            #expect(
                stream == frame.stream,
                """
                \(capture.name) packet \(frame.number): stream \(stream.map(String.init) ?? "-"), \
                Wireshark \(frame.stream)
                """)
        }
        for (stream, completeness) in last.sorted(by: { $0.key < $1.key }) {
            streams += 1
            let own = mine.completeness[stream]
            #expect(own == completeness, "\(capture.name) stream \(stream): \(own as Any), Wireshark \(completeness)")
        }
    }
    #expect(captures.count >= least)
    #expect(streams >= captures.count)
}

/// The streams of a capture as Postel's observer cuts them.
private struct PostelStreams {
    /// The stream of each packet, by the packet's number.
    private(set) var streamOfPacket: [UInt64: UInt32] = [:]
    private(set) var completeness: [UInt32: UInt8] = [:]

    init(path: String) throws {
        var observer = WiresharkObserver()
        try forEachSegment(of: path) { captured in
            let stream = observer.observe(captured)
            streamOfPacket[captured.packet] = stream
        }
        for (number, value) in observer.completeness.enumerated() { completeness[UInt32(number)] = value }
    }
}
