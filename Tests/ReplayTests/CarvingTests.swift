import Capture
import Flows
import Foundation
import Replay
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Replays, and carves into a file.
private func carve(
    _ paths: [String], to path: String, maximumFlows: Int = 1000,
    selects: @escaping (FlowRecord) -> Bool = { _ in true }
) throws -> (records: Collector, carved: ReplayPipeline.CarvedOutcome) {
    var tracking = TrackerOptions()
    tracking.interest = [.flows, .transitions]
    tracking.maximumFlows = maximumFlows
    var collector = Collector()
    let carved = ReplayPipeline(paths: paths, tracking: tracking)
        .run(into: &collector, carvingTo: try PcapngWriter(path: path), selects: selects)
    return (collector, carved)
}

@Suite struct CarvingTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The packets of a capture: stamps, lengths and octets.
    private func packets(_ path: String) throws -> [[UInt8]] {
        var file = try CaptureFile(path: path)
        var packets: [[UInt8]] = []
        while try file.advance() {
            let head = "\(file.frame.time) \(file.frame.originalLength) \(file.frame.direction) "
            packets.append(Array(head.utf8) + file.withBytes { bytes in bytes.indices.map { bytes[$0] } })
        }
        return packets
    }

    /// What a connection's transitions are, told without numbers of flows and packets.
    private func steps(_ records: Collector, _ flow: UInt64, timers: Bool = true) -> [String] {
        records.records.compactMap { record in
            guard case .transition(let step) = record, step.flow == flow else { return nil }
            guard timers || step.certainty != .timer else { return nil }
            return "\(step.endpoint) \(String(describing: step.from)) \(step.to) \(step.time)"
        }
    }

    @Test func `two connections and what lies between them are told apart`() throws {
        var capture = SyntheticCapture()
        capture.send(.syn, seq: 100)
        capture.pair.sourcePort = 50000
        capture.connection()
        capture.icmpError(type: 3, code: 3, seq: 100)
        capture.pair.sourcePort = 40000
        capture.add(frame: Array(repeating: 0xFF, count: 60))
        capture.icmpError(type: 3, code: 1, seq: 100)
        capture.reply([.rst, .ack], seq: 0, ack: 101)
        let input = try folder.write(capture.bytes, to: "a.pcap")
        let all = try packets(input)
        let output = folder.path("carved.pcapng")
        let (_, one) = try carve([input], to: output) { $0.pair.sourcePort == 40000 }
        #expect(one.written == .success(3))
        #expect(try packets(output) == [all[0], all[12], all[13]])
        let (_, both) = try carve([input], to: output)
        #expect(both.written == .success(13))
        #expect(try packets(output) == Array(all[...10] + all[12...]))
        let (_, none) = try carve([input], to: output) { _ in false }
        #expect(none.written == .success(0))
    }

    @Test func `a SYN that waited for its answer is carved with the flow that it opened`() throws {
        var capture = SyntheticCapture()
        capture.send(.syn, seq: 100)
        capture.reply([.syn, .ack], seq: 300, ack: 101)
        capture.send(.ack, seq: 101, ack: 301)
        capture.send([.psh, .ack], seq: 101, ack: 301, length: 10)
        for _ in 0..<3 { capture.reply(.ack, seq: 301, ack: 111) }
        // The ports are in use: this one waits.
        capture.send(.syn, seq: 50_000_000)
        capture.pair.sourcePort = 50000
        for index in 0..<100 { capture.send(.ack, seq: 1, ack: UInt32(index)) }
        capture.pair.sourcePort = 40000
        capture.reply([.syn, .ack], seq: 90_000_000, ack: 50_000_001)
        let input = try folder.write(capture.bytes, to: "a.pcap")
        let all = try packets(input)
        let output = folder.path("carved.pcapng")
        let (records, carved) = try carve([input], to: output) { $0.incarnationOf != nil }
        #expect(records.flows.contains { $0.incarnationOf != nil })
        #expect(carved.written == .success(2))
        #expect(try packets(output) == [all[7], all[108]])
    }

    @Test func `every capture of Traces, carved whole, replays to the same`() throws {
        let stories = try FileManager.default.contentsOfDirectory(at: Places.traces, includingPropertiesForKeys: nil)
            .filter(\.hasDirectoryPath)
        #expect(stories.count > 30)
        for story in stories {
            for capture in try FileManager.default.contentsOfDirectory(at: story, includingPropertiesForKeys: nil)
            where capture.pathExtension.hasPrefix("pcap") {
                let output = folder.path("carved.pcapng")
                let (records, carved) = try carve([capture.path], to: output)
                guard case .success = carved.written else {
                    Issue.record("\(capture.path): \(carved.written)")
                    continue
                }
                var tracking = TrackerOptions()
                tracking.interest = [.flows, .transitions]
                var again = Collector()
                _ = ReplayPipeline(paths: [output], tracking: tracking).run(into: &again)
                #expect(again.flows.map(\.pair) == records.flows.map(\.pair), "\(capture.path)")
                for flow in records.flows.map(\.flow) {
                    // What is no TCP moved the packet clock: timers may have been due that are not now.
                    #expect(
                        steps(again, flow, timers: false) == steps(records, flow, timers: false), "\(capture.path)")
                }
            }
        }
    }

    @Test func `each flow of Traces, carved alone, takes the same steps`() throws {
        let stories = try FileManager.default.contentsOfDirectory(at: Places.traces, includingPropertiesForKeys: nil)
            .filter(\.hasDirectoryPath)
        for story in stories {
            let input = story.appendingPathComponent("A.pcap").path
            guard FileManager.default.fileExists(atPath: input) else { continue }
            let flows = replay([input]).records.flows.filter { $0.incarnationOf == nil }
            for flow in flows.prefix(4) {
                let output = folder.path("carved.pcapng")
                // Incarnations tell of each other: the ports are carved together.
                let (records, _) = try carve([input], to: output) {
                    $0.pair == flow.pair || $0.pair == flow.pair.reversed
                }
                var tracking = TrackerOptions()
                tracking.interest = [.flows, .transitions]
                var again = Collector()
                _ = ReplayPipeline(paths: [output], tracking: tracking).run(into: &again)
                let first = try #require(again.flows.map(\.flow).min())
                #expect(
                    steps(again, first, timers: false) == steps(records, flow.flow, timers: false),
                    "\(input), flow \(flow.flow)")
            }
        }
    }

    @Test func `flows that memory has no room for are carved all the same`() throws {
        var capture = SyntheticCapture()
        for port in 0..<50 {
            capture.pair.sourcePort = 40000 + UInt16(port)
            capture.send(.syn, seq: 100)
        }
        for port in 0..<50 {
            capture.pair.sourcePort = 40000 + UInt16(port)
            capture.reply([.syn, .ack], seq: 300, ack: 101)
        }
        let input = try folder.write(capture.bytes, to: "a.pcap")
        let (_, carved) = try carve([input], to: folder.path("carved.pcapng"), maximumFlows: 7)
        #expect(carved.written == .success(100))
    }

    @Test func `several files become one, interfaces that are described alike one`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let header = capture.bytes[..<capture.offsets[0]]
        let first = try folder.write(Array(capture.bytes[..<capture.offsets[5]]), to: "1.pcap")
        let second = try folder.write(Array(header + capture.bytes[capture.offsets[5]...]), to: "2.pcap")
        let output = folder.path("carved.pcapng")
        let (_, carved) = try carve([second, first], to: output)
        #expect(carved.written == .success(9))
        let whole = try folder.write(capture.bytes, to: "whole.pcap")
        #expect(try packets(output) == packets(whole))
        var file = try CaptureFile(path: output)
        while try file.advance() { #expect(file.frame.interface == 0) }
        let shown = try run("/usr/bin/env", ["tshark", "-r", output, "-T", "fields", "-e", "tcp.srcport"])
        #expect(shown.output.split(separator: "\n").count == 9, "\(shown.error)")
    }

    @Test func `what cannot be written is told after everything has been replayed`() throws {
        var capture = SyntheticCapture()
        capture.connection()
        let input = try folder.write(capture.bytes, to: "a.pcap")
        let (records, carved) = try carve([input], to: "/dev/full")
        #expect(records.flows.count == 1)
        #expect(
            carved.written
                == .failure(.writing(.cannotWrite(file: "/dev/full", reason: "No space left on device"))))
    }
}
