import Foundation
import InferenceJudge
import Simulation
import TestSupport
import Testing

/// What the inference makes of the scenarios of Traces/scenarios: those that teach, and those that a random story was
/// made short to. Of those in `inference/presumed` something that is presumed is not what happened, and no case of the
/// closed list explains it; what is called proven is true there as well.
@Suite struct ScenarioJudgeTests {
    static let files: [String] = {
        let folder = Places.traces.appendingPathComponent("scenarios").path
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".scenario") }.sorted()
    }()

    @Test(arguments: files) func `every step is inferred as it happened`(file: String) throws {
        let url = Places.traces.appendingPathComponent("scenarios/\(file)")
        let scenario = try Scenario(parsing: String(contentsOf: url, encoding: .utf8))
        var campaign = InferenceCampaign()
        let all = campaign.judge(scenario, named: file)
        let errors = file.hasPrefix("inference/presumed/") ? campaign.contradictions : all
        #expect(campaign.stories == 1)
        #expect(!scenario.expectations.isEmpty)
        for failure in scenario.failures(in: scenario.run().simulator) {
            Issue.record("\(file):\(failure.place.line): \(failure.message)")
        }
        for error in errors { Issue.record("\(file): \(error)") }
    }
}
