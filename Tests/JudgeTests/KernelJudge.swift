import Flows
import Foundation
import TCPStateMachine
import WireFormat

/// One row of a `/proc/net/tcp` poll.
struct PolledRow {
    var local: Socket
    var remote: Socket
    var state: State
    var sendQueue: Int
    var hasNoInode: Bool

    init?(_ values: [Any]) {
        guard values.count >= 10, let local = Socket([values[1], values[2]]),
            let remote = Socket([values[3], values[4]]), let name = values[5] as? String, let state = kernelStates[name]
        else { return nil }
        self.local = local
        self.remote = remote
        self.state = state
        sendQueue = values[6] as? Int ?? 0
        hasNoInode = values[9] as? Bool ?? false
    }
}

/// A transition that the kernel's tracepoint reported.
struct TracedStep {
    var time: Double
    var state: State
    /// It happened in a system call, not on a packet or timer.
    var inSystemCall: Bool
}

/// A kernel's own account of one connection on its host.
struct KernelAccount {
    var local: Socket
    var remote: Socket
    var steps: [TracedStep] = []
    /// When the listening socket on the port was closed by a call.
    var listenerClosed: Double?
    /// What each poll that changed something showed of the connection; nil: no row. And whether the port listened.
    var polls: [(time: Double, row: PolledRow?, listens: Bool)] = []

    /// The account of one connection.
    init(_ folder: URL, local: Socket, remote: Socket) throws {
        self.local = local
        self.remote = remote
        readTrace(try Corpora.lines(folder.appendingPathComponent("transitions.ndjson")))
        for line in try Corpora.lines(folder.appendingPathComponent("snapshots.ndjson")) {
            let rows = (line["socks"] as? [[Any]] ?? []).compactMap(PolledRow.init)
            polls.append(
                (
                    line["t1"] as? Double ?? 0, rows.last { $0.local == local && $0.remote == remote },
                    rows.contains { $0.state == .listen && $0.local.port == local.port }
                ))
        }
    }

    /// The port of a socket that connects is known only from its later steps: joined by the socket's number.
    private mutating func readTrace(_ lines: [[String: Any]]) {
        listenerClosed = lines.last {
            $0["dport"] as? Int == 0 && $0["sport"] as? Int == Int(local.port) && $0["new"] as? String == "TCP_CLOSE"
                && $0["ctx"] as? String == "task"
        }?["t"] as? Double
        var sockets = Set<Int>()
        for line in lines where line["sport"] as? Int == Int(local.port) && line["dport"] as? Int == Int(remote.port) {
            if let socket = line["sk"] as? Int { sockets.insert(socket) }
        }
        for line in lines {
            guard let socket = line["sk"] as? Int, sockets.contains(socket), let time = line["t"] as? Double,
                let name = line["new"] as? String, let state = kernelStates[name],
                line["dport"] as? Int == Int(remote.port)
            else { continue }
            let port = line["sport"] as? Int ?? 0
            guard port == 0 || port == Int(local.port) else { continue }
            steps.append(TracedStep(time: time, state: state, inSystemCall: line["ctx"] as? String == "task"))
        }
    }

    /// What the kernel's records allow at a time: the trace's state; where that is CLOSE or silent, the polls'.
    ///
    /// A poll may come late: the next one counts as well, if it was made before the connection's next packet.
    func states(at time: Double, nextPacket: Double) -> Set<State> {
        let traced = steps.last { $0.time <= time }?.state
        if let traced, traced != .closed { return [traced] }
        var allowed: Set<State> = []
        let tolerance = 0.0025
        let before = polls.last { $0.time <= time }
        let around = polls.filter { abs($0.time - time) <= tolerance }
        let next = polls.first { $0.time > time && $0.time < nextPacket }
        for poll in around + [before, next].compactMap({ $0 }) {
            allowed.insert(poll.row?.state ?? .closed)
            if poll.row == nil, poll.listens { allowed.insert(.listen) }
        }
        return allowed
    }
}

/// Why a kernel's step can not be seen on the wire.
enum InvisibleCause: String, CaseIterable {
    case silentClose = "silent close"
    case timeout
    case deferredAccept = "deferred accept or overflow"
    case finBehindData = "FIN behind unsent data"
}

struct KernelJudge {
    struct Miss {
        var capture: String
        var time: Double
        var kernel: Set<State>
        var claimed: State?
        var isProven: Bool
        var cause: InvisibleCause?

        var line: String {
            "\(capture) at \(time): kernel \(kernel.map(code).sorted()) claimed \(claimed.map(code) ?? "nothing")"
                + "\(isProven ? " (proven)" : "")\(cause.map { " [\($0.rawValue)]" } ?? "")"
        }
    }

    var checkpoints = 0
    var misses: [Miss] = []

    mutating func judge(_ folder: URL, as vantage: (KernelSide) -> TrackerOptions.Vantage) throws {
        let capture = folder.appendingPathComponent("capture.pcap").path
        for side in try KernelSide.read(folder) {
            let replayed = try ReplayedCapture(path: capture, vantage: vantage(side))
            let flows = replayed.flows(between: side.account.local, and: side.account.remote)
            guard !flows.isEmpty else { continue }
            let times = flows.flatMap { $0.flow.segments }.map { Double($0.time) / 1e9 }.sorted()
            for time in Self.checkpoints(times) {
                guard let flow = flows.last(where: { Double($0.flow.record.first) / 1e9 <= time }) else { continue }
                check(folder.lastPathComponent, side.account, flow, time)
            }
        }
    }

    /// The moments at least 2 ms after one packet and 2 ms before the next: both ends of each quiet time.
    static func checkpoints(_ times: [Double]) -> [Double] {
        var points: [Double] = []
        for (index, time) in times.enumerated() {
            let next = index + 1 < times.count ? times[index + 1] : time + 0.006
            guard next - time >= 0.004 else { continue }
            points.append(time + 0.002)
            if next - time > 0.006 { points.append(next - 0.002) }
        }
        return points
    }

    private mutating func check(
        _ capture: String, _ account: KernelAccount, _ flow: (flow: ReplayedCapture.Connection, roleOfA: EndpointRole),
        _ time: Double
    ) {
        checkpoints += 1
        let next = flow.flow.segments.map { Double($0.time) / 1e9 }.first { $0 > time } ?? .infinity
        let allowed = account.states(at: time, nextPacket: next)
        let step = flow.flow.state(flow.roleOfA, at: time)
        let claimed = step?.to ?? flow.flow.transitions[flow.roleOfA]?.first?.from
        if let claimed, allowed.contains(claimed) { return }
        misses.append(
            Miss(
                capture: capture, time: time, kernel: allowed, claimed: claimed,
                isProven: step?.certainty == .proven, cause: Self.cause(account, time, flow, claimed)))
    }

    /// Recognized over the kernel's records and the packets' times, never by a capture's name.
    static func cause(
        _ account: KernelAccount, _ time: Double, _ flow: (flow: ReplayedCapture.Connection, roleOfA: EndpointRole),
        _ claimed: State?
    ) -> InvisibleCause? {
        if claimed == .listen, let closed = account.listenerClosed, closed <= time { return .silentClose }
        let poll = account.polls.last { $0.time <= time }
        let step = account.steps.last { $0.time <= time }
        if let row = poll?.row, row.state == .synReceived, row.hasNoInode { return .deferredAccept }
        if let state = step?.state, state == .finWait1 || state == .lastAck, let row = poll?.row, row.sendQueue > 1 {
            return .finBehindData
        }
        guard let step else { return nil }
        if let last = account.polls.last(where: { $0.time <= time && $0.row != nil }), last.row?.state == .finWait2,
            step.state == .closed
        {
            // The small socket that waited in FIN-WAIT-2 is gone; the tracepoint never tells.
            return .timeout
        }
        // The driver's packets come in by system calls, too, so only what had no packet is the application's.
        // A close that sends: FIN or RST leaves with it. A timer: nothing came in before it, nothing went out.
        let near = flow.flow.segments.filter {
            let after = Double($0.time) / 1e9 - step.time
            let isOwn = $0.from == flow.roleOfA
            let says = !$0.controlBits.isDisjoint(with: [.fin, .rst])
            return isOwn ? says && after >= -0.001 && after <= 0.002 : after >= -0.002 && after <= 0
        }
        guard near.isEmpty else { return nil }
        return step.inSystemCall ? .silentClose : .timeout
    }

    func printScores(_ title: String) {
        print("== \(title): \(checkpoints - misses.count) of \(checkpoints) checkpoints")
        for cause in InvisibleCause.allCases {
            print("   \(cause.rawValue): \(misses.count { $0.cause == cause })")
        }
        for miss in misses { print("   \(miss.line)") }
    }
}

/// The endpoints of a kernel corpus capture that are a kernel's.
struct KernelSide {
    var account: KernelAccount

    static func read(_ folder: URL) throws -> [KernelSide] {
        let capture = try ReplayedCapture(path: folder.appendingPathComponent("capture.pcap").path, vantage: .middle)
        var sides: [KernelSide] = []
        var seen = Set<[Socket]>()
        for flow in capture.flows {
            let pair = flow.record.pair
            let source = Socket(address: pair.source, port: pair.sourcePort)
            let destination = Socket(address: pair.destination, port: pair.destinationPort)
            let isSourceKernels = isKernels(source.address)
            guard isSourceKernels != isKernels(destination.address) else { continue }
            let local = isSourceKernels ? source : destination
            let remote = isSourceKernels ? destination : source
            guard seen.insert([local, remote]).inserted else { continue }
            let account = try KernelAccount(folder, local: local, remote: remote)
            guard !account.steps.isEmpty || account.polls.contains(where: { $0.row != nil }) else { continue }
            sides.append(KernelSide(account: account))
        }
        return sides
    }

    /// 192.168.0.0/16 and fd3d:a0b::/32 are the kernel under test (corpus README).
    private static func isKernels(_ address: Address) -> Bool {
        address.low >> 16 == 0xFFFF_C0A8 && address.high == 0 || address.high >> 32 == 0xFD3D_0A0B
    }
}
