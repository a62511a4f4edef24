import Foundation
import TestSupport

/// What Wireshark says of one TCP segment, in its second pass over the capture.
struct WiresharkFrame: Sendable {
    /// From 1, as Postel counts packets.
    var number: UInt64
    /// The layers from the outermost on: `eth:ethertype:ip:tcp`.
    var protocols: String
    /// `tcp.stream`, from 0 in the order of first frames.
    var stream: UInt32
    /// `tcp.completeness`: the sum of what was seen of the stream.
    var completeness: UInt8
    /// Octets of text.
    var length: UInt32
    var sequenceNumber: UInt32
    var acknowledgmentNumber: UInt32
    /// The control bits, ECE and CWR included.
    var flags: UInt8
    var source: String
    var destination: String
    var sourcePort: UInt16
    var destinationPort: UInt16
    /// The fields `tcp.analysis.*` that it has, by their last word: `retransmission`, `lost_segment`.
    var analysis: Set<String>

    /// It is what an ICMP error quotes, and no segment that passed.
    var isQuoted: Bool {
        protocols.split(separator: ":").contains { $0 == "icmp" || $0 == "icmpv6" }
    }
}

/// tshark, asked once for each capture for all that tests compare.
enum Tshark {
    static let path = "/usr/bin/tshark"

    /// Fields of presence or number; their last words become `WiresharkFrame.analysis`.
    static let analysisFields = [
        "retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "lost_segment",
        "ack_lost_segment", "duplicate_ack", "keep_alive", "keep_alive_ack", "zero_window", "zero_window_probe",
        "zero_window_probe_ack", "window_update", "window_full", "reused_ports",
    ]

    private static let fields =
        [
            "frame.number", "frame.protocols", "tcp.stream", "tcp.completeness", "tcp.len", "tcp.seq_raw",
            "tcp.ack_raw",
            "tcp.flags", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
        ] + analysisFields.map { "tcp.analysis." + $0 }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The TCP segments of a capture. Where a frame holds several layers of a kind the innermost speaks.
    static func dissect(_ capture: String) throws -> [WiresharkFrame] {
        let arguments =
            ["-2", "-n", "-r", capture, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", "-E", "separator=/t"]
            + fields.flatMap { ["-e", $0] }
        // Preferences and profiles of whoever runs the tests must not change the answer.
        let result = try run(path, arguments, environment: ["HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"])
        let frames = try result.output.split(separator: "\n").compactMap { try frame($0, of: capture) }
        guard result.status == 0 || !frames.isEmpty || result.error.contains("cut short") else {
            throw Failure(description: "tshark \(capture): status \(result.status): \(result.error)")
        }
        return frames
    }

    /// Nil for the few octets of a TCP header that an ICMP error quotes: they belong to no stream.
    private static func frame(_ line: Substring, of capture: String) throws -> WiresharkFrame? {
        let values = line.split(separator: "\t", omittingEmptySubsequences: false)
        if values.count == fields.count, values[2].isEmpty, values[1].contains("icmp") { return nil }
        guard values.count == fields.count, let number = UInt64(values[0]), let stream = UInt32(values[2]),
            let flags = UInt16(values[7].dropFirst(2), radix: 16)
        else { throw Failure(description: "tshark \(capture): not understood: \(line)") }
        let isIPv6 = values[8].isEmpty
        return WiresharkFrame(
            number: number, protocols: String(values[1]), stream: stream, completeness: UInt8(values[3]) ?? 0,
            length: UInt32(values[4]) ?? 0, sequenceNumber: UInt32(values[5]) ?? 0,
            acknowledgmentNumber: UInt32(values[6]) ?? 0, flags: UInt8(truncatingIfNeeded: flags),
            source: String(values[isIPv6 ? 10 : 8]), destination: String(values[isIPv6 ? 11 : 9]),
            sourcePort: UInt16(values[12]) ?? 0, destinationPort: UInt16(values[13]) ?? 0,
            analysis: Set(zip(analysisFields, values.dropFirst(14)).filter { !$0.1.isEmpty }.map(\.0)))
    }
}
