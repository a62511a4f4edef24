import Simulation
import TCPStateMachine
import Testing

/// Bounds for tests, smaller than those of the command.
enum TestBounds {
    static func bounds(
        _ profile: Profile, losses: UInt8 = 0,
        _ change: (inout BothEnds<ExplorationBounds.Allowance>) -> Void = { _ in }
    ) -> ExplorationBounds {
        var bounds = ExplorationBounds()
        var allowance = ExplorationBounds.Allowance()
        (allowance.sends, allowance.aborts, allowance.retransmissions) = (0, 0, 0)
        bounds.allowances = BothEnds(allowance)
        change(&bounds.allowances)
        bounds.losses = losses
        bounds.profiles = BothEnds(profile)
        return bounds
    }

    /// One end crashes and may open again.
    static func crash(_ profile: Profile) -> ExplorationBounds {
        bounds(profile) { allowances in
            allowances.b.crashes = 1
            allowances.b.opens = 2
        }
    }
}

@Suite("Two machines within small bounds: totals, and no invariant violated")
struct ConnectionExplorationTests {
    struct Expected: Sendable {
        let profile: Profile
        let distinct: Int
        let generated: Int
        let depth: Int
        let rules: Int
        let deadEnds: Int
    }

    private func check(_ exploration: ConnectionExploration, _ expected: Expected) {
        let rules = Rule.allCases.filter { rule in
            End.allCases.contains { exploration.steps(by: rule, of: $0) > 0 }
        }
        #expect(exploration.totals.distinct == expected.distinct)
        #expect(exploration.totals.generated == expected.generated)
        #expect(exploration.totals.depth == expected.depth)
        #expect(exploration.totals.deadEnds == expected.deadEnds)
        #expect(exploration.totals.rejected == 0 && exploration.totals.cuts.isEmpty)
        #expect(rules.count == expected.rules)
        #expect(exploration.statesNeverReached.isEmpty)
        #expect(exploration.violations.isEmpty, "\(exploration.violations.map(\.ladder.description))")
    }

    @Test("One OPEN and one CLOSE of each end, one segment lost", arguments: [
        Expected(profile: .rfc793, distinct: 1455, generated: 4319, depth: 15, rules: 34, deadEnds: 15),
        Expected(profile: .rfc9293, distinct: 1455, generated: 4319, depth: 15, rules: 34, deadEnds: 15),
        Expected(profile: .linux, distinct: 1439, generated: 4271, depth: 15, rules: 34, deadEnds: 15),
    ])
    func openAndClose(_ expected: Expected) {
        check(ConnectionExploration(within: TestBounds.bounds(expected.profile, losses: 1)), expected)
    }

    @Test("B crashes and opens again", arguments: [
        Expected(profile: .rfc793, distinct: 6704, generated: 21840, depth: 20, rules: 45, deadEnds: 17),
        Expected(profile: .rfc9293, distinct: 9087, generated: 30194, depth: 20, rules: 38, deadEnds: 18),
        Expected(profile: .linux, distinct: 8557, generated: 28420, depth: 20, rules: 46, deadEnds: 14),
    ])
    func crashAndReopen(_ expected: Expected) {
        check(ConnectionExploration(within: TestBounds.crash(expected.profile)), expected)
    }

    @Test("What can no longer matter makes no world, and nothing is lost by that", arguments: [
        Expected(profile: .rfc793, distinct: 13674, generated: 36754, depth: 20, rules: 45, deadEnds: 51),
        Expected(profile: .rfc9293, distinct: 18738, generated: 51190, depth: 21, rules: 38, deadEnds: 53),
        Expected(profile: .linux, distinct: 17635, generated: 48297, depth: 21, rules: 46, deadEnds: 44),
    ])
    func nothingIsLost(_ expected: Expected) {
        var bounds = TestBounds.crash(expected.profile)
        let fewer = ConnectionExploration(within: bounds)
        bounds.forgetsWhatIsIdle = false
        let all = ConnectionExploration(within: bounds)
        check(all, expected)
        for (a, b) in State.allCases.flatMap({ a in State.allCases.map { (a, $0) } }) {
            #expect((fewer.pairs[a, b] > 0) == (all.pairs[a, b] > 0), "\(a)/\(b)")
            #expect((fewer.deadEnds[a, b] > 0) == (all.deadEnds[a, b] > 0), "dead end \(a)/\(b)")
        }
        for (rule, end) in Rule.allCases.flatMap({ rule in End.allCases.map { (rule, $0) } }) {
            #expect((fewer.steps(by: rule, of: end) > 0) == (all.steps(by: rule, of: end) > 0), "\(rule) of \(end)")
        }
    }

    @Test("Profiles may differ; what is counted is each endpoint's own")
    func differentProfiles() {
        var bounds = TestBounds.crash(.rfc9293)
        bounds.profiles = BothEnds(a: .rfc793, b: .linux)
        let exploration = ConnectionExploration(within: bounds)
        #expect(exploration.violations.isEmpty)
        // Only A takes a SYN in its window for an error, only B loses its socket.
        #expect(exploration.steps(by: .establishedSynInWindow, of: .a) > 0)
        #expect(exploration.steps(by: .establishedSynInWindow, of: .b) == 0)
        #expect(exploration.steps(by: .establishedSocketGone, of: .b) > 0)
        #expect(exploration.steps(by: .establishedSocketGone, of: .a) == 0)
    }

    @Test("Twice the same")
    func determinism() {
        let bounds = TestBounds.bounds(.rfc9293, losses: 1)
        let (one, two) = (ConnectionExploration(within: bounds), ConnectionExploration(within: bounds))
        #expect(one.totals == two.totals && one.pairs == two.pairs && one.deadEnds == two.deadEnds)
    }

    @Test("A reordered network holds multisets: the order in which segments were sent makes no other state")
    func reordering() {
        var bounds = TestBounds.bounds(.rfc9293)
        bounds.duplicates = 1
        let ordered = ConnectionExploration(within: bounds)
        bounds.reorders = true
        let reordered = ConnectionExploration(within: bounds)
        #expect(ordered.violations.isEmpty && reordered.violations.isEmpty)
        #expect(reordered.totals.distinct > ordered.totals.distinct)
    }

    @Test("A FIN that waits behind a closed window is sent after the peer's is received: the known finding")
    func finBehindClosedWindow() throws {
        var bounds = TestBounds.bounds(.rfc9293) { allowances in
            allowances.a.sends = 2
            allowances.a.openings = .active
            allowances.b.openings = .passive
            allowances.a.retransmissions = 1
        }
        bounds.window = 1
        bounds.slowReader = true
        let exploration = ConnectionExploration(within: bounds)
        #expect(exploration.violations.map(\.invariant) == [.timeWaitOrder])
        let ladder = try #require(exploration.violations.first).ladder
        #expect(ladder.rows.contains { $0.states.a == .closing })
        #expect(ladder.rows.last.map { [$0.states.a, $0.states.b].contains(.timeWait) } == true)
    }
}

@Suite("Broken machines: each invariant can fail, and the explorer finds it")
struct BrokenMachineTests {
    private func violated(
        _ bounds: ExplorationBounds, _ machine: @escaping ConnectionModel.Machine
    ) -> [Invariant] {
        // What the bounds find must be the machine's fault and not theirs.
        #expect(ConnectionExploration(within: bounds).violations.isEmpty)
        return ConnectionExploration(within: bounds, machine: machine).violations.map(\.invariant)
    }

    @Test("A state that changes without a rule")
    func withoutRule() throws {
        let machine: ConnectionModel.Machine = { connection, event in
            let outcome = connection.handle(event)
            guard outcome.rules.contains(.establishedFin), case .accepted(var reaction) = outcome else {
                return outcome
            }
            reaction.rules = RuleList()
            return .accepted(reaction)
        }
        #expect(violated(TestBounds.bounds(.rfc9293), machine).contains(.ruleTable))
        let exploration = ConnectionExploration(within: TestBounds.bounds(.rfc9293), machine: machine)
        let found = try #require(exploration.violations.first { $0.invariant == .ruleTable })
        let last = try #require(found.ladder.rows.last)
        #expect(last.states.a == .closeWait || last.states.b == .closeWait)
    }

    @Test("A machine that takes the peer's SYN for another number, and the peer's ACK for one of its own")
    func wrongNumbers() {
        let found = violated(TestBounds.bounds(.rfc9293)) { connection, event in
            guard case .segmentArrives(var segment) = event else { return connection.handle(event) }
            if connection.state == .synSent, segment.hasSyn, segment.hasAck {
                segment.sequenceNumber = segment.sequenceNumber + 5
            }
            if connection.state == .synReceived, segment.hasAck, !segment.hasSyn {
                segment.acknowledgmentNumber = segment.acknowledgmentNumber - 5
            }
            return connection.handle(.segmentArrives(segment))
        }
        #expect(found.contains(.matchingNumbers))
    }

    @Test("A CLOSED end that answers nothing")
    func silence() {
        let found = violated(TestBounds.crash(.rfc9293)) { connection, event in
            if case .segmentArrives = event, connection.state == .closed {
                return .ignored(.noConnection, reply: nil)
            }
            return connection.handle(event)
        }
        #expect(found.contains(.halfOpenDiscovered))
    }

    @Test("A machine that never sends again: the ladder is the shortest one")
    func neverAgain() throws {
        let bounds = TestBounds.bounds(.rfc9293, losses: 1) { allowances in
            (allowances.a.closes, allowances.b.closes) = (0, 0)
            allowances.a.openings = .active
        }
        let machine: ConnectionModel.Machine = { connection, event in
            if case .retransmissionTimeout = event { return .ignored(.noSuchTimer, reply: nil) }
            return connection.handle(event)
        }
        let exploration = ConnectionExploration(within: bounds, machine: machine)
        #expect(ConnectionExploration(within: bounds).violations.isEmpty)
        let found = try #require(exploration.violations.first { $0.invariant == .noDeadlock })
        #expect(found.ladder.description.hasPrefix("      TCP A"))
        // A opens, B opens, the SYN is lost.
        #expect(found.ladder.rows.last?.number == 3)
        #expect(found.ladder.rows.contains { $0.arrow?.phase == .lost })
        #expect(found.ladder.description.contains("SYN-SENT"))
        #expect(found.ladder.description.contains("XXX"))
    }

    @Test("A machine that holds its FIN back until a timeout")
    func lateFin() {
        let bounds = TestBounds.bounds(.rfc9293) { $0.a.retransmissions = 1; $0.b.retransmissions = 1 }
        let found = violated(bounds) { connection, event in
            let outcome = connection.handle(event)
            guard event == .close(furtherReceiving: true), case .accepted(var reaction) = outcome else {
                return outcome
            }
            reaction.segments = SegmentList()
            return .accepted(reaction)
        }
        #expect(found.contains(.timeWaitOrder))
    }
}
