import TCPStateMachine
import WireFormat

/// One row of sock_diag: `struct inet_diag_msg` and the attributes behind it.
enum SockDiagRow {
    /// Reads a row.
    ///
    /// - Parameter octets: the message without netlink's header.
    static func parse(_ octets: Span<UInt8>, seen: TimeWindow) throws(RowFault) -> KernelSocket {
        guard octets.count >= SockDiagFormat.rowSize else { throw .truncated }
        let family: AddressFamily
        switch octets[0] {
        case SockDiagFormat.familyIPv4: family = .ipv4
        case SockDiagFormat.familyIPv6: family = .ipv6
        default: throw .address
        }
        guard let state = KernelStateNumber.state(UInt32(octets[1])) else { throw .state }
        let attributes = try SockDiagAttributes(octets.extracting(SockDiagFormat.rowSize..<octets.count))
        let inode = UInt64(octets.native32(68))
        let cookie = octets.native64(44)
        return KernelSocket(
            pair: SocketPair(
                local: address(octets, at: 8, family), localPort: octets.network16(4),
                remote: address(octets, at: 24, family), remotePort: octets.network16(6), socketFamily: family),
            socketFamily: family,
            kind: try kind(octets, state, attributes, isOrphan: inode == 0),
            uid: octets.native32(64),
            inode: inode == 0 ? nil : inode,
            identity: cookie == 0 || cookie == .max ? nil : .cookie(cookie),
            interface: octets.native32(40),
            seen: seen)
    }

    private static func address(_ octets: Span<UInt8>, at offset: Int, _ family: AddressFamily) -> Address {
        switch family {
        case .ipv4: Address(ipv4: octets.network32(offset))
        case .ipv6: Address(high: octets.network64(offset), low: octets.network64(offset + 8))
        }
    }

    private static func kind(
        _ octets: Span<UInt8>, _ state: State, _ attributes: SockDiagAttributes, isOrphan: Bool
    ) throws(RowFault) -> KernelSocket.Kind {
        let timer = octets[2]
        let count = UInt32(octets[3])
        let remaining = Int64(octets.native32(52)) * 1_000_000
        let receiving = octets.native32(56)
        let sending = octets.native32(60)
        // What has no TCP_INFO, although it was asked for, has no buffers either.
        switch state {
        case .closed: return .bound
        case .listen: return .listener(.init(acceptQueue: receiving, backlog: sending))
        case .timeWait: return .remnant(.init(phase: .timeWait, remaining: remaining))
        case .finWait2 where attributes.information == nil:
            return .remnant(.init(phase: .finWait2, remaining: remaining))
        case .synReceived where attributes.information == nil:
            return .request(.init(retransmissions: count, remaining: remaining))
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: break
        }
        guard let phase = KernelSocket.Phase(state) else { throw .state }
        var socket = KernelSocket.FullSocket(
            phase: phase, sendQueue: sending, receiveQueue: receiving,
            timer: .init(number: timer, remaining: remaining, phase: phase, isOrphan: isOrphan))
        socket.shutdown = attributes.shutdown
        socket.retransmissions = timer == 1 ? count : nil
        socket.probes = timer == 2 || timer == 4 ? count : nil
        attributes.information?.complete(&socket)
        return .full(socket)
    }
}

/// The attributes of a row that Postel asks for.
struct SockDiagAttributes {
    var information: SockDiagInformation?
    var shutdown: KernelSocket.Shutdown?

    init(_ octets: Span<UInt8>) throws(RowFault) {
        var offset = 0
        // A length of 4 is an attribute without content; less is none.
        while octets.count - offset >= 4 {
            let length = Int(octets.native16(offset))
            guard length >= 4, length <= octets.count - offset else { throw .truncated }
            let content = octets.extracting(offset + 4..<offset + length)
            switch octets.native16(offset + 2) {
            case SockDiagFormat.attributeInformation: information = SockDiagInformation(content)
            case SockDiagFormat.attributeShutdown where content.count >= 1:
                shutdown = KernelSocket.Shutdown(rawValue: content[0] & 3)
            default: break
            }
            offset += (length + 3) & ~3
        }
    }
}
