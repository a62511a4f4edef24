import Flows
import Foundation
import TestSupport
import Testing

@Suite struct KernelTests {
    @Test func sharedCorpusOnTheKernelsHost() throws {
        guard let corpus = try Demands.shared("corpus/kernel") else { return }
        var judge = KernelJudge()
        for folder in try Corpora.folders(in: corpus) {
            try judge.judge(folder) { _ in .automatic }
        }
        judge.printScores("corpus/kernel at the kernel's host")
        #expect(judge.misses.allSatisfy { $0.cause != nil })
    }

    @Test func sharedCorpusAsMiddle() throws {
        guard let corpus = try Demands.shared("corpus/kernel") else { return }
        var judge = KernelJudge()
        for folder in try Corpora.folders(in: corpus) {
            try judge.judge(folder) { _ in .middle }
        }
        judge.printScores("corpus/kernel as middle")
        #expect(judge.misses.allSatisfy { $0.cause != nil || !$0.isProven })
    }
}
