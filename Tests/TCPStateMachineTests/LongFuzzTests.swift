import TestSupport
import Testing

@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongFuzzTests {
    @Test(arguments: Seeds.all)
    func anyEvents(seed: UInt64) {
        FuzzTests().expectToKeepTheRules(connections: 1000, events: 300, seed: seed)
    }
}
