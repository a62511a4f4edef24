import Foundation
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// The kernel's own account of connections that are made here, and what is left of a trace. Needs root.
@Suite(.serialized) struct TraceTests {
    private static let client: [State] = [.closed, .synSent, .established, .finWait1, .finWait2, .closed]
    private static let server: [State] = [.listen, .synReceived, .established, .closeWait, .lastAck, .closed]

    /// A port that nobody else on the host is likely to watch or use.
    private let port = UInt16(20000 + getpid() % 10000)

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", AddressFamily.ipv4, AddressFamily.ipv4),
        ("::1", "::1", .ipv6, .ipv6),
        ("127.0.0.1", "::", .ipv4, .ipv6),
    ])
    func `a connection is told step by step`(
        host: String, listener: String, family: AddressFamily, serverFamily: AddressFamily
    ) throws {
        guard try Demands.root() else { return }
        let stage = try Stage("conversation.py", ["\(port)", host, listener])
        try stage.hear(until: "ready")
        var trace = try TransitionTrace(filter: TransitionFilter(ports: [port]))
        try stage.say("go")
        let done = try stage.hear(until: "done")
        let transitions = try trace.read(isLast: true)
        #expect(try trace.losses().events == 0)
        // By socket, without the listener's own two.
        let sockets = Dictionary(grouping: transitions, by: \.socket)
            .values.map { $0.filter { !isOfListener($0) } }.filter { !$0.isEmpty }
        #expect(sockets.count == 2)
        let clientPort = UInt16(try #require(done["client"]?.number))
        let client = try #require(sockets.first { $0.first?.to == .synSent })
        let server = try #require(sockets.first { $0.first?.to == .synReceived })
        #expect([client[0].from] + client.map(\.to) == Self.client)
        #expect([server[0].from] + server.map(\.to) == Self.server)
        // The local port is not known at the first step.
        let clientPair = pair(host, clientPort, host, port)
        #expect(client.dropFirst().allSatisfy { $0.pair == clientPair })
        #expect(client[0].pair.destinationPort == port && client[0].pair.family == family)
        #expect(server.allSatisfy { $0.pair == clientPair.reversed && $0.socketFamily == serverFamily })
        try checkTimes(transitions, client, done)
    }

    private func isOfListener(_ transition: KernelTransition) -> Bool {
        Set([transition.from, transition.to]) == [.closed, .listen]
    }

    private func checkTimes(_ transitions: [KernelTransition], _ client: [KernelTransition], _ done: JSONValue) throws {
        // Doubles keep these to a quarter of a microsecond.
        let begin = Int64(try #require(done["begin"]?.number)) - 1000
        let connected = Int64(try #require(done["connected"]?.number)) + 1000
        let end = Int64(try #require(done["end"]?.number)) + 1000
        #expect(transitions.allSatisfy { begin <= $0.time && $0.time <= end })
        #expect(zip(transitions, transitions.dropFirst()).allSatisfy { $0.time <= $1.time })
        #expect(client[1].time <= connected && connected - 2000 <= client[2].time)
    }

    @Test func `times and order hold over several reads`() throws {
        guard try Demands.root() else { return }
        let stage = try Stage("conversation.py", ["\(port)", "127.0.0.1", "127.0.0.1"])
        try stage.hear(until: "ready")
        var trace = try TransitionTrace(filter: TransitionFilter(ports: [port]))
        var found: [KernelTransition] = []
        for _ in 0..<20 {
            try stage.say("go")
            trace.wait(milliseconds: 5)
            found += try trace.read()
            try stage.hear(until: "done")
        }
        found += try trace.read(isLast: true)
        // Ten of each connection, and two of each listener.
        #expect(found.count == 20 * 12)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.time <= $1.time })
    }

    @Test func `other ports do not pass the filter`() throws {
        guard try Demands.root() else { return }
        let stage = try Stage("conversation.py", ["\(port)", "127.0.0.1", "127.0.0.1"])
        try stage.hear(until: "ready")
        var trace = try TransitionTrace(filter: TransitionFilter(ports: [port - 10000]))
        try stage.say("go")
        try stage.hear(until: "done")
        let transitions = try trace.read(isLast: true)
        #expect(!transitions.contains { $0.pair.sourcePort == port || $0.pair.destinationPort == port })
    }

    @Test func `a small buffer loses events, and says so`() throws {
        guard try Demands.root() else { return }
        let stage = try Stage("conversation.py", ["\(port)", "127.0.0.1", "127.0.0.1"])
        try stage.hear(until: "ready")
        let trace = try TransitionTrace(filter: TransitionFilter(ports: [port]), bufferSize: 4)
        for _ in 0..<50 {
            try stage.say("go")
            try stage.hear(until: "done")
        }
        #expect(try trace.losses().events > 0)
    }

    @Test func `nothing is left behind`() throws {
        guard try Demands.root() else { return }
        do {
            let trace = try TransitionTrace()
            #expect(try ours().count == 1)
            _ = trace.begin
        }
        #expect(try ours() == [])
    }

    @Test func `what a killed process left is removed by the next one`() throws {
        guard try Demands.root() else { return }
        let folder = try TemporaryFolder()
        let line = """
            cd '\(folder.url.path)'
            '\(Places.program)' snapshot --interval 60 --output out --events events &
            watcher=$!
            for i in $(seq 100); do [ -s out ] && break; sleep 0.05; done
            kill -9 $watcher; wait $watcher 2>/dev/null; echo $watcher
            """
        let killed = try #require(Int32(try shell(line).output.split(separator: "\n").last ?? ""))
        #expect(try instances().contains { $0.hasPrefix("postel-\(killed)-") })
        let trace = try TransitionTrace()
        #expect(try !instances().contains { $0.hasPrefix("postel-\(killed)-") })
        #expect(try ours().count == 1)
        _ = trace.begin
    }

    /// The instances of this process.
    private func ours() throws -> [Substring] {
        try instances().filter { $0.hasPrefix("postel-\(getpid())-") }
    }

    /// The names of all instances on this host.
    private func instances() throws -> [Substring] {
        let result = try shell("unshare -m sh -c 'mount -t tracefs tracefs /mnt && ls /mnt/instances'")
        #expect(result.status == 0, "\(result.error)")
        return result.output.split(separator: "\n")
    }
}
