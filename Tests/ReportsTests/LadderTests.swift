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
}
