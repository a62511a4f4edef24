import TCPStateMachine
import Testing
import WireFormat

/// A decoded frame: the outcome and what it filled in.
func decode(_ bytes: [UInt8], _ linkType: LinkType, originalLength: Int? = nil) -> (DecodeOutcome, CapturedSegment) {
    var captured = CapturedSegment(
        segment: Segment(sequenceNumber: SequenceNumber(0), controlBits: []),
        pair: SocketPair(
            source: Address(high: 0, low: 0), destination: Address(high: 0, low: 0), sourcePort: 0, destinationPort: 0,
            family: .ipv4))
    let outcome = FrameDecoder(linkType: linkType).decode(
        bytes.span, originalLength: originalLength ?? bytes.count, into: &captured)
    return (outcome, captured)
}

/// The pieces that most frames here are made of.
enum Octets {
    static let ethernet: [UInt8] = [
        0x02, 0, 0, 0, 0, 0x02,  // destination
        0x02, 0, 0, 0, 0, 0x01,  // source
    ]
    /// From 10.0.0.1 to 10.0.0.2, time to live 64, identification 0x1234, don't fragment, `length` octets behind it.
    static func ipv4(carrying length: Int, protocolNumber: UInt8 = 6) -> [UInt8] {
        let total = UInt16(length + 20)
        return [
            0x45, 0x00, UInt8(total >> 8), UInt8(total & 0xFF),  // version and header length, service, total length
            0x12, 0x34, 0x40, 0x00,  // identification, don't fragment
            64, protocolNumber, 0, 0,  // time to live, protocol, checksum
            10, 0, 0, 1,
            10, 0, 0, 2,
        ]
    }
    /// 49152 to 80, SYN, sequence number 0x01020304, acknowledgment number 0x05060708, window 0xFAF0.
    static func tcp(options: [UInt8] = [], flags: UInt8 = 0x02) -> [UInt8] {
        [
            0xC0, 0x00, 0x00, 0x50,  // ports
            1, 2, 3, 4,  // sequence number
            5, 6, 7, 8,  // acknowledgment number
            UInt8(5 + options.count / 4) << 4, flags, 0xFA, 0xF0,  // data offset, flags, window
            0, 0, 0, 0,  // checksum, urgent pointer
        ] + options
    }
}

@Test func `an ethernet frame with padding has no payload`() throws {
    let frame = Octets.ethernet + [0x08, 0x00] + Octets.ipv4(carrying: 20) + Octets.tcp() + [0, 0, 0, 0, 0, 0]
    let (outcome, captured) = decode(frame, .ethernet)
    guard case .segment = outcome else { Issue.record("\(outcome)"); return }
    #expect(captured.segment == Segment(
        sequenceNumber: SequenceNumber(0x0102_0304), acknowledgmentNumber: SequenceNumber(0x0506_0708),
        controlBits: .syn, payloadLength: 0, window: 0xFAF0))
    #expect(captured.pair == SocketPair(
        source: Address(ipv4: 0x0A00_0001), destination: Address(ipv4: 0x0A00_0002), sourcePort: 49152,
        destinationPort: 80, family: .ipv4))
    #expect(captured.timeToLive == 64)
    #expect(captured.identification == 0x1234)
    #expect(captured.hasIdentification)
}
