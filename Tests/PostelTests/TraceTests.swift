import TestSupport
import Testing

/// What the program says of real captures: the outputs that people see first.
@Suite struct TraceTests {
    private static let stories = [
        "close-by-initiator", "close-simultaneous", "open-simultaneous", "connection-refused", "connect-timeout",
        "abortive-close", "time-wait-reuse", "forged-rst", "half-close", "ipv6", "mid-stream",
    ]

    @Test(arguments: stories)
    func `a story as people read it`(story: String) throws {
        let result = try run(
            Places.program, ["replay", "--show", "flows,transitions,segments,findings,summary", Places.trace(story)])
        #expect(result.status == 0)
        #expect(result.error == "")
        #expect(Golden.difference(result.output, "\(story).txt") == nil)
    }
}
