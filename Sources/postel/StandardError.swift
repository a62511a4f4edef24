#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Messages for people, beside the output.
enum StandardError {
    /// Whether somebody is looking.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a text as it is. If nobody takes it there is nobody left to tell.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe writeOctets(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// Writes a message of one or more lines, the first with the program's name in front.
    static func complain(_ message: String) {
        write("postel: \(message)\n")
    }
}

/// `write(2)`, by a name that does not hide behind the method of the same name.
private func writeOctets(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}
