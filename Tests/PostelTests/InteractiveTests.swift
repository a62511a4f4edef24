import Foundation
import TestSupport
import Testing

/// `postel simulate --interactive` where standard input is no terminal: sessions as their transcripts.
@Suite struct InteractiveTests {
    private func play(_ lines: [String], _ arguments: [String] = []) throws -> ProgramResult {
        let input = lines.map { $0 + "\n" }.joined()
        return try run(Places.program, ["simulate", "--interactive"] + arguments, input: Array(input.utf8))
    }

    private static let sessions: [(name: String, lines: [String])] = [
        (
            "closing",
            [
                "B listen", "A open", "why", "deliver", "why", "deliver", "deliver", "states", "A close", "close B",
                "deliver 2", "why", "states", "deliver all", "deliver all", "states", "wait 240 s", "why", "story",
            ]
        ),
        (
            "simultaneous-open",
            ["open A", "open B", "deliver 2", "why", "deliver 1", "deliver all", "why", "states", "ladder"]
        ),
        (
            "lost-syn",
            [
                "# a SYN is lost, and sent again by its timer", "profile linux", "A iss 1000", "B listen", "A open",
                "drop 1", "why", "wait", "why", "undo", "redo", "deliver", "deliver", "A send 5000", "A status",
                "B abort", "deliver", "deliver", "deliver all", "A close", "undo all",
            ]
        ),
        (
            "forged-reset",
            [
                "A with challengeACKs", "B listen", "A open", "release", "wait 1 s",
                "inject from B <SEQ=A.RCV.NXT+10><CTL=RST>", "wait 50 ms", "why", "wait 1 s",
                "inject from B <SEQ=A.RCV.NXT><CTL=RST>", "wait", "why", "A send 1", "why",
            ]
        ),
    ]

    @Test(arguments: sessions)
    func `a session reads as a transcript`(_ session: (name: String, lines: [String])) throws {
        let result = try play(session.lines)
        #expect(result.status == 0 && result.error == "")
        if let difference = Golden.difference(result.output, "session-\(session.name).txt") {
            Issue.record("\(difference)")
        }
    }

    @Test func `a mistake is said with its line, the session goes on, and the status is 2`() throws {
        let result = try play(["A open", "", "B fly", "deliver 7", "A iss 5", "save", "deliver", "A send 99999999999"])
        #expect(result.status == 2)
        let mistakes = result.error.split(separator: "\n").map(String.init)
        #expect(mistakes.count == 5)
        #expect(mistakes[0].hasPrefix("postel: standard input:3:3: found 'fly', expected a call (open, listen"))
        #expect(mistakes[1] == "postel: standard input:4: no segment 7 is under way: there are 1 to 1")
        #expect(mistakes[2].hasPrefix("postel: standard input:5:3: settings come before the first step"))
        #expect(
            mistakes[3].hasPrefix("postel: standard input:6:5: found the end of the line, expected the name of a file"))
        #expect(mistakes[4].hasPrefix("postel: standard input:8:8: found '99999999999', expected a number of octets"))
        #expect(result.output.contains("1  B to A  <SEQ=0><ACK=101><CTL=RST,ACK>  held"))
    }

    @Test func `what is saved tells the same ladder`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("saved.scenario")
        let played = try play([
            "B listen", "A open", "deliver all", "wait 1.5 s", "deliver", "duplicate 1", "A close", "delay 1 by 3 s",
            "deliver", "wait 2 s", "deliver all", "save \(path)", "ladder",
        ])
        #expect(played.status == 0 && played.error == "")
        let told = try run(Places.program, ["simulate", "--times", path])
        #expect(told.status == 0)
        #expect(!told.output.isEmpty && played.output.hasSuffix("> ladder\n" + told.output))
    }

    @Test func `it begins with a scenario, whose file is not overwritten`() throws {
        let folder = try TemporaryFolder()
        let text = "latency 10 ms\nat 0 B listen\nat 0 A open active\nat 1 A close\nexpect A FIN-WAIT-1 at 1\n"
        let path = try folder.write(Array(text.utf8), to: "story.scenario")
        let capture = folder.path("session.pcapng")
        let result = try play(
            ["wait 0.5", "B abort", "wait 1 s", "save \(path)", "save \(folder.path("other"))"],
            ["--write", capture, path])
        #expect(result.status == 2)
        #expect(
            result.error
                == "postel: standard input:4: \(path) would be overwritten: it is where this session began\n")
        #expect(result.output.contains("without 1 expectations that it does not meet"))
        #expect(try run(Places.program, ["simulate", folder.path("other")]).status == 0)
        #expect(try run(Places.program, ["replay", capture]).output.contains("CLOSED"))
    }

    @Test func `what does not go together is wrong usage`() throws {
        for arguments in [["--format", "svg"], ["-"], ["--output", "x"], ["a.scenario", "b.scenario"]] {
            #expect(try play([], arguments).status == 64, "\(arguments)")
        }
        #expect(try run(Places.program, ["simulate"]).status == 64)
        #expect(try play(["A open", "quit", "A close"]).status == 0)
    }

    @Test func `lines that are no text are said, and no more`() throws {
        let endless = [UInt8](repeating: 0x41, count: 200_000)
        let input = Array("A open\n".utf8) + [0xFF, 0xFE, 0x0A] + endless + Array("\ndeliver\n".utf8)
        let result = try run(Places.program, ["simulate", "--interactive"], input: input)
        #expect(result.status == 2)
        #expect(result.error.contains("standard input:2: this is no line of text"))
        #expect(result.error.contains("standard input:3: this is no line of text"))
        #expect(result.output.contains("<SEQ=0><ACK=101><CTL=RST,ACK>"))
    }
}
