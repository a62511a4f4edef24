#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Says which case it was, if the process traps or hangs: a trap ends all tests, and nothing else would name it.
enum CaseName {
    nonisolated(unsafe) private static let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 1024)
    nonisolated(unsafe) private static var length = 0

    private static let installed: Void = {
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGALRM] {
            Glibc.signal(signal) { signal in
                _ = unsafe write(STDERR_FILENO, CaseName.text, CaseName.length)
                _ = Glibc.signal(signal, SIG_DFL)
                raise(signal)
            }
        }
    }()

    /// A case begins; it has `seconds` before it counts as hanging.
    static func begin(_ name: String, seconds: UInt32 = 60) {
        _ = installed
        let line = "\n*** trapped or hanging in or beside this case: \(name) ***\n"
        unsafe length = 0
        for (place, octet) in line.utf8.prefix(1024).enumerated() { unsafe text[place] = octet }
        unsafe length = min(line.utf8.count, 1024)
        alarm(seconds)
    }

    static func end() {
        alarm(0)
        unsafe length = 0
    }
}
