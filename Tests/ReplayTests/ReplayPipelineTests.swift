import Capture
import Flows
import Replay
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Keeps all records, for looking at them.
struct Collector: RecordSink {
    var records: [Record] = []
    var calls = 0

    mutating func receive(_ records: borrowing [Record]) {
        calls += 1
        for index in records.indices { self.records.append(records[index]) }
    }

    var segments: [SegmentRecord] {
        records.compactMap { if case .segment(let segment) = $0 { segment } else { nil } }
    }

    var flows: [FlowRecord] {
        records.compactMap { if case .flow(let flow) = $0 { flow } else { nil } }
    }
}

/// Replays files and keeps what comes.
func replay(
    _ paths: [String], filter: String? = nil, interest: TrackerOptions.Interest = [.flows, .segments],
    shouldStop: () -> Bool = { false }
) -> (records: Collector, outcome: ReplayPipeline.Outcome) {
    var tracking = TrackerOptions()
    tracking.interest = interest
    var collector = Collector()
    let outcome = ReplayPipeline(paths: paths, filter: filter, tracking: tracking)
        .run(into: &collector, shouldStop: shouldStop)
    return (collector, outcome)
}

@Suite struct ReplayPipelineTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `a connection becomes a flow`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let (records, outcome) = replay([try folder.write(capture.bytes, to: "a.pcap")])
        #expect(outcome.problems == [])
        #expect(records.flows.count == 1)
        #expect(records.flows.first?.initiator.bytes == 10)
        #expect(records.flows.first?.responder.bytes == 20)
        #expect(records.segments.map(\.reference.packet) == Array(1...9))
        #expect(outcome.summary.segments == 9)
        #expect(outcome.summary.counts.flows == 1)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 3000])
    func `every segment goes through, whatever the batch`(count: Int) throws {
        var capture = SyntheticCapture()
        for index in 0..<count { capture.send(.ack, seq: 1, ack: UInt32(index)) }
        let (records, outcome) = replay([try folder.write(capture.bytes, to: "a.pcap")])
        #expect(outcome.summary.segments == UInt64(count))
        #expect(records.segments.map(\.reference.packet) == (0..<count).map { UInt64($0 + 1) })
    }

    @Test func `no packet vanishes from the summary`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        capture.add(frame: arp)
        capture.add(frame: udp)
        capture.add(frame: udp)
        capture.add(frame: Array(arp.prefix(13)))
        capture.icmpError(type: 3, code: 3, seq: 100)
        capture.pair.sourcePort = 50000
        capture.connection()
        let path = try folder.write(capture.bytes, to: "a.pcap")
        let all = replay([path]).outcome.summary
        #expect(all.packets == 23)
        #expect(all.segments == 18)
        #expect(all.icmpErrors == 1)
        #expect(all.skipped(.notIP) == 1)
        #expect(all.skipped(.notTCP) == 2)
        #expect(all.skipped(.malformed) == 1)
        #expect(all.filtered == 0)
        let some = replay([path], filter: "tcp port 50000").outcome.summary
        #expect(some.packets == 23)
        #expect(some.segments == 9)
        #expect(some.filtered == 14)
        for summary in [all, some] {
            let skipped = summary.skipped.reduce(0, +)
            #expect(summary.packets == summary.segments + summary.icmpErrors + summary.filtered + skipped)
        }
    }

    @Test func `files are read in the order of their first packets and continue each other's flows`() throws {
        var whole = SyntheticCapture()
        whole.connection()
        let header = whole.bytes[..<whole.offsets[0]]
        let first = try folder.write(Array(whole.bytes[..<whole.offsets[5]]), to: "z.pcap")
        let second = try folder.write(Array(header + whole.bytes[whole.offsets[5]...]), to: "a.pcap")
        let (records, outcome) = replay([second, first])
        #expect(outcome.summary.files.map(\.name) == [first, second])
        #expect(outcome.summary.files.map(\.packets) == [5, 4])
        #expect(records.flows.count == 1)
        #expect(records.segments.map(\.reference.file) == [0, 0, 0, 0, 0, 1, 1, 1, 1])
        #expect(records.segments.map(\.reference.packet) == [1, 2, 3, 4, 5, 1, 2, 3, 4])
        #expect(outcome.summary.files[1].first == whole.time - 4_000_000)
        #expect(outcome.summary.files[1].last == whole.time - 1_000_000)
    }

    @Test func `what cannot be read comes last and the rest is read`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let good = try folder.write(capture.bytes, to: "good.pcap")
        let empty = try folder.write([], to: "empty.pcap")
        let (records, outcome) = replay([folder.path("missing.pcap"), empty, good])
        #expect(outcome.summary.files.map(\.name) == [good, folder.path("missing.pcap"), empty])
        #expect(records.flows.count == 1)
        #expect(outcome.problems.count == 2)
        guard case .cannotOpen = outcome.problems[0], case .empty = outcome.problems[1] else {
            Issue.record("unexpected problems: \(outcome.problems)")
            return
        }
    }

    @Test func `everything before the damage is told, then the error, then the next file`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let cut = try folder.write(Array(capture.bytes[..<(capture.offsets[4] + 30)]), to: "cut.pcap")
        var later = SyntheticCapture(port: 50000, time: capture.time)
        later.connection()
        let good = try folder.write(later.bytes, to: "good.pcap")
        let (records, outcome) = replay([cut, good])
        #expect(outcome.summary.files.map(\.packets) == [4, 9])
        #expect(records.flows.count == 2)
        #expect(outcome.problems.count == 1)
        guard case .damaged(let file, let packet, let offset, _) = outcome.problems[0] else {
            Issue.record("unexpected problem: \(outcome.problems)")
            return
        }
        #expect(file == cut)
        #expect(packet == 5)
        #expect(offset == Int64(capture.offsets[4] + 30))
    }

    @Test func `a filter that is not understood ends the replay`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let path = try folder.write(capture.bytes, to: "a.pcap")
        let (records, outcome) = replay([path, path], filter: "port port")
        #expect(records.records.isEmpty)
        #expect(outcome.problems.count == 1)
        guard case .badFilter? = outcome.problems.first else {
            Issue.record("unexpected problem: \(outcome.problems)")
            return
        }
    }

    @Test func `a stop keeps what has been found`() throws {
        var capture = SyntheticCapture()
        for _ in 0..<20_000 { capture.send(.ack, seq: 1, ack: 1) }
        let path = try folder.write(capture.bytes, to: "a.pcap")
        let (records, outcome) = replay([path, path], shouldStop: { true })
        #expect(outcome.summary.isInterrupted)
        // What has been read ahead is stepped, too: sixteen batches, and those in the hands of both threads.
        #expect((512...18 * 512).contains(outcome.summary.packets))
        #expect(outcome.summary.segments == outcome.summary.packets)
        #expect(outcome.summary.files.count == 1)
        #expect(records.flows.count == 1)
        #expect(outcome.problems == [])
    }

    @Test func `the sink is called for batches, not for packets`() throws {
        var capture = SyntheticCapture()
        for index in 0..<6400 { capture.send(.ack, seq: 1, ack: UInt32(index)) }
        let (records, _) = replay([try folder.write(capture.bytes, to: "a.pcap")])
        #expect(records.records.count > 6400)
        #expect(records.calls <= 102)
    }

    @Test func `nothing is made that nobody wants`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let (records, outcome) = replay([try folder.write(capture.bytes, to: "a.pcap")], interest: [])
        #expect(records.records.isEmpty)
        #expect(outcome.summary.counts.flows == 1)
        #expect(outcome.summary.counts.endpointsPerState.reduce(0, +) == 2)
    }

    private let arp: [UInt8] =
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x08, 0x06] + Array(repeating: 0, count: 28)
    private let udp: [UInt8] =
        [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1]
        + [198, 51, 100, 2, 0, 53, 0, 53, 0, 8, 0, 0]
}
