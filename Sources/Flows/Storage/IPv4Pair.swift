import TCPStateMachine
import WireFormat

/// The two sockets of an IPv4 flow in 12 octets; there are millions of them.
struct IPv4Pair: BitwiseCopyable {
    /// The source's in the lower half, in host order.
    private let addresses: UInt64
    /// Likewise.
    private let ports: UInt32

    /// - Returns: nil if the addresses need more room.
    init?(_ pair: SocketPair) {
        let (source, destination) = (Address(ipv4: pair.source.ipv4Bits), Address(ipv4: pair.destination.ipv4Bits))
        guard pair.family == .ipv4, pair.source == source, pair.destination == destination else { return nil }
        self.init(
            source: pair.source.ipv4Bits, pair.sourcePort, destination: pair.destination.ipv4Bits,
            pair.destinationPort)
    }

    /// The ports alone: the addresses are somewhere else.
    init(portsOf pair: SocketPair) {
        self.init(source: 0, pair.sourcePort, destination: 0, pair.destinationPort)
    }

    /// Of a segment of IPv4.
    @inline(__always)
    init(_ segment: CompactSegment) {
        self.init(
            source: segment.sourceAddress, segment.sourcePort, destination: segment.destinationAddress,
            segment.destinationPort)
    }

    @inline(__always)
    private init(source: UInt32, _ sourcePort: UInt16, destination: UInt32, _ destinationPort: UInt16) {
        addresses = UInt64(source) | UInt64(destination) << 32
        ports = UInt32(sourcePort) | UInt32(destinationPort) << 16
    }

    /// Which end a segment with these sockets comes from, if this is the pair of its flow; nil if it is not.
    ///
    /// Which direction it is cannot be guessed: both are compared.
    @inline(__always)
    func role(of other: IPv4Pair) -> EndpointRole? {
        let onward = (addresses ^ other.addresses) | UInt64(ports ^ other.ports)
        let (turnedAddresses, turnedPorts) = (addresses << 32 | addresses >> 32, ports << 16 | ports >> 16)
        let back = (turnedAddresses ^ other.addresses) | UInt64(turnedPorts ^ other.ports)
        guard min(onward, back) == 0 else { return nil }
        return onward == 0 ? .initiator : .responder
    }

    /// The same with addresses of 128 bits.
    @inline(__always)
    var pair: SocketPair {
        pair(
            Addresses(
                source: Address(ipv4: UInt32(truncatingIfNeeded: addresses)),
                destination: Address(ipv4: UInt32(truncatingIfNeeded: addresses >> 32))), .ipv4)
    }

    /// With addresses that were somewhere else.
    @inline(__always)
    func pair(_ addresses: Addresses, _ family: AddressFamily) -> SocketPair {
        SocketPair(
            source: addresses.source, destination: addresses.destination,
            sourcePort: UInt16(truncatingIfNeeded: ports), destinationPort: UInt16(truncatingIfNeeded: ports >> 16),
            family: family)
    }
}

/// The addresses of a flow that is not one of IPv4.
struct Addresses: BitwiseCopyable {
    var source: Address
    var destination: Address
}

extension Address {
    /// The last 32 bits: of an IPv4 address all that there is.
    fileprivate var ipv4Bits: UInt32 { UInt32(truncatingIfNeeded: low) }
}
