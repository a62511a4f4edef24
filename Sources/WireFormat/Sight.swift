/// How a segment was seen, apart from what it is: on which interface, in which virtual LAN, with what left of its time
/// to live, and which way it went.
///
/// In one word, because it is compared for every segment: interface 16 bits, virtual LAN 16, time to live 8, those of
/// the packets around its tunnel 8, direction 8.
public struct Sight: Equatable, Sendable, BitwiseCopyable {
    @usableFromInline var bits: UInt64 = 0

    /// Of nothing that was seen.
    public init() {}

    @usableFromInline @inline(__always)
    init(bits: UInt64) {
        self.bits = bits
    }

    /// How a segment was seen.
    @inline(__always)
    public init(_ captured: CapturedSegment) {
        let network = UInt64(captured.interface) | UInt64(captured.virtualLAN) << 16
        let left = UInt64(captured.timeToLive) << 32 | UInt64(captured.outerTimeToLive) << 40
        bits = network | left | UInt64(captured.direction.rawValue) << 48
    }

    /// In no virtual LAN and no tunnel; the interface and the direction are not known as yet.
    @inlinable @inline(__always)
    init(timeToLive: UInt8) {
        self.init(bits: UInt64(timeToLive) << 32)
    }

    /// Time to live, or hop limit.
    public var timeToLive: UInt8 { UInt8(truncatingIfNeeded: bits >> 32) }
    /// Which way the segment went, by the capture.
    public var direction: Direction { Direction(rawValue: UInt8(truncatingIfNeeded: bits >> 48)) ?? .unknown }

    /// Enters the interface of the capture, and the direction, of which nothing was known.
    @inlinable @inline(__always)
    public mutating func complete(interface: UInt16, direction: Direction) {
        bits |= UInt64(interface) | UInt64(direction.rawValue) << 48
    }
}

extension CapturedSegment {
    /// It was seen like this.
    mutating func see(_ sight: Sight) {
        interface = UInt16(truncatingIfNeeded: sight.bits)
        virtualLAN = UInt16(truncatingIfNeeded: sight.bits >> 16)
        timeToLive = sight.timeToLive
        outerTimeToLive = UInt8(truncatingIfNeeded: sight.bits >> 40)
        direction = sight.direction
    }
}
