#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Why the kernel's view cannot be had.
public enum KernelSocketsError: Error, Hashable, Sendable {
    /// A call to the system failed: what was done, to what, and the error number.
    case system(operation: String, subject: String, number: Int32)
    /// A file that should be one of `/proc/net/tcp` or `tcp6` does not begin like one.
    case notATable(path: String)
    /// This kernel has no sock_diag for TCP: the module tcp_diag is missing.
    case noSockDiag(number: Int32)
    /// sock_diag answered what is no answer: which rule of the format it broke.
    case malformedReply(String)
    /// No network namespace of this name, and no process of this number.
    case noSuchNamespace(String)
    /// Another network namespace may not be entered.
    case namespaceNotAllowed(String)
    /// Neither is tracefs mounted nor may it be.
    case noTracefs(number: Int32)
    /// The kernel's trace may not be used.
    case tracingNotAllowed(subject: String, number: Int32)
    /// The kernel has no tracepoint `sock:inet_sock_set_state`, or its format lacks a field.
    case noTracepoint(String)
    /// A setting of the trace did not take: the file, what was written, and what is there.
    case settingRefused(file: String, wanted: String, found: String)
    /// The helper process refused, in its words, or has ended.
    case helperFailed(String)
    /// A recording is damaged: the line, from 1, and what is wrong there.
    case damagedRecording(path: String, line: Int, reason: String)

    /// For people: what, where, and what to do.
    public var message: String {
        switch self {
        case .system(let operation, let subject, let number):
            "\(subject): cannot \(operation): \(errorText(number))."
        case .notATable(let path):
            "\(path): not a table of TCP sockets: its first line is not that of /proc/net/tcp."
        case .noSockDiag(let number):
            """
            This kernel does not offer sock_diag for TCP: \(errorText(number)).
            Load it with 'modprobe tcp_diag', or read /proc/net/tcp: --kernel procfs.
            """
        case .malformedReply(let reason):
            "sock_diag: the kernel's answer is malformed: \(reason). Read /proc/net/tcp instead: --kernel procfs."
        case .noSuchNamespace(let name):
            """
            \(name): no such network namespace: neither a process of this number nor a name in /run/netns.
            'ip netns list' shows the names, 'lsns -t net' the processes.
            """
        case .namespaceNotAllowed(let name):
            """
            \(name): this network namespace may not be entered: it takes CAP_SYS_ADMIN and CAP_SYS_PTRACE.
            Run as root, or grant them: sudo setcap cap_sys_admin,cap_sys_ptrace+ep "$(command -v postel)"
            """
        case .noTracefs(let number):
            """
            The kernel's trace is not there: tracefs cannot be mounted: \(errorText(number)). It takes CAP_SYS_ADMIN.
            Run as root, or mount it first: sudo mount -t tracefs tracefs /sys/kernel/tracing
            """
        case .tracingNotAllowed(let subject, let number):
            """
            \(subject): the kernel's trace may not be used: \(errorText(number)). It takes CAP_DAC_OVERRIDE.
            Run as root, or grant it: sudo setcap cap_dac_override,cap_sys_admin+ep "$(command -v postel)"
            """
        case .noTracepoint(let reason):
            "This kernel has no usable tracepoint sock:inet_sock_set_state (Linux 4.16 or later): \(reason)."
        case .settingRefused(let file, let wanted, let found):
            "\(file): the kernel did not take '\(wanted)': it says '\(found)'."
        case .helperFailed(let reason):
            "The helper process that keeps the privileges: \(reason)"
        case .damagedRecording(let path, let line, let reason):
            "\(path): damaged at line \(line): \(reason). What stands before it was read."
        }
    }
}

/// The system's words for an error number.
private func errorText(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}
