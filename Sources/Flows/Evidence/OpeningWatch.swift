import TCPStateMachine
import WireFormat

/// Counts the connections that are begun at one socket, and by one source, to notice floods and scans.
///
/// It is asked once for each flow that begins with a SYN, once when that comes about, and once when it is refused;
/// never for a segment. Its memory is constant, whoever sends what.
struct OpeningWatch {
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
private struct OpeningCounters {
    private struct Counter {
        /// When the time that is looked at began, nanoseconds since the epoch.
        var since: Int64 = 0
        var begun: UInt32 = 0
        var completed: UInt32 = 0
        /// A bit for each target, by hash.
        var targets: UInt64 = 0
        var moreTargets: UInt64 = 0
        /// The flow that was begun last.
        var slot: UInt32 = 0
        var number: UInt64 = 0
        var isReported = false
    }

    private static let sets = 64
    private static let ways = 4
    private static let places = sets * ways

    private let limits: OpeningWatch.Limits
    /// The keys alone, 0 for none: four of them are one look at memory, and most of what is asked for is not there.
    private var keys = [UInt64](repeating: 0, count: places)
    private var counters = [Counter](repeating: Counter(), count: places)

    init(_ limits: OpeningWatch.Limits) {
        self.limits = limits
    }

    mutating func begin(
        _ key: UInt64, target: UInt64, slot: UInt32, number: UInt64, at time: Int64
    ) -> OpeningWatch.Alarm? {
        let known = place(of: key)
        let index = known ?? placeToGive(for: key, at: time)
        var counter = counters[index]
        var alarm: OpeningWatch.Alarm?
        if known == nil || isExpired(counter, at: time) {
            let wentOn = known != nil && isReached(counter)
            if wentOn, !counter.isReported { alarm = self.alarm(counter) }
            counter = Counter(since: time)
            counter.isReported = wentOn
            keys[index] = key
        }
        counter.begun &+= 1
        let bit: UInt64 = 1 << (target >> 58)
        if target & 1 == 0 { counter.targets |= bit } else { counter.moreTargets |= bit }
        counter.slot = slot
        counter.number = number
        if !counter.isReported, time &- counter.since >= limits.patience, isReached(counter) {
            counter.isReported = true
            alarm = self.alarm(counter)
        }
        counters[index] = counter
        return alarm
    }

    mutating func complete(_ key: UInt64) {
        if let index = place(of: key) { counters[index].completed &+= 1 }
    }

    func finish() -> [OpeningWatch.Alarm] {
        counters.filter { !$0.isReported && isReached($0) }.sorted { $0.number < $1.number }.map(alarm)
    }

    private func alarm(_ counter: Counter) -> OpeningWatch.Alarm {
        OpeningWatch.Alarm(
            code: limits.code, slot: counter.slot, number: counter.number, begun: counter.begun,
            completed: min(counter.completed, counter.begun))
    }

    private func isReached(_ counter: Counter) -> Bool {
        counter.begun >= limits.openings
            && counter.targets.nonzeroBitCount + counter.moreTargets.nonzeroBitCount >= limits.targets
            && counter.completed < counter.begun / 2
    }

    private func isExpired(_ counter: Counter, at time: Int64) -> Bool {
        let (age, overflow) = time.subtractingReportingOverflow(counter.since)
        return overflow || age > limits.time || age < -limits.time
    }

    private func first(for key: UInt64) -> Int { Int(key % UInt64(Self.sets)) * Self.ways }

    /// Where the counter of the key is; nil if there is none.
    private func place(of key: UInt64) -> Int? {
        let first = first(for: key)
        for index in first..<first + Self.ways where keys[index] == key { return index }
        return nil
    }

    /// A counter that nobody needs any more; else the one that counted least.
    private func placeToGive(for key: UInt64, at time: Int64) -> Int {
        let first = first(for: key)
        var best = first
        var isBestFree = false
        for index in first..<first + Self.ways {
            if keys[index] == 0 || isExpired(counters[index], at: time) {
                best = index
                isBestFree = true
            } else if !isBestFree, counters[index].begun < counters[best].begun {
                best = index
            }
        }
        return best
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
