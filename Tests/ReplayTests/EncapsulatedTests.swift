import Flows
import Foundation
import Replay
import TestSupport
import Testing
import WireFormat

/// Tunnels and fragments through the whole of a replay, on captures of real kernels.
@Suite struct EncapsulatedTests {
    @Test(arguments: [
        ("vxlan", "vxlan:5001"), ("geneve", "geneve:10"), ("gre-key", "gre:7"), ("ipip", "ipip"), ("6in4", "6in4"),
        ("qinq", ""), ("fragments", ""), ("vxlan-fragments", "vxlan:5001"),
    ])
    func flowsAreNamedByTheirTunnel(_ story: String, _ tunnel: String) {
        for vantage in ["A", "R", "B"] {
            let path = Places.traces.appendingPathComponent("\(story)/\(vantage).pcap").path
            let (records, outcome) = replay([path])
            #expect(outcome.problems == [])
            #expect(records.flows.map(\.tunnel.description) == [tunnel])
            #expect(records.flows.first?.initiator.retransmissions == 0)
            #expect(records.flows.first?.responder.retransmissions == 0)
            let summary = outcome.summary
            // Every packet is a segment, or a part of one.
            #expect(summary.packets == summary.segments + summary.skipped(.fragment))
            #expect((summary.skipped(.fragment) > 0) == (story.hasSuffix("fragments")))
        }
    }

    @Test func fragmentsLeaveNoOctetOut() {
        for story in ["fragments", "vxlan-fragments"] {
            let path = Places.traces.appendingPathComponent("\(story)/B.pcap").path
            let flow = replay([path]).records.flows.first
            #expect(flow?.initiator.bytes == 1200 && flow?.responder.bytes == 2400)
        }
    }

    @Test func aSegmentIsThePacketThatCompletedIt() throws {
        let folder = try TemporaryFolder()
        let payload = Wrapping.syn + Array(repeating: UInt8(0), count: 60)
        let parts = [(0, 40, true), (40, 80, false)].map { start, end, hasMore in
            Wrapping.ethernet(
                0x0800,
                Wrapping.ipv4(6, Array(payload[start..<end]), fragment: UInt16(start / 8) | (hasMore ? 0x2000 : 0)))
        }
        var capture = SyntheticCapture()
        let time = capture.time
        // The last part comes first; a part of another packet is never completed.
        capture.add(frame: parts[1])
        capture.add(frame: parts[0])
        let other = Wrapping.ipv4(6, Array(payload[..<40]), fragment: 0x2000, identification: 9)
        capture.add(frame: Wrapping.ethernet(0x0800, other))
        let (records, outcome) = replay([try folder.write(capture.bytes, to: "a.pcap")])
        #expect(records.segments.map(\.reference.packet) == [2])
        #expect(records.segments.map(\.time) == [time + 1_000_000])
        #expect(records.segments.map(\.length) == [60])
        #expect(outcome.summary.skipped(.fragment) == 1 && outcome.summary.skipped(.fragmentIncomplete) == 1)
    }
}
