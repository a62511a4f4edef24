public import Flows
public import Simulation
public import TCPStateMachine
import WireFormat

/// Many stories, each captured at three places, and the sum of their verdicts.
public struct InferenceCampaign {
    /// A story whose captures were read wrongly, made as short as it still shows it.
    public struct Failure: Sendable {
        public var seed: UInt64
        /// What was read wrongly.
        public var errors: [String]
        /// The shortest story that shows the first error.
        public var text: String
    }

    /// Stories, and ends of connections judged at three vantage points each.
    public private(set) var stories = 0
    public private(set) var ends = 0
    /// Ends whose every step was inferred as it happened, but for what the closed list has.
    public private(set) var held = 0
    public private(set) var exact = 0
    public private(set) var proven = 0
    public private(set) var presumed = 0
    public private(set) var segments = 0
    /// How often each undecidable case came up.
    public private(set) var cases: [UndecidableCase: Int] = [:]
    /// Steps called proven that did not happen.
    public private(set) var contradictions: [String] = []
    /// Steps that were presumed or left out wrongly, and no case of the list explains it.
    public private(set) var unexplained: [String] = []
    /// Seeds of stories with errors.
    public private(set) var failing: [UInt64] = []
    /// Of these, seeds of stories in which something was called proven that did not happen.
    public private(set) var contradicted: [UInt64] = []

    public init() {}

    public mutating func judge(seed: UInt64) {
        let before = contradictions.count
        let errors = judge(Scenario.random(seed: seed), named: "seed \(seed)")
        if !errors.isEmpty { failing.append(seed) }
        if contradictions.count > before { contradicted.append(seed) }
    }

    /// Returns what was read wrongly.
    @discardableResult
    public mutating func judge(_ scenario: Scenario, named name: String) -> [String] {
        let (simulator, isComplete) = scenario.run(limit: Self.limit)
        guard isComplete else { return [] }
        stories += 1
        segments += simulator.history.segments.count
        var errors: [String] = []
        for vantage in Vantage.all {
            let sight = SimulatedSight(of: simulator, at: vantage, CaptureSetting(family: scenario.family))
            let verdict = InferenceVerdict(sight)
            ends += verdict.ends
            exact += verdict.exact
            held += verdict.ends - Set(verdict.errors.map(\.place)).count
            proven += verdict.proven
            presumed += verdict.presumed
            cases[.finBehindText, default: 0] += verdict.deferredCloses
            for discrepancy in verdict.discrepancies {
                if let reason = discrepancy.undecidable, !discrepancy.isError { cases[reason, default: 0] += 1 }
                guard discrepancy.isError else { continue }
                errors.append(discrepancy.text)
                if discrepancy.isProven {
                    contradictions.append("\(name): \(discrepancy.text)")
                } else {
                    unexplained.append("\(name): \(discrepancy.text)")
                }
            }
        }
        return errors
    }

    /// What a story may come to at most, events; longer ones are left out.
    static let limit = 20_000

    /// The story of a seed, made as short as it still shows its first error, as text.
    public static func shrink(seed: UInt64, onlyProven: Bool = false) -> Failure? {
        let scenario = Scenario.random(seed: seed)
        let all = kinds(of: scenario, onlyProven: onlyProven)
        guard let wanted = all.keys.sorted().first else { return nil }
        let small = ScenarioShrinker.shrink(scenario) { kinds(of: $0, onlyProven: onlyProven)[wanted] != nil }
        return Failure(
            seed: seed, errors: kinds(of: small, onlyProven: onlyProven).values.sorted(), text: small.text)
    }

    /// The errors of a story by what is wrong, without when and in which packet.
    private static func kinds(of scenario: Scenario, onlyProven: Bool) -> [String: String] {
        let (simulator, isComplete) = scenario.run(limit: limit)
        guard isComplete else { return [:] }
        var found: [String: String] = [:]
        for vantage in Vantage.all {
            let sight = SimulatedSight(of: simulator, at: vantage, CaptureSetting(family: scenario.family))
            for error in InferenceVerdict(sight).errors where error.isProven || !onlyProven {
                found[vantage.name + error.kind] = error.text
            }
        }
        return found
    }

    /// The sums, in words.
    public var report: String {
        var lines = [
            "\(stories) stories, \(segments) segments: \(ends) ends at three vantage points, \(held) held, \(exact) "
                + "without any difference; steps \(proven) proven, \(presumed) presumed",
            "proven and wrong \(contradictions.count), presumed or missing without a reason \(unexplained.count)",
        ]
        for reason in UndecidableCase.allCases {
            lines.append("   case \(reason.rawValue): \(cases[reason] ?? 0)")
        }
        return lines.joined(separator: "\n")
    }
}
