import Foundation
import TestSupport
import Testing

/// `postel capture`, as its users meet it, without an interface: what needs one is in `LiveCaptureTests`.
@Suite struct CaptureCommandTests {
    private func capture(_ arguments: [String]) throws -> ProgramResult {
        try run(Places.program, ["capture"] + arguments)
    }

    @Test func `help`() throws {
        let help = try capture(["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("tcp port 443 or (vlan and tcp port 443)"))
        #expect(Golden.difference(help.output, "help-capture.txt") == nil)
    }

    @Test(arguments: [
        ([], "Missing expected argument '--interface <name>"),
        (["-i", "any", "-i", "lo"], "-i any: all interfaces are captured"),
        (["-i", "lo", "-i", "lo"], "-i lo: named twice"),
        (["-i", "lo", "--duration", "0"], "--duration 0.0: the seconds are a number from 0.001 to 31536000"),
        (["-i", "lo", "--duration", "nan"], "--duration"),
        (["-i", "lo", "--count", "0"], "--count 0"),
        (["-i", "lo", "--snapshot-length", "40"], "from 96 to 262144"),
        (["-i", "lo", "--buffer", "0"], "from 1 to 1024"),
        (["-i", "lo", "--max-flows", "0"], "--max-flows 0"),
    ])
    func `wrong usage says what would be right`(arguments: [String], message: String) throws {
        let result = try capture(arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(message), "\(result.error)")
    }
}
