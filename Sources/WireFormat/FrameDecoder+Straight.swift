public import TCPStateMachine

extension FrameDecoder {
    /// The way of most frames, straight through: Ethernet, IPv4 without options, TCP without options or with timestamps
    /// alone, all of these headers captured, and nothing wrong with it. It asks what the layers ask one by one, at
    /// offsets that are known.
    ///
    /// - Parameters:
    ///   - originalLength: how many octets the frame had on the wire.
    ///   - segment: receives all that there is of the segment but `time`, `packetOfFile` and what the capture says of
    ///     its interface and direction.
    /// - Returns: whether it was such a frame; what any other one is, the layers tell, from its beginning.
    @inlinable @inline(__always)
    package func decodeStraight(
        _ bytes: Span<UInt8>, originalLength: Int, _ examination: Examination, into segment: inout CompactSegment
    ) -> Bool {
        guard linkType == .ethernet, bytes.count >= 54 else { return false }
        // Version 4, and five words.
        guard bytes.uint16(at: 12) == EtherType.ipv4, bytes[14] == 0x45 else { return false }
        // No fragment, and TCP.
        guard bytes.uint16(at: 20) & 0x3FFF == 0, bytes[23] == InternetProtocol.tcp else { return false }
        let headerLength = Int(bytes[46] >> 4) * 4
        let textLength = Int(bytes.uint16(at: 16)) - 20 - headerLength
        guard headerLength >= 20, textLength >= 0 else { return false }
        let hasTimestamps = headerLength > 20
        if hasTimestamps {
            guard headerLength == 32, bytes.count >= 66, bytes.uint32(at: 54) == TCPOptionKind.paddedTimestamps else {
                return false
            }
        }
        segment.timestampValue = hasTimestamps ? bytes.uint32(at: 58) : 0
        segment.timestampEcho = hasTimestamps ? bytes.uint32(at: 62) : 0
        segment.payloadLength = UInt32(truncatingIfNeeded: textLength)
        segment.identification = bytes.uint16(at: 18)
        segment.sight = Sight(timeToLive: bytes[22])
        segment.sourceAddress = bytes.uint32(at: 26)
        segment.destinationAddress = bytes.uint32(at: 30)
        segment.sourcePort = bytes.uint16(at: 34)
        segment.destinationPort = bytes.uint16(at: 36)
        segment.sequenceNumber = SequenceNumber(bytes.uint32(at: 38))
        segment.acknowledgmentNumber = SequenceNumber(bytes.uint32(at: 42))
        let (controlBits, window) = (ControlBits(rawValue: bytes[47]), bytes.uint16(at: 48))
        segment.controlBits = controlBits
        segment.windowScale = 0
        segment.window = window
        // Neither is guessed.
        let stamped: CompactSegment.Notes = hasTimestamps ? .hasTimestamps : []
        let ordinary: CompactSegment.Notes =
            CompactSegment.isOrdinary(controlBits, window: window) ? .isOrdinary : []
        segment.notes = [.isWhole, .hasAddresses, .hasIdentification, .isSound, stamped, ordinary]
        return examination == .nothing || examineStraight(bytes, originalLength, examination, into: &segment)
    }

    /// The lengths and sums of such a frame.
    ///
    /// - Returns: whether nothing is wrong with it, as far as it was captured.
    @usableFromInline @inline(never)
    func examineStraight(
        _ bytes: Span<UInt8>, _ originalLength: Int, _ examination: Examination, into segment: inout CompactSegment
    ) -> Bool {
        // Said once for all that is read below.
        guard bytes.count >= 54 else { return false }
        let end = 14 + Int(bytes.uint16(at: 16))
        guard end <= max(originalLength, bytes.count) else { return false }
        segment.notes.insert(.isExamined)
        let isTextCut = bytes.count < end
        if isTextCut { segment.notes.insert(.isTextCut) }
        guard examination == .checksums else { return true }
        var words: UInt64 = 0
        for word in 0..<5 { words &+= UInt64(bytes.uint32(at: 14 &+ word &* 4)) }
        var header = Checksum()
        header.add(number: words)
        guard header.value == 0 else { return false }
        if isTextCut { return true }
        // Of the pseudo-header the addresses lie before the segment.
        var sum = Checksum()
        sum.add(number: UInt64(InternetProtocol.tcp) << 32 | UInt64(end - 34))
        sum.add(bytes.extracting(26..<end))
        return sum.value == 0
    }
}
