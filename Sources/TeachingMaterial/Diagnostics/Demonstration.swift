public import Simulation

/// Stories of two machines that show what is right: `--explain` runs them in the simulator.
public enum Demonstration: String, CaseIterable, Hashable, Sendable {
    case handshake, simultaneousOpen, refused, unanswered, closedAnswers, closeInSynSent, closeInSynReceived
    case rstInSynReceived, normalClose, serverCloses, threeSegmentClose, simultaneousClose, halfClose, unansweredFin
    case timeWait, reset

    /// The story in the language of `postel simulate`.
    public var scenario: String {
        switch self {
        case .handshake:
            """
            scenario "Three-way handshake"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            end at 1
            expect A path CLOSED, SYN-SENT, ESTABLISHED
            expect B path CLOSED, LISTEN, SYN-RECEIVED, ESTABLISHED
            """
        case .simultaneousOpen:
            """
            scenario "Both open actively"
            A iss 100
            B iss 300
            at 0 A open active
            at 0 B open active
            end at 1
            expect A path CLOSED, SYN-SENT, SYN-RECEIVED, ESTABLISHED
            expect B path CLOSED, SYN-SENT, SYN-RECEIVED, ESTABLISHED
            """
        case .refused:
            """
            scenario "Nobody listens"
            A iss 100
            at 0 A open active
            end at 1
            expect A path CLOSED, SYN-SENT, CLOSED
            """
        case .unanswered:
            """
            scenario "Nobody answers"
            A iss 100
            A user-timeout none
            at 0 cut A
            at 0 A open active
            at 30 note A "half a minute later"
            end at 31
            expect A SYN-SENT
            """
        case .closedAnswers:
            """
            scenario "A segment for a connection that does not exist"
            B iss 300
            at 0 inject from A <SEQ=100><ACK=301><CTL=ACK>
            end at 1
            expect B CLOSED
            """
        case .closeInSynSent:
            """
            scenario "CLOSE in SYN-SENT sends nothing"
            A iss 100
            at 0 cut A
            at 0 A open active
            at 0.5 A close
            end at 1
            expect A path CLOSED, SYN-SENT, CLOSED
            """
        case .closeInSynReceived:
            """
            scenario "CLOSE in SYN-RECEIVED"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 0.07 B close
            end at 1
            expect B path CLOSED, LISTEN, SYN-RECEIVED, FIN-WAIT-1, FIN-WAIT-2
            """
        case .rstInSynReceived:
            """
            scenario "A RST after a passive OPEN"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 0.06 A abort
            end at 1
            expect B path CLOSED, LISTEN, SYN-RECEIVED, LISTEN
            """
        case .normalClose:
            """
            scenario "A closes first"
            A iss 100
            B iss 300
            A time-wait 4 s
            at 0 B open passive
            at 0 A open active
            at 1 A close
            at 2 B close
            ladder from 1
            expect A path CLOSED, SYN-SENT, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED
            expect B path CLOSED, LISTEN, SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT, LAST-ACK, CLOSED
            """
        case .serverCloses:
            """
            scenario "B, which listened, closes first"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 1 B close
            at 2 A close
            ladder from 1
            end at 3
            expect B TIME-WAIT
            """
        case .threeSegmentClose:
            """
            scenario "The FIN comes with the ACK of ours"
            A iss 100
            B iss 300
            B delayed-acks
            at 0 B open passive
            at 0 A open active
            at 1 A close
            at 1.06 B close
            ladder from 1
            end at 3
            expect A TIME-WAIT
            """
        case .simultaneousClose:
            """
            scenario "Both close at once"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 1 A close
            at 1 B close
            ladder from 1
            end at 3
            expect A TIME-WAIT
            expect B TIME-WAIT
            """
        case .halfClose:
            """
            scenario "A closes its direction and goes on receiving"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 1 A shutdown
            at 2 B send 10
            ladder from 1
            end at 60
            expect A FIN-WAIT-2
            expect B CLOSE-WAIT
            """
        case .unansweredFin:
            """
            scenario "Nobody acknowledges the FIN"
            A iss 100
            B iss 300
            A user-timeout 5 s
            at 0 B open passive
            at 0 A open active
            at 1 cut B
            at 1 A close
            ladder from 1
            end at 10
            expect A path CLOSED, SYN-SENT, ESTABLISHED, FIN-WAIT-1, CLOSED
            """
        case .timeWait:
            """
            scenario "TIME-WAIT answers a repeated FIN, and ends after 2 MSL"
            A iss 100
            B iss 300
            drop second ACK of A
            at 0 B open passive
            at 0 A open active
            at 1 A close
            at 2 B close
            ladder from 2
            expect A TIME-WAIT at 200
            expect A CLOSED
            """
        case .reset:
            """
            scenario "A resets the connection"
            A iss 100
            B iss 300
            at 0 B open passive
            at 0 A open active
            at 1 A abort
            ladder from 1
            end at 2
            expect A CLOSED
            expect B CLOSED
            """
        }
    }

    /// The story, ready to run.
    public func story() throws(ScenarioError) -> Scenario {
        try Scenario(parsing: scenario)
    }
}
