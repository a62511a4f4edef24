/// One block of a pcapng file on its way into a buffer: type, length, body, options, length again, in little-endian
/// order and filled up to words.
struct BlockBuilder {
    /// The buffer, with the block at its end.
    var octets: [UInt8]
    private let start: Int
    /// No option was longer than its length can tell.
    private var isSound = true

    /// Readers take blocks up to 16 MiB (libpcap, Wireshark); a bit less leaves room for what stands around a frame.
    static let mostOctets = 15 << 20

    init(_ type: PcapngBlockType, appendingTo buffer: consuming [UInt8]) {
        octets = buffer
        start = octets.count
        append(type.rawValue)
        append(UInt32(0))
    }

    /// Ends the block.
    ///
    /// - Returns: false if it is longer than a block may be.
    mutating func finish() -> Bool {
        let length = octets.count - start + 4
        guard isSound, length <= BlockBuilder.mostOctets else { return false }
        append(UInt32(length))
        for place in 0..<4 { octets[start + 4 + place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
        return true
    }

    @inline(__always)
    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        var rest = number.littleEndian
        unsafe withUnsafeBytes(of: &rest) { bytes in unsafe octets.append(contentsOf: bytes) }
    }

    /// Octets, filled up to a word.
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in unsafe octets.append(contentsOf: buffer) }
        for _ in 0..<(-bytes.count & 3) { octets.append(0) }
    }

    mutating func option(_ code: UInt16, _ value: [UInt8]) {
        guard let length = UInt16(exactly: value.count) else {
            isSound = false
            return
        }
        append(code)
        append(length)
        append(value.span)
    }

    /// Text, or nothing.
    mutating func option(_ code: UInt16, text: String?) {
        if let text { option(code, Array(text.utf8)) }
    }

    /// A number of 64 bits, or nothing.
    mutating func option(_ code: UInt16, number: UInt64?) {
        guard let number else { return }
        append(code)
        append(UInt16(8))
        append(number)
    }

    /// An address of an interface, in network order as all addresses are.
    mutating func option(_ address: CaptureInterface.Address) {
        switch address {
        case .ipv4(let address, let mask):
            option(PcapngOption.interfaceIPv4Address, bigEndian(address) + bigEndian(mask))
        case .ipv6(let high, let low, let prefixLength):
            option(PcapngOption.interfaceIPv6Address, bigEndian(high) + bigEndian(low) + [prefixLength])
        }
    }

    mutating func endOptions() {
        append(PcapngOption.end)
        append(UInt16(0))
    }
}

private func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    stride(from: Number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
}
