#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An open file or socket, closed when it is no longer used.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over a descriptor that somebody opened.
    init(owning number: Int32) {
        self.number = number
    }

    /// Opens a file.
    init(path: String, flags: Int32) throws(KernelSocketsError) {
        let opened = unsafe open(path, flags | O_CLOEXEC)
        guard opened >= 0 else { throw .system(operation: "open", subject: path, number: errno) }
        number = opened
    }

    deinit {
        _ = close(number)
    }

    /// Gives the number away: whoever takes it closes it.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Reads what is there, at most a buffer full; 0 at the end, nil if nothing is there yet.
    func read(into buffer: inout [UInt8], subject: @autoclosure () -> String) throws(KernelSocketsError) -> Int? {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe readOctets(number, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno == EAGAIN { return nil }
            guard errno == EINTR else { throw .system(operation: "read", subject: subject(), number: errno) }
        }
    }
}

/// `read(2)`, by a name that does not hide behind the method of the same name.
private func readOctets(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe read(descriptor, start, count)
}
