import Foundation
import TestSupport
import Testing

/// `postel explore`, as its users meet it.
@Suite struct ExploreCommandTests {
    private static let small = ["explore", "--sends", "0", "--aborts", "0", "--retransmissions", "0"]

    private func explore(_ arguments: [String]) throws -> ProgramResult {
        try run(Places.program, Self.small + arguments)
    }

    @Test func `a table tells states, rules, dead ends and invariants`() throws {
        let result = try explore([])
        #expect(result.status == 0)
        #expect(result.error == "")
        #expect(result.output.contains("1,455 distinct, 4,319 generated, depth 15"))
        #expect(result.output.contains("time-wait-order holds"))
        #expect(result.output.contains("CLOSED/FIN-WAIT-2 4"))
    }

    @Test func `two runs give the same octets`() throws {
        let arguments = ["--format", "ndjson", "--profile", "A=linux,B=rfc793"]
        let first = try explore(arguments)
        #expect(first.output.hasPrefix(#"{"record":"exploration","profiles":{"a":"linux","b":"rfc793"}"#))
        #expect(first.output == (try explore(arguments).output))
    }

    @Test func `the records fit their schemas, and a violation is told with its ladder and ends with 1`() throws {
        let result = try run(
            Places.program,
            [
                "explore", "--format", "ndjson", "--slow-reader", "--window", "1", "--sends", "A=2,B=0", "--losses",
                "0",
                "--aborts", "0", "--retransmissions", "A=1,B=0", "--opening", "A=active,B=passive",
            ])
        #expect(result.status == 1)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2)
        for (line, name) in zip(lines, ["exploration", "violation"]) {
            let path = Places.package.appendingPathComponent("Docs/schema/\(name).json").path
            let schema = try JSONSchema(JSONValue(text: String(contentsOfFile: path, encoding: .utf8)))
            let value = try JSONValue(text: line)
            #expect(value["record"]?.string == name)
            #expect(schema.errors(in: value).isEmpty, "\(schema.errors(in: value))")
        }
    }

    @Test func `a cut is said`() throws {
        let result = try explore(["--max-states", "100"])
        #expect(result.status == 0)
        #expect(result.output.contains("by max-states"))
        #expect(try explore(["--max-depth", "3"]).output.contains("by max-depth"))
    }

    @Test(arguments: [
        (["--opens", "x"], "'x' is not a count"),
        (["--opens", "A=1"], "must name both endpoints"),
        (["--opens", "C=1,B=2"], "A=VALUE,B=VALUE"),
        (["--profile", "bsd"], "rfc793, rfc9293, linux"),
        (["--opening", "maybe"], "active, passive or either"),
        (["--in-flight", "9"], "1 to 8"),
        (["--max-states", "0"], "--max-states 0"),
        (["--max-depth", "0"], "--max-depth 0"),
        (["--octets", "0"], "--octets 0"),
        (["--window", "0"], "--window 0"),
        (["--show", "flows"], "exploration, violations"),
    ])
    func `wrong usage ends with 64 and says what would be right`(arguments: [String], hint: String) throws {
        let result = try explore(arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(hint), "\(result.error)")
    }

    @Test func `help has examples`() throws {
        let help = try run(Places.program, ["explore", "--help"])
        #expect(help.status == 0)
        #expect(Golden.difference(help.output, "help-explore.txt") == nil)
    }
}
