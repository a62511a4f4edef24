import KernelSockets
@testable import Reports
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// The kernel's view as table and records, and the records read again.
@Suite struct KernelReportTests {
    private let window = TimeWindow(begin: 1_700_000_000_000_000_001, end: 1_700_000_000_000_250_000)

    private func socket(
        _ kind: KernelSocket.Kind, _ localPort: UInt16, _ remotePort: UInt16, inode: UInt64? = nil, uid: UInt32 = 0,
        family: AddressFamily = .ipv4, socketFamily: AddressFamily? = nil, identity: KernelSocket.Identity? = nil
    ) -> KernelSocket {
        let local = family == .ipv4 ? Address(ipv4: 0x0A00_0001) : Address(high: 0x2001_0DB8 << 32, low: 1)
        let none = family == .ipv4 ? Address(ipv4: 0) : Address(high: 0, low: 0)
        return KernelSocket(
            pair: SocketPair(
                source: local, destination: remotePort == 0 ? none : Address(high: local.high, low: local.low + 1),
                sourcePort: localPort, destinationPort: remotePort, family: family),
            socketFamily: socketFamily ?? family, kind: kind, uid: uid, inode: inode, identity: identity, seen: window)
    }

    private func full(
        _ phase: KernelSocket.Phase, _ timer: KernelSocket.Timer = .none, tries: UInt32? = nil, probes: UInt32? = nil
    ) -> KernelSocket.Kind {
        .full(
            .init(
                phase: phase, sendQueue: 7, receiveQueue: 3, timer: timer, retransmissions: tries, probes: probes))
    }

    /// A snapshot with every kind, phase and timer.
    private var record: SnapshotRecord {
        var detailed = KernelSocket.FullSocket(
            phase: .established, sendQueue: 0, receiveQueue: 4_294_967_295, timer: .keepalive(7_200_000_000_000))
        detailed.retransmissionTimeout = 204_000_000
        detailed.congestionWindow = 10
        detailed.slowStartThreshold = 7
        detailed.shutdown = [.receive, .send]
        var information = TCPInformation()
        information.options = [.timestamps, .windowScale, .fastOpenChild]
        information.sendScale = 14
        information.sinceDataSent = 1_500_000_000
        information.acknowledgedOctets = .max
        detailed.information = information
        var snapshot = KernelSnapshot(
            namespace: .init(4_026_531_840), source: .sockdiag, window: window,
            sockets: [
                socket(.bound, 8000, 0, inode: 1),
                socket(.listener(.init(acceptQueue: 2, backlog: 1)), 80, 0, inode: 2, uid: 33, identity: .cookie(.max)),
                socket(.listener(.init(acceptQueue: 0, fastOpenLimit: 16)), 443, 0, inode: 3, family: .ipv6),
                socket(.request(.init(retransmissions: 2, remaining: 3_450_000_000)), 80, 40000, uid: 33),
                socket(full(.synSent, .retransmission(900_000_000), tries: 3), 40001, 80, inode: 4),
                socket(full(.synReceived), 80, 40002),
                socket(.full(detailed), 80, 40003, inode: 5, socketFamily: .ipv6, identity: .cookie(1)),
                socket(full(.finWait1, .windowProbe(280_000_000), probes: 2), 40004, 80, identity: .pointer(0xABC)),
                socket(full(.finWait2, .finWait2(59_940_000_000)), 40005, 80),
                socket(full(.closeWait), 80, 40006, inode: 6, family: .ipv6),
                socket(full(.closing, .other(9, 0)), 40007, 80, inode: 7),
                socket(full(.lastAck, .retransmission(-1), tries: 0), 80, 40008),
                socket(.remnant(.init(phase: .finWait2, remaining: 59_000_000_000)), 40009, 80),
                socket(.remnant(.init(phase: .timeWait, remaining: 1_000_000)), 40010, 80),
            ])
        snapshot.repeated = 3
        snapshot.skipped = [.fieldCount: 1, .truncated: 2]
        snapshot.isInterrupted = true
        return SnapshotRecord(
            number: 1, snapshot: snapshot, namespaceName: "blue", selection: "address=10.0.0.0/8",
            owners: [
                2: [.init(process: 100, program: "nginx"), .init(process: 101, program: "nginx")],
                5: [.init(process: 7, program: "a \"b\"\n\u{1B}")],
            ])
    }

    private func render(
        _ format: KernelReportFormat, owners: Bool = true, _ body: (inout KernelReport) throws -> Void
    ) throws -> String {
        let folder = try TemporaryFolder()
        var report = KernelReport(
            format: format, output: try OutputFile(path: folder.path("report")), showsOwners: owners)
        try body(&report)
        return try contents(folder.path("report"))
    }

    @Test func `a table`() throws {
        let text = try render(.table) { report in try report.write(record) }
        #expect(Golden.difference(text, "sockets.txt") == nil)
        #expect(!text.contains("\u{1B}"))
    }

    @Test func `records are valid by their schemas, and the same when they are read again`() throws {
        let transition = KernelTransition(
            time: -1, pair: socket(.bound, 0, 80).pair, socketFamily: .ipv4, from: .closed, to: .synSent,
            socket: 0xFFFF_8881_0AD1_2500)
        let trace = TraceRecord(window: window, transitions: 1, lost: 2)
        let text = try render(.ndjson) { report in
            try report.write(record)
            try report.write([transition])
            try report.write(trace)
        }
        #expect(Golden.difference(text, "sockets.ndjson") == nil)
        #expect(try Schemas.errors(in: text) == [])
        let names = try text.split(separator: "\n").map { try JSONValue(text: $0)["record"]?.string }
        #expect(Set(names) == Set(Schemas.kernelNames))
        let folder = try TemporaryFolder()
        var reader = try RecordingReader(path: folder.write(Array(text.utf8), to: "recording"))
        #expect(try reader.next() == .snapshot(record))
        #expect(try reader.next() == .transition(transition))
        #expect(try reader.next() == .trace(trace))
        #expect(try reader.next() == nil)
    }

    @Test func `nobody looked for owners`() throws {
        var bare = record
        bare.owners = nil
        let text = try render(.ndjson) { report in try report.write(bare) }
        #expect(try Schemas.errors(in: text) == [])
        let folder = try TemporaryFolder()
        var reader = try RecordingReader(path: folder.write(Array(text.utf8), to: "recording"))
        #expect(try reader.next() == .snapshot(bare))
    }

    @Test(arguments: [
        ("state=FIN-WAIT-2", 2), ("state=CLOSED", 1), ("port=443", 1), ("port=40003", 1), ("address=2001:db8::/32", 2),
        ("address=10.0.0.2,state=ESTABLISHED", 1), ("finding=half-open", 0),
    ])
    func `sockets are selected`(conditions: String, count: Int) throws {
        let selection = try Selection(conditions)
        #expect(record.snapshot.sockets.count { selection.matches($0) } == count)
        #expect(selection.isOnlyForFlows == conditions.hasPrefix("finding"))
    }
}
