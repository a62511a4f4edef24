import Capture
import Foundation
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What the frames of a capture turned out to be.
private struct Tally {
    var packets = 0
    var segments = 0
    var icmpErrors = 0
    var skipped: [SkipReason: Int] = [:]
    var directions: Set<Direction> = []
}

private func tally(_ url: URL) throws(CaptureError) -> Tally {
    var file = try CaptureFile(path: url.path)
    let decoder = FrameDecoder(dataLinkType: file.dataLinkType)
    var captured = CapturedSegment(
        segment: Segment(sequenceNumber: SequenceNumber(0), controlBits: []),
        pair: SocketPair(
            source: Address(ipv4: 0), destination: Address(ipv4: 0), sourcePort: 0, destinationPort: 0, family: .ipv4))
    var tally = Tally()
    while try file.advance() {
        tally.packets += 1
        let length = file.frame.originalLength
        switch file.withBytes({ decoder.decode($0, originalLength: length, into: &captured) }) {
        case .segment:
            tally.segments += 1
            tally.directions.insert(captured.direction)
        case .icmpError: tally.icmpErrors += 1
        case .fragment: tally.skipped[.fragment, default: 0] += 1
        case .skipped(let reason): tally.skipped[reason, default: 0] += 1
        }
    }
    return tally
}

/// How many packets libpcap itself takes for TCP: its filter is an independent reader of the same headers.
private func filterCount(_ url: URL, _ filter: String) throws(CaptureError) -> Int {
    var file = try CaptureFile(path: url.path, filter: filter)
    var count = 0
    while try file.advance() { count += 1 }
    return count
}

/// A whole number in a JSON object, found by its key.
private func number(_ key: String, inJSON url: URL) throws -> Int {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
    return try #require(object?[key] as? Int)
}

/// Real captures with counts that other programs made, outside the repository; nil if they are missing.
private func stories(_ name: String, test: String = #function) throws -> [URL]? {
    guard let corpus = try Demands.shared("corpus/\(name)", test: test) else { return nil }
    return try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        .filter(\.hasDirectoryPath)
}

@Test func `every TCP packet of the kernel's captures is decoded`() throws {
    guard let stories = try stories("kernel") else { return }
    #expect(!stories.isEmpty)
    for story in stories {
        let capture = story.appendingPathComponent("capture.pcap")
        let meta = story.appendingPathComponent("meta.json")
        let tally = try tally(capture)
        let name: Comment = "\(story.lastPathComponent)"
        #expect(tally.packets == (try number("packets", inJSON: meta)), name)
        #expect(tally.segments == (try number("tcp_packets", inJSON: meta)), name)
        #expect(tally.segments == (try filterCount(capture, "tcp")), name)
        #expect(tally.icmpErrors + tally.skipped[.notTCP, default: 0] == tally.packets - tally.segments, name)
        // Cooked captures say of each packet whether the kernel under test sent it or got it.
        #expect(tally.directions.isSubset(of: [.sent, .received]), name)
    }
}

@Test func `every TCP packet of the vantage captures is decoded`() throws {
    guard let stories = try stories("vantage") else { return }
    var segments = 0
    for story in stories {
        for vantage in ["A", "R", "B"] {
            let capture = story.appendingPathComponent("\(vantage).pcap")
            let tally = try tally(capture)
            let name: Comment = "\(story.lastPathComponent), \(vantage)"
            #expect(tally.segments == (try filterCount(capture, "tcp")), name)
            #expect(tally.skipped[.malformed, default: 0] == 0, name)
            #expect(tally.skipped[.cutShort, default: 0] == 0, name)
            #expect(tally.directions.isSubset(of: [.unknown]), name)
            segments += tally.segments
        }
    }
    // Single captures hold none: a lost SYN passes one point only.
    #expect(segments > stories.count)
}
