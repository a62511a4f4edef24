import TCPStateMachine
import Testing
import WireFormat

/// What the decoder tells of a frame when it is asked to look closer.
@Suite struct ExaminationTests {
    private func examined(
        _ frame: [UInt8], _ examination: Examination = .checksums, originalLength: Int? = nil
    ) -> CapturedSegment {
        let nowhere = Address(high: 0, low: 0)
        var captured = CapturedSegment(
            segment: Segment(sequenceNumber: SequenceNumber(0), controlBits: []),
            pair: SocketPair(source: nowhere, destination: nowhere, sourcePort: 0, destinationPort: 0, family: .ipv4))
        captured.examination = examination
        let outcome = FrameDecoder(linkType: .ethernet).decode(
            frame.span, originalLength: originalLength ?? frame.count, into: &captured)
        guard case .segment = outcome else {
            Issue.record("no segment but \(outcome)")
            return captured
        }
        return captured
    }

    /// A frame with 33 octets of text, an odd number, between IPv4 or IPv6 addresses.
    private func frame(_ family: AddressFamily) -> [UInt8] {
        let isIPv4 = family == .ipv4
        let pair = SocketPair(
            source: isIPv4 ? Address(ipv4: 0xC000_0201) : Address(high: 0x2001_0DB8_0000_0000, low: 1),
            destination: isIPv4 ? Address(ipv4: 0xC633_6402) : Address(high: 0x2001_0DB8_0000_0000, low: 2),
            sourcePort: 40000, destinationPort: 80, family: family)
        let segment = Segment(
            sequenceNumber: SequenceNumber(7), acknowledgmentNumber: SequenceNumber(9), controlBits: [.ack, .psh],
            payloadLength: 33, window: 1000)
        var frame: [UInt8] = []
        FrameEncoder(linkType: .ethernet).encode(CapturedSegment(segment: segment, pair: pair), into: &frame)
        return frame
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func `a right checksum is sound, and a flipped bit of window, checksum or text is not`(family: AddressFamily) {
        let frame = frame(family)
        #expect(examined(frame).verdict == .sound)
        #expect(examined(frame).internetLength == UInt32(frame.count - 14))
        #expect(!examined(frame).isTextCut)
        for place in stride(from: frame.count - 33 - 6, to: frame.count, by: 5) {
            var damaged = frame
            damaged[place] ^= 0x10
            #expect(examined(damaged).verdict == .badChecksum, "octet \(place)")
            #expect(examined(damaged, .lengths).verdict == .sound)
            #expect(examined(damaged, .nothing).verdict == .unexamined)
        }
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func `a checksum that was left to the network interface is told from a wrong one`(family: AddressFamily) {
        var left = frame(family)
        let length = left.count - 14 - (family == .ipv4 ? 20 : 40)
        let pair = examined(left).pair
        var sum = Checksum()
        sum.addPseudoHeader(
            source: pair.source, destination: pair.destination, family: family, protocolNumber: 6,
            length: UInt32(length))
        let place = left.count - length + 16
        left[place] = UInt8(~sum.value >> 8)
        left[place + 1] = UInt8(truncatingIfNeeded: ~sum.value)
        #expect(examined(left).verdict == .unfinishedChecksum)
        left[place + 1] ^= 1
        #expect(examined(left).verdict == .badChecksum)
    }

    @Test func `a wrong checksum of the IPv4 header`() {
        var frame = frame(.ipv4)
        frame[14 + 8] ^= 1
        #expect(examined(frame).verdict == .badInternetHeader)
        #expect(examined(frame, .lengths).verdict == .sound)
    }

    @Test func `text that the capture cut is not checked`() {
        var frame = frame(.ipv4)
        let whole = frame.count
        frame[whole - 30] ^= 1
        frame.removeLast(10)
        let captured = examined(frame, originalLength: whole)
        #expect(captured.verdict == .sound && captured.isTextCut)
        #expect(captured.segment.payloadLength == 33)
    }

    @Test func `a header that states more than the frame had`() {
        let frame = Array(frame(.ipv4).dropLast(10))
        #expect(examined(frame).verdict == .badInternetHeader)
    }
}
