import TCPStateMachine
import Testing
import WireFormat

@Test func `ethernet padding is no payload`() throws {
    // 40 octets of IP in the 46 that Ethernet sends at least.
    let captured = try segment(Octets.frame() + [0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA])
    #expect(captured.segment == plainSegment)
}

@Test func `payload length comes from the IP header though the frame was cut`() throws {
    let whole = Octets.frame(text: 1000)
    let captured = try segment(Array(whole[..<54]), originalLength: whole.count)
    #expect(captured.segment.payloadLength == 1000)
    #expect(!captured.isHeaderCut)
}

@Test func `payload length comes from the IP header though the capture lost the original length`() throws {
    let captured = try segment(Array(Octets.frame(text: 1000)[..<54]))
    #expect(captured.segment.payloadLength == 1000)
}

@Test func `an original length below the captured one, or a negative one, is read as the captured one`() throws {
    for length in [0, 1, 53, -1, .min] {
        #expect(try segment(Octets.frame(text: 3), originalLength: length).segment.payloadLength == 3)
        var offloaded = Octets.frame(text: 3)
        offloaded.replaceSubrange(16..<18, with: [0, 0])
        #expect(try segment(offloaded, originalLength: length).segment.payloadLength == 3)
    }
}

@Test func `IPv4 total length zero means the frame`() throws {
    var frame = Octets.frame(text: 100)
    frame.replaceSubrange(16..<18, with: [0, 0])
    #expect(try segment(frame).segment.payloadLength == 100)
    #expect(try segment(frame, originalLength: 14 + 40 + 200_000).segment.payloadLength == 200_000)
    // Whatever a damaged file says, the length leaves room for SYN and FIN.
    #expect(try segment(frame, originalLength: .max).segment.payloadLength == UInt32.max - 3 - 40)
}

@Test func `IPv6 payload length zero means the frame`() throws {
    let frame = Octets.ethernetIPv6 + Octets.ipv6(carrying: 0) + Octets.tcp() + Array(repeating: 0, count: 100)
    #expect(try segment(frame).segment.payloadLength == 100)
    // The kernel's large segments carry a jumbo payload option besides (RFC 2675).
    let jumbo =
        Octets.ethernetIPv6 + Octets.ipv6(carrying: 0, nextHeader: 0) + [6, 0, 0xC2, 4, 0, 1, 0x11, 0x88] + Octets.tcp()
    #expect(try segment(jumbo, originalLength: 14 + 40 + 8 + 20 + 70_000).segment.payloadLength == 70_000)
}

@Test func `IPv4 options are passed over`() throws {
    for words in 1...10 {
        let options = Array(repeating: 1 as UInt8, count: 4 * words)
        let frame = Octets.ethernetIPv4 + Octets.ipv4(carrying: 20, options: options) + Octets.tcp()
        let captured = try segment(frame)
        #expect(captured.segment == plainSegment)
        #expect(captured.pair == pair4)
    }
}

@Test(arguments: [
    ("version 5", 14, 0x55), ("version 6 behind IPv4's EtherType", 14, 0x65), ("header of four words", 14, 0x44),
    ("header longer than the packet", 14, 0x4F), ("total length below the header", 17, 19),
    ("total length below TCP's header", 17, 39), ("data offset of four words", 46, 0x40),
    ("data offset beyond the packet", 46, 0x60),
] as [(String, Int, UInt8)])
func `lengths that contradict each other are malformed`(_ name: String, _ offset: Int, _ octet: UInt8) {
    var frame = Octets.frame()
    frame[offset] = octet
    #expect(skipReason(frame) == .malformed, "\(name)")
}

@Test(arguments: [17, 50, 2, 132, 255] as [UInt8])
func `other protocols are skipped`(_ number: UInt8) {
    let text = Array(repeating: 0 as UInt8, count: 20)
    #expect(skipReason(Octets.ethernetIPv4 + Octets.ipv4(carrying: 20, protocolNumber: number) + text) == .notTCP)
    #expect(skipReason(Octets.ethernetIPv6 + Octets.ipv6(carrying: 20, nextHeader: number) + text) == .notTCP)
}

@Test(arguments: [
    0x2000,  // the first one: more fragments
    0x2001,  // one in the middle
    0x0001,  // the last one
    0x6000,  // "don't fragment" does not matter
] as [UInt16])
func `IPv4 fragments are found where they may carry TCP`(_ field: UInt16) {
    for number: UInt8 in [6, 4, 41, 47, 17] {
        let packet = Octets.ipv4(carrying: 20, protocolNumber: number, fragment: field) + Octets.tcp()
        #expect(fragment(Octets.ethernetIPv4 + packet) == 14)
        #expect(fragment(Octets.ethernetIPv4 + Octets.ipv4(carrying: 40, protocolNumber: 4) + packet) == 34)
    }
    for number: UInt8 in [1, 50, 132] {
        let packet = Octets.ipv4(carrying: 20, protocolNumber: number, fragment: field) + Octets.tcp()
        #expect(skipReason(Octets.ethernetIPv4 + packet) == .notTCP)
    }
}

@Test func `the reserved fragment bit is no fragment`() throws {
    let frame = Octets.ethernetIPv4 + Octets.ipv4(carrying: 20, fragment: 0x8000) + Octets.tcp()
    #expect(try segment(frame).segment == plainSegment)
}

/// IPv6 extension headers, each with the number that announces it; the next header's number is its first octet.
private let extensions: [(name: String, number: UInt8, octets: [UInt8])] = [
    ("hop-by-hop options", 0, [0, 0, 1, 4, 0, 0, 0, 0]),
    ("routing", 43, [0, 2, 4, 0] + Array(repeating: 0, count: 20)),
    ("atomic fragment", 44, [0, 0, 0, 0, 1, 2, 3, 4]),
    ("atomic fragment, reserved octet set", 44, [0, 0xFF, 0, 0x06, 1, 2, 3, 4]),
    ("authentication header", 51, [0, 4] + Array(repeating: 0, count: 22)),
    ("destination options", 60, [0, 1] + Array(repeating: 0, count: 14)),
    ("mobility", 135, [0, 0, 0, 0, 0, 0, 0, 0]),
]

/// A chain of extension headers, each announcing the next, the last one `last`.
private func chain(_ headers: [(name: String, number: UInt8, octets: [UInt8])], last: UInt8) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, header) in headers.enumerated() {
        var octets = header.octets
        octets[0] = index + 1 < headers.count ? headers[index + 1].number : last
        bytes += octets
    }
    return bytes
}

@Test(arguments: 0...extensions.count)
func `IPv6 extension headers are passed over, alone and all together`(_ index: Int) throws {
    let headers = index < extensions.count ? [extensions[index]] : extensions
    let between = chain(headers, last: 6)
    let frame =
        Octets.ethernetIPv6 + Octets.ipv6(carrying: between.count + 25, nextHeader: headers[0].number) + between
        + Octets.tcp() + [1, 2, 3, 4, 5]
    var expected = plainSegment
    expected.payloadLength = 5
    let captured = try segment(frame)
    #expect(captured.segment == expected)
    #expect(captured.pair == pair6)
    // Cut anywhere in the headers, it is cut short; the frame that ends there is malformed.
    for length in 54..<54 + between.count {
        #expect(skipReason(Array(frame[..<length]), originalLength: frame.count) == .cutShort)
        #expect(skipReason(Array(frame[..<length])) == .malformed)
    }
}

@Test func `a chain of extension headers that is too long is malformed`() {
    let headers = Array(repeating: extensions[0], count: 100)
    let between = chain(headers, last: 6)
    let frame = Octets.ethernetIPv6 + Octets.ipv6(carrying: between.count + 20, nextHeader: 0) + between + Octets.tcp()
    #expect(skipReason(frame) == .malformed)
}

@Test func `an extension header beyond the payload is malformed`() {
    let frame = Octets.ethernetIPv6 + Octets.ipv6(carrying: 4, nextHeader: 0) + [6, 0, 1, 4, 0, 0, 0, 0] + Octets.tcp()
    #expect(skipReason(frame) == .malformed)
}

@Test(arguments: [
    (6, true), (60, true), (51, true), (17, true), (4, true), (41, true), (47, true), (58, false), (50, false),
] as [(UInt8, Bool)])
func `IPv6 fragments are found where they may carry TCP`(_ nextHeader: UInt8, _ mayCarryTCP: Bool) {
    // More fragments; an offset; both.
    for field in [[0x00, 0x01], [0x00, 0x08], [0x05, 0xA9]] as [[UInt8]] {
        let header = [nextHeader, 0] + field + [0, 0, 0, 1]
        let frame = Octets.ethernetIPv6 + Octets.ipv6(carrying: 28, nextHeader: 44) + header + Octets.tcp()
        #expect(fragment(frame) == (mayCarryTCP ? 14 : nil))
        #expect(skipReason(frame) == (mayCarryTCP ? nil : .notTCP))
    }
}

@Test func `a mapped address in an IPv6 packet stays IPv6`() throws {
    var frame = Octets.ethernetIPv6 + Octets.ipv6(carrying: 20) + Octets.tcp()
    frame.replaceSubrange(22..<38, with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1])
    let captured = try segment(frame)
    #expect(captured.pair.source == pair4.source)
    #expect(captured.pair.family == .ipv6)
}
