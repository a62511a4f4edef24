public import TCPStateMachine

/// Two machines, their users and the network between them, as a model to explore.
///
/// A step is one event: a user call, a timeout, an accident, or the arrival, loss or duplication of one segment.
/// Docs/exploration.md says what is abstracted, and what a result therefore proves.
public struct ConnectionModel: ExplorationModel {
    /// How the machine takes an event. Tests put broken machines here to see each invariant fail.
    public typealias Machine = @Sendable (inout Connection, Event) -> Outcome

    public let bounds: ExplorationBounds
    let machine: Machine
    private(set) var table: EndpointTable
    /// Worlds discovered, by the states of A and B.
    private(set) var pairs = StatePairs()
    /// Worlds without a step, by the states of A and B.
    private(set) var deadEnds = StatePairs()

    public init(_ bounds: ExplorationBounds, machine: @escaping Machine = { $0.handle($1) }) {
        self.bounds = bounds
        self.machine = machine
        table = EndpointTable(bounds: bounds, machine: machine)
    }

    public mutating func initialStates() -> [World] {
        let world = World(
            a: table.newEndpoint(.a), b: table.newEndpoint(.b), losses: bounds.losses, duplicates: bounds.duplicates)
        pairs.count(connection(of: .a, in: world).state, connection(of: .b, in: world).state)
        return [world]
    }

    public mutating func appendSteps(from world: World, to steps: inout [ExplorationStep<World, WorldAction>]) {
        for side in End.allCases { appendLocalSteps(from: world, side, to: &steps) }
        for side in End.allCases {
            let queue = world[to: side]
            for lane in 0..<(bounds.reorders ? queue.count : min(queue.count, 1)) {
                // The same segment twice is the same step.
                if lane > 0, queue[lane] == queue[lane - 1] { continue }
                appendNetworkSteps(from: world, side, lane, to: &steps)
            }
        }
    }

    public mutating func record(_ step: ExplorationStep<World, WorldAction>, _ fate: StepFate) {
        switch fate {
        case .rejected: return
        case .discovered:
            let world = step.state
            pairs.count(connection(of: .a, in: world).state, connection(of: .b, in: world).state)
        case .known, .dropped: break
        }
        switch step.action.kind {
        case .local, .deliver: table.count(step.action.step)
        case .lose, .duplicate: break
        }
    }

    func connection(of side: End, in world: World) -> Connection {
        table.endpoint(world[side]).connection
    }

    mutating func noteDeadEnd(_ world: World) {
        deadEnds.count(connection(of: .a, in: world).state, connection(of: .b, in: world).state)
    }

    private mutating func appendLocalSteps(
        from world: World, _ side: End, to steps: inout [ExplorationStep<World, WorldAction>]
    ) {
        for number in table.localSteps(of: world[side], side) {
            // 2 MSL: whatever was under way when TIME-WAIT began has arrived or is lost.
            if table.step(number).event == .timeWaitTimeout, !bounds.shortTimeWait, !world.isQuiet { continue }
            steps.append(
                after(WorldAction(kind: .local, side: side, lane: 0, step: number), of: world))
        }
    }

    private mutating func appendNetworkSteps(
        from world: World, _ side: End, _ lane: Int, to steps: inout [ExplorationStep<World, WorldAction>]
    ) {
        let segment = world[to: side][lane]
        var action = WorldAction(kind: .deliver, side: side, lane: UInt8(truncatingIfNeeded: lane), step: 0)
        action.step = table.delivery(of: segment, to: world[side], side)
        var arrived = world
        arrived[to: side].remove(at: lane)
        steps.append(after(action, of: arrived))
        action.step = 0
        if world.losses > 0 {
            action.kind = .lose
            arrived.losses -= 1
            steps.append(ExplorationStep(action, to: arrived))
        }
        if world.duplicates > 0 {
            action.kind = .duplicate
            var doubled = world
            doubled.duplicates -= 1
            let fits = put(segment, to: side, in: &doubled)
            steps.append(ExplorationStep(action, to: doubled, isAdmitted: fits))
        }
    }

    /// The world in which an endpoint has taken a step: its segments are under way.
    private mutating func after(_ action: WorldAction, of world: World) -> ExplorationStep<World, WorldAction> {
        let step = table.step(action.step)
        var world = world
        world[action.side] = step.after
        var fits = !step.overflows
        for lane in 0..<step.segments.count {
            fits = put(step.segments[lane], to: action.side.other, in: &world) && fits
        }
        return ExplorationStep(
            action, to: withoutIdleSegments(world), isAdmitted: fits,
            violations: step.leavesTable ? Invariant.ruleTable.set : [])
    }

    /// A segment that an endpoint which is gone for good takes without a word, now or later, makes no other world; nor
    /// do any, where both are gone and only answer each other by RSTs. Their arrivals are steps to the same world.
    private mutating func withoutIdleSegments(_ world: World) -> World {
        let areGone = BothEnds(a: table.isGone(world.a), b: table.isGone(world.b))
        guard areGone.a || areGone.b else { return world }
        var world = world
        for side in End.allCases where areGone[side] {
            var lane = 0
            while lane < world[to: side].count {
                let number = table.delivery(of: world[to: side][lane], to: world[side], side)
                let delivery = table.step(number)
                let isQuiet = delivery.segments.count == 0 || areGone[side.other]
                if isQuiet, delivery.after == world[side] {
                    world[to: side].remove(at: lane)
                } else {
                    lane += 1
                }
            }
        }
        return world
    }

    private func put(_ segment: UInt16, to side: End, in world: inout World) -> Bool {
        guard world[to: side].count < bounds.inFlight else { return false }
        return bounds.reorders ? world[to: side].insertSorted(segment) : world[to: side].append(segment)
    }
}

/// How often each pair of states of A and B came up.
public struct StatePairs: Hashable, Sendable {
    private var counts = [Int](repeating: 0, count: State.allCases.count * State.allCases.count)

    mutating func count(_ a: State, _ b: State) {
        counts[StatePairs.place(a, b)] += 1
    }

    public subscript(a: State, b: State) -> Int { counts[StatePairs.place(a, b)] }

    /// How often an endpoint was in a state, whatever the other's.
    public func total(of side: End, in state: State) -> Int {
        State.allCases.reduce(0) { sum, other in
            switch side {
            case .a: sum + self[state, other]
            case .b: sum + self[other, state]
            }
        }
    }

    private static func place(_ a: State, _ b: State) -> Int {
        Int(a.rawValue) * State.allCases.count + Int(b.rawValue)
    }
}
