import TCPStateMachine
import Testing

@testable import TeachingMaterial

/// Diagrams in the languages that documents draw them in: each edge against the rules.
@Suite struct DiagramTests {
    @Test func `a Mermaid diagram is held against event and action, not only the pair`() {
        let text = """
            ```mermaid
            stateDiagram-v2
                [*] --> CLOSED
                CLOSED --> LISTEN : passive open
                LISTEN --> SYN_RCVD : recv SYN / send SYN+ACK
                SYN_SENT --> SYN_RCVD : rcv SYN / snd ACK
                ESTABLISHED --> FIN_WAIT_1 : recv FIN
                FIN_WAIT_2 --> TIME_WAIT : recv FIN / send ACK
            ```
            """
        #expect(findings(in: text) == ["6 error syn-sent-answers-ack", "7 error wrong-event"])
    }

    @Test(arguments: [
        "FIN_WAIT_1 --> TIME_WAIT : recv FIN+ACK", "SYN_RCVD --> CLOSE_WAIT : recv FIN / send ACK",
        "SYN_RCVD --> LISTEN : recv RST (came from LISTEN)", "LISTEN --> SYN_SENT : send data / snd SYN",
        "ESTABLISHED --> CLOSED : recv RST", "CLOSE_WAIT --> CLOSED : abort", "TIME_WAIT --> CLOSED : 2MSL timeout",
        "SYN_SENT --> CLOSED : close or timeout", "LAST_ACK --> CLOSED : receive ACK", "CLOSING --> TIME_WAIT",
        "FIN_WAIT_1 --> FIN_WAIT_2 : ACK of FIN", "ESTABLISHED --> CLOSE_WAIT : 收到 FIN / 发送 ACK",
        "SYN_SENT --> ESTABLISHED : ?SYN+ACK / !ACK", "CLOSED --> SYN_SENT : SYN отправлен",
    ])
    func `legal edges that figures leave out are right`(edge: String) {
        let text = "stateDiagram-v2\n\(edge)\nTIME_WAIT --> CLOSED\nESTABLISHED --> FIN_WAIT_1"
        #expect(findings(in: text, name: "x.mmd") == [])
    }

    @Test(arguments: [
        ("LISTEN --> ESTABLISHED : accept()", "listen-to-established"),
        ("SYN_SENT --> ESTABLISHED : SYN", "syn-sent-established-on-syn"),
        ("SYN_RCVD --> CLOSED : close", "syn-received-close-to-closed"),
        ("ESTABLISHED --> CLOSE_WAIT : close()", "close-to-close-wait"),
        ("ESTABLISHED --> CLOSING : receiveFIN", "fin-to-closing"),
        ("FIN_WAIT_1 --> CLOSE_WAIT : FIN", "fin-wait-1-to-close-wait"),
        ("FIN_WAIT_1 --> FIN_WAIT_2 : recv FIN", "fin-wait-1-wrong-exit"),
        ("FIN_WAIT_1 --> TIME_WAIT : RCV ACK of FIN", "fin-wait-1-wrong-exit"),
        ("FIN_WAIT_2 --> TIME_WAIT : ACK", "fin-wait-2-wrong-exit"),
        ("CLOSE_WAIT --> LAST_ACK : ACK", "wrong-event"), ("CLOSE_WAIT --> CLOSED : close", "close-wait-to-closed"),
        ("LAST_ACK --> TIME_WAIT", "last-ack-to-time-wait"),
        ("LAST_ACK --> CLOSED : ACK / send ACK", "wrong-final-ack"),
        ("TIME_WAIT --> CLOSED : ACK", "time-wait-wrong-exit"), ("TIME_WAIT --> CLOSED : 15s", "time-wait-duration"),
        ("FIN_WAIT_2 --> ESTABLISHED : data", "return-to-established"),
    ])
    func `wrong edges have the catalogue's code`(edge: String, code: String) {
        let text = "stateDiagram-v2\n\(edge)\nTIME_WAIT --> CLOSED\nESTABLISHED --> FIN_WAIT_1"
        #expect(findings(in: text, name: "x.mmd") == ["2 error \(code)"])
    }

    @Test func `a flowchart's names may stand at their first use only`() {
        let text = """
            graph TD
                A((CLOSED)) -- passive OPEN --> B((LISTEN))
                B -->|SYN / SYN+ACK| C[SYN_RCVD]
                C -- SYN --> D[ESTABLISHED]
            """
        #expect(findings(in: text, name: "x.mmd") == ["4 error syn-received-established-on-syn"])
    }

    @Test func `a table of transitions is read by its head, in any order of columns`() {
        let text = """
            | Next state | Event | Current state | Action |
            |---|---|---|---|
            | SYN-RECEIVED | rcv SYN | LISTEN | snd SYN,ACK |
            | CLOSED | rcv FIN | FIN-WAIT-1 | snd ACK |
            """
        #expect(findings(in: text) == ["4 error fin-wait-1-fin-to-closed"])
    }

    @Test func `a chain is the way of one end`() {
        #expect(findings(in: "ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2 -> TIME_WAIT -> CLOSED") == [])
        #expect(
            findings(in: "ESTABLISHED -> FIN_WAIT_1 -> CLOSE_WAIT -> FIN_WAIT_2 -> LAST_ACK -> CLOSED")
                == ["1 error one-end-visits-all"])
    }

    @Test func `a comment switches a code off for its line`() {
        let edge = "LAST_ACK --> TIME_WAIT"
        let head = "stateDiagram-v2\nCLOSE_WAIT --> LAST_ACK : close"
        #expect(findings(in: "\(head)\n%% postel-disable-next-line\n\(edge)", name: "x.mmd") == [])
        #expect(
            findings(in: "\(head)\n%% postel-disable-next-line M14\n\(edge)", name: "x.mmd")
                == ["4 error last-ack-to-time-wait"])
        #expect(findings(in: "\(head)\n%% postel-disable last-ack-to-time-wait\n\n\(edge)", name: "x.mmd") == [])
    }
}
