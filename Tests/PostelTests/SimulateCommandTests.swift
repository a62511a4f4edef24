import Foundation
import TestSupport
import Testing

/// `postel simulate`, as its users meet it.
@Suite struct SimulateCommandTests {
    private func simulate(_ arguments: [String]) throws -> ProgramResult {
        try run(Places.program, ["simulate"] + arguments)
    }

    private func scenario(_ name: String) -> String {
        Places.traces.appendingPathComponent("scenarios/\(name).scenario").path
    }

    private func written(_ text: String, in folder: TemporaryFolder) throws -> String {
        try folder.write(Array(text.utf8), to: "story.scenario")
    }

    @Test func `a ladder is written, and nothing else`() throws {
        let result = try simulate([scenario("rfc793-figure-8")])
        #expect(result.status == 0 && result.error == "")
        #expect(result.output.contains("6.  ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED\n"))
    }

    @Test func `an expectation that is not met is said with its place, and the status is 1`() throws {
        let folder = try TemporaryFolder()
        let path = try written("at 0 A open active\nend at 1\n  expect A ESTABLISHED\n", in: folder)
        let result = try simulate([path])
        #expect(result.status == 1)
        #expect(result.error.contains("\(path):3:3: expected A in ESTABLISHED at the end; it was in CLOSED"))
    }

    @Test func `a mistake in a scenario is said with its place, and the status is 2`() throws {
        let folder = try TemporaryFolder()
        let path = try written("at 0 A open\n", in: folder)
        let result = try simulate([path])
        #expect(result.status == 2)
        #expect(result.error.contains("\(path):1:12: found the end of the line, expected active or passive"))
        #expect(try simulate([folder.path("none")]).status == 2)
        #expect(try simulate(["--at", "C", path]).status == 64)
        #expect(try simulate(["--show", "flows", path]).status == 64)
    }

    @Test func `records name the initiator, and the packets of the capture`() throws {
        let result = try simulate(["--format", "csv", "--show", "segments", scenario("blind-rst")])
        let lines = result.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 9)
        #expect(lines[1].hasSuffix(#",initiator,"SYN",99,,0,,SYN-SENT,SYN-RECEIVED"#))
    }

    @Test func `a capture of a story is replayed to the same states`() throws {
        let folder = try TemporaryFolder()
        for vantage in ["A", "middle", "B"] {
            let path = folder.path("\(vantage).pcapng")
            let made = try simulate(
                ["--write", path, "--at", vantage, "--output", folder.path("ladder"), scenario("half-close")])
            #expect(made.status == 0 && made.error == "")
            let replayed = try run(Places.program, ["replay", "--format", "ndjson", path])
            #expect(replayed.status == 0)
            #expect(replayed.output.contains(#""state":"TIME-WAIT""#), "\(vantage)")
        }
    }

    /// All stories at all places: right checksums, nothing malformed, and what is cut short is said by nobody.
    @Test func `tcpdump and tshark have nothing to complain of in a capture`() throws {
        let folder = try TemporaryFolder()
        let stories = try FileManager.default.contentsOfDirectory(
            atPath: Places.traces.appendingPathComponent("scenarios").path
        ).filter { $0.hasSuffix(".scenario") }.sorted()
        #expect(stories.count >= 27)
        var sections = Data()
        for story in stories {
            let path = Places.traces.appendingPathComponent("scenarios/\(story)").path
            for vantage in ["A", "middle", "B"] {
                let capture = folder.path("\(story)-\(vantage).pcapng")
                let made = try simulate(["--write", capture, "--at", vantage, "--output", "/dev/null", path])
                #expect(made.status == 0 && made.error == "")
                sections += try Data(contentsOf: URL(fileURLWithPath: capture))
            }
            // tcpdump reads one section of a file.
            let told = try run("/usr/bin/tcpdump", ["-vvv", "-n", "-r", folder.path("\(story)-A.pcapng")])
            #expect(told.status == 0)
            for word in ["incorrect", "bad", "truncated"] {
                #expect(!told.output.contains(word), "\(story): tcpdump says '\(word)'")
            }
        }
        // tshark reads a file of many sections at once.
        let all = folder.path("all.pcapng")
        try sections.write(to: URL(fileURLWithPath: all))
        let complaints =
            "tcp.checksum.status != 1 || ip.checksum.status != 1 || icmp.checksum.status != 1 || _ws.malformed"
        let checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE"].flatMap { ["-o", $0] }
        let result = try run("/usr/bin/tshark", ["-n", "-r", all] + checks + ["-Y", complaints])
        #expect(result.status == 0)
        // What an ICMP error quotes is no whole segment and has no checksum.
        #expect(result.output.split(separator: "\n").filter { !$0.contains("ICMP") } == [])
        let sound = try run("/usr/bin/tshark", ["-n", "-r", all] + checks + ["-Y", "tcp.checksum.status == 1"])
        #expect(sound.output.split(separator: "\n").count > 500)
    }

    /// Beside the truth: the same records that a replay of the capture makes, profile and vantage given.
    @Test(arguments: ["A", "middle", "B"])
    func `flows, findings and summary are the replay's`(vantage: String) throws {
        let folder = try TemporaryFolder()
        let vantages = ["A": "192.0.2.1", "middle": "middle", "B": "198.51.100.2"]
        for (name, profile) in [
            ("simultaneous-close", "linux"), ("old-duplicate-syn", "rfc793"), ("syn-flood", "linux"),
            ("crossing-fin-and-rst", "rfc9293"), ("port-reuse", "linux"),
        ] {
            let capture = folder.path("\(name).pcapng")
            let shown = ["--format", "ndjson", "--show", "flows,findings,summary"]
            let told = try simulate(shown + ["--write", capture, "--at", vantage, scenario(name)])
            let replayed = try run(
                Places.program,
                ["replay", "--profile", profile, "--vantage", try #require(vantages[vantage])] + shown + [capture])
            #expect(told.status == 0 && replayed.status == 0)
            let ours = told.output.replacing(scenario(name), with: "FILE")
            #expect(ours == replayed.output.replacing(capture, with: "FILE"), "\(name) at \(vantage)")
        }
    }

    @Test func `flows of several stories are numbered on`() throws {
        let result = try simulate([
            "--format", "csv", "--show", "flows", scenario("half-close"), scenario("syn-flood"),
            scenario("half-close"),
        ])
        let numbers = result.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",")[1] }
        #expect(numbers == ["1", "2", "3", "4", "5"])
    }

    @Test func `the help is complete`() throws {
        #expect(Golden.difference(try simulate(["--help"]).output, "help-simulate.txt") == nil)
    }

    @Test func `the dice fall as the seed says`() throws {
        let folder = try TemporaryFolder()
        let text = "loss 30 %\nat 0 B listen\nat 0 A open active\nat 1 A send 9000\nend at 30\n"
        let path = try written(text, in: folder)
        let one = try simulate(["--seed", "1", path]).output
        #expect(try simulate(["--seed", "1", path]).output == one)
        #expect(try simulate(["--seed", "2", path]).output != one)
    }

    @Test func `a picture is well-formed`() throws {
        let folder = try TemporaryFolder()
        let story = "scenario \"A & <B>\"\nat 0 A open active\nat 1 note A \"</svg>\"\nend at 2\n"
        let path = try written(story, in: folder)
        let result = try simulate(["--format", "svg", path])
        #expect(result.status == 0)
        let parser = XMLParserCheck(result.output)
        #expect(parser.isWellFormed)
    }

    @Test func `octets that are no text are said with their place`() throws {
        let folder = try TemporaryFolder()
        let octets = Array("# ä\r\nscenario \"caf".utf8) + [0xE9] + Array("\"\nat 0 B listen\n".utf8)
        let path = try folder.write(octets, to: "latin.scenario")
        let result = try simulate([path])
        #expect(result.status == 2)
        #expect(result.error == "postel: \(path):2:14: not in UTF-8. Save it in UTF-8.\n")
    }

    @Test func `a finding that nobody knows is no expectation`() throws {
        let folder = try TemporaryFolder()
        let result = try simulate([try written("at 0 B listen\nexpect findings half-opened\n", in: folder)])
        #expect(result.status == 1)
        #expect(result.error.hasSuffix(":2:1: no finding has the code half-opened: Docs/findings.md has them all\n"))
    }
}

/// Elements that are opened are closed, in order, and nothing stands there raw.
private struct XMLParserCheck {
    let isWellFormed: Bool

    init(_ text: String) {
        var open: [Substring] = []
        var isSound = true
        for tag in text.matches(of: /<(\/?)([a-z]+)[^<>]*?(\/?)>/) {
            if !tag.1.isEmpty {
                isSound = isSound && open.popLast() == tag.2
            } else if tag.3.isEmpty {
                open.append(tag.2)
            }
        }
        isWellFormed = isSound && open.isEmpty && text.contains("A &amp; &lt;B&gt;")
    }
}
