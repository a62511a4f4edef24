import Capture
import Flows
@testable import Replay
@testable import Reports

/// A replay's records as lines, and how it ended.
struct Replayed {
    var lines: [UInt8] = []
    var packets: UInt64 = 0
    var problems: [CaptureError] = []

    private static var tracking: TrackerOptions {
        var options = TrackerOptions()
        options.interest = [.transitions, .flows, .segments, .findings]
        return options
    }

    /// A whole file.
    init(path: String) {
        var sink = LineSink()
        let outcome = ReplayPipeline(paths: [path], tracking: Self.tracking).run(into: &sink)
        lines = sink.lines
        packets = outcome.summary.packets
        problems = outcome.problems
    }

    /// A file, and beside it what its packets alone have settled before the capture's end settles the rest.
    static func prefix(path: String) throws(CaptureError) -> (settled: [UInt8], whole: Replayed) {
        var sink = LineSink()
        var run = ReplayRun(tracking: tracking)
        run.summary.files.append(Summary.File(name: path))
        var file = try CaptureFile(path: path)
        let place = FilePlace(name: path, index: 0, count: 1)
        run.read(&file, at: place, into: &sink, progress: { _ in }, shouldStop: { false })
        let settled = sink.lines
        let outcome = run.finish(into: &sink)
        var whole = Replayed()
        whole.lines = sink.lines
        whole.packets = outcome.summary.packets
        whole.problems = outcome.problems
        return (settled, whole)
    }

    private init() {}
}

/// Renders every record.
private struct LineSink: RecordSink {
    var lines: [UInt8] = []
    private let form = NDJSON()

    mutating func receive(_ records: borrowing [Record]) throws(Never) {
        var buffer = ByteBuffer()
        for index in records.indices { form.write(records[index], to: &buffer) }
        unsafe buffer.withBytes { bytes in unsafe lines.append(contentsOf: bytes) }
    }
}
