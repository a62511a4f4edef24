import Simulation
import Testing

@testable import TeachingMaterial

@Suite struct CodeTests {
    @Test func `codes have names of their own`() {
        #expect(Set(DiagnosticCode.allCases.map(\.name)).count == DiagnosticCode.allCases.count)
        let claims = DiagnosticCode.allCases.map(\.claim).filter { !$0.isEmpty }
        #expect(Set(claims) == Set((1...94).map { "M" + ($0 < 10 ? "0" : "") + "\($0)" }))
        #expect(claims.count == 94)
    }

    @Test(arguments: Demonstration.allCases)
    func `a demonstration is what happens`(demonstration: Demonstration) throws {
        let story = try demonstration.story()
        let (simulator, isComplete) = story.run()
        #expect(isComplete)
        #expect(story.failures(in: simulator).map(\.message) == [])
    }
}
