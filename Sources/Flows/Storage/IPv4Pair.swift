import TCPStateMachine
import WireFormat

/// The two sockets of an IPv4 flow in 12 octets; there are millions of them.
struct IPv4Pair: BitwiseCopyable {
    /// In host order, as those below.
    private let source: UInt32
    private let destination: UInt32
    private let sourcePort: UInt16
    private let destinationPort: UInt16

    /// - Returns: nil if the addresses need more room.
    init?(_ pair: SocketPair) {
        let (source, destination) = (Address(ipv4: pair.source.ipv4Bits), Address(ipv4: pair.destination.ipv4Bits))
        guard pair.family == .ipv4, pair.source == source, pair.destination == destination else { return nil }
        self.init(pair, source: pair.source.ipv4Bits, destination: pair.destination.ipv4Bits)
    }

    /// The ports alone: the addresses are somewhere else.
    init(portsOf pair: SocketPair) {
        self.init(pair, source: 0, destination: 0)
    }

    /// Of a segment of IPv4.
    @inline(__always)
    init(_ segment: CompactSegment) {
        source = segment.sourceAddress
        destination = segment.destinationAddress
        sourcePort = segment.sourcePort
        destinationPort = segment.destinationPort
    }

    private init(_ pair: SocketPair, source: UInt32, destination: UInt32) {
        self.source = source
        self.destination = destination
        sourcePort = pair.sourcePort
        destinationPort = pair.destinationPort
    }

    /// Which end a segment with these sockets comes from, if this is the pair of its flow; nil if it is not.
    ///
    /// Which direction it is cannot be guessed: what is compared is chosen without a branch.
    @inline(__always)
    func role(of other: IPv4Pair) -> EndpointRole? {
        let isTurned = source != other.source || sourcePort != other.sourcePort
        let turn: UInt64 = isTurned ? .max : 0
        let (turnedAddresses, turnedPorts) = (addresses << 32 | addresses >> 32, ports << 16 | ports >> 16)
        let (expected, expectedPorts) = (
            addresses ^ (addresses ^ turnedAddresses) & turn,
            ports ^ (ports ^ turnedPorts) & UInt32(truncatingIfNeeded: turn)
        )
        guard (expected ^ other.addresses) | UInt64(expectedPorts ^ other.ports) == 0 else { return nil }
        return isTurned ? .responder : .initiator
    }

    /// Source and destination in one word.
    private var addresses: UInt64 {
        @inline(__always) get { UInt64(source) | UInt64(destination) << 32 }
    }
    private var ports: UInt32 {
        @inline(__always) get { UInt32(sourcePort) | UInt32(destinationPort) << 16 }
    }

    /// The same with addresses of 128 bits.
    @inline(__always)
    var pair: SocketPair {
        pair(Addresses(source: Address(ipv4: source), destination: Address(ipv4: destination)), .ipv4)
    }

    /// With addresses that were somewhere else.
    @inline(__always)
    func pair(_ addresses: Addresses, _ family: AddressFamily) -> SocketPair {
        SocketPair(
            source: addresses.source, destination: addresses.destination, sourcePort: sourcePort,
            destinationPort: destinationPort, family: family)
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
