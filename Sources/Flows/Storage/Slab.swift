/// Records at stable addresses, found by number; the one place in this module that handles raw memory.
///
/// Chunks never move, so growing copies nothing, and a slot that was freed is used again before a new one is
/// touched. Elements own nothing: what is still in use at the end needs no more than its memory given back.
@safe
struct Slab<Element: ~Copyable>: ~Copyable {
    private static var chunkBits: Int { 10 }
    private static var chunkSize: Int { 1 << chunkBits }

    private var chunks: [UnsafeMutablePointer<Element>] = unsafe []
    private var freeSlots: [UInt32] = []
    /// How many slots were ever handed out; numbers are below it.
    private(set) var highWater = 0

    init() {}

    deinit {
        for unsafe chunk in unsafe chunks {
            unsafe chunk.deallocate()
        }
    }

    /// Takes a slot and fills it. The number stays valid until `free`.
    mutating func allocate(_ element: consuming Element) -> UInt32 {
        let slot: UInt32
        if let reused = freeSlots.popLast() {
            slot = reused
        } else {
            if unsafe highWater >> Self.chunkBits == chunks.count {
                unsafe chunks.append(UnsafeMutablePointer<Element>.allocate(capacity: Self.chunkSize))
            }
            slot = UInt32(truncatingIfNeeded: highWater)
            highWater += 1
        }
        let (chunk, offset) = place(of: slot)
        unsafe chunks[chunk].advanced(by: offset).initialize(to: element)
        return slot
    }

    mutating func free(_ slot: UInt32) {
        let (chunk, offset) = place(of: slot)
        unsafe chunks[chunk].advanced(by: offset).deinitialize(count: 1)
        freeSlots.append(slot)
    }

    private func place(of slot: UInt32) -> (chunk: Int, offset: Int) {
        precondition(Int(slot) < highWater, "a slot that was never handed out")
        return (Int(slot) >> Self.chunkBits, Int(slot) & (Self.chunkSize - 1))
    }

    /// The record in a slot that is in use. Traps on a number that was never handed out: a defect, not an input.
    subscript(slot: UInt32) -> Element {
        unsafeAddress {
            let (chunk, offset) = place(of: slot)
            return unsafe UnsafePointer(chunks[chunk].advanced(by: offset))
        }
        unsafeMutableAddress {
            let (chunk, offset) = place(of: slot)
            return unsafe chunks[chunk].advanced(by: offset)
        }
    }
}
