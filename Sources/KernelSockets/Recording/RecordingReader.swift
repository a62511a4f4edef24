#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads a recording of `postel snapshot --format ndjson`, one snapshot or transition at a time.
///
///     var reader = try RecordingReader(path: "snapshots.ndjson")
///     while let record = try reader.next() { ... }
///
/// Records of other kinds are passed over, so that recordings may be put into one file with others.
public struct RecordingReader: ~Copyable {
    private let path: String
    private let file: Descriptor
    private var buffer = [UInt8](repeating: 0, count: 65536)
    private var unread = 0..<0
    private var line = 0
    private var pending = PendingSnapshots()

    /// The longest record has some 2 kB, and more only if hundreds of processes hold a socket.
    private static let longestLine = 1 << 20

    /// - Parameter path: `-` is standard input.
    public init(path: String) throws(KernelSocketsError) {
        self.path = path == "-" ? "standard input" : path
        file = try Descriptor(path: path == "-" ? "/dev/stdin" : path, flags: O_RDONLY)
    }

    /// The next record, or nil at the end.
    ///
    /// - Throws: `damagedRecording` if a line is no record, or the file ends before a snapshot does; what was returned
    ///   before is good.
    public mutating func next() throws(KernelSocketsError) -> KernelRecord? {
        while let octets = try nextLine() {
            guard octets.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            do throws(RecordError) {
                if let record = try pending.take(try RecordError.parse(octets)) { return record }
            } catch {
                throw .damagedRecording(path: path, line: line, reason: error.reason)
            }
        }
        guard pending.isEmpty else {
            throw .damagedRecording(path: path, line: line, reason: "the recording ends in the middle of a snapshot")
        }
        return nil
    }

    /// The octets up to the next line feed, without it; nil at the end.
    private mutating func nextLine() throws(KernelSocketsError) -> [UInt8]? {
        var octets: [UInt8] = []
        while true {
            if unread.isEmpty {
                let count = try file.read(into: &buffer, subject: path) ?? 0
                unread = 0..<count
                if count == 0 {
                    line += octets.isEmpty ? 0 : 1
                    return octets.isEmpty ? nil : octets
                }
            }
            let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n"))
            octets.append(contentsOf: buffer[unread.lowerBound..<(end ?? unread.upperBound)])
            unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
            guard octets.count <= RecordingReader.longestLine else {
                throw .damagedRecording(path: path, line: line + 1, reason: "the line is longer than any record")
            }
            if end != nil {
                line += 1
                return octets
            }
        }
    }
}

/// What is wrong with a record.
struct RecordError: Error {
    let reason: String

    static func parse(_ octets: [UInt8]) throws(RecordError) -> JSONValue {
        do throws(JSONScanner.SyntaxError) {
            return try JSONScanner.value(octets)
        } catch {
            throw RecordError(reason: "no JSON at column \(error.offset + 1): \(error.reason)")
        }
    }
}
