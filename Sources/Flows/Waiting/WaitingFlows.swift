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

    private var entries = Queue<Entry>()
    private static var slack: Int { 4096 }

    init() {}

    var first: Entry? {
        @inline(__always) get { entries.peek(0) }
    }

    /// The entry some places behind the first; it may be nil though there is one.
    @inline(__always)
    func later(by places: Int) -> Entry? { entries.peek(places) }

    /// How many wait, those included that have left.
    var count: Int { entries.count }

    /// Whether so many entries wait for no flow that it pays to drop them.
    @inline(__always)
    func isCrowded(alive: Int) -> Bool { count > 2 * alive + Self.slack }

    @inline(__always)
    mutating func append(_ entry: Entry) { entries.append(entry) }

    @inline(__always)
    mutating func removeFirst() { entries.removeFirst() }

    /// The queue without the entries of flows that have left.
    func kept(where isThere: (Entry) -> Bool) -> WaitingFlows {
        var kept = WaitingFlows()
        entries.forEach { if isThere($0) { kept.append($0) } }
        return kept
    }
}
