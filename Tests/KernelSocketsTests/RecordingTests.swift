@testable import KernelSockets
import TCPStateMachine
import TestSupport
import Testing

/// Recordings that are not as `postel snapshot` writes them; the good ones are read in ReportsTests.
@Suite struct RecordingTests {
    private static let socket =
        #"{"record":"socket","snapshot":1,"namespace":7,"begin":1.000000001,"end":1.5,"state":"TIME-WAIT","#
        + #""kind":"remnant","local":{"address":"10.0.0.1","port":80},"remote":{"address":"10.0.0.2","port":4000},"#
        + #""socket_family":"ipv4","uid":0,"inode":null,"interface":0,"remaining":59.000000000}"#
    private static let snapshot =
        #"{"record":"snapshot","snapshot":1,"namespace":7,"name":null,"source":"procfs","begin":1.0,"end":2.0,"#
        + #""sockets":1,"repeated":0,"skipped":{},"interrupted":false,"selection":null}"#

    private static let damages: [(text: String, reason: String)] = [
        (socket, "ends in the middle of a snapshot"),
        (snapshot, "should have 1 sockets and has 0"),
        (socket + "\n" + socket + "\n" + snapshot, "should have 1 sockets and has 2"),
        (String(socket.dropLast()), "no JSON at column"),
        ("[1", "a list goes on without a comma"),
        ("{}", "'record' is no text"),
        (#"{"record":"socket","snapshot":1}"#, "'namespace' is missing"),
        (socket.replacing("TIME-WAIT", with: "OPEN"), "'OPEN' is no state"),
        (socket.replacing("TIME-WAIT", with: "LISTEN"), "no socket of kind 'remnant' is LISTEN"),
        (socket.replacing("10.0.0.2", with: "::1"), "differ in family"),
        (socket.replacing("10.0.0.2", with: "10.0.0"), "'10.0.0' is no address"),
        (socket.replacing(#""port":80}"#, with: #""port":65536}"#), "'port' is no whole number from 0 to 65535"),
        (socket.replacing("1.000000001", with: "1.0000000001"), "'begin' is no number of seconds"),
        (socket.replacing("1.000000001", with: "99999999999.0"), "'begin' is no number of seconds"),
        (socket.replacing(#""uid":0"#, with: #""uid":0,"uid":1"#), "two members are named 'uid'"),
        (socket + "\n" + snapshot.replacing("procfs", with: "guess"), "neither procfs nor sockdiag"),
        (String(repeating: "[", count: 100), "nests too deep"),
        (String(repeating: " ", count: 1 << 21), "longer than any record"),
        (#"{"record":"kernel-transition","time":1.0}"#, "'socket' is missing"),
        (#"{"record":"\u12"}"#, "an escape of four digits"),
    ]

    private func records(_ text: String) throws -> [KernelRecord] {
        let folder = try TemporaryFolder()
        var reader = try RecordingReader(path: folder.write(Array(text.utf8), to: "r"))
        var records: [KernelRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    @Test func `what is not asked for may be missing`() throws {
        let text = Self.socket + "\n\n" + #"{"record":"flow","flow":1}"# + "\n" + Self.snapshot
        guard case .snapshot(let record)? = try records(text).first else {
            Issue.record("no snapshot")
            return
        }
        #expect(record.number == 1 && record.owners == nil && record.snapshot.namespace.number == 7)
        let socket = try #require(record.snapshot.sockets.first)
        #expect(socket.pair == pair("10.0.0.1", 80, "10.0.0.2", 4000))
        #expect(socket.seen == TimeWindow(begin: 1_000_000_001, end: 1_500_000_000))
        #expect(socket.kind == .remnant(.init(phase: .timeWait, remaining: 59_000_000_000)))
    }

    @Test(arguments: damages)
    func `damage is named with its line`(text: String, reason: String) throws {
        #expect {
            try records("\n" + text + "\n")
        } throws: { error in
            let error = error as? KernelSocketsError
            guard case .damagedRecording(let path, let line, let said)? = error else { return false }
            return path.hasSuffix("/r") && line >= 1 && said.contains(reason)
        }
    }

    @Test func `what stands before the damage is read`() throws {
        let folder = try TemporaryFolder()
        let text = Self.socket + "\n" + Self.snapshot + "\n" + Self.socket.prefix(40) + "\n"
        var reader = try RecordingReader(path: folder.write(Array(text.utf8), to: "r"))
        #expect(try reader.next() != nil)
        #expect(throws: KernelSocketsError.self) { try reader.next() }
    }

    @Test(arguments: Seeds.all)
    func `damage anywhere never stops the reading`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let good = Array((Self.socket + "\n" + Self.snapshot + "\n").utf8)
        for _ in 0..<300 {
            var octets = good
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            #expect((try? records(String(decoding: octets, as: UTF8.self)).count) ?? 0 <= 2)
        }
    }

    @Test func `numbers and texts of JSON`() throws {
        func value(_ text: String) throws -> KernelSockets.JSONValue { try JSONScanner.value(Array(text.utf8)) }
        #expect(try value("1700000000.000000001").nanoseconds == 1_700_000_000_000_000_001)
        #expect(try value("-0.5").nanoseconds == -500_000_000)
        #expect(try value("1e3").nanoseconds == nil)
        #expect(try value("18446744073709551615").integer(UInt64.self) == .max)
        #expect(try value("18446744073709551616").integer(UInt64.self) == nil)
        #expect(try value(#" "a\"\\\/\n\u00e9" "#).string == "a\"\\/\né")
        #expect(throws: JSONScanner.SyntaxError.self) { try value("1 2") }
        #expect(throws: JSONScanner.SyntaxError.self) { try value("\"a\u{1}\"") }
        #expect(throws: JSONScanner.SyntaxError.self) { try value("nul") }
    }
}
