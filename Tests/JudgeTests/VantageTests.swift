import Flows
import Foundation
import TCPStateMachine
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

    /// The RFCs' machines walk the same states; where Linux's socket vanishes, a timer of theirs has run.
    @Test(arguments: [Profile.rfc793, .rfc9293])
    func otherProfiles(profile: Profile) throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            for vantage in ["A", "R", "B"] { try judge.judge(folder, vantage: vantage, as: .middle, profile: profile) }
        }
        judge.printScores("corpus/vantage, profile \(profile.name)")
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
