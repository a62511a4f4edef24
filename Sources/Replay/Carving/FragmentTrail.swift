import Flows
import WireFormat

/// Which packets of the capture were fragments of one IP packet: those before the last one, which completed it.
///
/// Fragments in fragments, a packet of a tunnel that was cut before and after it entered, are known by the outer cut
/// only.
struct FragmentTrail {
    private var trails: [FragmentIdentity: [PacketReference]] = [:]
    /// In the order of their first fragments; those that are complete are passed over.
    private var queue: [FragmentIdentity] = []

    /// As many packets as `FragmentAssembler` lets wait, and of each as many fragments as nobody sends.
    private static let mostPackets = 4096
    private static let mostFragments = 1024

    /// A fragment has been read.
    mutating func add(_ reference: PacketReference, to identity: FragmentIdentity) {
        if trails[identity] == nil {
            if queue.count >= FragmentTrail.mostPackets { forgetOldest() }
            queue.append(identity)
        }
        guard trails[identity, default: []].count < FragmentTrail.mostFragments else { return }
        trails[identity, default: []].append(reference)
    }

    /// The packet is complete: its fragments.
    mutating func take(_ identity: FragmentIdentity) -> [PacketReference] {
        trails.removeValue(forKey: identity) ?? []
    }

    private mutating func forgetOldest() {
        let half = queue.count / 2
        for identity in queue[..<half] { trails[identity] = nil }
        queue.removeFirst(half)
    }
}
