import TCPStateMachine
import TestSupport
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
        #expect(Golden.difference(lines.joined(separator: "\n") + "\n", "matrix-\(name).txt") == nil)
    }
}
