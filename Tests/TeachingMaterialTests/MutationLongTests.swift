import Foundation
import Simulation
import TestSupport
import Testing

@testable import TeachingMaterial

/// Documents that nobody would write: the fixtures and the seeds, damaged, cut, doubled and stitched together. Whatever
/// stands in one, the verifier comes to an end, and what it says has a place in it.
@Suite(.enabled(if: Long.isWanted)) struct MutationLongTests {
    private static let mutations = 150

    @Test(arguments: Seeds.all) func `a damaged document is read to its end`(seed: UInt64) throws {
        var mutator = Mutator(documents: try Mutator.corpus(), seed: seed)
        for number in 0..<MutationLongTests.mutations {
            let (name, bytes) = mutator.next()
            let document = Document(name: name, bytes: bytes)
            let result = Verifier().verify(document)
            let lines = document.lines
            func isInside(_ place: Place) -> Bool {
                guard lines.indices.contains(place.line - 1), place.column >= 1 else { return false }
                return place.column <= lines[place.line - 1].unicodeScalars.count + 1
            }
            let strays =
                result.diagnostics.filter { !isInside($0.place) }.map { "\($0.place) \($0.code.name)" }
                + result.unchecked.filter { !isInside($0.place) }.map { "\($0.place) \($0.text)" }
            #expect(strays == [], "POSTEL_SEED=\(seed), document \(number), \(name)")
            #expect(result.lines == lines.count)
            if !strays.isEmpty { return }
        }
    }

    /// What is said of a document does not depend on what was read before, nor on the ends of its lines.
    @Test(arguments: Seeds.all) func `the same is said again, and with other line ends`(seed: UInt64) throws {
        var mutator = Mutator(documents: try Mutator.corpus(), seed: seed)
        for number in 0..<30 {
            let (name, bytes) = mutator.next()
            let text = String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
            let first = Verifier().verify(Document(name: name, text: text)).diagnostics
            #expect(Verifier().verify(Document(name: name, text: text)).diagnostics == first)
            let other = text.replacing("\n", with: "\r\n")
            #expect(
                Verifier().verify(Document(name: name, text: other)).diagnostics == first,
                "POSTEL_SEED=\(seed), document \(number), \(name)")
        }
    }
}

/// Makes documents out of documents.
struct Mutator {
    private let documents: [(name: String, bytes: [UInt8])]
    private var dice: SeededGenerator

    init(documents: [(name: String, bytes: [UInt8])], seed: UInt64) {
        self.documents = documents
        dice = SeededGenerator(seed: seed)
    }

    /// The fixtures of this folder, and the seeds where they are.
    static func corpus() throws -> [(name: String, bytes: [UInt8])] {
        let fixtures = Places.package.appendingPathComponent("Tests/TeachingMaterialTests/Fixtures")
        var folders = ["own", "second"].map { fixtures.appendingPathComponent($0) }
        if let seeds = try Demands.shared("teaching/seeds") { folders.append(seeds) }
        return try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap { name in
                FileManager.default.contents(atPath: folder.appendingPathComponent(name).path).map {
                    (name, Array($0.prefix(6_000)))
                }
            }
        }
    }

    mutating func next() -> (name: String, bytes: [UInt8]) {
        let base = documents[number(documents.count)]
        var bytes = base.bytes
        for _ in 0..<(1 + number(4)) { mutate(&bytes) }
        // Any name may stand over any text.
        let name = number(4) == 0 ? documents[number(documents.count)].name : base.name
        return (name, Array(bytes.prefix(20_000)))
    }

    private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &dice) }

    /// What formats are made of.
    private static let words: [[UInt8]] = [
        "[", "]", "{", "}", "(", ")", "<", ">", "|", "`", "```", "~~~", "\"", "'", "\\", "/*", "*/", "<!--", "-->",
        "-->", "->", "→", "::", ":", "%%", "#", "- ", "> ", "\t", "\r", "\u{FEFF}", "\u{202E}", "é", "\u{301}", "👩‍👩‍👧",
        "\u{0}", "+---+", "<table>", "<pre>", "</pre>", "|===", "digraph {", "stateDiagram-v2\n", "@startuml\n", "*a",
        "&a ", "? ", "FIN_WAIT_1", "TIME-WAIT", "2MSL", "999999999999999999999", "<SEQ=4294967296><CTL=SYN>",
        "<CTL=FIN>", "at 1 A close", "postel-disable", "Note over A,B: ", "---",
    ].map { Array($0.utf8) }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = Mutator.words[number(Mutator.words.count)]
            return
        }
        let at = number(bytes.count)
        switch number(9) {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: number(256))
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 1 + number(40)))
        case 2: bytes.insert(contentsOf: Mutator.words[number(Mutator.words.count)], at: at)
        case 3: bytes.removeLast(bytes.count - at)
        case 4:
            let other = documents[number(documents.count)].bytes
            bytes.insert(contentsOf: other.dropFirst(number(other.count)).prefix(600), at: at)
        case 5:
            // A line, or a part of one, again and again.
            let piece = Array(bytes[at..<min(bytes.count, at + 1 + number(60))])
            bytes.insert(contentsOf: (0..<(1 + number(200))).flatMap { _ in piece }, at: at)
        case 6:
            let word = Mutator.words[number(Mutator.words.count)]
            bytes.insert(contentsOf: (0..<(1 + number(300))).flatMap { _ in word }, at: at)
        case 7:
            var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
            lines.swapAt(number(lines.count), number(lines.count))
            bytes = Array(lines.joined(separator: [10]))
        default:
            // Without its ends of lines, or with more of them.
            let end = number(2) == 0 ? UInt8(ascii: " ") : 10
            let old: UInt8 = end == 10 ? UInt8(ascii: " ") : 10
            for index in bytes.indices where bytes[index] == old && number(3) == 0 { bytes[index] = end }
        }
    }
}
