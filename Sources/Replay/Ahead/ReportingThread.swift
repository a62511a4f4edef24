import Flows

/// Lets a sink take records on a thread of its own, beside the stepping: to make text of them is as much work.
///
/// Where it does not come along, and the records' text depends on nothing else, who gives them makes the text himself
/// instead of waiting.
///
/// The sink belongs to the thread until it has been waited for.
@safe
final class ReportingThread<Sink: RecordSink & ~Copyable>: WorkingThread, @unchecked Sendable {
    /// Records, or the text that was made of them.
    private struct Batch {
        var records: [Record] = []
        var text: [UInt8] = []
    }

    private let sink: UnsafeMutablePointer<Sink>
    private let ring: HandoverRing<Batch>
    /// The owner's.
    private let renderer: RecordRenderer?
    private var spare = Batch()
    /// Why the sink takes no more.
    private var failure: Sink.Failure?

    /// How many batches of records wait at most; one holds the records of a batch of segments, or more.
    private static var batches: Int { 8 }

    /// - Parameter sink: lives until the thread has been waited for.
    @unsafe
    init(_ sink: UnsafeMutablePointer<Sink>) {
        unsafe self.sink = unsafe sink
        renderer = unsafe sink.pointee.renderer
        ring = HandoverRing(Array(repeating: Batch(), count: Self.batches))
    }

    // MARK: The owner's side

    /// Gives records, and gets an empty array for them.
    func give(_ records: inout [Record]) throws(Sink.Failure) {
        guard isRunning else { return try unsafe sink.pointee.take(&records) }
        if let renderer, ring.isFull {
            spare.text = renderer(records)
            records.removeAll(keepingCapacity: true)
        } else {
            swap(&spare.records, &records)
        }
        guard ring.give(&spare) else { return try finish() }
    }

    /// Waits until everything has been taken.
    ///
    /// - Throws: what the sink threw, once.
    func finish() throws(Sink.Failure) {
        ring.finish()
        join()
        if let failure = failure.take() { throw failure }
    }

    // MARK: The thread's side

    override func work() {
        var batch = Batch()
        while ring.take(&batch) {
            if failure == nil {
                do throws(Sink.Failure) {
                    try take(batch)
                } catch {
                    failure = error
                    ring.stop()
                }
            }
            batch.records.removeAll(keepingCapacity: true)
            batch.text = []
        }
    }

    private func take(_ batch: borrowing Batch) throws(Sink.Failure) {
        if !batch.records.isEmpty { try unsafe sink.pointee.receive(batch.records) }
        if !batch.text.isEmpty { try unsafe sink.pointee.receive(text: batch.text) }
    }
}

/// Hands records on to the thread of another sink.
struct HandingSink<Sink: RecordSink & ~Copyable>: RecordSink {
    let thread: ReportingThread<Sink>

    /// To hand over a few is as dear as to hand over many.
    var patience: Int { 512 }

    mutating func receive(_ records: borrowing [Record]) throws(Sink.Failure) {
        var copied = copy records
        try take(&copied)
    }

    mutating func take(_ records: inout [Record]) throws(Sink.Failure) {
        try thread.give(&records)
    }
}
