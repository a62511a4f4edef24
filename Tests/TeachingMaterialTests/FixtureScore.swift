import Foundation
import TCPStateMachine
import TestSupport

@testable import TeachingMaterial

/// What is found in a folder of documents whose wrong places are known.
struct FixtureScore {
    struct Spot: Hashable, Comparable, CustomStringConvertible {
        var file: String
        var line: Int

        var description: String { "\(file):\(line)" }

        static func < (one: Spot, other: Spot) -> Bool { (one.file, one.line) < (other.file, other.line) }
    }

    /// Documents of sentences, and of everything that has a form of its own.
    enum Kind: String, CaseIterable { case prose, structured }

    private(set) var found: [Kind: Set<Spot>] = [:]
    private(set) var missed: [Kind: Set<Spot>] = [:]
    private(set) var falseAlarms: [Kind: [Spot: String]] = [:]

    /// Reads `expected.tsv` (file and line first) and verifies every document beside it.
    init(folder: String) throws {
        let folder = Places.package.appendingPathComponent("Tests/TeachingMaterialTests/Fixtures/\(folder)")
        let table = try String(contentsOf: folder.appendingPathComponent("expected.tsv"), encoding: .utf8)
        var wanted: [String: Set<Int>] = [:]
        for row in table.split(separator: "\n").dropFirst().map({ $0.split(separator: "\t") }) where row.count > 2 {
            wanted[String(row[0]), default: []].insert(Int(row[1]) ?? 0)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            guard !name.hasSuffix(".tsv") || wanted[name] != nil, name != "README.md",
                let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
            else { continue }
            take(name, wanted[name, default: []], Verifier().verify(Document(name: name, bytes: Array(data))))
        }
    }

    private mutating func take(_ name: String, _ wanted: Set<Int>, _ result: Verifier.Verification) {
        let kind = FixtureScore.kind(of: name)
        let lines = Set(result.diagnostics.map(\.place.line))
        for line in wanted {
            if lines.contains(line) {
                found[kind, default: []].insert(Spot(file: name, line: line))
            } else {
                missed[kind, default: []].insert(Spot(file: name, line: line))
            }
        }
        for one in result.diagnostics where one.severity > .note && !wanted.contains(one.place.line) {
            falseAlarms[kind, default: [:]][Spot(file: name, line: one.place.line)] = "\(one.code.name): \(one.message)"
        }
    }

    /// By the name: documents of prose are named by their language or as steps.
    private static func kind(of name: String) -> Kind {
        let prose = [
            "en-", "de-", "es-", "fr-", "zh-", "ja-", "ko-", "pt-", "ru-", "ar-", "steps", "pasos", "schritte",
        ]
        return prose.contains { name.hasPrefix($0) } ? .prose : .structured
    }

    func recall(_ kind: Kind) -> Double {
        let count = found[kind, default: []].count
        return Double(count) / Double(max(1, count + missed[kind, default: []].count))
    }

    func precision(_ kind: Kind) -> Double {
        let count = found[kind, default: []].count
        return Double(count) / Double(max(1, count + falseAlarms[kind, default: [:]].count))
    }

    /// For reading: POSTEL_SHOW_SCORE=1 prints it.
    func show(_ title: String) {
        guard ProcessInfo.processInfo.environment["POSTEL_SHOW_SCORE"] != nil else { return }
        for kind in Kind.allCases {
            print("\(title) \(kind.rawValue): recall \(recall(kind)) precision \(precision(kind))")
            for (spot, text) in falseAlarms[kind, default: [:]].sorted(by: { $0.key < $1.key }) {
                print("FALSE \(spot) \(text)")
            }
            for spot in missed[kind, default: []].sorted() { print("MISSED \(spot)") }
        }
    }
}
