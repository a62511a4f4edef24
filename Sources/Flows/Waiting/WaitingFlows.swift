/// Flows that wait for a time, first in, first out: each waits equally long, so the queue is in the order of its times.
///
/// A flow that leaves early leaves its entry behind. Such entries are dropped once they are the greater part, so the
/// queue is never much longer than there are flows.
struct WaitingFlows {
    struct Entry {
        var slot: UInt32
        /// `Flow.mark`.
        var mark: UInt32
        /// When its turn comes, nanoseconds since the epoch.
        var due: Int64

        /// At the end of time nothing is: what is queued again there would be due again at once.
        func isDue(at time: Int64) -> Bool { due <= time && due < .max }
    }

    private var entries: [Entry] = []
    private var head = 0
    private static let slack = 4096

    var first: Entry? { head < entries.count ? entries[head] : nil }

    /// The entry so many places behind the first, or nil.
    func later(by places: Int) -> Entry? { head + places < entries.count ? entries[head + places] : nil }

    /// How many wait, those included that have left.
    var count: Int { entries.count - head }

    /// Whether so many entries wait for no flow that it pays to drop them.
    func isCrowded(alive: Int) -> Bool { count > 2 * alive + WaitingFlows.slack }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    mutating func removeFirst() {
        head += 1
        if head > WaitingFlows.slack, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// The queue without the entries of flows that have left.
    func kept(where isThere: (Entry) -> Bool) -> WaitingFlows {
        var kept = WaitingFlows()
        for entry in entries[head...] where isThere(entry) { kept.append(entry) }
        return kept
    }
}
