/// Numbers of netlink and sock_diag (linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h), which are the kernel's
/// promise to programs and do not change.
enum SockDiagFormat {
    static let netlinkFamily: Int32 = 4
    /// SOCK_DIAG_BY_FAMILY: the type of requests and of rows.
    static let byFamily: UInt16 = 20
    static let typeError: UInt16 = 2
    static let typeDone: UInt16 = 3
    static let flagRequest: UInt16 = 0x001
    /// NLM_F_ROOT | NLM_F_MATCH.
    static let flagDump: UInt16 = 0x300
    /// NLM_F_DUMP_INTR: the table changed under the listing.
    static let flagInterrupted: UInt16 = 0x010
    static let headerSize = 16
    /// sizeof(struct inet_diag_req_v2).
    static let requestSize = 56
    /// sizeof(struct inet_diag_msg).
    static let rowSize = 72
    static let protocolTCP: UInt8 = 6
    static let familyIPv4: UInt8 = 2
    static let familyIPv6: UInt8 = 10
    /// INET_DIAG_INFO and INET_DIAG_SHUTDOWN, as types of attributes.
    static let attributeInformation: UInt16 = 2
    static let attributeShutdown: UInt16 = 8
    /// The same as bits of the request: type n is bit n - 1.
    static let extensions: UInt8 = 1 << (2 - 1) | 1 << (8 - 1)
}

/// Reads of numbers in this machine's order; whoever reads has asked whether they are there.
extension Span<UInt8> {
    func native16(_ offset: Int) -> UInt16 {
        UInt16(littleEndianOnLittleEndian: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8)
    }

    func native32(_ offset: Int) -> UInt32 {
        var number: UInt32 = 0
        for index in 0..<4 { number |= UInt32(self[offset + index]) << UInt32(8 * index) }
        return UInt32(littleEndianOnLittleEndian: number)
    }

    func native64(_ offset: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<8 { number |= UInt64(self[offset + index]) << UInt64(8 * index) }
        return UInt64(littleEndianOnLittleEndian: number)
    }

    func network16(_ offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    func network32(_ offset: Int) -> UInt32 {
        UInt32(network16(offset)) << 16 | UInt32(network16(offset + 2))
    }

    func network64(_ offset: Int) -> UInt64 {
        UInt64(network32(offset)) << 32 | UInt64(network32(offset + 4))
    }
}

extension FixedWidthInteger {
    /// A number that was put together from octets of this machine as if it were a little-endian one.
    fileprivate init(littleEndianOnLittleEndian number: Self) {
        #if _endian(little)
        self = number
        #else
        self = number.byteSwapped
        #endif
    }
}
