#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory that another thread makes ready: the system gives pages out when they are first touched, and clears them
/// then, which took a seventh of the time that a million new flows need.
///
/// Whoever takes it waits for the rest of that work, so it is never slower than to touch the pages oneself.
@safe
struct PopulatedMemory: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let thread: pthread_t?

    /// Begins to make memory ready; its contents mean nothing.
    init(octets: Int) {
        unsafe memory = LargeMemory.allocate(octets: octets)
        thread = unsafe LargeMemory.populate(memory, octets: octets)
    }

    deinit {
        if let thread { pthread_join(thread, nil) }
        unsafe memory.deallocate()
    }

    /// The memory, once it is ready; `deallocate()` gives it back.
    @unsafe
    consuming func taken() -> UnsafeMutableRawPointer {
        if let thread { pthread_join(thread, nil) }
        let memory = unsafe memory
        discard self
        return unsafe memory
    }
}

extension LargeMemory {
    /// What the thread is to do.
    @unsafe
    private struct Stretch {
        var memory: UnsafeMutableRawPointer
        var octets: Int
    }

    /// Begins to make memory ready on a thread, which is to be joined; nil where there can be none.
    @unsafe
    fileprivate static func populate(_ memory: UnsafeMutableRawPointer, octets: Int) -> pthread_t? {
        #if os(Linux)
        let stretch = UnsafeMutablePointer<Stretch>.allocate(capacity: 1)
        unsafe stretch.initialize(to: Stretch(memory: memory, octets: octets))
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, nil, { context in
            guard let stretch = unsafe context?.assumingMemoryBound(to: Stretch.self) else { return nil }
            // Since Linux 5.14; where it is not known the pages come when they are touched.
            unsafe madvise(stretch.pointee.memory, stretch.pointee.octets, LargeMemory.populateForWriting)
            unsafe stretch.deallocate()
            return nil
        }, stretch)
        if failure == 0 { return thread }
        unsafe stretch.deallocate()
        #endif
        return nil
    }

    /// MADV_POPULATE_WRITE.
    private static var populateForWriting: Int32 { 23 }
}
