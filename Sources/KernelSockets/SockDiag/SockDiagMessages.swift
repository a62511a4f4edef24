#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The messages of one datagram from sock_diag.
enum SockDiagMessages {
    /// Takes the rows; says whether the answer is over.
    ///
    /// - Throws: what the kernel reports in place of an answer; `malformedReply` if a message is longer than what there
    ///   is of it.
    static func read(
        _ octets: Span<UInt8>, sequence: UInt32, window: TimeWindow, into builder: inout SnapshotBuilder
    ) throws(KernelSocketsError) -> Bool {
        var offset = 0
        while octets.count - offset >= SockDiagFormat.headerSize {
            let length = Int(octets.native32(offset))
            guard length >= SockDiagFormat.headerSize, length <= octets.count - offset else {
                throw .malformedReply("a message of \(length) octets where \(octets.count - offset) are left")
            }
            let content = octets.extracting(offset + SockDiagFormat.headerSize..<offset + length)
            // An answer to an earlier request, which was given up.
            if octets.native32(offset + 8) == sequence {
                if octets.native16(offset + 6) & SockDiagFormat.flagInterrupted != 0 { builder.interrupt() }
                switch octets.native16(offset + 4) {
                case SockDiagFormat.typeDone:
                    try checkError(content)
                    return true
                case SockDiagFormat.typeError:
                    try checkError(content)
                    return true
                case SockDiagFormat.byFamily:
                    add(content, window, &builder)
                default: break
                }
            }
            offset += (length + 3) & ~3
        }
        return false
    }

    private static func add(_ content: Span<UInt8>, _ window: TimeWindow, _ builder: inout SnapshotBuilder) {
        do throws(RowFault) {
            builder.add(try SockDiagRow.parse(content, seen: window))
        } catch {
            builder.skip(error)
        }
    }

    /// The error number that messages of both kinds begin with, negative; 0 is none.
    private static func checkError(_ content: Span<UInt8>) throws(KernelSocketsError) {
        guard content.count >= 4 else { return }
        let number = Int32(bitPattern: content.native32(0))
        guard number != 0 else { return }
        switch 0 &- number {
        case ENOENT, EPROTONOSUPPORT, EAFNOSUPPORT, EOPNOTSUPP, EINVAL: throw .noSockDiag(number: 0 &- number)
        case let other: throw .system(operation: "ask", subject: "sock_diag", number: other)
        }
    }
}
