import Testing

@testable import TeachingMaterial

/// Comments that switch codes off, in the comments of each format.
@Suite struct SwitchTests {
    /// A document with two mistakes, between which a comment stands.
    struct Sample: CustomTestStringConvertible, Sendable {
        let name: String
        let first: String
        let second: String
        let comment: @Sendable (String) -> String

        var testDescription: String { name }

        func document(_ command: String) -> String { "\(first)\n\(comment(command))\n\(second)\n" }
    }

    private static let arrow = "LAST-ACK -> TIME-WAIT: rcv ACK of FIN"
    private static let head = "stateDiagram-v2\nCLOSE_WAIT --> LAST_ACK : CLOSE\n"
    private static let edge = "LAST_ACK --> TIME_WAIT"
    private static let other = "LAST_ACK --> TIME_WAIT : ACK"

    static let samples: [Sample] = [
        Sample(name: "x.md", first: arrow, second: arrow) { "<!-- \($0) -->" },
        Sample(name: "x.html", first: arrow, second: arrow) { "<!-- \($0) -->" },
        Sample(name: "multi.html", first: arrow, second: arrow) { "<!--\n  \($0)\n-->" },
        Sample(name: "x.rst", first: arrow, second: arrow) { "\n.. \($0)\n" },
        Sample(name: "x.adoc", first: arrow, second: arrow) { "// \($0)" },
        Sample(name: "x.7", first: arrow, second: arrow) { ".\\\" \($0)" },
        Sample(name: "x.txt", first: arrow, second: arrow) { "# \($0)" },
        Sample(name: "link.md", first: arrow, second: arrow) { "[//]: # (\($0))" },
        Sample(name: "x.mmd", first: head + edge, second: other) { "%% \($0)" },
        Sample(name: "x.puml", first: "@startuml\n[*] --> CLOSE_WAIT\n" + edge, second: other) { "' \($0)" },
        Sample(name: "x.dot", first: "digraph {\nLAST_ACK -> TIME_WAIT;", second: "LAST_ACK -> TIME_WAIT;\n}") {
            "// \($0)"
        },
        Sample(name: "hash.dot", first: "digraph {\nLAST_ACK -> TIME_WAIT;", second: "LAST_ACK -> TIME_WAIT;\n}") {
            "# \($0)"
        },
        Sample(name: "x.c", first: "t = {{LAST_ACK, rcv_ACK, TIME_WAIT},", second: "{LAST_ACK, rcv_ACK, TIME_WAIT}};") {
            "/* \($0) */"
        },
        Sample(
            name: "lines.c", first: "t = {{LAST_ACK, rcv_ACK, TIME_WAIT},", second: "{LAST_ACK, rcv_ACK, TIME_WAIT}};"
        ) { "/* of the first edition\n * \($0)\n */" },
        Sample(
            name: "x.py", first: "t = [('LAST_ACK', 'ACK', 'TIME_WAIT'),", second: "('LAST_ACK', 'ACK', 'TIME_WAIT')]"
        ) { "# \($0)" },
        Sample(
            name: "x.yaml", first: "- {from: LAST_ACK, event: ACK, to: TIME_WAIT}",
            second: "- {from: LAST_ACK, event: ACK, to: TIME_WAIT}"
        ) { "# \($0)" },
        Sample(
            name: "x.xml", first: "<fsm><t from=\"LAST_ACK\" event=\"ACK\" to=\"TIME_WAIT\"/>",
            second: "<t from=\"LAST_ACK\" event=\"ACK\" to=\"TIME_WAIT\"/></fsm>"
        ) { "<!-- \($0) -->" },
        Sample(
            name: "x.json", first: "[{\"from\": \"LAST_ACK\", \"event\": \"ACK\", \"to\": \"TIME_WAIT\"},",
            second: "{\"from\": \"LAST_ACK\", \"event\": \"ACK\", \"to\": \"TIME_WAIT\"}]"
        ) { "{\"//\": \"\($0)\"}," },
        Sample(name: "x.csv", first: "from,event,to\nLAST_ACK,ACK,TIME_WAIT", second: "LAST_ACK,ACK,TIME_WAIT") {
            "# \($0)"
        },
        Sample(
            name: "x.tex",
            first:
                "\\begin{tikzpicture}\n\\node (L) {LAST-ACK}; \\node (T) {TIME-WAIT};\n\\path (L) edge node {ACK} (T);",
            second: "\\path (L) edge node {ACK} (T);\n\\end{tikzpicture}"
        ) { "% \($0)" },
    ]

    @Test(arguments: samples) func `a code is switched off for a line and for a block`(sample: Sample) {
        let code = "last-ack-to-time-wait"
        let open = findings(in: sample.document("nothing"), name: sample.name)
        #expect(open.count == 2 && open.allSatisfy { $0.hasSuffix(code) }, "\(open)")
        let last = open.last.map { [$0] } ?? []
        let first = open.first.map { [$0] } ?? []
        // reStructuredText ends a comment with a blank line.
        let next = sample.name.hasSuffix(".rst") || sample.name.hasPrefix("multi") || sample.name.hasPrefix("lines")
        for codes in ["", " \(code)", " M60", " wrong-wait \(code)", ", \(code)", " \(code) -- as in the old figure"] {
            #expect(
                findings(in: sample.document("postel-disable\(codes)"), name: sample.name) == first, "disable\(codes)")
            if next { continue }
            #expect(
                findings(in: sample.document("postel-disable-next-line\(codes)"), name: sample.name) == first,
                "disable-next-line\(codes)")
        }
        for command in [
            "postel-disable M43", "postel-disable-next-line wrong-wait", "postel-enable", "postel-disables",
        ] { #expect(findings(in: sample.document(command), name: sample.name) == first + last, "\(command)") }
        let unknown = findings(in: sample.document("postel-disable last-ack-to-tim-wait"), name: sample.name)
        #expect(unknown.count == 3 && unknown.contains { $0.hasSuffix(" warning unknown-switch") })
    }

    @Test func `a block ends where its codes are enabled again`() {
        let wrong = "LAST-ACK -> TIME-WAIT"
        func lines(_ text: [String]) -> [String] { findings(in: text.joined(separator: "\n")).map { $0 } }
        let hit = " error last-ack-to-time-wait"
        #expect(lines(["<!-- postel-disable -->", wrong, "<!-- postel-enable -->", wrong]) == ["4\(hit)"])
        // All are off, and one is on again.
        #expect(
            lines([
                "<!-- postel-disable -->", wrong, "<!-- postel-enable M60 -->", wrong, "CLOSE-WAIT -> CLOSED: CLOSE",
            ]) == ["4\(hit)"])
        // One is off, and all are on again.
        #expect(lines(["<!-- postel-disable M60 -->", wrong, "<!-- postel-enable -->", wrong]) == ["4\(hit)"])
        #expect(lines(["\(wrong) <!-- postel-disable-line -->", wrong]) == ["2\(hit)"])
    }

    @Test func `what speaks of switches is none`() {
        let wrong = "LAST-ACK -> TIME-WAIT"
        for text in ["Write `postel-disable` above it.", "The comment postel-disable CODE switches it off."] {
            #expect(findings(in: "\(text)\n\n\(wrong)") == ["3 error last-ack-to-time-wait"])
        }
    }

    @Test func `an unknown code switches nothing off, and the right one is named`() {
        let text = "<!-- postel-disable last-ack-to-tim-wait -->\nLAST-ACK -> TIME-WAIT"
        let found = Verifier().verify(Document(name: "x.md", text: text)).diagnostics
        #expect(found.map(\.code) == [.unknownSwitch, .lastAckToTimeWait])
        #expect(found.first?.place == Place(line: 1, column: 21))
        #expect(found.first?.correction == "last-ack-to-time-wait may be meant")
    }
}
