/// Where things stand in a capture file: so that damage can be done at every kind of place.
struct Anatomy {
    /// A packet's record: its own header, then the frame.
    struct Record {
        var start: Int
        /// Where the frame begins.
        var frame: Int
        /// Where the frame ends; a pcapng block goes on a little.
        var frameEnd: Int
        var end: Int
        var layers: Layers?
    }

    /// Where the layers of a TCP segment over IP begin, as far as they were captured.
    struct Layers {
        var internet: Int
        var isIPv6: Bool
        var transport: Int
        var options: Int
        var text: Int
    }

    var isPcapng: Bool
    var headerEnd: Int
    var records: [Record] = []

    /// Takes a sound file apart; nil if it is none that this understands.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 24 else { return nil }
        switch [UInt8](bytes[0..<4]) {
        case [0xD4, 0xC3, 0xB2, 0xA1], [0x4D, 0x3C, 0xB2, 0xA1]:
            isPcapng = false
            headerEnd = 24
            takeApartClassic(bytes)
        case [0x0A, 0x0D, 0x0D, 0x0A]:
            isPcapng = true
            headerEnd = 0
            takeApartPcapng(bytes)
        default:
            return nil
        }
    }

    /// How many packets stand whole before an offset.
    func packets(before offset: Int) -> Int {
        records.firstIndex { $0.end > offset } ?? records.count
    }

    /// The file up to a packet, that one not included.
    func prefix(_ packets: Int, of bytes: [UInt8]) -> [UInt8] {
        let end = packets < records.count ? records[packets].start : bytes.count
        return Array(bytes[..<end])
    }

    private mutating func takeApartClassic(_ bytes: [UInt8]) {
        let linkType = Int(bytes.word(20) & 0xFFFF)
        var start = 24
        while start + 16 <= bytes.count {
            let end = start + 16 + Int(bytes.word(start + 8))
            guard end <= bytes.count else { return }
            records.append(
                Record(
                    start: start, frame: start + 16, frameEnd: end, end: end,
                    layers: Layers(bytes, linkType: linkType, from: start + 16, to: end)))
            start = end
        }
    }

    private mutating func takeApartPcapng(_ bytes: [UInt8]) {
        var linkType = 1
        var start = 0
        while start + 12 <= bytes.count {
            let end = start + Int(bytes.word(start + 4))
            guard end <= bytes.count, end >= start + 12 else { return }
            switch bytes.word(start) {
            case 1: linkType = Int(bytes.word(start + 8) & 0xFFFF)
            case 6:
                if records.isEmpty { headerEnd = start }
                let frameEnd = min(start + 28 + Int(bytes.word(start + 20)), end)
                records.append(
                    Record(
                        start: start, frame: start + 28, frameEnd: frameEnd, end: end,
                        layers: Layers(bytes, linkType: linkType, from: start + 28, to: frameEnd)))
            default: break
            }
            start = end
        }
        if records.isEmpty { headerEnd = bytes.count }
    }
}

extension Anatomy.Layers {
    /// Nil for what is no TCP over IP, and for what was cut off before the text.
    init?(_ bytes: [UInt8], linkType: Int, from start: Int, to end: Int) {
        let linkLengths = [0: 4, 1: 14, 12: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20]
        guard var internet = linkLengths[linkType].map({ start + $0 }) else { return nil }
        if linkType == 1, start + 18 < end, bytes[start + 12] == 0x81, bytes[start + 13] == 0 { internet += 4 }
        guard internet + 40 <= end else { return nil }
        isIPv6 = bytes[internet] >> 4 == 6
        let length = isIPv6 ? 40 : Int(bytes[internet] & 15) * 4
        guard bytes[internet + (isIPv6 ? 6 : 9)] == 6, internet + length + 20 <= end else { return nil }
        self.internet = internet
        transport = internet + length
        options = transport + 20
        text = min(transport + Int(bytes[transport + 12] >> 4) * 4, end)
        guard text >= options else { return nil }
    }
}

extension [UInt8] {
    /// A number of four octets, the lowest first.
    func word(_ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) }
    }

    mutating func setWord(_ offset: Int, _ value: UInt32) {
        for place in 0..<4 { self[offset + place] = UInt8(truncatingIfNeeded: value >> UInt32(8 * place)) }
    }
}
