import Simulation
import TCPStateMachine
import TestSupport
import Testing

/// The bounds of the command, and those of the table in Docs/exploration.md: they reach every rule but the ones listed
/// there.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongExplorationTests {
    static let neverTaken: [(Profile, [Rule])] = [
        (.rfc793, [.timeWaitSynInWindow]), (.rfc9293, []), (.linux, []),
    ]

    /// The bounds of Docs/exploration.md, in its order.
    private func documented(_ profile: Profile) -> [ExplorationBounds] {
        var standard = ExplorationBounds()
        standard.profiles = BothEnds(profile)
        standard.allowances.b.sends = 0

        let errors = TestBounds.bounds(profile) { allowances in
            for side in End.allCases { (allowances[side].icmpErrors, allowances[side].userTimeouts) = (1, 1) }
        }
        var halfDuplex = TestBounds.bounds(profile) { allowances in
            for side in End.allCases {
                (allowances[side].sends, allowances[side].closes, allowances[side].aborts) = (1, 2, 1)
            }
            (allowances.a.openings, allowances.b.openings) = (.active, .passive)
        }
        (halfDuplex.halfDuplexClose, halfDuplex.slowReader) = (true, true)

        var reopened = TestBounds.bounds(profile, losses: 1) { allowances in
            for side in End.allCases { (allowances[side].opens, allowances[side].aborts) = (2, 1) }
            (allowances.a.openings, allowances.b.openings) = (.active, .passive)
            allowances.a.crashes = 1
        }
        reopened.halfDuplexClose = true

        var short = TestBounds.bounds(profile) { allowances in
            for side in End.allCases { allowances[side].opens = 2 }
            allowances.a.openings = .active
            allowances.a.crashes = 1
        }
        short.shortTimeWait = true

        var stamped = TestBounds.bounds(profile) { allowances in
            for side in End.allCases { (allowances[side].opens, allowances[side].crashes) = (2, 1) }
        }
        stamped.timestamps = true
        return [standard, errors, halfDuplex, reopened, short, stamped]
    }

    @Test("No invariant is violated, and every rule is taken", arguments: neverTaken)
    func coverage(_ profile: Profile, _ never: [Rule]) {
        var missing = Set(Rule.allCases)
        for bounds in documented(profile) {
            let exploration = ConnectionExploration(within: bounds)
            #expect(exploration.totals.cuts.isEmpty && exploration.totals.rejected == 0)
            #expect(exploration.violations.isEmpty, "\(exploration.violations.map(\.ladder.description))")
            missing.formIntersection(exploration.rulesNeverTaken(of: profile))
        }
        #expect(missing == Set(never))
    }
}
