import TCPStateMachine
import Testing
import WireFormat

/// What a decoder made of a frame: the outcome and what it filled in.
func decode(
    _ bytes: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil
) -> (outcome: DecodeOutcome, captured: CapturedSegment) {
    // Rubbish to begin with: a decoder that forgets a field shows it.
    var captured = CapturedSegment(
        segment: Segment(
            sequenceNumber: SequenceNumber(0xDEAD_BEEF), acknowledgmentNumber: SequenceNumber(0xDEAD_BEEF),
            controlBits: ControlBits(rawValue: 0xFF), payloadLength: 77, window: 77),
        pair: SocketPair(
            source: Address(high: 7, low: 7), destination: Address(high: 7, low: 7), sourcePort: 7, destinationPort: 7,
            family: .ipv6),
        time: 42, packet: 43)
    captured.segment.options.present = .incomplete
    captured.segment.options.sackBlock3 = SackBlock(left: SequenceNumber(1), right: SequenceNumber(2))
    captured.virtualLAN = 7
    captured.interface = 7
    captured.tunnel = Tunnel(.gre, key: 7)
    captured.outerTimeToLive = 7
    captured.direction = .sent
    captured.isHeaderCut = true
    let outcome = FrameDecoder(linkType: linkType).decode(
        bytes.span, originalLength: originalLength ?? bytes.count, into: &captured)
    if captured.time != 42 || captured.packet != 43 {
        Issue.record("what the capture says is not the decoder's to change")
    }
    return (outcome, captured)
}

/// The segment of a frame that must hold one.
func segment(
    _ bytes: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> CapturedSegment {
    let (outcome, captured) = decode(bytes, linkType, originalLength: originalLength)
    switch outcome {
    case .segment: return captured
    case .icmpError, .fragment, .skipped:
        Issue.record("no segment but \(outcome)", sourceLocation: sourceLocation)
        throw NotWhatItShouldBe()
    }
}

/// Why a frame that must be skipped is skipped; nil if it is not.
func skipReason(_ bytes: [UInt8], _ linkType: LinkType = .ethernet, originalLength: Int? = nil) -> SkipReason? {
    switch decode(bytes, linkType, originalLength: originalLength).outcome {
    case .skipped(let reason): reason
    case .segment, .icmpError, .fragment: nil
    }
}

/// Where the IP header of a frame begins that must hold a fragment; nil if it holds none.
func fragment(_ bytes: [UInt8], _ linkType: LinkType = .ethernet) -> Int? {
    switch decode(bytes, linkType).outcome {
    case .fragment(let fragment): fragment.start
    case .segment, .icmpError, .skipped: nil
    }
}

/// The ICMP error of a frame that must hold one.
func icmpError(
    _ bytes: [UInt8], _ linkType: LinkType = .ethernet, sourceLocation: SourceLocation = #_sourceLocation
) throws -> ICMPError {
    let outcome = decode(bytes, linkType).outcome
    switch outcome {
    case .icmpError(let error): return error
    case .segment, .fragment, .skipped:
        Issue.record("no ICMP error but \(outcome)", sourceLocation: sourceLocation)
        throw NotWhatItShouldBe()
    }
}

/// Ends a test that has recorded its issue.
struct NotWhatItShouldBe: Error {}

/// The pieces that most frames here are made of.
enum Octets {
    static let macs: [UInt8] = [
        0x02, 0, 0, 0, 0, 0x02,  // destination
        0x02, 0, 0, 0, 0, 0x01,  // source
    ]
    static let ethernetIPv4 = macs + [0x08, 0x00]
    static let ethernetIPv6 = macs + [0x86, 0xDD]

    /// From 10.0.0.1 to 10.0.0.2, time to live 64, identification 0x1234, don't fragment, `length` octets behind it.
    static func ipv4(
        carrying length: Int, protocolNumber: UInt8 = 6, options: [UInt8] = [], fragment: UInt16 = 0x4000
    ) -> [UInt8] {
        let total = UInt16(20 + options.count + length)
        return [
            0x45 + UInt8(options.count / 4), 0x00,  // version and words of header, type of service
            UInt8(total >> 8), UInt8(total & 0xFF),  // total length
            0x12, 0x34, UInt8(fragment >> 8), UInt8(fragment & 0xFF),  // identification, flags and fragment offset
            64, protocolNumber, 0, 0,  // time to live, protocol, checksum
            10, 0, 0, 1,  // source
            10, 0, 0, 2,  // destination
        ] + options
    }

    /// From 2001:db8::1 to 2001:db8::2, hop limit 63, `length` octets behind the fixed header.
    static func ipv6(carrying length: Int, nextHeader: UInt8 = 6) -> [UInt8] {
        [
            0x60, 0, 0, 0,  // version, class, flow label
            UInt8(length >> 8), UInt8(length & 0xFF), nextHeader, 63,  // payload length, next header, hop limit
            0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  // source
            0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,  // destination
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

    /// A frame with a SYN over IPv4.
    static func frame(options: [UInt8] = [], text: Int = 0) -> [UInt8] {
        ethernetIPv4 + ipv4(carrying: 20 + options.count + text) + tcp(options: options)
            + Array(repeating: 0x61, count: text)
    }
}

/// What `Octets.tcp` says without options.
let plainSegment = Segment(
    sequenceNumber: SequenceNumber(0x0102_0304), acknowledgmentNumber: SequenceNumber(0x0506_0708), controlBits: .syn,
    payloadLength: 0, window: 0xFAF0)
let pair4 = SocketPair(
    source: Address(ipv4: 0x0A00_0001), destination: Address(ipv4: 0x0A00_0002), sourcePort: 49152,
    destinationPort: 80, family: .ipv4)
let pair6 = SocketPair(
    source: Address(high: 0x2001_0DB8_0000_0000, low: 1), destination: Address(high: 0x2001_0DB8_0000_0000, low: 2),
    sourcePort: 49152, destinationPort: 80, family: .ipv6)
