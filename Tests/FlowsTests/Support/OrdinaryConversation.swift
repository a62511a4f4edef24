import Flows
import TCPStateMachine
import TestSupport
import WireFormat

/// Connections that open, talk and close as most do; now and then something goes wrong at a place drawn by lot.
///
/// `RandomConversation` seldom comes as far as a close; here most do, so that what is special about ordinary flows is
/// met at each of its steps.
struct OrdinaryConversation {
    private var random: SeededGenerator
    private var time = Conversation.epoch
    private var segments: [CapturedSegment] = []
    private let usesTimestamps: [Bool]
    private let countsIdentifications: Bool
    /// Vantage to each end and back, nanoseconds.
    private let trips: [Int64]
    private let pair: SocketPair
    private var next: [UInt32]
    private var clock: [UInt32]
    private var identification: [UInt16] = [7, 9000]
    private var echo: [UInt32] = [0, 0]

    /// The segments of a few connections, in the order of their stamps.
    static func segments(of connections: Int, oddities: Int, _ random: inout SeededGenerator) -> [CapturedSegment] {
        var all: [CapturedSegment] = []
        for number in 0..<connections {
            var one = OrdinaryConversation(port: UInt16(2000 + number), SeededGenerator(seed: random.next()))
            one.talk()
            for _ in 0..<oddities { one.disturb() }
            all += one.segments
        }
        all.sort { $0.time < $1.time }
        for index in all.indices { all[index].packet = UInt64(index + 1) }
        return all
    }

    private init(port: UInt16, _ random: SeededGenerator) {
        var random = random
        pair = SocketPair(
            source: Party.a.address, destination: Party.b.address, sourcePort: port, destinationPort: 80,
            family: random.next() % 4 == 0 ? .ipv6 : .ipv4)
        let both = random.next() % 2 == 0
        usesTimestamps = [both || random.next() % 2 == 0, both]
        countsIdentifications = random.next() % 2 == 0
        trips = [Int64(random.next() % 80_000_000), Int64(random.next() % 80_000_000)]
        // Numbers near the end of the circle, too.
        next = [UInt32.max - UInt32(random.next() % 3000), UInt32(truncatingIfNeeded: random.next())]
        clock = [UInt32.max - UInt32(random.next() % 50), UInt32(truncatingIfNeeded: random.next())]
        self.random = random
        time += Int64(self.random.next() % 1_000_000_000)
    }

    // MARK: What most do

    private mutating func talk() {
        let (a, b) = (0, 1)
        say(a, .syn)
        say(b, [.syn, .ack])
        say(a, .ack, draw(4) == 0 ? UInt32(draw(900)) : 0)
        for _ in 0..<draw(12) {
            let side = draw(2)
            say(side, draw(2) == 0 ? .ack : [.ack, .psh], draw(3) == 0 ? 0 : UInt32(1 + draw(1448)))
        }
        let first = draw(2)
        say(first, [.fin, .ack], draw(5) == 0 ? UInt32(draw(100)) : 0)
        if draw(3) > 0 { say(1 - first, .ack) }
        if draw(8) == 0 { say(1 - first, .ack, UInt32(draw(300))) }
        say(1 - first, [.fin, .ack])
        say(first, .ack)
    }

    private mutating func say(_ side: Int, _ bits: ControlBits, _ length: UInt32 = 0) {
        let peer = 1 - side
        time &+= gap(side)
        clock[side] &+= UInt32(draw(3))
        var s = Segment(
            sequenceNumber: SequenceNumber(next[side]),
            acknowledgmentNumber: SequenceNumber(bits.contains(.ack) ? next[peer] : 0), controlBits: bits,
            payloadLength: length, window: UInt16(200 + draw(60000)))
        if bits.contains(.syn), draw(3) > 0 {
            s.options.present.insert(.windowScale)
            s.options.windowScale = UInt8(draw(15))
        }
        if usesTimestamps[side], bits.contains(.syn) || usesTimestamps[peer] {
            s.options.present.insert(.timestamps)
            s.options.timestampValue = clock[side]
            s.options.timestampEcho = echo[side]
            echo[peer] = clock[side]
        }
        // Some ACKs left before what they could have acknowledged had come.
        if !bits.contains(.syn), draw(6) == 0, let before = segments.last(where: { $0.pair.source == source(peer) }) {
            s.acknowledgmentNumber = before.segment.payloadStart
        }
        identification[side] &+= countsIdentifications ? 1 : UInt16(1 + draw(3))
        var captured = CapturedSegment(segment: s, pair: side == 0 ? pair : pair.reversed, time: time)
        captured.timeToLive = side == 0 ? 64 : 57
        captured.hasIdentification = pair.family == .ipv4
        captured.identification = captured.hasIdentification ? identification[side] : 0
        segments.append(captured)
        next[side] = s.end.rawValue
    }

    private func source(_ side: Int) -> Address { side == 0 ? pair.source : pair.destination }

    /// Mostly a trip; sometimes no time at all, sometimes so much that timers run.
    private mutating func gap(_ side: Int) -> Int64 {
        switch draw(24) {
        case 0: 0
        case 1: Int64(draw(5_000_000))
        case 2: 1_000_000_000 + Int64(draw(100)) * 1_000_000_000
        case 3: draw(20) == 0 ? 4_000_000_000_000 : 300_000_000
        default: trips[side] + Int64(draw(2_000_000))
        }
    }

    // MARK: What goes wrong

    private mutating func disturb() {
        let place = draw(segments.count)
        guard segments.indices.contains(place) else { return }
        var one = segments[place]
        switch draw(16) {
        case 0: segments.remove(at: place)
        case 1: again(one, later: 0)
        case 2: again(one, later: Int64(draw(3_000_000_000)))
        case 3:
            one.identification &+= 1
            again(one, later: 250_000_000)
        case 4: segments[place].segment.window = 0
        case 5: segments[place].timeToLive = 33
        case 6: segments[place].segment.acknowledgmentNumber = one.segment.acknowledgmentNumber + UInt32(draw(3))
        case 7: segments[place].segment.sequenceNumber = one.segment.sequenceNumber + UInt32(draw(3))
        case 8: segments[place].segment.options.timestampEcho &+= UInt32(draw(9))
        case 9: segments[place].segment.options.timestampValue &-= UInt32(draw(9))
        case 10: segments[place].segment.options.present = []
        case 11: segments[place].time &+= Int64(draw(400_000_000)) - 200_000_000
        case 12:
            segments[place].segment.options.appendSackBlock(
                SackBlock(left: SequenceNumber(next[0]), right: SequenceNumber(next[0]) + UInt32(draw(100))))
        case 13: segments[place].direction = draw(2) == 0 ? .sent : .received
        case 14:
            one.segment.controlBits = draw(2) == 0 ? .rst : [.rst, .ack]
            one.segment.sequenceNumber = one.segment.sequenceNumber + UInt32(draw(2))
            one.segment.payloadLength = 0
            again(one, later: Int64(draw(100_000_000)))
        default:
            one.segment.controlBits = .syn
            one.segment.sequenceNumber = SequenceNumber(UInt32(truncatingIfNeeded: random.next()))
            again(one, later: Int64(draw(100_000_000)))
        }
    }

    private mutating func again(_ one: CapturedSegment, later: Int64) {
        var copy = one
        copy.time &+= later
        if draw(2) == 0 { copy.interface = 1 }
        segments.append(copy)
    }

    private mutating func draw(_ limit: Int) -> Int { limit > 0 ? Int(random.next() % UInt64(limit)) : 0 }
}
