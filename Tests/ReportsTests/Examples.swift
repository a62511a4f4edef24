@testable import Flows
import Replay
import TCPStateMachine
import WireFormat

/// Records made by hand: between them every field has every form it can have.
enum Examples {
    static let time: Int64 = 1_700_000_000_123_456_789

    static let pair = SocketPair(
        source: Address(ipv4: 0xC000_0201), destination: Address(ipv4: 0xC633_6402), sourcePort: 40000,
        destinationPort: 80, family: .ipv4)

    static let pair6 = SocketPair(
        source: Address("2001:db8::1")!, destination: Address("fe80::1:0:0:2")!, sourcePort: 40001,
        destinationPort: 443, family: .ipv6)

    static func endpoint(
        _ state: State?, _ possible: [State], _ certainty: Certainty, packets: UInt64 = 5, bytes: UInt64 = 1000,
        retransmissions: UInt64 = 0
    ) -> EndpointRecord {
        EndpointRecord(
            state: state, possible: StateSet(possible), certainty: certainty, packets: packets, bytes: bytes,
            retransmissions: retransmissions)
    }

    static func reference(_ packet: UInt64, file: UInt16 = 0) -> PacketReference {
        PacketReference(file: file, packet: packet)
    }

    static let closed = FlowRecord(
        flow: 1, pair: pair, tunnel: .none, initiator: endpoint(.timeWait, [.timeWait], .proven),
        responder: endpoint(.closed, [.closed], .presumed, packets: 4, bytes: 123_456_789_012, retransmissions: 2),
        first: time, last: time + 1_500_000_000, rolesGuessed: false, incarnationOf: nil,
        findings: [FindingSet(.retransmission)])

    static let unknown = FlowRecord(
        flow: 2, pair: pair6, tunnel: Tunnel(.vxlan, key: 5001),
        initiator: endpoint(nil, [.synSent, .closed], .presumed, packets: 1, bytes: 0),
        responder: endpoint(nil, State.allCases, .presumed, packets: 0, bytes: 0), first: time + 1, last: time + 1,
        rolesGuessed: true, incarnationOf: 1, findings: [FindingSet(.halfOpen), FindingSet(.forgedSegment)])

    static let expired = FlowRecord(
        flow: 3, pair: pair.reversed, tunnel: .none,
        initiator: endpoint(.closed, [.closed], .timer),
        responder: endpoint(nil, [.established, .closeWait, .lastAck, .closed, .timeWait], .presumed), first: -1,
        last: 0, rolesGuessed: false, incarnationOf: nil, findings: [], evicted: .unanswered)

    static let records: [Record] = [
        .transition(
            TransitionRecord(
                flow: 1, endpoint: .initiator, from: .closed, to: .synSent, rule: .closedActiveOpen, time: time,
                cause: reference(1), proof: reference(1), certainty: .proven, seen: true)),
        .segment(
            SegmentRecord(
                flow: 1, reference: reference(1), time: time, from: .initiator, controlBits: .syn,
                sequenceNumber: SequenceNumber(4_294_967_295), acknowledgmentNumber: nil, length: 0, note: .none,
                initiatorState: .synSent, responderState: nil)),
        .transition(
            TransitionRecord(
                flow: 1, endpoint: .responder, from: .listen, to: .synReceived, rule: .listenSyn, time: time,
                cause: reference(1), proof: reference(2, file: 3), certainty: .proven, seen: true)),
        .segment(
            SegmentRecord(
                flow: 1, reference: reference(2, file: 3), time: time + 20, from: .responder,
                controlBits: [.syn, .ack, .fin, .psh, .urg, .rst, .ece, .cwr], sequenceNumber: SequenceNumber(7),
                acknowledgmentNumber: SequenceNumber(0), length: 65536, note: .retransmission,
                initiatorState: .established, responderState: .synReceived)),
        .segment(
            SegmentRecord(
                flow: 1, reference: reference(3), time: time + 30, from: .initiator, controlBits: [],
                sequenceNumber: SequenceNumber(0), acknowledgmentNumber: nil, length: 1, note: .candidateSyn,
                initiatorState: nil, responderState: .closing)),
        .finding(
            FindingRecord(
                flow: 1, endpoint: .responder, code: .retransmission, time: time + 20, reference: reference(2))),
        .transition(
            TransitionRecord(
                flow: 1, endpoint: .responder, from: nil, to: .closeWait, rule: nil, time: time + 40, cause: .none,
                proof: .none, certainty: .presumed, seen: false)),
        .withdrawal(
            WithdrawalRecord(
                flow: 1, endpoint: .responder, rule: .closeWaitClose, cause: reference(9), time: time + 50,
                reason: .dataAtFinNumber)),
        .transition(
            TransitionRecord(
                flow: 1, endpoint: .initiator, from: .timeWait, to: .closed, rule: .timeWaitTimeout,
                time: time + 60_000_000_000, cause: .none, proof: .none, certainty: .timer, seen: false)),
        .flow(closed),
        .finding(FindingRecord(flow: 2, endpoint: nil, code: .halfOpen, time: time + 1, reference: .none)),
        .finding(
            FindingRecord(
                flow: 2, endpoint: .initiator, code: .forgedSegment, time: time + 1, reference: reference(12))),
        .flow(unknown),
        .flow(expired),
    ]

    static var summary: Summary {
        var summary = Summary()
        var file = Summary.File(name: "a \"quoted\" name,\n with \\ and ümlaut.pcap")
        file.packets = 1_234_567
        file.first = time
        file.last = time + 1_500_000_000
        summary.files = [file, Summary.File(name: "-")]
        summary.packets = 1_234_567
        summary.segments = 1_234_560
        summary.icmpErrors = 1
        summary.skipped[Int(SkipReason.notIP.rawValue)] = 1
        summary.skipped[Int(SkipReason.notTCP.rawValue)] = 2
        summary.filtered = 3
        summary.counts.copies = 17
        summary.counts.flows = 3
        summary.counts.evictedFlowsPerKind = [0, 2, 0, 1]
        summary.counts.endpointsPerState[Int(State.closed.rawValue)] = 2
        summary.counts.endpointsPerState[Int(State.timeWait.rawValue)] = 1
        summary.counts.endpointsPerState[State.allCases.count] = 3
        summary.counts.transitionsPerRule = Rule.allCases.map { $0 == .closedActiveOpen ? 1 : $0 == .listenSyn ? 2 : 0 }
        summary.counts.flowsPerFinding[Int(FindingCode.halfOpen.rawValue)] = 1
        summary.counts.flowsPerFinding[Int(FindingCode.retransmission.rawValue)] = 1
        summary.isInterrupted = true
        return summary
    }
}
