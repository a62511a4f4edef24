/// Flows that wait for a time, first in, first out: each waits equally long, so the queue is in the order of its times.
///
/// A flow that leaves early leaves its entry behind. Such entries are dropped once they are the greater part, so the
/// queue is never much longer than there are flows.
struct WaitingFlows: ~Copyable {
    struct Entry: BitwiseCopyable {
        var slot: UInt32
        /// `Flow.mark`.
        var mark: UInt32
        /// When its turn comes, nanoseconds since the epoch.
        var due: Int64

        /// At the end of time nothing is: what is queued again there would be due again at once.
        func isDue(at time: Int64) -> Bool { due <= time && due < .max }
    }

    /// In large pages: an array asks for those of 4 KiB, thousands of them when it grows.
    private let entries: Ring<Entry>
    /// The number of the first one, and of the next that comes.
    private var head = 0
    private var end = 0
    private static var slack: Int { 4096 }

    /// - Parameter capacity: how many there is room for at first; a power of two.
    init(capacity: Int = 256) {
        entries = Ring(capacity: capacity, repeating: nil)
    }

    var first: Entry? {
        @inline(__always) get { head < end ? entries[head] : nil }
    }

    /// The entry so many places behind the first, or nil.
    @inline(__always)
    func later(by places: Int) -> Entry? { head &+ places < end ? entries[head &+ places] : nil }

    /// How many wait, those included that have left.
    var count: Int { end &- head }

    /// Whether so many entries wait for no flow that it pays to drop them.
    @inline(__always)
    func isCrowded(alive: Int) -> Bool { count > 2 * alive + Self.slack }

    mutating func append(_ entry: Entry) {
        if count == entries.capacity { self = grown() }
        entries[end] = entry
        end &+= 1
    }

    mutating func removeFirst() {
        if head < end { head &+= 1 }
    }

    @inline(never)
    private func grown() -> WaitingFlows {
        var grown = WaitingFlows(capacity: entries.capacity * 2)
        for place in head..<end { grown.append(entries[place]) }
        return grown
    }

    /// The queue without the entries of flows that have left.
    func kept(where isThere: (Entry) -> Bool) -> WaitingFlows {
        var kept = WaitingFlows()
        for place in head..<end where isThere(entries[place]) { kept.append(entries[place]) }
        return kept
    }
}
