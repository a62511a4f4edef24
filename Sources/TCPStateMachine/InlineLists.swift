/// Up to three rules in a row: no event takes a connection further (SYN-SENT, ESTABLISHED, CLOSE-WAIT, LAST-ACK).
public struct RuleList: RandomAccessCollection, Hashable, Sendable, BitwiseCopyable {
    private var first: Rule?
    private var second: Rule?
    private var third: Rule?
    private var filled: UInt8 = 0

    public init() {}

    public var startIndex: Int { 0 }
    public var endIndex: Int { Int(filled) }

    public subscript(position: Int) -> Rule {
        switch position {
        case 0: if let first { return first }
        case 1: if let second { return second }
        case 2: if let third { return third }
        default: break
        }
        preconditionFailure("index \(position) out of \(filled) rules")
    }

    /// A fourth rule cannot come up and would be dropped.
    mutating func append(_ rule: Rule) {
        switch filled {
        case 0: first = rule
        case 1: second = rule
        case 2: third = rule
        default: return
        }
        filled += 1
    }
}

/// Up to four segments to send.
public struct SegmentList: RandomAccessCollection, Hashable, Sendable, BitwiseCopyable {
    static let capacity = 4
    private var first: Segment?
    private var second: Segment?
    private var third: Segment?
    private var fourth: Segment?
    private var filled: UInt8 = 0

    public init() {}

    init(_ segment: Segment?) {
        guard let segment else { return }
        append(segment)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { Int(filled) }

    public subscript(position: Int) -> Segment {
        switch position {
        case 0: if let first { return first }
        case 1: if let second { return second }
        case 2: if let third { return third }
        case 3: if let fourth { return fourth }
        default: break
        }
        preconditionFailure("index \(position) out of \(filled) segments")
    }

    var isFull: Bool { filled == SegmentList.capacity }

    /// Whoever sends more than one segment asks `isFull` first.
    mutating func append(_ segment: Segment) {
        switch filled {
        case 0: first = segment
        case 1: second = segment
        case 2: third = segment
        case 3: fourth = segment
        default: return
        }
        filled += 1
    }
}
