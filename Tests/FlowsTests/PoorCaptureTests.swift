import Flows
import TCPStateMachine
import Testing

/// Captures that lack packets, on an end's own host as well: what is told is less or less sure, never something else.
/// Each story has the packets that the capture lacks as remarks.
@Suite struct PoorCaptureTests {
    private let established = """
        0    A S   0
        20   B S.  0 ack 1
        20.1 A .   1 ack 1

        """

    /// CLOSING, by the ACK that is missing; without it nothing tells in which order the FIN and the ACK came.
    @Test func theAnswerToTheFinEscapedOnItsSendersHost() {
        let heard = Hearing(
            established + """
                100  A F. 1 ack 1
                108  B F. 1 ack 1
                # 108 A . 2 ack 2
                120  B .  2 ack 2
                3000 clock
                """, at: .hostA)
        #expect(heard.sequence(.a).hasPrefix("CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1"), "\(heard)")
        #expect(!heard.sequence(.a).hasSuffix("FIN-WAIT-2"), "\(heard)")
    }

    /// Text that nobody answered: the end may have refused it, and its silence proves nothing.
    @Test func silenceProvesNothingWhereAnAnswerIsOwed() {
        let heard = Hearing(
            established + """
                100  A F. 1 ack 1
                110  B P. 1(50) ack 1
                # 110 A R 1
                120  B .  51 ack 2
                # 120 A R 2
                3000 clock
                """, at: .hostA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT?")
    }

    /// An octet that was taken for a FIN takes the ACK of it along when it turns out to be text.
    @Test func theAckOfTextIsNoAckOfALaterFin() {
        let heard = Hearing(
            established + """
                # 90 A P. 1(1) ack 1
                110  B .  1 ack 2
                200  A P. 2(10) ack 1
                220  B .  1 ack 12
                300  A F. 12 ack 1
                305  B F. 1 ack 12
                305.1 A . 13 ack 2
                320  B .  2 ack 13
                """, at: .hostA)
        #expect(heard.sequence(.a).contains("FIN-WAIT-1 CLOSING"), "\(heard)")
    }

    /// The copy of the FIN that came is not the one that passed. B had text that the window held back and may have had
    /// a CLOSE behind it.
    @Test func anotherCopyOfTheFinCame() {
        let heard = Hearing(
            """
            0    A S   0            ts 100:0
            10   B S.  0 ack 1      ts 900:100
            20   A .   1 ack 1      ts 120:900   win 500
            100  B P.  1(500) ack 1 ts 990:120
            110  A F.  1 ack 501    ts 210:990   win 500
            # 310 A F. 1 ack 501    ts 410:990
            320  B P.  501(500) ack 2 ts 1210:410
            340  A .   2 ack 1001   ts 430:1210  win 500
            """)
        #expect(heard.sequence(.b).hasSuffix("CLOSE-WAIT?"), "\(heard)")
    }

    /// The third segment is missing, so that A seems to take 900 ms to answer. An ACK of its FIN may have come before
    /// B's FIN did.
    @Test func aTripThatMayBeShorterTellsNoOrder() {
        let heard = Hearing(
            """
            0     A S   0
            1     B S.  0 ack 1
            # 2 A . 1 ack 1
            900   A P.  1(100) ack 1
            901   B .   1 ack 101
            1000  B F.  1 ack 101
            1000.1 A F. 101 ack 1
            # 1001 B .  2 ack 102
            1002.1 A .  102 ack 2
            """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING?", b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1")
    }

    /// The same with all that passed: an ACK of A's FIN cannot have come to A so soon.
    @Test func aTripThatIsKnownTellsTheOrder() {
        let heard = Hearing(
            """
            0     A S   0
            10    B S.  0 ack 1
            20    A .   1 ack 1
            900   A P.  1(100) ack 1
            910   B .   1 ack 101
            1000  B F.  1 ack 101
            1000.1 A F. 101 ack 1
            1010  A .   102 ack 2
            1010.1 B .  2 ack 102
            """)
        #expect(heard.sequence(.a).contains("FIN-WAIT-1 CLOSING "), "\(heard)")
    }

    /// Two packets of A are missing before its FIN, by their count: it may be the second sending of one that passed
    /// before B's.
    @Test(arguments: [true, false]) func whatIsMissingOnItsOwnHostIsCounted(isCounted: Bool) {
        let heard = Hearing(
            """
            0    A S   0       id 1
            20   B S.  0 ack 1
            20.1 A .   1 ack 1 id 2
            100  B F.  1 ack 1
            100.1 A F. 1 ack 2 id \(isCounted ? 5 : 3)
            120  B .   2 ack 2
            """, at: .hostA)
        let doubt = isCounted ? "?" : ""
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT\(doubt) LAST-ACK\(doubt) CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT")
    }

    /// A FIN is acknowledged at once, and this answer comes after 400 ms: it was another that came first.
    @Test func aLateAnswerOnItsOwnHostIsNotTheFirst() {
        let heard = Hearing(
            established + """
                # 90 A F. 1 ack 1
                100  B F. 1 ack 1
                # 100 A . 2 ack 2
                500  A F. 1 ack 2
                520  B .  2 ack 2
                """, at: .hostA)
        #expect(heard.sequence(.a).contains("CLOSE-WAIT? LAST-ACK?"), "\(heard)")
    }

    /// Linux answers a SYN that comes again by a SYN,ACK: an ACK of the SYN alone answers a SYN,ACK that nobody saw,
    /// and B has opened as well as A.
    @Test func anAckFromSynReceivedTellsThatBothMayHaveOpened() {
        let heard = Hearing(
            """
            # -5 B S 0
            0    A S   0
            # 10 A S. 0 ack 1
            13   B S.  0 ack 1
            23   B .   1 ack 1
            26   A .   1 ack 1
            """)
        #expect(heard.sequence(.b).hasPrefix("... SYN-RECEIVED"), "\(heard)")
    }

    /// The peer's SYN,ACK tells that the end, met in mid-stream by its peer's ACK, has not left SYN-RECEIVED.
    @Test func synAckBehindTheThirdSegment() {
        let heard = Hearing(
            """
            0    A .   1 ack 1
            1000 B S.  0 ack 1
            1010 A .   1 ack 1
            1100 A P.  1(10) ack 1
            1110 B .   1 ack 11
            """)
        #expect(heard.sequence(.b) == "... SYN-RECEIVED ESTABLISHED?", "\(heard)")
    }

    /// A forged FIN is the first of B, and A has more of B than that.
    @Test func aFinThatIsNotItsSendersAsTheFirstSegment() {
        let heard = Hearing(
            """
            0    B F.  100 ack 51 ttl 60
            10   A .   51 ack 501
            100  A P.  51(10) ack 501
            110  B P.  501(20) ack 61
            120  A P.  61(10) ack 521
            130  B P.  521(20) ack 71
            """)
        heard.expectFinding(.forgedSegment, of: .b)
        #expect(!heard.sequence(.b).contains("FIN-WAIT"), "\(heard)")
    }

    /// The same, and the capture has seen before it what A has of B.
    @Test func aFinBelowWhatThePeerHasIsNotItsSenders() {
        let heard = Hearing(
            """
            -10  A .   51 ack 501
            0    B F.  100 ack 51 ttl 60
            100  A P.  51(10) ack 501
            110  B P.  501(20) ack 61
            120  A P.  61(10) ack 521
            """)
        #expect(!heard.sequence(.b).contains("FIN-WAIT"), "\(heard)")
    }
}
