import Reports
import Simulation
import TCPStateMachine
import Testing

/// Ladders made from code; those of scenarios have golden files.
@Suite struct LadderTests {
    @Test func `a normal close reads as figure 13`() {
        let ports = PortPair(a: 49_152, b: 80)
        var settings = Simulator.Settings()
        settings.a.initialNumbers = [SequenceNumber(99)]
        settings.b.initialNumbers = [SequenceNumber(299)]
        var simulator = Simulator(settings: settings)
        simulator.perform(.call(.openPassive(remoteSpecified: false), at: .b, ports))
        simulator.perform(.call(.openActive, at: .a, ports))
        let begin = VirtualTime(nanoseconds: Duration.second)
        simulator.plan(.call(.close, at: .a, ports), at: begin)
        simulator.plan(.call(.close, at: .b, ports), at: VirtualTime(nanoseconds: 2 * Duration.second))
        simulator.runToEnd()
        #expect(
            LadderText().render(Ladder(of: simulator.history, from: begin)) == """
                    TCP A                                               TCP B

                1.  ESTABLISHED                                         ESTABLISHED
                2.  (Close)
                    FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK> --> CLOSE-WAIT
                3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>     <-- CLOSE-WAIT
                4.                                                      (Close)
                    TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK> <-- LAST-ACK
                5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>     --> CLOSED
                6.  (2 MSL)
                    CLOSED

                """)
    }

    /// What is said of an arrow stands beside its departure, where no other arrow begins.
    @Test func `crossing arrows of a picture have their words on lines of their own`() throws {
        let scenario = try Scenario(parsing: "A iss 1\nB iss 2\nat 0 A open active\nat 0.01 B open active\nend at 0.1")
        let ladder = Ladder(of: scenario.run().simulator.history)
        let words = LadderPicture().render(ladder, title: nil).split(separator: "\n").filter { $0.contains("SEQ=") }
        let heights = words.compactMap { $0.firstMatch(of: /\ y="(\d+)"/)?.1 }
        #expect(heights.count == 4 && Set(heights).count == 4, "\(heights)")
    }

    @Test func `a narrow terminal still shows both ends`() throws {
        let text = "A iss 100\nB iss 300\nat 0 B listen\nat 0 A open active\nat 1 A send 5000\nat 9 A send 9"
        var session = Session(try Scenario(parsing: text))
        try session.wait(10 * Duration.second)
        let view = SessionText(screen: (columns: 82, lines: 40)).view(of: session, below: "")
        let rows = view.split(separator: "\n").filter { $0.contains("<SEQ=") }
        #expect(rows.count > 10 && rows.allSatisfy { $0.count <= 82 }, "\(view)")
        let ends = ["-->", "<--", "...", " ESTABLISHED", " SYN-RECEIVED"]
        #expect(rows.allSatisfy { row in ends.contains { row.hasSuffix($0) } }, "\(view)")
    }
}
