#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The small text files through which the kernel is asked and told.
enum SmallFile {
    /// The text of a file, at most 64 KiB of it.
    static func read(_ path: String) throws(KernelSocketsError) -> String {
        let file = try Descriptor(path: path, flags: O_RDONLY)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while text.count < 65536 {
            guard let count = try file.read(into: &buffer, subject: path), count > 0 else { break }
            text.append(contentsOf: buffer[..<count])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Writes a text in one call, as the kernel's files demand, and says whether it was taken: these files refuse by
    /// the result of write(2).
    static func write(_ text: String, to path: String) throws(KernelSocketsError) {
        let file = try Descriptor(path: path, flags: O_WRONLY | O_TRUNC)
        let octets = Array(text.utf8)
        var written: Int
        repeat {
            written = unsafe octets.withUnsafeBytes { unsafe Self.write(file.number, $0.baseAddress, $0.count) }
        } while written < 0 && errno == EINTR
        guard written >= 0 else { throw .system(operation: "write '\(text)'", subject: path, number: errno) }
        guard written == octets.count else { throw .settingRefused(file: path, wanted: text, found: "a part of it") }
    }

    /// The names in a folder, without "." and ".."; nil if it cannot be listed, with the reason in `errno`.
    static func names(in path: String) -> [String]? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { _ = unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Where a symbolic link leads, or nil, with the reason in `errno`.
    static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe readlink(path, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard count >= 0 else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static func write(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, start, count)
        #else
        unsafe Musl.write(descriptor, start, count)
        #endif
    }
}
