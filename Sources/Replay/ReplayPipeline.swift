public import Capture
public import Flows
import WireFormat

/// From capture files to records: reads packets, decodes them, steps the flow table in batches of 64, and hands on what
/// is settled.
///
///     var sink = MySink()
///     let outcome = try ReplayPipeline(paths: ["a.pcap"]).run(into: &sink)
///     print(outcome.summary.segments)
public struct ReplayPipeline: Sendable {
    /// The files to read; `-` is standard input. They are read in the order of their first packets.
    public var paths: [String]
    /// A filter in libpcap's language; packets that it does not match are counted and not looked at.
    public var filter: String?
    /// What the tracker is to know and to tell.
    public var tracking: TrackerOptions
    /// Files are read and decoded on a thread of their own; off only to prove that it changes nothing.
    package var readsAhead = true
    /// The sink takes its records on a thread of its own, while the replay goes on; it must not share anything with who
    /// called, nor with `progress` or `shouldStop`.
    public var reportsApart = false

    public init(paths: [String], filter: String? = nil, tracking: TrackerOptions = TrackerOptions()) {
        self.paths = paths
        self.filter = filter
        self.tracking = tracking
    }

    /// What became of a replay.
    public struct Outcome: Sendable {
        public var summary: Summary
        /// Files that could not be read, or not to their end; everything before the damage is in the records.
        public var problems: [CaptureError]
    }

    /// Reads all files and hands the records to `sink`.
    ///
    /// A file that is damaged ends at the damage, and the next one is read. A filter that is not understood ends the
    /// replay, for no file can be read with it.
    ///
    /// - Parameters:
    ///   - sink: takes the records.
    ///   - progress: told how far the replay has come, at most ten times a second.
    ///   - shouldStop: asked every thousand packets or more often; once it says yes, the replay ends as if the capture
    ///     ended there, or where it has been read ahead, some thousand packets later.
    /// - Throws: what the sink throws; the replay is then at its end.
    public func run<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink,
        progress: (ReplayProgress) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws(Sink.Failure) -> Outcome {
        guard reportsApart, !tracking.interest.isEmpty else {
            return try replay(into: &sink, progress: progress, shouldStop: shouldStop)
        }
        return try unsafe withUnsafeMutablePointer(to: &sink) { sink throws(Sink.Failure) in
            let thread = unsafe ReportingThread(sink)
            thread.start()
            defer { thread.join() }
            var handing = HandingSink(thread: thread)
            let outcome = try replay(into: &handing, progress: progress, shouldStop: shouldStop)
            try thread.finish()
            return outcome
        }
    }

    private func replay<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink, progress: (ReplayProgress) -> Void, shouldStop: () -> Bool
    ) throws(Sink.Failure) -> Outcome {
        var run = ReplayRun(tracking: tracking)
        try read(inOrderOfFirstStamp(paths), nil, &run, into: &sink, progress: progress, shouldStop: shouldStop)
        return try run.finish(into: &sink)
    }

    /// Reads files one after the other.
    func read<Sink: RecordSink & ~Copyable>(
        _ ordered: [String], _ spooled: SpooledInput?, _ run: inout ReplayRun, into sink: inout Sink,
        progress: (ReplayProgress) -> Void, shouldStop: () -> Bool
    ) throws(Sink.Failure) {
        for (index, path) in ordered.enumerated() where !run.isOver {
            run.summary.files.append(Summary.File(name: path))
            var file: CaptureFile
            do throws(CaptureError) {
                file = try CaptureFile(path: path, filter: filter, spooled: spooled)
            } catch {
                run.note(error, interrupted: shouldStop())
                continue
            }
            let place = FilePlace(name: path, index: index, count: ordered.count)
            // A pipe is read where a signal can end the reading; and carving needs the frames.
            if file.fileSize != nil, !run.isCarving {
                try run.read(
                    whole: file, ahead: readsAhead, at: place, into: &sink, progress: progress, shouldStop: shouldStop)
            } else {
                try run.read(&file, at: place, into: &sink, progress: progress, shouldStop: shouldStop)
            }
        }
    }
}

/// Which file of how many.
struct FilePlace {
    let name: String
    let index: Int
    let count: Int
}
