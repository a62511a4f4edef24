/// What lives in the blocks of a slab.
protocol SlabContent {
    /// How many octets there are of it: a constant, so that a block is found without asking for it.
    static var octets: Int { get }
}

/// One value and nothing else.
enum SingleValue<Value>: SlabContent {
    static var octets: Int { @inline(__always) get { MemoryLayout<Value>.stride } }
}

/// Blocks of memory handed out by number; the other code in this module that handles raw memory lies beside it.
///
/// A block never moves, so growing copies nothing, and one that was given back is used again before a new one is
/// touched. What lives in a block owns nothing: giving the memory back is all the end it needs.
@safe
struct Slab<Content: SlabContent>: ~Copyable {
    private static var chunkOctets: Int { 4 << 20 }
    /// Whole cache lines, or half of one.
    private static var blockOctets: Int { Content.octets > 32 ? (Content.octets + 63) & ~63 : 32 }
    /// Blocks per chunk, as a power of two, and what remains of a number inside its chunk.
    private static var chunkBits: Int { Int.bitWidth - 1 - max(1, chunkOctets / blockOctets).leadingZeroBitCount }
    private static var placeMask: Int { 1 << chunkBits - 1 }

    /// The chunks' addresses: a table of our own, because a block is looked up many times for every segment.
    private var chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var chunkCount = 0
    private var chunkCapacity = 64
    /// The chunk that comes next is being made ready. The first one is not: small captures need no second.
    private var next: PopulatedMemory?
    private var free: [UInt32] = []
    /// A block was handed out again: their numbers do not tell any longer which one was taken first.
    private(set) var hasReused = false
    /// How many blocks were ever handed out; all numbers are below it.
    private(set) var highWater: UInt32 = 0

    init() {
        unsafe chunks = .allocate(capacity: chunkCapacity)
    }

    deinit {
        for index in 0..<chunkCount {
            unsafe chunks[index].deallocate()
        }
        unsafe chunks.deallocate()
    }

    /// A block whose contents mean nothing.
    @inline(__always)
    mutating func take() -> UInt32 {
        if let reused = free.popLast() {
            hasReused = true
            return reused
        }
        if Int(highWater) >= chunkCount &<< Self.chunkBits { addChunk() }
        let taken = highWater
        highWater += 1
        let later = Int(taken) + Self.ahead
        if later < chunkCount &<< Self.chunkBits {
            unsafe LargeMemory.prefetch(address(of: later), octets: Self.blockOctets)
        }
        return taken
    }

    /// So many blocks before its turn a block's memory is asked for: nobody has touched it yet.
    private static var ahead: Int { 4 }

    mutating func giveBack(_ block: UInt32) {
        free.append(block)
    }

    /// The first octet of a block; traps on a number that was never handed out: a defect, not an input.
    @unsafe
    subscript(block: UInt32) -> UnsafeMutableRawPointer {
        @inline(__always) get {
            precondition(block < highWater, "a block that was never handed out")
            return unsafe address(of: Int(block))
        }
    }

    @unsafe
    @inline(__always)
    private func address(of block: Int) -> UnsafeMutableRawPointer {
        unsafe chunks[block &>> Self.chunkBits] + (block & Self.placeMask) &* Self.blockOctets
    }

    /// Asks for the first octets of a block, so that they are on their way when they are needed.
    @inline(__always)
    func prefetch(_ block: UInt32, octets: Int) {
        unsafe LargeMemory.prefetch(self[block], octets: octets)
    }

    @inline(never)
    private mutating func addChunk() {
        let octets = Self.blockOctets << Self.chunkBits
        let chunk = unsafe next.take()?.taken() ?? LargeMemory.allocate(octets: octets)
        if chunkCount == chunkCapacity { growTable() }
        unsafe (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
        if chunkCount > 1 { next = PopulatedMemory(octets: octets) }
    }

    private mutating func growTable() {
        let larger = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: chunkCapacity * 2)
        unsafe larger.moveInitialize(from: chunks, count: chunkCount)
        unsafe chunks.deallocate()
        unsafe chunks = larger
        chunkCapacity *= 2
    }
}
