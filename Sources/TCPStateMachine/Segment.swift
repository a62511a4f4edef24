/// The control bits of a TCP header, as they stand in its fourteenth octet (RFC 793 section 3.1; ECE and CWR: RFC
/// 3168).
public struct ControlBits: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    @inlinable public static var fin: ControlBits { ControlBits(rawValue: 0x01) }
    @inlinable public static var syn: ControlBits { ControlBits(rawValue: 0x02) }
    @inlinable public static var rst: ControlBits { ControlBits(rawValue: 0x04) }
    @inlinable public static var psh: ControlBits { ControlBits(rawValue: 0x08) }
    @inlinable public static var ack: ControlBits { ControlBits(rawValue: 0x10) }
    @inlinable public static var urg: ControlBits { ControlBits(rawValue: 0x20) }
    @inlinable public static var ece: ControlBits { ControlBits(rawValue: 0x40) }
    @inlinable public static var cwr: ControlBits { ControlBits(rawValue: 0x80) }
}

/// A TCP segment as the state machine sees it: the segment variables of RFC 793 section 3.2 and the options that
/// matter to state. The octets of the text are not kept, only their number.
public struct Segment: Hashable, Sendable, BitwiseCopyable {
    /// SEG.SEQ: the number of the first octet, or of the SYN.
    public var sequenceNumber: SequenceNumber
    /// SEG.ACK: meaningful only if `controlBits` has ACK.
    public var acknowledgmentNumber: SequenceNumber
    /// The octets of text, without SYN and FIN. At most 2^32 - 3, so that `length` cannot overflow.
    public var payloadLength: UInt32
    /// SEG.WND as it stands in the header, unscaled.
    public var window: UInt16
    public var controlBits: ControlBits
    public var options: SegmentOptions

    @inlinable
    public init(
        sequenceNumber: SequenceNumber, acknowledgmentNumber: SequenceNumber = SequenceNumber(0),
        controlBits: ControlBits, payloadLength: UInt32 = 0, window: UInt16 = 0,
        options: SegmentOptions = SegmentOptions()
    ) {
        self.sequenceNumber = sequenceNumber
        self.acknowledgmentNumber = acknowledgmentNumber
        self.payloadLength = min(payloadLength, UInt32.max - 3)
        self.window = window
        self.controlBits = controlBits
        self.options = options
    }

    @inlinable public var hasSyn: Bool { controlBits.contains(.syn) }
    @inlinable public var hasAck: Bool { controlBits.contains(.ack) }
    @inlinable public var hasFin: Bool { controlBits.contains(.fin) }
    @inlinable public var hasRst: Bool { controlBits.contains(.rst) }

    /// SEG.LEN: octets of sequence space, counting SYN and FIN (RFC 793 section 3.3).
    @inlinable
    public var length: UInt32 {
        payloadLength &+ (hasSyn ? 1 : 0) &+ (hasFin ? 1 : 0)
    }

    /// The number just behind the segment: SEG.SEQ + SEG.LEN.
    @inlinable
    public var end: SequenceNumber { sequenceNumber + length }

    /// The number of the first octet of text: behind the SYN, if there is one.
    @inlinable
    public var payloadStart: SequenceNumber { sequenceNumber + (hasSyn ? 1 : 0) }

    /// The number that the FIN has, if the segment carries one.
    @inlinable
    public var finNumber: SequenceNumber { payloadStart + payloadLength }
}

/// One block of octets that a SACK option reports as received (RFC 2018), or as received twice (RFC 2883).
public struct SackBlock: Hashable, Sendable, BitwiseCopyable {
    /// The first number of the block.
    public var left: SequenceNumber
    /// The number just behind the block.
    public var right: SequenceNumber

    @inlinable
    public init(left: SequenceNumber, right: SequenceNumber) {
        self.left = left
        self.right = right
    }
}

/// The TCP options that matter to the state of a connection. An option that is not `present` has no meaning here.
public struct SegmentOptions: Hashable, Sendable, BitwiseCopyable {
    /// Which options the header carries.
    public struct Kinds: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt16

        @inlinable
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Maximum segment size (RFC 793 section 3.1).
        @inlinable public static var maximumSegmentSize: Kinds { Kinds(rawValue: 1 << 0) }
        /// Window scale (RFC 7323).
        @inlinable public static var windowScale: Kinds { Kinds(rawValue: 1 << 1) }
        /// SACK permitted (RFC 2018).
        @inlinable public static var sackPermitted: Kinds { Kinds(rawValue: 1 << 2) }
        /// SACK blocks (RFC 2018).
        @inlinable public static var sack: Kinds { Kinds(rawValue: 1 << 3) }
        /// Timestamps (RFC 7323).
        @inlinable public static var timestamps: Kinds { Kinds(rawValue: 1 << 4) }
        /// Fast Open (RFC 7413, or the experimental option 254 with its magic number) with a cookie.
        @inlinable public static var fastOpenCookie: Kinds { Kinds(rawValue: 1 << 5) }
        /// Fast Open without a cookie: a request for one.
        @inlinable public static var fastOpenRequest: Kinds { Kinds(rawValue: 1 << 6) }
        /// Multipath TCP (RFC 8684).
        @inlinable public static var multipath: Kinds { Kinds(rawValue: 1 << 7) }
        /// MD5 signature (RFC 2385).
        @inlinable public static var md5Signature: Kinds { Kinds(rawValue: 1 << 8) }
        /// TCP Authentication Option (RFC 5925).
        @inlinable public static var authentication: Kinds { Kinds(rawValue: 1 << 9) }
        /// The list of options is damaged or was cut by the capture: what stood before the damage is here.
        @inlinable public static var incomplete: Kinds { Kinds(rawValue: 1 << 10) }
    }

    public var present: Kinds = []
    /// The largest segment the sender takes, octets of text.
    public var maximumSegmentSize: UInt16 = 0
    /// The shift of the window scale option, 0 ... 14 (larger values on the wire are read as 14, RFC 7323 section 2.3).
    public var windowScale: UInt8 = 0
    /// How many of `sackBlocks` are filled, 0 ... 4.
    public var sackBlockCount: UInt8 = 0
    /// TSval.
    public var timestampValue: UInt32 = 0
    /// TSecr.
    public var timestampEcho: UInt32 = 0
    /// The blocks in the option's order; a D-SACK comes first (RFC 2883).
    public var sackBlock0 = SackBlock(left: SequenceNumber(0), right: SequenceNumber(0))
    public var sackBlock1 = SackBlock(left: SequenceNumber(0), right: SequenceNumber(0))
    public var sackBlock2 = SackBlock(left: SequenceNumber(0), right: SequenceNumber(0))
    public var sackBlock3 = SackBlock(left: SequenceNumber(0), right: SequenceNumber(0))

    @inlinable
    public init() {}

    @inlinable public var hasTimestamps: Bool { present.contains(.timestamps) }

    /// The block at `index`, or nil beyond `sackBlockCount`.
    @inlinable
    public func sackBlock(at index: Int) -> SackBlock? {
        guard index >= 0, index < Int(sackBlockCount) else { return nil }
        switch index {
        case 0: return sackBlock0
        case 1: return sackBlock1
        case 2: return sackBlock2
        case 3: return sackBlock3
        default: return nil
        }
    }

    /// Appends a block; a fifth one does not fit into a header and is dropped.
    @inlinable
    public mutating func appendSackBlock(_ block: SackBlock) {
        switch sackBlockCount {
        case 0: sackBlock0 = block
        case 1: sackBlock1 = block
        case 2: sackBlock2 = block
        case 3: sackBlock3 = block
        default: return
        }
        sackBlockCount += 1
    }
}
