import Foundation
import Reports
import Simulation
import TCPStateMachine
import TestSupport
import Testing

/// The figures of RFC 793 as it prints them, against the ladders of the scenarios that are named after them.
@Suite struct RFCFigureTests {
    /// One line of a figure or of a ladder.
    struct Line: Equatable {
        var left = ""
        var leftMark = ""
        /// Sorted, so that `<CTL=ACK><DATA>` and `<DATA=10><CTL=ACK>` are the same.
        var fields: [String] = []
        var rightMark = ""
        var right = ""
    }

    /// The lines of a text that show a segment or a state; comments alone claim nothing.
    static func lines(of text: String) -> [Line] {
        text.split(separator: "\n").compactMap { line -> Line? in
            var line = String(line)
            if let number = line.firstMatch(of: /^\s*\d+\.\s/) {
                line.replaceSubrange(number.range, with: String(repeating: " ", count: number.0.count))
            }
            guard let segment = line.firstMatch(of: /<SEQ=\S*>/) else { return stateLine(line) }
            let before = line[..<segment.range.lowerBound].split(separator: " ").map(String.init)
            let behind = line[segment.range.upperBound...].split(separator: " ").map(String.init)
            return Line(
                left: before.dropLast().joined(separator: " "), leftMark: before.last ?? "",
                fields: segment.0.split(separator: "<").map { String($0.dropLast()) }.sorted(),
                rightMark: behind.first ?? "", right: behind.dropFirst().joined(separator: " "))
        }
    }

    private static func stateLine(_ line: String) -> Line? {
        var found = Line()
        for word in line.split(separator: " ") where State(name: word) != nil {
            let column = line.distance(from: line.startIndex, to: word.startIndex)
            if column < 30 { found.left = String(word) } else { found.right = String(word) }
        }
        return found == Line() ? nil : found
    }

    /// The figure's text: from "TCP A" to its caption.
    private func figure(_ number: Int) throws -> String? {
        guard let file = try Demands.shared("rfc/rfc793.txt") else { return nil }
        let text = try String(contentsOf: file, encoding: .utf8)
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false)
        let caption = try #require(rows.firstIndex { $0.drop(while: \.isWhitespace) == "Figure \(number)." })
        let begin = try #require(rows[..<caption].lastIndex { $0.contains("TCP A") })
        return rows[(begin + 1)..<caption].joined(separator: "\n")
    }

    /// What a scenario's ladder reads.
    static func ladder(_ name: String) throws -> String {
        let file = Places.package.appendingPathComponent("Traces/scenarios/\(name).scenario")
        let scenario = try Scenario(parsing: String(contentsOf: file, encoding: .utf8))
        let ladder = Ladder(of: scenario.run().simulator.history, from: scenario.ladderBegin)
        return LadderText(remarks: scenario.remarks).render(ladder)
    }

    /// The only places where a ladder says something else than the figure: line, what the figure prints, what is true.
    private let errata: [Int: (line: Int, printed: [String], true: [String])] = [
        8: (6, ["ACK=301", "CTL=ACK", "SEQ=101"], ["ACK=301", "CTL=SYN,ACK", "SEQ=100"])
    ]

    /// Figure 9 line 7: RFC 793 prints the state before the SYN,ACK has arrived, RFC 9293 the one after it.
    private func correctedLeft(_ printed: String, figure number: Int, line index: Int) -> String {
        number == 9 && index == 6 && printed == "SYN-SENT" ? "ESTABLISHED" : printed
    }

    @Test(arguments: 7...14)
    func `the ladder reads as the figure`(number: Int) throws {
        guard let text = try figure(number) else { return }
        let printed = RFCFigureTests.lines(of: text)
        let ours = RFCFigureTests.lines(of: try RFCFigureTests.ladder("rfc793-figure-\(number)"))
        try #require(printed.count >= 2)
        #expect(printed.count == ours.count, "figure \(number): \(printed.count) lines, ours has \(ours.count)")
        for (index, (expected, line)) in zip(printed, ours).enumerated() {
            let place = "figure \(number), line \(index + 1)"
            var fields = bind(expected.fields)
            if let erratum = errata[number], erratum.line == index {
                #expect(fields == erratum.printed, "\(place): the erratum is gone")
                fields = erratum.true
            }
            #expect(matches(fields, line.fields), "\(place): \(fields), ours \(line.fields)")
            let left = correctedLeft(expected.left, figure: number, line: index)
            if State(name: left) != nil { #expect(line.left == left, "\(place)") }
            if State(name: expected.right) != nil { #expect(line.right == expected.right, "\(place)") }
            if !expected.leftMark.isEmpty { #expect(line.leftMark == expected.leftMark, "\(place)") }
            // Where the figure says nothing of the receiver, it leaves open whether the segment has arrived.
            let isOpen = expected.right.isEmpty && line.rightMark == "..."
            if !expected.rightMark.isEmpty, !isOpen { #expect(line.rightMark == expected.rightMark, "\(place)") }
        }
    }

    /// Figure 12 has letters in place of numbers.
    private func bind(_ fields: [String]) -> [String] {
        fields.map { $0.replacing("Z+1", with: "91").replacing("=Z", with: "=90").replacing("=X", with: "=300") }
    }

    /// The same fields; a length that the figure leaves out may be any.
    private func matches(_ expected: [String], _ actual: [String]) -> Bool {
        let lengths = actual.map { expected.contains("DATA") && $0.hasPrefix("DATA=") ? "DATA" : $0 }
        return expected.sorted() == lengths.sorted()
    }
}
