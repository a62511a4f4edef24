/// Open addressing from a key's hash to the slot of its newest flow: a word holds 32 bits of the hash and the slot.
///
/// Those bits also say where the word is looked for, so the index grows without a look at the flows. It knows no keys:
/// the caller compares the flow that a slot names and goes on to the next candidate if it is another. At most half of
/// the words are in use.
struct FlowIndex: ~Copyable {
    private static let empty: UInt64 = 0xFFFF_FFFF_FFFF_FFFF
    private static let deleted: UInt64 = 0xFFFF_FFFF_FFFF_FFFE

    private let words: Ring<UInt64>
    /// Words that are not empty, and those of them that were deleted.
    private var used = 0
    private var removed = 0

    /// `size` is a power of two.
    init(size: Int = 1 << 12) {
        words = Ring(capacity: size, repeating: Self.empty)
    }

    private static func word(hash: UInt64, slot: UInt32) -> UInt64 {
        (hash & 0xFFFF_FFFF_0000_0000) | UInt64(slot)
    }

    /// So many words side by side are looked at together.
    private static var ways: Int { 4 }

    /// Where a word, or one with this hash, is looked for first: where such a group begins, a number modulo the
    /// capacity.
    @inline(__always)
    private static func place(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word >> 32 & ~3) }

    /// Asks for the first word that a look-up would read, so that the memory is on its way when it is needed.
    @inline(__always)
    func prefetch(hash: UInt64) {
        words.prefetch(Self.place(hash))
    }

    /// The first slot whose hash agrees; a number that no flow has if there is none.
    ///
    /// Nearly all are in the group where they are looked for first, half a cache line. Which of its words it is would
    /// be guessed wrong too often: it is chosen without a branch.
    @inline(__always)
    func likely(hash: UInt64) -> UInt32 {
        let place = Self.place(hash)
        // None that could be found.
        var word = ~hash
        for way in 0..<Self.ways {
            let other = words[place &+ way]
            let isOther: UInt64 = (other ^ hash) >> 32 == 0 ? .max : 0
            word ^= (word ^ other) & isOther
        }
        if (word ^ hash) >> 32 == 0 { return UInt32(truncatingIfNeeded: word) }
        // A group fills from its beginning: only one that is full sends words further.
        if words[place &+ (Self.ways - 1)] == Self.empty { return Flow.noSlot }
        return candidate(hash: hash, after: place &+ (Self.ways - 1))?.slot ?? Flow.noSlot
    }

    /// The slots whose hash agrees, one after the other: pass `position` -1 first, then the one returned.
    @inline(__always)
    func candidate(hash: UInt64, after position: Int) -> (slot: UInt32, position: Int)? {
        // Not negative, for that is what begins.
        var place = position < 0 ? Self.place(hash) & (words.capacity - 1) : position &+ 1
        while true {
            let word = words[place]
            if word == Self.empty { return nil }
            if word != Self.deleted, (word ^ hash) >> 32 == 0 {
                return (UInt32(truncatingIfNeeded: word), place)
            }
            place &+= 1
        }
    }

    /// Enters a slot.
    mutating func insert(hash: UInt64, slot: UInt32) {
        if (used + 1) * 2 > words.capacity { self = grown() }
        insert(Self.word(hash: hash, slot: slot))
    }

    private mutating func insert(_ word: UInt64) {
        var place = Self.place(word)
        while words[place] != Self.empty {
            place &+= 1
        }
        words[place] = word
        used += 1
    }

    /// The same slots, with room for as many again.
    private func grown() -> FlowIndex {
        var grown = FlowIndex(size: (used - removed) * 4 > words.capacity ? words.capacity * 2 : words.capacity)
        for place in 0..<words.capacity where words[place] < Self.deleted { grown.insert(words[place]) }
        return grown
    }

    /// Puts another slot in the place of one that was found there.
    func replace(at position: Int, hash: UInt64, slot: UInt32) {
        words[position] = Self.word(hash: hash, slot: slot)
    }

    mutating func remove(at position: Int) {
        words[position] = Self.deleted
        removed += 1
    }
}
