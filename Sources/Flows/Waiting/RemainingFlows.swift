/// The flows that are left when the capture has ended, in the order of their numbers.
enum RemainingFlows {
    /// In the order of their slots, as long as none was used twice: there is one at `next`, unless that is the end.
    case bySlot(next: UInt32, end: UInt32)
    /// The next one last.
    case listed([(number: UInt64, slot: UInt32)])

    init(_ flows: borrowing FlowStore, alive: Int) {
        if flows.areInOrder {
            self = .bySlot(next: Self.first(in: flows, from: 0), end: flows.highWater)
            return
        }
        var list: [(number: UInt64, slot: UInt32)] = []
        list.reserveCapacity(alive)
        // They are mostly in order all the same.
        for slot in (0..<flows.highWater).reversed() where !flows[slot].isGone {
            list.append((flows[slot].number, slot))
        }
        list.sort { $0.number > $1.number }
        self = .listed(list)
    }

    var isEmpty: Bool {
        switch self {
        case .bySlot(let next, let end): next == end
        case .listed(let list): list.isEmpty
        }
    }

    /// Takes the next one, and asks for the memory of one whose turn comes soon.
    ///
    /// - Returns: its slot, or nil if there is none. Inlined, or the store is copied to be asked.
    @inline(__always)
    mutating func removeFirst(_ flows: borrowing FlowStore) -> UInt32? {
        let ahead = 8
        switch self {
        case .bySlot(let next, let end):
            guard next < end else { return nil }
            flows.prefetch(min(next &+ UInt32(ahead), end - 1))
            self = .bySlot(next: Self.first(in: flows, from: next + 1), end: end)
            return next
        case .listed(var list):
            // The list is to have one owner.
            self = .listed([])
            let slot = list.popLast()?.slot
            if list.count >= ahead { flows.prefetch(list[list.count - ahead].slot) }
            self = .listed(list)
            return slot
        }
    }

    /// The first slot from there on whose flow is in memory, or the end.
    @inline(__always)
    private static func first(in flows: borrowing FlowStore, from slot: UInt32) -> UInt32 {
        var slot = slot
        while slot < flows.highWater, flows[slot].isGone { slot += 1 }
        return slot
    }
}
