import TCPStateMachine
import WireFormat

/// Addresses and ports of a flow in an order that does not depend on the direction of a segment.
struct FlowKey: Equatable, BitwiseCopyable {
    var lowAddress: Address
    var highAddress: Address
    var lowPort: UInt16
    var highPort: UInt16
    var family: AddressFamily

    /// The key, and whether the pair's source is its low end.
    static func of(_ pair: SocketPair) -> (key: FlowKey, sourceIsLow: Bool) {
        let sourceIsLow = isLow(pair)
        return (sourceIsLow ? FlowKey(low: pair) : FlowKey(low: pair.reversed), sourceIsLow)
    }

    private init(low pair: SocketPair) {
        lowAddress = pair.source
        highAddress = pair.destination
        lowPort = pair.sourcePort
        highPort = pair.destinationPort
        family = pair.family
    }

    private static func isLow(_ pair: SocketPair) -> Bool {
        if pair.source.low != pair.destination.low { return pair.source.low < pair.destination.low }
        if pair.source.high != pair.destination.high { return pair.source.high < pair.destination.high }
        return pair.sourcePort <= pair.destinationPort
    }

    /// Mixes all of the key with one multiplication; the seed keeps attackers from choosing collisions.
    func hash(seed: UInt64) -> UInt64 {
        let ports = UInt64(lowPort) << 32 | UInt64(highPort) << 16 | UInt64(family.rawValue)
        let a = (lowAddress.low ^ seed) &+ lowAddress.high.multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25).high
        let b = highAddress.low &+ highAddress.high &* 0xD6E8_FEB8_6659_FD93 ^ ports &* 0xA076_1D64_78BD_642F
        let product = (a ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: b ^ seed)
        let folded = product.high ^ product.low
        return folded ^ (folded >> 29)
    }
}
