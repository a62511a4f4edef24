import TCPStateMachine
import WireFormat

/// Which flow goes when memory is full.
///
/// First those whose both ends are done. Then, as long as they hold more than a quarter of the memory, openings that
/// nobody completed: a flood of SYNs drives out itself, and yet a new connection has time for its answer. Then whatever
/// was quiet longest.
///
/// The order of the last two is not kept while segments come, which would cost every packet something. A sweep over all
/// flows chooses a sixteenth of them at once; so an eviction looks at sixteen flows, whatever the limit is.
extension FlowTracker {
    /// How long an idle flow has been quiet, nanoseconds.
    private static var idleTime: Int64 { 60_000_000_000 }

    /// So many flows before its turn a sweep asks for a flow's memory: longer than that takes to come.
    private static var ahead: UInt32 { 16 }

    /// Makes room for one more flow; `kept` is the incarnation before it.
    mutating func evictOne(keeping kept: UInt32?) {
        if let slot = nextEnded(keeping: kept) {
            evict(slot, .closed)
            return
        }
        // The second round is over flows chosen a moment ago: it finds one unless there is only `kept`.
        for _ in 0..<2 {
            while let victim = victims.next() {
                prefetchVictims()
                let flow = flows[victim.slot]
                guard !flow.isGone, flow.number == victim.number, flow.last == victim.last, victim.slot != kept else {
                    continue
                }
                evict(victim.slot, kind(of: flow))
                return
            }
            victims.replace(with: chooseVictims(keeping: kept))
        }
    }

    /// Those that go soon are reported from memory that nobody has touched for long, and taken out of the index.
    ///
    /// Inlined, as what follows: to call what changes nothing, the compiler copies the tracker.
    @inline(__always)
    private func prefetchVictims() {
        if let later = victims.later(by: 6) { flows.prefetch(later.slot) }
        if let next = victims.later(by: 2) { index.prefetch(hash: flows[next.slot].hash(seed: ledger.hashSeed)) }
    }

    private mutating func evict(_ slot: UInt32, _ kind: EvictionKind) {
        ledger.counts.evictedFlowsPerKind[Int(kind.rawValue)] &+= 1
        report(slot, evicted: kind)
    }

    /// A flow whose both ends are done, the one that has been done longest.
    private mutating func nextEnded(keeping kept: UInt32?) -> UInt32? {
        while let entry = leaving.first ?? ended.first {
            if leaving.first == nil { ended.removeFirst() } else { leaving.removeFirst() }
            guard isThere(entry) else { continue }
            if entry.slot != kept, hasEnded(flows[entry.slot]) { return entry.slot }
            // It has gone on, or goes on now: it is queued again when it has ended.
            flows[entry.slot].isQueued = false
        }
        return nil
    }

    @inline(__always)
    private func kind(of flow: Flow) -> EvictionKind {
        if flow.isUnanswered { return .unanswered }
        return quiet(flow) >= Self.idleTime ? .idle : .active
    }

    /// How long nothing has passed, nanoseconds.
    @inline(__always)
    private func quiet(_ flow: Flow) -> Int64 {
        let (time, overflow) = ledger.clock.subtractingReportingOverflow(flow.last)
        return overflow ? .max : time
    }

    /// A sixteenth of all flows, those that are least missed, in the order in which they are to go.
    private func chooseVictims(keeping kept: UInt32?) -> [Victims.Entry] {
        let wanted = max(1, alive / 16)
        let none = UInt16.max
        let isOpening: UInt16 = 1 << 15
        var steps = Array(repeating: none, count: Int(flows.highWater))
        let all = QuietCensus()
        let unanswered = QuietCensus()
        var openings = 0
        for slot in 0..<flows.highWater {
            flows.prefetchCore(slot + Self.ahead)
            let flow = flows[slot]
            guard !flow.isGone, slot != kept else { continue }
            let step = QuietCensus.step(of: quiet(flow))
            all.count(step)
            steps[Int(slot)] = step
            guard flow.isUnanswered else { continue }
            unanswered.count(step)
            openings += 1
            steps[Int(slot)] = step | isOpening
        }
        let onlyOpenings = openings > alive / 4
        var (places, end) = onlyOpenings ? unanswered.starts(limit: wanted) : all.starts(limit: wanted)
        var chosen = Array(repeating: Victims.Entry(slot: 0, number: 0, last: 0), count: wanted)
        var count = 0
        for slot in 0..<flows.highWater where steps[Int(slot)] != none {
            let step = steps[Int(slot)] & ~isOpening
            guard step < end, !onlyOpenings || steps[Int(slot)] & isOpening != 0 else { continue }
            let place = places[Int(step)]
            places[Int(step)] += 1
            guard place < wanted else { continue }
            chosen[place] = Victims.Entry(slot: slot, number: flows[slot].number, last: flows[slot].last)
            count += 1
        }
        return Array(chosen.prefix(count))
    }
}

extension Flow {
    private static let opening = StateSet([.closed, .listen, .synSent, .synReceived])

    /// An opening that was not completed, or a few segments of one end: nothing shows that two ends speak to each
    /// other.
    var isUnanswered: Bool {
        if isPlain { return plain.phase < .acknowledged }
        if initiator.states.isSubset(of: Self.opening), responder.states.isSubset(of: Self.opening) { return true }
        let isOneSided = initiator.packets == 0 || responder.packets == 0
        return isOneSided && initiator.packets &+ responder.packets < 4
    }
}
