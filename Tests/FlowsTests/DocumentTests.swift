import Foundation
import TestSupport
import Testing

/// Docs/inference.md names a test for each case that cannot be decided, and each such test has its line there.
@Suite struct DocumentTests {
    @Test func everyUndecidableCaseIsListed() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let page = try String(contentsOf: Places.package.appending(path: "Docs/inference.md"), encoding: .utf8)
        let code = try String(contentsOf: tests.appending(path: "UndecidableTests.swift"), encoding: .utf8)
        let pattern = /case(\d\d)\w+/
        let listed = page.matches(of: pattern).map { String($0.output.0) }
        #expect(listed.filter { !code.contains("func \($0)()") }.isEmpty)
        #expect(Set(code.matches(of: pattern).map(\.output.1)) == Set(page.matches(of: pattern).map(\.output.1)))
        #expect(listed.count == 14)
    }
}
