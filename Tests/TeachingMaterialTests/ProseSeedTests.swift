import Foundation
import TCPStateMachine
import TestSupport
import Testing

@testable import TeachingMaterial

/// Five real documents: what is wrong in them is said at its line and with its severity, and nothing else is.
@Suite struct ProseSeedTests {
    private struct Mark: Hashable, CustomStringConvertible {
        var file: String
        var line: Int
        var claim: String
        var severity: String

        var description: String { "\(file):\(line) \(severity) \(claim)" }
    }

    private func rows(_ url: URL) throws -> [[String]] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func marks(in folder: URL) throws -> Set<Mark> {
        var marks: Set<Mark> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            for one in Verifier().verify(Document(name: name, bytes: bytes)).diagnostics {
                let claim = one.code.claim.isEmpty ? one.code.name : one.code.claim
                marks.insert(Mark(file: name, line: one.place.line, claim: claim, severity: one.severity.name))
            }
        }
        return marks
    }

    @Test func `every claim that is wrong is found`() throws {
        guard let folder = try Demands.shared("teaching/seeds"), let table = try Demands.shared("teaching/expected.tsv")
        else { return }
        let found = try marks(in: folder)
        for row in try rows(table) where row.count > 5 {
            let line = try #require(Int(row[2]))
            let mark = Mark(file: row[1], line: line, claim: row[4], severity: row[5])
            #expect(found.contains(mark), "\(mark) is not found")
        }
    }

    @Test func `nothing else is above a note`() throws {
        guard let folder = try Demands.shared("teaching/seeds"),
            let table = try Demands.shared("teaching/expected.tsv"),
            let silent = try Demands.shared("teaching/must_not_flag.tsv")
        else { return }
        let expected = Set(try rows(table).compactMap { row in Int(row[2]).map { "\(row[1]):\($0) \(row[4])" } })
        let right = Set(try rows(silent).compactMap { row in Int(row[2]).map { "\(row[1]):\($0)" } })
        for mark in try marks(in: folder) where !expected.contains("\(mark.file):\(mark.line) \(mark.claim)") {
            #expect(mark.severity == "note", "\(mark) is not expected")
            #expect(!right.contains("\(mark.file):\(mark.line)"), "\(mark) is on a line that is right")
        }
    }
}
