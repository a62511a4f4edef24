/// Open addressing from a key's hash to the slot of its newest flow: beside each slot stands the hash, its tag.
///
/// A tag also says where it is looked for, so the index grows without a look at the flows. It knows no keys: the caller
/// compares the flow that a slot names and goes on to the next candidate if it is another. At most five eighths of the
/// places are in use.
struct FlowIndex: ~Copyable {
    /// Four places side by side.
    struct Places: BitwiseCopyable {
        var tags = SIMD4<UInt32>()
        /// Of the slots. Nothing stands where it is 0, the complement of a number that no flow has.
        var complements = SIMD4<UInt32>()

        /// The complements beside this tag; 0 beside others.
        @inline(__always)
        func complements(of tag: UInt32) -> SIMD4<UInt32> { complements.replacing(with: 0, where: tags .!= tag) }

        /// 1 where something stands.
        var used: SIMD4<UInt32> {
            @inline(__always) get {
                SIMD4<UInt32>(repeating: 0).replacing(with: 1, where: complements .!= FlowIndex.empty)
            }
        }
    }

    /// A group is a cache line, eight places that are looked at together. They fill from the first one on.
    private static let ways = 8
    private static let halves = 2
    private static let empty: UInt32 = 0
    private static let deleted: UInt32 = 1

    private let places: Ring<Places>
    /// Places that are not empty, and those of them that were deleted.
    private var used = 0
    private var removed = 0

    private var capacity: Int { places.capacity * Self.ways / Self.halves }

    /// - Parameter size: how many places; a power of two.
    init(size: Int = 1 << 12) {
        places = Ring(capacity: size * Self.halves / Self.ways, repeating: Places())
    }

    /// The group where a hash is looked for first, a number modulo their count.
    @inline(__always)
    private static func group(_ hash: UInt32) -> Int { Int(hash) }

    @inline(__always)
    private func firstHalf(_ group: Int) -> Places { places[group &* Self.halves] }
    @inline(__always)
    private func secondHalf(_ group: Int) -> Places { places[group &* Self.halves &+ 1] }
    @inline(__always)
    private func isFull(_ group: Int) -> Bool { secondHalf(group).complements[3] != Self.empty }

    /// How many places of a group are in use.
    @inline(__always)
    private func count(_ group: Int) -> Int {
        Int((firstHalf(group).used &+ secondHalf(group).used).wrappedSum())
    }

    /// Asks for the group where a look-up begins, so that the memory is on its way when it is needed.
    @inline(__always)
    func prefetch(hash: UInt32) {
        places.prefetch(Self.group(hash) &* Self.halves)
    }

    /// The slot whose tag agrees, where it is looked for first; `Flow.noSlot` if there is none. Where several agree it
    /// may be none of theirs, and one in a hundred stands further on, because the group is full.
    ///
    /// Which of the places it is, if any, would be guessed wrong too often: of what stands there the others are made
    /// zero, and the sum is taken.
    @inline(__always)
    func likely(hash: UInt32) -> UInt32 {
        let group = Self.group(hash)
        let found = firstHalf(group).complements(of: hash) &+ secondHalf(group).complements(of: hash)
        return ~found.wrappedSum()
    }

    /// No tag agrees.
    @inline(__always)
    func holdsNone(hash: UInt32) -> Bool {
        guard likely(hash: hash) == Flow.noSlot else { return false }
        return !isFull(Self.group(hash)) || candidate(hash: hash, after: -1) == nil
    }

    /// The slots whose tag agrees, one after the other: pass `position` -1 first, then the one returned.
    @inline(__always)
    func candidate(hash: UInt32, after position: Int) -> (slot: UInt32, position: Int)? {
        // Not negative, for that is what begins.
        var place = position < 0 ? Self.group(hash) &* Self.ways : position &+ 1
        while true {
            let found = self[place]
            if found.complement == Self.empty { return nil }
            if found.complement != Self.deleted, found.tag == hash { return (~found.complement, place) }
            place &+= 1
        }
    }

    /// Enters a slot.
    @inline(__always)
    mutating func insert(hash: UInt32, slot: UInt32) {
        if (used + 1) * 8 > capacity * 5 { self = grown() }
        insert(hash, ~slot)
    }

    @inline(__always)
    private mutating func insert(_ tag: UInt32, _ complement: UInt32) {
        var group = Self.group(tag)
        while isFull(group) { group &+= 1 }
        self[group &* Self.ways &+ count(group)] = (tag, complement)
        used += 1
    }

    /// What stands at a place: a group's number and three bits for the place in it.
    private subscript(place: Int) -> (tag: UInt32, complement: UInt32) {
        @inline(__always) get {
            (places[place >> 2].tags[place & 3], places[place >> 2].complements[place & 3])
        }
        @inline(__always) nonmutating set {
            places[place >> 2].tags[place & 3] = newValue.tag
            places[place >> 2].complements[place & 3] = newValue.complement
        }
    }

    /// With so many places it fills large pages: before it grows by two bits, then by one.
    private static let large = (2 << 20) / 8

    /// The same slots, with room for more.
    @inline(never)
    private func grown() -> FlowIndex {
        let larger = capacity * (capacity * 4 <= Self.large ? 4 : 2)
        var grown = FlowIndex(size: (used - removed) * 4 > capacity ? larger : capacity)
        for group in 0..<capacity / Self.ways {
            for place in 0..<count(group) {
                let (tag, complement) = self[group * Self.ways + place]
                if complement != Self.deleted { grown.insert(tag, complement) }
            }
        }
        return grown
    }

    /// Puts another slot in the place of one that was found there.
    func replace(at position: Int, hash: UInt32, slot: UInt32) {
        self[position] = (hash, ~slot)
    }

    /// What is left agrees with no tag that is looked for there.
    mutating func remove(at position: Int) {
        self[position] = (~self[position].tag, Self.deleted)
        removed += 1
    }
}
