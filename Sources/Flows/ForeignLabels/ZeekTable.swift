import TCPStateMachine
import WireFormat

/// Zeek's connections, each for as long as Zeek would remember it: what `--format zeek` shows.
///
/// Timers run on the stamps of the packets and are looked at when a packet comes, as Zeek does when it reads a file.
struct ZeekTable: ~Copyable {
    private struct Entry {
        var connection: ZeekConnection
        var number: UInt64
        /// The earliest time for which the connection is in the queue.
        var scheduled: Int64
        var isGone = false
    }

    private let limit: Int
    private let seed: UInt64
    private let ports: LikelyServerPorts
    private var entries: [Entry] = []
    private var free: [UInt32] = []
    private var index = FlowIndex()
    private var queue = DueQueue()
    private var count: UInt64 = 0
    private var alive = 0
    /// Connections that were written early, for there was no room.
    private(set) var evicted: UInt64 = 0

    init(options: TrackerOptions) {
        limit = max(1, options.maximumFlows)
        seed = options.hashSeed
        ports = options.likelyServerPorts
    }

    /// Zeek's stamps have microseconds.
    static func microseconds(_ nanoseconds: Int64) -> Int64 {
        let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// Takes a segment; what ends before it is written to `records`.
    mutating func process(_ captured: CapturedSegment, into records: inout [Record]) {
        let hash = hash(of: captured.pair)
        let time = Self.microseconds(captured.time)
        expire(at: time, into: &records)
        if captured.verdict == .badInternetHeader || captured.isHeaderCut { return }
        let slot: UInt32
        if let found = find(captured.pair, hash: hash) {
            let side = side(of: captured, found)
            if entries[Int(found)].connection.isReused(by: captured.segment, from: side) {
                remove(found, into: &records)
                slot = open(captured, hash, time, into: &records)
            } else {
                slot = found
            }
        } else {
            slot = open(captured, hash, time, into: &records)
        }
        let place = Int(slot)
        entries[place].connection.observe(captured, from: side(of: captured, slot), time: time)
        schedule(slot)
    }

    /// The capture has ended. What waits for an answer comes first, then the rest in the order of their first packets.
    mutating func finish(into records: inout [Record]) {
        while let due = queue.popFirst() {
            let place = Int(due.slot)
            if !entries[place].isGone, entries[place].number == due.number, entries[place].connection.isUnanswered {
                remove(due.slot, into: &records)
            }
        }
        let rest = entries.indices.filter { !entries[$0].isGone }.sorted { entries[$0].number < entries[$1].number }
        for place in rest { remove(UInt32(truncatingIfNeeded: place), into: &records) }
    }

    // MARK: The table

    /// Zeek does not tell tunnels apart by it.
    private func hash(of pair: SocketPair) -> UInt32 { pair.flowHash(in: .none, seed: seed) }

    private func side(of captured: CapturedSegment, _ slot: UInt32) -> Int {
        let pair = entries[Int(slot)].connection.pair
        return captured.pair.sourcePort == pair.sourcePort && captured.pair.source == pair.source ? 0 : 1
    }

    private func find(_ pair: SocketPair, hash: UInt32) -> UInt32? {
        var position = -1
        while let candidate = index.candidate(hash: hash, after: position) {
            if entries[Int(candidate.slot)].connection.pair.isFlow(of: pair) { return candidate.slot }
            position = candidate.position
        }
        return nil
    }

    private mutating func open(
        _ captured: CapturedSegment, _ hash: UInt32, _ time: Int64, into records: inout [Record]
    ) -> UInt32 {
        if alive >= limit { evict(into: &records) }
        count &+= 1
        let entry = Entry(
            connection: ZeekConnection(captured, time: time, ports: ports), number: count, scheduled: .max)
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
        } else {
            slot = UInt32(truncatingIfNeeded: entries.count)
            entries.append(entry)
        }
        alive += 1
        index.insert(hash: hash, slot: slot)
        return slot
    }

    private mutating func remove(_ slot: UInt32, into records: inout [Record]) {
        let place = Int(slot)
        records.append(.connection(entries[place].connection.record(number: entries[place].number)))
        let hash = hash(of: entries[place].connection.pair)
        var position = -1
        while let candidate = index.candidate(hash: hash, after: position) {
            if candidate.slot == slot {
                index.remove(at: candidate.position)
                break
            }
            position = candidate.position
        }
        entries[place].isGone = true
        free.append(slot)
        alive -= 1
    }

    // MARK: Time

    private mutating func schedule(_ slot: UInt32) {
        let place = Int(slot)
        let due = entries[place].connection.timers.next(last: entries[place].connection.last)
        guard due < entries[place].scheduled else { return }
        entries[place].scheduled = due
        queue.insert(DueQueue.Entry(due: due, number: entries[place].number, slot: slot))
    }

    private mutating func expire(at time: Int64, into records: inout [Record]) {
        while let due = queue.first, due.due <= time {
            _ = queue.popFirst()
            let place = Int(due.slot)
            guard !entries[place].isGone, entries[place].number == due.number else { continue }
            if entries[place].connection.isForgotten(at: time) {
                remove(due.slot, into: &records)
            } else {
                entries[place].scheduled = .max
                schedule(due.slot)
            }
        }
    }

    /// Room for one more: the connection that Zeek would look at next is written early.
    private mutating func evict(into records: inout [Record]) {
        while let due = queue.popFirst() {
            guard !entries[Int(due.slot)].isGone, entries[Int(due.slot)].number == due.number else { continue }
            evicted &+= 1
            remove(due.slot, into: &records)
            return
        }
    }
}

/// Who is to be looked at when, the earliest first.
struct DueQueue {
    struct Entry: BitwiseCopyable {
        var due: Int64
        /// Of the connection; among equal times the older one comes first.
        var number: UInt64
        var slot: UInt32

        func isBefore(_ other: Entry) -> Bool { (due, number) < (other.due, other.number) }
    }

    /// A binary heap.
    private var heap: [Entry] = []

    init() {}

    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].isBefore(heap[parent]) else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    mutating func popFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != place else { return first }
            heap.swapAt(place, least)
            place = least
        }
    }
}
