import Flows
import Foundation
import TCPStateMachine
import WireFormat

/// Who speaks in a conversation: A has 10.0.0.1, port 40000, ISN 1000; B has 10.0.0.2, port 80, ISN 5000.
enum Party: String, CaseIterable {
    case a = "A"
    case b = "B"

    var other: Party { self == .a ? .b : .a }
    var address: Address { Address(ipv4: self == .a ? 0x0A00_0001 : 0x0A00_0002) }
    var port: UInt16 { self == .a ? 40_000 : 80 }

    /// The pair of what this party sends.
    var pair: SocketPair {
        SocketPair(
            source: address, destination: other.address, sourcePort: port, destinationPort: other.port, family: .ipv4)
    }
}

/// A conversation, written segment by segment nearly as tcpdump prints it.
///
///     0     A  S   0                    SYN; the number is relative to the ISN
///     10    B  S.  0 ack 1              SYN,ACK
///     20    A  .   1 ack 1
///     21.5  A  P.  1(100) ack 1         a hundred octets of text
///     30    B  R   =0                   a number as it stands in the header
///
/// First the time in milliseconds, the party, the flags (S F R P . U as in tcpdump, `none`), the number with the octets
/// of text in parentheses. Then in any order: `ack N`, `ts VALUE:ECHO`, `sack LEFT-RIGHT` (in the other party's
/// numbers; again for more blocks), `win N`, `ws SHIFT`, `ttl N` (64 if not given), `id N` (none if not given), `if N`,
/// `vlan N`, `in`, `out`.
///
/// Other lines: `isn A 90000` gives A's later numbers another base; `30 icmp A 0 3/1` is an ICMP error of type 3, code
/// 1, about A's segment of number 0; `500 clock` moves the packet clock. A `#` begins a remark.
struct Conversation {
    enum Happening {
        case segment(CapturedSegment)
        case icmpError(ICMPError, time: Int64)
        case clock(Int64)
    }

    struct Line {
        var text: String
        var happening: Happening
    }

    /// The bases of relative numbers at the beginning.
    static let initialNumbers: [Party: UInt32] = [.a: 1000, .b: 5000]
    /// All stamps are later than this: 2026-01-01, so that no stamp is zero.
    static let epoch: Int64 = 1_767_225_600_000_000_000

    private(set) var lines: [Line] = []

    init(_ text: String) {
        var base = Self.initialNumbers
        for line in text.split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(separator: " ")
            if words.isEmpty { continue }
            if words[0] == "isn" {
                base[Party(rawValue: String(words[1]))!] = UInt32(words[2])!
                continue
            }
            let happening = Self.happening(words, base, packet: UInt64(lines.count + 1))
            guard let happening else { preconditionFailure("not understood: \(line)") }
            lines.append(Line(text: String(line), happening: happening))
        }
    }

    private static func happening(
        _ words: [Substring], _ base: [Party: UInt32], packet: UInt64
    ) -> Happening? {
        guard words.count >= 2, let milliseconds = Double(words[0]) else { return nil }
        let time = epoch + Int64((milliseconds * 1_000_000).rounded())
        if words[1] == "clock" { return .clock(time) }
        if words[1] == "icmp" {
            guard words.count == 5 || words.count == 7, let party = Party(rawValue: String(words[2]))
            else { return nil }
            let kind = words[4].split(separator: "/").compactMap { UInt8($0) }
            let isHard = kind[0] == 3 && (kind[1] == 2 || kind[1] == 3)
            let error = ICMPError(
                pair: party.pair, tunnel: words.count == 7 ? Tunnel(String(words[6]))! : .none,
                sequenceNumber: number(words[3], base[party]!)!, type: kind[0], code: kind[1],
                isHard: isHard)
            return .icmpError(error, time: time)
        }
        guard words.count >= 4, let party = Party(rawValue: String(words[1])) else { return nil }
        return segment(words, party, base, time, packet).map { .segment($0) }
    }

    private static func segment(
        _ words: [Substring], _ party: Party, _ base: [Party: UInt32], _ time: Int64, _ packet: UInt64
    ) -> CapturedSegment? {
        let place = words[3].split(separator: "(")
        guard let flags = controlBits(words[2]), let seq = number(place[0], base[party]!) else { return nil }
        var s = Segment(sequenceNumber: seq, controlBits: flags, window: 65_535)
        if place.count > 1 { s.payloadLength = UInt32(place[1].dropLast())! }
        var c = CapturedSegment(segment: s, pair: party.pair, time: time, packet: packet)
        c.timeToLive = 64
        var index = 4
        while index < words.count {
            if words[index] == "in" || words[index] == "out" {
                c.direction = words[index] == "in" ? .received : .sent
                index += 1
                continue
            }
            guard index + 1 < words.count, take(words[index], words[index + 1], base[party.other]!, &c) else {
                return nil
            }
            index += 2
        }
        // ACK and its number come together or not at all.
        return words.contains("ack") == flags.contains(.ack) ? c : nil
    }

    private static func take(
        _ key: Substring, _ value: Substring, _ peerBase: UInt32, _ c: inout CapturedSegment
    ) -> Bool {
        switch key {
        case "ack":
            guard let ack = number(value, peerBase) else { return false }
            c.segment.acknowledgmentNumber = ack
        case "ts":
            let values = value.split(separator: ":").compactMap { UInt32($0) }
            guard values.count == 2 else { return false }
            c.segment.options.present.insert(.timestamps)
            c.segment.options.timestampValue = values[0]
            c.segment.options.timestampEcho = values[1]
        case "sack":
            let edges = value.split(separator: "-").compactMap { number($0, peerBase) }
            guard edges.count == 2 else { return false }
            c.segment.options.present.insert(.sack)
            c.segment.options.appendSackBlock(SackBlock(left: edges[0], right: edges[1]))
        case "ws":
            c.segment.options.present.insert(.windowScale)
            c.segment.options.windowScale = UInt8(value)!
        case "win": c.segment.window = UInt16(value)!
        case "ttl": c.timeToLive = UInt8(value)!
        case "outer": c.outerTimeToLive = UInt8(value)!
        case "tunnel": c.tunnel = Tunnel(String(value))!
        case "if": c.interface = UInt16(value)!
        case "vlan": c.virtualLAN = UInt16(value)!
        case "id":
            c.identification = UInt16(value)!
            c.hasIdentification = true
        default: return false
        }
        return true
    }

    private static func number(_ text: Substring, _ base: UInt32) -> SequenceNumber? {
        if text.first == "=" { return UInt32(text.dropFirst()).map { SequenceNumber($0) } }
        return Int64(text).map { SequenceNumber(base &+ UInt32(truncatingIfNeeded: $0)) }
    }

    private static func controlBits(_ text: Substring) -> ControlBits? {
        if text == "none" { return [] }
        let letters: [Character: ControlBits] = [
            "S": .syn, "F": .fin, "R": .rst, "P": .psh, ".": .ack, "U": .urg, "E": .ece, "W": .cwr,
        ]
        var bits: ControlBits = []
        for letter in text {
            guard let bit = letters[letter] else { return nil }
            bits.formUnion(bit)
        }
        return bits
    }
}
