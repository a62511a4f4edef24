@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Memory is full: who goes, and that it is said.
@Suite struct EvictionTests {
    @Test func aClosedFlowGoesFirst() throws {
        var crowd = Crowd(limit: 3)
        crowd.converse(1)
        crowd.converse(2)
        crowd.close(2)
        crowd.open(3)
        crowd.open(4)
        #expect(crowd.evicted() == [2: .closed])
        #expect(crowd.cutOff == [])
    }

    @Test func anOpeningThatNobodyAnswersGoesBeforeAnIdleConnection() {
        var crowd = Crowd(limit: 8)
        crowd.converse(1)
        crowd.time += 600_000_000_000
        for flow in 2...40 { crowd.open(flow) }
        let evicted = crowd.evicted()
        #expect(evicted[1] == nil)
        #expect(evicted.values.allSatisfy { $0 == .unanswered })
        #expect(evicted.count == 40 - 8)
        // The longest quiet go first: the youngest are still there.
        #expect(Set(evicted.keys) == Set(2...33))
    }

    /// A server that answers leaves them as half-open as one that does not.
    @Test func halfOpenConnectionsGoBeforeAnIdleOne() {
        var crowd = Crowd(limit: 8)
        crowd.converse(1)
        crowd.time += 600_000_000_000
        for flow in 2...40 {
            crowd.open(flow)
            crowd.answer(flow)
        }
        #expect(crowd.evicted()[1] == nil)
    }

    @Test func theLongestQuietGoesAndSaysWhatItWas() {
        var crowd = Crowd(limit: 4)
        for flow in 1...4 { crowd.converse(flow) }
        crowd.time += 61_000_000_000
        // Two of four speak again; one of the others is idle, then the next.
        crowd.speak(1)
        crowd.speak(3)
        crowd.converse(5)
        crowd.converse(6)
        crowd.converse(7)
        let evicted = crowd.evicted()
        #expect(evicted == [2: .idle, 4: .idle, 1: .active])
        #expect(crowd.cutOff == [1, 2, 4])
    }

    /// A flow that was chosen to go and speaks before its turn is spared.
    @Test func whoSpeaksIsSpared() {
        var crowd = Crowd(limit: 64)
        for flow in 1...64 { crowd.converse(flow) }
        crowd.converse(65)
        for flow in 2...4 { crowd.speak(flow) }
        for flow in 66...68 { crowd.converse(flow) }
        #expect(Set(crowd.evicted().keys) == [1, 5, 6, 7])
    }

    /// New connections are answered although older ones fill the memory: openings have a quarter of it.
    @Test func newConnectionsHaveTimeForTheirAnswer() {
        var crowd = Crowd(limit: 400)
        for flow in 1...400 { crowd.converse(flow) }
        crowd.time += 100_000_000_000
        for flow in 401...480 { crowd.open(flow) }
        for flow in 401...480 { crowd.answer(flow) }
        #expect(crowd.evicted().keys.allSatisfy { $0 <= 400 })
    }

    @Test func whatContinuesIsAFlowOfItsOwn() throws {
        var crowd = Crowd(limit: 2)
        for flow in 1...3 { crowd.converse(flow) }
        crowd.speak(1)
        let records = crowd.finish()
        let flows = records.compactMap { if case .flow(let flow) = $0 { flow } else { nil } }
            .sorted { $0.flow < $1.flow }
        #expect(flows.count == 4)
        #expect(flows[0].evicted == .active && flows[0].findings.contains(.evicted))
        #expect(flows[0].initiator.state == .established && flows[0].responder.state == .established)
        #expect(flows[3].pair.sourcePort == flows[0].pair.sourcePort)
        #expect(flows[3].findings.contains(.midStream))
        #expect(flows[3].evicted == nil)
    }

    @Test func theCountsAddUp() {
        var crowd = Crowd(limit: 10)
        for flow in 1...30 {
            crowd.converse(flow)
            if flow % 3 == 0 { crowd.close(flow) }
            crowd.open(100 + flow)
        }
        let records = crowd.finish()
        let flows = records.compactMap { if case .flow(let flow) = $0 { flow } else { nil } }
        for kind in EvictionKind.allCases {
            #expect(crowd.counts.evictedFlowsPerKind[Int(kind.rawValue)] == UInt64(flows.count { $0.evicted == kind }))
        }
        #expect(crowd.counts.evictedFlows == 50)
        #expect(crowd.counts.evictedFlowsPerKind[Int(EvictionKind.closed.rawValue)] == 10)
    }

    // MARK: What waits is bounded

    @Test func aFloodLeavesWhatIsAliveInMemory() {
        Flood(flows: 6000, limit: 400).run()
    }

    @Test func queuesOfEndedFlowsDoNotGrow() {
        // Ports are used again at once, so earlier incarnations leave before their time, all at the same stamp.
        var crowd = Crowd(limit: 1000)
        crowd.step = 0
        for round in 0..<4000 {
            for flow in 1...5 { crowd.refuse(flow, number: UInt32(truncatingIfNeeded: round &* 1_000_003)) }
        }
        #expect(crowd.tracker.flowsInMemory <= 25)
        #expect(crowd.tracker.ended.count <= 2 * 25 + 4096 + 1)
        #expect(crowd.tracker.leaving.count <= 2 * 25 + 4096 + 1)
        #expect(crowd.counts.flows > 10_000)
    }

    @Test func candidatesDoNotGrow() {
        var crowd = Crowd(limit: 10_000)
        for flow in 1...400 { crowd.converse(flow) }
        for round in 1...3 {
            for flow in 1...400 { crowd.open(flow, number: UInt32(round) << 30 | 5) }
        }
        #expect(crowd.tracker.candidates.count <= CandidateSyns.limit)
        // The last one still is known, and becomes a flow when it is answered.
        crowd.answer(400, number: 3 << 30 | 5, own: 70_000)
        #expect(crowd.counts.flows == 401)
    }

    @Test func theEndIsReportedInPieces() {
        var crowd = Crowd(limit: 1000)
        for flow in 1...100 { crowd.open(flow) }
        var pieces: [Int] = []
        var isLeft = true
        while isLeft {
            isLeft = crowd.tracker.finish(atMost: 30)
            pieces.append(crowd.tracker.records.count { if case .flow = $0 { true } else { false } })
            crowd.tracker.records.removeAll()
        }
        #expect(pieces == [30, 30, 30, 10])
        #expect(crowd.tracker.flowsInMemory == 0)
    }
}

/// A server with many clients, each a number.
struct Crowd: ~Copyable {
    var tracker: FlowTracker
    var time: Int64 = 1_700_000_000_000_000_000
    /// Between two segments, nanoseconds.
    var step: Int64 = 1_000_000
    private(set) var cutOff: [UInt64] = []

    init(limit: Int) {
        var options = TrackerOptions()
        options.interest = [.flows, .findings]
        options.vantage = .middle
        options.maximumFlows = limit
        tracker = FlowTracker(options: options)
    }

    var counts: TrackerCounts { tracker.counts }

    private func pair(_ flow: Int) -> SocketPair {
        SocketPair(
            source: Address(ipv4: 0x0A00_0000 | UInt32(flow)), destination: Address(ipv4: 0xC000_0201),
            sourcePort: UInt16(truncatingIfNeeded: 10_000 &+ flow), destinationPort: 80, family: .ipv4)
    }

    private mutating func send(
        _ bits: ControlBits, _ flow: Int, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0, reply: Bool = false
    ) {
        time += step
        let segment = Segment(
            sequenceNumber: SequenceNumber(seq), acknowledgmentNumber: SequenceNumber(ack), controlBits: bits,
            payloadLength: length, window: 65_535)
        let pair = pair(flow)
        tracker.process([CapturedSegment(segment: segment, pair: reply ? pair.reversed : pair, time: time)], count: 1)
    }

    mutating func open(_ flow: Int, number: UInt32 = 100) { send(.syn, flow, seq: number) }

    mutating func answer(_ flow: Int, number: UInt32 = 100, own: UInt32 = 300) {
        send([.syn, .ack], flow, seq: own, ack: number &+ 1, reply: true)
    }

    mutating func refuse(_ flow: Int, number: UInt32) {
        open(flow, number: number)
        send([.rst, .ack], flow, seq: 0, ack: number &+ 1, reply: true)
    }

    /// A handshake, a request and its answer.
    mutating func converse(_ flow: Int) {
        open(flow)
        answer(flow)
        send(.ack, flow, seq: 101, ack: 301)
        send([.psh, .ack], flow, seq: 101, ack: 301, length: 10)
        send([.psh, .ack], flow, seq: 301, ack: 111, length: 20, reply: true)
        send(.ack, flow, seq: 111, ack: 321)
    }

    mutating func speak(_ flow: Int) { send([.psh, .ack], flow, seq: 111, ack: 321, length: 5) }

    mutating func close(_ flow: Int) {
        send([.fin, .ack], flow, seq: 111, ack: 321)
        send([.fin, .ack], flow, seq: 321, ack: 112, reply: true)
        send(.ack, flow, seq: 112, ack: 322)
    }

    /// What was evicted so far, by the client's number.
    mutating func evicted() -> [Int: EvictionKind] {
        var kinds: [Int: EvictionKind] = [:]
        for record in tracker.records {
            switch record {
            case .flow(let flow): kinds[Int(flow.pair.source.low & 0xFF_FFFF)] = flow.evicted
            case .finding(let finding): if finding.code == .evicted { cutOff.append(finding.flow) }
            case .transition, .withdrawal, .segment, .connection: break
            }
        }
        cutOff.sort()
        return kinds
    }

    mutating func finish() -> [Record] {
        tracker.finish()
        return tracker.records
    }
}

/// SYNs that nobody answers, against connections that are quiet.
struct Flood {
    var flows: Int
    var limit: Int
    var connections = 20

    func run(at location: SourceLocation = #_sourceLocation) {
        var crowd = Crowd(limit: limit)
        for flow in 1...connections { crowd.converse(flow) }
        crowd.time += 120_000_000_000
        crowd.step = 1000
        for flow in 0..<flows {
            crowd.open(100_000 + flow)
            if crowd.tracker.flowsInMemory > limit { Issue.record("too many flows", sourceLocation: location) }
            if flow % 4096 == 0 {
                let evicted = crowd.evicted()
                #expect(evicted.values.allSatisfy { $0 == .unanswered }, sourceLocation: location)
                crowd.tracker.records.removeAll(keepingCapacity: true)
            }
        }
        // They go on as if nothing had been.
        for flow in 1...connections { crowd.speak(flow) }
        #expect(crowd.counts.flows == UInt64(connections + flows), sourceLocation: location)
        #expect(crowd.counts.evictedFlows == UInt64(connections + flows - limit), sourceLocation: location)
        let openings = crowd.counts.evictedFlowsPerKind[Int(EvictionKind.unanswered.rawValue)]
        #expect(openings == crowd.counts.evictedFlows, sourceLocation: location)
    }
}

/// A million half-open connections.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongEvictionTests {
    @Test func connectionsSurviveAMillionSyns() {
        Flood(flows: 1_000_000, limit: 10_000, connections: 1000).run()
    }
}
