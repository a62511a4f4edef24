import Flows

/// Stories that look like one with the finding, and are not.
extension FindingStory {
    private static let closing = talking + """
        100 A F. 51 ack 51
        110 B .  51 ack 52

        """

    static let untoldOpenings: [FindingStory] = [
        FindingStory(code: .connectionRefused, text: "0 A S 0\n10 B S. 0 ack 1\n20 A R. 1 ack 1"),
        FindingStory(code: .connectTimeout, text: "0 A S 0\n1000 A S 0\n1010 B S. 0 ack 1"),
        FindingStory(code: .simultaneousOpen, text: "0 A S 0\n10 B S. 0 ack 1\n11 A S 0\n20 A . 1 ack 1"),
        FindingStory(code: .midStream, text: "0 B S. 0 ack 1\n10 A . 1 ack 1"),
        FindingStory(code: .dataOnSyn, text: "0 A S 0\n10 B S. 0 ack 1\n20 A P. 1(20) ack 1"),
        // Refused, once: who connects to a closed port is no scanner.
        FindingStory(code: .scan, text: "0 A S 0\n10 B R. =0 ack 1"),
        // A lone FIN,ACK is what is left of an old connection.
        FindingStory(code: .scan, text: "0 A F. 51 ack 51\n10 B R 51"),
        FindingStory(code: .scan, text: "0 A R 51"),
    ]

    static let untoldClosings: [FindingStory] = [
        FindingStory(code: .halfOpen, text: talking + "200 A R. 51 ack 51"),
        FindingStory(code: .halfClosed, text: closing + "150 B F. 51 ack 52\n160 A . 52 ack 52"),
        FindingStory(code: .abortiveClose, text: "0 A S 0\n10 B R. =0 ack 1"),
        FindingStory(code: .simultaneousClose, text: closing + "150 B F. 51 ack 52\n160 A . 52 ack 52"),
        // A minute is not over, or the half-closed connection is used.
        FindingStory(code: .closeWaitLingering, text: closing + "59000 clock"),
        FindingStory(
            code: .closeWaitLingering, text: closing + "40000 B P. 51(10) ack 52\n40010 A . 52 ack 61\n90000 clock"),
        // TIME-WAIT and ESTABLISHED may last.
        FindingStory(
            code: .closeWaitLingering, text: closing + "150 B F. 51 ack 52\n160 A . 52 ack 52\n90000 clock"),
        FindingStory(code: .closeWaitLingering, text: talking + "3600000 clock"),
        FindingStory(code: .finWait2Lingering, text: closing + "59000 clock"),
        FindingStory(
            code: .finWait2Lingering, text: closing + "40000 B P. 51(10) ack 52\n40010 A . 52 ack 61\n90000 clock"),
        FindingStory(
            code: .finWait2Lingering, text: closing + "150 B F. 51 ack 52\n160 A . 52 ack 52\n90000 clock"),
        // The answer is not due yet; it has passed; it cannot pass, because nothing of A does.
        FindingStory(code: .lastAckUnanswered, text: closing + "200 B F. 51 ack 52\n600 clock"),
        FindingStory(code: .lastAckUnanswered, text: closing + "200 B F. 51 ack 52\n210 A . 52 ack 52\n9000 clock"),
        FindingStory(
            code: .lastAckUnanswered,
            text: closing + "200 B F. 51 ack 52\n210 A . 52 ack 52\n500 B F. 51 ack 52\n510 A . 52 ack 52\n9000 clock"),
        FindingStory(
            code: .lastAckUnanswered,
            text: "0 B S. 0 ack 1\n30 B P. 1(50) ack 51\n100 B . 51 ack 52\n200 B F. 51 ack 52\n9000 clock"),
        FindingStory(code: .timeWaitAssassination, text: closing + "150 B R. 51 ack 52"),
        // Not at RCV.NXT: TIME-WAIT stands.
        FindingStory(
            code: .timeWaitAssassination,
            text: closing + "150 B F. 51 ack 52\n160 A . 52 ack 52\n900 B R 90000 ttl 57"),
        FindingStory(code: .dataAfterFin, text: closing + "300 A F. 51 ack 51"),
        // A keepalive stands at the number of the FIN.
        FindingStory(code: .dataAfterFin, text: closing + "9000 A . 51(1) ack 51\n9010 B . 51 ack 52"),
        // Text before the FIN that comes behind it.
        FindingStory(code: .dataAfterFin, text: talking + "100 A F. 61 ack 51\n101 A P. 51(10) ack 51"),
        FindingStory(code: .dataAfterFin, text: closing + "150 B P. 51(10) ack 52"),
    ]

    static let untoldNumbers: [FindingStory] = [
        FindingStory(code: .retransmission, text: talking + "60 A P. 61(10) ack 51\n64 A P. 51(10) ack 51"),
        FindingStory(code: .retransmission, text: talking + "9000 A . 50(1) ack 51\n9010 B . 51 ack 51"),
        FindingStory(
            code: .outOfOrder, text: talking + "60 A P. 61(10) ack 51\n70 B . 51 ack 51\n81 A P. 51(10) ack 51"),
        FindingStory(
            code: .outOfOrder,
            text: talkingWithStamps + "60 A P. 61(10) ack 51 ts 160:930\n61 A P. 51(10) ack 51 ts 161:930"),
        FindingStory(code: .outOfOrder, text: talking + "60 A P. 51(10) ack 51\n61 A P. 61(10) ack 51"),
        FindingStory(code: .captureReordered, text: talking + "60 A P. 61(10) ack 51\n64 A P. 51(10) ack 51"),
        // The capture lost the first sending, and its ACK was lost, too.
        FindingStory(code: .captureReordered, text: talking + "60 B . 51 ack 61\n290 A P. 51(10) ack 51"),
        FindingStory(
            code: .captureReordered,
            text: talkingWithStamps + "60 B . 51 ack 61 ts 955:155\n99 A P. 51(10) ack 51 ts 190:930"),
        // Lost behind the vantage point.
        FindingStory(
            code: .spuriousResend,
            text: talking + "60 A P. 51(10) ack 51\n280 A P. 51(10) ack 51\n290 B . 51 ack 61"),
        // D-SACK of what the network delivered twice.
        FindingStory(
            code: .spuriousResend,
            text: talking + "60 A P. 51(10) ack 51 id 7\n65 A P. 51(10) ack 51 id 7\n75 B . 51 ack 61 sack 51-61"),
        // An ordinary SACK above the ACK.
        FindingStory(
            code: .spuriousResend,
            text: talking
                + "60 A P. 61(10) ack 51\n70 B . 51 ack 51 sack 61-71\n81 A P. 51(10) ack 51\n91 B . 51 ack 71"),
        FindingStory(code: .duplicateFrame, text: talking + "60 A P. 51(10) ack 51 id 9\n280 A P. 51(10) ack 51 id 10"),
        FindingStory(code: .duplicateFrame, text: talking + "60 A . 51 ack 51\n61 A . 51 ack 51 ttl 63"),
        // The hole is filled; or nobody has acknowledged it.
        FindingStory(
            code: .captureLoss, text: talking + "60 A P. 61(10) ack 51\n64 A P. 51(10) ack 51\n74 B . 51 ack 71"),
        FindingStory(code: .captureLoss, text: talking + "60 A P. 61(10) ack 51\n70 B . 51 ack 51 sack 61-71"),
        FindingStory(
            code: .captureLoss, text: talking + "60 B . 51 ack 61\n61 A P. 51(10) ack 51\n70 A P. 61(10) ack 51"),
        FindingStory(code: .captureLoss, text: "0 A P. 51(10) ack 51\n10 A . 61 ack 1051\n20 A . 61 ack 2051"),
        FindingStory(code: .ackedUnseen, text: talking + "60 B . 51 ack 61\n61 A P. 51(10) ack 51"),
        FindingStory(code: .ackedUnseen, text: talking + "70 B . 51 ack 71\n80 A P. 71(10) ack 51"),
        FindingStory(code: .zeroWindow, text: talking + "60 A P. 51(10) ack 51\n70 B . 51 ack 61 win 1"),
        FindingStory(code: .zeroWindow, text: talking + "60 B R. 51 ack 51 win 0"),
        // Whoever gets nothing more needs no window.
        FindingStory(code: .zeroWindow, text: closing + "200 B . 51 ack 52 win 0"),
        FindingStory(code: .keepalive, text: talking + "60 A P. 51(1) ack 51\n300 A P. 51(1) ack 51"),
        // An old ACK behind a segment of one octet.
        FindingStory(code: .keepalive, text: talking + "60 A P. 51(1) ack 51\n61 A . 51 ack 51"),
        FindingStory(
            code: .keepalive,
            text: talking
                + "60 A P. 51(10) ack 51\n70 B . 51 ack 61 win 0\n280 A . 60 ack 51\n290 B . 51 ack 61 win 0"),
        FindingStory(code: .windowProbe, text: talking + "5000 A . 50 ack 51\n5010 B . 51 ack 51"),
        FindingStory(
            code: .windowProbe,
            text: talking
                + "60 A P. 51(10) ack 51\n70 B . 51 ack 61 win 0\n80 B . 51 ack 61 win 900\n300 A P. 61(1) ack 51"),
    ]

    static let untoldOddities: [FindingStory] = [
        // Outside the window nothing answers; a segment with new numbers is no answer.
        FindingStory(code: .challengeAck, text: talking + "200 A R 90000 ttl 57\n210 B . 51 ack 51"),
        FindingStory(code: .challengeAck, text: talking + "200 A R 90 ttl 57\n203 B . 51 ack 51"),
        FindingStory(code: .challengeAck, text: talking + "200 A R 90 ttl 57\n210 B P. 51(10) ack 51"),
        FindingStory(code: .rstOutOfWindow, text: talking + "200 A R 51"),
        FindingStory(
            code: .arrivalNotTaken, text: talking + "100 A F. 51 ack 51\n320 A F. 51 ack 51\n321 B . 51 ack 52",
            vantage: .hostB),
        // In the middle nobody knows what came to the interface.
        FindingStory(
            code: .arrivalNotTaken, text: talking + "100 A F. 51 ack 51\n700 A F. 51 ack 51\n710 B . 51 ack 52"),
        // The FIN waits for the text before it.
        FindingStory(
            code: .arrivalNotTaken,
            text: talking
                + "100 A F. 61 ack 51\n101 B . 51 ack 51 sack 61-62\n700 A P. 51(10) ack 51\n701 B . 51 ack 62",
            vantage: .hostB),
        // A RST that has overtaken its sender's last text.
        FindingStory(
            code: .forgedSegment,
            text: talkingWithStamps + "100 A R. 61 ack 51 ts 190:930\n130 A P. 51(10) ack 51 ts 185:930"),
        FindingStory(code: .forgedSegment, text: talking + "200 A R. 51 ack 51"),
        // Path MTU discovery; a number that A never sent; an error about nobody.
        FindingStory(code: .icmpUnreachable, text: talking + "60 A P. 51(10) ack 51\n70 icmp A 51 3/4"),
        FindingStory(code: .icmpUnreachable, text: talking + "60 A P. 51(10) ack 51\n70 icmp A 900000 3/1"),
        FindingStory(code: .icmpUnreachable, text: talking + "60 A P. 51(10) ack 51\n70 icmp A -100 3/1"),
        // A second segment agrees: the capture had a gap.
        FindingStory(
            code: .unacceptableSegment,
            text: talking + "60 A P. 200051(10) ack 51\n70 B . 51 ack 200061\n80 A P. 200061(10) ack 51"),
        // The last of the capture: nobody says that it was wrong.
        FindingStory(code: .unacceptableSegment, text: talking + "60 A P. 200051(10) ack 51"),
        FindingStory(code: .unacceptableSegment, text: talking + "60 A P. 1(50) ack 51\n80 A P. 51(10) ack 51"),
        FindingStory(code: .ackOfUnsentData, text: talking + "70 B . 51 ack 71\n80 A P. 71(10) ack 51"),
        FindingStory(code: .ackOfUnsentData, text: "0 A S 0\n10 B S. 0 ack 1\n20 A . 1 ack 1"),
        FindingStory(code: .ackOfUnsentData, text: closing + "150 B . 51 ack 52"),
        FindingStory(code: .protocolViolation, text: "0 A none 0"),
        FindingStory(code: .protocolViolation, text: talking + "200 A R 51"),
        FindingStory(code: .protocolViolation, text: talking + "200 A FPU. 51(10) ack 51"),
    ]
}
