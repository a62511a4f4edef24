import Flows
import WireFormat

/// Reads a file on a thread of its own, ahead of who takes its segments; or in the caller's thread, where that is
/// wanted or the system has no other.
///
/// While the thread runs the reader belongs to it, and to the owner before and after.
final class ReadingThread: WorkingThread, @unchecked Sendable {
    private var reader: SegmentReader
    private let ring: HandoverRing<SegmentBatch>
    private var spare: SegmentBatch

    /// How many segments a batch holds, and how many batches are on their way at most: a little more than half a
    /// megabyte, which the caches hold.
    private static let batchSize = 512
    private static let batches = 16

    init(_ reader: consuming SegmentReader, _ examination: Examination) {
        self.reader = reader
        let blank = SegmentBatch(of: Self.batchSize, examination)
        ring = HandoverRing(Array(repeating: blank, count: Self.batches))
        spare = blank
    }

    /// An empty batch to take full ones for.
    func blank(_ examination: Examination) -> SegmentBatch {
        SegmentBatch(of: Self.batchSize, examination)
    }

    // MARK: The owner's side

    /// Takes the next full batch for one that is no longer needed.
    ///
    /// - Returns: whether there was one.
    func take(_ batch: inout SegmentBatch) -> Bool {
        guard !isRunning else { return ring.take(&batch) }
        guard !reader.isOver, !ring.isStopped else { return false }
        reader.fill(&batch, hashes: true)
        return true
    }

    /// Nothing more is to be read; what has been read is there to be taken.
    func stop() {
        ring.stop()
    }

    /// Waits for the end, and gives the reader back. Batches that were not taken are lost.
    func join(_ body: (inout SegmentReader) -> Void) {
        if isRunning {
            ring.stop()
            var lost = blank(.nothing)
            while ring.take(&lost) {}
            join()
        }
        body(&reader)
    }

    // MARK: The thread's side

    override func work() {
        var isWanted = true
        lazy var remembered = RememberedFlows()
        while isWanted, !reader.isOver {
            // Where the other thread would wait for it, all that it can do itself is left to it.
            let hasTime = ring.isAhead
            if hasTime { remembered.learn(from: spare.segments, count: spare.count) }
            reader.fill(&spare, hashes: hasTime)
            if hasTime { remembered.add(to: &spare.segments, count: spare.count) }
            isWanted = ring.give(&spare)
        }
        ring.finish()
    }
}
