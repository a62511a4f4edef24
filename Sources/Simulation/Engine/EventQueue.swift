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
/// Sorted, the next one first: seldom more than a few things are under way at once, and all of them can be looked at,
/// held back or taken out. What is planned mostly comes behind all the rest, so that there is little to move where many
/// are.
struct EventQueue: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var time: VirtualTime
        var order: UInt64
        var happening: Happening
    }

    /// A slice gives up its first element without moving the others.
    private var entries: ArraySlice<Entry> = []
    private var order: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    /// When something happens next.
    var nextTime: VirtualTime? { entries.first?.time }

    /// All that is planned, the next first.
    var planned: ArraySlice<Entry> { entries }

    mutating func add(_ happening: Happening, at time: VirtualTime) {
        let entry = Entry(time: time, order: order, happening: happening)
        order += 1
        // Behind all that happen at the same time.
        var low = entries.startIndex
        var high = entries.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        entries.insert(entry, at: low)
    }

    mutating func popNext() -> Entry? {
        entries.popFirst()
    }

    /// Takes out what will not happen; true if it was there.
    @discardableResult
    mutating func remove(_ happening: Happening) -> Bool {
        // Timers, which are taken out most, mostly lie behind what arrives.
        guard let place = entries.lastIndex(where: { $0.happening == happening }) else { return false }
        entries.remove(at: place)
        return true
    }

    mutating func removeTimeouts(of end: End) {
        entries.removeAll { entry in
            if case .timeout(end, _, _) = entry.happening { true } else { false }
        }
    }
}
