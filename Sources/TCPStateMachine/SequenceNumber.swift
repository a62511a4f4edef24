/// A TCP sequence number: a point on a circle of 2^32 octets (RFC 793 section 3.3, RFC 9293 section 3.4).
///
/// Deliberately not `Comparable`: "before" is not transitive on a circle, so a sorted collection of sequence
/// numbers has no meaning. Use `isBefore(_:)` and `distance(to:)`, which hold for numbers less than 2^31 apart.
public struct SequenceNumber: Hashable, Sendable, BitwiseCopyable {
    /// The number as it stands in the header, in host order.
    public var rawValue: UInt32

    @inlinable @inline(__always)
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The signed number of octets from here to `other`, in -2^31 ... 2^31 - 1; positive if `other` lies ahead.
    @inlinable @inline(__always)
    public func distance(to other: SequenceNumber) -> Int32 {
        Int32(bitPattern: other.rawValue &- rawValue)
    }

    /// RFC 793's "<": `other` lies ahead of this number by 1 ... 2^31 - 1 octets.
    @inlinable @inline(__always)
    public func isBefore(_ other: SequenceNumber) -> Bool {
        distance(to: other) > 0
    }

    /// RFC 793's "=<".
    @inlinable @inline(__always)
    public func isAtOrBefore(_ other: SequenceNumber) -> Bool {
        distance(to: other) >= 0
    }

    /// RFC 793's ">".
    @inlinable @inline(__always)
    public func isAfter(_ other: SequenceNumber) -> Bool {
        distance(to: other) < 0
    }

    /// RFC 793's ">=".
    @inlinable @inline(__always)
    public func isAtOrAfter(_ other: SequenceNumber) -> Bool {
        distance(to: other) <= 0
    }

    /// The number `octets` ahead, modulo 2^32.
    @inlinable @inline(__always)
    public static func + (number: SequenceNumber, octets: UInt32) -> SequenceNumber {
        SequenceNumber(number.rawValue &+ octets)
    }

    /// The number `octets` behind, modulo 2^32.
    @inlinable @inline(__always)
    public static func - (number: SequenceNumber, octets: UInt32) -> SequenceNumber {
        SequenceNumber(number.rawValue &- octets)
    }
}
