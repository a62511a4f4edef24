import Foundation
import KernelSockets
import TestSupport
import Testing

/// `postel snapshot`, as its users meet it.
@Suite struct SnapshotCommandTests {
    private func snapshot(_ arguments: String...) throws -> ProgramResult {
        try run(Places.program, ["snapshot"] + arguments)
    }

    @Test func `help`() throws {
        let help = try snapshot("--help")
        #expect(help.status == 0)
        #expect(Golden.difference(help.output, "help-snapshot.txt") == nil)
    }

    @Test(arguments: ["auto", "procfs", "sockdiag"])
    func `the kernel's sockets are shown`(kernel: String) throws {
        let result = try snapshot("--kernel", kernel)
        #expect(result.status == 0)
        #expect(result.error == "")
        #expect(result.output.contains(kernel == "procfs" ? "by procfs at " : "by sockdiag at "))
    }

    @Test func `snapshots are recorded, and read again`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("recording")
        let result = try snapshot(
            "--interval", "0.05", "--count", "3", "--format", "ndjson", "--owners", "--output", path)
        #expect(result.status == 0)
        #expect(result.output == "")
        var reader = try RecordingReader(path: path)
        for number: UInt64 in 1...3 {
            guard case .snapshot(let record)? = try reader.next() else {
                Issue.record("no snapshot \(number)")
                return
            }
            #expect(record.number == number)
            #expect(record.owners != nil || record.snapshot.sockets.isEmpty)
        }
        #expect(try reader.next() == nil)
    }

    @Test func `an interval is kept`() throws {
        let result = try snapshot("--interval", "0.2", "--count", "4", "--format", "ndjson")
        let begins = try result.output.split(separator: "\n").map { try JSONValue(text: $0) }
            .filter { $0["record"]?.string == "snapshot" }.compactMap { $0["begin"]?.number }
        #expect(begins.count == 4)
        #expect(try #require(begins.last) - (try #require(begins.first)) >= 0.59)
    }

    @Test(arguments: [
        (["--interval", "0"], "--interval 0.0: the seconds are a number from 0.001 to 86400"),
        (["--interval", "nan"], "--interval"),
        (["--count", "0"], "--count 0"),
        (["--count", "2"], "needs an --interval"),
        (["--format", "csv"], "'table' and 'ndjson'"),
        (["--kernel", "netlink"], "'auto', 'procfs' or 'sockdiag'"),
        (["--select", "finding=half-open"], "by state, port or address only"),
        (["--select", "state=OPEN"], "'OPEN' is not a state"),
        (["--events", "x", "--output", "x"], "the same"),
    ])
    func `wrong usage ends with 64 and says what would be right`(arguments: [String], hint: String) throws {
        let result = try run(Places.program, ["snapshot"] + arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(hint), "\(result.error)")
    }

    @Test func `a namespace that is not there ends with 2`() throws {
        let result = try snapshot("--namespace", "no-such-name")
        #expect(result.status == 2)
        #expect(result.error.contains("no-such-name: no such network namespace"))
        #expect(result.output == "")
        #expect(try snapshot("--namespace", "2147483647").status == 2)
    }

    @Test func `what a user may not see is said, with the command that grants it`() throws {
        guard try Demands.root() else { return }
        // The program where that user can run it.
        let folder = try TemporaryFolder()
        let program = folder.path("postel")
        let made = try shell(
            "chmod 755 '\(folder.url.path)'; cp '\(Places.program)' '\(program)'; "
                + "mkdir '\(folder.path("out"))'; chmod 777 '\(folder.path("out"))'")
        #expect(made.status == 0)
        func asNobody(_ arguments: String) throws -> ProgramResult {
            try shell("setpriv --reuid 65534 --regid 65534 --clear-groups '\(program)' snapshot \(arguments)")
        }
        #expect(try asNobody("").status == 0)
        let all = try asNobody("--namespace all")
        #expect(all.status == 2)
        #expect(all.error.contains("CAP_SYS_PTRACE")
            && all.error.contains("sudo setcap cap_sys_admin,cap_sys_ptrace+ep"))
        #expect(all.output.contains("namespace "))
        let one = try asNobody("--namespace 1")
        #expect(one.status == 2)
        #expect(one.error.contains("this network namespace may not be entered"))
        let events = try asNobody("--events '\(folder.path("out"))/events'")
        #expect(events.status == 2)
        #expect(events.error.contains("sudo "))
    }

    @Test(arguments: [("INT", 130), ("TERM", 143)] as [(String, Int32)])
    func `a signal ends a recording, which is complete`(signal: String, status: Int32) throws {
        guard try Demands.root() else { return }
        let folder = try TemporaryFolder()
        let line = """
            cd '\(folder.url.path)'
            '\(Places.program)' snapshot --interval 30 --format ndjson --output sockets --events events & recorder=$!
            for i in $(seq 100); do [ -s sockets ] && break; sleep 0.05; done
            kill -\(signal) $recorder; wait $recorder; echo $?
            """
        let result = try shell(line)
        #expect(result.output == "\(status)\n")
        #expect(result.error == "")
        var reader = try RecordingReader(path: folder.path("sockets"))
        #expect(try reader.next() != nil)
        #expect(try reader.next() == nil)
        var events = try RecordingReader(path: folder.path("events"))
        var last: KernelRecord?
        while let record = try events.next() { last = record }
        if case .trace(let trace)? = last { #expect(trace.lost == 0) } else { Issue.record("no end of the trace") }
    }
}
