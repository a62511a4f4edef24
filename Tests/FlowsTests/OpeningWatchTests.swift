import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Floods and scans, which take many flows.
@Suite struct OpeningWatchTests {
    private enum Answer {
        case none
        case refused
        case established
        /// SYN,ACK, and no third segment.
        case halfOpen
    }

    private struct Attempt {
        var source: UInt32
        var sourcePort: UInt16
        var destination: UInt32
        var port: UInt16
        var answer: Answer
    }

    private func segments(_ a: Attempt, at time: Int64, _ packet: inout UInt64) -> [CapturedSegment] {
        let pair = SocketPair(
            source: Address(ipv4: a.source), destination: Address(ipv4: a.destination), sourcePort: a.sourcePort,
            destinationPort: a.port, family: .ipv4)
        let iss = SequenceNumber(a.source &* 31 &+ UInt32(a.sourcePort))
        let irs = SequenceNumber(77)
        var lines: [(SocketPair, Segment)] = [(pair, Segment(sequenceNumber: iss, controlBits: .syn, window: 1000))]
        switch a.answer {
        case .none: break
        case .refused:
            lines.append(
                (
                    pair.reversed,
                    Segment(
                        sequenceNumber: SequenceNumber(0), acknowledgmentNumber: iss + 1, controlBits: [.rst, .ack])
                ))
        case .halfOpen, .established:
            lines.append(
                (
                    pair.reversed,
                    Segment(
                        sequenceNumber: irs, acknowledgmentNumber: iss + 1, controlBits: [.syn, .ack], window: 1000)
                ))
            if a.answer == .established {
                lines.append(
                    (
                        pair,
                        Segment(
                            sequenceNumber: iss + 1, acknowledgmentNumber: irs + 1, controlBits: .ack, window: 1000)
                    ))
            }
        }
        return lines.enumerated().map { index, line in
            packet += 1
            return CapturedSegment(
                segment: line.1, pair: line.0, time: Conversation.epoch + time + Int64(index) * 1_000_000,
                packet: packet)
        }
    }

    /// One attempt each `interval` nanoseconds.
    private func findings(_ attempts: [Attempt], every interval: Int64) -> [FindingRecord] {
        var options = TrackerOptions()
        options.interest = [.findings, .flows]
        var tracker = FlowTracker(options: options)
        var packet: UInt64 = 0
        let all = attempts.enumerated()
            .flatMap { segments($1, at: Int64($0) * interval, &packet) }
            .sorted { $0.time < $1.time }
        for segment in all { tracker.process([segment], count: 1) }
        tracker.finish()
        return tracker.records.compactMap {
            if case .finding(let finding) = $0, [.synFlood, .scan].contains(finding.code) { finding } else { nil }
        }
    }

    private func crowd(_ count: Int, _ answer: Answer) -> [Attempt] {
        (0..<count).map {
            Attempt(
                source: 0x0B00_0000 &+ UInt32($0) &* 7919, sourcePort: UInt16(1024 + $0 % 60_000),
                destination: 0x0A00_0002, port: 80, answer: answer)
        }
    }

    private func tour(_ count: Int, _ answer: Answer) -> [Attempt] {
        (0..<count).map {
            Attempt(
                source: 0x0A00_0009, sourcePort: UInt16(40_000 + $0), destination: 0x0A00_0002, port: UInt16(1 + $0),
                answer: answer)
        }
    }

    // MARK: Floods

    @Test func manyUnansweredSynsAreAFlood() {
        let found = findings(crowd(2000, .none), every: 2_000_000)
        #expect(found.map(\.code) == [.synFlood] && found.first?.endpoint == .responder)
        guard case .openings(let begun, let completed)? = found.first?.detail else {
            Issue.record("no numbers")
            return
        }
        #expect(begun >= 100 && completed == 0)
    }

    @Test func halfOpenConnectionsAreAFlood() {
        #expect(findings(crowd(400, .halfOpen), every: 5_000_000).map(\.code) == [.synFlood])
    }

    /// The capture ends before a second is over.
    @Test func shortBurstIsJudgedAtTheEnd() {
        #expect(findings(crowd(1000, .none), every: 100_000).map(\.code) == [.synFlood])
    }

    @Test func busyServerIsNotFlooded() {
        #expect(findings(crowd(3000, .established), every: 500_000).isEmpty)
    }

    @Test func refusedConnectionsAreNoFlood() {
        #expect(findings(crowd(1000, .refused), every: 2_000_000).isEmpty)
    }

    @Test func fewOrSlowOnesAreNoFlood() {
        #expect(findings(crowd(99, .none), every: 2_000_000).isEmpty)
        #expect(findings(crowd(500, .none), every: 200_000_000).isEmpty)
    }

    /// A flood among everybody else's connections.
    @Test func floodAmongTraffic() {
        var attempts: [Attempt] = []
        for (index, flood) in crowd(1000, .none).enumerated() {
            attempts.append(flood)
            attempts.append(
                Attempt(
                    source: 0x0C00_0000 &+ UInt32(index), sourcePort: 5000,
                    destination: 0x0D00_0000 &+ UInt32(index) &* 104_729, port: 443, answer: .established))
        }
        #expect(findings(attempts, every: 1_000_000).map(\.code) == [.synFlood])
    }

    // MARK: Scans

    @Test func manyRefusedPortsAreAScan() {
        let found = findings(tour(100, .refused), every: 50_000_000)
        #expect(found.map(\.code) == [.scan] && found.first?.endpoint == .initiator)
    }

    @Test func manySilentHostsAreAScan() {
        let attempts = (0..<60).map {
            Attempt(
                source: 0x0A00_0009, sourcePort: UInt16(40_000 + $0), destination: 0x0A01_0000 + UInt32($0), port: 22,
                answer: .none)
        }
        #expect(findings(attempts, every: 20_000_000).map(\.code) == [.scan])
    }

    @Test func busyClientIsNoScanner() {
        #expect(findings(tour(200, .established), every: 20_000_000).isEmpty)
    }

    /// The same dead socket again and again.
    @Test func persistentClientIsNoScanner() {
        let attempts = (0..<60).map {
            Attempt(
                source: 0x0A00_0009, sourcePort: UInt16(40_000 + $0), destination: 0x0A00_0002, port: 22,
                answer: .refused)
        }
        #expect(findings(attempts, every: 100_000_000).isEmpty)
    }

    // MARK: Hostile input

    /// Millions of sources at millions of sockets: memory stays as it is, and a flood among them is seen.
    @Test func anybodyToAnybody() {
        var random = SeededGenerator(seed: 793)
        var attempts: [Attempt] = []
        for flood in crowd(3000, .none) {
            attempts.append(flood)
            for _ in 0..<4 {
                attempts.append(
                    Attempt(
                        source: UInt32(truncatingIfNeeded: random.next()), sourcePort: 1,
                        destination: UInt32(truncatingIfNeeded: random.next()), port: 2, answer: .none))
            }
        }
        #expect(findings(attempts, every: 200_000).map(\.code) == [.synFlood])
    }
}
