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

    /// Stories of Linux kernels, read by other rules: where these take a RST that Linux does not, or know an ABORT by
    /// other marks, they end otherwise. Nothing else may differ.
    private static let toldByLinuxAlone: Set<String> = [
        "fuzz-17",  // a RST at the FIN's number in CLOSE-WAIT (resetAtFinNumberCloses)
        "rst-inject-exact-4",  // a forged RST without ACK and timestamps (abortAcknowledges)
    ]

    @Test(arguments: [Profile.rfc793, .rfc9293])
    func otherProfiles(profile: Profile) throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            for vantage in ["A", "R", "B"] { try judge.judge(folder, vantage: vantage, as: .middle, profile: profile) }
        }
        judge.printScores("corpus/vantage, profile \(profile.name)")
        #expect(judge.unexplained.allSatisfy { Self.toldByLinuxAlone.contains($0.story) })
        #expect(judge.provenContradictions.isEmpty)
    }
}
