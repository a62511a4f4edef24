/// What happens without anybody's doing at a moment.
enum Happening: Hashable, Sendable {
    /// A segment, of those that were sent, reaches its end.
    case arrival(Int32)
    /// An ICMP error, of those that were sent, reaches its end.
    case icmpError(Int32)
    /// A timer of a socket runs out.
    case timeout(End, socket: Int32, TimerKind)
    /// Something planned from outside.
    case action(Action)

    /// Two actions may be the same.
    fileprivate var mayBeTakenOut: Bool {
        switch self {
        case .arrival, .icmpError, .timeout: true
        case .action: false
        }
    }
}

/// The timers of a connection, one of each kind.
public enum TimerKind: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case retransmission
    case user
    case timeWait
    case finWait2
    case delayedAcknowledgment
    case keepalive
}

/// What is going to happen, in order: by time, and at the same time in the order in which it was planned. So the same
/// simulation always goes the same way.
///
/// Turns are sorted, the next one first. Each is small, and what is planned mostly comes behind all the rest, so that
/// there is little to move where many are. What is taken out leaves its turn behind, which is passed over: timers are
/// set anew with every segment, and with thousands of connections nobody has the time to look for them.
struct EventQueue: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var time: VirtualTime
        var happening: Happening
    }

    private struct Turn: Hashable, Sendable {
        var time: VirtualTime
        var order: UInt64
    }

    /// A slice gives up its first element without moving the others. The first turn is never one of what was taken out.
    private var turns: ArraySlice<Turn> = []
    /// What happens in each turn.
    private var happenings: [UInt64: Happening] = [:]
    /// The turns of what may be taken out: of each there is one at most.
    private var orders: [Happening: UInt64] = [:]
    private var order: UInt64 = 0

    var isEmpty: Bool { turns.isEmpty }

    /// When something happens next.
    var nextTime: VirtualTime? { turns.first?.time }

    /// All that is planned, the next first.
    var planned: [Entry] {
        turns.compactMap { turn in happenings[turn.order].map { Entry(time: turn.time, happening: $0) } }
    }

    /// Plans it; a segment or a timer that was planned for another moment is planned anew.
    mutating func add(_ happening: Happening, at time: VirtualTime) {
        if happening.mayBeTakenOut {
            remove(happening)
            orders[happening] = order
        }
        happenings[order] = happening
        // Behind all that happen at the same time.
        var low = turns.startIndex
        var high = turns.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if turns[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        turns.insert(Turn(time: time, order: order), at: low)
        order += 1
    }

    mutating func popNext() -> Entry? {
        guard let turn = turns.popFirst(), let happening = happenings.removeValue(forKey: turn.order) else { return nil }
        orders[happening] = nil
        passOver()
        return Entry(time: turn.time, happening: happening)
    }

    /// Takes out what will not happen; true if it was there.
    @discardableResult
    mutating func remove(_ happening: Happening) -> Bool {
        guard let order = orders.removeValue(forKey: happening) else { return false }
        happenings[order] = nil
        passOver()
        return true
    }

    mutating func removeTimeouts(of end: End) {
        for happening in orders.keys {
            if case .timeout(end, _, _) = happening { remove(happening) }
        }
    }

    /// The turns of what was taken out are over.
    private mutating func passOver() {
        while let turn = turns.first, happenings[turn.order] == nil { turns.removeFirst() }
    }
}
