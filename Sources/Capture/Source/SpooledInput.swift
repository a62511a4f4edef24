#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard input, kept in a temporary file without a name so that it can be read more than once.
public final class SpooledInput: Sendable {
    private let file: SpoolFile

    /// Reads standard input to its end, or until a signal stops that: what has come by then is the capture.
    ///
    /// - Throws: `cannotOpen`: the temporary file (in TMPDIR, or in /tmp) cannot be made or written.
    public init() throws(CaptureError) {
        var input = try InputDescriptor(path: standardInputName)
        do throws(Damage) {
            file = try SpoolFile()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ByteSource.windowSize, alignment: 16)
            defer { unsafe buffer.deallocate() }
            while case .octets(let count) = unsafe input.read(into: buffer) {
                try unsafe file.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        } catch {
            throw .cannotOpen(file: input.name, reason: error.detail)
        }
    }

    /// A descriptor that reads from the beginning, for the caller to close; -1 if the system refuses.
    func rewound() -> Int32 { file.rewound() }
}
