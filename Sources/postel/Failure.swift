import ArgumentParser
import Capture
import Flows
import KernelSockets
import Replay
import Reports

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The one place where errors become messages and exit statuses.
enum Failure {
    /// Says what went wrong with the inputs; the status is the worst of them.
    static func report(_ problems: [CaptureError]) -> ExitStatus {
        for problem in problems { StandardError.complain(problem.message) }
        return problems.map(status).max { $0.rawValue < $1.rawValue } ?? .done
    }

    /// Says why packets could not be carved out.
    static func report(_ error: ReplayPipeline.CarveError) -> ExitStatus {
        switch error {
        case .writing(.closed):
            return .done
        case .writing(let error):
            StandardError.complain(error.message)
        case .changed:
            StandardError.complain(
                """
                the input changed between the first and the second reading: what was written is not complete.
                Copy it first, or wait until it is no longer written.
                """)
        }
        return .incomplete
    }

    /// Says what kept a capture from being made.
    static func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let error as LiveCaptureError: return report(error)
        case let error as KernelSocketsError: return report(error)
        case let error as OutputError: return report(error)
        case let error as CaptureWriteError: return report(.writing(error))
        case let error as Privileges.Failure:
            StandardError.complain(error.message)
            if case .noSuchUser = error { return .usage }
            return .incomplete
        default:
            StandardError.complain("\(error)")
            return .incomplete
        }
    }

    /// Says why an interface cannot be captured.
    static func report(_ error: LiveCaptureError) -> ExitStatus {
        StandardError.complain(error.message)
        if case .badFilter = error { return .usage }
        return .incomplete
    }

    /// Says why the kernel's view cannot be had.
    static func report(_ error: KernelSocketsError) -> ExitStatus {
        StandardError.complain(error.message)
        return .incomplete
    }

    /// Says why the output could not be written.
    static func report(_ error: OutputError) -> ExitStatus {
        switch error {
        case .closed:
            // The reader has what it wanted.
            return .done
        case .system(let number, let path):
            StandardError.complain(
                """
                \(path): cannot be written: \(unsafe String(cString: strerror(number))).
                What was written so far is not complete. Choose another place with --output.
                """)
            return .incomplete
        }
    }

    /// Why a file could not be written, in one line.
    static func message(of error: OutputError) -> String {
        switch error {
        case .closed: "nobody reads any more"
        case .system(let number, let path): "\(path): cannot be written: \(unsafe String(cString: strerror(number)))"
        }
    }

    /// Says that the report lacks records.
    static func reportDropped(_ records: UInt64) -> ExitStatus {
        guard records > 0 else { return .done }
        StandardError.complain(
            """
            \(records) transitions, segments and findings are not in the report: too many waited for their flows to end.
            Choose fewer with --flow or --filter, or have them as they come: --format ndjson without --select.
            """)
        return .incomplete
    }

    /// Says where Zeek's log is not what a reader would expect. Nothing failed: Zeek would have written the same.
    static func noteZeek(_ counts: TrackerCounts) {
        if counts.evictedConnections > 0 {
            StandardError.complain(
                "\(counts.evictedConnections) connections were written before their end: --max-flows allows no more.")
        }
        // One in twenty: Zeek's own measure for a capture that was taken before checksums were filled in.
        guard counts.badChecksums > 0, counts.badChecksums >= counts.segments / 20 else { return }
        StandardError.complain(
            """
            \(counts.badChecksums) of \(counts.segments) segments have a wrong checksum and are left out, as Zeek does.
            The capture was probably taken on the sending host (checksum offload): --ignore-checksums lets them count.
            """)
    }

    private static func status(_ problem: CaptureError) -> ExitStatus {
        switch problem {
        case .badFilter: .usage
        case .cannotOpen, .empty, .notACapture, .damagedHeader, .damaged, .interfaceFailed: .incomplete
        }
    }
}
