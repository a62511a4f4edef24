import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// A segment of any kind that a header can hold.
func randomSegment(using generator: inout SeededGenerator, linkType: LinkType) -> CapturedSegment {
    func word() -> UInt32 { UInt32(truncatingIfNeeded: generator.next()) }
    let family: AddressFamily =
        switch linkType {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        default: word() & 1 == 0 ? .ipv4 : .ipv6
        }
    func address() -> Address {
        family == .ipv4 ? Address(ipv4: word()) : Address(high: generator.next(), low: generator.next())
    }
    var captured = CapturedSegment(
        segment: Segment(
            sequenceNumber: SequenceNumber(word()), acknowledgmentNumber: SequenceNumber(word()),
            controlBits: ControlBits(rawValue: UInt8(truncatingIfNeeded: word())),
            payloadLength: [0, 1, 1460, word() % 60_000, 65_496, 70_000][Int(word() % 6)],
            window: UInt16(truncatingIfNeeded: word()), options: randomOptions(word)),
        pair: SocketPair(
            source: address(), destination: address(), sourcePort: UInt16(truncatingIfNeeded: word()),
            destinationPort: UInt16(truncatingIfNeeded: word()), family: family))
    captured.timeToLive = UInt8(truncatingIfNeeded: word())
    captured.hasIdentification = family == .ipv4
    if family == .ipv4 { captured.identification = UInt16(truncatingIfNeeded: word()) }
    switch linkType {
    case .ethernet: captured.virtualLAN = UInt16(truncatingIfNeeded: word() & 1 * (word() & 0xFFF))
    case .linuxCooked: captured.direction = [.unknown, .received, .sent][Int(word() % 3)]
    case .linuxCooked2:
        captured.virtualLAN = UInt16(truncatingIfNeeded: word() & 1 * (word() & 0xFFF))
        captured.direction = [.unknown, .received, .sent][Int(word() % 3)]
        captured.interface = UInt16(truncatingIfNeeded: word())
    case .pppd, .pppWithDirection: captured.direction = word() & 1 == 0 ? .received : .sent
    default: break
    }
    captured.tunnel = randomTunnel(word, inside: family, linkType: linkType)
    if captured.tunnel != .none { captured.outerTimeToLive = UInt8(truncatingIfNeeded: word()) }
    return captured
}

/// No tunnel, or one that the family and the link type allow.
private func randomTunnel(_ word: () -> UInt32, inside family: AddressFamily, linkType: LinkType) -> Tunnel {
    let kind = Tunnel.Kind.allCases[Int(word()) % Tunnel.Kind.allCases.count]
    switch kind {
    case .none, .pptp: return Tunnel(kind)
    case .ipInIP: return family == .ipv4 && linkType != .ipv6 ? Tunnel(kind) : .none
    case .sixInFour: return family == .ipv6 && linkType != .ipv6 ? Tunnel(kind) : .none
    case .fourInSix: return family == .ipv4 && linkType != .ipv4 ? Tunnel(kind) : .none
    case .sixInSix: return family == .ipv6 && linkType != .ipv4 ? Tunnel(kind) : .none
    case .gre: return Tunnel(kind, key: word() & 1 == 0 ? nil : word())
    case .erspan: return Tunnel(kind, key: word() & 1 == 0 ? nil : word() & 0x3FF)
    case .vxlan, .geneve: return Tunnel(kind, key: word() >> 8)
    }
}

/// Options that fit into forty octets.
private func randomOptions(_ word: () -> UInt32) -> SegmentOptions {
    var options = SegmentOptions()
    var room = 40
    func take(_ octets: Int) -> Bool {
        guard word() & 1 == 0, room >= octets else { return false }
        room -= octets
        return true
    }
    if take(4) {
        options.present.insert(.maximumSegmentSize)
        options.maximumSegmentSize = UInt16(truncatingIfNeeded: word())
    }
    if take(12) {
        options.present.insert(.timestamps)
        options.timestampValue = word()
        options.timestampEcho = word()
    }
    if take(4) { options.present.insert(.sackPermitted) }
    if take(4) {
        options.present.insert(.windowScale)
        options.windowScale = UInt8(word() % 15)
    }
    if take(12) { options.present.insert(.fastOpenCookie) }
    if take(4) { options.present.insert(.fastOpenRequest) }
    if take(4) { options.present.insert(.multipath) }
    if take(20) { options.present.insert(.md5Signature) }
    if take(16) { options.present.insert(.authentication) }
    if take(12) {
        options.present.insert(.sack)
        for _ in 0...min(3, (room / 8)) {
            options.appendSackBlock(SackBlock(left: SequenceNumber(word()), right: SequenceNumber(word())))
        }
    }
    return options
}

@Test(arguments: LinkType.allCases, Seeds.all)
func `decoding what was encoded gives it back`(_ linkType: LinkType, _ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let encoder = FrameEncoder(linkType: linkType)
    for round in 0..<100 {
        let original = randomSegment(using: &generator, linkType: linkType)
        var bytes: [UInt8] = []
        // Of the long texts a few are enough: writing them takes most of the test's time.
        let hasText = round & 1 == 0 && (original.segment.payloadLength < 2000 || round % 20 == 0)
        let length = encoder.encode(original, includingText: hasText, into: &bytes)
        #expect(length == bytes.count + (hasText ? 0 : Int(original.segment.payloadLength)))
        let decoded = try segment(bytes, linkType, originalLength: length)
        let comment: Comment = "seed \(seed), round \(round)"
        #expect(decoded.segment == original.segment, comment)
        #expect(decoded.pair == original.pair, comment)
        #expect(decoded.tunnel == original.tunnel, comment)
        #expect(decoded.outerTimeToLive == original.outerTimeToLive, comment)
        #expect(decoded.timeToLive == original.timeToLive, comment)
        #expect(decoded.identification == original.identification, comment)
        #expect(decoded.hasIdentification == original.hasIdentification, comment)
        #expect(decoded.virtualLAN == original.virtualLAN, comment)
        #expect(decoded.direction == original.direction, comment)
        #expect(decoded.interface == original.interface, comment)
        #expect(!decoded.isHeaderCut, comment)
        if hasText {
            let tcp = bytes.count - Int(original.segment.payloadLength) - headerLength(of: bytes, original)
            let isValid = Checksum.isValid(segment: bytes.span.extracting(tcp...), pair: original.pair)
            #expect(isValid, comment)
        }
    }
}

/// The length of the TCP header at the end of a frame's headers, found by its ports, numbers and data offset.
private func headerLength(of bytes: [UInt8], _ captured: CapturedSegment) -> Int {
    let end = bytes.count - Int(captured.segment.payloadLength)
    let number = captured.segment.sequenceNumber.rawValue
    for length in stride(from: 20, through: 60, by: 4) {
        let start = end - length
        let words = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[start + 4 + $1]) }
        if words == number, Int(bytes[start + 12] >> 4) * 4 == length { return length }
    }
    Issue.record("no TCP header found")
    return 20
}

@Test(
    arguments: LinkType.allCases.filter { $0 != .ipv4 && $0 != .ipv6 }, [AddressFamily.ipv4, .ipv6])
func `an encoded ICMP error is decoded again`(_ linkType: LinkType, _ family: AddressFamily) throws {
    let pair = family == .ipv4 ? pair4 : pair6
    for tunnel in [Tunnel.none, Tunnel(.vxlan, key: 5001), Tunnel(.gre)] {
        let error = ICMPError(
            pair: pair, tunnel: tunnel, sequenceNumber: SequenceNumber(0x8765_4321), type: family == .ipv4 ? 3 : 1,
            code: family == .ipv4 ? 3 : 4, isHard: true)
        var bytes: [UInt8] = []
        FrameEncoder(linkType: linkType).encode(error, from: pair.destination, into: &bytes)
        #expect(try icmpError(bytes, linkType) == error)
    }
}

@Test func `too many options are left out, not written half`() throws {
    var original = CapturedSegment(segment: plainSegment, pair: pair4)
    original.segment.options.present = [.timestamps, .md5Signature, .authentication, .sack]
    for number in 0..<4 as Range<UInt32> {
        original.segment.options.appendSackBlock(
            SackBlock(left: SequenceNumber(number), right: SequenceNumber(number + 1)))
    }
    var bytes: [UInt8] = []
    FrameEncoder(linkType: .ethernet).encode(original, into: &bytes)
    #expect(bytes.count <= 14 + 20 + 60)
    #expect(try segment(bytes).segment.options.present == [.timestamps, .md5Signature])
}

@Test func `the checksum is that of the example in RFC 1071`() {
    // RFC 1071 section 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
    let bytes: [UInt8] = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]
    var checksum = Checksum()
    checksum.add(bytes.span)
    #expect(checksum.value == ~0xDDF2)
}

@Test(arguments: Seeds.all)
func `the checksum of any length is that of its words one by one`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for length in 0...300 {
        let bytes = (0..<length).map { _ in random.next() % 3 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next()) }
        var expected: UInt32 = 0
        for place in stride(from: 0, to: length, by: 2) {
            expected += UInt32(bytes[place]) << 8 | (place + 1 < length ? UInt32(bytes[place + 1]) : 0)
            expected = expected >> 16 + expected & 0xFFFF
        }
        var checksum = Checksum()
        checksum.add(bytes.span)
        #expect(checksum.value == ~UInt16(expected), "\(length) octets, seed \(seed)")
    }
}
