public import Capture
public import Flows

/// From interfaces to records: the loop of a replay on frames that are captured now.
///
///     var capture = try LiveCapture(interfaces: ["eth0"], options: LiveOptions())
///     let outcome = try LiveRun(tracking: TrackerOptions()).run(&capture, into: &sink)
///
/// Between two packets the packet clock goes on with the clock of the host, so that TIME-WAIT ends and finished flows
/// are reported though nothing passes.
public struct LiveRun: Sendable {
    /// What the tracker is to know and to tell.
    public var tracking: TrackerOptions
    /// Ends after so many frames; nil for no such end.
    public var packetLimit: UInt64?
    /// Ends after so long; nil for no such end.
    public var duration: Duration?

    /// How long the loop waits at most, so that a signal that came just before is noticed.
    private static let longestWait = Duration.milliseconds(100)
    private static let countingInterval = Duration.seconds(1)

    public init(tracking: TrackerOptions, packetLimit: UInt64? = nil, duration: Duration? = nil) {
        self.tracking = tracking
        self.packetLimit = packetLimit
        self.duration = duration
    }

    /// Captures until a limit is reached, `shouldStop` says so, or no interface gives frames any more.
    ///
    /// - Returns: the summary, and what went wrong with interfaces.
    public func run<Sink: LiveSink & ~Copyable>(
        _ capture: inout LiveCapture, into sink: inout Sink, shouldStop: () -> Bool = { false }
    ) throws(Sink.Failure) -> ReplayPipeline.Outcome {
        var run = ReplayRun(tracking: tracking)
        run.summary.files.append(Summary.File(name: capture.name))
        let place = FilePlace(name: capture.name, index: 0, count: 1)
        let begin = ContinuousClock.now
        let end = duration.map { begin + $0 }
        var countingDue = begin + LiveRun.countingInterval
        capture.limit(to: packetLimit)
        while true {
            // A signal ends the capture, not the reading of what was captured before it.
            try run.read(&capture, at: place, into: &sink, progress: { _ in }, shouldStop: { false })
            try run.advance(to: capture.drainedUpTo, into: &sink)
            let now = ContinuousClock.now
            if capture.isOver || now >= countingDue {
                countingDue = now + LiveRun.countingInterval
                capture.count()
                if let loss = capture.loss { try run.note(loss, into: &sink) }
            }
            let wish = try sink.turn(LiveMoment(capture), run.tracker)
            if capture.isOver || capture.recordingError != nil { break }
            if shouldStop() || end.map({ now >= $0 }) ?? false { capture.stop() }
            let due = [wish, end, countingDue].compactMap { $0 }.min() ?? countingDue
            capture.wait(atMost: min(due - now, LiveRun.longestWait))
        }
        for failure in capture.failures { run.note(failure, interrupted: false) }
        return try run.finish(into: &sink)
    }
}
