import TCPStateMachine

/// The states that the endpoints of all flows in memory are presumed to be in, counted as they change, and which flows
/// changed last.
struct Census {
    /// Endpoints by presumed state, by `State.rawValue`; the last place counts those whose state is not known.
    private(set) var endpointsPerState: [UInt64] = Array(repeating: 0, count: State.allCases.count + 1)
    /// By the flow's slot: the places of both ends in that count, and whether they are counted.
    private var places: [(initiator: UInt8, responder: UInt8, isCounted: Bool)] = []
    private var changes: [Change] = []

    /// A flow that changed.
    struct Change {
        var slot: UInt32
        var number: UInt64
        var time: Int64
    }

    /// How many changes are looked through for the flows that changed last.
    private static let changesKept = 4096

    mutating func note(_ slot: UInt32, number: UInt64, _ initiator: State?, _ responder: State?, at time: Int64) {
        let place = Int(slot)
        while places.count <= place { places.append((0, 0, false)) }
        let now = (Census.place(initiator), Census.place(responder))
        let before = places[place]
        guard !before.isCounted || (before.initiator, before.responder) != now else { return }
        if before.isCounted { uncount(place) }
        places[place] = (now.0, now.1, true)
        endpointsPerState[Int(now.0)] &+= 1
        endpointsPerState[Int(now.1)] &+= 1
        changes.append(Change(slot: slot, number: number, time: time))
        if changes.count > 2 * Census.changesKept { changes.removeFirst(changes.count - Census.changesKept) }
    }

    /// The flow leaves memory.
    mutating func forget(_ slot: UInt32) {
        let place = Int(slot)
        guard places.indices.contains(place), places[place].isCounted else { return }
        uncount(place)
        places[place].isCounted = false
    }

    private mutating func uncount(_ place: Int) {
        endpointsPerState[Int(places[place].initiator)] &-= 1
        endpointsPerState[Int(places[place].responder)] &-= 1
    }

    private static func place(_ state: State?) -> UInt8 {
        state?.rawValue ?? UInt8(State.allCases.count)
    }

    /// The last change of each flow, the latest first, as long as `isWanted` says so.
    func forEachLatest(_ isWanted: (Change) -> Bool) {
        var seen: Set<UInt64> = []
        for change in changes.reversed() where seen.insert(change.number).inserted {
            guard isWanted(change) else { return }
        }
    }
}
