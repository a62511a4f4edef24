import Flows
import Replay
import TCPStateMachine
import WireFormat

/// A capture's segments and flows as Postel tells them, and what of the segments is new by their numbers alone.
struct PostelSegments {
    /// One segment, by the packet's number.
    private(set) var segments: [UInt64: SegmentRecord] = [:]
    private(set) var flows: [FlowRecord] = []
    /// Packets that bring an octet, a FIN or a kind of SYN that none before them brought, as far as Postel believes
    /// those.
    private(set) var news: Set<UInt64> = []
    /// The capture holds fragments of segments.
    let hasFragments: Bool

    init(path: String) {
        var options = TrackerOptions()
        options.interest = [.segments, .flows]
        options.vantage = .middle
        var sink = Sink()
        let outcome = ReplayPipeline(paths: [path], tracking: options).run(into: &sink)
        hasFragments = outcome.summary.skipped(.fragment) > 0
        flows = sink.flows
        var seen: [Sender: SeenNumbers] = [:]
        for record in sink.segments {
            segments[record.reference.packet] = record
            let isNew = seen[Sender(record), default: SeenNumbers()].take(record)
            if isNew { news.insert(record.reference.packet) }
        }
    }

    private struct Sender: Hashable {
        let flow: UInt64
        let role: EndpointRole

        init(_ record: SegmentRecord) {
            flow = record.flow
            role = record.from
        }
    }

    private struct Sink: RecordSink {
        var segments: [SegmentRecord] = []
        var flows: [FlowRecord] = []

        mutating func receive(_ records: borrowing [Record]) throws(Never) {
            for index in records.indices {
                switch records[index] {
                case .segment(let record): segments.append(record)
                case .flow(let record): flows.append(record)
                case .transition, .withdrawal, .finding, .connection: break
                }
            }
        }
    }
}

extension SegmentRecord {
    /// Postel takes its numbers for its sender's: no RST, no stranger, no SYN that waits to be answered.
    var isBelieved: Bool {
        switch note {
        case .stranger, .candidateSyn, .copy: false
        case .none, .retransmission, .reordered, .outOfOrder, .keepalive, .windowProbe, .challengeAck:
            !controlBits.contains(.rst)
        }
    }
}

/// The numbers that one sender has brought. Octets in a SYN count when they are sent again (RFC 7413).
private struct SeenNumbers {
    private var octets: Set<UInt32> = []
    private var fins: Set<UInt32> = []
    private var syns: Set<UInt64> = []

    /// Whether the segment brings something new.
    mutating func take(_ record: SegmentRecord) -> Bool {
        guard record.isBelieved else { return false }
        var isNew = false
        let first = record.sequenceNumber
        if record.controlBits.contains(.syn) {
            let kind: UInt64 = record.controlBits.contains(.ack) ? 1 << 32 : 0
            return syns.insert(UInt64(first.rawValue) | kind).inserted
        }
        for offset in 0..<record.length where octets.insert((first + offset).rawValue).inserted { isNew = true }
        if record.controlBits.contains(.fin), fins.insert((first + record.length).rawValue).inserted { isNew = true }
        return isNew
    }
}
