public import WireFormat

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The tables of `/proc/net`.
public enum ProcTable {
    /// Takes apart the octets of `/proc/net/tcp` (`.ipv4`) or `tcp6` (`.ipv6`), read in one piece between two moments.
    ///
    /// Rows that cannot be read are counted and left out; it throws `notATable` if the first line is not that of such
    /// a table.
    public static func parse(
        _ octets: [UInt8], socketFamily: AddressFamily, read window: TimeWindow = TimeWindow(begin: 0, end: 0),
        path: String = "/proc/net/tcp"
    ) throws(KernelSocketsError) -> KernelSnapshot {
        var builder = SnapshotBuilder(source: .procfs, namespace: NetworkNamespace.Identifier(0))
        var parser = ProcTableParser(socketFamily: socketFamily)
        parser.take(octets.span, read: window, into: &builder)
        parser.finish(at: window.end, into: &builder)
        guard parser.isTable else { throw .notATable(path: path) }
        return builder.finish(window)
    }

    /// Reads a table to its end. One read(2) brings a page, some 27 rows: each row is bracketed by the times around
    /// the one that brought it.
    static func read(
        _ file: borrowing Descriptor, path: String, socketFamily: AddressFamily, into builder: inout SnapshotBuilder
    ) throws(KernelSocketsError) {
        var parser = ProcTableParser(socketFamily: socketFamily)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var begin = WallClock.now
        while let count = try file.read(into: &buffer, subject: path), count > 0 {
            let end = WallClock.now
            let window = TimeWindow(begin: begin, end: end)
            parser.take(buffer.span.extracting(0..<count), read: window, into: &builder)
            begin = WallClock.now
        }
        parser.finish(at: begin, into: &builder)
        guard parser.isTable else { throw .notATable(path: path) }
    }
}
