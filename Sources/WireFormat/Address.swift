/// An IPv4 or IPv6 address in 128 bits; an IPv4 address is kept in its IPv4-mapped form (RFC 4291 section 2.5.5.2).
///
/// Which of the two the packet spoke is said by `SocketPair.family`, so that a hostile IPv6 packet with a mapped
/// address is never taken for IPv4.
public struct Address: Hashable, Sendable, BitwiseCopyable {
    /// The first eight octets, in host order.
    public var high: UInt64
    /// The last eight octets, in host order.
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address from its 32 bits in host order: 10.0.0.1 is 0x0A000001.
    @inlinable
    public init(ipv4 bits: UInt32) {
        self.init(high: 0, low: 0x0000_FFFF_0000_0000 | UInt64(bits))
    }
}

/// The version of the Internet protocol.
public enum AddressFamily: UInt8, Hashable, Sendable, BitwiseCopyable {
    case ipv4 = 4
    case ipv6 = 6
}

/// The two sockets of a segment, in the direction it travels.
public struct SocketPair: Hashable, Sendable, BitwiseCopyable {
    public var source: Address
    public var destination: Address
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var family: AddressFamily

    @inlinable
    public init(
        source: Address, destination: Address, sourcePort: UInt16, destinationPort: UInt16, family: AddressFamily
    ) {
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.family = family
    }

    /// The same pair seen from the other end.
    @inlinable
    public var reversed: SocketPair {
        SocketPair(
            source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort,
            family: family)
    }
}
