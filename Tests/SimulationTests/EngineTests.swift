import Simulation
import TCPStateMachine
import Testing

/// A conversation from code: what scenarios are made of.
@Suite struct EngineTests {
    private let ports = PortPair(a: 49_152, b: 80)

    private func simulator(_ change: (inout Simulator.Settings) -> Void = { _ in }) -> Simulator {
        var settings = Simulator.Settings()
        settings.a.initialNumbers = [SequenceNumber(99)]
        settings.b.initialNumbers = [SequenceNumber(299)]
        change(&settings)
        return Simulator(settings: settings)
    }

    private func path(_ simulator: Simulator, _ end: End) -> [State] {
        simulator.history.transitions.filter { $0.end == end }.map(\.to)
    }

    @Test func `three segments open and four close a connection`() {
        var simulator = simulator()
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        simulator.plan(.call(.close, at: .a, ports), at: VirtualTime(nanoseconds: Duration.second))
        simulator.plan(.call(.close, at: .b, ports), at: VirtualTime(nanoseconds: 2 * Duration.second))
        simulator.runToEnd()
        #expect(path(simulator, .a) == [.synSent, .established, .finWait1, .finWait2, .timeWait, .closed])
        #expect(path(simulator, .b) == [.listen, .synReceived, .established, .closeWait, .lastAck, .closed])
        #expect(simulator.history.segments.count == 7)
        #expect(simulator.now == VirtualTime(nanoseconds: 242 * Duration.second + 50 * Duration.millisecond))
    }

    @Test func `a lost SYN is sent again after one, two and four seconds`() {
        var simulator = simulator {
            $0.network.faults = [Fault(from: .a, kind: .syn, first: 1, last: 3, effect: .lose)]
        }
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        simulator.run(until: VirtualTime(nanoseconds: 20 * Duration.second))
        let syns = simulator.history.segments.filter { SegmentKind.syn.matches($0.segment) }
        #expect(syns.map { $0.sent.nanoseconds / Duration.second } == [0, 1, 3, 7])
        #expect(simulator.state(at: .a, of: ports) == .established)
    }

    @Test func `data waits for the window and goes on when the user reads`() {
        var simulator = simulator {
            $0.b.readsAtOnce = false
            $0.b.parameters.receiveBuffer = 1000
        }
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        simulator.plan(.call(.send(octets: 3000), at: .a, ports), at: VirtualTime(nanoseconds: Duration.second))
        simulator.plan(.readAtOnce(true, at: .b), at: VirtualTime(nanoseconds: 30 * Duration.second))
        simulator.run(until: VirtualTime(nanoseconds: 29 * Duration.second))
        #expect(simulator[.b].sockets[0].connection.rcvWnd == 0)
        #expect(simulator[.a].sockets[0].connection.unsent == 1999)
        simulator.run(until: VirtualTime(nanoseconds: 60 * Duration.second))
        #expect(simulator[.a].sockets[0].connection.unsent == 0)
        #expect(simulator[.a].sockets[0].connection.inFlight == 0)
        #expect(simulator[.b].sockets[0].connection.rcvNxt == SequenceNumber(3100))
        #expect(simulator.now < VirtualTime(nanoseconds: 61 * Duration.second))
    }

    /// A copy that was made behind the middle is not seen there: it must not come before its original has passed.
    @Test(arguments: [1, 2, 3, UInt64.random(in: 0 ... .max)])
    func `what is copied behind the middle has passed it before`(seed: UInt64) {
        var simulator = simulator {
            $0.seed = seed
            $0.network.loss = 0.1
            $0.network.duplication = 0.3
            $0.network.reordering = 0.5
            $0.network.jitter = 30 * Duration.millisecond
            $0.network.faults = [
                Fault(from: .a, kind: .data, first: 3, last: 5, effect: .reorder, isBeforeMiddle: true),
                Fault(from: .a, kind: .data, first: 3, last: 9, effect: .duplicate(after: Duration.millisecond)),
            ]
        }
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        simulator.plan(.call(.send(octets: 50_000), at: .a, ports), at: VirtualTime(nanoseconds: Duration.second))
        simulator.plan(.call(.close, at: .a, ports), at: VirtualTime(nanoseconds: 90 * Duration.second))
        simulator.runToEnd()
        let segments = simulator.history.segments
        var copies = 0
        for copy in segments {
            guard case .copy(let number) = copy.origin, !copy.passesMiddle, copy.fate != .lostBeforeMiddle else {
                continue
            }
            copies += 1
            #expect(copy.arrival >= segments[Int(number)].middle, "seed \(seed): copy of segment \(number)")
        }
        #expect(copies > 5, "seed \(seed)")
    }

    @Test func `the same seed leads to the same history`() {
        func run(seed: UInt64) -> History {
            var simulator = simulator {
                $0.seed = seed
                $0.network.loss = 0.2
                $0.network.duplication = 0.2
                $0.network.reordering = 0.2
                $0.network.jitter = 30 * Duration.millisecond
            }
            simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
            simulator.perform(.call(.openActive, at: .a, ports))
            simulator.plan(.call(.send(octets: 20_000), at: .a, ports), at: VirtualTime(nanoseconds: Duration.second))
            simulator.plan(.call(.close, at: .a, ports), at: VirtualTime(nanoseconds: 9 * Duration.second))
            simulator.plan(.call(.close, at: .b, ports), at: VirtualTime(nanoseconds: 9 * Duration.second))
            simulator.runToEnd()
            return simulator.history
        }
        #expect(run(seed: 1) == run(seed: 1))
        #expect(run(seed: 1) != run(seed: 2))
    }

    @Test func `a fork of a simulation goes its own way`() {
        var simulator = simulator()
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        simulator.run(until: VirtualTime(nanoseconds: Duration.second))
        var fork = simulator
        fork.perform(.call(.abort, at: .a, ports))
        fork.runToEnd()
        #expect(fork.state(at: .b, of: ports) == .closed)
        #expect(simulator.state(at: .b, of: ports) == .established)
    }
}
