#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One processor's part of a trace, as pages.
final class TracePipe {
    private let processor: String
    /// Nil once it is closed.
    private var file: Descriptor?

    /// All processors of an instance.
    static func all(of instance: String) throws(KernelSocketsError) -> [TracePipe] {
        let folder = "\(instance)/per_cpu"
        guard let names = SmallFile.names(in: folder) else {
            throw .system(operation: "list", subject: folder, number: errno)
        }
        var pipes: [TracePipe] = []
        for name in names.sorted() where name.hasPrefix("cpu") {
            pipes.append(try TracePipe(instance, name))
        }
        return pipes
    }

    private init(_ instance: String, _ processor: String) throws(KernelSocketsError) {
        self.processor = processor
        let path = "\(instance)/per_cpu/\(processor)/trace_pipe_raw"
        let opened = try Descriptor(path: path, flags: O_RDONLY | O_NONBLOCK)
        descriptor = opened.number
        file = consume opened
    }

    /// To wait for; it means nothing once it is closed.
    let descriptor: Int32

    func close() {
        file = nil
    }

    /// Reads what there is. Ends after so much that a kernel which makes events faster than they are read cannot hold
    /// the caller for ever.
    func read(
        _ layout: RingBufferPage.Layout, _ body: (Span<UInt8>, UInt64) -> Void
    ) throws(KernelSocketsError) {
        // Holds a page of any size that kernels make (`buffer_subbuf_size_kb`).
        var buffer = [UInt8](repeating: 0, count: 65536)
        for _ in 0..<16384 {
            let subject = "trace_pipe_raw of \(processor)"
            guard let count = try file?.read(into: &buffer, subject: subject), count > 0 else { return }
            RingBufferPage.forEachEvent(buffer.span.extracting(0..<count), layout, body)
        }
    }

    /// Events that were overwritten or dropped.
    func lostEvents(in instance: String) throws(KernelSocketsError) -> UInt64 {
        let text = try SmallFile.read("\(instance)/per_cpu/\(processor)/stats")
        return TracePipe.lostEvents(text)
    }

    /// The sum of "overrun", "commit overrun" and "dropped events".
    static func lostEvents(_ statistics: String) -> UInt64 {
        var sum: UInt64 = 0
        for line in statistics.split(separator: "\n") {
            let parts = line.split(separator: ":")
            guard parts.count == 2, ["overrun", "commit overrun", "dropped events"].contains(parts[0]) else { continue }
            sum &+= UInt64(parts[1].drop { $0 == " " }) ?? 0
        }
        return sum
    }
}
