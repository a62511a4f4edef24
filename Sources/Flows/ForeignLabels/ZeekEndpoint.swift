import TCPStateMachine

/// Zeek's seven states of one end of a connection. They say what it has sent, not what its TCP is in: CLOSED is "has
/// sent a FIN".
enum ZeekEndpointState: UInt8, BitwiseCopyable {
    /// Nothing came from it.
    case inactive
    case synSent
    /// The originator's first segment was a SYN,ACK.
    case synAckSent
    /// It was met without a SYN.
    case partial
    case established
    case closed
    case reset

    var isHandshake: Bool { self == .inactive || self == .synSent || self == .synAckSent }
}

/// What Zeek keeps of one end.
struct ZeekEndpoint {
    private(set) var state = ZeekEndpointState.inactive
    private(set) var previous = ZeekEndpointState.inactive
    /// Its end was seen and everything before it.
    var hasClosed = false
    /// The number of its SYN, seen or supposed; in 64 bits, for the rest may run over 32.
    private(set) var start: Int64 = 0
    /// Just behind the highest number that it has sent, and how often that ran over 2^32.
    private(set) var last: UInt32 = 0
    private(set) var wraps: UInt32 = 0
    /// The highest number of it that was acknowledged, likewise.
    private(set) var acknowledged: UInt32 = 0
    private(set) var acknowledgedWraps: UInt32 = 0
    var finCount: UInt32 = 0
    /// Just behind its last FIN, relative.
    var finEnd: UInt64 = 0
    /// Where its last SYN, FIN and RST stood, relative: one that stands there again is no news.
    var lastSyn: UInt64 = 0
    var lastFin: UInt64 = 0
    var lastReset: UInt64 = 0
    var badChecksums = LogarithmicCount()
    var retransmissions = LogarithmicCount()
    var zeroWindows = LogarithmicCount()
    var gaps = LogarithmicCount()
    /// Packets and octets of IP that counted.
    var packets: UInt64 = 0
    var internetOctets: UInt64 = 0
    var stream = ZeekStream()

    init() {}

    /// An end that has done what was expected of it, from its SYN on.
    ///
    /// - Parameters:
    ///   - text: octets that it sent, fewer than 2^31 as all that is counted from its SYN.
    ///   - acknowledged: the highest number that the other end acknowledged; the ISN if it has acknowledged nothing.
    init(
        state: ZeekEndpointState, previous: ZeekEndpointState, iss: SequenceNumber, text: UInt64, last: SequenceNumber,
        acknowledged: SequenceNumber
    ) {
        self.state = state
        self.previous = previous
        start = Int64(iss.rawValue)
        self.last = last.rawValue
        wraps = last.rawValue < iss.rawValue ? 1 : 0
        self.acknowledged = acknowledged.rawValue
        acknowledgedWraps = acknowledged.rawValue < iss.rawValue ? 1 : 0
        let sent = UInt64(UInt32(bitPattern: iss.distance(to: last)))
        var known = UInt64(UInt32(bitPattern: iss.distance(to: acknowledged)))
        hasClosed = state == .closed
        if hasClosed {
            finCount = 1
            finEnd = sent
            lastFin = sent &- 1
            known = min(known, lastFin)
        }
        stream = ZeekStream(text: text, acknowledged: known, hasEnded: hasClosed)
    }

    mutating func enter(_ next: ZeekEndpointState) {
        guard next != state else { return }
        previous = state
        state = next
    }

    // MARK: Numbers

    /// The numbers begin here, as far as this end is concerned.
    mutating func begin(at number: UInt32, last: UInt32) {
        start = Int64(number)
        acknowledged = number
        self.last = last
    }

    mutating func advance(to number: UInt32) {
        if number < last { wraps &+= 1 }
        last = number
    }

    mutating func acknowledge(_ number: UInt32) {
        if number < acknowledged { acknowledgedWraps &+= 1 }
        acknowledged = number
    }

    var startNumber: UInt32 { UInt32(truncatingIfNeeded: start) }
    private var fullLast: UInt64 { UInt64(wraps) << 32 | UInt64(last) }
    private var fullAcknowledged: UInt64 { UInt64(acknowledgedWraps) << 32 | UInt64(acknowledged) }
    private var fullStart: UInt64 { UInt64(bitPattern: start) }

    /// A number that it sent, counted from its SYN; nil if it lies before that.
    func relative(sent number: UInt32) -> (number: UInt64, isBeforeStart: Bool) {
        relative(number, near: last, wraps)
    }

    /// A number that the peer acknowledged, counted from its SYN.
    func relative(acknowledged number: UInt32) -> (number: UInt64, isBeforeStart: Bool) {
        relative(number, near: acknowledged, acknowledgedWraps)
    }

    private func relative(
        _ number: UInt32, near known: UInt32, _ wraps: UInt32
    ) -> (number: UInt64, isBeforeStart: Bool) {
        let distance = Int32(bitPattern: number &- known)
        var rounds = wraps
        if distance < 0, number > known, rounds > 0 { rounds -= 1 }
        if distance > 0, number < known { rounds &+= 1 }
        if rounds == 0 {
            let fromStart = Int32(bitPattern: number &- startNumber)
            return (UInt64(bitPattern: Int64(fromStart)), fromStart < 0)
        }
        return ((UInt64(rounds) << 32 | UInt64(number)) &- fullStart, false)
    }

    /// The highest acknowledged number, counted from its SYN.
    var relativeAcknowledged: UInt64 { fullAcknowledged &- fullStart }

    /// More than the SYN was acknowledged.
    var isAnyAcknowledged: Bool { fullAcknowledged != fullStart && fullAcknowledged != fullStart &+ 1 }

    /// Octets of text by the numbers: what was sent or acknowledged, without SYN and FIN.
    var size: UInt64 {
        var size = max(fullLast, fullAcknowledged) &- fullStart
        if size != 0 { size -= 1 }
        if finCount > 0, size != 0 { size -= 1 }
        return size
    }

    /// How much of what it sent has come, up to its last number.
    enum Progress {
        /// More than its numbers say: they are not to be trusted, or nobody looks any more.
        case beyond
        case complete
        case missing
    }

    var progress: Progress {
        guard !stream.isGivenUp else { return .beyond }
        let reached = fullStart &+ stream.delivered
        if fullLast < reached { return .beyond }
        // A FIN takes the last number, a RST does not.
        return reached == fullLast || reached == fullLast &- 1 ? .complete : .missing
    }
}
