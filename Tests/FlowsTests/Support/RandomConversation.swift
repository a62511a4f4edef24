import Flows
import TCPStateMachine
import TestSupport
import WireFormat

/// Segments of connections that talk at random, with losses, repetitions and strangers among them.
enum RandomConversation {
    private struct End {
        var pair: SocketPair
        var next: UInt32
        var acknowledged: UInt32
        var last: Segment?
    }

    static func segments(of connections: Int, lines: Int, _ random: inout SeededGenerator) -> [CapturedSegment] {
        var ends: [[End]] = (0..<connections).map { number in
            let pair = SocketPair(
                source: Party.a.address, destination: Party.b.address, sourcePort: UInt16(1000 + number),
                destinationPort: 80, family: .ipv4)
            return [pair, pair.reversed].map {
                End(pair: $0, next: UInt32(truncatingIfNeeded: random.next()), acknowledged: 0)
            }
        }
        var time = Conversation.epoch
        var segments: [CapturedSegment] = []
        for line in 0..<lines {
            time += Int64(random.next() % 30_000_000) + (random.next() % 50 == 0 ? 70_000_000_000 : 0)
            let connection = Int(random.next() % UInt64(connections))
            let side = Int(random.next() % 2)
            var captured = CapturedSegment(
                segment: segment(&ends[connection], side, &random), pair: ends[connection][side].pair, time: time,
                packet: UInt64(line + 1))
            captured.timeToLive = random.next() % 10 == 0 ? 60 : 64
            // Some escape the capture, and some are seen twice.
            if random.next() % 8 == 0 { continue }
            segments.append(captured)
            if random.next() % 20 == 0 {
                captured.interface = 1
                captured.time += 100_000
                segments.append(captured)
            }
        }
        return segments
    }

    private static func segment(_ ends: inout [End], _ side: Int, _ random: inout SeededGenerator) -> Segment {
        if let last = ends[side].last, random.next() % 10 == 0 { return last }
        let choices: [ControlBits] = [
            .syn, [.syn, .ack], .ack, .ack, .ack, [.psh, .ack], [.psh, .ack], [.psh, .ack], [.fin, .ack], [.fin, .ack],
            [.rst, .ack], .rst,
        ]
        let bits = choices[Int(random.next() % UInt64(choices.count))]
        let end = ends[side]
        let peer = ends[1 - side]
        if bits.contains(.syn), random.next() % 4 == 0 { ends[side].next = UInt32(truncatingIfNeeded: random.next()) }
        // The peer's octets are taken, or not yet.
        if random.next() % 3 > 0 { ends[side].acknowledged = peer.next }
        var s = Segment(
            sequenceNumber: SequenceNumber(ends[side].next),
            acknowledgmentNumber: SequenceNumber(ends[side].acknowledged),
            controlBits: bits, window: UInt16(truncatingIfNeeded: random.next()))
        if bits.contains(.psh) { s.payloadLength = UInt32(random.next() % 1500) }
        if end.pair.sourcePort % 2 == 0 || end.pair.destinationPort % 2 == 0, random.next() % 2 == 0 {
            s.options.present = .timestamps
            s.options.timestampValue = UInt32(truncatingIfNeeded: random.next() % 100)
            s.options.timestampEcho = UInt32(truncatingIfNeeded: random.next() % 100)
        }
        if !bits.contains(.rst) { ends[side].next = s.end.rawValue }
        ends[side].last = s
        return s
    }

    static func anySegment(_ packet: Int, _ random: inout SeededGenerator) -> CapturedSegment {
        /// Numbers that are often near each other and near the wrap.
        func number() -> SequenceNumber {
            let base: [UInt32] = [0, .max - 2, 1 << 31, 1000, 70_000]
            return SequenceNumber(base[Int(random.next() % 5)] &+ UInt32(random.next() % 6))
        }
        let lengths: [UInt32] = [0, 0, 0, 1, 2, 1460, 70_000, 1 << 24, 1 << 31, .max]
        var s = Segment(
            sequenceNumber: number(), acknowledgmentNumber: number(),
            controlBits: ControlBits(rawValue: UInt8(truncatingIfNeeded: random.next())),
            payloadLength: lengths[Int(random.next() % 10)], window: UInt16(truncatingIfNeeded: random.next()))
        s.options.present = SegmentOptions.Kinds(rawValue: UInt16(truncatingIfNeeded: random.next()))
        s.options.windowScale = UInt8(truncatingIfNeeded: random.next())
        s.options.timestampValue = number().rawValue
        s.options.timestampEcho = number().rawValue
        for _ in 0..<(random.next() % 5) {
            s.options.appendSackBlock(SackBlock(left: number(), right: number()))
        }
        let pair = SocketPair(
            source: Party.a.address, destination: Party.b.address, sourcePort: UInt16(random.next() % 4),
            destinationPort: UInt16(random.next() % 2), family: random.next() % 2 == 0 ? .ipv4 : .ipv6)
        // Time goes on, mostly; now and then it jumps to an end of what a stamp can be.
        var time = Int64(packet) * 1_000_000 + Int64(random.next() % 4_000_000_000)
        if random.next() % 5000 == 0 { time = random.next() % 2 == 0 ? 0 : -1_000_000_000 }
        var c = CapturedSegment(
            segment: s, pair: random.next() % 2 == 0 ? pair : pair.reversed, time: time, packet: UInt64(packet + 1))
        c.timeToLive = UInt8(truncatingIfNeeded: random.next())
        c.identification = UInt16(random.next() % 3)
        c.hasIdentification = random.next() % 2 == 0
        c.direction = [Direction.unknown, .sent, .received][Int(random.next() % 3)]
        c.interface = UInt16(random.next() % 2)
        return c
    }
}
