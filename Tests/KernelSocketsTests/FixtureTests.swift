import Foundation
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Real tables (procfixtures beside the package), each with what its README says of it.
@Suite struct FixtureTests {
    /// The lines of the README: a file and how many rows of each state it has.
    private func catalog() throws -> [(file: String, counts: [State: Int])]? {
        guard let readme = try Demands.shared("procfixtures/README.txt") else { return nil }
        let names: [Substring: State] = [
            "LISTEN": .listen, "SYN_SENT": .synSent, "SYN_RECV": .synReceived, "ESTABLISHED": .established,
            "FIN_WAIT1": .finWait1, "FIN_WAIT2": .finWait2, "CLOSE_WAIT": .closeWait, "CLOSING": .closing,
            "LAST_ACK": .lastAck, "TIME_WAIT": .timeWait,
        ]
        return try String(contentsOf: readme, encoding: .utf8).matches(of: /(?m)^(\S+\.tcp6?\.txt) \(([^)]*)\)/).map {
            let counts = $0.output.2.split(separator: " ").compactMap { word -> (State, Int)? in
                let parts = word.split(separator: "=")
                guard parts.count == 2, let state = names[parts[0]], let count = Int(parts[1]) else { return nil }
                return (state, count)
            }
            return (String($0.output.1), Dictionary(uniqueKeysWithValues: counts))
        }
    }

    @Test func `every fixture has the rows that its catalog says`() throws {
        guard let catalog = try catalog() else { return }
        #expect(catalog.count == 66)
        for (file, counts) in catalog {
            let snapshot = try fixture(file)
            #expect(snapshot.skipped.isEmpty, "\(file)")
            let found = Dictionary(grouping: snapshot.sockets, by: \.state).mapValues(\.count)
            if file.hasPrefix("snapshot-with-repeated-rows") {
                #expect(snapshot.repeated == 37)
                #expect(found == [.listen: 3, .established: 335])
            } else {
                #expect(snapshot.repeated == 0, "\(file)")
                #expect(found == counts, "\(file)")
            }
        }
    }

    /// The kind of each row, by file; the expected values were read off the files by hand.
    @Test(arguments: [
        ("listen.tcp.txt", [.listener(.init(acceptQueue: 0, fastOpenLimit: 0))]),
        (
            "accept-queue-inode0.tcp.txt",
            [
                .listener(.init(acceptQueue: 1, fastOpenLimit: 0)),
                full(.established, receive: 4, rto: 200, window: 10),
            ]
        ),
        ("syn-sent.tcp.txt", [full(.synSent, send: 1, .retransmission(930), rto: 1000, window: 10)]),
        (
            "syn-sent-retrans.tcp.txt",
            [full(.synSent, send: 1, .retransmission(700), tries: 3, rto: 1000, window: 1)]
        ),
        (
            "syn-recv-retrans.tcp.txt",
            [
                .listener(.init(acceptQueue: 0, fastOpenLimit: 0)),
                .request(.init(retransmissions: 1, remaining: 1_480_000_000)),
            ]
        ),
        (
            "simultaneous-open-synrecv-full.tcp.txt",
            [full(.synReceived, send: 1, .retransmission(800), tries: 1, rto: 1000, window: 1)]
        ),
        (
            "tfo-server-synrecv-accepted.tcp.txt",
            [
                .listener(.init(acceptQueue: 0, fastOpenLimit: 16)),
                full(.synReceived, send: 4, .retransmission(900), rto: 3000, window: 10),
            ]
        ),
        (
            "established-txqueue-zero-window-probe.tcp.txt",
            [
                .listener(.init(acceptQueue: 0, fastOpenLimit: 0)),
                full(.established, rto: 200, window: 11),
                full(.established, send: 0x8358, .windowProbe(280), probes: 1, rto: 210, window: 100),
                full(.established, rto: 200, window: 10),
            ]
        ),
        (
            "fin-wait2-orphan-full.tcp.txt",
            [
                .remnant(.init(phase: .timeWait, remaining: 59_620_000_000)),
                .remnant(.init(phase: .timeWait, remaining: 59_870_000_000)),
                full(.finWait2, .finWait2(59_940), rto: 200, window: 11),
            ]
        ),
        (
            "fin-wait2-timewait-mini-fin60.tcp.txt",
            [
                .remnant(.init(phase: .timeWait, remaining: 59_760_000_000)),
                .remnant(.init(phase: .finWait2, remaining: 59_940_000_000)),
            ]
        ),
        (
            "half-open-retransmitting.tcp.txt",
            [
                .remnant(.init(phase: .timeWait, remaining: 52_510_000_000)),
                full(.established, send: 13, .retransmission(1980), tries: 5, rto: 3260, window: 1),
            ]
        ),
        (
            "last-ack-owned.tcp.txt",
            [
                .listener(.init(acceptQueue: 0, fastOpenLimit: 0)),
                full(.lastAck, send: 1, receive: 1, .retransmission(140), rto: 200, window: 10),
            ]
        ),
    ])
    func `rows say what they show`(file: String, kinds: [KernelSocket.Kind]) throws {
        guard try Demands.shared("procfixtures") != nil else { return }
        #expect(try fixture(file).sockets.map(\.kind) == kinds)
    }

    @Test func `users, inodes and pointers`() throws {
        guard try Demands.shared("procfixtures") != nil else { return }
        let sockets = try fixture("uid-8-digits.tcp.txt").sockets
        #expect(sockets.map(\.uid) == [12_345_678, 0, 0, 0, 12_345_678])
        #expect(sockets.map(\.inode) == [46979, nil, nil, nil, 46978])
        #expect(sockets[0].identity == .pointer(0xd755_b238))
        #expect(sockets[4].pair == pair("10.99.0.1", 34876, "10.99.0.2", 8080))
    }

    @Test func `IPv4 on an IPv6 socket is IPv4`() throws {
        guard try Demands.shared("procfixtures") != nil else { return }
        let sockets = try fixture("v6-server-and-v4mapped.tcp6.txt").sockets
        #expect(
            sockets.map(\.pair) == [
                pair("::", 8086, "::", 0), pair("10.99.0.2", 8086, "10.99.0.1", 42676),
                pair("fd99::2", 8086, "fd99::1", 38270),
            ])
        #expect(sockets.map(\.socketFamily) == [.ipv6, .ipv6, .ipv6])
        let requests = try fixture("syn-recv.tcp6.txt").sockets
        #expect(requests.map(\.pair.family) == [.ipv6, .ipv6, .ipv4])
        #expect(requests.dropFirst().map(\.kind.name) == ["request", "request"])
    }

    @Test func `a socket connected to itself is one row`() throws {
        guard try Demands.shared("procfixtures") != nil else { return }
        let socket = try #require(try fixture("self-connect.tcp.txt").sockets.last)
        #expect(socket.pair == pair("127.0.0.1", 9555, "127.0.0.1", 9555))
        #expect(socket.pair == socket.pair.reversed)
    }
}

/// A table of procfixtures.
func fixture(_ file: String) throws -> KernelSnapshot {
    try ProcTable.parse(
        fixtureOctets(file), socketFamily: file.hasSuffix(".tcp6.txt") ? .ipv6 : .ipv4, path: file)
}

func fixtureOctets(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Places.shared.appendingPathComponent("procfixtures/\(file)")))
}

/// A full socket of procfs. Times in milliseconds.
func full(
    _ phase: KernelSocket.Phase, send: UInt32 = 0, receive: UInt32 = 0, _ timer: KernelSocket.Timer = .none,
    tries: UInt32 = 0, probes: UInt32 = 0, rto: Int64, window: UInt32
) -> KernelSocket.Kind {
    let million: Int64 = 1_000_000
    let exact: KernelSocket.Timer =
        switch timer {
        case .none: .none
        case .retransmission(let time): .retransmission(time * million)
        case .keepalive(let time): .keepalive(time * million)
        case .finWait2(let time): .finWait2(time * million)
        case .windowProbe(let time): .windowProbe(time * million)
        case .other(let number, let time): .other(number, time * million)
        }
    var socket = KernelSocket.FullSocket(
        phase: phase, sendQueue: send, receiveQueue: receive, timer: exact, retransmissions: tries, probes: probes)
    socket.retransmissionTimeout = rto * million
    socket.congestionWindow = window
    return .full(socket)
}

func pair(_ local: String, _ localPort: UInt16, _ remote: String, _ remotePort: UInt16) -> SocketPair {
    let parsed = Address.parse(local)!
    return SocketPair(
        source: parsed.address, destination: Address(remote)!, sourcePort: localPort, destinationPort: remotePort,
        family: parsed.family)
}
