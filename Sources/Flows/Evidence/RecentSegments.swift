import TCPStateMachine
import WireFormat

/// A segment that passed on its way to an endpoint, as far as a later RST may be its answer.
struct RecentSegment: BitwiseCopyable {
    var time: Int64
    var sequenceNumber: SequenceNumber
    var end: SequenceNumber
    var acknowledgmentNumber: SequenceNumber
    /// TSval, or 0.
    var timestamp: UInt32
    /// IPv4 identification, or 0.
    var identification: UInt16
    var controlBits: ControlBits
    /// A RST was already found to be the answer to it: one RST per segment.
    var isAnsweredByReset: Bool
    /// All of its octets had passed before.
    var isRepeated: Bool
    /// Its sender sent it again.
    var isResent = false
    /// The endpoint had acknowledged all of its octets before it passed.
    var isBelated = false

    /// The other has the same numbers, bits and length.
    func isLike(_ other: Segment) -> Bool {
        sequenceNumber == other.sequenceNumber && end == other.end
            && acknowledgmentNumber == other.acknowledgmentNumber && controlBits == other.controlBits
    }

    var hasAck: Bool { controlBits.contains(.ack) }
    var hasPayload: Bool {
        UInt32(bitPattern: sequenceNumber.distance(to: end)) > controlBits.length
    }
}

/// The last segments towards one endpoint, newest last.
struct RecentSegments: ~Copyable {
    static var capacity: Int { 8 }

    private let slots: Row<RecentSegment>
    private var next: UInt8 = 0
    private(set) var count: UInt8 = 0

    init(slots: Row<RecentSegment>) {
        self.slots = slots
    }

    mutating func append(_ segment: RecentSegment) {
        slots[Int(next)] = segment
        next = (next + 1) % UInt8(Self.capacity)
        if count < UInt8(Self.capacity) { count += 1 }
    }

    /// One RST stands for all that are like it and pass one after the other: they must not crowd out what others
    /// answer.
    mutating func appendReset(_ segment: RecentSegment) {
        guard count > 0, self[age: 0].controlBits.contains(.rst), self[age: 0].hasAck == segment.hasAck,
            self[age: 0].sequenceNumber == segment.sequenceNumber
        else { return append(segment) }
        self[age: 0] = segment
    }

    /// One of them had this TSval.
    func contains(timestamp: UInt32) -> Bool {
        for index in 0..<Int(count) where slots[index].timestamp == timestamp { return true }
        return false
    }

    /// The segment `age` places back, 0 for the newest; `age` below `count`.
    subscript(age age: Int) -> RecentSegment {
        get { slots[place(age)] }
        nonmutating set { slots[place(age)] = newValue }
    }

    private func place(_ age: Int) -> Int {
        (Int(next) + Self.capacity * 2 - 1 - age) % Self.capacity
    }
}

extension RecentSegment {
    /// A segment as it passes. A RST is never the answer to a RST.
    init(_ c: CapturedSegment, isRepeated: Bool) {
        let s = c.segment
        self.init(
            time: c.time, sequenceNumber: s.sequenceNumber, end: s.end,
            acknowledgmentNumber: s.acknowledgmentNumber, timestamp: s.options.timestampValue,
            identification: c.hasIdentification ? c.identification : 0, controlBits: s.controlBits,
            isAnsweredByReset: s.hasRst, isRepeated: isRepeated)
    }
}

extension ControlBits {
    /// What SYN and FIN add to SEG.LEN (RFC 793 section 3.3).
    @inline(__always)
    var length: UInt32 { (contains(.syn) ? 1 : 0) &+ (contains(.fin) ? 1 : 0) }
}
