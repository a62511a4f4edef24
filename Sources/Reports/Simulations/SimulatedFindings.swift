import Flows
public import Simulation
import TCPStateMachine
import WireFormat

/// What the inference finds in a simulated capture, held against what a scenario expects.
public enum SimulatedFindings {
    /// The codes of the findings that a replay of the capture at `vantage` reports, each once, in order.
    public static func codes(in simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting) -> [String] {
        var options = TrackerOptions()
        options.interest = [.findings]
        var codes: [String] = []
        for record in SimulatedReplay.records(of: simulator, at: vantage, setting, options) {
            guard case .finding(let finding) = record, !codes.contains(finding.code.name) else { continue }
            codes.append(finding.code.name)
        }
        return codes
    }

    /// The expectations about findings that are not met.
    public static func failures(
        of scenario: Scenario, in simulator: Simulator, _ setting: CaptureSetting
    ) -> [FailedExpectation] {
        scenario.expectations.compactMap { expectation in
            guard case .findings(let expected, let vantage) = expectation.claim else { return nil }
            if let unknown = expected.first(where: { code in !FindingCode.allCases.contains { $0.name == code } }) {
                return FailedExpectation(
                    place: expectation.place,
                    message: "no finding has the code \(unknown): Docs/findings.md has them all")
            }
            let found = codes(in: simulator, at: vantage, setting)
            guard found.sorted() != Set(expected).sorted() else { return nil }
            func list(_ codes: [String]) -> String { codes.isEmpty ? "no findings" : codes.joined(separator: ", ") }
            return FailedExpectation(
                place: expectation.place,
                message: "expected \(list(expected)) in the capture at \(vantage.name); there: \(list(found))")
        }
    }
}
