import Testing

@testable import TeachingMaterial

/// Documents that were written before it was seen what the rules make of them: what is found of what is wrong, and
/// what is found where nothing is. The bars lie a little below what is reached (Docs/verify.md).
@Suite struct OwnFixtureTests {
    struct Bar: Sendable, CustomTestStringConvertible {
        var folder: String
        var kind: FixtureScore.Kind
        var recall: Double
        var precision: Double

        var testDescription: String { "\(folder), \(kind.rawValue)" }
    }

    static let bars = [
        Bar(folder: "own", kind: .structured, recall: 0.91, precision: 0.99),
        Bar(folder: "own", kind: .prose, recall: 0.69, precision: 0.98),
        Bar(folder: "second", kind: .structured, recall: 0.98, precision: 0.99),
        Bar(folder: "second", kind: .prose, recall: 0.86, precision: 0.98),
    ]

    @Test(arguments: bars)
    func `precision and recall on what was written before`(bar: Bar) throws {
        let score = try FixtureScore(folder: bar.folder)
        score.show(bar.folder)
        let alarms = score.falseAlarms[bar.kind, default: [:]].map { "\($0.key) \($0.value)" }.sorted()
        #expect(score.precision(bar.kind) >= bar.precision, "false alarms: \(alarms)")
        #expect(score.recall(bar.kind) >= bar.recall)
    }
}
