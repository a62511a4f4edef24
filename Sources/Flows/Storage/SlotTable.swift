/// What is kept of each flow outside of its block, by its slot.
///
/// Like the blocks it never moves and lies in large pages; an array would be copied whenever it grows, and ask before
/// every writing whether it is the only owner.
struct SlotTable<Element: BitwiseCopyable>: ~Copyable {
    private var slab = Slab<SingleValue<Element>>()

    init() {}

    /// Enters what there is of a flow in a slot. Slots are handed out in order, and again.
    mutating func enter(_ element: Element, at slot: UInt32) {
        while slab.highWater <= slot { _ = slab.take() }
        unsafe slab[slot].bindMemory(to: Element.self, capacity: 1).initialize(to: element)
    }

    /// What was entered, in place.
    subscript(slot: UInt32) -> Element {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(address(slot)) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe address(slot) }
    }

    @unsafe
    @inline(__always)
    private func address(_ slot: UInt32) -> UnsafeMutablePointer<Element> {
        unsafe slab[slot].assumingMemoryBound(to: Element.self)
    }

    /// All that was entered has a slot below it.
    var highWater: UInt32 { slab.highWater }

    /// Asks for what will be needed soon; a slot of which nothing was entered is passed over.
    @inline(__always)
    func prefetch(_ slot: UInt32) {
        if slot < slab.highWater { slab.prefetch(slot, octets: MemoryLayout<Element>.stride) }
    }
}
