import Foundation
import KernelSockets
import TCPStateMachine
import WireFormat

/// A corpus's own account of a kernel, as records of ours.
struct CorpusRecording {
    var records: [KernelRecord] = []
    /// The local addresses of connections.
    var addresses: Set<Address> = []
    private var number: UInt64 = 0

    /// - Parameter snapshots: what polls of /proc showed, one line for each change.
    /// - Parameter transitions: what the tracepoint told; of one host, if it names hosts.
    init(snapshots: URL, transitions: URL, host: String? = nil) throws {
        var previous: [[Any]]?
        for line in try lines(snapshots) {
            let begin = time(line["t0"]), end = time(line["t1"])
            let rows = line["socks"] as? [[Any]] ?? []
            // Up to the poll before the change everything stayed as it was.
            if let before = line["prev"], let previous {
                add(previous, TimeWindow(begin: time(before), end: time(before) + 100_000))
            }
            add(rows, TimeWindow(begin: begin, end: end))
            previous = rows
        }
        for line in try lines(transitions) {
            if let host, line["host"] as? String != host { continue }
            if let transition = transition(line) { records.append(.transition(transition)) }
        }
    }

    private mutating func add(_ rows: [[Any]], _ window: TimeWindow) {
        number += 1
        let sockets = rows.compactMap { socket($0, window) }
        for socket in sockets where socket.pair.destinationPort != 0 { addresses.insert(socket.pair.source) }
        let snapshot = KernelSnapshot(namespace: .init(1), source: .procfs, window: window, sockets: sockets)
        records.append(.snapshot(SnapshotRecord(number: number, snapshot: snapshot)))
    }

    private func socket(_ row: [Any], _ window: TimeWindow) -> KernelSocket? {
        guard row.count >= 10, let family = row[0] as? Int, let state = state(row[5]),
            let pair = pair(row[1], row[2], row[3], row[4])
        else { return nil }
        let send = UInt32(clamping: row[6] as? Int ?? 0)
        let receive = UInt32(clamping: row[7] as? Int ?? 0)
        let timer = row[8] as? Int ?? 0
        let hasNoInode = row[9] as? Bool ?? false
        let kind: KernelSocket.Kind
        switch state {
        case .closed: kind = .bound
        case .listen: kind = .listener(.init(acceptQueue: receive))
        case .timeWait: kind = .remnant(.init(phase: .timeWait, remaining: 0))
        case .finWait2 where timer == 3: kind = .remnant(.init(phase: .finWait2, remaining: 0))
        case .synReceived where hasNoInode && send == 0 && receive == 0:
            kind = .request(.init(retransmissions: 0, remaining: 0))
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            guard let phase = KernelSocket.Phase(state) else { return nil }
            let running: KernelSocket.Timer =
                switch timer {
                case 1: .retransmission(0)
                case 2: .keepalive(0)
                case 4: .windowProbe(0)
                default: .none
                }
            kind = .full(.init(phase: phase, sendQueue: send, receiveQueue: receive, timer: running))
        }
        return KernelSocket(
            pair: pair, socketFamily: family == 4 ? .ipv4 : .ipv6, kind: kind, inode: hasNoInode ? nil : 1,
            seen: window)
    }

    private func transition(_ line: [String: Any]) -> KernelTransition? {
        guard let from = state(line["old"]), let to = state(line["new"]),
            let pair = pair(line["saddr"], line["sport"], line["daddr"], line["dport"])
        else { return nil }
        return KernelTransition(
            time: time(line["t"]), pair: pair, socketFamily: pair.family, from: from, to: to,
            socket: UInt64(line["sk"] as? Int ?? 0))
    }

    /// In the family that is on the wire.
    private func pair(_ source: Any?, _ sourcePort: Any?, _ destination: Any?, _ destinationPort: Any?) -> SocketPair? {
        guard let source = source as? String, let destination = destination as? String,
            let left = Address.parse(source), let right = Address.parse(destination),
            let leftPort = sourcePort as? Int, let rightPort = destinationPort as? Int
        else { return nil }
        let isMapped = left.address.isMapped && (right.address.isMapped || right.address == Address(high: 0, low: 0))
        let family: AddressFamily = isMapped ? .ipv4 : .ipv6
        let none = family == .ipv4 ? Address(ipv4: 0) : Address(high: 0, low: 0)
        return SocketPair(
            source: left.address, destination: right.address == Address(high: 0, low: 0) ? none : right.address,
            sourcePort: UInt16(truncatingIfNeeded: leftPort), destinationPort: UInt16(truncatingIfNeeded: rightPort),
            family: family)
    }

    private func state(_ name: Any?) -> State? {
        guard let name = name as? String else { return nil }
        let bare = name.hasPrefix("TCP_") ? String(name.dropFirst(4)) : name
        return CorpusRecording.states[bare]
    }

    private static let states: [String: State] = [
        "CLOSE": .closed, "LISTEN": .listen, "SYN_SENT": .synSent, "SYN_RECV": .synReceived,
        "NEW_SYN_RECV": .synReceived, "ESTABLISHED": .established, "FIN_WAIT1": .finWait1, "FIN_WAIT2": .finWait2,
        "CLOSE_WAIT": .closeWait, "CLOSING": .closing, "LAST_ACK": .lastAck, "TIME_WAIT": .timeWait,
    ]

    /// Seconds to nanoseconds, to the microsecond that the corpus has.
    private func time(_ seconds: Any?) -> Int64 {
        Int64(((seconds as? Double ?? 0) * 1e6).rounded()) * 1000
    }
}

private func lines(_ file: URL) throws -> [[String: Any]] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
}
