import Flows
import WireFormat

/// Stories with segments that are out of place.
extension FindingStory {
    static let odd: [FindingStory] = [
        FindingStory(
            code: .challengeAck,
            text: talking + """
                200 A R  90 ttl 57            # in the window, not at its edge
                210 B .  51 ack 51
                """, party: .b, packet: 8),
        FindingStory(
            code: .challengeAck,
            text: talking + """
                200 A S  777 ttl 57
                210 B .  51 ack 51
                """, party: .b, packet: 8),
        FindingStory(
            code: .arrivalNotTaken,
            text: talking + """
                100 A F. 51 ack 51            # on B's own host, and B says nothing to it
                700 A F. 51 ack 51
                701 B .  51 ack 52
                """, vantage: .hostB, party: .b, packet: 7),
        FindingStory(
            code: .icmpUnreachable, text: "0 A S 0\n10 icmp A 0 3/1", party: .a, packet: 2,
            detail: .icmp(type: 3, code: 1, family: .ipv4, isHard: false)),
        FindingStory(
            code: .icmpUnreachable, text: talking + "60 A P. 51(10) ack 51\n70 icmp A 51 3/3", party: .a, packet: 8,
            detail: .icmp(type: 3, code: 3, family: .ipv4, isHard: true)),
        FindingStory(
            code: .icmpUnreachable, text: talking + "60 A P. 51(10) ack 51\n70 icmp A 51 11/0", party: .a, packet: 8),
        // Beyond the window; A goes on where it was.
        FindingStory(
            code: .unacceptableSegment,
            text: talking + """
                60  A P. 200051(10) ack 51
                80  A P. 51(10) ack 51
                90  B .  51 ack 61
                """, party: .a, packet: 7),
        // From before the connection.
        FindingStory(
            code: .unacceptableSegment,
            text: talking + """
                60  A P. -900(10) ack 51
                80  A P. 51(10) ack 51
                """, party: .a, packet: 7),
        FindingStory(
            code: .dataAfterFin,
            text: talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 52
                150 A P. 52(10) ack 51
                """, party: .a, packet: 9),
        // A FIN below what its sender has sent already.
        FindingStory(
            code: .dataAfterFin,
            text: talking + """
                60  A P. 51(100) ack 51
                61  A F. 101 ack 51 ttl 57
                """, party: .a, packet: 8),
        FindingStory(
            code: .dataOnSyn, text: "0 A S 0(20)\n10 B S. 0 ack 1", party: .a, packet: 1, detail: .fastOpen(false)),
        // Nobody acknowledges more than the FIN.
        FindingStory(
            code: .ackOfUnsentData,
            text: talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 60
                """, party: .b, packet: 8),
        // An answer to another SYN (RFC 793 figure 9).
        FindingStory(code: .ackOfUnsentData, text: "0 A S 0\n10 B S. 0 ack 700", party: .b, packet: 2),
        // Before the connection stands (RFC 793 p. 72).
        FindingStory(
            code: .ackOfUnsentData,
            text: """
                0  A S  0
                10 B S. 0 ack 1
                20 A .  1 ack 5000
                """, party: .a, packet: 3),
        // Beyond what A itself allowed B to send.
        FindingStory(
            code: .ackOfUnsentData,
            text: talking + """
                60 A .  51 ack 200051
                70 A P. 51(10) ack 51
                """, party: .a, packet: 7),
        FindingStory(code: .scan, text: "0 A none 0\n10 B R. =0 ack 0", party: .a, packet: 1),
        FindingStory(code: .scan, text: "0 A F 0", party: .a, packet: 1),
        FindingStory(code: .scan, text: "0 A FPU 0", party: .a, packet: 1),
        FindingStory(code: .scan, text: "0 A SF 0", party: .a, packet: 1),
        FindingStory(code: .protocolViolation, text: talking + "60 A P 51(10)", party: .a, packet: 7),
        FindingStory(code: .protocolViolation, text: talking + "60 A FR. 51 ack 51", party: .a, packet: 7),
    ]
}
