/// What the headers of a fragment say of it.
struct FragmentPiece {
    let source: Address
    let destination: Address
    let family: AddressFamily
    let identification: UInt32
    /// IPv4's protocol number, or what IPv6's fragment header says comes next. In IPv6 only the first fragment's
    /// counts.
    let protocolNumber: UInt8
    let timeToLive: UInt8
    /// Which octets of the packet it carries, behind the Internet header.
    let range: Range<Int>
    /// It is not the last one.
    let hasMore: Bool
    /// Where the octets that it carries begin in the frame.
    let start: Int

    /// The fragment whose IP header begins at `offset`; nil if it is none that can be: empty, longer than a packet, or
    /// not a multiple of eight octets long without being the last.
    init?(_ bytes: Span<UInt8>, at offset: Int) {
        guard bytes.count > offset else { return nil }
        switch bytes[offset] >> 4 {
        case 4: self.init(ipv4: bytes, at: offset)
        case 6: self.init(ipv6: bytes, at: offset)
        default: return nil
        }
        guard !range.isEmpty, !hasMore || range.count % 8 == 0, range.upperBound <= mostOctets else { return nil }
    }

    /// RFC 791 section 3.1.
    private init?(ipv4 bytes: Span<UInt8>, at offset: Int) {
        guard bytes.count >= offset + 20 else { return nil }
        let headerLength = Int(bytes[offset] & 0x0F) * 4
        let length = Int(bytes.uint16(at: offset + 2)) - headerLength
        guard headerLength >= 20, length > 0 else { return nil }
        let field = bytes.uint16(at: offset + 6)
        let first = Int(field & 0x1FFF) * 8
        source = Address(ipv4: bytes.uint32(at: offset + 12))
        destination = Address(ipv4: bytes.uint32(at: offset + 16))
        family = .ipv4
        identification = UInt32(bytes.uint16(at: offset + 4))
        protocolNumber = bytes[offset + 9]
        timeToLive = bytes[offset + 8]
        range = first..<first + length
        hasMore = field & 0x2000 != 0
        start = offset + headerLength
    }

    /// RFC 8200 section 4.5.
    private init?(ipv6 bytes: Span<UInt8>, at offset: Int) {
        guard bytes.count >= offset + 40 else { return nil }
        let chain = skipExtensionHeaders(bytes, at: offset + 40, nextHeader: bytes[offset + 6])
        guard case .fragment(let header) = chain else { return nil }
        let length = offset + 40 + Int(bytes.uint16(at: offset + 4)) - header.end
        guard length > 0 else { return nil }
        let first = Int(header.field & 0xFFF8)
        source = Address(high: bytes.uint64(at: offset + 8), low: bytes.uint64(at: offset + 16))
        destination = Address(high: bytes.uint64(at: offset + 24), low: bytes.uint64(at: offset + 32))
        family = .ipv6
        identification = header.identification
        protocolNumber = header.nextHeader
        timeToLive = bytes[offset + 7]
        range = first..<first + length
        hasMore = header.field & 1 == 1
        start = header.end
    }

    /// What the length field of the whole packet's header can hold, behind a header without options.
    private var mostOctets: Int {
        switch family {
        case .ipv4: 65_535 - 20
        case .ipv6: 65_535
        }
    }

    func key(in tunnel: Tunnel) -> FragmentedPacket.Key {
        FragmentedPacket.Key(
            source: source, destination: destination, identification: identification,
            protocolNumber: family == .ipv4 ? protocolNumber : 0, family: family, tunnel: tunnel)
    }
}
