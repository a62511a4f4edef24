public import WireFormat

/// A pcapng file in memory, each frame with a link type of its own: an interface for each.
public struct MixedCapture {
    /// The file so far.
    public private(set) var bytes: [UInt8] = []
    /// What was added, in order.
    public private(set) var frames: [(linkType: LinkType, octets: [UInt8])] = []
    private var interfaces: [LinkType: UInt32] = [:]

    public init() {
        // Byte order, version 1.0, length of the section unknown.
        block(0x0A0D_0D0A, [0x1A2B_3C4D, 0x0000_0001, 0xFFFF_FFFF, 0xFFFF_FFFF])
    }

    public mutating func add(_ octets: [UInt8], _ linkType: LinkType) {
        if interfaces[linkType] == nil {
            interfaces[linkType] = UInt32(interfaces.count)
            block(1, [UInt32(linkType.fileNumber), 0])
        }
        frames.append((linkType, octets))
        // Interface, microseconds in two words, captured and original length.
        let head: [UInt32] = [interfaces[linkType] ?? 0, 0x0006_0A00, UInt32(frames.count) * 1000]
        block(6, head + [UInt32(octets.count), UInt32(octets.count)], octets)
    }

    private mutating func block(_ type: UInt32, _ words: [UInt32], _ octets: [UInt8] = []) {
        let padding = (4 - octets.count % 4) % 4
        let length = UInt32(12 + words.count * 4 + octets.count + padding)
        for word in [type, length] + words { append(word) }
        bytes += octets + Array(repeating: 0, count: padding)
        append(length)
    }

    private mutating func append(_ word: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
