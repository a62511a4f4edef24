@testable import TCPStateMachine
import TestSupport
import Testing

/// The pure tests of arriving segments, and the ranges behind a hole.
@Suite struct AcceptanceTests {
    /// RFC 793 p. 69: the four cases, at ordinary numbers and with the window across the wrap.
    @Test(arguments: [UInt32(5000), 0xFFFF_FFFD])
    func fourCases(next: UInt32) {
        let next = SequenceNumber(next)
        let closed = ReceiveWindow(next: next, size: 0)
        let open = ReceiveWindow(next: next, size: 10)
        #expect(closed.accepts(next, length: 0))
        #expect(!closed.accepts(next + 1, length: 0) && !closed.accepts(next - 1, length: 0))
        #expect(!closed.accepts(next, length: 1))
        #expect(open.accepts(next, length: 0) && open.accepts(next + 9, length: 0))
        #expect(!open.accepts(next + 10, length: 0) && !open.accepts(next - 1, length: 0))
        #expect(open.accepts(next - 1, length: 2) && open.accepts(next + 9, length: 100))
        #expect(!open.accepts(next - 1, length: 1) && !open.accepts(next + 10, length: 1))
        // By the letter of the table a segment that overlaps the window at both ends is not acceptable.
        #expect(!open.accepts(next - 1, length: 100))
    }

    @Test("RFC 5961 section 3.2 and RFC 793 p. 69", arguments: [
        (Int32(0), ResetVerdict.accept, ResetVerdict.accept), (1, .challenge, .accept), (9, .challenge, .accept),
        (10, .drop, .drop), (-1, .drop, .drop),
    ])
    func resetVerdict(offset: Int32, exact: ResetVerdict, inWindow: ResetVerdict) {
        for next in [SequenceNumber(5000), SequenceNumber(0xFFFF_FFFB)] {
            let window = ReceiveWindow(next: next, size: 10)
            let number = next + UInt32(bitPattern: offset)
            #expect(window.verdict(onResetAt: number, exactNumberOnly: true) == exact)
            #expect(window.verdict(onResetAt: number, exactNumberOnly: false) == inWindow)
        }
        let closed = ReceiveWindow(next: SequenceNumber(5), size: 0)
        #expect(closed.verdict(onResetAt: SequenceNumber(5), exactNumberOnly: true) == .accept)
    }

    /// Against a plain set of octets.
    @Test(arguments: Seeds.all)
    func reassembly(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var (queue, octets, taken) = (Reassembly(), Set<UInt32>(), UInt32(0))
            for _ in 0..<12 {
                let start = generator.next32() % 40
                let end = start + generator.next32() % 12
                queue.insert(start, end)
                octets.formUnion((start..<end).map { $0 + taken })
                let moved = queue.advance()
                if start == 0 { #expect(moved >= end, "what lies at RCV.NXT is taken, seed \(seed)") }
                // The queue may have dropped a range for want of room, but never invents octets or leaves a hole.
                for octet in 0..<moved { #expect(octets.contains(taken + octet), "seed \(seed)") }
                taken += moved
                octets = octets.filter { $0 >= taken }
            }
        }
    }

    @Test func fourRangesAreKeptAndJoined() {
        var queue = Reassembly()
        for start in [UInt32(10), 20, 30, 40] { queue.insert(start, start + 5) }
        queue.insert(50, 55)
        #expect(queue.rightEdge == 45, "a fifth range is dropped")
        queue.insert(0, 10)
        #expect(queue.advance() == 15 && queue.rightEdge == 30)
        queue.insert(0, 25)
        #expect(queue.advance() == 30 && queue.rightEdge == 0)
    }

    @Test func inlineListsCount() {
        var rules = RuleList()
        for rule in Rule.allCases { rules.append(rule) }
        #expect(Array(rules) == Array(Rule.allCases.prefix(3)))
        var segments = SegmentList()
        let segment = Segment(sequenceNumber: SequenceNumber(1), controlBits: .ack)
        for _ in 0..<9 { segments.append(segment) }
        #expect(segments.count == 4 && segments.isFull)
    }
}
