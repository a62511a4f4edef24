import Foundation
import TestSupport
import WireFormat

/// What tcptrace counts of one end of its connections between two sockets, all of them together.
struct TcptraceCounts: Equatable {
    var connections = 0
    var packets = 0
    /// `unique_bytes_sent`: distinct octets of text.
    var octets = 0
    /// `rexmt_data_pkts`.
    var retransmissions = 0
}

/// tcptrace 6.6.7, asked with `-l -n --csv`.
enum Tcptrace {
    static let path = "/usr/bin/tcptrace"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// By sender and receiver.
    static func count(_ capture: String) throws -> [SocketPair: TcptraceCounts] {
        let lines = try run(path, ["-l", "-n", "--csv", capture]).output.split(separator: "\n")
        let rows = lines.filter { !$0.hasPrefix("#") }.map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        guard let names = rows.first else { return [:] }
        var counts: [SocketPair: TcptraceCounts] = [:]
        for row in rows.dropFirst() {
            let values = Dictionary(zip(names, row)) { first, _ in first }
            for direction in ["a2b", "b2a"] {
                guard let pair = pair(values, isReverse: direction == "b2a") else { continue }
                counts[pair, default: TcptraceCounts()].connections += 1
                counts[pair]?.packets += values["total_packets_\(direction)"].flatMap { Int($0) } ?? 0
                counts[pair]?.octets += values["unique_bytes_sent_\(direction)"].flatMap { Int($0) } ?? 0
                counts[pair]?.retransmissions += values["rexmt_data_pkts_\(direction)"].flatMap { Int($0) } ?? 0
            }
        }
        return counts
    }

    /// The sockets of a row, in the direction of its sender.
    private static func pair(_ values: [String: String], isReverse: Bool) -> SocketPair? {
        guard let a = values["host_a"], let b = values["host_b"], let source = Address(a), let destination = Address(b),
            let sourcePort = values["port_a"].flatMap({ UInt16($0) }),
            let destinationPort = values["port_b"].flatMap({ UInt16($0) })
        else { return nil }
        let pair = SocketPair(
            source: source, destination: destination, sourcePort: sourcePort, destinationPort: destinationPort,
            family: a.contains(":") ? .ipv6 : .ipv4)
        return isReverse ? pair.reversed : pair
    }
}
