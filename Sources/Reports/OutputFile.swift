#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why output could not be written.
public enum OutputError: Error, Hashable, Sendable {
    /// The reader has gone (`| head`): there is no one left to tell, and nothing is wrong.
    case closed
    /// The system's error number, and what was being done.
    case system(number: Int32, path: String)
}

/// Where a report goes: standard output or a file, written in pieces of 64 KiB.
public struct OutputFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    /// Written before each piece; on a terminal it wipes out the line that shows the progress.
    private let wipe: StaticString
    private let isOwned: Bool
    /// What is to be written next.
    var buffer = ByteBuffer()

    /// At how many octets the buffer is written.
    private static let pieceSize = 65536

    /// A file, made anew or emptied; `-` is standard output.
    ///
    /// - Parameters:
    ///   - appends: what is in the file stays, and more comes behind it.
    ///   - wipes: on a terminal the line that shows the progress is wiped out before anything is written.
    public init(path: String = "-", appends: Bool = false, wipes: Bool = true) throws(OutputError) {
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            self.path = "standard output"
            let isProgressShown = OutputFile.isTerminal(STDOUT_FILENO) && OutputFile.isTerminal(STDERR_FILENO)
            wipe = wipes && isProgressShown ? "\r\u{1B}[K" : ""
            isOwned = false
            return
        }
        let opened = unsafe open(path, O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC) | O_CLOEXEC, 0o666)
        guard opened >= 0 else { throw .system(number: errno, path: path) }
        descriptor = opened
        self.path = path
        wipe = ""
        isOwned = true
    }

    deinit {
        if isOwned { _ = close(descriptor) }
    }

    /// Hands the buffer on when it holds a piece.
    @inline(__always)
    mutating func flushIfFull() throws(OutputError) {
        if buffer.count >= OutputFile.pieceSize { try flush() }
    }

    /// Writes text behind what the buffer holds.
    mutating func write(_ text: [UInt8]) throws(OutputError) {
        if text.count < OutputFile.pieceSize {
            buffer.put(text.span)
            return try flushIfFull()
        }
        try flush()
        try unsafe text.withUnsafeBufferPointer { text throws(OutputError) in
            try unsafe writeAll(UnsafeRawBufferPointer(text))
        }
    }

    /// Hands on what the buffer holds.
    public mutating func flush() throws(OutputError) {
        guard buffer.count > 0 else { return }
        if wipe.utf8CodeUnitCount > 0 {
            try unsafe writeAll(UnsafeRawBufferPointer(start: wipe.utf8Start, count: wipe.utf8CodeUnitCount))
        }
        try unsafe buffer.withBytes { bytes throws(OutputError) in try unsafe writeAll(bytes) }
        buffer.removeAll()
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
        var written = 0
        while written < bytes.count {
            let result = unsafe systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]))
            if result >= 0 {
                written += result
            } else if errno == EPIPE {
                throw .closed
            } else if errno == EAGAIN {
                waitUntilWritable()
            } else if errno != EINTR {
                throw .system(number: errno, path: path)
            }
        }
    }

    /// Somebody set the descriptor to non-blocking, as terminals shared with other programs sometimes are.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&request, 1, -1)
    }

    /// Whether a descriptor leads to a terminal.
    public static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// The columns of the terminal on standard output, or nil if it is none.
    public static func terminalWidth() -> Int? {
        terminalSize()?.columns
    }

    /// The columns and lines of the terminal on standard output, or nil if it is none.
    public static func terminalSize() -> (columns: Int, lines: Int)? {
        guard isTerminal(STDOUT_FILENO) else { return nil }
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

/// `write(2)`, by a name that does not hide behind the method of the same name.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe write(descriptor, bytes.baseAddress, bytes.count)
}
