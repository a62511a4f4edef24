import Foundation
import TestSupport
import Testing

/// What `postel capture` tells of a host's endpoints against the kernel's own account, the tracepoint
/// `sock:inet_sock_set_state`. Needs root.
@Suite(.serialized) struct LiveTransitionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private struct Change: Hashable, CustomStringConvertible {
        var from: String
        var to: String
        var time: Double
        var description: String { "\(from) to \(to) at \(time)" }

        func isSame(as other: Change) -> Bool { from == other.from && to == other.to }
        func isNear(_ other: Change) -> Bool { abs(time - other.time) <= 0.25 }
    }

    /// A connection of the client's. The kernel may choose a port a second time, for another port of the server.
    private struct Place: Hashable {
        var address: String
        var port: Int
        var server: Int
    }

    @Test func `what is told live are the transitions that the kernel makes`() throws {
        guard try Demands.root() else { return }
        let wire = try Wire()
        let events = folder.path("events")
        let watch = try wire.start([
            Places.program, "snapshot", "--interval", "1", "--format", "ndjson", "--output", folder.path("sockets"),
            "--events", events,
        ])
        try watch.wait("nobody watches") {
            (try? String(contentsOfFile: folder.path("sockets"), encoding: .utf8))?.isEmpty == false
        }
        let capture = try wire.capture(["-i", "left", "--show", "flows,transitions"])
        for story in ["close", "server-close", "reset", "refused", "open", "half", "end"] { try wire.tell(story) }
        let live = capture.end()
        #expect(watch.end(by: SIGTERM).status == 143)
        let kernel = try kernelChanges(events)
        let told = try inferredChanges(live)
        #expect(told.count == 8 && Set(told.keys).isSubset(of: kernel.keys), "\(kernel.keys)")
        for (place, steps) in told { expectPairs(steps, kernel[place] ?? []) }
        // Most are paired within what separates a packet's stamp from what the kernel makes of it.
        let gaps = told.flatMap { place, steps in
            steps.compactMap { step in
                (kernel[place] ?? []).filter { $0.isSame(as: step) }.map { abs($0.time - step.time) }.min()
            }
        }.sorted()
        #expect(gaps.count >= 24 && gaps[gaps.count / 2] < 0.001, "\(gaps)")
    }

    /// Both ways: each of the kernel's is told, and each that is told is the kernel's, but for what it does not tell
    /// (kernel-facts 3.1): TIME-WAIT, and what is left of a closed socket.
    private func expectPairs(_ steps: [Change], _ kernel: [Change]) {
        for change in kernel {
            let isEnd = change.from == "FIN-WAIT-2" && change.to == "CLOSED"
            let partner = steps.first { step in
                let isLike = isEnd ? ["FIN-WAIT-2", "TIME-WAIT"].contains(step.to) : step.isSame(as: change)
                return isLike && step.isNear(change)
            }
            #expect(partner != nil, "the kernel: \(change); told: \(steps)")
        }
        for step in steps where step.to != "TIME-WAIT" && step.from != "TIME-WAIT" {
            let partner = kernel.first { $0.isNear(step) && $0.isSame(as: step) }
            #expect(partner != nil, "told: \(step); the kernel: \(kernel)")
        }
    }

    private func kernelChanges(_ path: String) throws -> [Place: [Change]] {
        var changes: [Place: [Change]] = [:]
        var unbound: [Change] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let record = try JSONValue(text: String(line))
            guard record["record"]?.string == "kernel-transition", let local = record["local"]?["address"]?.string,
                ["10.77.0.1", "fd77::1"].contains(local), let port = record["local"]?["port"]?.number,
                let server = record["remote"]?["port"]?.number, let from = record["from"]?.string,
                let to = record["to"]?.string, let time = record["time"]?.number
            else { continue }
            let change = Change(from: from, to: to, time: time)
            // The port is not chosen yet at the first step: the next one has it.
            if port == 0 {
                unbound.append(change)
            } else {
                let place = Place(address: local, port: Int(port), server: Int(server))
                if changes[place] == nil { changes[place] = unbound.popLast().map { [$0] } ?? [] }
                changes[place]?.append(change)
            }
        }
        return changes
    }

    private func inferredChanges(_ live: ProgramResult) throws -> [Place: [Change]] {
        var places: [Int: Place] = [:]
        for flow in try live.records("flow") {
            guard let number = flow["flow"]?.number, let address = flow["initiator"]?["address"]?.string,
                let port = flow["initiator"]?["port"]?.number, let server = flow["responder"]?["port"]?.number
            else { continue }
            places[Int(number)] = Place(address: address, port: Int(port), server: Int(server))
        }
        var changes: [Place: [Change]] = [:]
        for step in try live.records("transition") where step["endpoint"]?.string == "initiator" {
            guard let flow = step["flow"]?.number, let place = places[Int(flow)], let from = step["from"]?.string,
                let to = step["to"]?.string, let time = step["time"]?.number
            else { continue }
            changes[place, default: []].append(Change(from: from, to: to, time: time))
        }
        return changes
    }
}
