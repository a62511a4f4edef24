/// Walks through all states of a model, breadth first: the first way found to a state is a shortest one.
///
/// A state costs its own stride, eight octets for the way to it, those of the action, and 16 to 32 of the index. The
/// order of everything depends on the model alone: the same model gives the same result.
public struct Explorer<Model: ExplorationModel> {
    public private(set) var model: Model
    private var states = InternTable<Model.State>()
    /// How each state was found first.
    private var origins = ChunkedArray<Origin>()
    /// The state that is expanded next: the states are their own queue.
    private var next = 0
    private var result = Exploration()

    /// The state and the action that led to a state; an initial state has itself.
    private struct Origin: BitwiseCopyable {
        var parent: UInt32
        var action: Model.Action?
    }

    /// What is reported of a search, and when it is asked whether to go on: after so many expanded states.
    private static var stride: Int { 4096 }

    public init(_ model: Model) {
        self.model = model
    }

    /// Explores until there is nothing new, a limit is reached, or `shouldStop` says so. `progress` and `shouldStop`
    /// are called every 4096 states.
    public mutating func run(
        limits: ExplorationLimits = ExplorationLimits(), progress: (Exploration) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) -> Exploration {
        for state in model.initialStates() {
            result.generated += 1
            reach(state, from: nil, limits)
        }
        var levelEnd = states.count
        result.depth = states.count > 0 ? 1 : 0
        var steps: [ExplorationStep<Model.State, Model.Action>] = []
        while next < states.count {
            if next == levelEnd {
                levelEnd = states.count
                result.depth += 1
            }
            if result.depth >= limits.maximumDepth { result.cuts.insert(.depth) }
            if next % Self.stride == 0 {
                progress(result)
                if shouldStop() { result.cuts.insert(.stopped) }
            }
            guard result.cuts.isDisjoint(with: [.depth, .states, .stopped]) else { break }
            expand(next, &steps, limits)
            next += 1
        }
        result.unexpanded = states.count - next
        return result
    }

    /// The way to where an invariant was violated, from an initial state on: the actions with the states that they lead
    /// to. The first has no action.
    public func path(to violation: Exploration.Violation) -> [(action: Model.Action?, state: Model.State)] {
        var path: [(action: Model.Action?, state: Model.State)] = []
        var number = violation.state
        while number < states.count {
            let origin = origins[number]
            path.append((origin.action, states[number]))
            guard origin.action != nil else { break }
            number = Int(origin.parent)
        }
        path.reverse()
        return path
    }

    /// The step that itself violates an invariant, if it was not the state that did.
    public mutating func lastStep(of violation: Exploration.Violation) -> ExplorationStep<Model.State, Model.Action>? {
        guard let index = violation.step, violation.state < states.count else { return nil }
        var steps: [ExplorationStep<Model.State, Model.Action>] = []
        model.appendSteps(from: states[violation.state], to: &steps)
        return steps.indices.contains(index) ? steps[index] : nil
    }

    private mutating func expand(
        _ number: Int, _ steps: inout [ExplorationStep<Model.State, Model.Action>], _ limits: ExplorationLimits
    ) {
        steps.removeAll(keepingCapacity: true)
        model.appendSteps(from: states[number], to: &steps)
        var inside = 0
        for index in steps.indices {
            let step = steps[index]
            result.generated += 1
            note(step.violations, at: number, step: index)
            guard step.isAdmitted else {
                result.rejected += 1
                model.record(step, .rejected)
                continue
            }
            inside += 1
            model.record(step, reach(step.state, from: (number, step.action), limits))
        }
        if inside == 0 { result.withoutAdmittedStep += 1 }
        if steps.isEmpty {
            result.deadEnds += 1
            note(model.violations(inDeadEnd: states[number]), at: number, step: nil)
        }
    }

    @discardableResult
    private mutating func reach(
        _ state: Model.State, from origin: (number: Int, action: Model.Action)?, _ limits: ExplorationLimits
    ) -> StepFate {
        guard let (number, isNew) = states.insert(state, limit: limits.maximumStates) else {
            result.cuts.insert(.states)
            return .dropped
        }
        guard isNew else { return .known }
        origins.append(
            Origin(parent: UInt32(truncatingIfNeeded: origin?.number ?? number), action: origin?.action))
        result.distinct = states.count
        note(model.violations(in: state), at: number, step: nil)
        return .discovered
    }

    private mutating func note(_ violated: InvariantSet, at number: Int, step: Int?) {
        guard !violated.isEmpty else { return }
        for invariant in violated.numbers {
            if let known = result.violations.firstIndex(where: { $0.invariant == invariant }) {
                result.violations[known].occurrences += 1
            } else {
                result.violations.append(.init(invariant: invariant, state: number, step: step, occurrences: 1))
            }
        }
    }
}

/// How far an exploration may go.
public struct ExplorationLimits: Hashable, Sendable {
    /// The most distinct states to keep, at most 2^32 - 2.
    public var maximumStates: Int
    /// The levels to explore, the initial states being the first.
    public var maximumDepth: Int

    public init(maximumStates: Int = Int(UInt32.max) - 1, maximumDepth: Int = .max) {
        self.maximumStates = max(1, min(maximumStates, Int(UInt32.max) - 1))
        self.maximumDepth = max(1, maximumDepth)
    }
}

/// What an exploration has found, whatever the model.
public struct Exploration: Hashable, Sendable {
    /// Distinct states.
    public var distinct = 0
    /// The initial states and every end of a step, known and rejected ones included.
    public var generated = 0
    /// The levels reached; the initial states are the first, as TLC counts.
    public var depth = 0
    /// Ends of steps that the bounds of the model did not admit.
    public var rejected = 0
    /// States that have no step at all.
    public var deadEnds = 0
    /// States that have no step inside the bounds of the model: dead ends, and those whose steps were all rejected.
    public var withoutAdmittedStep = 0
    /// States found but not expanded, because the exploration was cut.
    public var unexpanded = 0
    /// Why it ended before there was nothing new; empty if it is complete.
    public var cuts: Cuts = []
    /// Each violated invariant once, in the order in which they were found.
    public var violations: [Violation] = []

    /// What ended an exploration early.
    public struct Cuts: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let states = Cuts(rawValue: 1 << 0)
        public static let depth = Cuts(rawValue: 1 << 1)
        public static let stopped = Cuts(rawValue: 1 << 2)
    }

    /// An invariant that does not hold, and where that was found first: no shorter way leads there.
    public struct Violation: Hashable, Sendable {
        /// The number of the invariant in the model.
        public let invariant: Int
        /// The number of the state that violates it, or from which the violating step was taken.
        let state: Int
        /// The violating step by its place among the steps of the state, or nil if the state itself violates it.
        let step: Int?
        /// States and steps that violate it.
        public internal(set) var occurrences: Int
    }
}
