import Foundation
import TestSupport
import Testing

@testable import TeachingMaterial

/// The sentences and diagrams that were written before the rules: what is found of what is wrong, and what is found
/// where nothing is.
@Suite struct OwnFixtureTests {
    static let folder = Places.package.appendingPathComponent("Tests/TeachingMaterialTests/Fixtures/own")

    struct Spot: Hashable {
        var file: String
        var line: Int
    }

    static func rows(_ name: String) throws -> [[String]] {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { $0.components(separatedBy: "\t") }
    }

    /// What was found and what was not, and the documents it took.
    struct Score {
        var found: Set<Spot> = []
        var missed: Set<Spot> = []
        var falseAlarms: [(Spot, Diagnostic)] = []
    }

    static func score() throws -> Score {
        var wanted: [String: [Int: String]] = [:]
        for row in try rows("expected.tsv") where row.count > 2 {
            wanted[row[0], default: [:]][Int(row[1]) ?? 0] = row[2]
        }
        var score = Score()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for name in names where !name.hasSuffix(".tsv") || wanted[name] != nil {
            guard name != "README.md",
                let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
            else { continue }
            let result = Verifier().verify(Document(name: name, bytes: Array(data)))
            let lines = Set(result.diagnostics.map(\.place.line))
            for line in wanted[name, default: [:]].keys {
                if lines.contains(line) {
                    score.found.insert(Spot(file: name, line: line))
                } else {
                    score.missed.insert(Spot(file: name, line: line))
                }
            }
            for diagnostic in result.diagnostics where diagnostic.severity > .note {
                guard wanted[name]?[diagnostic.place.line] == nil else { continue }
                score.falseAlarms.append((Spot(file: name, line: diagnostic.place.line), diagnostic))
            }
        }
        return score
    }

    @Test func `precision and recall on what was written before the rules`() throws {
        let score = try OwnFixtureTests.score()
        let found = Double(score.found.count)
        let recall = found / Double(score.found.count + score.missed.count)
        let precision = found / (found + Double(Set(score.falseAlarms.map(\.0)).count))
        if ProcessInfo.processInfo.environment["POSTEL_SHOW_SCORE"] != nil {
            print("recall \(recall) precision \(precision)")
            for (spot, diagnostic) in score.falseAlarms {
                print("FALSE \(spot.file):\(spot.line) \(diagnostic.code.name): \(diagnostic.message)")
            }
            for spot in score.missed.sorted(by: { ($0.file, $0.line) < ($1.file, $1.line) }) {
                print("MISSED \(spot.file):\(spot.line)")
            }
        }
        #expect(
            precision >= 0.5, "false alarms: \(score.falseAlarms.map { "\($0.0.file):\($0.0.line) \($0.1.code.name)" })"
        )
        #expect(recall >= 0.2)
    }
}
