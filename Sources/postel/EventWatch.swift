import KernelSockets
import Reports

/// Records the transitions that the kernel makes while snapshots are taken.
struct EventWatch: ~Copyable {
    private var trace: TransitionTrace
    private var report: KernelReport
    private var transitions: UInt64 = 0

    init(trace: consuming TransitionTrace, report: consuming KernelReport) {
        self.trace = trace
        self.report = report
    }

    /// Waits for so long, at most until something has been read.
    mutating func wait(_ duration: Duration) throws(OutputError) {
        let (seconds, attoseconds) = duration.components
        trace.wait(milliseconds: Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
        _ = try drain(isLast: false)
    }

    /// Records what is left, and what has been lost.
    mutating func finish() throws(OutputError) -> ExitStatus {
        guard try drain(isLast: true) == .done else { return .incomplete }
        let lost: UInt64
        do throws(KernelSocketsError) {
            lost = try trace.losses().events
        } catch {
            return Failure.report(error)
        }
        let window = TimeWindow(begin: trace.begin, end: trace.end)
        try report.write(TraceRecord(window: window, transitions: transitions, lost: lost))
        guard lost == 0 else {
            StandardError.complain(
                """
                \(lost) events were lost: the kernel made more than could be read. The record of transitions has gaps.
                """)
            return .incomplete
        }
        return .done
    }

    private mutating func drain(isLast: Bool) throws(OutputError) -> ExitStatus {
        let found: [KernelTransition]
        do throws(KernelSocketsError) {
            found = try trace.read(isLast: isLast)
        } catch {
            return Failure.report(error)
        }
        transitions += UInt64(found.count)
        if !found.isEmpty { try report.write(found) }
        return .done
    }
}
