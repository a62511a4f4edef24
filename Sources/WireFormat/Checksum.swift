/// The Internet checksum (RFC 1071): the complement of the ones' complement sum of 16-bit words.
public struct Checksum: Sendable, BitwiseCopyable {
    /// The words added so far; carries are folded in at the end. 2^32 words fit.
    private var sum: UInt64 = 0

    public init() {}

    /// Adds octets as words in network order; an odd octet at the end is filled up with zero.
    public mutating func add(_ bytes: Span<UInt8>) {
        var offset = addWide(bytes)
        while offset + 1 < bytes.count {
            sum += UInt64(bytes.uint16(at: offset))
            offset += 2
        }
        if offset < bytes.count { sum += UInt64(bytes[offset]) << 8 }
    }

    /// Adds the pseudo-header of a TCP segment or an ICMPv6 message (RFC 9293 section 3.1, RFC 8200 section 8.1).
    ///
    /// - Parameters:
    ///   - length: octets of the segment, header and text.
    ///   - protocolNumber: 6 for TCP.
    public mutating func addPseudoHeader(
        source: Address, destination: Address, family: AddressFamily, protocolNumber: UInt8, length: UInt32
    ) {
        switch family {
        case .ipv4:
            add(UInt32(truncatingIfNeeded: source.low))
            add(UInt32(truncatingIfNeeded: destination.low))
        case .ipv6:
            for half in [source.high, source.low, destination.high, destination.low] {
                add(UInt32(truncatingIfNeeded: half >> 32))
                add(UInt32(truncatingIfNeeded: half))
            }
        }
        add(UInt32(protocolNumber))
        add(length)
    }

    /// Adds what fits into words of 64 bits, and tells where the rest begins.
    ///
    /// The sum comes out the same in whatever width and order of octets it is taken (RFC 1071 section 2): so it is
    /// taken as the machine reads, and turned once. The halves are summed apart, where 2^32 carries have room.
    @inline(__always)
    private mutating func addWide(_ bytes: Span<UInt8>) -> Int {
        let raw = unsafe bytes.bytes
        var low: UInt64 = 0
        var high: UInt64 = 0
        var offset = 0
        while offset &+ 8 <= raw.byteCount {
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            low &+= word & 0xFFFF_FFFF
            high &+= word >> 32
            offset &+= 8
        }
        var folded = (low >> 16) &+ (low & 0xFFFF) &+ (high >> 16) &+ (high & 0xFFFF)
        while folded > 0xFFFF { folded = (folded >> 16) &+ (folded & 0xFFFF) }
        sum &+= UInt64(UInt16(truncatingIfNeeded: folded).bigEndian)
        return offset
    }

    private mutating func add(_ words: UInt32) {
        sum += UInt64(words >> 16) + UInt64(words & 0xFFFF)
    }

    /// The checksum: what goes into a header whose checksum field was zero, or 0 if a valid field was added with it.
    public var value: UInt16 {
        var folded = sum
        while folded > 0xFFFF { folded = folded >> 16 + folded & 0xFFFF }
        return ~UInt16(truncatingIfNeeded: folded)
    }

    /// Whether the checksum of a TCP segment is right.
    ///
    /// A wrong one proves nothing where the segment was captured on its sender's host: there the network interface
    /// fills it in later (checksum offload).
    ///
    /// - Parameters:
    ///   - segment: the whole segment, from the source port to the last octet of text.
    ///   - pair: its addresses; the ports are not looked at.
    public static func isValid(segment: Span<UInt8>, pair: SocketPair) -> Bool {
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: pair.source, destination: pair.destination, family: pair.family,
            protocolNumber: InternetProtocol.tcp, length: UInt32(truncatingIfNeeded: segment.count))
        checksum.add(segment)
        return checksum.value == 0
    }

    /// Whether the checksum field holds the sum of the pseudo-header and nothing else: what a host writes there that
    /// leaves the rest to its network interface. Between two network namespaces nobody ever fills it in.
    ///
    /// - Parameters:
    ///   - segment: the whole segment, from the source port to the last octet of text.
    ///   - pair: its addresses; the ports are not looked at.
    static func isUnfinished(segment: Span<UInt8>, pair: SocketPair) -> Bool {
        guard segment.count >= 18 else { return false }
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: pair.source, destination: pair.destination, family: pair.family,
            protocolNumber: InternetProtocol.tcp, length: UInt32(truncatingIfNeeded: segment.count))
        // The host's sum is not complemented.
        return ~checksum.value == segment.uint16(at: 16)
    }
}
