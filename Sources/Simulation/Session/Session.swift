import TCPStateMachine

// Session          what has been done, and how it is undone
// Session+Network  what is done to segments under way
// SessionCommand   a line of a person's, understood

/// A story that is made while it is told: somebody calls for both users, and is the network.
///
/// Time stands still between steps. What has been done is an ordinary scenario (`story`): read again, it tells the same
/// ladder, for a session does nothing else than a scenario can.
public struct Session: Sendable {
    /// What a step of a session comes to. A step that waits holds no actions.
    private struct Step {
        var actions: [Scenario.PlannedAction] = []
        /// All that happens up to this moment belongs to it.
        var until: VirtualTime
    }

    /// Why something cannot be done.
    public struct Problem: Error, Hashable, Sendable {
        public var message: String
    }

    /// What it began with: settings, and what happens without anybody's doing.
    public private(set) var opening: Scenario
    public private(set) var simulator: Simulator
    /// The connection that the last step was about.
    public private(set) var ports: PortPair
    private var steps: [Step] = []
    /// What `redo` does again, the next one last.
    private var undone: [Step] = []
    /// When something last happened of itself.
    private var lastHappening: VirtualTime?

    /// So many things happen in one step at most.
    private static let mostHappenings = 200_000

    public init(_ opening: Scenario = Scenario()) {
        self.opening = opening
        ports = opening.connections[0].ports
        simulator = opening.simulator()
        simulator.isTracing = true
    }

    /// Two ends with the initial sequence numbers of the RFC's figures, and a network that delivers nothing by itself.
    public static var empty: Session {
        var scenario = Scenario()
        scenario.settings.a.initialNumbers = [SequenceNumber(100)]
        scenario.settings.b.initialNumbers = [SequenceNumber(300)]
        scenario.settings.network.isHeld = true
        return Session(scenario)
    }

    /// Of the network's dice and of initial sequence numbers; before anything has been done.
    public mutating func setSeed(_ seed: UInt64) {
        var scenario = opening
        scenario.settings.seed = seed
        replaceOpening(scenario)
    }

    public var hasBegun: Bool { !steps.isEmpty }

    /// The ladder so far.
    public var ladder: Ladder { Ladder(of: simulator.history, from: opening.ladderBegin) }

    /// What the events of the last step did.
    public var lastEvents: [TracedEvent] { simulator.trace }

    // MARK: Steps

    /// Does something now.
    public mutating func perform(_ action: Action) throws(Problem) {
        try take(step(of: action, at: nextMoment))
    }

    /// Lets so much time pass, nanoseconds.
    public mutating func wait(_ time: Int64) throws(Problem) {
        try take(Step(until: simulator.now.advanced(by: time)))
    }

    /// Lets time pass until something happens.
    public mutating func waitForNext() throws(Problem) {
        guard let next = simulator.nextTime else {
            let held = simulator.segmentsUnderWay.isEmpty ? "" : ": the network holds what is under way, deliver it"
            throw Problem(message: "nothing is left to happen\(held)")
        }
        try take(Step(until: next))
    }

    /// Does several things, one after the other, as one step.
    mutating func perform(_ actions: [(action: Action, time: VirtualTime)]) throws(Problem) {
        guard let last = actions.last else { return }
        var step = Step(until: last.time)
        step.actions = actions.map { Scenario.PlannedAction(time: $0.time, action: $0.action) }
        try take(step)
    }

    /// The moment of what is done next. What has happened of itself at a moment would come behind in the story, so that
    /// the next thing is done a millisecond later.
    var nextMoment: VirtualTime {
        lastHappening == simulator.now ? simulator.now.advanced(by: Duration.millisecond) : simulator.now
    }

    private func step(of action: Action, at time: VirtualTime) -> Step {
        Step(actions: [Scenario.PlannedAction(time: time, action: action)], until: time)
    }

    private mutating func take(_ step: Step) throws(Problem) {
        let before = self
        guard run(step) else {
            self = before
            throw Problem(message: "more than \(Session.mostHappenings) things would happen: wait for less")
        }
        steps.append(step)
        undone = []
    }

    /// False if too much happens.
    private mutating func run(_ step: Step) -> Bool {
        simulator.trace = []
        for planned in step.actions {
            guard run(before: planned.time) else { return false }
            simulator.perform(planned.action)
            if let ports = planned.action.ports { self.ports = ports }
        }
        return run(before: VirtualTime(nanoseconds: step.until.nanoseconds + 1), clock: step.until)
    }

    /// Lets happen what comes before a moment.
    private mutating func run(before time: VirtualTime, clock: VirtualTime? = nil) -> Bool {
        var left = Session.mostHappenings
        while let next = simulator.nextTime, next < time {
            guard left > 0 else { return false }
            left -= 1
            lastHappening = next
            simulator.step()
        }
        simulator.run(before: clock ?? time)
        return true
    }

    // MARK: Undoing

    /// Takes the last step back. The same things happen again up to there, which takes no longer than they did.
    public mutating func undo() throws(Problem) {
        guard let last = steps.popLast() else { throw Problem(message: "nothing has been done that could be undone") }
        undone.append(last)
        begin()
        for step in steps { _ = run(step) }
    }

    /// Takes all steps back.
    public mutating func undoAll() throws(Problem) {
        guard hasBegun else { throw Problem(message: "nothing has been done that could be undone") }
        undone += steps.reversed()
        steps = []
        begin()
    }

    /// Does again what was undone last.
    public mutating func redo() throws(Problem) {
        guard let next = undone.popLast() else { throw Problem(message: "nothing has been undone") }
        _ = run(next)
        steps.append(next)
    }

    private mutating func begin() {
        let former = (steps, undone)
        self = Session(opening)
        (steps, undone) = former
    }

    // MARK: The story

    /// Changes what it begins with, as long as nothing has been done; names of connections and notes at any time.
    mutating func replaceOpening(_ scenario: Scenario) {
        let isRestart = scenario.settings != opening.settings || scenario.connections[0] != opening.connections[0]
        opening = scenario
        guard isRestart, !hasBegun else { return }
        begin()
    }

    /// All of it as a scenario that ends now and tells the same ladder; the opening itself before anything is done.
    ///
    /// - Returns: the scenario, and how many expectations of the opening it does not meet and does not have.
    public func story() -> (scenario: Scenario, unmet: Int) {
        guard hasBegun else { return (opening, 0) }
        var story = opening
        let done = steps.flatMap(\.actions)
        // At the same moment what was done comes first: nothing else had happened then.
        story.actions = (done + opening.actions).enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
        story.end = simulator.now
        let unmet = Set(story.failures(in: simulator).map(\.place))
        story.expectations.removeAll { unmet.contains($0.place) }
        return (story, opening.expectations.count - story.expectations.count)
    }
}

extension Action {
    /// The connection that it is about.
    fileprivate var ports: PortPair? {
        switch self {
        case .call(_, _, let ports), .inject(_, let ports), .icmp(_, _, let ports), .remark(_, _, let ports),
            .showStates(let ports):
            ports
        case .befall(_, let choice): choice.ports
        case .crash, .restart, .readAtOnce, .latency, .cut, .hold: nil
        }
    }
}
