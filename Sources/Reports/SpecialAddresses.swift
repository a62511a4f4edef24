import WireFormat

/// Addresses that are not routed over the Internet (IANA's special-purpose registries): what Zeek 8 takes for local
/// where nobody has told it what is.
enum SpecialAddresses {
    private struct Prefix {
        let high: UInt64
        let low: UInt64
        /// 0 ... 128.
        let length: Int

        func contains(_ address: Address) -> Bool {
            let highMask = length >= 64 ? .max : ~(UInt64.max >> UInt64(length))
            let lowMask = length <= 64 ? 0 : ~(UInt64.max >> UInt64(length - 64)) | (length == 128 ? .max : 0)
            return (high ^ address.high) & highMask == 0 && (low ^ address.low) & lowMask == 0
        }
    }

    /// The first 32 bits, and how many of them count.
    private static let ipv4: [(bits: UInt32, length: UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12),
        (0xC000_0000, 24), (0xC000_0200, 24), (0xC0A8_0000, 16), (0xC612_0000, 15), (0xC633_6400, 24),
        (0xCB00_7100, 24),
        (0xE000_0000, 24), (0xEF00_0000, 8), (0xF000_0000, 4),
    ]

    private static let ipv6: [Prefix] = [
        // Unspecified and loopback.
        Prefix(high: 0, low: 0, length: 128), Prefix(high: 0, low: 1, length: 128),
        // Translation, discarding, protocol assignments, documentation.
        Prefix(high: 0x0064_FF9B_0001_0000, low: 0, length: 48),
        Prefix(high: 0x0100_0000_0000_0000, low: 0, length: 64),
        Prefix(high: 0x2001_0000_0000_0000, low: 0, length: 23),
        Prefix(high: 0x2001_0DB8_0000_0000, low: 0, length: 32),
        // Unique local, link-local, site-local.
        Prefix(high: 0xFC00_0000_0000_0000, low: 0, length: 7), Prefix(high: 0xFE80_0000_0000_0000, low: 0, length: 10),
        Prefix(high: 0xFEC0_0000_0000_0000, low: 0, length: 10),
    ]

    static func contain(_ address: Address, _ family: AddressFamily) -> Bool {
        switch family {
        case .ipv4: return contains(UInt32(truncatingIfNeeded: address.low))
        case .ipv6:
            // 6to4 (RFC 3056) carries an IPv4 address behind its first 16 bits.
            if address.high >> 48 == 0x2002 { return contains(UInt32(truncatingIfNeeded: address.high >> 16)) }
            return ipv6.contains { $0.contains(address) }
        }
    }

    private static func contains(_ address: UInt32) -> Bool {
        ipv4.contains { (address ^ $0.bits) >> (32 - $0.length) == 0 }
    }
}
