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

    private let sockets = OpeningCounters()
    private let sources = OpeningCounters()

    /// 100 connections begun at one socket within 10 s, fewer than half of which had an answer that ended the waiting a
    /// second after the first was begun. A busy server has more on their way at once, but finishes them in a round
    /// trip.
    private static var flood: Limits {
        @inline(__always) get {
            Limits(code: .synFlood, openings: 100, targets: 1, time: 10_000_000_000, patience: 1_000_000_000)
        }
    }
    /// 20 connections begun by one source within a minute, more than half of them in vain, at 15 different sockets or
    /// more: as many as 20 leave of 128 bits, as good as always.
    private static var scan: Limits {
        @inline(__always) get {
            Limits(code: .scan, openings: 20, targets: 15, time: 60_000_000_000, patience: 1_000_000_000)
        }
    }

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
    @inline(__always)
    func begin(
        _ pair: SocketPair, slot: UInt32, number: UInt64, at time: Int64
    ) -> (flood: Alarm?, scan: Alarm?) {
        let socket = pair.destination.key(pair.destinationPort)
        let source = pair.source.key(0)
        return (
            sockets.begin(socket, target: source, slot: slot, number: number, at: time, Self.flood),
            sources.begin(source, target: socket, slot: slot, number: number, at: time, Self.scan)
        )
    }

    @inline(__always)
    func complete(_ pair: SocketPair) {
        sockets.complete(pair.destination.key(pair.destinationPort))
        sources.complete(pair.source.key(0))
    }

    /// A RST is an answer: the socket does not wait. The source tried in vain all the same.
    func refuse(_ pair: SocketPair) {
        sockets.complete(pair.destination.key(pair.destinationPort))
    }

    /// What is still being counted when the capture ends.
    func finish() -> [Alarm] {
        sockets.finish(Self.flood) + sources.finish(Self.scan)
    }
}

/// Counters found by hash. Where more are wanted than there is room, the least busy one gives way: one that is flooded,
/// or that scans, stays.
///
/// Whether a counter is there, and which one has to go, is as good as random: neither is a branch to be guessed.
struct OpeningCounters: ~Copyable {
    struct Counter: BitwiseCopyable {
        /// 0 for none.
        var key: UInt64 = 0
        /// When the time that is looked at began, nanoseconds since the epoch.
        var since: Int64 = 0
        var begun: UInt32 = 0
        var completed: UInt32 = 0
        /// A bit for each target, by hash.
        var targets: UInt64 = 0
        var moreTargets: UInt64 = 0
        /// The flow that was begun last.
        var number: UInt64 = 0
        var slot: UInt32 = 0
        var isReported = false

        /// Counts an opening for the key; whoever was counted here before is forgotten.
        @inline(__always)
        mutating func begin(
            _ newKey: UInt64, target: UInt64, slot: UInt32, number: UInt64, at time: Int64,
            _ limits: OpeningWatch.Limits
        ) -> OpeningWatch.Alarm? {
            let isOver = isOver(at: time, limits)
            // Few go on for so long.
            let wentOn = key == newKey && isOver && isReached(limits)
            let alarm = wentOn && !isReported ? alarm(limits.code) : nil
            let isNew = key != newKey || isOver
            let kept: UInt64 = isNew ? 0 : .max
            key = newKey
            since = isNew ? time : since
            begun = (begun & UInt32(truncatingIfNeeded: kept)) &+ 1
            completed &= UInt32(truncatingIfNeeded: kept)
            let bit: UInt64 = 1 << (target >> 58)
            targets = targets & kept | bit &* (target & 1)
            moreTargets = moreTargets & kept | bit &* (~target & 1)
            self.slot = slot
            self.number = number
            isReported = isNew ? wentOn : isReported
            guard begun >= limits.openings, !isReported, time &- since >= limits.patience, isReached(limits) else {
                return alarm
            }
            isReported = true
            return self.alarm(limits.code)
        }

        /// The time lies farther away than is looked at, on either side.
        @inline(__always)
        func isOver(at time: Int64, _ limits: OpeningWatch.Limits) -> Bool {
            // From -time to time, in one comparison.
            UInt64(bitPattern: time &+ limits.time &- since) > UInt64(bitPattern: 2 &* limits.time)
        }

        @inline(__always)
        func isReached(_ limits: OpeningWatch.Limits) -> Bool {
            begun >= limits.openings && completed < begun / 2
                && targets.nonzeroBitCount + moreTargets.nonzeroBitCount >= limits.targets
        }

        func alarm(_ code: FindingCode) -> OpeningWatch.Alarm {
            OpeningWatch.Alarm(
                code: code, slot: slot, number: number, begun: begun, completed: min(completed, begun))
        }
    }

    /// Counters whose keys end alike.
    typealias Alike = InlineArray<4, Counter>

    private static let ways = 4
    private let sets = Ring<Alike>(capacity: 64, repeating: Alike(repeating: Counter()))

    @inline(__always)
    func begin(
        _ key: UInt64, target: UInt64, slot: UInt32, number: UInt64, at time: Int64, _ limits: OpeningWatch.Limits
    ) -> OpeningWatch.Alarm? {
        let set = Int(truncatingIfNeeded: key)
        let way = way(for: key, in: set, at: time, limits)
        return sets[set][way].begin(key, target: target, slot: slot, number: number, at: time, limits)
    }

    @inline(__always)
    func complete(_ key: UInt64) {
        let set = Int(truncatingIfNeeded: key)
        for way in 0..<Self.ways { sets[set][way].completed &+= sets[set][way].key == key ? 1 : 0 }
    }

    func finish(_ limits: OpeningWatch.Limits) -> [OpeningWatch.Alarm] {
        var alarms: [OpeningWatch.Alarm] = []
        for set in 0..<sets.capacity {
            for way in 0..<Self.ways where !sets[set][way].isReported && sets[set][way].isReached(limits) {
                alarms.append(sets[set][way].alarm(limits.code))
            }
        }
        return alarms.sorted { $0.number < $1.number }
    }

    /// Which counter of the set is the key's; if there is none, one that nobody needs any more, or else the one that
    /// counted least.
    @inline(__always)
    private func way(for key: UInt64, in set: Int, at time: Int64, _ limits: OpeningWatch.Limits) -> Int {
        // Each has a rank that ends with its way.
        var least = UInt64.max
        for way in 0..<Self.ways {
            let counter = sets[set][way]
            let busy = counter.isOver(at: time, limits) ? 1 : UInt64(counter.begun) &+ 1
            let rank = counter.key == key ? 0 : busy
            least = min(least, rank << 2 | UInt64(truncatingIfNeeded: way))
        }
        return Int(truncatingIfNeeded: least & 3)
    }
}

extension Address {
    /// A number for the socket, or for the address alone; not 0. Two that have the same are counted together.
    @inline(__always)
    fileprivate func key(_ port: UInt16) -> UInt64 {
        let mixed = low &+ UInt64(port) &* 0x9E37_79B9_7F4A_7C15 ^ high &* 0x9FB2_1C65_1E98_DF25
        let product = mixed.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return max(1, product.high ^ product.low)
    }
}
