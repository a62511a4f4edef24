// IEEE 802.11. Its numbers are little-endian, as are radiotap's.

/// The bits of the frame control field, octet by octet (IEEE 802.11-2020 section 9.2.4.1).
private enum FrameControl {
    static let typeMask: UInt8 = 0x0C
    static let data: UInt8 = 0x08
    /// Of the subtypes of data: without a body; with quality of service control.
    static let null: UInt8 = 0x40
    static let qualityOfService: UInt8 = 0x80

    static let toDistribution: UInt8 = 0x01
    static let fromDistribution: UInt8 = 0x02
    static let protected: UInt8 = 0x40
    /// In a frame with quality of service control: an HT control field follows.
    static let order: UInt8 = 0x80
}

/// An IEEE 802.11 frame: control 2, duration 2, three addresses of 6, sequence 2; a fourth address between distribution
/// systems, quality of service 2, HT control 4; then LLC.
///
/// An A-MSDU holds several frames. The first is read; the others are not, for a captured frame is counted once.
///
/// - Parameter isPadded: the body begins at a multiple of four octets from the header's start (radiotap's flag).
@inline(never)
func decodeWireless(
    _ bytes: Span<UInt8>, at start: Int, isPadded: Bool = false, _ frame: FrameLength,
    into captured: inout CapturedSegment
) -> DecodeStep {
    guard bytes.count >= start + 24 else { return frame.missing(until: start + 24) }
    let (kind, flags) = (bytes[start], bytes[start + 1])
    // Version 0 is the only one that data frames have.
    guard kind & 0x03 == 0, kind & FrameControl.typeMask == FrameControl.data, kind & FrameControl.null == 0
    else { return .skipped(.notIP) }
    guard flags & FrameControl.protected == 0 else { return .skipped(.encrypted) }
    // The first fragment has the headers; what the others add is in the length that IP's header tells.
    guard bytes[start + 22] & 0x0F == 0 else { return .skipped(.fragment) }
    var length = 24
    let isBetweenSystems = flags & FrameControl.toDistribution != 0 && flags & FrameControl.fromDistribution != 0
    if isBetweenSystems { length += 6 }
    var isAggregate = false
    if kind & FrameControl.qualityOfService != 0 {
        guard bytes.count >= start + length + 2 else { return frame.missing(until: start + length + 2) }
        isAggregate = bytes[start + length] & 0x80 != 0
        length += 2
        if flags & FrameControl.order != 0 { length += 4 }
    }
    if isPadded { length = (length + 3) & ~3 }
    // A subframe of an A-MSDU: destination 6, source 6, length 2.
    if isAggregate { length += 14 }
    return decodeLLC(bytes, at: start + length, frame, into: &captured)
}

/// Radiotap (radiotap.org): version 1, filler 1, length 2, then words of which fields are present, the last of which
/// has its highest bit clear, and the fields.
func decodeRadiotap(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 8 else { return frame.missing(until: 8) }
    guard bytes[0] == 0 else { return .skipped(.malformed) }
    let length = Int(bytes.uint16(at: 2).byteSwapped)
    guard length >= 8 else { return .skipped(.malformed) }
    let header = bytes.extracting(first: length)
    var flags: RadiotapFlags = []
    let present = header.uint32(at: 4).byteSwapped
    if present & 2 != 0 {
        var offset = 4
        while header.count >= offset + 4, header[offset + 3] & 0x80 != 0 { offset += 4 }
        offset += 4
        // The time stamp before the flags is of eight octets and stands at a multiple of them.
        if present & 1 != 0 { offset = ((offset + 7) & ~7) + 8 }
        if header.count > offset { flags = RadiotapFlags(rawValue: header[offset]) }
    }
    // What the radio took down wrongly is no evidence: it repeats the frame, or has not sent this one.
    guard !flags.contains(.badChecksum) else { return .skipped(.malformed) }
    return decodeWireless(bytes, at: length, isPadded: flags.contains(.padded), frame, into: &captured)
}

/// Radiotap's field of flags.
private struct RadiotapFlags: OptionSet {
    let rawValue: UInt8

    static var padded: RadiotapFlags { RadiotapFlags(rawValue: 0x20) }
    static var badChecksum: RadiotapFlags { RadiotapFlags(rawValue: 0x40) }
}

/// The header of Prism cards is of 144 octets. Some drivers put AVS's under the same link type.
func decodePrism(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 8 else { return frame.missing(until: 8) }
    if isAVS(bytes.uint32(at: 0)) { return decodeAVS(bytes, frame, into: &captured) }
    return decodeWireless(bytes, at: 144, frame, into: &captured)
}

/// AVS: version 4, length of the header 4, in network order.
func decodeAVS(_ bytes: Span<UInt8>, _ frame: FrameLength, into captured: inout CapturedSegment) -> DecodeStep {
    guard bytes.count >= 8 else { return frame.missing(until: 8) }
    let length = Int(bytes.uint32(at: 4))
    guard isAVS(bytes.uint32(at: 0)), length >= 8 else { return .skipped(.malformed) }
    return decodeWireless(bytes, at: length, frame, into: &captured)
}

/// The magic number, whose last digit is the version.
private func isAVS(_ word: UInt32) -> Bool {
    word & 0xFFFF_F000 == 0x8021_1000
}
