import TCPStateMachine
import Testing

/// ACKs that wait, and what they say of text beyond a hole.
@Suite struct AcknowledgmentTests {
    /// ESTABLISHED by an active OPEN: ISS 99, IRS 299.
    private func established(_ change: (inout Parameters) -> Void) -> Connection {
        var parameters = Parameters()
        change(&parameters)
        var connection = Connection(parameters: parameters, nextInitialNumber: SequenceNumber(99))
        _ = connection.handle(.activeOpen(remoteSpecified: true))
        var options = SegmentOptions()
        options.present = [.sackPermitted]
        _ = connection.handle(
            .segmentArrives(
                Segment(
                    sequenceNumber: SequenceNumber(299), acknowledgmentNumber: SequenceNumber(100),
                    controlBits: [.syn, .ack], window: 65_535, options: options)))
        return connection
    }

    private func text(at number: UInt32, _ octets: UInt32, fin: Bool = false) -> Event {
        .segmentArrives(
            Segment(
                sequenceNumber: SequenceNumber(number), acknowledgmentNumber: SequenceNumber(100),
                controlBits: fin ? [.fin, .ack] : .ack, payloadLength: octets, window: 65_535))
    }

    @Test func `the ACK of one segment waits, that of the second goes out for both`() {
        var connection = established { $0.delaysAcknowledgments = true }
        let first = connection.handle(text(at: 300, 10))
        #expect(first.segments.isEmpty && connection.running.contains(.delayedAcknowledgment))
        let second = connection.handle(text(at: 310, 10))
        #expect(second.segments.map(\.acknowledgmentNumber) == [SequenceNumber(320)])
        #expect(connection.handle(.delayedAcknowledgmentTimeout) == .ignored(.nothingToAcknowledge, reply: nil))
    }

    @Test func `the timer sends the ACK that waits`() {
        var connection = established { $0.delaysAcknowledgments = true }
        _ = connection.handle(text(at: 300, 10))
        let outcome = connection.handle(.delayedAcknowledgmentTimeout)
        #expect(outcome.segments.map(\.acknowledgmentNumber) == [SequenceNumber(310)])
        #expect(connection.handle(.delayedAcknowledgmentTimeout) == .ignored(.noSuchTimer, reply: nil))
    }

    @Test func `text, a FIN and a hole do not wait`() {
        var connection = established { $0.delaysAcknowledgments = true }
        _ = connection.handle(text(at: 300, 10))
        #expect(connection.handle(.send(octets: 5)).segments.map(\.acknowledgmentNumber) == [SequenceNumber(310)])
        #expect(connection.handle(text(at: 320, 10)).segments.count == 1)
        #expect(connection.handle(text(at: 310, 10)).segments.map(\.acknowledgmentNumber) == [SequenceNumber(330)])
        #expect(connection.handle(text(at: 330, 0, fin: true)).segments.count == 1)
        #expect(connection.state == .closeWait)
    }

    @Test func `SACK tells of what lies beyond holes, the latest first`() {
        var connection = established { $0.permitsSack = true }
        _ = connection.handle(text(at: 320, 10))
        let outcome = connection.handle(text(at: 340, 10))
        guard let options = outcome.segments.first?.options else {
            Issue.record("no ACK")
            return
        }
        #expect(options.present == .sack && options.sackBlockCount == 2)
        #expect(options.sackBlock0 == SackBlock(left: SequenceNumber(340), right: SequenceNumber(350)))
        #expect(options.sackBlock1 == SackBlock(left: SequenceNumber(320), right: SequenceNumber(330)))
        let filled = connection.handle(text(at: 300, 20))
        #expect(filled.segments.first?.options.sackBlockCount == 1)
    }

    @Test func `a keepalive probe asks with a number that has been acknowledged`() {
        var connection = established { _ in }
        let probe = connection.handle(.keepaliveTimeout).segments.first
        #expect(probe?.sequenceNumber == SequenceNumber(99) && probe?.controlBits == .ack)
        _ = connection.handle(.send(octets: 5))
        #expect(connection.handle(.keepaliveTimeout) == .ignored(.noSuchTimer, reply: nil))
    }
}
