import Foundation
import TestSupport
import Testing

/// The sixteen stories of Docs/compared.md: what Postel must say of them, and that the page says what the tools say.
@Suite struct ComparedTests {
    /// Both ends' states as they must come out; `?` follows what is presumed, `/` separates what is possible.
    static let stories: [(name: String, initiator: [String], responder: [String])] = [
        ("open-and-close", ["CL SS ES F1 F2 TW"], ["LI SR ES CW LA CL?"]),
        ("refused", ["CL SS CL?"], ["... CL"]),
        ("syn-unanswered", ["CL SS"], ["CL/LI/SR"]),
        ("mid-stream", ["... ES"], ["... ES"]),
        ("open-simultaneous", ["CL SS SR ES F1 F2 TW"], ["CL SS SR ES CW LA CL?"]),
        ("close-simultaneous", ["CL SS ES F1 CG TW?"], ["LI SR ES F1 CG TW?"]),
        ("half-close", ["CL SS ES F1 F2?"], ["LI SR ES CW"]),
        ("time-wait-reuse", ["CL SS ES F1 F2 TW CL", "CL SS ES"], ["LI SR ES CW LA CL?", "LI SR ES?"]),
        ("rst-outside-window", ["CL SS ES"], ["LI SR ES"]),
        ("rst-at-rcv-nxt", ["CL SS ES CL"], ["LI SR ES CL?"]),
        ("rst-alone", ["unknown"], ["unknown"]),
        ("syn-ack-first", ["CL SS? ES?"], ["... SR ES"]),
        ("syn-and-syn-ack-swapped", ["CL SS? ES?"], ["LI SR ES"]),
        ("last-ack-missing", ["CL SS ES F1 F2?"], ["LI SR ES CW LA"]),
        ("segment-not-captured", ["CL SS ES F1 F2 TW"], ["LI SR ES CW LA CL?"]),
        ("fin-before-data", ["CL SS ES F1 F2 TW"], ["LI SR ES CW LA CL?"]),
    ]

    @Test(arguments: stories.indices)
    func postelSaysWhatAnEndpointLevelAnswerIs(index: Int) throws {
        let story = Self.stories[index]
        let answer = try PostelAnswer(path: Self.path(story.name))
        #expect(answer.initiator == story.initiator, "\(story.name)")
        #expect(answer.responder == story.responder, "\(story.name)")
    }

    /// Each cell of the page is what the tool says today; RECORD=1 writes the page anew.
    @Test func thePageIsTrue() throws {
        let page = Places.package.appendingPathComponent("Docs/compared.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- stories -->\n")
        try #require(parts.count == 3, "the table stands between two marks")
        let known = parts[1].split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        var table = "| story | tshark | tcptrace | argus | Zeek (by Postel) | Postel: initiator; responder |\n"
        table += "|---|---|---|---|---|---|\n"
        for story in Self.stories {
            let path = Self.path(story.name)
            let old = known.first { $0.first == "`\(story.name)`" }
            let cells = [
                "`\(story.name)`", try Self.wireshark(path), try Self.tcptrace(path) ?? old?[2] ?? "",
                try Self.argus(path) ?? old?[3] ?? "", try Self.zeek(path), try PostelAnswer(path: path).cell,
            ]
            table += "| " + cells.joined(separator: " | ") + " |\n"
        }
        if Golden.isRecording {
            try (parts[0] + "<!-- stories -->\n" + table + "<!-- stories -->\n" + parts[2])
                .write(to: page, atomically: true, encoding: .utf8)
        } else {
            #expect(parts[1] == table, "run with RECORD=1, then read the diff")
        }
    }

    /// Nobody changed the captures by hand.
    @Test func theCapturesAreWhatTheScriptWrites() throws {
        let script = Places.traces.appendingPathComponent("make-compared.py").path
        let result = try run("/usr/bin/env", ["python3", script, "--check"])
        #expect(result.status == 0, "\(result.error)")
    }

    private static func path(_ story: String) -> String { Places.trace("compared", story + ".pcap") }

    /// Completeness of each stream, and the analysis flags with their counts.
    private static func wireshark(_ path: String) throws -> String {
        var streams: [UInt32: UInt8] = [:]
        var flags: [String: Int] = [:]
        for frame in try Tshark.dissect(path) {
            streams[frame.stream] = frame.completeness
            for flag in frame.analysis { flags[flag, default: 0] += 1 }
        }
        let numbers = streams.sorted { $0.key < $1.key }.map { String($0.value) }.joined(separator: ", then ")
        let counts = flags.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return ([numbers] + counts).joined(separator: "; ")
    }

    /// What stands in parentheses behind each connection; nil where it is not installed.
    private static func tcptrace(_ path: String) throws -> String? {
        guard try isThere("tcptrace") else { return nil }
        let output = try shell("tcptrace -b -n '\(path)' 2>/dev/null").output
        let verdicts = output.split(separator: "\n").filter { $0.contains("2b)") || $0.contains("2d)") }.map { line in
            let words = line.matches(of: /\(([a-z]+)\)/).map { String($0.output.1) }
            return words.isEmpty ? "(blank)" : words.joined(separator: ", ")
        }
        return verdicts.joined(separator: "; then ")
    }

    /// The state of each record, and the letters of `ra -z`; nil where it is not installed.
    private static func argus(_ path: String) throws -> String? {
        guard try isThere("argus"), try isThere("ra") else { return nil }
        func fields(_ option: String) throws -> [String] {
            let line = "argus -r '\(path)' -w - 2>/dev/null | ra -r - -n \(option) -L -1 -s state - tcp 2>/dev/null"
            return try shell(line).output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty }
        }
        return zip(try fields(""), try fields("-z")).map { "\($0) \($1)" }.joined(separator: "; then ")
    }

    /// `conn_state` and `history` of each line of the conn.log that Postel writes.
    private static func zeek(_ path: String) throws -> String {
        let lines = try run(Places.program, ["replay", "--format", "zeek", path]).output.split(separator: "\n")
        let names = lines.first { $0.hasPrefix("#fields") }?.split(separator: "\t").dropFirst().map(String.init) ?? []
        let state = try #require(names.firstIndex(of: "conn_state"))
        let history = try #require(names.firstIndex(of: "history"))
        return lines.filter { !$0.hasPrefix("#") }.map { line in
            let values = line.split(separator: "\t", omittingEmptySubsequences: false)
            return "\(values[state]) \(values[history])"
        }.joined(separator: "; then ")
    }

    private static func isThere(_ program: String) throws -> Bool {
        try shell("PATH=$PATH:/usr/sbin command -v \(program)").status == 0
    }
}

/// What Postel says of the ends of each flow, in the short names of Traces/README.md.
private struct PostelAnswer {
    private(set) var initiator: [String] = []
    private(set) var responder: [String] = []

    private static let codes = [
        "CLOSED": "CL", "LISTEN": "LI", "SYN-SENT": "SS", "SYN-RECEIVED": "SR", "ESTABLISHED": "ES", "FIN-WAIT-1": "F1",
        "FIN-WAIT-2": "F2", "CLOSING": "CG", "TIME-WAIT": "TW", "CLOSE-WAIT": "CW", "LAST-ACK": "LA",
    ]

    var cell: String { zip(initiator, responder).map { "\($0); \($1)" }.joined(separator: ", then ") }

    init(path: String) throws {
        let arguments = ["replay", "--vantage", "middle", "--format", "ndjson", "--show", "flows,transitions", path]
        let records = try run(Places.program, arguments).output.split(separator: "\n").map { try JSONValue(text: $0) }
        for flow in records where flow["record"]?.string == "flow" {
            initiator.append(Self.states("initiator", flow, records))
            responder.append(Self.states("responder", flow, records))
        }
    }

    private static func states(_ end: String, _ flow: JSONValue, _ records: [JSONValue]) -> String {
        let steps = records.filter {
            $0["record"]?.string == "transition" && $0["flow"] == flow["flow"] && $0["endpoint"]?.string == end
        }
        var words = steps.first.map { [code($0["from"])] } ?? []
        for step in steps { words.append(code(step["to"]) + (step["certainty"]?.string == "presumed" ? "?" : "")) }
        guard words.isEmpty, case .array(let possible)? = flow[end]?["possible"]
        else { return words.joined(separator: " ") }
        return possible.count == codes.count ? "unknown" : possible.map { code($0) }.joined(separator: "/")
    }

    private static func code(_ state: JSONValue?) -> String {
        state?.string.flatMap { codes[$0] } ?? "..."
    }
}
