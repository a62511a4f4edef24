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
            let connections = try TrueConnection.read(folder)
            for (vantage, isA) in [("A", true), ("B", false)] {
                let addresses = Set(connections.map { isA ? $0.a.address : $0.b.address })
                try judge.judge(folder, vantage: vantage, as: .host(Array(addresses)))
                try judge.judge(folder, vantage: vantage, as: .middle, label: vantage + " as middle")
            }
            try judge.judge(folder, vantage: "R", as: .middle)
            try judge.judge(folder, vantage: "any", as: .automatic)
        }
        judge.printScores("Traces")
        #expect(judge.judgments.count > 300)
        #expect(judge.unexplained.isEmpty)
        #expect(judge.provenContradictions.isEmpty)
    }
}
