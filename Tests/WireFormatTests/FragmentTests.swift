import TCPStateMachine
import TestSupport
import Testing
import WireFormat

private typealias W = Wrapping

/// Frames through the decoder, and fragments among them through an assembler.
private struct Assembly: ~Copyable {
    var assembler: FragmentAssembler
    var segments: [CapturedSegment] = []
    var errors: [ICMPError] = []
    /// What the decoder itself has skipped.
    var skipped: [SkipReason: UInt64] = [:]
    var frames: UInt64 = 0

    init(packetLimit: Int = 4096, octetLimit: Int = 1 << 20) {
        assembler = FragmentAssembler(packetLimit: packetLimit, octetLimit: octetLimit)
    }

    mutating func take(
        _ frame: [UInt8], time: Int64 = 0, linkType: LinkType = .ethernet, originalLength: Int? = nil
    ) {
        frames += 1
        var captured = CapturedSegment(segment: plainSegment, pair: pair4)
        let decoder = FrameDecoder(linkType: linkType)
        let length = originalLength ?? frame.count
        var outcome = decoder.decode(frame.span, originalLength: length, into: &captured)
        if case .fragment(let fragment) = outcome {
            guard let whole = assembler.take(fragment, of: frame.span, into: &captured, time: time) else { return }
            outcome = whole
        }
        switch outcome {
        case .segment: segments.append(captured)
        case .icmpError(let error): errors.append(error)
        case .skipped(let reason): skipped[reason, default: 0] += 1
        case .fragment: Issue.record("a fragment is none of the assembler's answers")
        }
    }

    mutating func take(_ frames: [[UInt8]]) {
        for (place, frame) in frames.enumerated() { take(frame, time: Int64(place) * 1_000_000) }
    }

    func count(_ reason: SkipReason) -> UInt64 { assembler.skipped[Int(reason.rawValue)] }

    /// Nothing vanishes.
    mutating func finish() {
        assembler.finish()
        let counted = assembler.skipped.reduce(0, +) + skipped.values.reduce(0, +)
        #expect(counted + UInt64(segments.count + errors.count) == frames)
        #expect(assembler.waiting == 0)
    }
}

/// The payload of an IPv4 packet in fragments of so many octets, each in a frame of its own.
private func fragments(
    _ payload: [UInt8], every octets: Int, protocolNumber: UInt8 = 6, identification: UInt16 = 1
) -> [[UInt8]] {
    stride(from: 0, to: payload.count, by: octets).map { start in
        let end = min(start + octets, payload.count)
        return W.ethernet(
            0x0800, piece(Array(payload[start..<end]), at: start, end < payload.count, protocolNumber, identification))
    }
}

/// One fragment, as an IPv4 packet.
private func piece(
    _ octets: [UInt8], at offset: Int, _ hasMore: Bool, _ protocolNumber: UInt8 = 6, _ identification: UInt16 = 1
) -> [UInt8] {
    W.ipv4(
        protocolNumber, octets, from: [10, 0, 0, 1], to: [10, 0, 0, 2],
        fragment: UInt16(offset / 8) | (hasMore ? 0x2000 : 0), identification: identification)
}

/// The same in IPv6.
private func fragments6(_ payload: [UInt8], every octets: Int, nextHeader: UInt8 = 6) -> [[UInt8]] {
    stride(from: 0, to: payload.count, by: octets).map { start in
        let end = min(start + octets, payload.count)
        return W.ethernet(
            0x86DD,
            W.fragment6(nextHeader, Array(payload[start..<end]), offset: start, hasMore: end < payload.count))
    }
}

/// A SYN with 100 octets of text.
private let payload = W.syn + Array(repeating: UInt8(0x61), count: 100)
private let whole: Segment = {
    var segment = plainSegment
    segment.payloadLength = 100
    return segment
}()

@Suite struct FragmentTests {
    @Test(arguments: [8, 16, 24, 64, 112])
    func aSegmentCountsWhenItsLastFragmentIsThere(_ octets: Int) {
        for frames in [fragments(payload, every: octets), fragments6(payload, every: octets)] {
            var assembly = Assembly()
            for (place, frame) in frames.enumerated() {
                #expect(assembly.segments.isEmpty)
                assembly.take(frame, time: Int64(place))
            }
            #expect(assembly.segments.map(\.segment) == [whole])
            #expect(assembly.segments.first?.pair == (frames[0][12] == 0x08 ? pair4 : pair6))
            #expect(assembly.segments.first?.timeToLive == (frames[0][12] == 0x08 ? 64 : 63))
            #expect(assembly.segments.first?.isHeaderCut == false)
            assembly.finish()
            #expect(assembly.count(.fragment) == UInt64(frames.count - 1))
        }
    }

    @Test(arguments: Seeds.all)
    func fragmentsComeInAnyOrder(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let frames = fragments(payload, every: 8 * Int(generator.next() % 6 + 1)).shuffled(using: &generator)
            var assembly = Assembly()
            assembly.take(frames)
            #expect(assembly.segments.map(\.segment) == [whole], "seed \(seed)")
            assembly.finish()
        }
    }

    /// Each fragment twice, in any order but the last one, which completes the packet.
    @Test(arguments: Seeds.all)
    func fragmentsThatComeTwiceChangeNothing(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for family in 0...1 {
            let all = family == 0 ? fragments(payload, every: 24) : fragments6(payload, every: 24)
            let frames = (all.dropLast() + all.dropLast()).shuffled(using: &generator) + [all[all.count - 1]]
            var assembly = Assembly()
            assembly.take(frames)
            #expect(assembly.segments.map(\.segment) == [whole], "seed \(seed)")
            assembly.finish()
            #expect(assembly.count(.fragment) == UInt64(frames.count - 1))
        }
    }

    @Test func aSecondSightAMomentLaterIsNoSecondSegment() {
        var assembly = Assembly()
        let frames = fragments(payload, every: 64)
        for (place, frame) in [frames[0], frames[0], frames[1], frames[1]].enumerated() {
            assembly.take(frame, time: Int64(place) * 100_000)
        }
        // Sent again a second later, it is one.
        for frame in frames { assembly.take(frame, time: 1_000_000_000) }
        #expect(assembly.segments.count == 2)
        assembly.finish()
        #expect(assembly.count(.fragment) == 4)
    }

    @Test func packetsOfOneSenderAreToldApart() {
        var assembly = Assembly()
        let one = fragments(payload, every: 64, identification: 1)
        let two = fragments(W.syn, every: 16, identification: 2)
        assembly.take([one[0], two[0], two[1], one[1]])
        #expect(assembly.segments.map(\.segment) == [plainSegment, whole])
        assembly.finish()
    }

    // MARK: What never becomes a segment

    @Test func whatIsIncompleteAfterThirtySecondsIsNeverSeen() {
        let frames = fragments(payload, every: 64)
        for (wait, isWhole) in [(30_000_000_000, true), (30_000_000_001, false)] as [(Int64, Bool)] {
            var assembly = Assembly()
            assembly.take(frames[0], time: 5)
            assembly.take(frames[1], time: 5 + wait)
            #expect(assembly.segments.count == (isWhole ? 1 : 0))
            assembly.finish()
            #expect(assembly.count(.fragmentIncomplete) == (isWhole ? 0 : 2))
        }
    }

    @Test func stampsFromOneEndOfTimeToTheOtherOverflowNothing() {
        var assembly = Assembly()
        let frames = fragments(payload, every: 64)
        for time in [Int64.min, .max, .min, 0] { assembly.take(frames[0], time: time) }
        assembly.finish()
        #expect(assembly.segments.isEmpty && assembly.count(.fragmentIncomplete) + assembly.count(.fragment) == 4)
    }

    /// RFC 1858's attack: a later fragment writes over the control bits.
    @Test func overlappingHeadersGiveNoSegment() {
        let forged = Array(payload[..<13]) + [0x10] + payload[14...]
        let first = W.ethernet(0x0800, piece(Array(payload[..<24]), at: 0, true))
        let over = W.ethernet(0x0800, piece(Array(forged[8...]), at: 8, false))
        for frames in [[first, over], [over, first]] {
            var assembly = Assembly()
            assembly.take(frames)
            assembly.take(fragments(payload, every: 64))
            #expect(assembly.segments.isEmpty)
            assembly.finish()
            #expect(assembly.count(.fragmentOverlap) == 4)
        }
    }

    @Test func twoEndsGiveNoSegment() {
        let first = W.ethernet(0x0800, piece(Array(payload[..<64]), at: 0, true))
        for last in [40, 48] {
            var assembly = Assembly()
            assembly.take([
                W.ethernet(0x0800, piece(Array(payload[64...]), at: 64, false)),
                W.ethernet(0x0800, piece(Array(payload[64..<64 + last]), at: 64, false)), first,
            ])
            #expect(assembly.segments.isEmpty)
            assembly.finish()
            #expect(assembly.count(.fragmentOverlap) == 3)
        }
        // One that goes on behind the end.
        var assembly = Assembly()
        assembly.take([
            W.ethernet(0x0800, piece(Array(payload[64..<72]), at: 64, false)),
            W.ethernet(0x0800, piece(Array(payload[72..<80]), at: 72, true)), first,
        ])
        #expect(assembly.segments.isEmpty)
        assembly.finish()
    }

    /// In the text of an IPv4 segment the first octets stand; RFC 5722 gives up a packet of IPv6.
    @Test func overlappingTextIsCounted() {
        var assembly = Assembly()
        assembly.take([
            W.ethernet(0x0800, piece(Array(payload[..<64]), at: 0, true)),
            W.ethernet(0x0800, piece(Array(payload[56..<72]), at: 56, true)),
            W.ethernet(0x0800, piece(Array(payload[72...]), at: 72, false)),
        ])
        #expect(assembly.segments.map(\.segment) == [whole])
        assembly.finish()
        #expect(assembly.count(.fragmentOverlap) == 1 && assembly.count(.fragment) == 1)
        var six = Assembly()
        six.take([
            W.ethernet(0x86DD, W.fragment6(6, Array(payload[..<64]), offset: 0, hasMore: true)),
            W.ethernet(0x86DD, W.fragment6(6, Array(payload[56..<72]), offset: 56, hasMore: true)),
            W.ethernet(0x86DD, W.fragment6(6, Array(payload[72...]), offset: 72, hasMore: false)),
        ])
        #expect(six.segments.isEmpty)
        six.finish()
        #expect(six.count(.fragmentOverlap) == 3)
    }

    @Test func fragmentsThatCannotBeAreMalformed() {
        var assembly = Assembly()
        assembly.take([
            // Not a multiple of eight octets, and not the last.
            W.ethernet(0x0800, piece(Array(payload[..<20]), at: 0, true)),
            // Beyond the longest packet.
            W.ethernet(0x0800, piece(Array(repeating: 0, count: 100), at: 65_480, false)),
            W.ethernet(0x86DD, W.fragment6(6, Array(repeating: 0, count: 100), offset: 65_528, hasMore: false)),
            // Nothing in it.
            W.ethernet(0x0800, piece([], at: 8, false)),
        ])
        #expect(assembly.segments.isEmpty)
        assembly.finish()
        #expect(assembly.count(.malformed) == 4)
    }

    @Test func fragmentsOfOtherThingsCountAsThose() {
        var assembly = Assembly()
        let datagram = W.udp(to: 53, Array(repeating: 1, count: 100))
        assembly.take(fragments(datagram, every: 64, protocolNumber: 17))
        assembly.take(fragments(datagram, every: 64, protocolNumber: 17, identification: 2).reversed())
        // The port is in the first fragment: nothing waits for the others.
        assembly.take(fragments(datagram, every: 64, protocolNumber: 17, identification: 3)[0])
        #expect(assembly.segments.isEmpty)
        assembly.finish()
        #expect(assembly.count(.notTCP) == 5)
    }

    // MARK: Bounds

    @Test func thoseThatWaitAreBounded() {
        var assembly = Assembly(packetLimit: 10, octetLimit: 1000)
        for identification in 0..<100 as Range<UInt16> {
            assembly.take(fragments(payload, every: 64, identification: identification)[0])
            #expect(assembly.assembler.waiting <= 10)
        }
        // The last ones are still there.
        assembly.take(fragments(payload, every: 64, identification: 99)[1])
        #expect(assembly.segments.map(\.segment) == [whole])
        assembly.finish()
        #expect(assembly.count(.fragmentEvicted) == 90)
        #expect(assembly.count(.fragmentIncomplete) == 9)
    }

    @Test func aPacketInMoreIslandsThanAnyoneSendsIsGivenUp() {
        var assembly = Assembly()
        let long = W.syn + Array(repeating: 0, count: 4000)
        let frames = fragments(long, every: 8)
        assembly.take(frames.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        #expect(assembly.count(.fragmentEvicted) > 0)
        assembly.finish()
    }

    // MARK: Tunnels

    @Test func fragmentsInsideATunnelBelongToIt() {
        for (tunnel, key) in [(Tunnel(.gre, key: 7), 7), (Tunnel(.gre, key: 8), 8)] as [(Tunnel, UInt8)] {
            var assembly = Assembly()
            let inner = [piece(Array(payload[..<64]), at: 0, true), piece(Array(payload[64...]), at: 64, false)]
            assembly.take(inner.map { W.ethernet(0x0800, W.ipv4(47, W.gre(0x2000, 0x0800, [0, 0, 0, key], $0))) })
            // The same fragment in another tunnel is another packet's.
            assembly.take(W.ethernet(0x0800, W.ipv4(4, inner[0])))
            #expect(assembly.segments.map(\.segment) == [whole])
            #expect(assembly.segments.first?.tunnel == tunnel)
            assembly.finish()
            #expect(assembly.count(.fragmentIncomplete) == 1)
        }
    }

    @Test(arguments: [8, 16, 64, 96])
    func aFragmentedPacketAroundATunnelIsPutTogether(_ octets: Int) {
        let packet = W.packet4(text: 100)
        let cases: [(UInt8, [UInt8], Tunnel)] = [
            (17, W.udp(to: 4789, W.vxlan(5, W.ethernet(0x0800, packet))), Tunnel(.vxlan, key: 5)),
            (47, W.gre(0, 0x0800, packet), Tunnel(.gre)), (4, packet, Tunnel(.ipInIP)),
        ]
        for (number, around, tunnel) in cases {
            for frames in [
                fragments(around, every: octets, protocolNumber: number),
                fragments(around, every: octets, protocolNumber: number).reversed(),
            ] {
                var assembly = Assembly()
                assembly.take(frames)
                #expect(assembly.segments.map(\.segment) == [whole])
                #expect(assembly.segments.first?.tunnel == tunnel)
                #expect(assembly.segments.first?.pair == pair4)
                assembly.finish()
                #expect(assembly.count(.fragment) == UInt64(frames.count - 1))
            }
        }
    }

    @Test func fragmentsInFragmentsArePutTogether() {
        var assembly = Assembly()
        let inner = [
            piece(Array(payload[..<64]), at: 0, true, 6, 77), piece(Array(payload[64...]), at: 64, false, 6, 77),
        ]
        for (place, packet) in inner.enumerated() {
            assembly.take(fragments(packet, every: 24, protocolNumber: 4, identification: UInt16(place)))
        }
        #expect(assembly.segments.map(\.segment) == [whole])
        #expect(assembly.segments.first?.tunnel == Tunnel(.ipInIP))
        assembly.finish()
    }

    @Test func anICMPErrorInATunnelMayComeInFragments() {
        let message: [UInt8] = [3, 3, 0, 0, 0, 0, 0, 0] + W.packet4()
        let packet = W.ipv4(1, message, from: [10, 0, 0, 9], to: [10, 0, 0, 1])
        var assembly = Assembly()
        assembly.take(fragments(packet, every: 40, protocolNumber: 4))
        #expect(assembly.errors.map(\.pair) == [pair4] && assembly.errors.map(\.tunnel) == [Tunnel(.ipInIP)])
        assembly.finish()
    }

    // MARK: What the capture leaves out

    @Test func aSnapshotLengthCutsFragmentsToo() {
        let frames = fragments(payload, every: 64)
        var assembly = Assembly()
        for frame in frames { assembly.take(Array(frame.prefix(14 + 20 + 20)), originalLength: frame.count) }
        #expect(assembly.segments.map(\.segment) == [whole])
        var short = Assembly()
        for frame in frames { short.take(Array(frame.prefix(14 + 20 + 12)), originalLength: frame.count) }
        #expect(short.segments.isEmpty)
        short.finish()
        #expect(short.count(.cutShort) == 2)
    }

    @Test(arguments: Seeds.all)
    func randomFragmentsNeverTrapAndNeverVanish(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var assembly = Assembly(packetLimit: 20, octetLimit: 4000)
        for round in 0..<5000 {
            var frame = randomFragment(using: &generator)
            if generator.next() % 4 == 0 {
                frame[Int(generator.next() % UInt64(frame.count))] ^= 1 << UInt8(generator.next() % 8)
            }
            if generator.next() % 8 == 0 { frame.removeLast(Int(generator.next() % UInt64(frame.count))) }
            assembly.take(frame, time: Int64(round) * 10_000_000 + Int64(generator.next() % 100))
            #expect(assembly.assembler.waiting <= 20)
        }
        assembly.finish()
    }
}

/// A fragment of one of a few packets, in and out of tunnels.
private func randomFragment(using generator: inout SeededGenerator) -> [UInt8] {
    let start = Int(generator.next() % 12) * 8
    let length = Int(generator.next() % 6 + 1) * 8
    let number = [6, 6, 6, 17, 47, 4][Int(generator.next() % 6)] as UInt8
    let octets = (0..<length).map { start + $0 < payload.count ? payload[start + $0] : 0 }
    let hasMore = generator.next() % 4 != 0
    let inner =
        generator.next() & 1 == 0
        ? piece(octets, at: start, hasMore, number, UInt16(generator.next() % 8))
        : W.fragment6(number, octets, offset: start, hasMore: hasMore, identification: UInt8(generator.next() % 8))
    switch generator.next() % 4 {
    case 0: return W.ethernet(0x0800, W.ipv4(inner[0] >> 4 == 4 ? 4 : 41, inner))
    default: return W.ethernet(inner[0] >> 4 == 4 ? 0x0800 : 0x86DD, inner)
    }
}
