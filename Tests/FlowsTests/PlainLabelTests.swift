import Flows
import TCPStateMachine
import Testing
import WireFormat

/// Where the labels of a plain flow stop being plain: `Labels` compares with those that are made of every segment.
@Suite struct PlainLabelTests {
    private static let opening = """
        0   A S  0
        10  B S. 0 ack 1
        20  A .  1 ack 1

        """

    @Test(arguments: [4999, 5000, 5001])
    func `Zeek waits five seconds for the answer to a SYN`(time: Int) {
        let labels = Labels(
            """
            0  A S  0
            \(time) B S. 0 ack 1
            \(time + 10) A . 1 ack 1
            """)
        #expect(labels.flows == [time < 5000 ? "S1 ShA 7" : "S0 S 7"])
    }

    @Test(arguments: [299_000, 299_999, 300_000, 300_001, 400_000])
    func `Zeek forgets what was silent for five minutes`(time: Int) {
        let labels = Labels(Self.opening + "\(20 + time) A P. 1(100) ack 1\n\(30 + time) B . 1 ack 101")
        #expect(labels.flows == [time < 300_000 ? "S1 ShADa 15" : "S1 ShA 15"])
    }

    @Test(arguments: [4000, 4999, 5000, 6000])
    func `Zeek forgets a closed connection after five seconds`(time: Int) {
        let labels = Labels(
            Self.opening + """
                30  A F. 1 ack 1
                40  B .  1 ack 2
                50  B F. 1 ack 2
                \(50 + time) A . 2 ack 2
                """)
        #expect(labels.flows == ["SF ShAFaf 23"])
    }

    /// When Zeek looks at a connection next depends on every segment before.
    @Test(arguments: [0, 3000, 5000, 7000, 11_000, 13_000, 60_000])
    func `a reset in the middle of the looks`(time: Int) {
        for close in ["", "40 A F. 1 ack 1\n50 B . 1 ack 2\n"] {
            let number = close.isEmpty ? 1 : 2
            _ = Labels(
                Self.opening + close
                    + "\(6000 + time / 2) B P. 1(10) ack \(number)\n\(6100 + time) B R. 11 ack \(number)"
                    + "\n\(6200 + 2 * time) A . \(number) ack 1\n\(20_000 + 2 * time) A . \(number) ack 11")
        }
    }

    /// Zeek reassembles: text that waits for an ACK defers a close, and too much of it is too much.
    @Test(arguments: [100, 16_384, 16_385, 40_000])
    func `text that nobody has acknowledged`(octets: Int) {
        for end in ["60 A F. \(octets + 1) ack 1", "60 B F. 1 ack 1", "60 B F. 1 ack \(octets + 1)"] {
            let half = octets / 2
            _ = Labels(
                Self.opening + """
                    30 A P. 1(\(half)) ack 1
                    40 A P. \(half + 1)(\(octets - half)) ack 1
                    \(end)
                    70 B . 1 ack \(octets + 1)
                    80 B R. 1 ack \(octets + 1)
                    """)
        }
    }

    /// Numbers run over 2^32 at every place of a connection.
    @Test(arguments: [1, 2, 3, 51, 101, 102, 103, 501] as [UInt32])
    func `numbers that run over`(room: UInt32) {
        let iss = 0 &- room
        let segments = Conversation(
            Self.opening + """
                30 A P. 1(100) ack 1
                40 B P. 1(100) ack 101
                50 A .  101 ack 101
                60 A F. 101 ack 101
                70 B .  101 ack 102
                80 B F. 101 ack 102
                90 A .  102 ack 102
                95 B R  102
                """
        ).lines.compactMap { line -> CapturedSegment? in
            guard case .segment(var captured) = line.happening else { return nil }
            captured.segment.sequenceNumber = captured.segment.sequenceNumber + iss
            if captured.segment.hasAck {
                captured.segment.acknowledgmentNumber = captured.segment.acknowledgmentNumber + iss
            }
            return captured
        }
        let labels = Labels(segments)
        #expect(labels.flows == ["SF ShADdFafr 63"])
        // A RST at other places.
        for count in [2, 4, 6, 8] { _ = Labels(Array(segments.prefix(count)) + [segments[segments.count - 1]]) }
    }

    /// What Zeek does not look into ends the plain labels, and counts for Postel all the same.
    @Test(arguments: [PacketVerdict.badChecksum, .unfinishedChecksum, .badInternetHeader, .cutHeader])
    func `a damaged segment at each place`(verdict: PacketVerdict) {
        let sound = Conversation(
            Self.opening + """
                30 A P. 1(100) ack 1
                40 B P. 1(100) ack 101
                60 A F. 101 ack 101
                70 B F. 101 ack 102
                90 A .  102 ack 102
                """
        ).lines.compactMap { line in
            if case .segment(let segment) = line.happening { segment } else { nil }
        }
        for place in sound.indices {
            var segments = sound
            segments[place].verdict = verdict
            _ = Labels(segments)
            segments[place].verdict = .sound
            segments[place].isTextCut = true
            _ = Labels(segments)
            segments[place].isHeaderCut = true
            _ = Labels(segments)
        }
    }
}
