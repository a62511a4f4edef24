import TCPStateMachine
import TestSupport
import Testing

/// RFC 793 section 3.3: arithmetic modulo 2^32, across the wrap, with fixed seeds and one of today.
@Suite struct SequenceNumberTests {
    static let edges: [UInt32] = [
        0, 1, 2, 0x3FFF_FFFF, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ]

    @Test func literalDistances() {
        // Computed by hand; an off-by-one at the wrap shows here.
        #expect(SequenceNumber(0xFFFF_FFFF).distance(to: SequenceNumber(0)) == 1)
        #expect(SequenceNumber(0xFFFF_FFF0).distance(to: SequenceNumber(0x10)) == 32)
        #expect(SequenceNumber(0x10).distance(to: SequenceNumber(0xFFFF_FFF0)) == -32)
        #expect(SequenceNumber(0).distance(to: SequenceNumber(0x8000_0000)) == Int32.min)
        #expect(SequenceNumber(0xFFFF_FFFF) + 1 == SequenceNumber(0))
        #expect(SequenceNumber(0) - 1 == SequenceNumber(0xFFFF_FFFF))
    }

    @Test func orderIsTotalAtTheEdges() {
        for a in Self.edges.map(SequenceNumber.init) {
            for b in Self.edges.map(SequenceNumber.init) { expectTotal(a, b, seed: 0) }
        }
    }

    @Test(arguments: Seeds.all)
    func orderIsTotal(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            expectTotal(
                SequenceNumber(generator.next32()), SequenceNumber(generator.next32()), seed: seed)
        }
    }

    @Test(arguments: Seeds.all)
    func orderIsTransitiveWithinAQuarterOfTheCircle(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let a = SequenceNumber(generator.next32())
            let b = a + generator.next32() % (1 << 30)
            let c = b + generator.next32() % (1 << 30)
            #expect(a.isAtOrBefore(b) && b.isAtOrBefore(c) && a.isAtOrBefore(c), "seed \(seed)")
            #expect(!(a != c && c.isBefore(a)), "seed \(seed)")
        }
    }

    @Test(arguments: Seeds.all)
    func addingAndTakingAway(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let (a, d) = (SequenceNumber(generator.next32()), generator.next32())
            #expect(UInt32(bitPattern: a.distance(to: a + d)) == d, "seed \(seed)")
            #expect((a + d) - d == a, "seed \(seed)")
        }
    }

    /// Exactly one of before, equal, after; except for opposite points of the circle, which are both after each other.
    private func expectTotal(_ a: SequenceNumber, _ b: SequenceNumber, seed: UInt64) {
        if a.distance(to: b) == Int32.min {
            #expect(a.isAfter(b) && b.isAfter(a), "\(a) \(b) seed \(seed)")
            return
        }
        let relations = [a.isBefore(b), a == b, a.isAfter(b)].filter { $0 }.count
        #expect(relations == 1, "\(a) \(b) seed \(seed)")
        #expect(a.isBefore(b) == b.isAfter(a), "\(a) \(b) seed \(seed)")
        #expect(a.isAtOrBefore(b) == !a.isAfter(b), "\(a) \(b) seed \(seed)")
        #expect(a.isAtOrAfter(b) == !a.isBefore(b), "\(a) \(b) seed \(seed)")
    }
}
