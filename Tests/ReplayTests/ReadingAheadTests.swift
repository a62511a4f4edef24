import Flows
import Foundation
import Replay
import TCPStateMachine
import TestSupport
import Testing

/// Files are read and decoded on a thread of their own, and so are records taken, beside the stepping: that must change
/// nothing.
@Suite struct ReadingAheadTests {
    @Test func `a second core changes nothing`() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            at: Places.traces, includingPropertiesForKeys: [.isDirectoryKey])
        let files = folders.map { $0.appendingPathComponent("A.pcap").path }
            .filter { FileManager.default.fileExists(atPath: $0) }.sorted()
        #expect(files.count > 20)
        // Each alone, and all of them as one capture: flows go on from file to file.
        for paths in files.map({ [$0] }) + [files] {
            #expect(story(of: paths, ahead: true) == story(of: paths, ahead: false), "\(paths)")
        }
    }

    @Test func `nor does damage or an error between batches`() throws {
        let folder = try TemporaryFolder()
        var capture = SyntheticCapture()
        for index in 0..<1500 as Range<UInt32> {
            capture.send(.ack, seq: 1, ack: index)
            if index % 511 == 0 { capture.icmpError(type: 3, code: 1, seq: index) }
        }
        for missing in [0, 1, 40] {
            let path = try folder.write(Array(capture.bytes.dropLast(missing)), to: "cut-\(missing).pcap")
            #expect(story(of: [path], ahead: true) == story(of: [path], ahead: false))
        }
    }

    @Test(arguments: [0, 1, 700, 1499])
    func `a sink that fails on its own thread ends the replay`(taken: Int) throws {
        struct Full: Error, Equatable {}
        struct Narrow: RecordSink {
            var room: Int
            var late = 0

            mutating func receive(_ records: borrowing [Record]) throws(Full) {
                if room < 0 { late += 1 }
                room -= records.count
                if room < 0 { throw Full() }
            }
        }
        let folder = try TemporaryFolder()
        var capture = SyntheticCapture()
        for index in 0..<1500 as Range<UInt32> { capture.send(.ack, seq: 1, ack: index) }
        var tracking = TrackerOptions()
        tracking.interest = .segments
        var pipeline = ReplayPipeline(paths: [try folder.write(capture.bytes, to: "a.pcap")], tracking: tracking)
        pipeline.reportsApart = true
        var sink = Narrow(room: taken)
        #expect(throws: Full.self) { try pipeline.run(into: &sink) }
        #expect(sink.room < 0)
        #expect(sink.late == 0, "it was called again")
        sink = Narrow(room: 1500)
        #expect(try pipeline.run(into: &sink).summary.segments == 1500)
        #expect(sink.room == 0)
    }

    @Test func `a sink that is slow gets text in place of records, in order`() throws {
        /// Keeps the packets' numbers, and does nothing until text has been made.
        struct Slow: RecordSink {
            let madeText = DispatchSemaphore(value: 0)
            var packets: [UInt8] = []
            var (batches, texts) = (0, 0)

            var renderer: RecordRenderer? {
                { [madeText] records in
                    madeText.signal()
                    return Self.numbers(records)
                }
            }

            private static func numbers(_ records: borrowing [Record]) -> [UInt8] {
                records.indices.map { index in
                    guard case .segment(let segment) = records[index] else { return 255 }
                    return UInt8(segment.reference.packet % 251)
                }
            }

            mutating func receive(_ records: borrowing [Record]) {
                if batches == 0 { _ = madeText.wait(timeout: .now() + 60) }
                batches += 1
                packets += Self.numbers(records)
            }

            mutating func receive(text: [UInt8]) {
                texts += 1
                packets += text
            }
        }
        let folder = try TemporaryFolder()
        var capture = SyntheticCapture()
        let count: UInt32 = 10_000
        for index in 0..<count { capture.send(.ack, seq: 1, ack: index) }
        var tracking = TrackerOptions()
        tracking.interest = .segments
        var pipeline = ReplayPipeline(paths: [try folder.write(capture.bytes, to: "a.pcap")], tracking: tracking)
        pipeline.reportsApart = true
        var sink = Slow()
        _ = pipeline.run(into: &sink)
        #expect(sink.packets == (1...count).map { UInt8($0 % 251) })
        #expect(sink.texts > 0, "it was waited for")
        #expect(sink.batches > 8)
    }

    /// All records in order, the totals, and what went wrong.
    private func story(of paths: [String], ahead: Bool) -> [String] {
        var tracking = TrackerOptions()
        tracking.interest = [.flows, .transitions, .findings, .segments, .labels]
        var pipeline = ReplayPipeline(paths: paths, tracking: tracking)
        pipeline.readsAhead = ahead
        pipeline.reportsApart = ahead
        var collector = Collector()
        let outcome = pipeline.run(into: &collector)
        return collector.records.map { "\($0)" } + ["\(outcome.summary)", "\(outcome.problems)"]
    }
}
