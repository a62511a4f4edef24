#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A trace of our own: its buffers, filters and clock are nobody else's, and it goes with this value.
///
/// A process that was killed leaves its instance behind, with the event on; the next one removes it.
struct TraceInstance: ~Copyable {
    private let tracefs: Tracefs
    let path: String

    /// Makes the instance `postel-PID-START`. The time at which the process started tells it from a later process with
    /// the same number.
    init() throws(KernelSocketsError) {
        let mounted = try Tracefs()
        let folder = "\(mounted.root)/instances"
        TraceInstance.removeAbandoned(in: folder)
        let process = getpid()
        path = try TraceInstance.make("\(folder)/\(prefix)\(process)-\(ProcessStart.ticks(process) ?? 0)", folder)
        tracefs = mounted
    }

    /// Makes a folder of this name, or, as a process may watch twice, of this name and a number.
    private static func make(_ path: String, _ folder: String) throws(KernelSocketsError) -> String {
        var name = path
        for number in 1...100 {
            if unsafe mkdir(name, 0o700) == 0 { return name }
            switch errno {
            case EEXIST: name = "\(path)-\(number)"
            case let number where number == EACCES || number == EPERM:
                throw .tracingNotAllowed(subject: folder, number: number)
            case let number: throw .system(operation: "make a trace instance", subject: name, number: number)
            }
        }
        throw .system(operation: "make a trace instance", subject: path, number: EEXIST)
    }

    deinit {
        // The event is switched off by the removal.
        _ = unsafe rmdir(path)
    }

    /// The description of an event, from the top of tracefs.
    func format(_ name: String) throws(KernelSocketsError) -> String {
        do throws(KernelSocketsError) {
            return try SmallFile.read("\(tracefs.root)/events/\(name)")
        } catch .system(_, let subject, let number) {
            if number == EACCES || number == EPERM { throw .tracingNotAllowed(subject: subject, number: number) }
            throw .noTracepoint("\(subject) is missing")
        }
    }

    /// Writes a setting and reads it again: a write may be taken and do nothing.
    func set(_ file: String, _ value: String, isTaken: (String) -> Bool) throws(KernelSocketsError) {
        let path = "\(path)/\(file)"
        do throws(KernelSocketsError) {
            try SmallFile.write(value, to: path)
        } catch .system(_, _, let number) where number == EINVAL || number == EPERM {
            throw .settingRefused(file: path, wanted: value, found: "error \(number)")
        }
        let found = try SmallFile.read(path).filter { $0 != "\n" }
        guard isTaken(found) else { throw .settingRefused(file: path, wanted: value, found: found) }
    }

    /// Removes the instances of processes that are no more. One that is open somewhere stays: then it is in use, by a
    /// process of another process namespace.
    private static func removeAbandoned(in folder: String) {
        for name in SmallFile.names(in: folder) ?? [] where name.hasPrefix(prefix) {
            let numbers = name.dropFirst(prefix.count).split(separator: "-")
            guard let first = numbers.first, let process = Int32(first), process > 0 else { continue }
            let start = ProcessStart.ticks(process)
            let isAlive = start != nil && (numbers.count < 2 || UInt64(numbers[1]) == start)
            if !isAlive { _ = unsafe rmdir("\(folder)/\(name)") }
        }
    }
}

/// What the names of Postel's instances begin with.
private let prefix = "postel-"

/// When a process began, as the kernel counts.
enum ProcessStart {
    /// Clock ticks since boot; nil if there is no such process.
    static func ticks(_ process: Int32) -> UInt64? {
        guard let text = try? SmallFile.read("/proc/\(process)/stat") else { return nil }
        // The program's name, in parentheses, may hold anything; the twentieth field behind it is the one.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
