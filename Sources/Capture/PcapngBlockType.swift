/// The blocks of a pcapng file that mean something here (draft-ietf-opsawg-pcapng section 4); all others are passed
/// over.
enum PcapngBlockType: UInt32 {
    /// The same in both byte orders: "\n\r\r\n" shows a file that was transferred as text.
    case sectionHeader = 0x0A0D_0D0A
    case interfaceDescription = 1
    /// The packet block of files before 2009, which nobody is to write any more.
    case obsoletePacket = 2
    case simplePacket = 3
    case interfaceStatistics = 5
    case enhancedPacket = 6
}

/// The options of those blocks. A code means one thing in every block, or another in each: so each names its block.
enum PcapngOption {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let application: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let interfaceDescription: UInt16 = 3
    static let interfaceIPv4Address: UInt16 = 4
    static let interfaceIPv6Address: UInt16 = 5
    static let interfaceResolution: UInt16 = 9
    static let interfaceTimeOffset: UInt16 = 14
    static let packetFlags: UInt16 = 2
    static let enhancedPacketDropCount: UInt16 = 4
    static let statisticsReceived: UInt16 = 4
    static let statisticsInterfaceDropped: UInt16 = 5
    static let statisticsSystemDropped: UInt16 = 7
}

/// The order in which a section's numbers stand.
enum PcapngByteOrder {
    /// What the section header says in the order of the machine that wrote it.
    static let magic: UInt32 = 0x1A2B_3C4D
}
