import Flows
import WireFormat

/// The first pass of carving: learns from the records which flows are selected, and which packets found their flow only
/// after others had passed.
///
/// So do the fragments of a segment: the last one tells whose they are.
/// A SYN on ports that are in use waits for its answer (inference notes 1.6) and opens a flow then. The second pass
/// writes packets in the order in which they were read and cannot wait; so it is told of these beforehand.
struct CarvePlanner {
    private let selects: (FlowRecord) -> Bool
    private(set) var flows = FlowSet()
    /// Packets that found a selected flow late.
    private(set) var latePackets: Set<PacketReference> = []
    /// Those of flows that are not reported yet.
    private var late: [UInt64: [PacketReference]] = [:]
    private var newest = PacketReference.none
    private var trail = FragmentTrail()
    /// The other fragments of segments that have not been stepped yet, by the one that completed each.
    private var partners: [PacketReference: [PacketReference]] = [:]

    init(selects: @escaping (FlowRecord) -> Bool) {
        self.selects = selects
    }

    /// A fragment has been read.
    mutating func note(_ identity: FragmentIdentity, at reference: PacketReference) {
        trail.add(reference, to: identity)
    }

    /// The fragment completed a segment, or an ICMP error.
    mutating func complete(_ identity: FragmentIdentity, at reference: PacketReference) {
        partners[reference] = trail.take(identity)
    }

    /// An ICMP error was about a flow.
    mutating func noteError(at reference: PacketReference, about flow: UInt64?) {
        guard let fragments = partners.removeValue(forKey: reference), let flow else { return }
        late[flow, default: []] += fragments
    }

    mutating func look(at records: [Record]) {
        for record in records {
            switch record {
            case .segment(let segment):
                if let fragments = partners.removeValue(forKey: segment.reference) {
                    late[segment.flow, default: []] += fragments
                }
                if segment.reference.isBefore(newest) {
                    late[segment.flow, default: []].append(segment.reference)
                } else {
                    newest = segment.reference
                }
            case .flow(let flow):
                let packets = late.removeValue(forKey: flow.flow) ?? []
                guard selects(flow) else { continue }
                flows.insert(flow.flow)
                latePackets.formUnion(packets)
            case .transition, .withdrawal, .finding, .connection:
                continue
            }
        }
    }
}

extension PacketReference {
    /// It was read earlier.
    func isBefore(_ other: PacketReference) -> Bool {
        (file, packet) < (other.file, other.packet)
    }
}
