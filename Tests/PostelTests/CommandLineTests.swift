import Foundation
import TCPStateMachine
import TestSupport
import Testing

/// The program that was built, as its users meet it.
@Suite struct CommandLineTests {
    private let folder: TemporaryFolder
    private let capture: SyntheticCapture
    /// One connection of nine packets.
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        var capture = SyntheticCapture()
        capture.connection()
        self.capture = capture
        path = try folder.write(capture.bytes, to: "a.pcap")
    }

    private func postel(_ arguments: String..., input: [UInt8] = []) throws -> ProgramResult {
        try run(Places.program, arguments, input: input)
    }

    @Test func `a capture is replayed`() throws {
        let result = try postel("replay", path)
        #expect(result.status == 0)
        #expect(result.error == "")
        #expect(result.output.contains("192.0.2.1:40000"))
        #expect(result.output.contains("9 TCP segments"))
        #expect(!result.output.contains("\u{1B}"))
    }

    @Test func `what is shown by default depends on the format`() throws {
        #expect(try postel("replay", "--format", "ndjson", path).output.split(separator: "\n").count == 1)
        #expect(try postel("replay", "--format", "csv", path).output.split(separator: "\r\n").count == 2)
        #expect(try postel("replay", path).output.contains("\nflows "))
    }

    @Test func `standard input is read`() throws {
        let result = try postel("replay", "--format", "ndjson", "-", input: capture.bytes)
        #expect(result.status == 0)
        #expect(result.output == (try postel("replay", "--format", "ndjson", path).output))
    }

    @Test(arguments: ["flow", "transition", "segment", "finding", "summary"])
    func `the same input gives the same octets`(kind: String) throws {
        let kinds = kind == "summary" ? kind : kind + "s"
        let first = try postel("replay", "--format", "ndjson", "--show", kinds, path)
        #expect(first.status == 0)
        #expect(first.output.split(separator: "\n").allSatisfy { $0.hasPrefix(#"{"record":"\#(kind)""#) })
        #expect(first.output == (try postel("replay", "--format", "ndjson", "--show", kinds, path).output))
    }

    @Test func `output goes into a file`() throws {
        let output = folder.path("report.json")
        let result = try postel("replay", "--format", "ndjson", "--output", output, path)
        #expect(result.status == 0)
        #expect(result.output == "")
        #expect(try String(contentsOfFile: output, encoding: .utf8).hasPrefix(#"{"record":"flow""#))
    }

    @Test(arguments: [
        (["--nope"], "Unknown option '--nope'"),
        (["--fromat", "csv"], "Did you mean '--format'?"),
        (["--format", "xml"], "'table', 'ndjson', 'csv' or 'zeek'"),
        (["--format", "csv", "--show", "flows,summary"], "exactly one"),
        (["--format", "zeek", "--show", "findings"], "--show flows"),
        (["--format", "zeek", "--flow", "1"], "use --select or --filter"),
        (["--format", "zeek", "--select", "state=CLOSED"], "by port or address only"),
        (["--likely-server-ports", "80,x"], "80,443,6666-6669"),
        (["--likely-server-ports", "90-80"], "'90-80' is not a port"),
        (["--show", "packets"], "'packets' is nothing to show"),
        (["--select", "state=OPEN"], "'OPEN' is not a state"),
        (["--flow", "0"], "numbered from 1"),
        (["--flow", "x"], "--flow"),
        (["--profile", "bsd"], "rfc793, rfc9293, linux"),
        (["--profile", "initiator=linux,x=linux"], "initiator=NAME,responder=NAME"),
        (["--vantage", "left"], "auto, middle"),
        (["--max-flows", "0"], "--max-flows 0"),
        (["--fail-on", "fatal"], "'note', 'warning' or 'error'"),
        (["--filter", "port port"], "pcap-filter(7)"),
        (["-", "-"], "only once"),
    ])
    func `wrong usage ends with 64 and says what would be right`(arguments: [String], hint: String) throws {
        let result = try run(Places.program, ["replay", path] + arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(hint), "\(result.error)")
        #expect(result.output == "")
    }

    @Test func `no file and no such command are wrong usage`() throws {
        #expect(try postel("replay").status == 64)
        #expect(try postel("replya", path).status == 64)
    }

    @Test func `help and version`() throws {
        #expect(try postel("--version").output == "postel 0.1.0\n")
        #expect(try postel("--help").status == 0)
        let help = try postel("replay", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("postel replay --select state=CLOSE-WAIT trace.pcap"))
        #expect(Golden.difference(help.output, "help-replay.txt") == nil)
    }

    @Test func `an output that is an input is refused`() throws {
        let result = try postel("replay", "--output", path, path)
        #expect(result.status == 64)
        #expect(result.error.contains("would overwrite the input"))
        #expect(FileManager.default.contents(atPath: path).map(Array.init) == capture.bytes)
    }

    @Test func `a file that cannot be read ends with 2, and the others are read`() throws {
        let result = try postel("replay", folder.path("missing.pcap"), path)
        #expect(result.status == 2)
        #expect(result.error.hasPrefix("postel: \(folder.path("missing.pcap")): cannot be opened: No such file"))
        #expect(result.output.contains("9 TCP segments"))
    }

    @Test func `a damaged file is told up to the damage`() throws {
        let cut = try folder.write(Array(capture.bytes[..<(capture.offsets[5] + 20)]), to: "cut.pcap")
        let result = try postel("replay", "--format", "ndjson", "--show", "segments", cut)
        #expect(result.status == 2)
        #expect(result.output.split(separator: "\n").count == 5)
        let place = "damaged at packet 6, reading stopped at offset \(capture.offsets[5] + 20)"
        #expect(result.error.contains("\(cut): \(place)"))
        #expect(result.error.contains("The 5 packets before it were read."))
    }

    @Test func `what is no capture is named`() throws {
        let text = try folder.write(Array("not a capture\n".utf8), to: "notes.txt")
        let result = try postel("replay", text)
        #expect(result.status == 2)
        #expect(result.error.contains("not a capture file"))
        #expect(result.output.contains("No flows."))
    }

    @Test func `findings fail the run if they are asked to`() throws {
        var refused = SyntheticCapture()
        refused.send(.syn, seq: 100)
        refused.reply([.rst, .ack], seq: 0, ack: 101)
        let path = try folder.write(refused.bytes, to: "refused.pcap")
        #expect(try postel("replay", path).status == 0)
        #expect(try postel("replay", "--fail-on", "error", path).status == 0)
        #expect(try postel("replay", "--fail-on", "warning", path).status == 1)
        #expect(try postel("replay", "--fail-on", "note", path).status == 1)
        #expect(try postel("replay", "--fail-on", "note", "--select", "port=80", path).status == 1)
        #expect(try postel("replay", "--fail-on", "note", "--select", "port=81", path).status == 0)
        #expect(try postel("replay", "--fail-on", "note", "--flow", "2", path).status == 0)
        // What could not be read wins.
        #expect(try postel("replay", "--fail-on", "note", path, folder.path("missing.pcap")).status == 2)
    }

    @Test func `a reader that goes away is no error`() throws {
        var long = SyntheticCapture()
        for index in 0..<20_000 { long.send(.ack, seq: 1, ack: UInt32(index)) }
        let path = try folder.write(long.bytes, to: "long.pcap")
        let command = "'\(Places.program)' replay --format ndjson --show segments '\(path)'"
        let line = "\(command) | head -1; echo ${PIPESTATUS[0]}"
        let result = try shell(line)
        #expect(result.error == "")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last == "0")
    }

    @Test func `a full disk is told`() throws {
        let result = try postel("replay", "--output", "/dev/full", path)
        #expect(result.status == 2)
        #expect(result.error.contains("/dev/full: cannot be written: No space left on device."))
    }

    @Test(arguments: [("INT", 130), ("TERM", 143)] as [(String, Int32)])
    func `a signal ends the reading and keeps the results`(signal: String, status: Int32) throws {
        // The capture comes through a pipe that stays open: only the signal ends it.
        let fifo = folder.path("fifo")
        let line = """
            mkfifo '\(fifo)'
            { cat '\(path)'; exec sleep 20; } > '\(fifo)' &
            writer=$!
            '\(Places.program)' replay - < '\(fifo)' > '\(folder.path("out"))' & reader=$!
            sleep 1; kill -\(signal) $reader; wait $reader; echo $?
            kill -9 $writer 2>/dev/null
            """
        let result = try shell(line)
        #expect(result.output == "\(status)\n")
        #expect(result.error == "")
        let report = try String(contentsOfFile: folder.path("out"), encoding: .utf8)
        #expect(report.contains("9 TCP segments"))
        #expect(report.contains("stopped "))
    }

    @Test func `the ends may run different profiles`() throws {
        let result = try postel("replay", "--profile", "initiator=rfc9293,responder=linux", path)
        #expect(result.status == 0)
        #expect(try postel("replay", "--vantage", "192.0.2.1,2001:db8::1", path).status == 0)
        #expect(try postel("replay", "--vantage", "middle", path).status == 0)
    }

    @Test func `packets are carved out beside an unchanged report`() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("carved.pcapng")
        let trace = Places.trace("time-wait-reuse")
        let plain = try run(Places.program, ["replay", "--flow", "1", trace])
        let carved = try run(Places.program, ["replay", "--flow", "1", "--write", output, trace])
        #expect(carved.status == 0, "\(carved.error)")
        #expect(carved.output == plain.output)
        let again = try run(Places.program, ["replay", "--show", "summary", output])
        #expect(again.status == 0, "\(again.error)")
        // From standard input, to standard output, packed.
        let piped = try shell(
            "gzip -c \(trace) | \(Places.program) replay --flow 1 --write - --output /dev/null - | cmp - \(output)")
        #expect(piped.status == 0, "\(piped.output)\(piped.error)")
    }

    @Test func `what carving would destroy is refused, and what it cannot write is an error`() throws {
        let folder = try TemporaryFolder()
        let input = folder.path("a.pcap")
        try FileManager.default.copyItem(atPath: Places.trace("close-wait"), toPath: input)
        let same = ["--write", "x", "--output", "x", input]
        for arguments in [["--write", input, input], ["--write", "-", input], same] {
            #expect(try run(Places.program, ["replay"] + arguments).status == 64)
        }
        let full = try run(Places.program, ["replay", "--write", "/dev/full", input])
        #expect(full.status == 2)
        #expect(full.error.contains("/dev/full: cannot be written: No space left on device."))
        #expect(full.output == (try run(Places.program, ["replay", input]).output))
        let missing = try run(Places.program, ["replay", "--write", folder.path("no/x"), input])
        #expect(missing.status == 2)
        #expect(missing.error.contains("cannot be created"))
    }
}
