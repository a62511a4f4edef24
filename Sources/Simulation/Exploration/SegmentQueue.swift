/// The segments under way in one direction: up to eight, each by its number in the table of segments.
///
/// Eight lanes of 16 bits, the oldest segment in the lowest; a lane holds the number plus one, and 0 if it is free.
struct SegmentQueue: Hashable, Sendable, BitwiseCopyable {
    static let capacity = 8
    private var lanes: UInt128 = 0

    var isEmpty: Bool { lanes == 0 }

    var count: Int { (UInt128.bitWidth &- lanes.leadingZeroBitCount &+ 15) / 16 }

    /// The number in `lane`, which must be below `count`.
    subscript(lane: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: lanes >> UInt128(16 &* lane)) &- 1
    }

    /// Appends a number; returns false if there is no room.
    mutating func append(_ number: UInt16) -> Bool {
        insert(number, at: count)
    }

    /// Puts a number where the order of numbers wants it, so that two multisets are equal if their queues are.
    mutating func insertSorted(_ number: UInt16) -> Bool {
        var lane = 0
        while lane < count, self[lane] < number { lane += 1 }
        return insert(number, at: lane)
    }

    mutating func remove(at lane: Int) {
        let shift = UInt128(16 &* lane)
        let below = lanes & ((1 << shift) &- 1)
        lanes = below | (lanes >> (shift &+ 16)) << shift
    }

    private mutating func insert(_ number: UInt16, at lane: Int) -> Bool {
        guard count < Self.capacity else { return false }
        let shift = UInt128(16 &* lane)
        let below = lanes & ((1 << shift) &- 1)
        lanes = below | UInt128(number &+ 1) << shift | (lanes >> shift) << (shift &+ 16)
        return true
    }
}
