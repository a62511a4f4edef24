import Foundation
import TestSupport
import Testing

@testable import TeachingMaterial

/// Every wrong claim of the catalogue in words of our own: the rules are over meanings, not over the catalogue's
/// wordings.
@Suite struct ClaimTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var claim: String
        var ending: String
        var text: String

        var testDescription: String { claim }
    }

    static let rows: [Row] = {
        let file = Places.package.appendingPathComponent("Tests/TeachingMaterialTests/Fixtures/claims.tsv")
        let table = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let cells = line.split(separator: "\t").map(String.init)
            guard cells.count == 3 else { return nil }
            return Row(
                claim: cells[0], ending: cells[1], text: cells[2].replacingOccurrences(of: "\\n", with: "\n") + "\n")
        }
    }()

    /// M09 is an alias that is read as the state it means; M83 is about what the RFCs themselves disagree on.
    static let withoutRule: Set<String> = ["M09", "M83"]

    @Test func `every claim of the catalogue has a row`() {
        let all = Set((1...94).map { "M" + ($0 < 10 ? "0" : "") + "\($0)" })
        #expect(Set(Self.rows.map(\.claim)) == all.subtracting(Self.withoutRule))
    }

    @Test(arguments: rows)
    func `a claim is found in other words`(row: Row) {
        let document = Document(name: "notes.\(row.ending)", text: row.text)
        let claims = Verifier().verify(document).diagnostics.map(\.code.claim)
        #expect(claims.contains(row.claim), "found \(claims) in \(row.text)")
    }
}
