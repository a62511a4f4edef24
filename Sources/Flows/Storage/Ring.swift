/// Elements at places that come round again: a place is a number modulo the capacity, so every number has one.
///
/// Memory of its own, as a store has; an array would ask before every writing whether it is the only owner.
@safe
struct Ring<Element: BitwiseCopyable>: ~Copyable {
    private let elements: UnsafeMutablePointer<Element>
    private let mask: Int

    /// - Parameters:
    ///   - capacity: a power of two.
    ///   - element: what stands everywhere at first; nil: what stands there means nothing until it is written.
    init(capacity: Int, repeating element: Element?) {
        let octets = capacity * MemoryLayout<Element>.stride
        unsafe elements = LargeMemory.allocate(octets: octets).bindMemory(to: Element.self, capacity: capacity)
        if let element { unsafe elements.initialize(repeating: element, count: capacity) }
        mask = capacity - 1
    }

    deinit {
        unsafe elements.deallocate()
    }

    var capacity: Int { mask + 1 }

    subscript(place: Int) -> Element {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(elements + (place & mask)) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe elements + (place & mask) }
    }

    /// The elements of the first places.
    func first(_ count: Int) -> [Element] {
        var elements: [Element] = []
        for place in 0..<min(count, capacity) { elements.append(self[place]) }
        return elements
    }

    /// Asks for the memory of an element that will be needed soon.
    @inline(__always)
    func prefetch(_ place: Int) {
        unsafe LargeMemory.prefetch(elements + (place & mask), octets: 1)
    }
}
