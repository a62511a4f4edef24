#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the helper is asked, and how it answers: a kind, a length, and octets that mean what the kind says.
///
/// Both ends are the same program on the same machine: numbers stand in its own order.
struct HelperMessage {
    enum Kind: UInt8 {
        /// Asks for owners: inodes, eight octets each. Answered by `owners`.
        case findOwners
        /// Lines of inode, process and program with tabs between them.
        case owners
        /// Asks for a trace of transitions. Answered by `traceBegun` with its beginning.
        case beginTrace
        case traceBegun
        /// Asks for the transitions since the last time; an octet that is not 0 says that it is the last time.
        case readTrace
        /// Up to when all have been read, how many were lost, and the transitions.
        case transitions
        /// The words of an error.
        case failure
    }

    var kind: Kind
    var content: [UInt8] = []

    /// Nobody has so many sockets; the bound keeps either end from filling the other's memory.
    static let mostOctets = 256 << 20

    mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        unsafe withUnsafeBytes(of: value) { bytes in unsafe content.append(contentsOf: bytes) }
    }

    /// The values behind each other from an offset on.
    func values<Value: BitwiseCopyable>(of type: Value.Type, from offset: Int = 0) -> [Value] {
        let size = MemoryLayout<Value>.stride
        guard offset <= content.count else { return [] }
        return (0..<(content.count - offset) / size).map { place in
            unsafe content.withUnsafeBytes { bytes in
                unsafe bytes.loadUnaligned(fromByteOffset: offset + place * size, as: Value.self)
            }
        }
    }
}

/// One end of the pair of sockets between the program and its helper.
struct HelperLine: ~Copyable {
    private let socket: Descriptor

    init(_ socket: consuming Descriptor) {
        self.socket = socket
    }

    /// The other end finds that nothing more comes.
    func close() {
        #if canImport(Glibc)
        _ = shutdown(socket.number, Int32(SHUT_RDWR))
        #else
        _ = shutdown(socket.number, SHUT_RDWR)
        #endif
    }

    /// - Returns: false if the other end is gone.
    func send(_ message: HelperMessage) -> Bool {
        var header = HelperMessage(kind: message.kind)
        header.append(UInt64(message.content.count))
        return write([message.kind.rawValue] + header.content) && write(message.content)
    }

    /// Waits for a message; nil if the other end is gone, or talks nonsense.
    func receive() -> HelperMessage? {
        guard let header = read(9), let kind = HelperMessage.Kind(rawValue: header[0]) else { return nil }
        var message = HelperMessage(kind: kind, content: Array(header[1...]))
        guard let length = message.values(of: UInt64.self).first, length <= HelperMessage.mostOctets,
            let content = read(Int(length))
        else { return nil }
        message.content = content
        return message
    }

    private func write(_ octets: [UInt8]) -> Bool {
        var written = 0
        while written < octets.count {
            let count = unsafe octets.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
                // MSG_NOSIGNAL: that the other end is gone is an answer and no signal.
                return unsafe sendOctets(socket.number, rest.baseAddress, rest.count, 0x4000)
            }
            guard count > 0 || errno == EINTR else { return false }
            written += max(count, 0)
        }
        return true
    }

    private func read(_ count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe octets.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                return unsafe recv(socket.number, rest.baseAddress, rest.count, 0)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        return octets
    }
}

/// `send(2)`, by a name that does not hide behind the method of the same name.
private func sendOctets(_ socket: Int32, _ start: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    unsafe send(socket, start, count, flags)
}
