import Foundation
import TCPStateMachine
import TestSupport
import Testing

@testable import TeachingMaterial

/// The catalogue in Docs/verify.md against the verifier: each wrong example gets its code and nothing else, each right
/// one gets nothing.
@Suite struct CatalogueTests {
    struct Entry {
        var code: String
        /// What is said of the code, on one line.
        var text: String
        var wrong: (name: String, text: String)
        /// What its wrong example cannot but get, too.
        var companions: [String]
        var right: (name: String, text: String)
    }

    private static let suffixes = ["text": "md", "mermaid": "mmd", "dot": "dot", "c": "c"]

    static func entries() throws -> [Entry] {
        let url = Places.package.appendingPathComponent("Docs/verify.md")
        let document = try String(contentsOf: url, encoding: .utf8)
        let catalogue = try #require(document.components(separatedBy: "\n## The codes\n").dropFirst().first)
        let sections = (catalogue.components(separatedBy: "\n## ").first ?? "").components(separatedBy: "\n### `")
        return try sections.dropFirst().map { section in
            let parts = section.components(separatedBy: "\n```")
            let head = try #require(parts.first?.components(separatedBy: "`\n"))
            #expect(parts.count == 5 && head.count == 2, "\(section)")
            let texts = head[1].components(separatedBy: "\n\nWrong")
            let text = texts[0]
            let companions = texts.last?.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 } ?? []
            return Entry(
                code: head[0], text: text.split(whereSeparator: \.isWhitespace).joined(separator: " "),
                wrong: try example(parts[1]), companions: companions.map(\.element), right: try example(parts[3]))
        }
    }

    private static func example(_ block: String) throws -> (String, String) {
        let lines = block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let suffix = try #require(suffixes[String(lines[0])], "\(lines[0])")
        return ("example.\(suffix)", String(lines.last ?? ""))
    }

    @Test func `every code is in the catalogue, with what it says`() throws {
        let entries = try CatalogueTests.entries()
        #expect(entries.map(\.code) == DiagnosticCode.allCases.map(\.name))
        for entry in entries {
            let code = try #require(DiagnosticCode(name: entry.code))
            let claim = code.claim.isEmpty ? "" : " (\(code.claim))"
            #expect(
                entry.text == "**\(code.severity.name.capitalized)**\(claim): \(code.title). Right: \(code.fact). "
                    + "Source: \(code.source).")
        }
    }

    @Test func `each wrong example gets its code and no other, each right one nothing`() throws {
        for entry in try CatalogueTests.entries() {
            let wrong = Verifier().verify(Document(name: entry.wrong.name, text: entry.wrong.text)).diagnostics
            let codes = Set(wrong.map(\.code.name))
            #expect(codes == Set([entry.code] + entry.companions), "\(entry.code): \(codes)")
            let right = Verifier().verify(Document(name: entry.right.name, text: entry.right.text)).diagnostics
            #expect(right.map(\.code.name) == [], "\(entry.code), right: \(right.map(\.message))")
        }
    }
}
