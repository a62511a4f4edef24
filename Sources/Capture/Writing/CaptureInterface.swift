/// An interface as a pcapng file describes it (draft-ietf-opsawg-pcapng section 4.2).
public struct CaptureInterface: Hashable, Sendable {
    /// An address of the interface, with the bits that its network has.
    public enum Address: Hashable, Sendable {
        /// 192.0.2.1 is 0xC0000201, and 255.255.255.0 is 0xFFFFFF00.
        case ipv4(UInt32, mask: UInt32)
        /// The two halves of the address, the first octet of each in the highest place; `prefixLength` is 0 ... 128.
        case ipv6(high: UInt64, low: UInt64, prefixLength: UInt8)
    }

    /// The link type of its frames as files number it (LINKTYPE_).
    public var linkType: UInt16
    /// How many octets of a frame were to be kept at most; 0 says that there was no limit.
    public var snapshotLength: UInt32
    /// The system's name of it (`eth0`), or nil.
    public var name: String?
    /// What a person calls it, or nil.
    public var description: String?
    public var addresses: [Address]

    public init(
        linkType: UInt16, snapshotLength: UInt32 = 0, name: String? = nil, description: String? = nil,
        addresses: [Address] = []
    ) {
        self.linkType = linkType
        self.snapshotLength = snapshotLength
        self.name = name
        self.description = description
        self.addresses = addresses
    }
}

/// What a capturing program counted on one interface up to a moment (pcapng section 4.6).
public struct CaptureStatistics: Hashable, Sendable, BitwiseCopyable {
    /// When the counts were taken, nanoseconds since the epoch.
    public var time: Int64
    /// Frames received since the capture began; nil if it is not known.
    public var received: UInt64?
    /// Frames lost for lack of room since the capture began; nil if it is not known.
    public var lost: UInt64?

    public init(time: Int64, received: UInt64? = nil, lost: UInt64? = nil) {
        self.time = time
        self.received = received
        self.lost = lost
    }
}
