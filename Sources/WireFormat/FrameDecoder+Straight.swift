public import TCPStateMachine

extension FrameDecoder {
    /// The way of most frames, straight through: Ethernet, IPv4 without options, TCP without options or with timestamps
    /// alone, and all of these headers captured. It asks what the layers ask one by one, at offsets that are known.
    ///
    /// - Returns: whether it was such a frame; what any other one is, the layers tell, from its beginning.
    @inlinable @inline(__always)
    package func decodeStraight(_ bytes: Span<UInt8>, into captured: inout CapturedSegment) -> Bool {
        guard linkType == .ethernet, captured.examination == .nothing, bytes.count >= 54 else { return false }
        // Version 4, and five words.
        guard bytes.uint16(at: 12) == EtherType.ipv4, bytes[14] == 0x45 else { return false }
        // No fragment, and TCP.
        guard bytes.uint16(at: 20) & 0x3FFF == 0, bytes[23] == InternetProtocol.tcp else { return false }
        let headerLength = Int(bytes[46] >> 4) * 4
        let textLength = Int(bytes.uint16(at: 16)) - 20 - headerLength
        guard headerLength >= 20, textLength >= 0 else { return false }
        clear(&captured.segment.options)
        if headerLength > 20 {
            guard headerLength == 32, bytes.count >= 66, bytes.uint32(at: 54) == TCPOptionKind.paddedTimestamps else {
                return false
            }
            captured.segment.options.present = .timestamps
            captured.segment.options.timestampValue = bytes.uint32(at: 58)
            captured.segment.options.timestampEcho = bytes.uint32(at: 62)
        }
        clearSurroundings(of: &captured)
        captured.identification = bytes.uint16(at: 18)
        captured.timeToLive = bytes[22]
        captured.pair.source = Address(ipv4: bytes.uint32(at: 26))
        captured.pair.destination = Address(ipv4: bytes.uint32(at: 30))
        captured.pair.family = .ipv4
        let header = bytes.extracting(droppingFirst: 34)
        decodePortsAndNumbers(header, into: &captured)
        captured.segment.window = header.uint16(at: 14)
        captured.segment.payloadLength = UInt32(truncatingIfNeeded: textLength)
        return true
    }
}
