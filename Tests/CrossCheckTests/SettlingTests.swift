import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine
import Testing
import WireFormat

/// What runs for long is judged meanwhile and leaves memory, and comes to the same.
@Suite struct SettlingTests {
    private static let second: Int64 = 1_000_000_000
    private static let start: Int64 = 1_700_000_000 * second
    private static let server = Address(ipv4: 0xC633_6402)

    private enum Event {
        case segment(CapturedSegment)
        case transition(KernelTransition)
    }

    /// A host that serves five connections a second, and holds one that never ends; of every tenth a FIN is missed.
    private struct Day {
        var events: [(time: Int64, event: Event)] = []
        /// The rows of each connection: from, to, which.
        var rows: [(from: Int64, to: Int64, pair: SocketPair)] = []
        private var packet: UInt64 = 0

        init(seconds: Int64) {
            var number: UInt16 = 0
            for time in stride(from: start, to: start + seconds * second, by: Int(second / 5)) {
                number &+= 1
                connection(number, at: time, lasting: number % 2 == 0 ? 50_000_000 : 2_300_000_000)
            }
            hold(seconds)
            events.sort { $0.time < $1.time }
            for place in events.indices {
                guard case .segment(var segment) = events[place].event else { continue }
                segment.packet = UInt64(place + 1)
                segment.identification = UInt16(truncatingIfNeeded: place)
                segment.hasIdentification = true
                events[place].event = .segment(segment)
            }
        }

        private func pair(_ port: UInt16) -> SocketPair {
            SocketPair(
                source: Address(ipv4: 0xC000_0201), destination: server, sourcePort: port, destinationPort: 80,
                family: .ipv4)
        }

        private mutating func add(
            _ time: Int64, _ pair: SocketPair, _ bits: ControlBits, _ seq: UInt32, _ ack: UInt32, _ length: UInt32 = 0
        ) {
            let segment = Segment(
                sequenceNumber: SequenceNumber(seq), acknowledgmentNumber: SequenceNumber(ack), controlBits: bits,
                payloadLength: length, window: 65535)
            events.append((time, .segment(CapturedSegment(segment: segment, pair: pair, time: time))))
        }

        private mutating func becomes(_ time: Int64, _ pair: SocketPair, _ from: State, _ to: State) {
            events.append(
                (
                    time,
                    .transition(
                        KernelTransition(
                            time: time, pair: pair.reversed, socketFamily: .ipv4, from: from, to: to,
                            socket: UInt64(pair.sourcePort)))
                ))
        }

        private mutating func opens(_ time: Int64, _ pair: SocketPair) {
            add(time, pair, .syn, 100, 0)
            add(time + 100_000, pair.reversed, [.syn, .ack], 300, 101)
            add(time + 200_000, pair, .ack, 101, 301)
            becomes(time + 205_000, pair, .listen, .synReceived)
            becomes(time + 210_000, pair, .synReceived, .established)
        }

        private mutating func connection(_ number: UInt16, at time: Int64, lasting length: Int64) {
            let pair = pair(10_000 + number)
            opens(time, pair)
            var end = time + length
            if number % 10 == 0 {
                add(end, pair, [.fin, .ack], 101, 301)
                end += 210_000_000
            }
            add(end, pair, [.fin, .ack], 101, 301)
            becomes(end + 10_000, pair, .established, .closeWait)
            add(end + 20_000, pair.reversed, .ack, 301, 102)
            becomes(end + 995_000, pair, .closeWait, .lastAck)
            add(end + 1_000_000, pair.reversed, [.fin, .ack], 301, 102)
            add(end + 1_100_000, pair, .ack, 102, 302)
            becomes(end + 1_110_000, pair, .lastAck, .closed)
            rows.append((time + 210_000, end, pair.reversed))
        }

        /// It says something every second.
        private mutating func hold(_ seconds: Int64) {
            let pair = pair(9000)
            opens(start, pair)
            for number in 0..<UInt32(seconds) {
                let time = start + Int64(number) * second + 50_000_000
                add(time, pair, [.psh, .ack], 101 + number * 10, 301, 10)
                add(time + 100_000, pair.reversed, .ack, 301, 111 + number * 10)
            }
            rows.append((start + 210_000, .max, pair.reversed))
        }

        /// With a listener and a socket that the capture shows nothing of. The queue of the one that is held goes up
        /// and down.
        func snapshot(_ number: UInt64, at time: Int64) -> SnapshotRecord {
            let window = TimeWindow(begin: time, end: time + 40_000)
            func socket(_ pair: SocketPair, _ kind: KernelSocket.Kind, _ inode: UInt64) -> KernelSocket {
                KernelSocket(
                    pair: pair, socketFamily: .ipv4, kind: kind, inode: inode, identity: .cookie(inode), seen: window)
            }
            func full(_ queue: UInt32) -> KernelSocket.Kind {
                .full(
                    .init(
                        phase: .established, sendQueue: queue, receiveQueue: 0, timer: .none, retransmissions: 0))
            }
            var listening = pair(0).reversed
            listening.destination = Address(ipv4: 0)
            var elsewhere = pair(22).reversed
            elsewhere.sourcePort = 22
            var sockets = [
                socket(listening, .listener(.init(acceptQueue: UInt32(number % 3), backlog: 128)), 1),
                socket(elsewhere, full(0), 2),
            ]
            for row in rows where row.from < time && time + 40_000 < row.to {
                let isHeld = row.pair.destinationPort == 9000
                let queue = isHeld ? UInt32(number % 2) : 0
                sockets.append(socket(row.pair, full(queue), UInt64(row.pair.destinationPort)))
            }
            return SnapshotRecord(
                number: number,
                snapshot: KernelSnapshot(
                    namespace: .init(1), source: .sockdiag, window: window, sockets: sockets))
        }
    }

    private struct Result {
        let outcome: CrossCheckOutcome
        let mostKept: Int
    }

    /// Lives through a day as a capture does: half a second at a time.
    private func live(_ day: Day, _ seconds: Int64, settling: Bool, mostJudgements: Int = .max) -> Result {
        var checker = CrossChecker(localAddresses: [Self.server])
        checker.mostJudgements = mostJudgements
        var tracker = FlowTracker(options: CrossChecker.tracking(localAddresses: [Self.server]))
        var mostKept = 0
        var next = 0
        for turn in 1...(2 * seconds + 10) {
            let now = Self.start + turn * Self.second / 2
            var batch: [CapturedSegment] = []
            while next < day.events.count, day.events[next].time < now {
                switch day.events[next].event {
                case .segment(let segment): batch.append(segment)
                case .transition(let transition): checker.take(transition)
                }
                next += 1
            }
            for place in stride(from: 0, to: batch.count, by: 64) {
                let part = Array(batch[place..<min(place + 64, batch.count)])
                tracker.process(part, count: part.count)
            }
            tracker.advance(to: now)
            checker.take(tracker.records)
            tracker.records.removeAll(keepingCapacity: true)
            checker.take(day.snapshot(UInt64(turn), at: now))
            if settling, turn % 20 == 0 {
                var open: [FlowRecord] = []
                tracker.forEachFlow { open.append($0) }
                checker.settle(before: now - 60 * Self.second, open: open)
                mostKept = max(mostKept, checker.kept)
            }
        }
        tracker.finish()
        checker.take(tracker.records)
        return Result(outcome: checker.finish(), mostKept: mostKept)
    }

    private func divergent(_ outcome: CrossCheckOutcome) -> [String] {
        outcome.judgements.filter { $0.verdict.kind == .divergent }.map(\.line).sorted()
    }

    @Test func `what is judged meanwhile comes to the same`() {
        let day = Day(seconds: 140)
        let atEnd = live(day, 140, settling: false).outcome
        let meanwhile = live(day, 140, settling: true).outcome
        #expect(atEnd.totals.addsUp && meanwhile.totals.addsUp)
        #expect(meanwhile.totals == atEnd.totals)
        #expect(divergent(meanwhile) == divergent(atEnd))
        #expect(divergent(atEnd).count >= 60, "\(divergent(atEnd))")
        let diverging = atEnd.judgements.filter { $0.verdict.kind == .divergent }
        #expect(diverging.allSatisfy { $0.verdict == .divergent(.notTaken(.fin)) })
        // Rows that stay as they are stay one judgement, however often they were judged.
        #expect(meanwhile.judgements.count == atEnd.judgements.count)
    }

    @Test func `memory does not grow with time`() {
        let most = 2000
        let short = live(Day(seconds: 150), 150, settling: true, mostJudgements: most)
        let long = live(Day(seconds: 320), 320, settling: true, mostJudgements: most)
        #expect(Double(long.mostKept) < 1.05 * Double(short.mostKept), "\(short.mostKept), then \(long.mostKept)")
        #expect(long.outcome.totals.untold > 0 && long.outcome.totals.addsUp)
        #expect(long.outcome.judgements.count <= most)
        // What diverges is told for as long as there is room, after all else.
        #expect(divergent(long.outcome).count >= 150)
    }
}
