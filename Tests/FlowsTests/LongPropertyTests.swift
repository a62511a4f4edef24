import TestSupport
import Testing

/// `PropertyTests` with more of everything.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongPropertyTests {
    @Test(arguments: Seeds.all)
    func anySegments(seed: UInt64) {
        PropertyTests.expectToSurvive(200_000, seed: seed)
    }

    @Test(arguments: Seeds.all)
    func batchesAndHashSeedsChangeNothing(seed: UInt64) {
        let batches = [1, 2, 3, 31, 32, 33, 63, 64, 65, 128, 1000, 20_000]
        PropertyTests.expectSameRecords(lines: 20_000, batches: batches, seed: seed)
    }

    @Test(arguments: Seeds.all)
    func plainFlowsChangeNothing(seed: UInt64) {
        PropertyTests.expectPlainFlowsToChangeNothing(
            rounds: 300, plainSegments: [.max, 1, 2, 3, 4, 5, 6, 8], seed: seed)
    }
}
