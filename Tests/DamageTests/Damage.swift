import TestSupport

/// One thing that can be wrong with a capture file.
enum Damage: CaseIterable {
    case cutInFileHeader, cutInRecordHeader, cutInLinkHeader, cutInInternetHeader, cutInTCPHeader, cutInOptions
    case cutInText
    case cutAtBound
    case bitInFileHeader, bitInRecordHeader, bitInLinkHeader, bitInInternetHeader, bitInTCPHeader, bitInOptions
    case bitInText
    case bitAnywhere, octetsAnywhere
    case capturedLength, originalLength, stamp
    case internetLength, internetHeaderLength, transportProtocol, fragmentField
    case dataOffset, controlBits, numbers, optionLength
    case recordTwice, recordsMissing, recordsSwapped

    /// A file with this damage.
    struct Result {
        var bytes: [UInt8]
        /// The octets before this one are as they were.
        var firstWrong: Int
        /// The file ends here, and nothing else is wrong with it.
        var isCut = false
        var story: String
    }

    /// Damages a file somewhere; nil if it has no such place.
    func inflict(on bytes: [UInt8], _ anatomy: Anatomy, _ random: inout SeededGenerator) -> Result? {
        switch self {
        case .cutInFileHeader, .cutInRecordHeader, .cutInLinkHeader, .cutInInternetHeader, .cutInTCPHeader,
            .cutInOptions, .cutInText, .cutAtBound:
            guard let range = range(in: anatomy, &random), let offset = random.pick(range) else { return nil }
            return Result(
                bytes: Array(bytes[..<offset]), firstWrong: offset, isCut: true, story: "\(self) at \(offset)")
        case .bitInFileHeader, .bitInRecordHeader, .bitInLinkHeader, .bitInInternetHeader, .bitInTCPHeader,
            .bitInOptions, .bitInText, .bitAnywhere:
            guard let range = range(in: anatomy, &random), let offset = random.pick(range) else { return nil }
            let bit = random.next() % 8
            return change(bytes, offset, "bit \(bit)") { $0[offset] ^= 1 << UInt8(bit) }
        case .octetsAnywhere:
            guard let first = random.pick(0..<bytes.count), let count = random.pick(1..<64) else { return nil }
            var generator = random
            return change(bytes, first, "\(count) octets") {
                for offset in first..<min(first + count, $0.count) {
                    $0[offset] = UInt8(truncatingIfNeeded: generator.next())
                }
            }
        case .capturedLength, .originalLength, .stamp, .recordTwice, .recordsMissing, .recordsSwapped:
            return inflictOnRecord(bytes, anatomy, &random)
        case .internetLength, .internetHeaderLength, .transportProtocol, .fragmentField, .dataOffset, .controlBits,
            .numbers, .optionLength:
            return inflictOnHeaders(bytes, anatomy, &random)
        }
    }

    private static let hostileWords: [UInt32] = [
        0, 1, 15, 64, 262_143, 262_144, 262_145, 0x00FF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ]

    /// Lies of a packet's record.
    private func inflictOnRecord(_ bytes: [UInt8], _ anatomy: Anatomy, _ random: inout SeededGenerator) -> Result? {
        guard let index = random.pick(0..<anatomy.records.count) else { return nil }
        let record = anatomy.records[index]
        // pcapng: block type, length, interface, two halves of the stamp, captured and original length.
        let capturedAt = record.start + (anatomy.isPcapng ? 20 : 8)
        let stampAt = record.start + (anatomy.isPcapng ? 12 : 0)
        let hostile = Self.hostileWords[Int(random.next() % UInt64(Self.hostileWords.count))]
        let near = bytes.word(capturedAt) &+ (random.next() & 1 == 0 ? 1 : .max)
        switch self {
        case .capturedLength:
            let value = random.next() % 4 == 0 ? near : hostile
            return change(bytes, capturedAt, "is \(value)") { $0.setWord(capturedAt, value) }
        case .originalLength:
            return change(bytes, capturedAt + 4, "is \(hostile)") { $0.setWord(capturedAt + 4, hostile) }
        case .stamp:
            let offset = stampAt + (random.next() & 1 == 0 ? 0 : 4)
            return change(bytes, offset, "is \(hostile)") { $0.setWord(offset, hostile) }
        case .recordTwice:
            let copy = bytes[record.start..<record.end]
            return change(bytes, record.end, "of packet \(index + 1)") { $0.insert(contentsOf: copy, at: record.end) }
        case .recordsMissing:
            let last = anatomy.records[min(index + Int(random.next() % 5), anatomy.records.count - 1)]
            return change(bytes, record.start, "from packet \(index + 1)") {
                $0.removeSubrange(record.start..<last.end)
            }
        case .recordsSwapped:
            guard index + 1 < anatomy.records.count else { return nil }
            let next = anatomy.records[index + 1]
            let between = bytes[record.end..<next.start]
            let swapped = bytes[next.start..<next.end] + between + bytes[record.start..<record.end]
            return change(bytes, record.start, "packet \(index + 1)") {
                $0.replaceSubrange(record.start..<next.end, with: swapped)
            }
        default: return nil
        }
    }

    /// Lies of the headers of IP and TCP.
    private func inflictOnHeaders(_ bytes: [UInt8], _ anatomy: Anatomy, _ random: inout SeededGenerator) -> Result? {
        guard let record = segment(in: anatomy, &random), let layers = record.layers else { return nil }
        let value = UInt8(truncatingIfNeeded: random.next())
        let extreme: UInt8 = [0, 1, 4, 255][Int(random.next() % 4)]
        switch self {
        case .internetLength:
            let offset = layers.internet + (layers.isIPv6 ? 4 : 2)
            return change(bytes, offset, "is \(extreme) \(value)") {
                $0[offset] = extreme
                $0[offset + 1] = value
            }
        case .internetHeaderLength:
            return change(bytes, layers.internet, "is \(value)") { $0[layers.internet] = value }
        case .transportProtocol:
            let offset = layers.internet + (layers.isIPv6 ? 6 : 9)
            let kinds: [UInt8] = [0, 1, 4, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 135, 255]
            let kind = kinds[Int(value) % kinds.count]
            return change(bytes, offset, "is \(kind)") { $0[offset] = kind }
        case .fragmentField:
            let offset = layers.internet + 6
            return change(bytes, offset, "is \(extreme) \(value)") {
                $0[offset] = extreme
                $0[offset + 1] = value
            }
        case .dataOffset:
            let offset = layers.transport + 12
            return change(bytes, offset, "is \(value >> 4)") { $0[offset] = $0[offset] & 15 | value & 0xF0 }
        case .controlBits:
            let offset = layers.transport + 13
            return change(bytes, offset, "is \(value)") { $0[offset] = value }
        case .numbers:
            let offset = layers.transport + (value & 1 == 0 ? 4 : 8)
            let number = [0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, random.next32()][Int(value) % 5]
            return change(bytes, offset, "is \(number)") { $0.setWord(offset, number) }
        case .optionLength:
            guard layers.text > layers.options + 2, let offset = optionLength(bytes, layers, &random)
            else { return nil }
            return change(bytes, offset, "is \(extreme)") { $0[offset] = extreme }
        default: return nil
        }
    }

    /// The length octet of one of the options.
    private func optionLength(_ bytes: [UInt8], _ layers: Anatomy.Layers, _ random: inout SeededGenerator) -> Int? {
        var offset = layers.options
        var found: [Int] = []
        while offset + 1 < layers.text, bytes[offset] != 0 {
            if bytes[offset] == 1 {
                offset += 1
                continue
            }
            found.append(offset + 1)
            offset += max(Int(bytes[offset + 1]), 1)
        }
        return random.pick(0..<found.count).map { found[$0] }
    }

    private func segment(in anatomy: Anatomy, _ random: inout SeededGenerator) -> Anatomy.Record? {
        let segments = anatomy.records.filter { $0.layers != nil }
        return random.pick(0..<segments.count).map { segments[$0] }
    }

    /// Where a cut or a flipped bit of this kind may be.
    private func range(in anatomy: Anatomy, _ random: inout SeededGenerator) -> Range<Int>? {
        guard let last = anatomy.records.last else { return 0..<anatomy.headerEnd }
        switch self {
        case .cutInFileHeader, .bitInFileHeader: return 0..<anatomy.headerEnd
        case .bitAnywhere: return 0..<last.end
        case .cutAtBound:
            guard let index = random.pick(0..<anatomy.records.count) else { return nil }
            let bound = anatomy.records[index].start
            return bound..<(bound + 1)
        default: break
        }
        guard let record = segment(in: anatomy, &random), let layers = record.layers else { return nil }
        switch self {
        case .cutInRecordHeader, .bitInRecordHeader:
            return (record.start + (self == .cutInRecordHeader ? 1 : 0))..<record.frame
        case .cutInLinkHeader, .bitInLinkHeader: return record.frame..<layers.internet
        case .cutInInternetHeader, .bitInInternetHeader: return layers.internet..<layers.transport
        case .cutInTCPHeader, .bitInTCPHeader: return layers.transport..<layers.options
        case .cutInOptions, .bitInOptions: return layers.options..<layers.text
        case .cutInText, .bitInText: return layers.text..<record.frameEnd
        default: return nil
        }
    }

    private func change(
        _ bytes: [UInt8], _ offset: Int, _ what: String, _ body: (inout [UInt8]) -> Void
    ) -> Result {
        var changed = bytes
        body(&changed)
        return Result(bytes: changed, firstWrong: offset, story: "\(self) at \(offset) \(what)")
    }
}

extension SeededGenerator {
    /// A number of a range, or nil if it is empty.
    mutating func pick(_ range: Range<Int>) -> Int? {
        range.isEmpty ? nil : range.lowerBound + Int(next() % UInt64(range.count))
    }
}
