/// What stands before the Internet header of a frame: the link types that Postel reads.
///
/// The numbers are those of https://www.tcpdump.org/linktypes.html. libpcap calls them DLT_ in memory and LINKTYPE_ in
/// files; the few that differ between the two are all understood.
public enum LinkType: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// Ethernet, with or without 802.1Q tags.
    case ethernet
    /// Linux "cooked" capture: what `tcpdump -i any` wrote before libpcap 1.10.
    case linuxCooked
    /// Linux "cooked" capture, version 2, with the interface's index.
    case linuxCooked2
    /// An IPv4 or IPv6 header at once; its first four bits say which.
    case rawInternet
    /// An IPv4 header at once.
    case ipv4
    /// An IPv6 header at once.
    case ipv6
    /// BSD loopback: four octets of address family in the order of the machine that captured.
    case null
    /// OpenBSD loopback: four octets of address family in network order.
    case loop
    /// PPP, with or without the address and control octets of HDLC (RFC 1661, RFC 1662).
    case ppp
    /// PPP in HDLC-like framing (RFC 1662), or Cisco's HDLC; the first octet says which.
    case pppSerial
    /// A PPPoE session at once (RFC 2516).
    case pppOverEthernet
    /// PPP as Linux's pppd records it: the direction in place of the address octet.
    case pppd
    /// PPP behind an octet of direction.
    case pppWithDirection
    /// Cisco's HDLC: address, control, EtherType.
    case ciscoHDLC
    /// An MPLS label stack at once (RFC 3032).
    case mpls
    /// IEEE 802.11, without a header of the radio.
    case wireless
    /// IEEE 802.11 behind a radiotap header.
    case wirelessRadiotap
    /// IEEE 802.11 behind a Prism monitor header.
    case wirelessPrism
    /// IEEE 802.11 behind an AVS header.
    case wirelessAVS
    /// What OpenBSD's packet filter logs.
    case packetFilterLog

    /// The link type of a number as `pcap_datalink` returns it or a file holds it; nil if Postel does not read it.
    public init?(dataLinkType: Int32) {
        switch dataLinkType {
        case 0: self = .null
        case 1: self = .ethernet
        case 9: self = .ppp
        // DLT_RAW is 12, on OpenBSD 14; LINKTYPE_RAW is 101.
        case 12, 14, 101: self = .rawInternet
        case 50: self = .pppSerial
        case 51: self = .pppOverEthernet
        case 104: self = .ciscoHDLC
        case 105: self = .wireless
        case 108: self = .loop
        case 113: self = .linuxCooked
        case 117: self = .packetFilterLog
        case 119: self = .wirelessPrism
        case 127: self = .wirelessRadiotap
        case 163: self = .wirelessAVS
        case 166: self = .pppd
        case 204: self = .pppWithDirection
        case 219: self = .mpls
        case 228: self = .ipv4
        case 229: self = .ipv6
        case 276: self = .linuxCooked2
        default: return nil
        }
    }

    /// The number that stands for this link type in a capture file (LINKTYPE_).
    public var fileNumber: UInt16 {
        switch self {
        case .null: 0
        case .ethernet: 1
        case .ppp: 9
        case .pppSerial: 50
        case .pppOverEthernet: 51
        case .rawInternet: 101
        case .ciscoHDLC: 104
        case .wireless: 105
        case .loop: 108
        case .linuxCooked: 113
        case .packetFilterLog: 117
        case .wirelessPrism: 119
        case .wirelessRadiotap: 127
        case .wirelessAVS: 163
        case .pppd: 166
        case .pppWithDirection: 204
        case .mpls: 219
        case .ipv4: 228
        case .ipv6: 229
        case .linuxCooked2: 276
        }
    }

    /// libpcap's name for it, without DLT_.
    public var name: String {
        switch self {
        case .ethernet: "EN10MB"
        case .linuxCooked: "LINUX_SLL"
        case .linuxCooked2: "LINUX_SLL2"
        case .rawInternet: "RAW"
        case .ipv4: "IPV4"
        case .ipv6: "IPV6"
        case .null: "NULL"
        case .loop: "LOOP"
        case .ppp: "PPP"
        case .pppSerial: "PPP_SERIAL"
        case .pppOverEthernet: "PPP_ETHER"
        case .pppd: "PPP_PPPD"
        case .pppWithDirection: "PPP_WITH_DIR"
        case .ciscoHDLC: "C_HDLC"
        case .mpls: "MPLS"
        case .wireless: "IEEE802_11"
        case .wirelessRadiotap: "IEEE802_11_RADIO"
        case .wirelessPrism: "PRISM_HEADER"
        case .wirelessAVS: "IEEE802_11_RADIO_AVS"
        case .packetFilterLog: "PFLOG"
        }
    }
}

extension LinkType: CustomStringConvertible {
    public var description: String { name }
}
