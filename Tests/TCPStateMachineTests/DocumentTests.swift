import Foundation
import TCPStateMachine
import TestSupport
import Testing

/// Docs/state-machine.md must list the switches as they are.
@Suite struct DocumentTests {
    @Test func everySwitchIsListedAsItIs() throws {
        let page = try String(contentsOf: Places.package.appending(path: "Docs/state-machine.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        for which in Profile.Switch.allCases {
            let row = rows.first { $0.count > 6 && $0[1].contains("`\(which)`") }
            let fields = try #require(row, "\(which) is not listed").map { $0.trimmingCharacters(in: .whitespaces) }
            let marks = Profile.standard.map { $0[which] ? "on" : "" }
            #expect(Array(fields[3...5]) == marks, "\(which)")
            #expect(fields[6] == which.source, "\(which)")
        }
    }
}
