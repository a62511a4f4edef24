import WireFormat

extension SocketPair {
    /// The same for both directions of a flow. The seed keeps attackers from choosing collisions.
    func flowHash(seed: UInt64) -> UInt64 {
        let a = Self.mix(source, sourcePort, seed)
        let b = Self.mix(destination, destinationPort, seed)
        // Sum and product do not depend on which end is which.
        let product = ((a ^ b) ^ seed).multipliedFullWidth(by: (a &+ b) | 1)
        let folded = product.high ^ product.low
        return folded ^ (folded >> 29)
    }

    private static func mix(_ address: Address, _ port: UInt16, _ seed: UInt64) -> UInt64 {
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
