import Foundation
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Real sockets in every state, made in a namespace of their own, as procfs, sock_diag and ss see them. Needs root.
@Suite(.serialized) struct LiveTests {
    /// One socket as the script that made it tells.
    private struct Expected {
        let name: String
        let pair: SocketPair
        let state: State
        let kind: String
        let inode: UInt64?

        init?(_ value: JSONValue) {
            guard let name = value["name"]?.string, let local = value["local"]?.string,
                let remote = value["remote"]?.string, let state = value["state"]?.string.flatMap({ State(name: $0) }),
                let kind = value["kind"]?.string, let pair = Expected.pair(local, remote)
            else { return nil }
            self.name = name
            self.pair = pair
            self.state = state
            self.kind = kind
            inode = value["inode"]?.number.map { UInt64($0) }
        }

        private static func pair(_ local: String, _ remote: String) -> SocketPair? {
            guard let (left, leftPort) = endpoint(local), let (right, rightPort) = endpoint(remote) else { return nil }
            return KernelSocketsTests.pair(left, leftPort, right, rightPort)
        }
    }

    /// Everything that the script made; nil where the machine lacks what it takes.
    private func stage() throws -> (Stage, [Expected])? {
        guard try Demands.root() else { return nil }
        let stage = try Stage("every-state.py")
        try stage.hear(until: "ready")
        let expected = stage.told.compactMap(Expected.init)
        #expect(expected.count == stage.told.count)
        #expect(Set(expected.map(\.state)) == Set(State.allCases))
        return (stage, expected)
    }

    @Test(arguments: KernelSource.allCases)
    func `every state is seen`(source: KernelSource) throws {
        guard let (stage, expected) = try stage() else { return }
        let choice: KernelSourceChoice = source == .procfs ? .procfs : .sockdiag
        let view = try KernelView(namespace: stage.namespace(), source: choice)
        let before = now()
        let snapshot = try view.snapshot()
        #expect(snapshot.source == source)
        #expect(snapshot.skipped == [:])
        #expect(before <= snapshot.window.begin && snapshot.window.end <= now())
        for one in expected where source == .sockdiag || one.kind != "bound" {
            let found = snapshot.sockets.filter { $0.pair == one.pair }
            #expect(found.count == 1, "\(one.name)")
            guard let socket = found.first else { continue }
            #expect(socket.state == one.state, "\(one.name)")
            #expect(socket.kind.name == one.kind, "\(one.name)")
            #expect(socket.inode == one.inode, "\(one.name)")
            #expect(snapshot.window.begin <= socket.seen.begin && socket.seen.end <= snapshot.window.end)
            #expect(socket.seen.begin <= socket.seen.end)
        }
        try checkDetails(snapshot, expected)
    }

    /// What a few of the sockets show besides their states.
    private func checkDetails(_ snapshot: KernelSnapshot, _ expected: [Expected]) throws {
        func socket(_ name: String) throws -> KernelSocket {
            let one = try #require(expected.first { $0.name == name })
            return try #require(snapshot.sockets.first { $0.pair == one.pair })
        }
        func full(_ name: String) throws -> KernelSocket.FullSocket {
            guard case .full(let full) = try socket(name).kind else { throw Stage.Failure(description: name) }
            return full
        }
        #expect(try full("established client").receiveQueue == 5)
        #expect(try full("established client").timer == .none)
        // The FIN that nobody read counts as an octet.
        #expect(try full("close-wait").receiveQueue == 1)
        #expect(try full("fin-wait-1").sendQueue == 1)
        #expect(try full("fast open").receiveQueue == 5)
        if case .keepalive(let time) = try full("keepalive").timer {
            #expect((7000...7200).contains(time / 1_000_000_000))
        } else {
            Issue.record("no keepalive timer")
        }
        #expect(try full("zero window").sendQueue > 4096)
        guard case .listener(let listener) = try socket("overflowing").kind else {
            Issue.record("no listener")
            return
        }
        #expect(listener.acceptQueue == 2)
        guard snapshot.source == .sockdiag else { return }
        #expect(listener.backlog == 1)
        #expect(try full("close-wait").shutdown == .receive)
        #expect(try full("fin-wait-2").shutdown == .send)
        let information = try #require(try full("established server").information)
        #expect(information.options.isSuperset(of: [.timestamps, .selectiveAcknowledgment, .windowScale]))
        #expect(information.acknowledgedOctets == 5)
        #expect(information.unacknowledged == 0)
        #expect(information.sinceDataSent < 60_000_000_000)
        #expect(try socket("mapped").socketFamily == .ipv6)
        if case .cookie? = try socket("time-wait").identity {} else { Issue.record("no cookie") }
    }

    @Test func `both sources tell the same`() throws {
        guard let (stage, _) = try stage() else { return }
        let namespace = try stage.namespace()
        let left = try KernelView(namespace: namespace, source: .procfs).snapshot()
        let right = try KernelView(namespace: namespace, source: .sockdiag).snapshot()
        func facts(_ snapshot: KernelSnapshot) -> Set<String> {
            Set(
                snapshot.sockets.filter { $0.kind != .bound }.map { socket in
                    let queues =
                        switch socket.kind {
                        case .full(let full): "\(full.sendQueue) \(full.receiveQueue)"
                        case .listener(let listener): "\(listener.acceptQueue)"
                        case .bound, .request, .remnant: ""
                        }
                    let inode = socket.inode.map { "\($0)" } ?? "none"
                    let what = "\(socket.kind.name) \(socket.state)"
                    return "\(socket.pair) \(socket.socketFamily) \(what) \(queues) \(inode)"
                })
        }
        #expect(facts(left) == facts(right))
        #expect(left.sockets.count >= 30)
    }

    @Test func `ss tells the same`() throws {
        guard let (stage, _) = try stage() else { return }
        let snapshot = try KernelView(namespace: stage.namespace(), source: .sockdiag).snapshot()
        let states: [Substring: State] = [
            "LISTEN": .listen, "SYN-SENT": .synSent, "SYN-RECV": .synReceived, "ESTAB": .established,
            "FIN-WAIT-1": .finWait1, "FIN-WAIT-2": .finWait2, "CLOSE-WAIT": .closeWait, "CLOSING": .closing,
            "LAST-ACK": .lastAck, "TIME-WAIT": .timeWait,
        ]
        let theirs = try inside(stage.number, "ss -Htan").split(separator: "\n").map { line in
            let fields = line.split(separator: " ")
            let state = try #require(states[fields[0]])
            return "\(state) \(fields[1]) \(fields[2]) \(fields[3]) \(fields[4])"
        }
        let ours = snapshot.sockets.filter { $0.kind != .bound }.map(line)
        #expect(Set(ours).symmetricDifference(theirs) == [])
        #expect(ours.count == theirs.count)
    }

    /// A socket as `ss` writes it.
    private func line(_ socket: KernelSocket) -> String {
        let (receive, send): (UInt32, UInt32) =
            switch socket.kind {
            case .full(let full): (full.receiveQueue, full.sendQueue)
            case .listener(let listener): (listener.acceptQueue, listener.backlog ?? 0)
            case .bound, .request, .remnant: (0, 0)
            }
        func text(_ address: Address, _ port: UInt16) -> String {
            let port = port == 0 ? "*" : "\(port)"
            if socket.pair.family == .ipv4, socket.socketFamily == .ipv6 { return "[::ffff:\(address)]:\(port)" }
            // A listener for both families.
            if socket.socketFamily == .ipv6, socket.pair.source == Address(high: 0, low: 0) { return "*:\(port)" }
            return socket.pair.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
        let local = text(socket.pair.source, socket.pair.sourcePort)
        let remote = text(socket.pair.destination, socket.pair.destinationPort)
        return "\(socket.state) \(receive) \(send) \(local) \(remote)"
    }

    @Test(arguments: [KernelSourceChoice.sockdiag, .procfs])
    func `each socket is found again, and a gone one is not its listener`(source: KernelSourceChoice) throws {
        guard let (stage, expected) = try stage() else { return }
        let view = try KernelView(namespace: stage.namespace(), source: source)
        for one in expected where one.kind != "bound" && one.kind != "listener" {
            guard case .socket(let socket) = try view.lookUp(one.pair) else {
                Issue.record("\(one.name) is not found")
                continue
            }
            #expect(socket.pair == one.pair && socket.state == one.state, "\(one.name)")
        }
        let gone = pair("10.99.0.1", 8001, "10.99.0.1", 1)
        switch try view.lookUp(gone) {
        case .listener(let listener): #expect(listener.pair == pair("10.99.0.1", 8001, "0.0.0.0", 0))
        case .none: #expect(source == .procfs)
        case .socket(let socket): Issue.record("\(socket)")
        }
        #expect(try view.lookUp(pair("10.99.0.1", 7, "10.99.0.1", 1)) == .none)
        #expect(try view.lookUp(pair("fd99::1", 7, "fd99::1", 1)) == .none)
    }

    @Test func `sockets have owners`() throws {
        guard let (stage, expected) = try stage() else { return }
        let owners = OwnerTable()
        let snapshot = try KernelView(namespace: stage.namespace()).snapshot()
        for one in expected {
            let socket = try #require(snapshot.sockets.first { $0.pair == one.pair })
            #expect(owners.owners(of: socket).map(\.process) == (one.inode == nil ? [] : [stage.number]), "\(one.name)")
            #expect(owners.owners(of: socket).allSatisfy { $0.program.hasPrefix("python3") })
        }
    }

    @Test func `namespaces are found by process and by name`() throws {
        guard try Demands.root() else { return }
        let name = "postel-test-\(getpid())"
        #expect(try shell("ip netns add \(name)").status == 0)
        defer { _ = try? shell("ip netns delete \(name)") }
        _ = try shell("ip netns exec \(name) ip link set lo up")
        let named = try NetworkNamespace.named(name)
        let all = try NetworkNamespace.all()
        #expect(all.namespaces.first == (try NetworkNamespace.own()))
        #expect(all.namespaces.contains(named))
        #expect(Set(all.namespaces.map(\.identifier)).count == all.namespaces.count)
        // Nobody lives in it: only a thread that enters it can look.
        for source in [KernelSourceChoice.procfs, .sockdiag] {
            #expect(try KernelView(namespace: named, source: source).snapshot().sockets == [])
        }
        #expect(throws: KernelSocketsError.noSuchNamespace("nobody")) { try NetworkNamespace.named("nobody") }
        #expect(throws: KernelSocketsError.noSuchNamespace("../netns/\(name)")) {
            try NetworkNamespace.named("../netns/\(name)")
        }
        // This thread has not moved.
        #expect(try NetworkNamespace.own() != named)
    }
}

/// "10.0.0.1:80" or "[::1]:80", taken apart.
func endpoint(_ text: String) -> (String, UInt16)? {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    return (text[..<colon].filter { $0 != "[" && $0 != "]" }, port)
}

/// Nanoseconds since the epoch.
func now() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
