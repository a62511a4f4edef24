#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A temporary file without a name, for what has to be read twice and comes only once: it goes with the last
/// descriptor.
///
/// It lies in TMPDIR, or in /tmp.
struct SpoolFile: ~Copyable {
    private let descriptor: Int32

    /// - Throws: the system's words; the offset means nothing.
    init() throws(Damage) {
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/postel-XXXXXX".utf8CString)
        let opened = unsafe mkstemp(&template)
        guard opened >= 0 else {
            throw Damage(offset: 0, detail: "no temporary file can be made in \(folder): \(systemErrorText())")
        }
        _ = unsafe unlink(&template)
        descriptor = opened
    }

    deinit {
        _ = close(descriptor)
    }

    /// Writes behind what is there.
    ///
    /// - Throws: the system's words.
    func append(_ octets: UnsafeRawBufferPointer) throws(Damage) {
        var written = 0
        while written < octets.count {
            let count = unsafe systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: octets[written...]))
            guard count >= 0 || errno == EINTR else {
                throw Damage(offset: 0, detail: "the temporary file cannot be written: \(systemErrorText())")
            }
            written += max(count, 0)
        }
    }

    /// A descriptor that reads from the beginning, for the caller to close; -1 if the system refuses.
    func rewound() -> Int32 {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { return -1 }
        return dup(descriptor)
    }
}

/// `write(2)`, by a name that does not hide behind the method of the same name.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe write(descriptor, bytes.baseAddress, bytes.count)
}
