#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

import CPrefetch

/// Memory that is visited at random: with pages of 2 MiB the way to one is short (Docs/performance.md).
enum LargeMemory {
    private static let pageOctets = 2 << 20

    /// Memory whose contents mean nothing; `deallocate()` gives it back.
    @unsafe
    static func allocate(octets: Int) -> UnsafeMutableRawPointer {
        guard octets >= pageOctets else { return .allocate(byteCount: octets, alignment: 64) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: octets, alignment: pageOctets)
        #if os(Linux)
        unsafe madvise(memory, octets, MADV_HUGEPAGE)
        #endif
        return unsafe memory
    }

    /// Asks for an element of an array; one that is not there is no harm.
    @inline(__always)
    static func prefetch<Element>(_ elements: [Element], at index: Int, octets: Int) {
        unsafe elements.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe prefetch(UnsafeRawPointer(base + index), octets: octets)
        }
    }

    /// Asks for the cache lines that begin at `address`, as many as hold so many octets.
    @unsafe
    @inline(__always)
    static func prefetch(_ address: UnsafeRawPointer, octets: Int) {
        var offset = 0
        while offset < octets {
            unsafe postel_prefetch(address + offset)
            offset &+= 64
        }
    }
}
