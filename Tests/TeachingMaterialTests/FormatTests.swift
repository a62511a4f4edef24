import TCPStateMachine
import Testing

@testable import TeachingMaterial

/// The other forms in which documents hold machines, conversations and sockets.
@Suite struct FormatTests {
    @Test func `DOT finds names in labels and edges in chains`() {
        let text = """
            digraph tcp {
              // states
              s0 [label="CLOSED"]; s1 [label="SYN\\nSENT"]; s2 [label="ESTABLISHED"];
              s0 -> s1 [label="active OPEN\\nsnd SYN"];
              s1 -> s2 [label="rcv SYN"]; /* wrong */
              LISTEN -> SYN_RCVD -> FIN_WAIT_1 -> CLOSE_WAIT;
            }
            """
        #expect(
            findings(in: text, name: "x.dot")
                == ["5 error syn-sent-established-on-syn", "6 error fin-wait-1-to-close-wait"])
    }

    @Test func `TikZ names stand at the nodes`() {
        let text = """
            \\begin{tikzpicture}
            \\node[state] (E) {ESTAB}; \\node[state, right of=E] (F1) {FIN\\_WAIT\\_1};
            \\node[state] (F2) {FIN-WAIT-2}; \\node (T) {TIME WAIT};
            \\path (E) edge node {close / snd FIN} (F1)
                  (F1) edge node {!FIN} (T)
                  (F2) edge [bend left] node [above] {?FIN / !ACK} (T);
            \\end{tikzpicture}
            """
        #expect(findings(in: text, name: "x.tex") == ["5 error wrong-action"])
    }

    @Test func `data in JSON, YAML, XML and source text`() {
        let json = """
            {"LISTEN": {"rcv SYN": "SYN-RECEIVED"},
             "LAST-ACK": {"rcv ACK": "TIME-WAIT"}}
            """
        #expect(findings(in: json, name: "x.json") == ["2 error last-ack-to-time-wait"])
        let yaml = """
            transitions:
              - {from: ESTABLISHED, event: close, to: FIN_WAIT_1}
              - from: FIN_WAIT_2
                event: recv ACK
                to: TIME_WAIT
            """
        #expect(findings(in: yaml, name: "x.yaml") == ["5 error fin-wait-2-wrong-exit"])
        let xml = """
            <scxml><state id="ESTABLISHED">
              <transition event="recv FIN" target="CLOSING"/>
              <transition event="close" target="FIN_WAIT_1"/>
            </state></scxml>
            """
        #expect(findings(in: xml, name: "x.xml") == ["2 error fin-to-closing"])
        let python = """
            table = {
                ('CLOSED', 'passive_open'): 'LISTEN',
                ('SYN_RCVD', 'close'): 'CLOSED',  # wrong
            }
            """
        #expect(findings(in: python, name: "x.py") == ["3 error syn-received-close-to-closed"])
    }

    @Test func `a YAML that grows without end is given up`() {
        var lines = ["a0: &a0 [LISTEN, SYN_SENT]"]
        for depth in 1...30 {
            lines.append("a\(depth): &a\(depth) [*a\(depth - 1), *a\(depth - 1), *a\(depth - 1), *a\(depth - 1)]")
        }
        #expect(findings(in: lines.joined(separator: "\n"), name: "x.yaml") == [])
    }

    @Test func `a ladder is replayed: states, numbers, control bits`() {
        let right = """
                  TCP A                                                TCP B
              1.  CLOSED                                               LISTEN
              2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
              3.  ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
              4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>      --> ESTABLISHED
            """
        #expect(findings(in: right) == [])
        let state = right.replacing("2.  SYN-SENT    ", with: "2.  ESTABLISHED ")
        #expect(findings(in: state) == ["3 error ladder-state"])
        let number = right.replacing("<ACK=101>", with: "<ACK=100>")
        #expect(findings(in: number) == ["4 error ladder-number"])
        let control = right.replacing(
            "4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>",
            with: "4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=SYN,ACK>")
        #expect(findings(in: control) == ["5 error ladder-segment"])
    }

    @Test func `a sequence diagram's notes are held against its arrows`() {
        let text = """
            sequenceDiagram
                participant C as Client
                participant S as Server
                Note over S: LISTEN
                C->>S: SYN
                Note over C: SYN_SENT
                S->>C: SYN, ACK
                Note over S: ESTABLISHED
                Note over C: ESTABLISHED
                C->>S: ACK
                C->>S: FIN
                Note over C: FIN_WAIT_1
                S->>C: ACK
                Note over S: LAST_ACK
            """
        #expect(findings(in: text, name: "x.mmd") == ["8 error ladder-state", "14 error ladder-state"])
    }

    @Test func `socket listings are data: spelling and plausibility`() {
        let text = """
            Proto Recv-Q Send-Q Local Address     Foreign Address   State
            tcp        0      0 0.0.0.0:22        0.0.0.0:*         LISTEN
            tcp        0      0 10.0.0.1:40000    10.0.0.2:22       ESTABLISED
            tcp        0      0 10.0.0.1:40001    10.0.0.2:22       LISTEN
            tcp        0      0 127.0.0.1:5000    127.0.0.1:6000    FIN_WAIT2
            tcp        0      0 127.0.0.1:6000    127.0.0.1:5000    ESTABLISHED
            udp        0      0 0.0.0.0:53        0.0.0.0:*
            """
        #expect(
            findings(in: text)
                == ["3 note misspelled-state", "4 warning implausible-row", "6 warning implausible-pair"])
    }

    @Test func `a figure's labels are held against the steps with their events`() {
        let text = """
                +---------+            +---------+
                |  LISTEN |            | SYN-SENT|
                +---------+            +---------+
                     |   rcv SYN            |
                     |  -----------         |    rcv ACK of FIN
                     |  snd ACK             |    --------------
                     V                      V    snd ACK
                +---------+            +---------+
                | SYN-RCVD|            | LAST-ACK|
                +---------+            +---------+
            """
        #expect(findings(in: text) == ["6 error syn-sent-answers-ack", "7 error wrong-action"])
    }
}
