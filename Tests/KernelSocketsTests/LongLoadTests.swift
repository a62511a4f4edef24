import Foundation
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What it costs to look at 19,800 sockets, and how often a listing goes wrong while others come and go. Needs root.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it"), .serialized) struct LongLoadTests {
    private static let connections = 9_900

    private func stage() throws -> Stage? {
        guard try Demands.root() else { return nil }
        let stage = try Stage("load.py", ["\(Self.connections)"])
        try stage.hear(until: "ready")
        return stage
    }

    /// The pairs of the connections that are held: all with port 8001.
    private func held(_ snapshot: KernelSnapshot) -> [KernelSocket] {
        snapshot.sockets.filter { socket in
            (socket.pair.sourcePort == 8001 || socket.pair.destinationPort == 8001) && socket.state == .established
        }
    }

    @Test func `what a snapshot costs`() throws {
        guard let stage = try stage() else { return }
        for source in [KernelSourceChoice.sockdiag, .procfs] {
            let view = try KernelView(namespace: stage.namespace(), source: source)
            var times: [Int64] = []
            for _ in 0..<5 {
                let snapshot = try view.snapshot()
                #expect(held(snapshot).count == 2 * Self.connections)
                #expect(Set(held(snapshot).map(\.pair)).count == 2 * Self.connections)
                times.append(snapshot.window.end - snapshot.window.begin)
            }
            print("\(source.rawValue): \(2 * Self.connections) sockets in \(milliseconds(times.min() ?? 0)) ms at best")
        }
        let begin = now()
        let owners = OwnerTable()
        print("owners: \(owners.owners.count) sockets in \(milliseconds(now() - begin)) ms")
        #expect(owners.owners.count >= 2 * Self.connections)
        try lookUps(stage)
    }

    private func lookUps(_ stage: Stage) throws {
        let view = try KernelView(namespace: stage.namespace(), source: .sockdiag)
        let pairs = held(try view.snapshot()).prefix(5000).map(\.pair)
        let begin = now()
        for pair in pairs {
            guard case .socket = try view.lookUp(pair) else {
                Issue.record("\(pair) is not found")
                return
            }
        }
        print("a look-up: \((now() - begin) / Int64(pairs.count)) ns")
    }

    @Test(arguments: [KernelSourceChoice.sockdiag, .procfs])
    func `held sockets are listed once while others come and go`(source: KernelSourceChoice) throws {
        guard let stage = try stage() else { return }
        let view = try KernelView(namespace: stage.namespace(), source: source)
        let wanted = Set(held(try view.snapshot()).map(\.pair))
        #expect(wanted.count == 2 * Self.connections)
        try stage.say("churn")
        var repeated = 0
        var missing = 0
        for _ in 0..<30 {
            let snapshot = try view.snapshot()
            repeated += snapshot.repeated
            let found = held(snapshot).map(\.pair)
            // Repeated rows have been put together.
            #expect(Set(found).count == found.count)
            for pair in wanted.subtracting(found) {
                missing += 1
                guard case .socket = try view.lookUp(pair) else {
                    Issue.record("\(pair) is not found again")
                    continue
                }
            }
        }
        try stage.say("calm")
        let churned = try stage.hear(until: "churned")["churned"]?.number ?? 0
        #expect(churned > 100)
        let meanwhile = "\(source.rawValue), \(Int(churned)) connections meanwhile"
        print("\(meanwhile): \(repeated) rows came again, \(missing) missed")
    }

    private func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 }
}
