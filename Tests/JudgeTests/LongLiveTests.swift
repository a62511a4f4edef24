import Foundation
import TestSupport
import Testing

/// Stories told now, on this kernel, and judged like those in `Traces`.
///
/// Needs root: namespaces and the kernel's trace. Runs alone (`make test-long`), as the truth depends on timing.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it"), .serialized) struct LongLiveTests {
    private static let stories = ["close-by-initiator", "close-simultaneous", "abortive-close"]

    @Test func bothSequencesAtEveryVantagePoint() throws {
        guard try Demands.root() else { return }
        let output = try TemporaryFolder()
        let script = Places.traces.appendingPathComponent("make-traces.py").path
        let made = try run("/usr/bin/env", ["python3", script, "--output", output.url.path] + Self.stories)
        try #require(made.status == 0, "\(made.output)\(made.error)")
        var judge = VantageJudge()
        for story in Self.stories {
            try judge.judge(story: output.url.appendingPathComponent(story))
        }
        judge.printScores("live")
        // Two endpoints at five vantage points: A, B, either as middle, and R.
        #expect(judge.judgments.count == 10 * Self.stories.count)
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
