@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What is told while flows go on: presumed steps and their withdrawals, states counted, flows that changed last.
@Suite struct FollowingTests {
    private static func eager(_ options: inout TrackerOptions) { options.interest.insert(.presumed) }

    private let talking = FindingStory.talking

    /// What a reader of the records sees, in their order: `-` before what is withdrawn, `!` behind what is proven.
    private func told(_ heard: Hearing, _ endpoint: EndpointRole) -> [String] {
        heard.records.compactMap { record in
            switch record {
            case .transition(let step) where step.endpoint == endpoint:
                step.to.name + (step.certainty == .proven ? "!" : "")
            case .withdrawal(let taken) where taken.endpoint == endpoint: "-" + taken.rule.to.name
            case .transition, .withdrawal, .flow, .segment, .finding, .connection: nil
            }
        }
    }

    @Test func aStepIsToldWhenItIsPresumedAndAgainWhenItIsProven() {
        let heard = Hearing(talking + "100 A F. 51 ack 51\n110 B . 51 ack 52\n", at: .middle, configure: Self.eager)
        #expect(
            told(heard, .responder) == [
                "SYN-RECEIVED", "SYN-RECEIVED!", "ESTABLISHED", "ESTABLISHED!", "CLOSE-WAIT", "CLOSE-WAIT!",
            ])
        #expect(
            told(heard, .initiator) == [
                "SYN-SENT!", "ESTABLISHED", "ESTABLISHED!", "FIN-WAIT-1!", "FIN-WAIT-2",
            ])
    }

    /// B closes without having A's FIN: it did not go through CLOSE-WAIT.
    @Test func finsThatCrossWithdrawTheFirstReading() {
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                105 B F. 51 ack 51
                115 A .  52 ack 52
                120 B .  52 ack 52
                """, at: .middle, configure: Self.eager)
        let steps = told(heard, .responder)
        #expect(steps.contains("CLOSE-WAIT") && steps.contains("-CLOSE-WAIT"), "\(steps)")
        // That CLOSING was passed may be proven behind the step that left it.
        #expect(steps.last { $0 != "CLOSING!" }?.hasPrefix("TIME-WAIT") == true, "\(steps)")
        let reasons = heard.records.compactMap { if case .withdrawal(let taken) = $0 { taken.reason } else { nil } }
        #expect(reasons.allSatisfy { $0 == .otherwise }, "\(reasons)")
    }

    /// The last ACK was lost behind the vantage point, and B sends its FIN again.
    @Test func aLastAckThatDidNotArriveIsWithdrawn() {
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                110 B F. 51 ack 52
                120 A .  52 ack 52
                400 B F. 51 ack 52
                """, at: .middle, configure: Self.eager)
        let steps = told(heard, .responder)
        #expect(steps.contains("CLOSED") && steps.contains("-CLOSED"), "\(steps)")
        let reasons = heard.records.compactMap { if case .withdrawal(let taken) = $0 { taken.reason } else { nil } }
        #expect(reasons == [.arrivalNotTaken])
    }

    // MARK: Told eagerly or as settled, it comes to the same

    private struct End: Hashable {
        var flow: UInt64
        var endpoint: EndpointRole
    }

    /// What stands once all records have been read.
    private static func standing(_ records: [Record]) -> [End: [String]] {
        var steps: [End: [TransitionRecord]] = [:]
        var proven: [End: Int] = [:]
        for record in records {
            switch record {
            case .transition(let step):
                let end = End(flow: step.flow, endpoint: step.endpoint)
                let open = (steps[end] ?? [])[(proven[end] ?? 0)...]
                // Told again: it is settled.
                if let place = open.firstIndex(where: { $0.rule == step.rule && $0.rule != nil }) {
                    steps[end]?[place] = step
                    proven[end] = place + 1
                } else {
                    steps[end, default: []].append(step)
                    if step.certainty == .proven { proven[end] = steps[end]?.count }
                }
            case .withdrawal(let taken):
                let end = End(flow: taken.flow, endpoint: taken.endpoint)
                let last = steps[end]?.popLast()
                #expect(last?.rule == taken.rule && last?.cause == taken.cause, "the last step is withdrawn")
                proven[end] = min(proven[end] ?? 0, steps[end]?.count ?? 0)
            case .flow, .segment, .finding, .connection: break
            }
        }
        return steps.mapValues { $0.map { "\($0.from?.name ?? "...") \($0.to.name) \($0.cause) \($0.certainty)" } }
            .filter { !$0.value.isEmpty }
    }

    @Test(arguments: Seeds.all) func eagerRecordsEndWhereSettledOnesDo(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<40 {
            let segments = RandomConversation.segments(of: 4, lines: 60, &random)
            for vantage in [Vantage.middle, .hostA, .automatic] {
                var options = TrackerOptions()
                options.interest = [.transitions, .flows]
                options.vantage = vantage.option
                let settled = Self.standing(Self.records(segments, options))
                options.interest.insert(.presumed)
                var eager = Self.standing(Self.records(segments, options))
                // What was known first of an endpoint stays told, though in the end nothing more was settled of it.
                for (end, steps) in eager where settled[end] == nil && steps.count == 1 && steps[0].hasPrefix("...") {
                    eager[end] = nil
                }
                guard settled != eager else { continue }
                let differing = Set(settled.keys).union(eager.keys).filter { settled[$0] != eager[$0] }
                for end in differing.prefix(2) {
                    Issue.record(
                        """
                        \(end), \(vantage), seed \(seed), round \(round)
                        settled \(settled[end] ?? [])
                        eager   \(eager[end] ?? [])
                        """)
                }
                return
            }
        }
    }

    private static func records(_ segments: [CapturedSegment], _ options: TrackerOptions) -> [Record] {
        var tracker = FlowTracker(options: options)
        tracker.process(segments, count: segments.count)
        tracker.finish()
        return tracker.records
    }

    // MARK: The census

    @Test(arguments: Seeds.all) func everyEndpointInMemoryIsCountedOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let segments = RandomConversation.segments(of: 60, lines: 3000, &random)
        var options = TrackerOptions()
        options.interest = [.flows, .changes]
        options.maximumFlows = 30
        var tracker = FlowTracker(options: options)
        for segment in segments {
            tracker.process([segment], count: 1)
            #expect(tracker.endpointsPerState.reduce(0, +) == 2 * UInt64(tracker.flowsInMemory))
        }
        let changed = tracker.latestChanges(atMost: 1000)
        #expect(changed.count == tracker.flowsInMemory)
        #expect(zip(changed, changed.dropFirst()).allSatisfy { $0.since >= $1.since }, "the latest comes first")
        #expect(tracker.latestChanges(atMost: 3).map(\.record.flow) == changed.prefix(3).map(\.record.flow))
        tracker.finish()
        #expect(tracker.endpointsPerState.allSatisfy { $0 == 0 })
    }

    @Test func thePresumedStatesAreShown() throws {
        var options = TrackerOptions()
        options.interest = [.changes]
        options.vantage = .middle
        var tracker = FlowTracker(options: options)
        for line in Conversation(talking + "100 A F. 51 ack 51\n").lines {
            if case .segment(let segment) = line.happening { tracker.process([segment], count: 1) }
        }
        let flow = try #require(tracker.latestChanges(atMost: 10).first)
        #expect(flow.record.initiator.state == .finWait1 && flow.record.initiator.certainty == .proven)
        #expect(flow.record.responder.state == .closeWait && flow.record.responder.certainty == .presumed)
        #expect(flow.since == Conversation.epoch + 100_000_000)
    }

    // MARK: Losses

    /// The first connection lasts 120 ms, the second begins 9 s later.
    @Test(arguments: [
        (1_000, 2_000, []), (50, 1_000, [1]), (8_500, 9_500, [2]), (100, 9_500, [1, 2]), (9_005, 9_006, [2]),
    ])
    func aLossConcernsTheFlowsThatWereAliveThen(from: Int64, to: Int64, flows: [UInt64]) {
        #expect(findings([(Conversation.epoch + from * 1_000_000, Conversation.epoch + to * 1_000_000)]) == flows)
    }

    @Test func aLossSinceNobodyKnowsWhenConcernsAllBeforeIt() {
        #expect(findings([(nil, Conversation.epoch + 1_000_000_000)]) == [1])
    }

    /// More losses than segments: not every one of them is worth a look at all flows at once, and none is forgotten.
    @Test func manyLossesAreNotedAtTheLatestWhenFlowsAreReported() {
        let early = (Int64?(Conversation.epoch - 2), Conversation.epoch - 1)
        let late = (Int64?(Conversation.epoch + 9_005_000_000), Conversation.epoch + 9_006_000_000)
        #expect(findings([early, early, early, late]) == [2])
    }

    private func findings(_ gaps: [(from: Int64?, to: Int64)]) -> [UInt64] {
        var options = TrackerOptions()
        options.interest = [.findings]
        options.vantage = .middle
        var tracker = FlowTracker(options: options)
        let story = talking + """
            100   A F. 51 ack 51
            110   B F. 51 ack 52
            120   A .  52 ack 52
            isn A 900000
            isn B 800000
            9000  A S 0
            9010  B S.  0 ack 1
            9020  A .   1 ack 1
            """
        for line in Conversation(story).lines {
            if case .segment(let segment) = line.happening { tracker.process([segment], count: 1) }
        }
        for gap in gaps { tracker.noteLoss(of: 3, from: gap.from, to: gap.to) }
        tracker.finish()
        return tracker.records.compactMap { record -> UInt64? in
            guard case .finding(let finding) = record, finding.code == .captureLoss else { return nil }
            return finding.flow
        }.sorted()
    }
}
