/// Open addressing from a key's hash to the slot of its newest flow: beside each slot stand 32 bits of the hash, its tag.
///
/// A tag also says where it is looked for, so the index grows without a look at the flows. It knows no keys: the caller
/// compares the flow that a slot names and goes on to the next candidate if it is another. At most half of the places
/// are in use.
struct FlowIndex: ~Copyable {
    /// Four places side by side, half a cache line: they are looked at together.
    struct Group: BitwiseCopyable {
        var tags = SIMD4<UInt32>()
        /// Of the slots. Nothing stands where it is 0, the complement of a number that no flow has.
        var complements = SIMD4<UInt32>()
    }

    private static let ways = 4
    private static let empty: UInt32 = 0
    private static let deleted: UInt32 = 1

    private let groups: Ring<Group>
    /// Places that are not empty, and those of them that were deleted.
    private var used = 0
    private var removed = 0

    private var capacity: Int { groups.capacity * Self.ways }

    /// - Parameter size: how many places; a power of two.
    init(size: Int = 1 << 12) {
        groups = Ring(capacity: size / Self.ways, repeating: Group())
    }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// The group where a tag is looked for first, a number modulo their count.
    @inline(__always)
    private static func group(_ tag: UInt32) -> Int { Int(tag >> 2) }

    /// Asks for the group where a look-up begins, so that the memory is on its way when it is needed.
    @inline(__always)
    func prefetch(hash: UInt64) {
        groups.prefetch(Self.group(Self.tag(hash)))
    }

    /// The slot whose tag agrees; `Flow.noSlot` if there is none. Where several agree it may be none of theirs.
    ///
    /// Nearly all are in the group where they are looked for first. Which of its places it is would be guessed wrong
    /// too often: of what stands there the others are made zero, and the sum is taken.
    @inline(__always)
    func likely(hash: UInt64) -> UInt32 {
        let tag = Self.tag(hash)
        let first = Self.group(tag)
        let (tags, complements) = (groups[first].tags, groups[first].complements)
        let found = complements.replacing(with: 0, where: tags .!= tag).wrappedSum()
        // A group fills from its beginning: only one that is full sends others further.
        if found != 0 || complements[Self.ways - 1] == Self.empty { return ~found }
        return candidate(hash: hash, after: first &* Self.ways &+ (Self.ways - 1))?.slot ?? Flow.noSlot
    }

    /// The slots whose tag agrees, one after the other: pass `position` -1 first, then the one returned.
    @inline(__always)
    func candidate(hash: UInt64, after position: Int) -> (slot: UInt32, position: Int)? {
        let tag = Self.tag(hash)
        // Not negative, for that is what begins.
        var place = position < 0 ? Self.group(tag) &* Self.ways : position &+ 1
        while true {
            let found = self[place]
            if found.complement == Self.empty { return nil }
            if found.complement != Self.deleted, found.tag == tag { return (~found.complement, place) }
            place &+= 1
        }
    }

    /// Enters a slot.
    @inline(__always)
    mutating func insert(hash: UInt64, slot: UInt32) {
        if (used + 1) * 2 > capacity { self = grown() }
        insert(Self.tag(hash), ~slot)
    }

    @inline(__always)
    private mutating func insert(_ tag: UInt32, _ complement: UInt32) {
        var place = Self.group(tag) &* Self.ways
        while self[place].complement != Self.empty { place &+= 1 }
        self[place] = (tag, complement)
        used += 1
    }

    /// What stands at a place: a group's number and two bits for the place in it.
    private subscript(place: Int) -> (tag: UInt32, complement: UInt32) {
        @inline(__always) get {
            (groups[place >> 2].tags[place & 3], groups[place >> 2].complements[place & 3])
        }
        @inline(__always) nonmutating set {
            groups[place >> 2].tags[place & 3] = newValue.tag
            groups[place >> 2].complements[place & 3] = newValue.complement
        }
    }

    /// The same slots, with room for as many again.
    @inline(never)
    private func grown() -> FlowIndex {
        var grown = FlowIndex(size: (used - removed) * 4 > capacity ? capacity * 2 : capacity)
        for place in 0..<capacity {
            let (tag, complement) = self[place]
            if complement > Self.deleted { grown.insert(tag, complement) }
        }
        return grown
    }

    /// Puts another slot in the place of one that was found there.
    func replace(at position: Int, hash: UInt64, slot: UInt32) {
        self[position] = (Self.tag(hash), ~slot)
    }

    /// What is left agrees with no tag that is looked for there.
    mutating func remove(at position: Int) {
        self[position] = (~self[position].tag, Self.deleted)
        removed += 1
    }
}
