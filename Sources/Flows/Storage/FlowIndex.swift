/// Open addressing from a key's hash to the slot of its newest flow: a word holds 32 bits of the hash and the slot.
///
/// The index knows no keys: the caller compares the flow that a slot names and goes on to the next candidate if
/// it is another. At most half of the words are in use.
struct FlowIndex {
    private static let empty: UInt64 = 0xFFFF_FFFF_FFFF_FFFF
    private static let deleted: UInt64 = 0xFFFF_FFFF_FFFF_FFFE

    private var words: [UInt64]
    private var mask: Int
    private var used = 0

    /// `size` is a power of two.
    init(size: Int = 1 << 12) {
        words = Array(repeating: Self.empty, count: size)
        mask = size - 1
    }

    private static func word(hash: UInt64, slot: UInt32) -> UInt64 {
        (hash & 0xFFFF_FFFF_0000_0000) | UInt64(slot)
    }

    /// Reads the first word that a look-up would read, so that the memory is on its way when it is needed.
    func touch(hash: UInt64) -> UInt64 {
        words[Int(truncatingIfNeeded: hash) & mask]
    }

    /// The slots whose hash agrees, one after the other: pass `position` -1 first, then the one returned.
    func candidate(hash: UInt64, after position: Int) -> (slot: UInt32, position: Int)? {
        var place = (position < 0 ? Int(truncatingIfNeeded: hash) : position + 1) & mask
        while true {
            let word = words[place]
            if word == Self.empty { return nil }
            if word != Self.deleted, (word ^ hash) >> 32 == 0 {
                return (UInt32(truncatingIfNeeded: word), place)
            }
            place = (place + 1) & mask
        }
    }

    /// Half of the words are in use: the owner fills an emptied index anew before it enters more.
    var isFull: Bool { (used + 1) * 2 > words.count }

    /// An empty index with room for what is alive and as much again.
    func emptied() -> FlowIndex {
        let alive = words.count { $0 < Self.deleted }
        return FlowIndex(size: alive * 4 > words.count ? words.count * 2 : words.count)
    }

    /// Enters a slot; there must be room.
    mutating func insert(hash: UInt64, slot: UInt32) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while words[place] != Self.empty {
            place = (place + 1) & mask
        }
        words[place] = Self.word(hash: hash, slot: slot)
        used += 1
    }

    /// Puts another slot in the place of one that was found there.
    mutating func replace(at position: Int, hash: UInt64, slot: UInt32) {
        words[position] = Self.word(hash: hash, slot: slot)
    }

    mutating func remove(at position: Int) {
        words[position] = Self.deleted
    }
}
