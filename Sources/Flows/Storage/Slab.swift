#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Blocks of memory handed out by number; with `Row` and the stores the only code in this module that handles raw memory.
///
/// A block never moves, so growing copies nothing, and one that was given back is used again before a new one is
/// touched. What lives in a block owns nothing: giving the memory back is all the end it needs.
@safe
struct Slab: ~Copyable {
    private static var chunkOctets: Int { 4 << 20 }
    private static var hugePageOctets: Int { 2 << 20 }

    private let blockOctets: Int
    private let blocksPerChunk: Int
    private var chunks: [UnsafeMutableRawPointer] = unsafe []
    private var free: [UInt32] = []
    /// How many blocks were ever handed out; all numbers are below it.
    private(set) var highWater: UInt32 = 0

    /// - Parameter blockOctets: rounded up to whole cache lines.
    init(blockOctets: Int) {
        self.blockOctets = (blockOctets + 63) & ~63
        blocksPerChunk = Self.chunkOctets / self.blockOctets
    }

    deinit {
        for unsafe chunk in unsafe chunks {
            unsafe chunk.deallocate()
        }
    }

    /// A block whose contents mean nothing.
    mutating func take() -> UInt32 {
        if let reused = free.popLast() { return reused }
        if unsafe Int(highWater) >= chunks.count * blocksPerChunk { addChunk() }
        defer { highWater += 1 }
        return highWater
    }

    mutating func giveBack(_ block: UInt32) {
        free.append(block)
    }

    /// The first octet of a block; traps on a number that was never handed out: a defect, not an input.
    @unsafe
    subscript(block: UInt32) -> UnsafeMutableRawPointer {
        let (chunk, place) = Int(block).quotientAndRemainder(dividingBy: blocksPerChunk)
        return unsafe chunks[chunk] + place * blockOctets
    }

    private mutating func addChunk() {
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: Self.chunkOctets, alignment: Self.hugePageOctets)
        #if os(Linux)
        // Flows are visited at random: with large pages the way to one is short (Docs/performance.md).
        unsafe madvise(chunk, Self.chunkOctets, MADV_HUGEPAGE)
        #endif
        unsafe chunks.append(chunk)
    }
}
