/// A block of a pcapng file that lies in memory whole: its body, between the two lengths, and how to look into it.
///
/// Every look is checked against the body's length, which is all that a block's contents are trusted with.
@safe
struct PcapngBlock {
    /// A block, or what stands in it, is shorter than it must be, or contradicts itself.
    struct Refusal: Error {
        var detail: String
    }

    let type: UInt32
    /// Octets of the body.
    let length: Int
    let body: UnsafeRawPointer

    @inline(__always)
    func need(_ octets: Int) throws(Refusal) {
        guard octets <= length else { throw tooShort() }
    }

    @inline(never)
    private func tooShort() -> Refusal {
        Refusal(detail: "a block of type \(type) is too short for what it claims to hold")
    }

    func uint16(_ place: Int, _ order: FileOrder) throws(Refusal) -> UInt16 {
        try need(place + 2)
        return unsafe order.uint16(body, place)
    }

    @inline(__always)
    func uint32(_ place: Int, _ order: FileOrder) throws(Refusal) -> UInt32 {
        try need(place &+ 4)
        return unsafe order.uint32(body, place)
    }

    /// Two words, the higher one first, in whatever order their octets are: a stamp.
    @inline(__always)
    func stamp(_ place: Int, _ order: FileOrder) throws(Refusal) -> UInt64 {
        try need(place &+ 8)
        return unsafe UInt64(order.uint32(body, place)) << 32 | UInt64(order.uint32(body, place &+ 4))
    }

    /// The options that stand at a place of the body, which is a multiple of 4.
    func options(from place: Int, _ order: FileOrder) -> Options {
        Options(block: self, order: order, place: place)
    }

    /// One option: its code and its value, which lies in the block.
    @safe
    struct Option {
        let code: UInt16
        let length: Int
        fileprivate let value: UnsafeRawPointer

        /// One octet of the value; 0 behind its end.
        func octet(_ place: Int) -> UInt8 {
            place < length ? unsafe value.load(fromByteOffset: place, as: UInt8.self) : 0
        }

        /// The first eight octets as a number in the file's order.
        func uint64(_ order: FileOrder) -> UInt64 {
            length >= 8 ? unsafe order.uint64(value, 0) : 0
        }

        func text(_ most: Int) -> String {
            String(decoding: (0..<min(length, most)).map(octet), as: UTF8.self)
        }

        var ipv4: CaptureInterface.Address {
            .ipv4(UInt32(truncatingIfNeeded: bigEndian(0, 4)), mask: UInt32(truncatingIfNeeded: bigEndian(4, 4)))
        }

        var ipv6: CaptureInterface.Address {
            .ipv6(high: bigEndian(0, 8), low: bigEndian(8, 8), prefixLength: octet(16))
        }

        private func bigEndian(_ place: Int, _ count: Int) -> UInt64 {
            (place..<place + count).reduce(0) { $0 << 8 | UInt64(octet($1)) }
        }
    }

    /// The options of a block, one after the other.
    struct Options {
        fileprivate let block: PcapngBlock
        fileprivate let order: FileOrder
        fileprivate var place: Int

        /// The next one, or nil behind the last.
        mutating func next() throws(Refusal) -> Option? {
            guard place < block.length else { return nil }
            let code = try block.uint16(place, order)
            let length = Int(try block.uint16(place + 2, order))
            let value = place + 4
            try block.need(value + (length + 3) / 4 * 4)
            place = value + (length + 3) / 4 * 4
            guard code == PcapngOption.end else {
                return unsafe Option(code: code, length: length, value: block.body + value)
            }
            guard length == 0 else { throw Refusal(detail: "the end of a block's options claims \(length) octets") }
            place = block.length
            return nil
        }
    }
}
