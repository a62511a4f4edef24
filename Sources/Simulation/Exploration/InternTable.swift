/// Values that are stored once and known by a number: their place in the order in which they came.
///
/// The values lie in chunks, so that growing copies nothing; an open-addressed index of 32 bits of hash and 32 bits of
/// number finds them. Numbers depend on the order of insertion alone, never on the hash, which has another seed in
/// every process.
struct InternTable<Element: Hashable & BitwiseCopyable> {
    private var values = ChunkedArray<Element>()
    /// The upper half: the hash. The lower half: the number plus one. 0: free.
    private var slots = [UInt64](repeating: 0, count: 1024)

    var count: Int { values.count }

    subscript(number: Int) -> Element { values[number] }

    /// The number of `element`, which is stored if it is new and there is room for it below `limit`; nil if there is
    /// none.
    mutating func insert(_ element: Element, limit: Int = Int(UInt32.max) - 1) -> (number: Int, isNew: Bool)? {
        if count &* 2 >= slots.count { grow() }
        let hash = UInt64(truncatingIfNeeded: element.hashValue)
        let mask = slots.count &- 1
        var position = Int(truncatingIfNeeded: hash >> 32) & mask
        let tag = hash << 32
        while slots[position] != 0 {
            let slot = slots[position]
            if slot & 0xFFFF_FFFF_0000_0000 == tag {
                let number = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
                if values[number] == element { return (number, false) }
            }
            position = (position &+ 1) & mask
        }
        guard count < limit else { return nil }
        values.append(element)
        slots[position] = tag | UInt64(values.count)
        return (values.count &- 1, true)
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = larger.count &- 1
        for number in 0..<values.count {
            let hash = UInt64(truncatingIfNeeded: values[number].hashValue)
            var position = Int(truncatingIfNeeded: hash >> 32) & mask
            while larger[position] != 0 { position = (position &+ 1) & mask }
            larger[position] = hash << 32 | UInt64(number &+ 1)
        }
        slots = larger
    }
}

/// An array that only grows, in chunks: nothing is copied, and no more than one chunk lies idle.
struct ChunkedArray<Element: BitwiseCopyable> {
    private static var shift: Int { 12 }
    private var chunks: [[Element]] = []
    private(set) var count = 0

    subscript(position: Int) -> Element {
        get { chunks[position >> Self.shift][position & (1 << Self.shift - 1)] }
        set { chunks[position >> Self.shift][position & (1 << Self.shift - 1)] = newValue }
    }

    mutating func append(_ element: Element) {
        if count & (1 << Self.shift - 1) == 0 {
            var chunk: [Element] = []
            chunk.reserveCapacity(1 << Self.shift)
            chunks.append(chunk)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }
}
