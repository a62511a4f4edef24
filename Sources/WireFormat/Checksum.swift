/// The Internet checksum (RFC 1071): the complement of the ones' complement sum of 16-bit words.
///
/// The sum comes out the same in whatever width and order of octets it is taken (RFC 1071 section 2): so it is taken in
/// 64 bits, as the machine reads, and folded and turned once at the end.
public struct Checksum: Sendable, BitwiseCopyable {
    /// The words added so far, carries folded in.
    private var sum: UInt64 = 0

    public init() {}

    /// Adds octets as words in network order; an odd octet at the end is filled up with zero.
    public mutating func add(_ bytes: Span<UInt8>) {
        let raw = unsafe bytes.bytes
        let count = raw.byteCount
        guard count >= 16 else { return addFew(bytes) }
        // Two sums side by side, for each addition waits for the one before it; 128 bits take what 64 carry over.
        var (even, odd): (UInt128, UInt128) = (0, 0)
        var offset = 0
        while offset &+ 64 <= count {
            for place in 0..<4 {
                even &+= unsafe Self.word(raw, at: offset &+ place &* 16)
                odd &+= unsafe Self.word(raw, at: offset &+ place &* 16 &+ 8)
            }
            offset &+= 64
        }
        while offset &+ 16 <= count {
            even &+= unsafe Self.word(raw, at: offset)
            odd &+= unsafe Self.word(raw, at: offset &+ 8)
            offset &+= 16
        }
        // The rest, up to 15 octets, without a guess how many: the last 16, those taken out that were added already.
        let last = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: count &- 16, as: UInt128.self)
        let added = 16 &- (count &- offset)
        let rest = (UInt128(littleEndian: last) &>> 8) &>> UInt128(truncatingIfNeeded: (added &- 1) &* 8)
        even &+= UInt128(UInt64(truncatingIfNeeded: rest).littleEndian)
        odd &+= UInt128(UInt64(truncatingIfNeeded: rest >> 64).littleEndian)
        even &+= odd
        add(word: UInt64(truncatingIfNeeded: even))
        add(word: UInt64(truncatingIfNeeded: even >> 64))
    }

    /// 64 bits as they lie in memory.
    ///
    /// - Parameter offset: at most eight less than there are octets.
    @unsafe @inline(__always)
    private static func word(_ raw: RawSpan, at offset: Int) -> UInt128 {
        UInt128(unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Adds fewer than 16 octets.
    private mutating func addFew(_ bytes: Span<UInt8>) {
        var word: UInt64 = 0
        for place in bytes.indices {
            word |= UInt64(bytes[place]) << UInt64((7 &- place & 7) &* 8)
            if place & 7 == 7 || place == bytes.count - 1 {
                add(word: word.bigEndian)
                word = 0
            }
        }
    }

    /// Adds 64 bits as they lie in memory.
    @inline(__always)
    private mutating func add(word: UInt64) {
        let (partial, carry) = sum.addingReportingOverflow(word)
        // A sum that has just overflown is too small to do so again.
        sum = partial &+ (carry ? 1 : 0)
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
            add(number: source.low << 32 | destination.low & 0xFFFF_FFFF)
        case .ipv6:
            add(number: source.high)
            add(number: source.low)
            add(number: destination.high)
            add(number: destination.low)
        }
        add(number: UInt64(protocolNumber) << 32 | UInt64(length))
    }

    /// Adds the words of a number in host order.
    @inline(__always)
    mutating func add(number: UInt64) {
        add(word: number.bigEndian)
    }

    /// The checksum: what goes into a header whose checksum field was zero, or 0 if a valid field was added with it.
    public var value: UInt16 {
        // 64 bits to 33, to 18, to 17, to 16.
        var folded = (sum >> 32) &+ (sum & 0xFFFF_FFFF)
        folded = (folded >> 16) &+ (folded & 0xFFFF)
        folded = (folded >> 16) &+ (folded & 0xFFFF)
        folded = (folded >> 16) &+ (folded & 0xFFFF)
        return ~UInt16(truncatingIfNeeded: folded).bigEndian
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
