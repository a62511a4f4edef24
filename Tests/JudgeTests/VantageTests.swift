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
    @Test(arguments: [Profile.rfc793, .rfc9293])
    func otherProfiles(profile: Profile) throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
        var judge = VantageJudge()
        for folder in try Corpora.folders(in: corpus) {
            for vantage in ["A", "R", "B"] { try judge.judge(folder, vantage: vantage, as: .middle, profile: profile) }
        }
        judge.printScores("corpus/vantage, profile \(profile.name)")
        for judgment in judge.unexplained {
            let capture = corpus.appendingPathComponent("\(judgment.story)/\(judgment.vantage).pcap").path
            #expect(try Self.differsByResets(capture, profile), "\(judgment.line)")
        }
        #expect(judge.provenContradictions.isEmpty)
    }

    /// By Linux's rules the capture is read otherwise, and where an end's steps part, a RST is among them: what passed
    /// before a RST that ended it is presumed together with it.
    private static func differsByResets(_ capture: String, _ profile: Profile) throws -> Bool {
        let linux = try ReplayedCapture(path: capture, vantage: .middle)
        let other = try ReplayedCapture(path: capture, vantage: .middle, profile: profile)
        guard linux.flows.count == other.flows.count else { return false }
        var differences: [Bool] = []
        for (a, b) in zip(linux.flows, other.flows) {
            let resets = Set(a.segments.filter { $0.controlBits.contains(.rst) }.map(\.reference.packet))
            for role in EndpointRole.allCases {
                let (mine, others) = (a.transitions[role] ?? [], b.transitions[role] ?? [])
                let same = zip(mine, others).prefix { $0.to == $1.to }.count
                let steps = mine.dropFirst(same) + others.dropFirst(same)
                guard !steps.isEmpty else { continue }
                differences.append(steps.contains { resets.contains($0.cause.packet) })
            }
        }
        return !differences.isEmpty && differences.allSatisfy { $0 }
    }
}
