import TCPStateMachine
import WireFormat

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A netlink socket that asks sock_diag, in the namespace that it was opened in.
final class SockDiagSocket {
    private let descriptor: Descriptor
    private var sequence: UInt32 = 0

    /// Opens the socket and asks once, which tells whether the kernel answers.
    init(namespace: NetworkNamespace) throws(KernelSocketsError) {
        descriptor = try namespace.open(.sockDiag)
        // An answer that never comes must not hang: the kernel answers in milliseconds.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var builder = SnapshotBuilder(source: .sockdiag, namespace: namespace.identifier)
        try list(.ipv4, states: 1 << KernelStateNumber.listen, into: &builder)
    }

    /// Lists the sockets of a family.
    func list(
        _ family: AddressFamily, states: UInt32 = KernelStateNumber.allBits, into builder: inout SnapshotBuilder
    ) throws(KernelSocketsError) {
        // The kernel fills a message while the one before it is handed out: what a call returns was looked up in the
        // call before it. So each window begins with the call before.
        var begin = WallClock.now
        // The kernel fills at most 32 KiB.
        var buffer = [UInt8](repeating: 0, count: 65536)
        try send { SockDiagRequest.list(family, states: states, sequence: $0) }
        while true {
            let called = WallClock.now
            let count = try receive(into: &buffer)
            let window = TimeWindow(begin: begin, end: WallClock.now)
            begin = called
            let isDone = try SockDiagMessages.read(
                buffer.span.extracting(0..<count), sequence: sequence, window: window, into: &builder)
            if isDone { return }
        }
    }

    /// Looks for the socket of a pair.
    func lookUp(_ pair: SocketPair, interface: UInt32) throws(KernelSocketsError) -> LookUp {
        let begin = WallClock.now
        try send { SockDiagRequest.find(pair, interface: interface, sequence: $0) }
        var builder = SnapshotBuilder(source: .sockdiag, namespace: NetworkNamespace.Identifier(0))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try receive(into: &buffer)
        let window = TimeWindow(begin: begin, end: WallClock.now)
        do throws(KernelSocketsError) {
            _ = try SockDiagMessages.read(
                buffer.span.extracting(0..<count), sequence: sequence, window: window, into: &builder)
        } catch .noSockDiag(ENOENT) {
            return .none
        }
        guard let found = builder.finish(window).sockets.first else { return .none }
        if found.pair == pair { return .socket(found) }
        // Where no socket has the pair, the kernel answers with the listener that a SYN to it would meet.
        return found.state == .listen ? .listener(found) : .none
    }

    private func send(_ request: (UInt32) -> [UInt8]) throws(KernelSocketsError) {
        sequence &+= 1
        let octets = request(sequence)
        while true {
            let count = unsafe octets.withUnsafeBytes { unsafe sendOctets(descriptor.number, $0.baseAddress, $0.count) }
            if count == octets.count { return }
            guard errno == EINTR else { throw .system(operation: "ask", subject: "sock_diag", number: errno) }
        }
    }

    /// Waits for the next datagram; says how many octets of the buffer it fills.
    private func receive(into buffer: inout [UInt8]) throws(KernelSocketsError) -> Int {
        while true {
            // With MSG_TRUNC the result is the datagram's size, even where that is more than the buffer's.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe receiveOctets(descriptor.number, bytes.baseAddress, bytes.count)
            }
            if count > buffer.count { throw .malformedReply("a message of \(count) octets") }
            if count > 0 { return count }
            if count == 0 { throw .malformedReply("an empty message") }
            guard errno == EINTR else { throw .system(operation: "hear", subject: "sock_diag", number: errno) }
        }
    }
}

private func sendOctets(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe send(descriptor, start, count, 0)
}

private func receiveOctets(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe recv(descriptor, start, count, Int32(MSG_TRUNC))
}
