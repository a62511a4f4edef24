@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Where flows are believed to be, as the thread that reads tells the one that steps: a short cut, and no more.
@Suite struct RememberedFlowsTests {
    /// Any place whatever is believed of any segment: nothing that is reported depends on it.
    @Test(arguments: Seeds.all)
    func whatIsBelievedChangesNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<24 {
            let segments = Self.segments(round, &random)
            let expected = Self.replay(segments)
            let believed = Self.replay(segments) { batch in
                batch.amendClues(batch.capacity) { clue in
                    if random.next() % 4 != 0 { clue.slot = UInt32(random.next() % 12) }
                }
            }
            #expect(believed == expected, "seed \(seed), round \(round)")
        }
    }

    /// As the thread that reads does it: what comes back is learned from, some batches later.
    @Test(arguments: Seeds.all)
    func whatIsRememberedChangesNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let segments = Self.segments(round, &random)
            let remembered = RememberedFlows()
            var known = 0
            let found = Self.replay(segments) { batch in
                remembered.add(to: &batch, count: batch.capacity)
                batch.amendClues(batch.capacity) { if $0.slot != Flow.noSlot { known += 1 } }
            } back: { batch in
                remembered.learn(from: batch, count: batch.capacity)
            }
            #expect(found == Self.replay(segments), "seed \(seed), round \(round)")
            #expect(known > segments.count / 4, "little is remembered, seed \(seed), round \(round)")
        }
    }

    /// The tracker finds the hashes that whoever fills a batch had no time for.
    @Test(arguments: Seeds.all)
    func hashesThatLackChangeNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let segments = Self.segments(round, &random)
            var hashes: [[UInt32]] = []
            var again: [[UInt32]] = []
            let found = Self.replay(segments) { batch in
                hashes.append(batch.clues.map(\.hash))
                // What lies behind the segments of the batch, or has no addresses in its line, is not looked at.
                var lines = batch.compact.map { $0.notes.contains(.hasAddresses) }.makeIterator()
                batch.amendClues(batch.capacity) { clue in
                    if lines.next() == true { clue.hash = ~clue.hash }
                }
                batch.lacksHashes = true
            } back: { batch in
                again.append(batch.clues.map(\.hash))
            }
            #expect(found == Self.replay(segments), "seed \(seed), round \(round)")
            #expect(again == hashes, "seed \(seed), round \(round)")
        }
    }

    /// Of two whose hashes end alike the later one is remembered, and neither is taken for the other.
    @Test func theLaterOneIsRemembered() {
        var random = SeededGenerator(seed: 793)
        let remembered = RememberedFlows()
        var batch = PreparedSegments()
        batch.prepare(OrdinaryConversation.segments(of: 1, oddities: 0, &random), count: 3, seed: 0)
        func fill(_ slots: [UInt32]) {
            var clues = zip([5, 5 | 1 << 31, 6] as [UInt32], slots).makeIterator()
            batch.amendClues(3) { clue in
                if let (hash, slot) = clues.next() { clue = FlowClue(hash: hash, slot: slot) }
            }
        }
        fill([70, 80, 90])
        remembered.learn(from: batch, count: 3)
        fill([Flow.noSlot, Flow.noSlot, Flow.noSlot])
        remembered.add(to: &batch, count: 3)
        #expect(batch.clues.prefix(3).map(\.slot) == [Flow.noSlot, 80, 90])
        // What lies behind the segments of a batch is none of theirs.
        fill([1, 2, 3])
        remembered.learn(from: batch, count: 2)
        fill([Flow.noSlot, Flow.noSlot, Flow.noSlot])
        remembered.add(to: &batch, count: 3)
        #expect(batch.clues.prefix(3).map(\.slot) == [Flow.noSlot, 2, 90])
    }

    /// The tracker notes where each flow is: where it was opened, and where it was found.
    @Test func theTrackerNotesWhereFlowsAre() {
        var random = SeededGenerator(seed: 793)
        let segments = OrdinaryConversation.segments(of: 1, oddities: 0, &random)
        var options = TrackerOptions()
        options.interest = .flows
        options.vantage = .middle
        var tracker = FlowTracker(options: options)
        var batch = PreparedSegments()
        for (place, segment) in segments.enumerated() {
            batch.prepare([segment], count: 1, seed: options.hashSeed)
            tracker.process(&batch, count: 1)
            #expect(batch.clues[0].slot == 0, "segment \(place) of \(segments.count)")
        }
    }

    // MARK: Helpers

    private static func segments(_ round: Int, _ random: inout SeededGenerator) -> [CapturedSegment] {
        round % 3 == 0
            ? RandomConversation.segments(of: 4, lines: 200, &random)
            : OrdinaryConversation.segments(of: 9, oddities: round % 3 - 1, &random)
    }

    /// Replays in batches of seven, which are lent before they are stepped and afterwards.
    private static func replay(
        _ segments: [CapturedSegment], before: (inout PreparedSegments) -> Void = { _ in },
        back: (borrowing PreparedSegments) -> Void = { _ in }
    ) -> [String] {
        var options = TrackerOptions()
        options.interest = [.transitions, .flows, .findings, .labels]
        options.vantage = .middle
        options.maximumFlows = 6
        var tracker = FlowTracker(options: options)
        var position = 0
        while position < segments.count {
            let part = Array(segments[position...].prefix(7))
            var batch = PreparedSegments()
            batch.prepare(part, count: part.count, seed: options.hashSeed)
            before(&batch)
            tracker.process(&batch, count: part.count)
            back(batch)
            position += part.count
        }
        tracker.finish()
        return tracker.records.map { "\($0)" }
    }
}
