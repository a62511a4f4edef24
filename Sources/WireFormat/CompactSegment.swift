public import TCPStateMachine

/// A segment in one cache line: what is asked of nearly every segment, without what few have.
///
/// Most frames are decoded into one directly (`FrameDecoder+Straight.swift`): it holds all that there is of their
/// segments then. Of any other segment it is made, and holds what a connection that goes on as expected asks for.
public struct CompactSegment: Sendable, BitwiseCopyable {
    /// What there is of the segment, yes or no.
    public struct Notes: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt16

        @inlinable
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Nothing is left out: a `CapturedSegment` can be made of it.
        @inlinable public static var isWhole: Notes { Notes(rawValue: 1 << 0) }
        /// Of IPv4, and in no tunnel: the addresses mean something.
        @inlinable public static var hasAddresses: Notes { Notes(rawValue: 1 << 1) }
        /// The IPv4 identification means something.
        @inlinable public static var hasIdentification: Notes { Notes(rawValue: 1 << 2) }
        /// RFC 7323: TSval and TSecr mean something.
        @inlinable public static var hasTimestamps: Notes { Notes(rawValue: 1 << 3) }
        /// RFC 7323: the window scale means something.
        @inlinable public static var hasWindowScale: Notes { Notes(rawValue: 1 << 4) }
        /// SACK permitted (RFC 2018).
        @inlinable public static var permitsSack: Notes { Notes(rawValue: 1 << 5) }
        /// SACK blocks (RFC 2018), which are not here.
        @inlinable public static var hasSackBlocks: Notes { Notes(rawValue: 1 << 6) }
        /// The list of options is damaged or was cut.
        @inlinable public static var hasIncompleteOptions: Notes { Notes(rawValue: 1 << 7) }
        /// Fast Open (RFC 7413), with a cookie or without.
        @inlinable public static var hasFastOpen: Notes { Notes(rawValue: 1 << 8) }
        /// Neither damaged nor cut, as far as it was looked into.
        @inlinable public static var isSound: Notes { Notes(rawValue: 1 << 9) }
        /// The capture does not hold all of the text.
        @inlinable public static var isTextCut: Notes { Notes(rawValue: 1 << 10) }
        /// It was looked into, and nothing is wrong with it as far as it was captured.
        @inlinable public static var isExamined: Notes { Notes(rawValue: 1 << 11) }
        /// ACK and neither SYN nor RST, a window, and no SACK blocks: most segments of a connection that is open.
        @inlinable public static var isOrdinary: Notes { Notes(rawValue: 1 << 12) }
    }

    /// Of IPv4, in host order.
    public var sourceAddress: UInt32 = 0
    public var destinationAddress: UInt32 = 0
    public var sourcePort: UInt16 = 0
    public var destinationPort: UInt16 = 0
    /// SEG.SEQ.
    public var sequenceNumber = SequenceNumber(0)
    /// SEG.ACK: meaningful only if `controlBits` has ACK.
    public var acknowledgmentNumber = SequenceNumber(0)
    /// Octets of text.
    public var payloadLength: UInt32 = 0
    /// TSval, or 0.
    public var timestampValue: UInt32 = 0
    /// TSecr, or 0.
    public var timestampEcho: UInt32 = 0
    /// When it passed the vantage point: nanoseconds since the epoch.
    public var time: Int64 = 0
    /// The number of the packet in its file, 48 bits, and above them the index of the file.
    public var packetOfFile: UInt64 = 0
    /// How it was seen.
    public var sight = Sight()
    /// SEG.WND as it stands in the header.
    public var window: UInt16 = 0
    /// IPv4 identification, or 0.
    public var identification: UInt16 = 0
    public var controlBits: ControlBits = []
    /// The shift of the window scale option, 0 ... 14.
    public var windowScale: UInt8 = 0
    /// What there is of it, and what not.
    public var notes: Notes = []

    /// A place for a segment.
    public init() {}

    /// What there is of it of any segment.
    public init(_ captured: CapturedSegment) {
        let s = captured.segment
        sourcePort = captured.pair.sourcePort
        destinationPort = captured.pair.destinationPort
        sequenceNumber = s.sequenceNumber
        acknowledgmentNumber = s.acknowledgmentNumber
        payloadLength = s.payloadLength
        timestampValue = s.options.timestampValue
        timestampEcho = s.options.timestampEcho
        time = captured.time
        packetOfFile = Self.packet(captured.packet, ofFile: captured.file)
        sight = Sight(captured)
        window = s.window
        identification = captured.hasIdentification ? captured.identification : 0
        controlBits = s.controlBits
        windowScale = s.options.windowScale
        notes = Notes(captured)
        if Self.isOrdinary(controlBits, window: window), !notes.contains(.hasSackBlocks) { notes.insert(.isOrdinary) }
        if let source = captured.pair.source.ipv4, let destination = captured.pair.destination.ipv4,
            captured.pair.family == .ipv4, captured.tunnel == .none
        {
            sourceAddress = source
            destinationAddress = destination
            notes.insert(.hasAddresses)
        }
    }

    /// What `Notes.isOrdinary` says, SACK blocks apart.
    @inlinable @inline(__always)
    static func isOrdinary(_ controlBits: ControlBits, window: UInt16) -> Bool {
        controlBits.intersection([.syn, .rst, .ack]) == .ack && window != 0
    }

    /// Packet numbers beyond 2^48 - 1 are kept as that.
    @inlinable @inline(__always)
    public static func packet(_ number: UInt64, ofFile file: UInt16) -> UInt64 {
        UInt64(file) << 48 | min(number, 0xFFFF_FFFF_FFFF)
    }
}

extension CompactSegment.Notes {
    fileprivate init(_ captured: CapturedSegment) {
        let present = captured.segment.options.present
        self = []
        if captured.hasIdentification { insert(.hasIdentification) }
        if present.contains(.timestamps) { insert(.hasTimestamps) }
        if present.contains(.windowScale) { insert(.hasWindowScale) }
        if present.contains(.sackPermitted) { insert(.permitsSack) }
        if present.contains(.incomplete) { insert(.hasIncompleteOptions) }
        if !present.isDisjoint(with: [.fastOpenCookie, .fastOpenRequest]) { insert(.hasFastOpen) }
        if captured.segment.options.sackBlockCount > 0 { insert(.hasSackBlocks) }
        if captured.isSound { insert(.isSound) }
        if captured.isTextCut { insert(.isTextCut) }
    }
}

extension CapturedSegment {
    /// The segment that was decoded into one cache line whole.
    public init(_ compact: CompactSegment) {
        var segment = Segment(
            sequenceNumber: compact.sequenceNumber, acknowledgmentNumber: compact.acknowledgmentNumber,
            controlBits: compact.controlBits, payloadLength: compact.payloadLength, window: compact.window)
        if compact.notes.contains(.hasTimestamps) {
            segment.options.present = .timestamps
            segment.options.timestampValue = compact.timestampValue
            segment.options.timestampEcho = compact.timestampEcho
        }
        self.init(
            segment: segment,
            pair: SocketPair(
                source: Address(ipv4: compact.sourceAddress), destination: Address(ipv4: compact.destinationAddress),
                sourcePort: compact.sourcePort, destinationPort: compact.destinationPort, family: .ipv4),
            time: compact.time, packet: compact.packetOfFile & 0xFFFF_FFFF_FFFF)
        file = UInt16(truncatingIfNeeded: compact.packetOfFile >> 48)
        identification = compact.identification
        hasIdentification = true
        see(compact.sight)
        guard compact.notes.contains(.isExamined) else { return }
        verdict = .sound
        isTextCut = compact.notes.contains(.isTextCut)
        internetLength = (compact.notes.contains(.hasTimestamps) ? 52 : 40) + compact.payloadLength
    }
}

extension Address {
    /// Its 32 bits in host order; nil if it is none of IPv4.
    @inline(__always)
    var ipv4: UInt32? {
        let bits = UInt32(truncatingIfNeeded: low)
        return self == Address(ipv4: bits) ? bits : nil
    }
}
