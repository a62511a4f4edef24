import Flows
import Foundation
import TestSupport
import Testing

@Suite struct VantageTests {
    @Test func sharedCorpusAtEveryVantagePoint() throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            try judge.judge(story: folder)
        }
        judge.printScores("corpus/vantage")
        #expect(judge.judgments.count > 2000)
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
