import Capture
import Flows
import Foundation
import TCPStateMachine
import WireFormat

/// One capture, replayed: what the tracker said of it.
struct ReplayedCapture {
    struct Connection {
        var record: FlowRecord
        var transitions: [EndpointRole: [TransitionRecord]] = [:]
        var segments: [SegmentRecord] = []
    }

    /// In the order of their first packets.
    var flows: [Connection] = []
    var findings: [FindingRecord] = []
    /// Everything, in the order in which it was settled.
    var records: [Record] = []
    /// Flows that were plain to their end.
    var plainFlows: UInt64 = 0
    /// When each TCP segment passed, seconds since the epoch.
    var packetTimes: [Double] = []

    /// Replays a capture, or a poorer one: without some packets, with every packet twice, with one sender's only.
    init(
        path: String, vantage: TrackerOptions.Vantage, dropping dropped: Set<UInt64> = [], repeating: Bool = false,
        onlyFrom sender: Socket? = nil, takingShortCuts: Bool = true,
        plainSegments: UInt32 = .max, passedSegments: Int? = nil, profile: Profile = .linux
    ) throws {
        var options = TrackerOptions()
        options.interest = [.transitions, .flows, .findings, .segments, .labels]
        options.vantage = vantage
        options.takesShortCuts = takingShortCuts
        options.plainSegments = plainSegments
        if let passedSegments { options.passedSegments = passedSegments }
        options.initiatorProfile = profile
        options.responderProfile = profile
        var tracker = FlowTracker(options: options)
        var file = try CaptureFile(path: path)
        let decoder = FrameDecoder(dataLinkType: file.dataLinkType)
        let none = Segment(sequenceNumber: SequenceNumber(0), controlBits: [])
        let nowhere = Address(ipv4: 0)
        var captured = CapturedSegment(
            segment: none,
            pair: SocketPair(source: nowhere, destination: nowhere, sourcePort: 0, destinationPort: 0, family: .ipv4))
        captured.examination = options.examination
        var assembler = FragmentAssembler()
        while try file.advance() {
            let frame = file.frame
            if dropped.contains(frame.packet) { continue }
            captured.time = frame.time
            captured.packet = frame.packet
            let outcome = file.withBytes { bytes in
                let outcome = decoder.decode(bytes, originalLength: frame.originalLength, into: &captured)
                guard case .fragment(let fragment) = outcome else { return outcome }
                return assembler.take(fragment, of: bytes, into: &captured, time: frame.time) ?? outcome
            }
            switch outcome {
            case .segment:
                let source = Socket(address: captured.pair.source, port: captured.pair.sourcePort)
                if let sender, source != sender { continue }
                packetTimes.append(Double(frame.time) / 1e9)
                tracker.process([captured], count: 1)
                if repeating { tracker.process([captured], count: 1) }
            case .icmpError(let error):
                tracker.process(error, time: frame.time, reference: PacketReference(file: 0, packet: frame.packet))
            case .fragment, .skipped:
                break
            }
        }
        tracker.finish()
        records = tracker.records
        plainFlows = tracker.plainFlows
        collect(tracker.records)
    }

    private mutating func collect(_ records: [Record]) {
        var transitions: [UInt64: [EndpointRole: [TransitionRecord]]] = [:]
        var segments: [UInt64: [SegmentRecord]] = [:]
        for record in records {
            switch record {
            case .transition(let transition):
                transitions[transition.flow, default: [:]][transition.endpoint, default: []].append(transition)
            case .flow(let flow):
                flows.append(
                    Connection(
                        record: flow, transitions: transitions[flow.flow] ?? [:], segments: segments[flow.flow] ?? []))
            case .finding(let finding): findings.append(finding)
            case .segment(let segment): segments[segment.flow, default: []].append(segment)
            case .withdrawal, .connection: break
            }
        }
        flows.sort { $0.record.flow < $1.record.flow }
    }

    /// The flows between two sockets, oldest first, and the role that the first of them has in each.
    func flows(between a: Socket, and b: Socket) -> [(flow: Connection, roleOfA: EndpointRole)] {
        flows.compactMap { flow in
            let pair = flow.record.pair
            let source = Socket(address: pair.source, port: pair.sourcePort)
            let destination = Socket(address: pair.destination, port: pair.destinationPort)
            if source == a, destination == b { return (flow, .initiator) }
            if source == b, destination == a { return (flow, .responder) }
            return nil
        }
    }
}

struct Socket: Hashable {
    var address: Address
    var port: UInt16

    init(address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// From the two values of a truth file: an address as text, a port.
    init?(_ values: [Any]) {
        guard values.count >= 2, let text = values[0] as? String, let port = values[1] as? Int,
            let address = Address(text)
        else { return nil }
        self.init(address: address, port: UInt16(truncatingIfNeeded: port))
    }
}

extension ReplayedCapture.Connection {
    /// The sequence of states of one end, from the first that is known.
    func sequence(_ role: EndpointRole, provenOnly: Bool = false) -> [State] {
        let steps = (transitions[role] ?? []).filter { !provenOnly || $0.certainty == .proven }
        guard let first = steps.first else { return [] }
        return (first.from.map { [$0] } ?? []) + steps.map(\.to)
    }

    /// The state claimed at a time (seconds), or nil if nothing was claimed yet.
    func state(_ role: EndpointRole, at time: Double) -> TransitionRecord? {
        (transitions[role] ?? []).last { Double($0.time) / 1e9 <= time }
    }
}

/// Is `part` what remains of `whole` when some states are left out?
func isSubsequence(_ part: [State], of whole: [State]) -> Bool {
    var rest = whole[...]
    for state in part {
        guard let index = rest.firstIndex(of: state) else { return false }
        rest = rest[(index + 1)...]
    }
    return true
}
