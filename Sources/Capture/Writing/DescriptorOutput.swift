#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Octets on their way into a file, written in pieces.
struct DescriptorOutput: ~Copyable {
    /// As errors show it.
    let name: String
    /// What is to be written next.
    var buffer: [UInt8] = []

    private let descriptor: Int32
    private let isOwned: Bool
    private var isBegun = false

    /// At how many octets the buffer is written.
    private static let pieceSize = 256 << 10

    /// A file, made anew or, with the first piece, emptied; `-` is standard output.
    init(path: String) throws(CaptureWriteError) {
        buffer.reserveCapacity(DescriptorOutput.pieceSize + 4096)
        guard path != "-" else {
            name = "standard output"
            descriptor = STDOUT_FILENO
            isOwned = false
            return
        }
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard opened >= 0 else { throw .cannotCreate(file: path, reason: systemErrorText()) }
        name = path
        descriptor = opened
        isOwned = true
    }

    deinit {
        if isOwned { _ = close(descriptor) }
    }

    /// Hands the buffer on when it holds a piece.
    @inline(__always)
    mutating func flushIfFull() throws(CaptureWriteError) {
        if buffer.count >= DescriptorOutput.pieceSize { try flush() }
    }

    /// Hands on what the buffer holds.
    mutating func flush() throws(CaptureWriteError) {
        if isOwned, !isBegun { _ = ftruncate(descriptor, 0) }  // A pipe or a device has nothing to empty.
        isBegun = true
        var written = 0
        // Kept or not, what was handed over is not written twice.
        defer { buffer.removeAll(keepingCapacity: true) }
        while written < buffer.count {
            let result = unsafe buffer.withUnsafeBytes { bytes in
                unsafe systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]))
            }
            if result >= 0 {
                written += result
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            case EPIPE: throw .closed(file: name)
            default: throw .cannotWrite(file: name, reason: systemErrorText())
            }
        }
    }

    /// Somebody set the descriptor to non-blocking, as pipes shared with other programs sometimes are.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&request, 1, -1)
    }
}
