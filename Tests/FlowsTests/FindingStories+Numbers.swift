import Flows

/// Stories that raise findings about octets: sent again, overtaken, not captured; and about probes.
extension FindingStory {
    static let resent: [FindingStory] = [
        // Lost ahead of the vantage point: duplicate ACKs, then the hole is filled, a round trip late.
        FindingStory(
            code: .retransmission,
            text: talking + """
                60  A P. 61(10) ack 51
                61  A P. 71(10) ack 51
                70  B .  51 ack 51
                71  B .  51 ack 51
                81  A P. 51(10) ack 51
                """, party: .a, packet: 11),
        // Within a trip, but the stamp says that it was sent after what stands before it.
        FindingStory(
            code: .retransmission,
            text: talkingWithStamps + """
                60  A P. 61(10) ack 51 ts 160:930
                65  A P. 51(10) ack 51 ts 165:930
                """, party: .a, packet: 8),
        FindingStory(
            code: .outOfOrder,
            text: talking + """
                60  A P. 61(10) ack 51
                64  A P. 51(10) ack 51
                """, party: .a, packet: 8),
        // Later than a trip: numbers of packets tell.
        FindingStory(
            code: .outOfOrder,
            text: talking + """
                60  A P. 61(10) ack 51 id 8
                160 A P. 51(10) ack 51 id 7
                """, party: .a, packet: 8),
        FindingStory(
            code: .outOfOrder,
            text: talkingWithStamps + """
                60  A P. 61(10) ack 51 ts 160:930
                160 A P. 51(10) ack 51 ts 159:930
                """, party: .a, packet: 8),
        // Its own host has no network ahead of it.
        FindingStory(
            code: .captureReordered,
            text: talkingWithStamps + """
                60  A P. 61(10) ack 51 ts 160:930
                61  A P. 51(10) ack 51 ts 159:930
                """, vantage: .hostA, party: .a, packet: 8),
        // An answer before its question.
        FindingStory(
            code: .captureReordered,
            text: talking + """
                60  B .  51 ack 61
                61  A P. 51(10) ack 51
                """, party: .a, packet: 8),
        FindingStory(
            code: .captureReordered,
            text: talking + """
                60  A P. 61(10) ack 51
                59  A P. 51(10) ack 51
                """, party: .a, packet: 8),
        // The ACK has passed, and the segment comes all the same.
        FindingStory(
            code: .spuriousResend,
            text: talking + """
                60  A P. 51(10) ack 51
                70  B .  51 ack 61
                280 A P. 51(10) ack 51
                """, party: .a, packet: 9),
        // D-SACK tells of it where no ACK passed.
        FindingStory(
            code: .spuriousResend,
            text: talking + """
                60  A P. 51(10) ack 51
                280 A P. 51(10) ack 51
                290 B .  51 ack 61 sack 51-61
                """, vantage: .hostA, party: .a, packet: 9),
        FindingStory(
            code: .duplicateFrame,
            text: talking + """
                60   A P. 51(10) ack 51 id 9 if 1
                60.5 A P. 51(10) ack 51 id 9 if 2 ttl 63
                """, party: .a, packet: 8),
        // The network delivers it twice.
        FindingStory(
            code: .duplicateFrame,
            text: talking + """
                60   A P. 51(10) ack 51 id 9
                90   A P. 51(10) ack 51 id 9
                """, party: .a, packet: 8),
    ]

    static let unseen: [FindingStory] = [
        // A hole that the receiver does not have.
        FindingStory(
            code: .captureLoss,
            text: talking + """
                60  A P. 61(10) ack 51
                70  B .  51 ack 71
                """, party: .a, packet: 8, detail: .lostOctets(10)),
        // The sender goes on behind octets that never passed.
        FindingStory(
            code: .captureLoss,
            text: talking + """
                70  B .  51 ack 71
                80  A P. 71(10) ack 51
                90  B .  51 ack 81
                """, party: .a, packet: 7, detail: .lostOctets(20)),
        // Nothing that A sends passes any more.
        FindingStory(
            code: .ackedUnseen,
            text: talking + """
                70  B .  51 ack 71
                500 B .  51 ack 171
                """, party: .a, packet: 7, detail: .octets(120)),
        // One-way capture.
        FindingStory(
            code: .ackedUnseen, text: "0 A P. 51(10) ack 51\n10 A . 61 ack 1051\n20 A . 61 ack 2051", party: .b,
            packet: 2, detail: .octets(2000)),
    ]

    static let probed: [FindingStory] = [
        FindingStory(
            code: .zeroWindow,
            text: talking + """
                60  A P. 51(10) ack 51
                70  B .  51 ack 61 win 0
                570 B .  51 ack 61 win 500
                """, party: .b, packet: 8, detail: .windowClosed(500_000_000, isClosedAtEnd: false)),
        FindingStory(
            code: .zeroWindow,
            text: talking + """
                60   A P. 51(10) ack 51
                70   B .  51 ack 61 win 0
                2070 clock
                """, party: .b, packet: 8, detail: .windowClosed(2_000_000_000, isClosedAtEnd: true)),
        FindingStory(
            code: .keepalive,
            text: talking + """
                5000  A . 50 ack 51
                5010  B . 51 ack 51
                10000 A . 50 ack 51
                """, party: .a, packet: 7, detail: .probes(sent: 2, unanswered: 1)),
        // With an octet of rubbish (RFC 1122 section 4.2.3.6).
        FindingStory(
            code: .keepalive, text: talking + "5000 A . 50(1) ack 51\n5010 B . 51 ack 51", party: .a, packet: 7,
            detail: .probes(sent: 1, unanswered: 0)),
        // Linux: an empty segment below the window.
        FindingStory(
            code: .windowProbe,
            text: talking + """
                60  A P. 51(10) ack 51
                70  B .  51 ack 61 win 0
                280 A .  60 ack 51
                290 B .  51 ack 61 win 0
                700 A .  60 ack 51
                """, party: .a, packet: 9, detail: .probes(sent: 2, unanswered: 1)),
        // By the book: the next octet.
        FindingStory(
            code: .windowProbe,
            text: talking + """
                60  A P. 51(10) ack 51
                70  B .  51 ack 61 win 0
                280 A .  61(1) ack 51
                290 B .  51 ack 61 win 0
                700 A .  61(1) ack 51
                710 B .  51 ack 61 win 0
                """, party: .a, packet: 9, detail: .probes(sent: 2, unanswered: 0)),
        // The window has opened, and the probe was on its way.
        FindingStory(
            code: .windowProbe,
            text: talking + """
                60  A P. 51(10) ack 51
                70  B .  51 ack 61 win 0
                280 B .  51 ack 61 win 900
                284 A .  60 ack 51
                """, party: .a, packet: 10),
    ]
}
