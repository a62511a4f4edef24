import Simulation
import TCPStateMachine
import Testing

/// What an expectation means where that is not plain.
@Suite struct ExpectationTests {
    private func failures(_ text: String) throws -> [String] {
        let scenario = try Scenario(parsing: text)
        return scenario.failures(in: scenario.run().simulator).map { "\($0.place.line): \($0.message)" }
    }

    private static let reset = """
        at 0 B listen
        at 0 A open active
        at 1 A abort

        """

    @Test func `where a connection has ended and somebody still listens, CLOSED and LISTEN are true`() throws {
        #expect(try failures(Self.reset + "expect B CLOSED\nexpect B CLOSED at 1.06\nexpect B CLOSED at 10") == [])
        #expect(try failures(Self.reset + "expect B LISTEN\nexpect B LISTEN at 1.06") == [])
        #expect(
            try failures(Self.reset + "expect B LISTEN at 1")
                == ["4: expected B in LISTEN at 1.0 s; it was in ESTABLISHED"])
        #expect(
            try failures(Self.reset + "at 2 B crash\nexpect B LISTEN at 1.5\nexpect B LISTEN at 3")
                == ["6: expected B in LISTEN at 3.0 s; it was in CLOSED"])
    }

    @Test func `a passive OPEN of the RFC is one connection: nobody listens behind it`() throws {
        let closed = "at 0 B open passive\nat 0 A open active\nat 1 A abort\n"
        #expect(try failures(closed + "expect B LISTEN") == ["4: expected B in LISTEN at the end; it was in CLOSED"])
    }

    @Test func `a SYN-RECEIVED that is reset is LISTEN, and a listener without connections too`() throws {
        let refused = "at 0 B listen\nat 0 A open active\nat 0.01 A abort\n"
        #expect(try failures(refused + "expect B SYN-RECEIVED at 0.06\nexpect B LISTEN") == [])
        #expect(try failures("at 0 B listen\nexpect B LISTEN at 5\nexpect A CLOSED") == [])
    }

    @Test func `nothing is met after the end of the story`() throws {
        #expect(
            try failures(Self.reset + "end at 2\nexpect A CLOSED at 2\nexpect A CLOSED at 3")
                == ["6: expected A in CLOSED at 3.0 s; the story ends before that, at 2.0 s"])
    }

    @Test func `who listens answers in LISTEN`() throws {
        let scenario = try Scenario(parsing: "at 0 B listen\nat 0 inject from A <SEQ=1><ACK=1><CTL=ACK>\nend at 0.1")
        let incidents = scenario.run().simulator.history.incidents
        let departure = try #require(
            incidents.first { if case .departure = $0.what { true } else { false } })
        #expect(departure.end == .b && departure.state == .listen)
    }
}
