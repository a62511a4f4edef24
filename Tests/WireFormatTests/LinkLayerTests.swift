import TCPStateMachine
import Testing
import WireFormat

/// A link layer's header in front of an IPv4 SYN, and what it tells besides.
struct LinkCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let linkType: LinkType
    let header: [UInt8]
    var isIPv6 = false
    var direction = Direction.unknown
    var virtualLAN: UInt16 = 0
    var interface: UInt16 = 0
}

private func cooked(_ packetType: UInt8, _ protocolOctets: [UInt8]) -> [UInt8] {
    [
        0x00, packetType,  // packet type
        0x00, 0x01,  // ARPHRD_ETHER
        0x00, 0x06,  // address length
        0x02, 0, 0, 0, 0, 0x01, 0, 0,  // address, filled up to eight
    ] + protocolOctets
}

private func cooked2(_ packetType: UInt8, _ protocolOctets: [UInt8], interface: [UInt8] = [0, 0, 0, 3]) -> [UInt8] {
    protocolOctets + [0, 0]  // protocol, reserved
        + interface  // interface index
        + [0x00, 0x01, packetType, 6]  // ARPHRD_ETHER, packet type, address length
        + [0x02, 0, 0, 0, 0, 0x01, 0, 0]  // address, filled up to eight
}

private let linkCases: [LinkCase] = [
    LinkCase(testDescription: "Ethernet, IPv4", linkType: .ethernet, header: Octets.ethernetIPv4),
    LinkCase(testDescription: "Ethernet, IPv6", linkType: .ethernet, header: Octets.ethernetIPv6, isIPv6: true),
    LinkCase(
        testDescription: "Ethernet, 802.1Q, priority bits set", linkType: .ethernet,
        header: Octets.macs + [0x81, 0x00, 0xE0, 0x64, 0x08, 0x00], virtualLAN: 100),
    LinkCase(
        testDescription: "Ethernet, 802.1Q, IPv6", linkType: .ethernet,
        header: Octets.macs + [0x81, 0x00, 0x0F, 0xFE, 0x86, 0xDD], isIPv6: true, virtualLAN: 4094),
    LinkCase(
        testDescription: "Ethernet, 802.1ad: the innermost tag", linkType: .ethernet,
        header: Octets.macs + [0x88, 0xA8, 0x00, 0x05, 0x81, 0x00, 0x00, 0x06, 0x08, 0x00], virtualLAN: 6),
    LinkCase(
        testDescription: "SLL, to us", linkType: .linuxCooked, header: cooked(0, [0x08, 0x00]), direction: .received),
    LinkCase(testDescription: "SLL, broadcast", linkType: .linuxCooked, header: cooked(1, [0x08, 0x00])),
    LinkCase(testDescription: "SLL, multicast", linkType: .linuxCooked, header: cooked(2, [0x08, 0x00])),
    LinkCase(testDescription: "SLL, to another host", linkType: .linuxCooked, header: cooked(3, [0x08, 0x00])),
    LinkCase(
        testDescription: "SLL, sent by us, IPv6", linkType: .linuxCooked, header: cooked(4, [0x86, 0xDD]), isIPv6: true,
        direction: .sent),
    LinkCase(
        testDescription: "SLL2, to us", linkType: .linuxCooked2, header: cooked2(0, [0x08, 0x00]), direction: .received,
        interface: 3),
    LinkCase(
        testDescription: "SLL2, sent by us, IPv6", linkType: .linuxCooked2, header: cooked2(4, [0x86, 0xDD]),
        isIPv6: true, direction: .sent, interface: 3),
    LinkCase(
        testDescription: "SLL2, to another host", linkType: .linuxCooked2, header: cooked2(3, [0x08, 0x00]),
        interface: 3),
    LinkCase(
        testDescription: "SLL2, tag behind the header", linkType: .linuxCooked2,
        header: cooked2(0, [0x81, 0x00]) + [0x00, 0x07, 0x08, 0x00], direction: .received, virtualLAN: 7, interface: 3),
    LinkCase(
        testDescription: "SLL2, large interface index", linkType: .linuxCooked2,
        header: cooked2(0, [0x08, 0x00], interface: [0x00, 0x01, 0x00, 0x02]), direction: .received, interface: 2),
    LinkCase(testDescription: "RAW, IPv4", linkType: .rawInternet, header: []),
    LinkCase(testDescription: "RAW, IPv6", linkType: .rawInternet, header: [], isIPv6: true),
    LinkCase(testDescription: "IPV4", linkType: .ipv4, header: []),
    LinkCase(testDescription: "IPV6", linkType: .ipv6, header: [], isIPv6: true),
    LinkCase(testDescription: "NULL, little-endian, IPv4", linkType: .null, header: [2, 0, 0, 0]),
    LinkCase(testDescription: "NULL, big-endian, IPv4", linkType: .null, header: [0, 0, 0, 2]),
    LinkCase(testDescription: "NULL, NetBSD's IPv6", linkType: .null, header: [24, 0, 0, 0], isIPv6: true),
    LinkCase(testDescription: "NULL, FreeBSD's IPv6", linkType: .null, header: [28, 0, 0, 0], isIPv6: true),
    LinkCase(testDescription: "NULL, macOS's IPv6", linkType: .null, header: [30, 0, 0, 0], isIPv6: true),
    LinkCase(testDescription: "NULL, big-endian, IPv6", linkType: .null, header: [0, 0, 0, 28], isIPv6: true),
    LinkCase(testDescription: "LOOP, IPv4", linkType: .loop, header: [0, 0, 0, 2]),
    LinkCase(testDescription: "LOOP, IPv6", linkType: .loop, header: [0, 0, 0, 24], isIPv6: true),
]

@Test(arguments: linkCases)
func `every link layer leads to the segment`(_ link: LinkCase) throws {
    let internet = link.isIPv6 ? Octets.ipv6(carrying: 20) : Octets.ipv4(carrying: 20)
    let captured = try segment(link.header + internet + Octets.tcp(), link.linkType)
    #expect(captured.segment == plainSegment)
    #expect(captured.pair == (link.isIPv6 ? pair6 : pair4))
    #expect(captured.timeToLive == (link.isIPv6 ? 63 : 64))
    #expect(captured.hasIdentification == !link.isIPv6)
    #expect(captured.identification == (link.isIPv6 ? 0 : 0x1234))
    #expect(captured.direction == link.direction)
    #expect(captured.virtualLAN == link.virtualLAN)
    #expect(captured.interface == link.interface)
    #expect(!captured.isHeaderCut)
}

@Test(arguments: linkCases)
func `a link header that was cut is cut short, one that never was whole is malformed`(_ link: LinkCase) {
    let internet = link.isIPv6 ? Octets.ipv6(carrying: 20) : Octets.ipv4(carrying: 20)
    let whole = link.header + internet + Octets.tcp()
    for length in 0..<link.header.count {
        #expect(skipReason(Array(whole[..<length]), link.linkType, originalLength: whole.count) == .cutShort)
        #expect(skipReason(Array(whole[..<length]), link.linkType) == .malformed)
    }
}

@Test(arguments: [
    ("ARP", [0x08, 0x06]), ("LLDP", [0x88, 0xCC]), ("802.3 length", [0x00, 0x26]), ("PPPoE discovery", [0x88, 0x63]),
] as [(String, [UInt8])])
func `what is not IP is skipped as such`(_ name: String, _ type: [UInt8]) {
    #expect(skipReason(Octets.macs + type + Array(repeating: 0, count: 46)) == .notIP)
    #expect(skipReason(cooked(0, type) + Array(repeating: 0, count: 46), .linuxCooked) == .notIP)
}

@Test func `a frame that is nothing but tags ends`() {
    let tags = Array(repeating: [0x81, 0x00, 0x00, 0x01] as [UInt8], count: 300).flatMap { $0 }
    #expect(skipReason(Octets.macs + tags) == .notIP)
}

@Test func `a link type that is not read is skipped as such`() {
    // 195 is IEEE 802.15.4, 147 a private one.
    for number: Int32 in [195, 147, -1, .max, .min] {
        #expect(LinkType(dataLinkType: number) == nil)
        var captured = CapturedSegment(segment: plainSegment, pair: pair4)
        let outcome = FrameDecoder(dataLinkType: number).decode(
            Octets.frame().span, originalLength: 54, into: &captured)
        guard case .skipped(.unknownLinkType) = outcome else {
            Issue.record("\(number): \(outcome)")
            return
        }
    }
}

@Test func `numbers and names of link types are libpcap's`() {
    #expect(LinkType(dataLinkType: 12) == .rawInternet)
    #expect(LinkType(dataLinkType: 14) == .rawInternet)
    let names = [
        "EN10MB", "LINUX_SLL", "LINUX_SLL2", "RAW", "IPV4", "IPV6", "NULL", "LOOP", "PPP", "PPP_SERIAL", "PPP_ETHER",
        "PPP_PPPD", "PPP_WITH_DIR", "C_HDLC", "MPLS", "IEEE802_11", "IEEE802_11_RADIO", "PRISM_HEADER",
        "IEEE802_11_RADIO_AVS", "PFLOG",
    ]
    #expect(LinkType.allCases.map(\.name) == names)
    for type in LinkType.allCases { #expect(LinkType(dataLinkType: Int32(type.fileNumber)) == type) }
}
