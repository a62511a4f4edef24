public import TCPStateMachine

/// Everything that two endpoints can do within bounds, and what was found on the way.
public struct ConnectionExploration: Sendable {
    public let bounds: ExplorationBounds
    /// How many states, how deep, and whether it was cut.
    public let totals: Exploration
    /// Distinct worlds by the states of A and B.
    public let pairs: StatePairs
    /// Worlds in which nothing can happen any more, by the states of A and B.
    public let deadEnds: StatePairs
    /// The steps that took each rule, by endpoint and `Rule.rawValue`.
    private let rules: BothEnds<[Int]>
    /// The violated invariants in the order in which they were found: shortest ladders first.
    public let violations: [ViolatedInvariant]
    /// Distinct endpoints: machines with what their users may still do.
    public let endpoints: Int
    /// Distinct segments.
    public let segments: Int

    /// An invariant that does not hold, with a shortest way there.
    public struct ViolatedInvariant: Sendable {
        public let invariant: Invariant
        /// States and steps that violate it.
        public let occurrences: Int
        public let ladder: ExplorationLadder
    }

    /// Explores until there is nothing new, a limit is reached, or `shouldStop` says so.
    public init(
        within bounds: ExplorationBounds, limits: ExplorationLimits = ExplorationLimits(),
        machine: @escaping ConnectionModel.Machine = { $0.handle($1) },
        progress: (Exploration) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) {
        var explorer = Explorer(ConnectionModel(bounds, machine: machine))
        totals = explorer.run(limits: limits, progress: progress, shouldStop: shouldStop)
        self.bounds = bounds
        let table = explorer.model.table
        pairs = explorer.model.pairs
        deadEnds = explorer.model.deadEnds
        rules = table.ruleCounts()
        endpoints = table.endpointCount
        segments = table.segmentCount
        violations = totals.violations.compactMap { violation in
            guard let invariant = Invariant(rawValue: violation.invariant) else { return nil }
            var path = explorer.path(to: violation)
            if let step = explorer.lastStep(of: violation) { path.append((step.action, step.state)) }
            return ViolatedInvariant(
                invariant: invariant, occurrences: violation.occurrences,
                ladder: ExplorationLadder(path, table: explorer.model.table))
        }
    }

    /// How many steps of the exploration took a rule, at one endpoint.
    public func steps(by rule: Rule, of side: End) -> Int { rules[side][Int(rule.rawValue)] }

    /// The rules of a profile that no endpoint with this profile ever took, in the order of `Rule.allCases`.
    public func rulesNeverTaken(of profile: Profile) -> [Rule] {
        Diagram.rules(of: profile).filter { rule in
            !End.allCases.contains { bounds.profiles[$0] == profile && steps(by: rule, of: $0) > 0 }
        }
    }

    /// The states in which neither endpoint ever was.
    public var statesNeverReached: [State] {
        State.allCases.filter { state in End.allCases.allSatisfy { pairs.total(of: $0, in: state) == 0 } }
    }

    /// The profiles of the two endpoints, each once.
    public var profiles: [Profile] {
        bounds.profiles.a == bounds.profiles.b ? [bounds.profiles.a] : [bounds.profiles.a, bounds.profiles.b]
    }
}

extension EndpointTable {
    /// Admitted steps by endpoint and rule.
    func ruleCounts() -> BothEnds<[Int]> {
        var counts = BothEnds([Int](repeating: 0, count: Rule.allCases.count))
        for number in 0..<steps.count {
            let step = steps[number]
            for rule in step.rules { counts[step.side][Int(rule.rawValue)] += step.taken }
        }
        return counts
    }
}
