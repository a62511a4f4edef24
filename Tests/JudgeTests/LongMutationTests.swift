import TestSupport
import Testing

@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongMutationTests {
    /// Five times the pairs of `MutationTests`.
    @Test func twoPacketsMissing() throws {
        let score = try scoreWithoutTwoPackets(rounds: 60)
        score.report("two packets missing, many pairs")
        #expect(score.presumedContradictions.count <= 1000)
        #expect(score.provenContradictions.count <= 15)
    }
}
