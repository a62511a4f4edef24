import TCPStateMachine
import WireFormat

/// Counts the connections that are begun at one socket, and by one source, to notice floods and scans.
///
/// It is asked once for each flow that begins with a SYN, once when that comes about, and once when it is refused;
/// never for a segment. Its memory is constant, whoever sends what.
struct OpeningWatch: ~Copyable {
    /// A flood or a scan has been noticed; the flow that was begun last stands for it.
    struct Alarm {
        var code: FindingCode
        var slot: UInt32
        var number: UInt64
        var begun: UInt32
        var completed: UInt32
    }

    /// 100 connections begun at one socket within 10 s, fewer than half of which had an answer that ended the waiting a
    /// second after the first was begun. A busy server has more on their way at once, but finishes them in a round
    /// trip.
    private var sockets = OpeningCounters(
        Limits(code: .synFlood, openings: 100, targets: 1, time: 10_000_000_000, patience: 1_000_000_000))
    /// 20 connections begun by one source within a minute, more than half of them in vain, at 15 different sockets or
    /// more: as many as 20 leave of 128 bits, as good as always.
    private var sources = OpeningCounters(
        Limits(code: .scan, openings: 20, targets: 15, time: 60_000_000_000, patience: 1_000_000_000))

    struct Limits {
        var code: FindingCode
        var openings: UInt32
        var targets: Int
        /// Within this time, nanoseconds.
        var time: Int64
        /// Judged no earlier than this after the first, nanoseconds.
        var patience: Int64
    }

    /// The initiator, which is the source of the pair, has sent the first SYN of a new flow.
    mutating func begin(
        _ pair: SocketPair, slot: UInt32, number: UInt64, at time: Int64
    ) -> (flood: Alarm?, scan: Alarm?) {
        let socket = pair.destination.key(pair.destinationPort)
        let source = pair.source.key(0)
        return (
            sockets.begin(socket, target: source, slot: slot, number: number, at: time),
            sources.begin(source, target: socket, slot: slot, number: number, at: time)
        )
    }

    mutating func complete(_ pair: SocketPair) {
        sockets.complete(pair.destination.key(pair.destinationPort))
        sources.complete(pair.source.key(0))
    }

    /// A RST is an answer: the socket does not wait. The source tried in vain all the same.
    mutating func refuse(_ pair: SocketPair) {
        sockets.complete(pair.destination.key(pair.destinationPort))
    }

    /// What is still being counted when the capture ends.
    func finish() -> [Alarm] {
        sockets.finish() + sources.finish()
    }
}

/// Counters found by hash. Where more are wanted than there is room, the least busy one gives way: one that is flooded,
/// or that scans, stays.
struct OpeningCounters: ~Copyable {
    /// What is looked at to find a place: four of them are a cache line.
    struct Count: BitwiseCopyable {
        /// When the time that is looked at began, nanoseconds since the epoch.
        var since: Int64 = 0
        var begun: UInt32 = 0
        var completed: UInt32 = 0
    }

    /// What a counter has beside its count.
    struct Detail: BitwiseCopyable {
        /// A bit for each target, by hash.
        var targets: UInt64 = 0
        var moreTargets: UInt64 = 0
        /// The flow that was begun last.
        var number: UInt64 = 0
        var slot: UInt32 = 0
        var isReported = false
    }

    private static let sets = 64
    private static let ways = 4
    private static let places = sets * ways

    private let limits: OpeningWatch.Limits
    /// The keys alone, 0 for none: most of what is asked for is not there.
    private let keys = Ring<UInt64>(capacity: places, repeating: 0)
    private let counts = Ring<Count>(capacity: places, repeating: Count())
    private let details = Ring<Detail>(capacity: places, repeating: Detail())

    init(_ limits: OpeningWatch.Limits) {
        self.limits = limits
    }

    func begin(_ key: UInt64, target: UInt64, slot: UInt32, number: UInt64, at time: Int64) -> OpeningWatch.Alarm? {
        var alarm: OpeningWatch.Alarm?
        let known = place(of: key)
        let place = known ?? placeToGive(for: key, at: time)
        if known == nil || isExpired(place, at: time) {
            let wentOn = known != nil && isReached(place)
            if wentOn, !details[place].isReported { alarm = self.alarm(place) }
            counts[place] = Count(since: time)
            details[place] = Detail(isReported: wentOn)
            keys[place] = key
        }
        counts[place].begun &+= 1
        let bit: UInt64 = 1 << (target >> 58)
        if target & 1 == 0 { details[place].targets |= bit } else { details[place].moreTargets |= bit }
        details[place].slot = slot
        details[place].number = number
        guard !details[place].isReported, time &- counts[place].since >= limits.patience, isReached(place) else {
            return alarm
        }
        details[place].isReported = true
        return self.alarm(place)
    }

    func complete(_ key: UInt64) {
        if let place = place(of: key) { counts[place].completed &+= 1 }
    }

    func finish() -> [OpeningWatch.Alarm] {
        var alarms: [OpeningWatch.Alarm] = []
        for place in 0..<Self.places where !details[place].isReported && isReached(place) {
            alarms.append(alarm(place))
        }
        return alarms.sorted { $0.number < $1.number }
    }

    private func alarm(_ place: Int) -> OpeningWatch.Alarm {
        OpeningWatch.Alarm(
            code: limits.code, slot: details[place].slot, number: details[place].number, begun: counts[place].begun,
            completed: min(counts[place].completed, counts[place].begun))
    }

    private func isReached(_ place: Int) -> Bool {
        counts[place].begun >= limits.openings
            && details[place].targets.nonzeroBitCount + details[place].moreTargets.nonzeroBitCount >= limits.targets
            && counts[place].completed < counts[place].begun / 2
    }

    private func isExpired(_ place: Int, at time: Int64) -> Bool {
        let (age, overflow) = time.subtractingReportingOverflow(counts[place].since)
        // From -time to time, in one comparison.
        return overflow || UInt64(bitPattern: age &+ limits.time) > UInt64(bitPattern: 2 &* limits.time)
    }

    private func first(for key: UInt64) -> Int { Int(truncatingIfNeeded: key) & (Self.sets - 1) * Self.ways }

    /// Where the counter of the key is; nil if there is none.
    @inline(__always)
    private func place(of key: UInt64) -> Int? {
        let first = first(for: key)
        // All of them, for nobody guesses which it is.
        var found = Self.ways
        for way in 0..<Self.ways { found = keys[first &+ way] == key ? way : found }
        return found < Self.ways ? first &+ found : nil
    }

    /// The last counter that nobody needs any more; else the first of those that counted least.
    private func placeToGive(for key: UInt64, at time: Int64) -> Int {
        let first = first(for: key)
        // Each has a rank that ends with its way: the least is found without guessing, too.
        var least = UInt64.max
        for way in 0..<Self.ways {
            let (place, number) = (first &+ way, UInt64(truncatingIfNeeded: way))
            let isFree = keys[place] == 0 || isExpired(place, at: time)
            let busy = (UInt64(counts[place].begun) &+ 1) << 16 | number << 8 | number
            let free = UInt64(truncatingIfNeeded: Self.ways &- way) << 8 | number
            least = min(least, isFree ? free : busy)
        }
        return first &+ Int(truncatingIfNeeded: least & 0xFF)
    }
}

extension Address {
    /// A number for the socket, or for the address alone; not 0. Two that have the same are counted together.
    fileprivate func key(_ port: UInt16) -> UInt64 {
        let mixed = (low ^ UInt64(port) &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25)
        let folded = (mixed.high ^ mixed.low ^ high).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return max(1, folded.high ^ folded.low)
    }
}
