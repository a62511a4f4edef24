import Flows
import Foundation
import TestSupport
import Testing

/// The project's own captures, each with both kernels' truth beside it: what judges the project without `../shared`.
@Suite struct TraceTests {
    @Test func bothSequencesAtEveryVantagePoint() throws {
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: Places.traces)
        where FileManager.default.fileExists(atPath: folder.appendingPathComponent("truth.json").path) {
            try judge.judge(story: folder)
        }
        judge.printScores("Traces")
        #expect(judge.judgments.count > 300)
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
