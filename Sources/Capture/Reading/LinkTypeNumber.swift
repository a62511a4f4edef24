/// The numbers of link types: files have one for each (LINKTYPE_, https://www.tcpdump.org/linktypes.html), and so have
/// programs (DLT_); some differ, because systems had numbered theirs before files were to be exchanged.
enum LinkTypeNumber {
    /// Those that differ, file's number first, as libpcap on this system knows them in memory.
    private static let differing: [(file: Int32, memory: Int32)] = [
        (100, 11),  // ATM_RFC1483
        (101, 12),  // RAW
        (102, 15),  // SLIP_BSDOS
        (103, 16),  // PPP_BSDOS
        (106, 19),  // ATM_CLIP
        (246, 18),  // PFSYNC
    ]

    /// A file's number to the one that libpcap's filters and `pcap_datalink` use.
    static func inMemory(_ file: Int32) -> Int32 {
        differing.first { $0.file == file }?.memory ?? file
    }

    /// The other way round.
    static func inFile(_ memory: Int32) -> Int32 {
        differing.first { $0.memory == memory }?.file ?? memory
    }

    /// The most octets that a capture of this link type can hold of one frame; more is damage. That of networks is
    /// libpcap's, too; the buses that have no bound of their own get theirs.
    static func mostOctets(_ memory: Int32) -> UInt32 {
        switch memory {
        // USB_LINUX, USB_LINUX_MMAPPED, DBUS, USBPCAP.
        case 189, 220, 231, 249: 128 << 20
        // EBHSCR.
        case 279: 8 << 20
        default: 262_144
        }
    }

    /// A snapshot length as it is to be taken: 0 and what no program can hold say that there was no limit.
    static func snapshotLength(_ stated: UInt32, _ memory: Int32) -> UInt32 {
        stated == 0 || stated > UInt32(Int32.max) ? mostOctets(memory) : stated
    }

    /// Whether frames hold numbers in the order of the machine that captured, before the network's headers, which
    /// libpcap turns round when it reads a file of the other order: USB_LINUX, USB_LINUX_MMAPPED, NFLOG.
    static func hasHostOrderHeader(_ memory: Int32) -> Bool {
        memory == 189 || memory == 220 || memory == 239
    }
}
