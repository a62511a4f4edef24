import Foundation
import InferenceJudge
import Simulation
import TestSupport
import Testing

/// Stories that nobody wrote: the simulator knows the truth, and the inference reads its captures.
///
/// POSTEL_SCENARIOS=N judges N stories; POSTEL_SEED=N judges the story of that seed. A failure prints the shortest
/// story that shows it, as scenario text.
@Suite struct RandomStoryTests {
    /// The stories of the fixed seeds, and as many of a range that is new in each run.
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let text = environment["POSTEL_SEED"], let seed = UInt64(text) { return [seed] }
        let count = environment["POSTEL_SCENARIOS"].flatMap { UInt64($0) } ?? 3000
        let first = UInt64.random(in: 1_000_000...9_000_000_000)
        print("*** random stories: seeds 1 to \(count / 2) and \(first) to \(first + count / 2 - 1) ***")
        return Array(1...max(count / 2, 1)) + Array(first..<first + count / 2)
    }()

    @Test func `whatever happens, what is said is true`() {
        var campaign = InferenceCampaign()
        for seed in Self.seeds { campaign.judge(seed: seed) }
        print("== random stories\n\(campaign.report)")
        for seed in campaign.failing.prefix(3) {
            guard let failure = InferenceCampaign.shrink(seed: seed, onlyProven: true) else { continue }
            print("*** seed \(seed) (POSTEL_SEED=\(seed)):\n\(failure.errors.joined(separator: "\n"))\n\(failure.text)")
        }
        guard campaign.stories >= 1000 else {
            #expect(campaign.contradictions.isEmpty)
            return
        }
        // Not all errors are mended yet: bars for what is left, of steps called proven and of ends.
        #expect(campaign.contradictions.count * 2000 <= campaign.proven)
        #expect(Double(campaign.ends - campaign.held) <= 0.04 * Double(campaign.ends))
        // A case that never comes is a rule that nobody needs. The rarest come three times in so many stories.
        let missing = UndecidableCase.allCases.filter { campaign.cases[$0] == nil }
        #expect(missing.count <= 1, "\(missing.map(\.rawValue))")
    }
}
