import Flows
import Foundation
import TCPStateMachine
import Testing

@Suite struct VantageTests {
    @Test func sharedCorpusAtEveryVantagePoint() throws {
        guard let corpus = Corpora.shared("corpus/vantage") else {
            #expect(!Corpora.mustRun)
            return
        }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            let connections = try TrueConnection.read(folder)
            for (vantage, isA) in [("A", true), ("B", false)] {
                let addresses = Set(connections.map { isA ? $0.a.address : $0.b.address })
                try judge.judge(folder, vantage: vantage, as: .host(Array(addresses)))
                try judge.judge(folder, vantage: vantage, as: .middle, label: vantage + " as middle")
            }
            try judge.judge(folder, vantage: "R", as: .middle)
        }
        judge.printScores("corpus/vantage")
        #expect(judge.judgments.count > 2000)
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }

    /// The RFCs' machines walk the same states; where Linux's socket vanishes, a timer of theirs has run.
    @Test(arguments: [Profile.rfc793, .rfc9293])
    func otherProfiles(profile: Profile) throws {
        guard let corpus = Corpora.shared("corpus/vantage") else {
            #expect(!Corpora.mustRun)
            return
        }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            for vantage in ["A", "R", "B"] { try judge.judge(folder, vantage: vantage, as: .middle, profile: profile) }
        }
        judge.printScores("corpus/vantage, profile \(profile.name)")
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
