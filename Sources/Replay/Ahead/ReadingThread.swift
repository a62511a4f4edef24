import WireFormat

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a file on a thread of its own, ahead of who takes its segments; or in the caller's thread, where that is
/// wanted or the system has no other.
///
/// While the thread runs the reader belongs to it, and to the owner before and after.
@safe
final class ReadingThread: @unchecked Sendable {
    private var reader: SegmentReader
    private let ring: BatchRing
    private var spare: SegmentBatch
    private var thread: pthread_t?

    /// How many segments a batch holds, and how many batches are on their way at most: half a megabyte, which the
    /// caches hold.
    private static let batchSize = 512
    private static let batches = 4

    init(_ reader: consuming SegmentReader, _ examination: Examination) {
        self.reader = reader
        let blank = SegmentBatch(of: Self.batchSize, examination)
        ring = BatchRing(Array(repeating: blank, count: Self.batches))
        spare = blank
    }

    /// An empty batch to take full ones for.
    func blank(_ examination: Examination) -> SegmentBatch {
        SegmentBatch(of: Self.batchSize, examination)
    }

    // MARK: The owner's side

    /// Begins to read ahead.
    func start() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let failure = unsafe pthread_create(&thread, nil, { context in
            if let context = unsafe context {
                unsafe Unmanaged<ReadingThread>.fromOpaque(context).takeRetainedValue().read()
            }
            return nil
        }, context)
        if failure == 0 {
            self.thread = thread
        } else {
            unsafe Unmanaged<ReadingThread>.fromOpaque(context).release()
        }
    }

    /// Takes the next full batch for one that is no longer needed.
    ///
    /// - Returns: whether there was one.
    func take(_ batch: inout SegmentBatch) -> Bool {
        guard thread == nil else { return ring.take(&batch) }
        guard !reader.isOver, !ring.isStopped else { return false }
        reader.fill(&batch)
        return true
    }

    /// Nothing more is to be read; what has been read is there to be taken.
    func stop() {
        ring.stop()
    }

    /// Waits for the end, and gives the reader back. Batches that were not taken are lost.
    func join(_ body: (inout SegmentReader) -> Void) {
        if let thread {
            ring.stop()
            var lost = blank(.nothing)
            while ring.take(&lost) {}
            pthread_join(thread, nil)
            self.thread = nil
        }
        body(&reader)
    }

    // MARK: The thread's side

    private func read() {
        var isWanted = true
        while isWanted, !reader.isOver {
            reader.fill(&spare)
            isWanted = ring.give(&spare)
        }
        ring.finish()
    }
}
