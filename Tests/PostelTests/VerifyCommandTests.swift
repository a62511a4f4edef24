import Foundation
import TestSupport
import Testing

/// `postel verify`, as its users meet it.
@Suite struct VerifyCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func verify(_ arguments: [String], input: String = "") throws -> ProgramResult {
        try run(Places.program, ["verify"] + arguments, input: Array(input.utf8))
    }

    /// In the folder of the test, where a configuration may stand.
    private func verifyThere(_ arguments: String) throws -> ProgramResult {
        try shell("cd '\(folder.url.path)' && '\(Places.program)' verify \(arguments)")
    }

    private func write(_ text: String, _ name: String) throws -> String {
        if let slash = name.lastIndex(of: "/") {
            try FileManager.default.createDirectory(
                atPath: folder.path(String(name[..<slash])), withIntermediateDirectories: true)
        }
        return try folder.write(Array(text.utf8), to: name)
    }

    private static let right = "TIME-WAIT -> CLOSED: 2MSL timeout\n"
    private static let wrong = "LAST-ACK -> TIME-WAIT: rcv ACK of FIN\n"
    private static let misleading = "FIN-WAIT-1: the socket is closed.\n"
    private static let misspelled =
        "stateDiagram-v2\n  ESTABLISHED --> FIN_WAIT_1 : close\n  FIN_WAIT_1 --> TIMED_WAIT\n"

    // MARK: Exit statuses

    @Test func `the status is 0 for what is right and 1 for an error`() throws {
        let right = try write(VerifyCommandTests.right, "right.md")
        let wrong = try write(VerifyCommandTests.wrong, "wrong.md")
        let silent = try verify([right])
        #expect(silent.status == 0)
        #expect(silent.output == "0 errors, 0 warnings, 0 notes in 1 document.\n")
        let loud = try verify([right, wrong])
        #expect(loud.status == 1 && loud.error == "")
        #expect(loud.output.hasPrefix("\(wrong):1:1: error: "))
        #expect(loud.output.contains("[last-ack-to-time-wait]\n    "))
        #expect(loud.output.hasSuffix("1 error, 0 warnings, 0 notes in 2 documents.\n"))
    }

    @Test(arguments: [("note", Int32(1)), ("warning", 1), ("error", 0)])
    func `--fail-on says from which severity on the status is 1`(severity: String, status: Int32) throws {
        let path = try write(VerifyCommandTests.misleading, "notes.md")
        #expect(try verify(["--fail-on", severity, path]).status == status)
    }

    @Test func `what cannot be read is said, the rest is read, and the status is 2`() throws {
        let wrong = try write(VerifyCommandTests.wrong, "wrong.md")
        let none = try verify([folder.path("none.md"), wrong])
        #expect(none.status == 2)
        #expect(none.error.contains("none.md: cannot be read: No such file or directory."))
        #expect(none.output.contains("[last-ack-to-time-wait]"))
        let binary = try folder.write(Array("LISTEN\0\u{1}\u{2}".utf8), to: "picture.md")
        let picture = try verify([binary])
        #expect(picture.status == 2)
        #expect(picture.error.contains("picture.md: a NUL at octet 6: this is no text."))
        #expect(try verify(["--output", folder.path("no/such/folder"), wrong]).status == 2)
    }

    @Test(arguments: [
        ([], "name a document"), (["-", "-"], "standard input (-) can be read only once"),
        (["--fail-on", "loud", "x"], "loud"), (["--disable", "no-such-code", "x"], "no-such-code"),
        (["--show", "everything", "x"], "'everything' is nothing to show"), (["--format", "html", "x"], "html"),
        (["--profile", "rfc1", "x"], "'rfc1' is not a profile"), (["--explain", "no-such-code"], "no-such-code"),
        (["--explain", "two-", "x"], "two-"), (["--explain", "wrong-wait", "x"], "reads no documents"),
    ]) func `wrong usage is said, and the status is 64`(arguments: [String], message: String) throws {
        let result = try verify(arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(message) && result.output == "")
    }

    @Test func `a document is not overwritten by the report`() throws {
        let path = try write(VerifyCommandTests.wrong, "wrong.md")
        let result = try verify(["--output", path, path])
        #expect(result.status == 64 && result.error.contains("would be overwritten"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == VerifyCommandTests.wrong)
    }

    // MARK: Inputs

    @Test func `standard input is a document of its own`() throws {
        let result = try verify(["-"], input: VerifyCommandTests.wrong)
        #expect(result.status == 1)
        #expect(result.output.hasPrefix("<stdin>:1:1: error: "))
    }

    @Test func `folders are searched for documents, by patterns if there are any`() throws {
        _ = try write(VerifyCommandTests.wrong, "notes/one.md")
        _ = try write(VerifyCommandTests.wrong, "notes/deep/two.rst")
        _ = try write(VerifyCommandTests.wrong, "notes/three.log")
        _ = try write(VerifyCommandTests.wrong, "notes/.hidden/four.md")
        _ = try write(VerifyCommandTests.wrong, "notes/node_modules/five.md")
        func files(_ arguments: String) throws -> [String] {
            let output = try verifyThere(arguments).output
            return output.split(separator: "\n").filter { $0.contains(": error: ") }.map {
                String($0.prefix { $0 != ":" })
            }
        }
        #expect(try files("notes") == ["notes/deep/two.rst", "notes/one.md"])
        #expect(try files("notes/") == ["notes/deep/two.rst", "notes/one.md"])
        #expect(try files("--include '*.log' notes") == ["notes/three.log"])
        #expect(try files("--include '*.log' --include '*.md' notes") == ["notes/one.md", "notes/three.log"])
        #expect(try files("--exclude deep notes") == ["notes/one.md"])
        #expect(try files("--exclude 'notes/*.md' notes") == ["notes/deep/two.rst"])
        #expect(try files("notes/three.log") == ["notes/three.log"])
        let none = try verifyThere("--include '*.none' notes")
        #expect(none.status == 2 && none.error.contains("notes: no document in this folder"))
    }

    @Test func `a folder that leads back into itself comes to an end`() throws {
        _ = try write(VerifyCommandTests.wrong, "round/one.md")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("round/again"), withDestinationPath: folder.path("round"))
        let result = try verifyThere("round")
        #expect(result.status == 1)
        #expect(result.output.hasSuffix("1 error, 0 warnings, 0 notes in 1 document.\n"))
    }

    @Test func `a configuration holds settings, and says where it is wrong`() throws {
        _ = try write(VerifyCommandTests.misleading, "notes.md")
        _ = try write("# of the course\r\nfail-on warning\r\nexclude other.md\r\n", ".postel-verify")
        #expect(try verifyThere("notes.md").status == 1)
        #expect(try verifyThere("--fail-on error notes.md").status == 0)
        _ = try write("disable fin-wait-1-as-closed M40\n", "strict.config")
        let disabled = try verifyThere("--config strict.config notes.md")
        #expect(disabled.status == 0 && disabled.output.hasPrefix("0 errors, 0 warnings"))
        for (text, message) in [
            ("fail-on\n", "1: 'fail-on' needs a value"), ("\nfail-on loud\n", "2: 'loud' is no severity"),
            ("profile rfc1\n", "1: 'rfc1' is no profile"), ("disable wrong-wiat\n", "1: 'wrong-wiat' is no code"),
            ("colour blue\n", "1: 'colour' is no setting"),
        ] {
            _ = try write(text, "wrong.config")
            let result = try verifyThere("--config wrong.config notes.md")
            #expect(result.status == 64 && result.output == "")
            #expect(result.error.contains("wrong.config:\(message)"), "\(result.error)")
        }
        #expect(try verifyThere("--config none.config notes.md").status == 64)
    }

    @Test func `--disable leaves out a code by name or by number of the catalogue`() throws {
        let path = try write(VerifyCommandTests.wrong, "wrong.md")
        #expect(try verify(["--disable", "last-ack-to-time-wait", path]).status == 0)
        #expect(try verify(["--disable", "M60", path]).status == 0)
        let other = try verify(["--disable", "wrong-wait", "--disable", "wrong-event", path])
        #expect(other.status == 1)
    }

    @Test func `a profile takes the rules of one TCP`() throws {
        // What every TCP does, and what only one of them does.
        let path = try write("FIN-WAIT-2 -> CLOSED: timeout\n", "t.md")
        #expect(try verify([path]).output.contains(" note: "))
        #expect(try verify(["--profile", "linux", path]).output.hasPrefix("0 errors, 0 warnings, 0 notes"))
    }

    // MARK: Text

    @Test func `UTF-16, a byte order mark, CRLF and octets in no encoding are read`() throws {
        let text = "Überschrift\r\n\r\n一 LAST-ACK -> TIME-WAIT: rcv ACK of FIN\r\n"
        let units = Array(text.utf16)
        let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        for (name, octets) in [
            ("little.md", little), ("big.md", big), ("mark.md", [0xEF, 0xBB, 0xBF] + Array(text.utf8)),
            ("plain.md", Array(text.utf8)),
        ] {
            let result = try verify([try folder.write(octets, to: name)])
            #expect(result.output.contains("\(name):3:3: error: "), "\(name): \(result.output)")
            #expect(result.error == "" && result.status == 1)
        }
        let latin = try folder.write([0xDC] + Array("berschrift\n\nLAST-ACK -> TIME-WAIT\n".utf8), to: "latin.md")
        let result = try verify([latin])
        #expect(result.status == 1 && result.output.contains("latin.md:3:1: error: "))
        #expect(result.error.contains("latin.md: not all in UTF-8 (octet 0)"))
        let odd = try folder.write(little.dropLast(), to: "odd.md")
        #expect(try verify([odd]).error.contains("odd.md: not all in UTF-8"))
    }

    @Test func `columns count characters`() throws {
        let path = try write("相手が閉じる前に😀 e\u{301}tat: `LAST-ACK -> TIME-WAIT`\n", "wide.md")
        let wide = try verify(["--format", "ndjson", path])
        for line in wide.output.split(separator: "\n") {
            let column = try #require(JSONValue(text: line)["column"]?.number)
            #expect((1...40).contains(column))
        }
        let table = try write(
            "| 状態 | событие | next |\n|---|---|---|\n| é🇫🇷 | x | y |\n| LAST-ACK | ACK | TIME-WAIT |\n", "t.md")
        #expect(try verify([table]).output.hasPrefix("\(table):4:3: error: "))
    }

    @Test func `lines longer than any text are counted as unchecked`() throws {
        let line = String(repeating: "LISTEN leads to ESTABLISHED. ", count: 1_000)
        let path = try write(line + "\n" + VerifyCommandTests.wrong, "long.md")
        let result = try verify(["--show", "diagnostics,unchecked", path])
        #expect(result.output.contains("long.md:1:1: unchecked: a line of 29000 octets"))
        #expect(result.output.contains("long.md:2:1: error: "))
    }

    @Test func `what was not understood is listed on demand and counted always`() throws {
        let path = try write("On Fridays FIN-WAIT-2 smells of cheese.\n", "odd.md")
        let counted = try verify([path])
        #expect(counted.status == 0)
        #expect(counted.output == "0 errors, 0 warnings, 0 notes in 1 document; 1 mention of states not checked.\n")
        let listed = try verify(["--show", "unchecked", path])
        #expect(listed.output == "\(path):1:1: unchecked: on fridays fin-wait-2 smells of cheese.\n")
    }

    // MARK: Colors

    @Test func `colors are for terminals alone, and NO_COLOR takes them away`() throws {
        _ = try write(VerifyCommandTests.wrong, "wrong.md")
        let escape = "\u{1B}["
        #expect(!(try verifyThere("wrong.md").output.contains(escape)))
        let command = "script -qec \"'\(Places.program)' verify wrong.md\" /dev/null"
        let colored = try shell("cd '\(folder.url.path)' && env -u NO_COLOR TERM=xterm \(command) < /dev/null")
        #expect(colored.output.contains("\(escape)31merror: "), "\(colored.output)")
        let plain = try shell("cd '\(folder.url.path)' && NO_COLOR=1 TERM=xterm \(command) < /dev/null")
        #expect(plain.output.contains("error: ") && !plain.output.contains(escape))
    }

    // MARK: Formats

    private func hostileNames() throws -> [String] {
        let text = VerifyCommandTests.wrong + VerifyCommandTests.misleading + "\n" + VerifyCommandTests.misspelled
        return [
            try write(text, "a, b:100%.md"), try write("\u{FEFF}" + text, "größe \"q\".md"),
            try write("```mermaid\n\(VerifyCommandTests.misspelled)```\n", "drawn.md"),
        ]
    }

    @Test func `records are valid by their schemas`() throws {
        let result = try verify(["--format", "ndjson", "--show", "diagnostics,coverage,unchecked"] + hostileNames())
        var kinds: Set<String> = []
        for line in result.output.split(separator: "\n") {
            let record = try JSONValue(text: line)
            let kind = try #require(record["record"]?.string)
            kinds.insert(kind)
            let path = Places.package.appendingPathComponent("Docs/schema/\(kind).json")
            let schema = JSONSchema(try JSONValue(text: try String(contentsOf: path, encoding: .utf8)))
            #expect(schema.errors(in: record) == [])
        }
        #expect(kinds.contains("diagnostic"))
    }

    @Test func `SARIF is valid by its schema`() throws {
        let path = Places.package.appendingPathComponent(
            "Tests/TeachingMaterialTests/Fixtures/sarif/sarif-schema-2.1.0.json")
        let schema = JSONSchema(try JSONValue(text: try String(contentsOf: path, encoding: .utf8)))
        let names = try hostileNames()
        let right = try write(VerifyCommandTests.right, "right.md")
        for (arguments, count) in [(names, 7), ([right], 0), ([folder.path("none.md")], 0)] {
            let log = try JSONValue(text: try verify(["--format", "sarif"] + arguments).output)
            #expect(schema.errors(in: log) == [])
            guard case .array(let runs)? = log["runs"], case .array(let results)? = runs.first?["results"],
                case .array(let rules)? = runs.first?["tool"]?["driver"]?["rules"]
            else {
                Issue.record("no results")
                continue
            }
            #expect(results.count >= count)
            for result in results {
                let index = try #require(result["ruleIndex"]?.number)
                #expect(rules[Int(index)]["id"] == result["ruleId"])
            }
        }
        // The checker can fail, too.
        #expect(schema.errors(in: try JSONValue(text: #"{"version":"2.1.0","runs":[{"results":[]}]}"#)) != [])
    }

    @Test func `GitHub's workflow commands hold no character that would end them`() throws {
        let result = try verify(["--format", "github"] + hostileNames())
        let lines = result.output.split(separator: "\n")
        #expect(
            lines.contains { $0.hasPrefix("::error file=") && $0.contains("a%2C b%3A100%25.md,line=1,col=1,title=") })
        for line in lines {
            let parts = line.dropFirst(2).components(separatedBy: "::")
            #expect(line.hasPrefix("::") && parts.count >= 2)
            let command = parts[0].split(separator: " ", maxSplits: 1)
            #expect(["error", "warning", "notice"].contains(command.first))
            #expect(command.last?.split(separator: ",").allSatisfy { $0.split(separator: "=").count == 2 } ?? false)
        }
        #expect(try verify(["--format", "github", try write(VerifyCommandTests.right, "right.md")]).output == "")
    }

    @Test func `a code is explained with its fact, its source and a ladder`() throws {
        let result = try verify(["--explain", "time-wait-awaits-fin"])
        #expect(result.status == 0 && result.error == "")
        #expect(result.output.hasPrefix("time-wait-awaits-fin (error at worst, M74)\n"))
        #expect(result.output.contains("Source: RFC 9293 3.3.2."))
        #expect(result.output.contains("FIN-WAIT-2") && result.output.contains("<CTL=FIN,ACK>"))
        #expect(try verify(["--explain", "M74"]).output == result.output)
    }
}
