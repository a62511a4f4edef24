/// What Zeek's reassembly of one direction knows, without the octets: how far it has come, and what lies beyond holes.
///
/// Numbers are relative: the first octet of text is 1. At most 64 stretches beyond holes are kept; more than that
/// are one with the last.
struct ZeekStream {
    /// A stretch of octets that were sent, from the first to just behind the last.
    private struct Stretch: BitwiseCopyable {
        var lower: UInt64
        var upper: UInt64
    }

    /// What an acknowledgment left behind that was never seen.
    struct Gaps: BitwiseCopyable {
        var count: UInt64 = 0
        var octets: UInt64 = 0
    }

    private static let mostStretches = 64
    /// More than this above a hole, with nothing acknowledged: Zeek gives up (tcp_max_above_hole_without_any_acks).
    private static let mostAboveHole: UInt64 = 16384
    /// More than this sent and nothing acknowledged: Zeek does not wait for ACKs (tcp_max_initial_window).
    private static let mostInitialWindow: UInt64 = 16384
    /// More than this waiting for an ACK: Zeek gives up (tcp_excessive_data_without_further_acks).
    private static let mostUnacknowledged: UInt64 = 10 * 1024 * 1024

    /// Everything below was delivered, or given up.
    private(set) var delivered: UInt64 = 1
    /// Everything below was acknowledged.
    private var trimmed: UInt64 = 1
    /// Just behind the highest octet sent.
    private var highest: UInt64 = 0
    private var beyondHoles: [Stretch] = []
    /// Zeek has given up on this direction.
    private(set) var isGivenUp = false
    /// Its end was reached, and said so.
    var hasEnded = false

    init() {}

    /// A direction of which every octet has come, in order.
    ///
    /// - Parameters:
    ///   - text: how many octets.
    ///   - acknowledged: the highest ACK, without what it says of a FIN.
    init(text: UInt64, acknowledged: UInt64, hasEnded: Bool) {
        delivered = 1 &+ text
        trimmed = max(1, acknowledged)
        highest = text > 0 ? 1 &+ text : 0
        self.hasEnded = hasEnded
    }

    /// Whether so much text, before any of it was acknowledged, is taken as it is.
    static func isInitial(_ octets: UInt64) -> Bool { octets <= mostInitialWindow }
    /// Whether so much text may wait for an ACK.
    static func mayWait(_ octets: UInt64) -> Bool { octets <= mostUnacknowledged }

    /// Something is kept for which no ACK was seen.
    var isHolding: Bool { !isGivenUp && highest > trimmed }

    /// Text was sent.
    ///
    /// - Parameters:
    ///   - acknowledged: the highest ACK so far.
    ///   - isAnyAcknowledged: an ACK covered more than the SYN.
    ///   - size: octets of the direction, as Zeek counts them.
    mutating func send(
        from first: UInt64, length: UInt64, acknowledged: UInt64, isAnyAcknowledged: Bool, size: UInt64
    ) {
        guard !isGivenUp else { return }
        let upper = first &+ length
        var lower = first
        if lower < acknowledged {
            guard upper > acknowledged else { return }
            lower = acknowledged
        }
        guard upper > trimmed, upper > lower else { return }
        lower = max(lower, trimmed)
        highest = max(highest, upper)
        let before = delivered
        insert(Stretch(lower: lower, upper: upper))
        deliver()
        if !isAnyAcknowledged {
            if delivered > before, size > Self.mostInitialWindow { trimmed = max(trimmed, delivered) }
            if highest > delivered, highest - delivered > Self.mostAboveHole { giveUp() }
        }
        if highest > trimmed, highest - trimmed > Self.mostUnacknowledged { giveUp() }
    }

    /// The other end acknowledged everything below `number`.
    ///
    /// - Parameter isPartial: no SYN was seen, and the first number may be one too low.
    /// - Returns: the gaps that this shows; nil if the number is no news.
    mutating func acknowledge(_ number: UInt64, isPartial: Bool) -> Gaps? {
        guard number > trimmed else { return nil }
        var gaps = Gaps()
        if number > delivered, !(number <= 2 && isPartial) { gaps = skip(to: number) }
        trimmed = number
        deliver()
        return gaps
    }

    /// Gives up what was never seen below `number`.
    private mutating func skip(to number: UInt64) -> Gaps {
        var gaps = Gaps()
        while !isGivenUp, let first = beyondHoles.first, first.lower < number {
            gaps.count += 1
            gaps.octets &+= first.lower &- delivered
            delivered = first.lower
            deliver()
        }
        if number > delivered {
            if !isGivenUp {
                gaps.count += 1
                gaps.octets &+= number - delivered
            }
            delivered = number
        }
        return gaps
    }

    private mutating func giveUp() {
        isGivenUp = true
        beyondHoles = []
    }

    /// Moves on over what joins.
    @inline(__always)
    private mutating func deliver() {
        while let first = beyondHoles.first, first.lower <= delivered {
            delivered = max(delivered, first.upper)
            beyondHoles.removeFirst()
        }
    }

    @inline(__always)
    private mutating func insert(_ stretch: Stretch) {
        // Nothing is missing: the common case keeps no list.
        if beyondHoles.isEmpty, stretch.lower <= delivered {
            delivered = max(delivered, stretch.upper)
            return
        }
        insertBeyondHole(stretch)
    }

    @inline(never)
    private mutating func insertBeyondHole(_ stretch: Stretch) {
        var joined = stretch
        let place = beyondHoles.firstIndex { $0.upper >= stretch.lower } ?? beyondHoles.count
        var end = place
        while end < beyondHoles.count, beyondHoles[end].lower <= joined.upper {
            joined.lower = min(joined.lower, beyondHoles[end].lower)
            joined.upper = max(joined.upper, beyondHoles[end].upper)
            end += 1
        }
        beyondHoles.replaceSubrange(place..<end, with: CollectionOfOne(joined))
        guard beyondHoles.count > Self.mostStretches, let last = beyondHoles.popLast() else { return }
        beyondHoles[beyondHoles.count - 1].upper = last.upper
    }
}
