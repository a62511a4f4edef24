import Capture
import Flows
import WireFormat

/// A file is read and decoded on a second core, beside the stepping of its segments. The flows see the same segments in
/// the same order, so nothing that is reported depends on it.
extension ReplayRun {
    /// Reads one file to its end, to its damage, or until it is to stop.
    ///
    /// - Parameter ahead: on another thread; else the same is done on this one.
    mutating func read<Sink: RecordSink & ~Copyable>(
        whole file: consuming CaptureFile, ahead: Bool, at place: FilePlace, into sink: inout Sink,
        progress: (ReplayProgress) -> Void, shouldStop: () -> Bool
    ) throws(Sink.Failure) {
        let index = UInt16(truncatingIfNeeded: place.index)
        var reader = SegmentReader(file, index: index, tracking)
        reader.exchange(&assembler)
        let thread = ReadingThread(reader, tracking.examination)
        if ahead { thread.start() }
        defer { thread.join { $0.exchange(&assembler) } }
        var batch = thread.blank(tracking.examination)
        while thread.take(&batch) {
            try step(&batch, index, into: &sink)
            if ticker.isDue() {
                progress(
                    ReplayProgress(
                        stage: .replaying, file: place.name, index: place.index, files: place.count,
                        packets: summary.packets &+ batch.packets, fraction: batch.fraction))
            }
            if !isOver, shouldStop() {
                stop()
                thread.stop()
            }
        }
        var failure: CaptureError?
        thread.join { reader in
            summary.count(reader.tally, packets: reader.packets)
            failure = reader.failure
            if let end = reader.endTime { tracker.advance(to: end) }
        }
        try drain(into: &sink)
        if let failure { note(failure, interrupted: shouldStop()) }
    }

    private mutating func step<Sink: RecordSink & ~Copyable>(
        _ batch: inout SegmentBatch, _ index: UInt16, into sink: inout Sink
    ) throws(Sink.Failure) {
        for interface in batch.others.interfaces { noteAddresses(of: interface) }
        tracker.process(&batch.segments, count: batch.count)
        if let last = batch.others.error {
            summary.icmpErrors &+= 1
            tracker.process(
                last.error, time: last.time, reference: PacketReference(file: index, packet: last.packet))
        }
        if let loss = batch.others.loss { tracker.noteLoss(of: loss.packets, from: loss.from, to: loss.to) }
        try drain(into: &sink)
    }
}
