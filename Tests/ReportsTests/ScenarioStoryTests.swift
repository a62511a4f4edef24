import Foundation
import Flows
import Reports
import Simulation
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// The scenarios of Traces/scenarios: their expectations and their ladders. What the inference makes of them is judged
/// in JudgeTests.
@Suite struct ScenarioStoryTests {
    static let names: [String] = {
        let folder = Places.traces.appendingPathComponent("scenarios").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".scenario") }.map { String($0.dropLast(".scenario".count)) }.sorted()
    }()

    private func scenario(_ name: String) throws -> Scenario {
        let file = Places.traces.appendingPathComponent("scenarios/\(name).scenario")
        return try Scenario(parsing: String(contentsOf: file, encoding: .utf8))
    }

    @Test func `there are scenarios`() {
        #expect(ScenarioStoryTests.names.count >= 20)
    }

    @Test(arguments: ["scenarios", "scenarios/inference"])
    func `each scenario has a line in the list`(folder: String) throws {
        let path = Places.traces.appendingPathComponent(folder).path
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".scenario") }
        let list = try String(contentsOf: Places.traces.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(!files.isEmpty)
        for file in files {
            #expect(list.contains("\n| `\(file.dropLast(".scenario".count))` | "), "\(file) is not in Traces/README.md")
        }
    }

    @Test(arguments: names)
    func `a scenario keeps its promises, and its ladder stays the same`(name: String) throws {
        let scenario = try scenario(name)
        let (simulator, isComplete) = scenario.run()
        #expect(isComplete)
        #expect(!scenario.expectations.isEmpty)
        let failures =
            scenario.failures(in: simulator)
            + SimulatedFindings.failures(of: scenario, in: simulator, CaptureSetting(family: scenario.family))
        for failure in failures { Issue.record("\(name):\(failure.place.line): \(failure.message)") }
        let ladder = LadderText(remarks: scenario.remarks, showsTimes: true).render(
            Ladder(of: simulator.history, from: scenario.ladderBegin))
        if let difference = Golden.difference(ladder, "ladder-\(name).txt") { Issue.record("\(difference)") }
    }
}
