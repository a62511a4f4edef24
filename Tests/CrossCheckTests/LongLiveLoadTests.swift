import CrossCheck
import Flows
import Foundation
import KernelSockets
import Replay
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Thousands of connections of all close orders, half-closes, resets, timeouts and reuse, IPv4 and IPv6, over veth and
/// loopback, while snapshots are taken every 100 ms and all transitions are recorded. Needs root.
@Suite(.serialized, .enabled(if: Long.isWanted)) struct LongLiveLoadTests {
    /// What one host saw.
    private struct Seen {
        var records: [KernelRecord] = []
        var addresses: Set<Address> = []
        var snapshots: UInt64 = 0
    }

    private struct Play {
        var a = Seen()
        var b = Seen()
        var touched: Set<SocketPair> = []
        let folder: TemporaryFolder
    }

    @Test func `nothing diverges without an explanation`() throws {
        guard try Demands.root() else { return }
        let play = try play(5000, sabotage: "none")
        let a = try crossCheck(play.folder.path("a.pcap"), play.a.records, local: play.a.addresses)
        report("host A", a)
        try expectNothing(a, play.folder.path("a.pcap"), play.a, but: { _ in false })
        let b = try crossCheck(play.folder.path("b.pcap"), play.b.records, local: play.b.addresses)
        report("host B and its loopback", b)
        // On port 8099 a firewall drops every SYN: that is told, and nothing else is.
        try expectNothing(b, play.folder.path("b.pcap"), play.b) {
            $0.pair.sourcePort == 8099 && $0.verdict == .divergent(.notTaken(.syn))
        }
        #expect(b.judgements.contains { $0.verdict == .divergent(.notTaken(.syn)) })
        #expect(a.totals.flows + b.totals.flows > 5000)
        #expect(a.totals.rows > 10_000 && b.totals.rows > 10_000)
        #expect(a.totals.transitions > 5000 && b.totals.transitions > 10_000)
    }

    /// One in a hundred SYN,ACKs and FINs on their way to A is lost between the interface and TCP, or damaged.
    @Test(arguments: ["dropped", "corrupted"])
    func `each connection that was touched is diagnosed, and no other`(sabotage: String) throws {
        guard try Demands.root() else { return }
        let play = try play(3000, sabotage: sabotage)
        let outcome = try crossCheck(play.folder.path("a.pcap"), play.a.records, local: play.a.addresses)
        report("\(sabotage): \(play.touched.count) connections touched", outcome)
        #expect(play.touched.count >= 10)
        var diagnosed: Set<SocketPair> = []
        for judgement in outcome.judgements {
            guard case .divergent(let diagnosis) = judgement.verdict else { continue }
            #expect(play.touched.contains(judgement.pair), "not touched: \(judgement.line)")
            switch diagnosis {
            case .notTaken(.synAck), .notTaken(.fin):
                #expect(sabotage == "dropped", "\(judgement.line)")
                diagnosed.insert(judgement.pair)
            case .badChecksum(.synAck), .badChecksum(.fin):
                #expect(sabotage == "corrupted", "\(judgement.line)")
                diagnosed.insert(judgement.pair)
            case .notTaken, .badChecksum, .notOnWire, .notCaptured, .goneSilently, .forgedReset,
                .transitionNotInferred, .unexplained:
                Issue.record("\(judgement.line)")
            }
        }
        let copies = try Copies(play.folder.path("a.pcap"), play.a, of: play.touched)
        let affected = play.touched.filter(copies.affected)
        print("\(affected.count) of \(play.touched.count) touched connections still lived when the segment came again")
        #expect(affected.count * 2 > play.touched.count)
        for pair in affected.subtracting(diagnosed) {
            Issue.record("not diagnosed: \(pair)")
            for judgement in outcome.judgements where judgement.pair == pair { print("   \(judgement.line)") }
        }
    }

    /// When SYN,ACKs and FINs passed, and whether the receiver was still there to miss them.
    private struct Copies {
        /// SYN,ACKs and FINs to each local socket, and what it sent.
        private var arrivals: [SocketPair: [SegmentRecord]] = [:]
        private var answers: [SocketPair: [SegmentRecord]] = [:]
        /// When the kernel told something of it.
        private var seen: [SocketPair: [Int64]] = [:]
        /// When the flows with these sockets began.
        private var beginnings: [SocketPair: [Int64]] = [:]

        init(_ capture: String, _ seen: Seen, of touched: Set<SocketPair>) throws {
            var sink = RecordCollector()
            let tracking = CrossChecker.tracking(localAddresses: seen.addresses)
            _ = try ReplayPipeline(paths: [capture], tracking: tracking).run(into: &sink)
            var pairs: [UInt64: SocketPair] = [:]
            for case .flow(let flow) in sink.records {
                pairs[flow.flow] = flow.pair
                for pair in [flow.pair, flow.pair.reversed] where touched.contains(pair) {
                    beginnings[pair, default: []].append(flow.first)
                }
            }
            for case .segment(let segment) in sink.records {
                guard let pair = pairs[segment.flow] else { continue }
                let sender = segment.from == .initiator ? pair : pair.reversed
                if touched.contains(sender) { answers[sender, default: []].append(segment) }
                let isTelling = segment.controlBits.isSuperset(of: [.syn, .ack]) || segment.controlBits.contains(.fin)
                if touched.contains(sender.reversed), isTelling {
                    arrivals[sender.reversed, default: []].append(segment)
                }
            }
            for record in seen.records {
                switch record {
                case .snapshot(let record):
                    for socket in record.snapshot.sockets { note(socket.pair, socket.seen.begin) }
                case .transition(let transition): note(transition.pair, transition.time)
                case .trace: break
                }
            }
        }

        private mutating func note(_ pair: SocketPair, _ time: Int64) {
            if beginnings[pair] != nil { seen[pair, default: []].append(time) }
        }

        /// A segment that was not answered came again, and the kernel had something of the connection when it did.
        func affected(_ pair: SocketPair) -> Bool {
            let segments = arrivals[pair] ?? []
            return segments.indices.contains { place in
                let copy = segments[place]
                let next = (beginnings[pair] ?? []).filter { $0 > copy.time }.min() ?? .max
                let isMissed = segments[..<place].contains { earlier in
                    earlier.flow == copy.flow
                        && earlier.controlBits.contains(.syn) == copy.controlBits.contains(.syn)
                        && !isAnswered(earlier, before: copy, pair)
                }
                return isMissed && (seen[pair] ?? []).contains { $0 > copy.time && $0 < next }
            }
        }

        /// It was taken, and its copy is one that nobody needed.
        private func isAnswered(_ segment: SegmentRecord, before copy: SegmentRecord, _ pair: SocketPair) -> Bool {
            let end = segment.sequenceNumber + segment.length + 1
            return (answers[pair] ?? []).contains { answer in
                answer.flow == segment.flow && answer.time > segment.time && answer.time < copy.time
                    && answer.acknowledgmentNumber?.isAtOrAfter(end) == true
            }
        }
    }

    private struct RecordCollector: RecordSink {
        var records: [Record] = []

        mutating func receive(_ records: borrowing [Record]) {
            for place in records.indices { self.records.append(records[place]) }
        }
    }

    private func expectNothing(
        _ outcome: CrossCheckOutcome, _ capture: String, _ seen: Seen, but isExpected: (Judgement) -> Bool
    ) throws {
        let divergent = outcome.judgements.filter { $0.verdict.kind == .divergent && !isExpected($0) }
        // A busy kernel itself drops a FIN now and then, it seems one that comes while a socket becomes a remnant: then
        // nobody acknowledges it, it comes again, and to say so is right.
        let missed = Set(divergent.filter { $0.verdict == .divergent(.notTaken(.fin)) }.map(\.pair))
        let copies = try Copies(capture, seen, of: missed)
        let unexplained = divergent.filter { !copies.affected($0.pair) }
        #expect(unexplained.isEmpty)
        for judgement in unexplained.prefix(40) { print("   \(judgement.line)") }
        #expect(missed.count <= 5, "\(missed)")
        for pair in missed { print("missed by the kernel itself: \(pair)") }
        #expect(outcome.totals.lostTransitions == 0)
    }

    private func report(_ title: String, _ outcome: CrossCheckOutcome) {
        print("== \(title)\n\(outcome.totals.text)")
    }

    // MARK: Playing

    private func play(_ connections: Int, sabotage: String) throws -> Play {
        let folder = try TemporaryFolder()
        var play = Play(folder: folder)
        let stage = try Stage("load.py", ["\(connections)", sabotage, folder.url.path])
        let ready = try stage.hear(until: "ready")
        let a = try KernelView(namespace: .ofProcess(Int32(ready["a"]?.number ?? 0)))
        let b = try KernelView(namespace: .ofProcess(Int32(ready["b"]?.number ?? 0)))
        var trace = try TransitionTrace(bufferSize: 16384)
        try stage.say("go")
        var transitions: [KernelTransition] = []
        while !stage.hasSpoken() {
            let due = ContinuousClock.now + .milliseconds(100)
            try look(a, into: &play.a)
            try look(b, into: &play.b)
            transitions += try trace.read()
            while ContinuousClock.now < due { usleep(2000) }
        }
        transitions += try trace.read(isLast: true)
        let lost = try trace.losses().events
        let done = try stage.hear(until: "done")
        print("played: \(done["kinds"].map { "\($0)" } ?? ""); \(done["tcpdump"].map { "\($0)" } ?? "")")
        play.touched = touched(done)
        try deliver(transitions, lost, to: &play.a)
        try deliver(transitions, lost, to: &play.b)
        return play
    }

    private func look(_ view: borrowing KernelView, into seen: inout Seen) throws {
        seen.snapshots += 1
        let snapshot = try view.snapshot()
        for socket in snapshot.sockets where socket.pair.destinationPort != 0 {
            seen.addresses.insert(socket.pair.source)
        }
        seen.records.append(.snapshot(SnapshotRecord(number: seen.snapshots, snapshot: snapshot)))
    }

    /// The kernel tells the transitions of all hosts; each is given to the host that has the address.
    private func deliver(_ transitions: [KernelTransition], _ lost: UInt64, to seen: inout Seen) throws {
        for transition in transitions where seen.addresses.contains(transition.pair.source) {
            seen.records.append(.transition(transition))
        }
        seen.records.append(.trace(TraceRecord(window: TimeWindow(begin: 0, end: 0), transitions: 0, lost: lost)))
    }

    private func touched(_ done: JSONValue) -> Set<SocketPair> {
        guard case .array(let members)? = done["touched"] else { return [] }
        return Set(
            members.compactMap { member in
                guard case .array(let values) = member, values.count == 4, let left = values[0].string,
                    let right = values[2].string, let leftPort = values[1].number, let rightPort = values[3].number,
                    let (source, family) = Address.parse(left), let (destination, _) = Address.parse(right)
                else { return nil }
                return SocketPair(
                    source: source, destination: destination, sourcePort: UInt16(leftPort),
                    destinationPort: UInt16(rightPort), family: family)
            })
    }
}
