#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The name that stands for standard input.
let standardInputName = "-"

/// What one reading gave.
enum ReadOutcome {
    /// So many, at least one.
    case octets(Int)
    case end
    /// The system's words, or zlib's.
    case failed(String)
}

/// An open file or pipe to read from.
struct InputDescriptor: ~Copyable {
    /// As errors show it.
    let name: String
    /// Octets, or nil if the input is no regular file.
    let size: Int64?
    /// Octets of the file taken so far, those before the place where it was handed over included.
    private(set) var position: Int64

    private let descriptor: Int32

    /// Opens a file, or standard input for "-".
    ///
    /// - Parameter spooled: what standard input was copied into, if it was.
    /// - Throws: `cannotOpen`.
    init(path: String, spooled: SpooledInput? = nil) throws(CaptureError) {
        let isStandardInput = path == standardInputName
        let name = isStandardInput ? "standard input" : path
        // A duplicate, so that closing the capture does not close the process's standard input.
        let opened =
            isStandardInput ? spooled?.rewound() ?? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw .cannotOpen(file: name, reason: systemErrorText()) }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0 else {
            let reason = systemErrorText()
            _ = close(opened)
            throw .cannotOpen(file: name, reason: reason)
        }
        // A directory can be opened, and only reading fails.
        guard status.st_mode & S_IFMT != S_IFDIR else {
            _ = close(opened)
            throw .cannotOpen(file: name, reason: "it is a directory")
        }
        self.name = name
        descriptor = opened
        size = status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
        // Standard input may be a file of which somebody else has read the beginning.
        position = max(0, Int64(lseek(opened, 0, SEEK_CUR)))
    }

    deinit {
        _ = close(descriptor)
    }

    /// Another descriptor of the same file, which reads from `offset` on; -1 if the system refuses.
    func duplicate(at offset: Int64) -> Int32 {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { return -1 }
        return dup(descriptor)
    }

    /// Reads what is there, at most what fits; waits only for the first octet.
    ///
    /// A signal ends it: whoever waits for a pipe on which nothing comes must be able to stop.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        while true {
            let count = unsafe systemRead(descriptor, buffer)
            if count > 0 {
                position &+= Int64(count)
                return .octets(count)
            }
            if count == 0 { return .end }
            guard errno == EAGAIN else { return .failed(systemErrorText()) }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&request, 1, -1) >= 0 else { return .failed(systemErrorText()) }
        }
    }
}

/// `read(2)`, by a name that does not hide behind the method of the same name.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    unsafe read(descriptor, buffer.baseAddress, buffer.count)
}

/// The text of `errno`.
func systemErrorText() -> String {
    unsafe String(cString: strerror(errno))
}
