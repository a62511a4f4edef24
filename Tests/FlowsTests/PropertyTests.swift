@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What holds for any segments whatever: the tracker never traps, steps are rules in a chain, nothing is lost.
@Suite struct PropertyTests {
    // MARK: Conversations

    @Test(arguments: Seeds.all)
    func conversations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<60 {
            let segments = RandomConversation.segments(of: 8, lines: 40, &random)
            for vantage in Vantage.allCases {
                let (records, counts) = Self.replay(segments) { $0.vantage = vantage.option }
                if let error = Chain.error(in: records) {
                    Issue.record("\(error), at \(vantage), seed \(seed), round \(round)")
                    return
                }
                Self.expectAllFlows(records, counts, "at \(vantage), seed \(seed), round \(round)")
            }
        }
    }

    /// Any bits in any field, on few ports, so that everything meets everything.
    @Test(arguments: Seeds.all)
    func anySegments(seed: UInt64) {
        Self.expectToSurvive(35_000, seed: seed)
    }

    /// Segments without sense: each profile keeps its rules, and no flow is lost.
    static func expectToSurvive(_ count: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let segments = (0..<count).map { RandomConversation.anySegment($0, &random) }
        for profile in [Profile.linux, .rfc793, .rfc9293] {
            let (records, counts) = Self.replay(segments) {
                $0.initiatorProfile = profile
                $0.responderProfile = profile
                $0.vantage = .automatic
            }
            if let error = Chain.error(in: records) { Issue.record("\(error), \(profile.name), seed \(seed)") }
            Self.expectAllFlows(records, counts, "\(profile.name), seed \(seed)")
            #expect(counts.segments == UInt64(count))
        }
    }

    /// Stamps from one end of time to the other, as a damaged pcapng can have them.
    @Test(arguments: Seeds.all)
    func anyStamps(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let ends: [Int64] = [.min, .min + 1, .min / 2, -1, 0, 1, .max / 2, .max - 1, .max]
        var segments = (0..<40).flatMap { _ in RandomConversation.segments(of: 8, lines: 40, &random) }
        for index in segments.indices { segments[index].time = ends[Int(random.next() % UInt64(ends.count))] }
        for vantage in Vantage.allCases {
            let (records, counts) = Self.replay(segments) { $0.vantage = vantage.option }
            if let error = Chain.error(in: records) { Issue.record("\(error), at \(vantage), seed \(seed)") }
            Self.expectAllFlows(records, counts, "at \(vantage), seed \(seed)")
        }
    }

    /// Connections that end where stamps end: nothing is due again and again.
    @Test func atTheEndOfTime() {
        var random = SeededGenerator(seed: 793)
        var segments = OrdinaryConversation.segments(of: 8, oddities: 0, &random)
        for (index, left) in zip(segments.indices, (0..<segments.count).reversed()) {
            segments[index].time = .max - Int64(left)
        }
        let (records, counts) = Self.replay(segments)
        Self.expectAllFlows(records, counts, "at the end of time")
    }

    // MARK: Nothing depends on how the segments come

    /// Plain flows are what the general way makes of their segments, whatever comes next and when.
    @Test(arguments: Seeds.all)
    func plainFlowsChangeNothing(seed: UInt64) {
        Self.expectPlainFlowsToChangeNothing(rounds: 24, plainSegments: [.max, 2], seed: seed)
    }

    static func expectPlainFlowsToChangeNothing(rounds: Int, plainSegments: [UInt32], seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<rounds {
            let segments = round % 4 == 0
                ? RandomConversation.segments(of: 4, lines: 60, &random)
                : OrdinaryConversation.segments(of: 6, oddities: round % 3, &random)
            let vantage = round.isMultiple(of: 2) ? TrackerOptions.Vantage.middle : .automatic
            // With Zeek's connections no labels are plain.
            let interest: TrackerOptions.Interest = [.transitions, .flows, .findings, .labels]
            let (general, counts) = Self.replay(segments) {
                $0.interest = interest
                $0.vantage = vantage
                $0.takesShortCuts = false
            }
            let expected = Self.text(general)
            for most in plainSegments {
                let (records, found) = Self.replay(segments) {
                    $0.interest = interest
                    $0.vantage = vantage
                    $0.plainSegments = most
                }
                #expect(Self.text(records) == expected, "plain for \(most), seed \(seed), round \(round)")
                #expect(found.transitionsPerRule == counts.transitionsPerRule)
                #expect(found.endpointsPerState == counts.endpointsPerState)
            }
        }
    }

    @Test(arguments: Seeds.all)
    func batchesAndHashSeedsChangeNothing(seed: UInt64) {
        Self.expectSameRecords(lines: 2000, batches: [1, 7, 64, 2000], seed: seed)
    }

    static func expectSameRecords(lines: Int, batches: [Int], seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let segments = RandomConversation.segments(of: lines / 50, lines: lines, &random)
        let (expected, _) = Self.replay(segments)
        for batch in batches {
            let (records, _) = Self.replay(segments, batch: batch) { $0.hashSeed = random.next() }
            #expect(Self.text(records) == Self.text(expected), "batches of \(batch), seed \(seed)")
        }
    }

    @Test(arguments: Seeds.all)
    func evictionLosesNoFlow(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let segments = RandomConversation.segments(of: 60, lines: 3000, &random)
        for limit in [1, 2, 7, 30] {
            let (records, counts) = Self.replay(segments) { $0.maximumFlows = limit }
            Self.expectAllFlows(records, counts, "limit \(limit), seed \(seed)")
            #expect(counts.evictedFlows > 0, "limit \(limit), seed \(seed)")
            if let error = Chain.error(in: records) { Issue.record("\(error), limit \(limit), seed \(seed)") }
        }
    }

    // MARK: Helpers

    private static func replay(
        _ segments: [CapturedSegment], batch: Int = 64, configure: (inout TrackerOptions) -> Void = { _ in }
    ) -> ([Record], TrackerCounts) {
        var options = TrackerOptions()
        options.interest = [.transitions, .flows, .findings, .labels, .connections]
        options.vantage = .middle
        configure(&options)
        var tracker = FlowTracker(options: options)
        var position = 0
        while position < segments.count {
            let end = min(position + batch, segments.count)
            tracker.process(Array(segments[position..<end]), count: end - position)
            // A new incarnation needs the one before it.
            if tracker.flowsInMemory > max(2, options.maximumFlows) { Issue.record("\(tracker.flowsInMemory) flows") }
            position = end
        }
        tracker.finish()
        return (tracker.records, tracker.counts)
    }

    /// Each flow is reported once, and the totals agree with the records.
    private static func expectAllFlows(_ records: [Record], _ counts: TrackerCounts, _ story: String) {
        var numbers: Set<UInt64> = []
        var reported: UInt64 = 0
        var transitions: UInt64 = 0
        var packets: UInt64 = 0
        for record in records {
            switch record {
            case .flow(let flow):
                numbers.insert(flow.flow)
                reported += 1
                packets += flow.initiator.packets + flow.responder.packets
                for end in [flow.initiator, flow.responder] {
                    #expect(!end.possible.isEmpty && (end.state == nil || end.possible.only == end.state), "\(story)")
                }
            case .transition(let step): if step.rule != nil { transitions += 1 }
            case .withdrawal, .segment, .finding, .connection: break
            }
        }
        #expect(reported == counts.flows && numbers.count == Int(counts.flows), "\(story)")
        #expect(counts.endpointsPerState.reduce(0, +) == 2 * counts.flows, "\(story)")
        #expect(counts.transitionsPerRule.reduce(0, +) == transitions, "\(story)")
        // A candidate SYN that no SYN,ACK committed belongs to no flow.
        #expect(packets + counts.copies <= counts.segments, "\(story)")
    }

    private static func text(_ records: [Record]) -> [String] { records.map { "\($0)" } }
}
