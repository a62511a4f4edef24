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

    @Test(arguments: ["close-by-initiator", "connection-refused", "data-lost", "mid-stream", "time-wait-reuse", "ipv6"])
    func `a story as Zeek writes it`(story: String) throws {
        let result = try run(Places.program, ["replay", "--format", "zeek", Places.trace(story)])
        #expect(result.status == 0)
        #expect(result.error == "")
        #expect(Golden.difference(result.output, "\(story).conn.log") == nil)
    }

    @Test func `checksums count for Zeek unless they are to be ignored`() throws {
        let capture = Places.trace("bulk-offload")
        let verified = try run(Places.program, ["replay", "--format", "zeek", capture])
        #expect(verified.error.contains("--ignore-checksums"))
        #expect(verified.output.contains("\t^cCdC\t"))
        let ignoring = try run(Places.program, ["replay", "--format", "zeek", "--ignore-checksums", capture])
        #expect(ignoring.error == "")
        #expect(ignoring.output.contains("\tSF\t"))
        let flows = try run(Places.program, ["replay", "--format", "ndjson", "--ignore-checksums", capture])
        #expect(flows.output.contains(#""conn_state":"SF""#))
    }
}
