public import Testing
public import WireFormat

/// A frame with a SYN somewhere inside, and what a decoder has to say of it.
public struct Encapsulation: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    public let linkType: LinkType
    /// The SYN is that of `Wrapping.packet4()` or `Wrapping.packet6()`, without text.
    public let frame: [UInt8]
    public var tunnel = Tunnel.none
    public var virtualLAN: UInt16 = 0
    public var direction = Direction.unknown
    public var isIPv6 = false

    init(
        _ name: String, _ linkType: LinkType, _ frame: [UInt8], tunnel: Tunnel = .none,
        virtualLAN: UInt16 = 0, direction: Direction = .unknown, isIPv6: Bool = false
    ) {
        testDescription = name
        self.linkType = linkType
        self.frame = frame
        self.tunnel = tunnel
        self.virtualLAN = virtualLAN
        self.direction = direction
        self.isIPv6 = isIPv6
    }

    init(
        _ name: String, _ frame: [UInt8], tunnel: Tunnel = .none, virtualLAN: UInt16 = 0, isIPv6: Bool = false
    ) {
        self.init(name, .ethernet, frame, tunnel: tunnel, virtualLAN: virtualLAN, isIPv6: isIPv6)
    }

    public static let all = tags + labels + pointToPoint + wireless + others + internet + generic + overUDP + nested

    private static let four = Wrapping.packet4()
    private static let six = Wrapping.packet6()
    private typealias W = Wrapping

    private static let tags: [Encapsulation] = [
        Encapsulation("802.1Q", W.ethernet(0x8100, W.tag(5, 0x0800, four)), virtualLAN: 5),
        Encapsulation(
            "QinQ: 802.1ad around 802.1Q", W.ethernet(0x88A8, W.tag(5, 0x8100, W.tag(6, 0x86DD, six))), virtualLAN: 6,
            isIPv6: true),
        Encapsulation(
            "two tags of 802.1Q", W.ethernet(0x8100, W.tag(5, 0x8100, W.tag(6, 0x0800, four))), virtualLAN: 6),
        Encapsulation("0x9100", W.ethernet(0x9100, W.tag(5, 0x8100, W.tag(6, 0x0800, four))), virtualLAN: 6),
        Encapsulation("802.3, LLC and SNAP", W.ethernetSNAP(0x0800, four)),
        Encapsulation("802.3, LLC and SNAP, IPv6", W.ethernetSNAP(0x86DD, six), isIPv6: true),
        Encapsulation(
            "802.1Q around LLC", W.ethernet(0x8100, W.tag(5, UInt16(8 + four.count), W.snap(0x0800, four))),
            virtualLAN: 5),
        Encapsulation(
            "Linux cooked, LLC", .linuxCooked,
            [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4] + W.snap(0x0800, four), direction: .received),
    ]

    private static let labels: [Encapsulation] = [
        Encapsulation("MPLS", W.ethernet(0x8847, W.mpls([16], four))),
        Encapsulation("MPLS, three labels, IPv6", W.ethernet(0x8847, W.mpls([16, 17, 1_048_575], six)), isIPv6: true),
        Encapsulation("MPLS, multicast", W.ethernet(0x8848, W.mpls([18], four))),
        Encapsulation("MPLS in a VLAN", W.ethernet(0x8100, W.tag(7, 0x8847, W.mpls([16, 2], four))), virtualLAN: 7),
        Encapsulation(
            "MPLS, pseudowire with control word",
            W.ethernet(0x8847, W.mpls([16, 19], [0, 0, 0, 1] + W.ethernet(0x8100, W.tag(9, 0x0800, four)))),
            virtualLAN: 9),
        Encapsulation("MPLS at once", .mpls, W.mpls([16, 17], four)),
    ]

    private static let pointToPoint: [Encapsulation] = [
        Encapsulation("PPPoE", W.ethernet(0x8864, W.pppoe([0x00, 0x21] + four))),
        Encapsulation("PPPoE, IPv6, protocol of one octet", W.ethernet(0x8864, W.pppoe([0x57] + six)), isIPv6: true),
        Encapsulation(
            "PPPoE in QinQ", W.ethernet(0x88A8, W.tag(1, 0x8100, W.tag(2, 0x8864, W.pppoe([0, 0x21] + four)))),
            virtualLAN: 2),
        Encapsulation("PPPoE at once", .pppOverEthernet, W.pppoe([0x00, 0x21] + four)),
        Encapsulation("PPP in HDLC-like framing", .ppp, [0xFF, 0x03, 0x00, 0x21] + four),
        Encapsulation("PPP without framing", .ppp, [0x00, 0x21] + four),
        Encapsulation("PPP, protocol of one octet", .ppp, [0xFF, 0x03, 0x21] + four),
        Encapsulation("PPP, IPv6", .ppp, [0xFF, 0x03, 0x00, 0x57] + six, isIPv6: true),
        Encapsulation("PPP, MPLS", .ppp, [0xFF, 0x03, 0x02, 0x81] + W.mpls([16], four)),
        Encapsulation("PPP, MPLS multicast", .ppp, [0xFF, 0x03, 0x02, 0x83] + W.mpls([16], four)),
        Encapsulation("PPP_SERIAL", .pppSerial, [0xFF, 0x03, 0x00, 0x21] + four),
        Encapsulation("PPP_SERIAL, Cisco's HDLC", .pppSerial, [0x0F, 0x00, 0x08, 0x00] + four),
        Encapsulation("C_HDLC", .ciscoHDLC, [0x0F, 0x00, 0x08, 0x00] + four),
        Encapsulation("C_HDLC, to all, IPv6", .ciscoHDLC, [0x8F, 0x00, 0x86, 0xDD] + six, isIPv6: true),
        Encapsulation("PPP_PPPD, received", .pppd, [0x00, 0x03, 0x00, 0x21] + four, direction: .received),
        Encapsulation("PPP_PPPD, sent", .pppd, [0x01, 0x03, 0x00, 0x21] + four, direction: .sent),
        Encapsulation("PPP_WITH_DIR, sent", .pppWithDirection, [0x01, 0xFF, 0x03, 0x00, 0x21] + four, direction: .sent),
        Encapsulation("PPP_WITH_DIR, received", .pppWithDirection, [0x00, 0x00, 0x21] + four, direction: .received),
    ]

    private static let body = W.snap(0x0800, four)
    private static let station: [UInt8] = [0x02, 0, 0, 0, 0, 4]
    /// The subframe of an A-MSDU.
    private static let subframe = station + station + W.word(body.count) + body

    private static let wireless: [Encapsulation] = [
        Encapsulation("802.11, to the access point", .wireless, W.wireless(0x08, 0x01, body)),
        Encapsulation("802.11, from it, again", .wireless, W.wireless(0x08, 0x0A, body)),
        Encapsulation("802.11, IPv6", .wireless, W.wireless(0x08, 0x01, W.snap(0x86DD, six)), isIPv6: true),
        Encapsulation("802.11, four addresses", .wireless, W.wireless(0x08, 0x03, station, body)),
        Encapsulation("802.11, QoS", .wireless, W.wireless(0x88, 0x02, [0x00, 0x00], body)),
        Encapsulation("802.11, QoS, +HTC", .wireless, W.wireless(0x88, 0x82, [0, 0, 0, 0, 0, 0], body)),
        Encapsulation("802.11, QoS, four addresses", .wireless, W.wireless(0x88, 0x03, station + [0, 0], body)),
        Encapsulation("802.11, A-MSDU of one", .wireless, W.wireless(0x88, 0x02, [0x80, 0x00], subframe)),
        Encapsulation(
            "802.11, Ethernet tunnel", .wireless, W.wireless(0x08, 0x02, [0xAA, 0xAA, 3, 0, 0, 0xF8, 8, 0], four)),
        Encapsulation("radiotap, empty", .wirelessRadiotap, [0, 0, 8, 0, 0, 0, 0, 0] + W.wireless(0x08, 0x01, body)),
        Encapsulation(
            "radiotap, time stamp and flags", .wirelessRadiotap,
            [0, 0, 18, 0, 3, 0, 0, 0] + Array(repeating: 0, count: 8) + [0x00, 0] + W.wireless(0x08, 0x01, body)),
        Encapsulation(
            "radiotap, two words of fields, padded", .wirelessRadiotap,
            [0, 0, 14, 0, 2, 0, 0, 0x80, 0, 0, 0, 0] + [0x20, 0] + W.wireless(0x88, 0x02, [0, 0, 0, 0], body)),
        Encapsulation(
            "Prism", .wirelessPrism,
            [0x44, 0, 0, 0, 144, 0, 0, 0] + Array(repeating: 0, count: 136) + W.wireless(0x08, 0x01, body)),
        Encapsulation(
            "AVS as Prism", .wirelessPrism,
            [0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64] + Array(repeating: 0, count: 56) + W.wireless(0x08, 0x01, body)),
        Encapsulation(
            "AVS", .wirelessAVS,
            [0x80, 0x21, 0x10, 0x02, 0, 0, 0, 80] + Array(repeating: 0, count: 72) + W.wireless(0x08, 0x01, body)),
    ]

    private static let others: [Encapsulation] = [
        Encapsulation("PFLOG", .packetFilterLog, [61, 2] + Array(repeating: 0, count: 62) + four),
        Encapsulation("PFLOG, IPv6", .packetFilterLog, [61, 24] + Array(repeating: 0, count: 62) + six, isIPv6: true),
    ]

    private static let internet: [Encapsulation] = [
        Encapsulation("IPv4 in IPv4", W.ethernet(0x0800, W.ipv4(4, four)), tunnel: Tunnel(.ipInIP)),
        Encapsulation("6in4", W.ethernet(0x0800, W.ipv4(41, six)), tunnel: Tunnel(.sixInFour), isIPv6: true),
        Encapsulation("4in6", W.ethernet(0x86DD, W.ipv6(4, four)), tunnel: Tunnel(.fourInSix)),
        Encapsulation("6in6", W.ethernet(0x86DD, W.ipv6(41, six)), tunnel: Tunnel(.sixInSix), isIPv6: true),
        Encapsulation(
            "4in6 behind destination options (RFC 2473)",
            W.ethernet(0x86DD, W.ipv6(60, [4, 0, 4, 1, 4, 1, 1, 0] + four)), tunnel: Tunnel(.fourInSix)),
        Encapsulation("IPv4 in IPv4, raw", .rawInternet, W.ipv4(4, four), tunnel: Tunnel(.ipInIP)),
    ]

    private static let generic: [Encapsulation] = [
        Encapsulation("GRE", W.ethernet(0x0800, W.ipv4(47, W.gre(0, 0x0800, four))), tunnel: Tunnel(.gre)),
        Encapsulation(
            "GRE, key", W.ethernet(0x0800, W.ipv4(47, W.gre(0x2000, 0x86DD, [0, 0, 0, 7], six))),
            tunnel: Tunnel(.gre, key: 7), isIPv6: true),
        Encapsulation(
            "GRE, checksum, key and sequence number, over IPv6",
            W.ethernet(0x86DD, W.ipv6(47, W.gre(0xB000, 0x0800, [0, 0, 0, 0, 0xFF, 0, 0, 1, 0, 0, 0, 2], four))),
            tunnel: Tunnel(.gre, key: 0xFF00_0001)),
        Encapsulation(
            "GRE, Ethernet", W.ethernet(0x0800, W.ipv4(47, W.gre(0, 0x6558, W.ethernet(0x8100,
                W.tag(3, 0x0800, four))))),
            tunnel: Tunnel(.gre), virtualLAN: 3),
        Encapsulation(
            "GRE, MPLS", W.ethernet(0x0800, W.ipv4(47, W.gre(0, 0x8847, W.mpls([16], four)))), tunnel: Tunnel(.gre)),
        Encapsulation(
            "PPTP",
            W.ethernet(
                0x0800, W.ipv4(47, W.gre(0x3081, 0x880B, W.word(four.count + 4) + [0, 9, 0, 0, 0, 1, 0, 0, 0, 2],
                    [0xFF, 0x03, 0x00, 0x21] + four))), tunnel: Tunnel(.pptp)),
        Encapsulation(
            "ERSPAN I", W.ethernet(0x0800, W.ipv4(47, W.gre(0, 0x88BE, W.ethernet(0x0800, four)))),
            tunnel: Tunnel(.erspan)),
        Encapsulation(
            "ERSPAN II",
            W.ethernet(
                0x0800, W.ipv4(47, W.gre(0x1000, 0x88BE, [0, 0, 0, 1] + [0x10, 0x05, 0x00, 0x64, 0, 0, 0, 0],
                    W.ethernet(0x0800, four)))), tunnel: Tunnel(.erspan, key: 100)),
        Encapsulation(
            "ERSPAN III",
            W.ethernet(
                0x0800, W.ipv4(47,
                    W.gre(0x1000, 0x22EB, [0, 0, 0, 1] + [0x20, 0x05, 0x00, 0x64] + [0, 0, 0, 0, 0, 0, 0, 0],
                    W.ethernet(0x0800, four)))), tunnel: Tunnel(.erspan, key: 100)),
        Encapsulation(
            "ERSPAN III with a subheader of its platform",
            W.ethernet(
                0x0800, W.ipv4(47,
                    W.gre(0x1000, 0x22EB, [0, 0, 0, 1] + [0x20, 0x05, 0x00, 0x64] + [0, 0, 0, 0, 0, 0, 0, 1]
                    + [0x0C, 0, 0, 0, 0, 0, 0, 0], W.ethernet(0x0800, four)))), tunnel: Tunnel(.erspan, key: 100)),
    ]

    private static let overUDP: [Encapsulation] = [
        Encapsulation(
            "VXLAN", W.ethernet(0x0800, W.ipv4(17, W.udp(to: 4789, W.vxlan(5, W.ethernet(0x0800, four))))),
            tunnel: Tunnel(.vxlan, key: 5)),
        Encapsulation(
            "VXLAN, Linux's port, over IPv6",
            W.ethernet(0x86DD, W.ipv6(17, W.udp(to: 8472, W.vxlan(6, W.ethernet(0x86DD, six))))),
            tunnel: Tunnel(.vxlan, key: 6), isIPv6: true),
        Encapsulation(
            "VXLAN, a tag inside and one outside",
            W.ethernet(
                0x8100, W.tag(8, 0x0800, W.ipv4(17, W.udp(to: 4789, W.vxlan(5, W.ethernet(0x8100,
                    W.tag(9, 0x0800, four))))))),
            tunnel: Tunnel(.vxlan, key: 5), virtualLAN: 9),
        Encapsulation(
            "Geneve", W.ethernet(0x0800, W.ipv4(17, W.udp(to: 6081, W.geneve(10, options: [],
                W.ethernet(0x0800, four))))),
            tunnel: Tunnel(.geneve, key: 10)),
        Encapsulation(
            "Geneve, options",
            W.ethernet(
                0x0800, W.ipv4(17, W.udp(to: 6081, W.geneve(10, options: [1, 2, 3, 1, 5, 6, 7, 8],
                    W.ethernet(0x0800, four))))),
            tunnel: Tunnel(.geneve, key: 10)),
        Encapsulation(
            "Geneve, IPv4 at once", W.ethernet(0x0800, W.ipv4(17, W.udp(to: 6081, W.geneve(10, 0x0800, four)))),
            tunnel: Tunnel(.geneve, key: 10)),
    ]

    private static let nested: [Encapsulation] = [
        Encapsulation(
            "VXLAN in GRE: the innermost is named",
            W.ethernet(
                0x0800, W.ipv4(47, W.gre(0x2000, 0x0800, [0, 0, 0, 7],
                    W.ipv4(17, W.udp(to: 4789, W.vxlan(5,
                        W.ethernet(0x0800, four))))))), tunnel: Tunnel(.vxlan, key: 5)),
        Encapsulation(
            "IP in IP in IP", W.ethernet(0x0800, W.ipv4(4, W.ipv4(4, four))), tunnel: Tunnel(.ipInIP)),
        Encapsulation(
            "GRE in PPPoE in QinQ",
            W.ethernet(
                0x88A8, W.tag(1, 0x8100, W.tag(2, 0x8864, W.pppoe([0, 0x21] + W.ipv4(47, W.gre(0, 0x0800, four)))))),
            tunnel: Tunnel(.gre), virtualLAN: 2),
        Encapsulation(
            "Geneve in MPLS, IPv6 inside",
            W.ethernet(0x8847, W.mpls([16], W.ipv4(17, W.udp(to: 6081, W.geneve(3, 0x86DD, six))))),
            tunnel: Tunnel(.geneve, key: 3), isIPv6: true),
    ]
}
