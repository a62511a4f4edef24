import Reports
import Simulation
import TCPStateMachine
import Testing

@testable import TeachingMaterial

@Suite struct CodeTests {
    @Test func `codes have names of their own`() {
        #expect(Set(DiagnosticCode.allCases.map(\.name)).count == DiagnosticCode.allCases.count)
        let claims = DiagnosticCode.allCases.map(\.claim).filter { !$0.isEmpty }
        #expect(Set(claims) == Set((1...94).map { "M" + ($0 < 10 ? "0" : "") + "\($0)" }))
        #expect(claims.count == 94)
    }

    @Test func `every code is explained by its fact, its source and a ladder`() {
        for code in DiagnosticCode.allCases {
            let text = CodeExplanation(code).text
            #expect(text.hasPrefix("\(code.name) (\(code.severity.name) at worst"))
            for part in [code.title, code.fact, code.source] { #expect(text.contains(part), "\(code.name)") }
            let steps = text.split(separator: "\n").filter { $0.contains("-->") || $0.contains("<--") }
            #expect(!steps.isEmpty, "\(code.name) has no ladder")
            #expect(DiagnosticCode(name: code.name) == code)
            if !code.claim.isEmpty { #expect(DiagnosticCode(name: code.claim) == code) }
        }
    }

    @Test func `a misspelled code is told from one that there is not`() {
        #expect(DiagnosticCode.nearest(to: "wrong-wiat") == .wrongWait)
        #expect(DiagnosticCode.nearest(to: "close-wait-closed") == .closeWaitToClosed)
        #expect(DiagnosticCode.nearest(to: "because") == nil)
    }

    @Test(arguments: Demonstration.allCases)
    func `a demonstration is what happens`(demonstration: Demonstration) throws {
        let story = try demonstration.story()
        let (simulator, isComplete) = story.run()
        #expect(isComplete)
        #expect(story.failures(in: simulator).map(\.message) == [])
    }
}
