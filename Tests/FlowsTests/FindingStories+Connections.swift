import Flows

/// Stories that raise findings about how connections begin and end.
extension FindingStory {
    static let opened: [FindingStory] = [
        FindingStory(code: .connectionRefused, text: "0 A S 0\n10 B R. =0 ack 1", party: .a, packet: 2),
        FindingStory(code: .connectTimeout, text: "0 A S 0\n1000 A S 0\n3000 A S 0", party: .a, packet: 1),
        FindingStory(
            code: .halfOpen,
            text: talking + """
                60   A P. 51(10) ack 51
                900  A P. 51(10) ack 51
                3000 A R. 61 ack 51        # gives up; nothing has come back for long
                """, party: .b, packet: 9),
        FindingStory(
            code: .halfClosed,
            text: talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 52
                120 B P. 51(500) ack 52
                """, party: .b, packet: 9),
        FindingStory(code: .abortiveClose, text: talking + "200 A R. 51 ack 51", party: .a, packet: 7),
        FindingStory(
            code: .simultaneousOpen,
            text: """
                0  A S  0
                2  B S  0
                10 A S. 0 ack 1
                12 B S. 0 ack 1
                """, packet: 2),
        FindingStory(
            code: .simultaneousClose,
            text: talking + """
                100 A F. 51 ack 51
                102 B F. 51 ack 51
                110 A .  52 ack 52
                112 B .  52 ack 52
                """, packet: 8),
        FindingStory(
            code: .challengeAck,
            text: talking + """
                200 A R. 51 ack 51 ttl 57
                210 B .  51 ack 51
                """, party: .b, packet: 8),
        FindingStory(code: .rstOutOfWindow, text: talking + "200 A R 90000 ttl 57", party: .b, packet: 7),
        FindingStory(
            code: .retransmission, text: talking + "60 A P. 51(10) ack 51\n300 A P. 51(10) ack 51", party: .a,
            packet: 8),
        FindingStory(
            code: .arrivalNotTaken,
            text: """
                0    A S  0
                20   B S. 0 ack 1
                1000 A S  0               # on A's own host the SYN,ACK came to the interface
                """, vantage: .hostA, party: .a, packet: 2),
        FindingStory(code: .forgedSegment, text: talking + "200 B R 51 ttl 57", party: .b, packet: 7),
        FindingStory(code: .midStream, text: "0 A P. 51(10) ack 51\n10 B . 51 ack 61", packet: 1),
    ]

    static let closed: [FindingStory] = [
        // CLOSE-WAIT for 70 s to the end of the capture, seen from everywhere.
        FindingStory(
            code: .closeWaitLingering,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                70000 clock
                """, party: .b, packet: 7, detail: .lasted(69_900_000_000)),
        // ... and one that ends after 80 s.
        FindingStory(
            code: .closeWaitLingering,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                80100 B F. 51 ack 52
                80110 A .  52 ack 52
                """, vantage: .hostB, party: .b, packet: 7, detail: .lasted(80_000_000_000)),
        // The last data restarts the minute.
        FindingStory(
            code: .closeWaitLingering,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                50000 B P. 51(10) ack 52
                50010 A .  52 ack 61
                111000 clock
                """, vantage: .hostA, party: .b, packet: 7, detail: .lasted(61_000_000_000)),
        FindingStory(
            code: .finWait2Lingering,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                70110 clock
                """, party: .a, packet: 8, detail: .lasted(70_000_000_000)),
        // Nobody acknowledges the FIN that comes again.
        FindingStory(
            code: .lastAckUnanswered,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                200   B F. 51 ack 52
                500   B F. 51 ack 52
                """, party: .b, packet: 9, detail: .lasted(300_000_000)),
        // Not even once, and the capture goes on.
        FindingStory(
            code: .lastAckUnanswered,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                200   B F. 51 ack 52
                1300  clock
                """, vantage: .hostB, party: .b, packet: 9),
        FindingStory(
            code: .timeWaitAssassination,
            text: talking + """
                100   A F. 51 ack 51
                110   B .  51 ack 52
                150   B F. 51 ack 52
                160   A .  52 ack 52
                900   B R  52
                """, party: .a, packet: 11, detail: .timeWait(ends: true)),
    ]
}
