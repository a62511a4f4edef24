/// One state of the two endpoints and the network between them, in 48 octets: endpoints and segments are numbers in
/// the tables of `EndpointTable`, as there are far fewer of them than of their combinations.
public struct World: Hashable, Sendable, BitwiseCopyable {
    var toA = SegmentQueue()
    var toB = SegmentQueue()
    var a: UInt32
    var b: UInt32
    /// Losses that are left.
    var losses: UInt8
    /// Duplicates that are left.
    var duplicates: UInt8

    subscript(side: End) -> UInt32 {
        get {
            switch side {
            case .a: a
            case .b: b
            }
        }
        set {
            switch side {
            case .a: a = newValue
            case .b: b = newValue
            }
        }
    }

    /// What is under way to an endpoint.
    subscript(to side: End) -> SegmentQueue {
        get {
            switch side {
            case .a: toA
            case .b: toB
            }
        }
        set {
            switch side {
            case .a: toA = newValue
            case .b: toB = newValue
            }
        }
    }

    /// Nothing is under way.
    var isQuiet: Bool { toA.isEmpty && toB.isEmpty }
}

/// What leads from one world to the next.
public struct WorldAction: Hashable, Sendable, BitwiseCopyable {
    enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// The endpoint takes a step of its own: a call of its user, a timeout, an accident.
        case local
        /// A segment arrives at the endpoint.
        case deliver
        /// A segment to the endpoint is lost.
        case lose
        /// A segment to the endpoint is duplicated.
        case duplicate
    }

    var kind: Kind
    var side: End
    /// The lane of the segment.
    var lane: UInt8
    /// The step of the endpoint, by its number in the table, for `local` and `deliver`.
    var step: UInt32
}
