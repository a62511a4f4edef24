public import Capture
public import Flows

extension ReplayPipeline {
    /// What became of a replay whose packets were carved out.
    public struct CarvedOutcome: Sendable {
        public var outcome: Outcome
        /// How many packets were written, or why not all could be.
        public var written: Result<UInt64, CarveError>
    }

    /// Why packets could not be carved out.
    public enum CarveError: Error, Hashable, Sendable {
        case writing(CaptureWriteError)
        /// The input is not what it was the first time.
        case changed
    }

    /// Reads all files, hands the records to `sink`, and writes the packets of selected flows into a capture file.
    ///
    /// Which flows are selected is known when they end, so the input is read twice: the second time the same tracker
    /// finds the same flows, and their packets are written in the order in which they are read, with interface,
    /// direction, stamp, octets and original length as they are: segments, their fragments, and the ICMP errors about
    /// them. Standard input is copied into a temporary file first. What is kept beside the flow table is a bit for each
    /// flow.
    ///
    /// A stop ends the first pass only; what it read is carved.
    ///
    /// - Parameters:
    ///   - sink: takes the records.
    ///   - writer: the file to write.
    ///   - selects: whether the packets of a flow are written; asked once for each flow, when it is reported.
    ///   - progress: told how far the replay has come, at most ten times a second.
    ///   - shouldStop: asked every 1024 packets of the first pass.
    /// - Throws: what the sink throws.
    public func run<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink, carvingTo writer: consuming PcapngWriter, selects: @escaping (FlowRecord) -> Bool,
        progress: (ReplayProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws(Sink.Failure) -> CarvedOutcome {
        var spooled: SpooledInput?
        if paths.contains("-") {
            do throws(CaptureError) {
                spooled = try SpooledInput()
            } catch {
                let outcome = Outcome(summary: Summary(), problems: [error])
                return CarvedOutcome(outcome: outcome, written: .success(0))
            }
        }
        let ordered = inOrderOfFirstStamp(paths)
        var first = tracking
        first.interest.formUnion([.flows, .segments])
        var run = ReplayRun(tracking: first, planner: CarvePlanner(selects: selects))
        try read(ordered, spooled, &run, into: &sink, progress: progress, shouldStop: shouldStop)
        let outcome = try run.finish(into: &sink)
        guard let plan = run.planner else { return CarvedOutcome(outcome: outcome, written: .success(0)) }

        var second = tracking
        second.interest = .segments
        let carver = Carver(writer: writer, plan: plan, packets: outcome.summary.files.map(\.packets))
        var carving = ReplayRun(tracking: second, carver: carver)
        var nowhere = NoRecords()
        let read = Array(ordered.prefix(outcome.summary.files.count))
        self.read(read, spooled, &carving, into: &nowhere, progress: progress, shouldStop: { false })
        let again = carving.finish(into: &nowhere)
        do throws(CaptureWriteError) {
            let written = try carving.carved()
            let isSame =
                again.summary.segments == outcome.summary.segments
                && again.summary.counts.flows == outcome.summary.counts.flows
            return CarvedOutcome(outcome: outcome, written: isSame ? .success(written) : .failure(.changed))
        } catch {
            return CarvedOutcome(outcome: outcome, written: .failure(.writing(error)))
        }
    }
}

/// Takes records and forgets them.
private struct NoRecords: RecordSink {
    mutating func receive(_ records: borrowing [Record]) {}
}
