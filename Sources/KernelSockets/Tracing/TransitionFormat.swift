import TCPStateMachine
import WireFormat

/// Reads events of `sock:inet_sock_set_state`.
struct TransitionFormat {
    private let identifier: UInt16
    private let size: Int
    private let type, socket, oldState, newState, localPort, remotePort, family, transport: Int
    private let local, remote: Int

    /// From the text of the event's file `format`.
    init(_ text: String) throws(KernelSocketsError) {
        let format = TraceFormat(text)
        identifier = try TraceFormat.identifier(text)
        type = try format.field("common_type", size: 2)
        socket = try format.field("skaddr", size: MemoryLayout<Int>.size)
        oldState = try format.field("oldstate", size: 4)
        newState = try format.field("newstate", size: 4)
        localPort = try format.field("sport", size: 2)
        remotePort = try format.field("dport", size: 2)
        family = try format.field("family", size: 2)
        // Linux 5.6 made it two octets: TCP fits in either.
        transport = format.fields["protocol"]?.offset ?? 0
        local = try format.field("saddr_v6", size: 16)
        remote = try format.field("daddr_v6", size: 16)
        guard transport > 0 else { throw .noTracepoint("its format has no field 'protocol'") }
        size = [
            type + 2, socket + 8, oldState + 4, newState + 4, localPort + 2, remotePort + 2, family + 2, transport + 1,
            local + 16, remote + 16,
        ].max() ?? 0
    }

    /// The transition of an event; nil if it is another one, or is not TCP's.
    ///
    /// Only the IPv6 form of the addresses is always right (kernel-facts 3.1).
    func transition(_ event: Span<UInt8>, time: Int64) -> KernelTransition? {
        guard event.count >= size, event.native16(type) == identifier,
            event[transport] == SockDiagFormat.protocolTCP,
            let from = KernelStateNumber.state(event.native32(oldState)),
            let to = KernelStateNumber.state(event.native32(newState))
        else { return nil }
        let socketFamily: AddressFamily = event.native16(family) == SockDiagFormat.familyIPv6 ? .ipv6 : .ipv4
        return KernelTransition(
            time: time,
            pair: SocketPair(
                local: address(event, local), localPort: event.native16(localPort), remote: address(event, remote),
                remotePort: event.native16(remotePort), socketFamily: socketFamily),
            socketFamily: socketFamily, from: from, to: to,
            socket: MemoryLayout<Int>.size == 8 ? event.native64(socket) : UInt64(event.native32(socket)))
    }

    private func address(_ event: Span<UInt8>, _ offset: Int) -> Address {
        Address(high: event.network64(offset), low: event.network64(offset + 8))
    }
}
