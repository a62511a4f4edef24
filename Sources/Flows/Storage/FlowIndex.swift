/// Open addressing from a key's hash to the slot of its newest flow: a word holds 32 bits of the hash and the slot.
///
/// The index knows no keys: the caller compares the flow that a slot names and goes on to the next candidate if
/// it is another. At most half of the words are in use.
struct FlowIndex: ~Copyable {
    private static let empty: UInt64 = 0xFFFF_FFFF_FFFF_FFFF
    private static let deleted: UInt64 = 0xFFFF_FFFF_FFFF_FFFE

    private let words: Ring<UInt64>
    private var used = 0

    /// `size` is a power of two.
    init(size: Int = 1 << 12) {
        words = Ring(capacity: size, repeating: Self.empty)
    }

    private static func word(hash: UInt64, slot: UInt32) -> UInt64 {
        (hash & 0xFFFF_FFFF_0000_0000) | UInt64(slot)
    }

    /// Asks for the first word that a look-up would read, so that the memory is on its way when it is needed.
    @inline(__always)
    func prefetch(hash: UInt64) {
        words.prefetch(Int(truncatingIfNeeded: hash))
    }

    /// The slots whose hash agrees, one after the other: pass `position` -1 first, then the one returned.
    @inline(__always)
    func candidate(hash: UInt64, after position: Int) -> (slot: UInt32, position: Int)? {
        // Not negative, for that is what begins.
        var place = position < 0 ? Int(truncatingIfNeeded: hash) & (words.capacity - 1) : position &+ 1
        while true {
            let word = words[place]
            if word == Self.empty { return nil }
            if word != Self.deleted, (word ^ hash) >> 32 == 0 {
                return (UInt32(truncatingIfNeeded: word), place)
            }
            place &+= 1
        }
    }

    /// Half of the words are in use: the owner fills an emptied index anew before it enters more.
    var isFull: Bool { (used + 1) * 2 > words.capacity }

    /// An empty index with room for what is alive and as much again.
    func emptied() -> FlowIndex {
        var alive = 0
        for place in 0..<words.capacity where words[place] < Self.deleted { alive += 1 }
        return FlowIndex(size: alive * 4 > words.capacity ? words.capacity * 2 : words.capacity)
    }

    /// Enters a slot; there must be room.
    mutating func insert(hash: UInt64, slot: UInt32) {
        var place = Int(truncatingIfNeeded: hash)
        while words[place] != Self.empty {
            place &+= 1
        }
        words[place] = Self.word(hash: hash, slot: slot)
        used += 1
    }

    /// Puts another slot in the place of one that was found there.
    func replace(at position: Int, hash: UInt64, slot: UInt32) {
        words[position] = Self.word(hash: hash, slot: slot)
    }

    func remove(at position: Int) {
        words[position] = Self.deleted
    }
}
