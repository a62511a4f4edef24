import Foundation
import TCPStateMachine
import Testing

/// Eleven states and more times every event, for each profile: what comes of it stands in Golden/matrix-PROFILE.txt.
@Suite struct GoldenMatrixTests {
    @Test(arguments: Profile.Name.allCases)
    func matrix(_ name: Profile.Name) throws {
        let profile = Profile(name)
        var lines = [
            "# What becomes of every event in every state, profile \(name). Do not edit, rerun with",
            "# RECORD=1 swift test --filter GoldenMatrixTests",
            "# ISS is 1000, the peer's 5000. STATE | event | next state | outcome",
        ]
        for setup in Bench.Setup.allCases {
            guard let connection = Bench.connection(setup, profile) else { continue }
            lines.append("")
            for entry in CatalogEntry.all {
                var c = connection
                let outcome = c.handle(entry.make(c))
                #expect(walkError(from: connection, to: c, outcome) == nil, "\(setup.rawValue), \(entry.name)")
                let next = c.state == connection.state ? "=" : c.state.name
                lines.append("\(setup.rawValue) | \(entry.name) | \(next) | \(outcome.text)")
            }
        }
        try Golden.compare(lines, file: "matrix-\(name).txt")
    }
}

/// Golden files: compared line by line, or written anew if RECORD=1.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func compare(_ lines: [String], file: String) throws {
        let url = folder.appending(path: file)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try (lines.joined(separator: "\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
            return
        }
        let recorded = try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        ).dropLast()
        #expect(recorded.count == lines.count, "\(file): number of lines")
        for (number, (old, new)) in zip(recorded, lines).enumerated() where old != new {
            Issue.record("\(file):\(number + 1)\n  recorded: \(old)\n  now:      \(new)")
        }
    }
}
