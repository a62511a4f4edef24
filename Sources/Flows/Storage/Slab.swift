/// Chunks of memory whose places are handed out by number; with `Row` the only code in this module that handles raw memory.
///
/// Chunks never move, so growing copies nothing. A place holds `width` elements side by side.
@safe
struct Slab<Element: ~Copyable>: ~Copyable {
    private static var chunkBits: Int { 10 }
    private static var chunkSize: Int { 1 << chunkBits }

    private let width: Int
    private var chunks: [UnsafeMutablePointer<Element>] = unsafe []

    init(width: Int) {
        self.width = width
    }

    deinit {
        for unsafe chunk in unsafe chunks {
            unsafe chunk.deallocate()
        }
    }

    /// The first element of a place, uninitialized when it is asked for the first time. Places are asked for in order.
    @unsafe
    mutating func reserve(_ slot: UInt32) -> UnsafeMutablePointer<Element> {
        while unsafe chunks.count <= Int(slot) >> Self.chunkBits {
            unsafe chunks.append(UnsafeMutablePointer<Element>.allocate(capacity: Self.chunkSize * width))
        }
        return unsafe self[slot]
    }

    /// The first element of a place that was reserved; traps on any other number: a defect, not an input.
    @unsafe
    subscript(slot: UInt32) -> UnsafeMutablePointer<Element> {
        unsafe chunks[Int(slot) >> Self.chunkBits] + (Int(slot) & (Self.chunkSize - 1)) * width
    }
}

/// Numbers of places: one that was freed is used again before a new one.
struct SlotNumbers {
    private var free: [UInt32] = []
    /// How many numbers were ever handed out; all are below it.
    private(set) var highWater: UInt32 = 0

    mutating func take() -> UInt32 {
        if let reused = free.popLast() { return reused }
        defer { highWater += 1 }
        return highWater
    }

    mutating func giveBack(_ slot: UInt32) {
        free.append(slot)
    }
}
