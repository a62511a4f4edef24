import TCPStateMachine
public import WireFormat

extension SocketPair {
    /// The same for both directions of a flow. The seed keeps attackers from choosing collisions.
    @inlinable @inline(__always)
    func flowHash(in tunnel: Tunnel, seed: UInt64) -> UInt32 {
        let seed = tunnel == .none ? seed : Self.mix(tunnel, seed)
        let a = Self.mix(source, sourcePort, seed)
        let b = Self.mix(destination, destinationPort, seed)
        // Sum and product do not depend on which end is which.
        let product = ((a ^ b) ^ seed).multipliedFullWidth(by: (a &+ b) | 1)
        let folded = product.high ^ product.low
        return UInt32(truncatingIfNeeded: (folded ^ (folded >> 29)) >> 32)
    }

    /// A seed for each tunnel: addresses that make up for another key cannot be computed without knowing the seed.
    @usableFromInline
    static func mix(_ tunnel: Tunnel, _ seed: UInt64) -> UInt64 {
        let bits = (tunnel.bits ^ seed).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return bits.high ^ bits.low
    }

    @inlinable
    static func mix(_ address: Address, _ port: UInt16, _ seed: UInt64) -> UInt64 {
        let bits = (address.low ^ UInt64(port) << 48 ^ seed).multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25)
        return bits.high ^ bits.low &+ address.high &* 0xD6E8_FEB8_6659_FD93
    }

    /// The pair is that of the flow, in one direction or the other.
    func isFlow(of other: SocketPair) -> Bool {
        guard family == other.family else { return false }
        if sourcePort == other.sourcePort, destinationPort == other.destinationPort, source == other.source,
            destination == other.destination
        {
            return true
        }
        return sourcePort == other.destinationPort && destinationPort == other.sourcePort
            && source == other.destination && destination == other.source
    }
}

extension CapturedSegment {
    /// Of its flow's key: addresses, ports, tunnel.
    @inlinable @inline(__always)
    package func flowHash(seed: UInt64) -> UInt32 {
        pair.flowHash(in: tunnel, seed: seed)
    }
}

extension Flow {
    /// Of its key; see `SocketPair.flowHash`.
    func hash(seed: UInt64) -> UInt32 {
        pair.flowHash(in: tunnel, seed: seed)
    }
}
