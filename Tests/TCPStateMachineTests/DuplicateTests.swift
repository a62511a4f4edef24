@testable import TCPStateMachine
import Testing

/// What arrives twice: D-SACK (RFC 2883) and fast retransmit (RFC 5681 section 3.2).
@Suite struct DuplicateTests {
    private func established(_ change: (inout Parameters) -> Void) -> Connection {
        var parameters = Parameters()
        change(&parameters)
        var c = Bench.closed(.rfc9293, parameters)
        _ = c.handle(.activeOpen(remoteSpecified: true))
        var answer = Bench.peer(c, [.syn, .ack], seq: Bench.peerInitialNumber)
        answer.options.present = .sackPermitted
        _ = c.handle(.segmentArrives(answer))
        return c
    }

    private func blocks(_ outcome: Outcome) -> [[UInt32]] {
        guard let options = outcome.segments.first?.options else { return [] }
        return (0..<Int(options.sackBlockCount)).compactMap { options.sackBlock(at: $0) }.map {
            [$0.left.rawValue, $0.right.rawValue]
        }
    }

    @Test func `octets that came twice are reported once, before the others`() {
        var c = established { ($0.permitsSack, $0.reportsDuplicates) = (true, true) }
        let first = c.rcvNxt
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 100)))
        let again = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: first, octets: 100)))
        #expect(blocks(again) == [[5001, 5101]])
        // Beyond a hole, and then twice.
        let beyond = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: first + 200, octets: 100)))
        #expect(blocks(beyond) == [[5201, 5301]])
        let twice = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: first + 220, octets: 30)))
        #expect(blocks(twice) == [[5221, 5251], [5201, 5301]])
        // Half of it is new.
        let half = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: first + 50, octets: 60)))
        #expect(blocks(half) == [[5051, 5101], [5201, 5301]])
        let filled = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 90)))
        #expect(blocks(filled).isEmpty && c.rcvNxt == first + 300)
    }

    @Test func `without being asked nothing is reported`() {
        var c = established { $0.permitsSack = true }
        let first = c.rcvNxt
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 100)))
        #expect(blocks(c.handle(.segmentArrives(Bench.peer(c, .ack, seq: first, octets: 100)))).isEmpty)
    }

    @Test func `the third duplicate ACK sends the front of the queue again, and only the third`() {
        var c = established { $0.retransmitsFast = true }
        // The peer's SYN,ACK has no MSS: four segments of 536.
        _ = c.handle(.send(octets: 4 * 536))
        let una = c.sndUna
        func duplicate() -> Outcome { c.handle(.segmentArrives(Bench.peer(c, .ack, ack: una))) }
        #expect(duplicate().segments.isEmpty && duplicate().segments.isEmpty)
        let third = duplicate()
        #expect(third.segments.map(\.sequenceNumber) == [una] && third.segments[0].payloadLength > 0)
        #expect(duplicate().segments.isEmpty)
        // Progress begins the count anew.
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, ack: una + 100)))
        #expect(c.duplicateAcks == 0)
    }

    @Test func `what is no duplicate ACK is not counted`() {
        var c = established { $0.retransmitsFast = true }
        func count(_ segment: Segment) -> UInt8 {
            _ = c.handle(.segmentArrives(segment))
            return c.duplicateAcks
        }
        // Nothing outstanding; text; another window.
        #expect(count(Bench.peer(c, .ack)) == 0)
        _ = c.handle(.send(octets: 100))
        #expect(count(Bench.peer(c, .ack, ack: c.sndUna, octets: 10)) == 0)
        #expect(count(Bench.peer(c, .ack, ack: c.sndUna, window: 1000)) == 0)
        #expect(count(Bench.peer(c, .ack, ack: c.sndUna, window: 1000)) == 1)
    }
}
