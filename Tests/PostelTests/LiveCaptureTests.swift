import Foundation
import TestSupport
import Testing

/// `postel capture` on interfaces of network namespaces that the tests make themselves.
@Suite(.serialized) struct LiveCaptureTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let stories = ["close", "server-close", "reset", "refused"]
    private static let records = ["--format", "ndjson", "--show", "flows,transitions,findings,summary"]

    private func replay(_ path: String, _ more: String...) throws -> ProgramResult {
        let result = try run(Places.program, ["replay"] + Self.records + more + [path])
        #expect(result.status == 0, "\(result.error)")
        return result
    }

    /// The same records, in whatever order.
    private func expectSame(_ one: ProgramResult, _ other: ProgramResult, without members: Set<String> = []) throws {
        for kind in ["flow", "transition", "finding"] {
            let left = try one.records(kind, without: members)
            let right = try other.records(kind, without: members)
            #expect(!left.isEmpty || kind == "finding")
            let apart = Set(left).symmetricDifference(right)
            #expect(apart.isEmpty && left.count == right.count, "\(kind)s differ: \(apart)")
        }
    }

    // MARK: What is told

    @Test func `it tells what a replay of tcpdump's file tells`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let path = folder.path("tcpdump.pcap")
        let tcpdump = try wire.start([
            "tcpdump", "-i", "left", "-w", path, "-U", "--immediate-mode", "--time-stamp-precision=nano", "-Z", "root",
            "tcp",
        ])
        try tcpdump.wait("tcpdump does not begin") { tcpdump.error.contains("listening on") }
        let capture = try wire.capture(["-i", "left", "--filter", "tcp"] + Self.records)
        for story in Self.stories { try wire.tell(story) }
        let live = capture.end()
        #expect(live.status == 0 && live.error == "", "\(live.error)")
        // It leaves what it has not read when it is ended.
        let packets = Int(try #require(try live.records("summary").first?["packets"]?.number))
        try tcpdump.wait("tcpdump lags behind") {
            try shell("tcpdump -nr '\(path)' 2>/dev/null | wc -l").output.filter(\.isNumber) == "\(packets)"
        }
        #expect(tcpdump.end().status == 0)
        #expect(try live.records("flow").count == 7)
        let local = "--vantage=10.77.0.1,fd77::1"
        // What arrives is stamped for each listener on its own, some microseconds apart. And tcpdump's file does not
        // say how long it listened behind the last packet, which makes the last step surer.
        let apart: Set = ["time", "first", "last", "certainty", "proof", "proof_file", "initiator", "responder"]
        try expectSame(live, try replay(path, local), without: apart)
    }

    @Test(arguments: [["-i", "left"], ["-i", "left", "-i", "lo"], ["-i", "any"]])
    func `what it writes replays to the same`(interfaces: [String]) throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let path = folder.path("written.pcapng")
        let capture = try wire.capture(interfaces + ["--write", path] + Self.records)
        for story in Self.stories { try wire.tell(story) }
        // What comes last is settled 2 ms later; an end within them is a matter of single microseconds.
        usleep(20_000)
        let live = capture.end(by: SIGTERM)
        #expect(live.status == 0 && live.error == "", "\(live.error)")
        #expect(try live.records("flow").count == 7)
        try expectSame(live, try replay(path))
        let written = try shell("tshark -r \(path) -T fields -e frame.packet_flags_direction -Y tcp").output
        #expect(Set(written.split(separator: "\n")) == ["0x00000001", "0x00000002"], "both directions: \(written)")
        let text = try shell("capinfos \(path)")
        #expect(text.output.contains("Name = \(interfaces[1])"), "\(text)")
    }

    @Test func `records are there before the capture ends, and presumed ones at once`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try wire.capture(["-i", "left", "--eager", "--immediate"])
        try wire.tell("open")
        try capture.wait("no ESTABLISHED") { capture.output.contains(#""to":"ESTABLISHED""#) }
        try wire.tell("half")
        // The ACK of the FIN is the last segment: nothing will ever prove that it arrived.
        try capture.wait("no FIN-WAIT-2") { capture.output.contains(#""to":"FIN-WAIT-2""#) }
        try wire.tell("end")
        let live = capture.end()
        let closed = try live.records("transition").filter { $0["to"]?.string == "TIME-WAIT" }
        #expect(Set(closed.map { $0["endpoint"]?.string }) == ["initiator"])
        #expect(try live.records("summary").count == 1)
        #expect(try live.records("withdrawal").isEmpty)
    }

    @Test func `without eager a presumed step waits`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try wire.capture(["-i", "left", "--immediate"])
        try wire.tell("close")
        try capture.wait("no TIME-WAIT") { capture.output.contains(#""to":"TIME-WAIT""#) }
        #expect(!capture.output.contains(#""to":"CLOSED""#))
        // Nobody sends any more: the host's clock settles it.
        try capture.wait("the last ACK is not settled") { capture.output.contains(#""to":"CLOSED""#) }
        #expect(capture.end().status == 0)
    }

    @Test func `it ends by itself`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let counted = try wire.capture(["-i", "left", "--count", "5"])
        try wire.tell("close")
        let five = counted.end(by: nil)
        #expect(five.status == 0)
        #expect(try five.records("summary").first?["packets"]?.number == 5)
        let timed = try wire.capture(["-i", "left", "--duration", "0.5", "--format", "table"])
        try wire.tell("close")
        let table = timed.end(by: nil)
        #expect(table.status == 0)
        #expect(table.output.contains("final states"), "\(table.output)")
    }

    @Test func `a finding fails the run where that was asked for`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try wire.capture(["-i", "left", "--fail-on", "warning"])
        try wire.tell("refused")
        #expect(capture.end().status == 1)
    }

    // MARK: Losses

    @Test func `lost packets are a finding of the flows alive, live and replayed`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let path = folder.path("lossy.pcapng")
        let capture = try wire.capture(["-i", "left", "--buffer", "1", "--write", path] + Self.records)
        try wire.tell("close")
        try capture.wait("the first flow is not told") { capture.output.contains(#""to":"TIME-WAIT""#) }
        usleep(2_100_000)
        try wire.tell("open")
        capture.signal(SIGSTOP)
        try wire.tell("udp 20000")
        capture.signal(SIGCONT)
        usleep(1_200_000)
        try wire.tell("end")
        let live = capture.end()
        let lost = try #require(try live.records("summary").first?["capture_losses"]?.number)
        #expect(lost > 0)
        for result in [live, try replay(path)] {
            let found = try result.records("finding").filter { $0["code"]?.string == "capture-loss" }
            let flows = try result.records("flow").compactMap { $0["flow"]?.number }
            // The first two had ended before.
            #expect(found.map { $0["flow"]?.number } == [flows.max()], "\(found)")
            #expect(found.first?["message"]?.string?.contains("lost while the flow was alive") == true)
            #expect(try result.records("summary").first?["capture_losses"]?.number == lost)
        }
    }

    // MARK: The terminal

    /// A capture whose screen has been drawn once.
    private func terminal(_ wire: Wire, _ options: String = "") throws -> Running {
        let command = "stty cols 160 rows 20; exec \(Places.program) capture -i left\(options)"
        let capture = try wire.start(["script", "-qefc", command, "/dev/null"], environment: ["TERM": "xterm"])
        try capture.wait("no screen") { capture.output.contains("0 flows") }
        return capture
    }

    @Test func `a terminal shows the flows as they change, and then the summary`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try terminal(wire)
        try wire.tell("open")
        try capture.wait("not ESTABLISHED") { capture.output.contains("ESTABLISHED 2") }
        try capture.wait("no owner") { capture.output.contains("python3 ") }
        try wire.tell("half")
        try capture.wait("not half-closed") { capture.output.contains("FIN-WAIT-2") }
        #expect(try shell("pkill -INT -P \(capture.number)").status == 0)
        let result = capture.end(by: nil)
        #expect(result.status == 0)
        let parts = result.output.components(separatedBy: "\u{1B}[?1049l")
        #expect(parts.count == 2 && parts[0].contains("\u{1B}[?1049h"), "the screen before comes back")
        #expect(parts.last?.contains("final states") == true)
    }

    @Test func `beside the flows stands how the kernel sees them, and at the end what diverges`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let begin = ContinuousClock.now
        let capture = try terminal(wire, " --crosscheck --owners")
        try wire.tell("open")
        try capture.wait("they do not agree") { capture.output.contains("agrees") }
        try capture.wait("no owner") { capture.output.contains("python3 ") }
        let rule = "add rule ip t c tcp flags & rst == rst drop"
        let hook = "add table ip t; add chain ip t c { type filter hook input priority 0; }"
        #expect(try shell("ip netns exec \(wire.client) nft '\(hook); \(rule)'").status == 0)
        // The RST passes the interface, and TCP does not take it.
        try wire.tell("abort")
        try capture.wait("they do not differ") { capture.output.contains("differs: ESTABLISHED") }
        #expect(try shell("pkill -INT -P \(capture.number)").status == 0)
        let result = capture.end(by: nil)
        #expect(result.status == 1)
        let parts = result.output.components(separatedBy: "\u{1B}[?1049l")
        #expect(parts.last?.contains("divergent: rst-not-taken") == true, "\(parts.last ?? "")")
        #expect(parts.last?.contains("python3(") == true, "\(parts.last ?? "")")
        // Twice a second at most.
        let frames = parts[0].components(separatedBy: "\u{1B}[H").count
        #expect(frames <= 2 * Int((ContinuousClock.now - begin).components.seconds) + 3, "it is drawn \(frames) times")
    }

    @Test func `a cross-check into a pipe names the owners`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try wire.capture(["-i", "left", "--crosscheck", "--owners", "--immediate"])
        try wire.tell("open")
        try capture.wait("it is not open") { capture.output.contains(#""to":"ESTABLISHED""#) }
        // A look is due now; what comes later is told after it.
        usleep(200_000)
        for story in ["close", "server-close"] {
            let told = capture.output.count
            try wire.tell(story)
            try capture.wait("the next story is not told") {
                capture.output.dropFirst(told).contains(#""to":"TIME-WAIT""#)
            }
        }
        let result = capture.end(by: SIGTERM)
        #expect(result.status == 0, "\(result.error)")
        let owners = try result.records("agreement").compactMap { $0["kernel"]?["owners"] }
        #expect(owners.contains { "\($0)".contains("python3") }, "\(result.output)")
    }

    // MARK: Privileges

    @Test func `without the capability it says which, and how to have it`() throws {
        guard try Demands.root() else { return }
        let result = try shell("setpriv --bounding-set -net_raw \(Places.program) capture -i lo")
        #expect(result.status == 2)
        #expect(result.error.contains("CAP_NET_RAW"))
        #expect(result.error.contains(#"sudo setcap cap_net_raw+ep "$(command -v postel)""#))
        let table = try shell("setpriv --bounding-set -net_raw \(Places.program) interfaces")
        #expect(table.status == 0)
        #expect(table.output.contains("needs CAP_NET_RAW"))
    }

    @Test(arguments: [["--user", "nobody"], []])
    func `privileges go once the interface is open`(arguments: [String]) throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let sudo = arguments.isEmpty ? ["SUDO_UID": "65534", "SUDO_GID": "65534"] : [:]
        let capture = try wire.capture(["-i", "left"] + arguments, environment: sudo)
        try capture.wait("it stays root") {
            let status = try String(contentsOfFile: "/proc/\(capture.number)/status", encoding: .utf8)
            return status.contains("Uid:\t65534\t65534\t65534\t65534") && status.contains("CapEff:\t0000000000000000")
                && status.contains("CapPrm:\t0000000000000000") && status.contains("NoNewPrivs:\t1")
        }
        try wire.tell("close")
        try capture.wait("nothing is captured") { capture.output.contains("TIME-WAIT") }
        #expect(capture.end().status == 0)
    }

    @Test func `killed, it leaves neither its helper behind nor the helper's trace`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let arguments = ["-i", "left", "--crosscheck", "--kernel-events", "--owners", "--user", "nobody"]
        let capture = try wire.capture(arguments)
        let helper = try shell("pgrep -P \(capture.number)").output.filter { !$0.isWhitespace }
        #expect(!helper.isEmpty, "no helper")
        func status(of process: String) throws -> String {
            try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        }
        try capture.wait("it stays root") {
            let main = try status(of: "\(capture.number)")
            return main.contains("Uid:\t65534\t65534\t65534\t65534") && main.contains("CapEff:\t0000000000000000")
                && main.contains("CapPrm:\t0000000000000000") && main.contains("CapInh:\t0000000000000000")
        }
        #expect(try status(of: helper).contains("Uid:\t0\t0\t0\t0"), "the helper keeps the privileges")
        try wire.tell("open")
        try capture.wait("nothing is captured") { capture.output.contains("ESTABLISHED") }
        #expect(try instances().contains { $0.hasPrefix("postel-\(helper)-") })
        _ = capture.end(by: SIGKILL)
        for _ in 0..<1500 where FileManager.default.fileExists(atPath: "/proc/\(helper)/exe") { usleep(20_000) }
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(helper)/exe"), "the helper is still there")
        #expect(try !instances().contains { $0.hasPrefix("postel-\(helper)-") }, "its trace is still there")
    }

    /// The names of all trace instances on this host.
    private func instances() throws -> [Substring] {
        let result = try shell("unshare -m sh -c 'mount -t tracefs tracefs /mnt && ls /mnt/instances'")
        #expect(result.status == 0, "\(result.error)")
        return result.output.split(separator: "\n")
    }

    // MARK: Interfaces

    @Test func `interfaces are listed with their addresses`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let result = try wire.start([Places.program, "interfaces", "--format", "ndjson"]).end(by: nil)
        #expect(result.status == 0)
        let left = try #require(try result.records("interface").first { $0["name"]?.string == "left" })
        let schema = Places.package.appendingPathComponent("Docs/schema/interface.json")
        let form = try JSONSchema(JSONValue(text: String(contentsOf: schema, encoding: .utf8)))
        #expect(try result.records("interface").flatMap { form.errors(in: $0) } == [])
        #expect(left["capture"] == .bool(true) && left["up"] == .bool(true) && left["missing"] == .null)
        guard case .array(let addresses)? = left["addresses"] else {
            Issue.record("no addresses: \(left)")
            return
        }
        #expect(Set(addresses).isSuperset(of: [.string("10.77.0.1/24"), .string("fd77::1/64")]))
        _ = try shell("ip -n \(wire.client) link set left down")
        let down = try wire.start([Places.program, "capture", "-i", "left"]).end(by: nil)
        #expect(down.status == 2)
        #expect(down.error.contains("left: the interface is down"), "\(down.error)")
        let missing = try wire.start([Places.program, "capture", "-i", "middle"]).end(by: nil)
        #expect(missing.status == 2)
        #expect(missing.error.contains("middle: there is no such interface. There are: left, lo, any"))
    }

    @Test func `an interface that goes away ends the capture, and what came before is told`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let capture = try wire.capture(["-i", "left"])
        try wire.tell("close")
        try capture.wait("nothing is captured") { capture.output.contains("TIME-WAIT") }
        _ = try shell("ip -n \(wire.client) link del left")
        let result = capture.end(by: nil)
        #expect(result.status == 2)
        #expect(result.error.contains("left: the capture ended after packet"), "\(result.error)")
        #expect(try result.records("summary").count == 1)
    }
}
