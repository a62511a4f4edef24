import InferenceJudge
import TestSupport
import Testing

@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongMutationTests {
    /// Five times the pairs of `MutationTests`.
    @Test func twoPacketsMissing() throws {
        let score = try scoreWithoutTwoPackets(rounds: 60)
        score.report("two packets missing, many pairs")
        #expect(score.presumedContradictions.count <= 1000)
        #expect(score.provenContradictions.isEmpty)
    }

    /// Five times the losses of `MutationTests`.
    @Test(arguments: CaptureLoss.allCases) func somethingIsMissing(loss: CaptureLoss) throws {
        let score = try scoreWithout(loss, rounds: 5)
        score.report("without \(loss.rawValue), many times")
        #expect(score.verdicts > 5000)
        #expect(score.provenContradictions.isEmpty)
    }
}
