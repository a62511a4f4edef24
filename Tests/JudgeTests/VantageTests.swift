import Flows
import Foundation
import TestSupport
import Testing

@Suite struct VantageTests {
    @Test func sharedCorpusAtEveryVantagePoint() throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
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
}
