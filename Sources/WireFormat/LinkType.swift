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

    /// The link type of a number as `pcap_datalink` returns it or a file holds it; nil if Postel does not read it.
    public init?(dataLinkType: Int32) {
        switch dataLinkType {
        case 0: self = .null
        case 1: self = .ethernet
        // DLT_RAW is 12, on OpenBSD 14; LINKTYPE_RAW is 101.
        case 12, 14, 101: self = .rawInternet
        case 108: self = .loop
        case 113: self = .linuxCooked
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
        case .rawInternet: 101
        case .loop: 108
        case .linuxCooked: 113
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
        }
    }
}

extension LinkType: CustomStringConvertible {
    public var description: String { name }
}
