import Flows
import TCPStateMachine
import Testing

/// The places where an observer of TCP goes wrong most easily: one test each, with the sibling that looks nearly the
/// same and ends otherwise. A opens; at `.middle` both ends are 5 ms away unless a story says otherwise.
@Suite struct TrapTests {
    // MARK: 1 to 5: openings that come to nothing

    @Test(arguments: [Vantage.middle, .hostB])
    func trap01ResetOfTheThirdSegmentSaysThatNobodyHadIt(vantage: Vantage) {
        let b = vantage == .middle ? "30" : "20.03"
        let answer = vantage == .middle ? "10" : "0.02"
        let heard = Hearing(
            """
            0          A S  0
            \(answer)  B S. 0 ack 1
            20         A .  1 ack 1
            \(b)       B R  1             # takes its number from what it answers
            """, at: vantage)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED CLOSED")
    }

    @Test func trap01AbortOnceEstablishedIsAnotherMatter() {
        let heard = Hearing(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            120 B R. 1 ack 1
            """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED",
            findings: "abortive-close")
    }

    @Test func trap02SocketClosedInSynSent() {
        let heard = Hearing(
            """
            0     A S  0
            10    B S. 0 ack 1
            10.03 A R  1
            """, at: .hostA)
        heard.expect(a: "CLOSED SYN-SENT CLOSED", b: "LISTEN SYN-RECEIVED LISTEN?")
    }

    @Test func trap03ThirdSegmentLostThenReset() {
        // At the responder's host, where the third segment never came.
        let heard = Hearing(
            """
            0     A S  0
            0.02  B S. 0 ack 1
            60    A R. 1 ack 1
            """, at: .hostB)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED LISTEN?")
    }

    @Test func trap04AckOfWhatWasNeverSentCountsForNothing() {
        let heard = Hearing(
            """
            0     A S   0
            0.02  B S.  0 ack 1
            20    A .   1 ack 5000
            20.02 B R   5000
            40    A .   1 ack 1
            60    A F.  1 ack 1
            60.02 B .   1 ack 2
            90    B F.  1 ack 2           # a FIN at 1: it seems acknowledged if 5000 had been believed
            100   A .   2 ack 2
            150   clock
            """, at: .hostB)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED")
    }

    @Test func trap05ResetWithTheNumbersOfTheSynIsNoRefusal() {
        let heard = Hearing(
            """
            0     A S  0
            0.02  B S. 0 ack 1
            20    A .  1 ack 1
            60    B R. 1 ack 1
            """, at: .hostB)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED",
            findings: "abortive-close")
    }

    @Test func trap05ResetOfNumberZeroIsARefusal() {
        let heard = Hearing(
            """
            0  A S  0
            10 B R. =0 ack 1
            """)
        heard.expect(a: "CLOSED SYN-SENT CLOSED?", b: "... CLOSED", findings: "connection-refused")
    }

    // MARK: 6 to 9: resets while closing

    private let established = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1

        """

    @Test func trap06ResetAnswersTheDataNotTheAckBeforeIt() {
        let heard = Hearing(
            """
            0     A S   0
            20    B S.  0 ack 1
            20.02 A .   1 ack 1
            50    A F.  1 ack 1
            70    B .   1 ack 2
            80    B P.  1(50) ack 2
            80.02 A R   2
            """, at: .hostA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2? CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT CLOSED?")
    }

    @Test func trap06WithoutTheAckOfTheFinThereIsNoFinWait2() {
        let heard = Hearing(
            """
            0     A S   0
            20    B S.  0 ack 1
            20.02 A .   1 ack 1
            50    A F.  1 ack 1
            55    B P.  1(50) ack 1
            55.02 A R   1
            """, at: .hostA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSED",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? CLOSED?")
    }

    @Test func trap07EachSegmentHasItsOwnReset() {
        let heard = Hearing(
            established + """
                50  A P.  1(553) ack 1
                60  B P.  1(171) ack 554
                70  A P.  554(120) ack 172
                100 A F.  674 ack 172
                102 B P.  172(100) ack 554
                104 B F.  272 ack 554
                110 B R   172
                112 A R   554
                114 A R   554
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSED")
    }

    @Test func trap08ResetBelowTheFinThatCameBeforeIt() {
        let heard = Hearing(
            established + """
                50  A P.  1(607) ack 1
                60  B .   1 ack 608
                100 B P.  1(89) ack 608
                106 A F.  608 ack 1
                110 A R   608
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? CLOSED?")
    }

    @Test func trap09ResetThatOvertakesItsData() {
        let heard = Hearing(
            established + """
                50    A P.  1(80) ack 1
                60    B P.  1(372) ack 81
                70    A .   81 ack 373
                196   A P.  81(120) ack 373     # delayed behind the vantage point
                200.4 A R.  201 ack 373
                210.4 B .   373 ack 81          # a challenge: one trip after the RST
                220.4 A R   81                  # answers the challenge; below RCV.NXT by then
                287   B .   373 ack 201
                297   A R   201
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED?",
            findings: "abortive-close challenge-ack")
        // Until B shows that the data did come, it looks lost behind the vantage point, and the second RST exact.
        #expect(heard.segments[10].responderState == .established, "\(heard)")
        #expect(heard.transitions(.b).last?.cause.packet == 12, "\(heard)")
    }

    @Test func trap09ResetInOrderIsTaken() {
        let heard = Hearing(
            established + """
                50    A P.  1(80) ack 1
                60    B P.  1(372) ack 81
                70    A .   81 ack 373
                196   A P.  81(120) ack 373
                200.4 A R.  201 ack 373
                206   B .   373 ack 201          # too early to speak against the RST
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED?",
            findings: "abortive-close")
    }

    // MARK: 10 and 11: strangers

    private func withResetOfB(_ marks: String) -> Hearing {
        Hearing(
            """
            0   A S   0 ts 100:0
            10  B S.  0 ack 1 ts 900:100
            20  A .   1 ack 1 ts 120:900
            60  A P.  1(250) ack 1 ts 160:900
            70  B P.  1(583) ack 251 ts 960:160
            80  A .   251 ack 584 ts 180:960
            280 B \(marks)
            """)
    }

    @Test func trap10ForgedReset() {
        let heard = withResetOfB("R 584 ttl 61")
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED ESTABLISHED")
        heard.expectFinding(.forgedSegment, of: .b, packet: 7)
        heard.expectEnd(.b, .established)
    }

    @Test func trap10ItsOwnReset() {
        let heard = withResetOfB("R. 584 ack 251 ts 1170:180")
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED",
            findings: "abortive-close")
    }

    @Test func trap11ForgedSynIsAnsweredWithAnAck() {
        let heard = Hearing(
            established + """
                60  A P.  1(275) ack 1
                70  B .   1 ack 276
                100 A S   276 ttl 61
                110 B .   1 ack 276
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
        #expect(heard.flows.count == 1, "\(heard)")
    }

    @Test func trap11NewSynIsAnsweredWithASynAck() {
        let heard = Hearing(
            established + """
                50   B F.  1 ack 1
                60   A .   1 ack 2
                70   A F.  1 ack 2
                80   B .   2 ack 2            # B: TIME-WAIT
                isn A 90000
                isn B 70000
                5000 A S   0
                5010 B S.  0 ack 1
                5020 A .   1 ack 1
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED")
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?", findings: "port-reuse", flow: 2)
        #expect(heard.flows[1].incarnationOf == 1)
    }

    @Test func aFinThatWasNotTakenBringsNoAck() {
        let heard = Hearing(
            """
            0    A S   0 ts 100:0
            10   B S.  0 ack 1 ts 900:100
            10.1 A .   1 ack 1 ts 110:900
            50   A F.  1 ack 1 ts 150:900
            60   B F.  1 ack 2 ts 950:150      # it comes to the interface, and TCP does not take it
            270  B F.  1 ack 2 ts 1160:150     # that FIN again
            270.1 A .  2 ack 2 ts 370:1160     # the answer echoes the second one
            """, at: .hostA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?", findings: "retransmission")
        #expect(heard.transitions(.a).suffix(2).map(\.cause.packet) == [6, 6], "\(heard)")
    }

    // MARK: 12 to 15: FINs that the capture does not have

    @Test func trap12FinLostBeforeTheVantagePoint() {
        let heard = Hearing(
            established + """
                50   A P.  1(295) ack 1
                60   B P.  1(900) ack 296
                70   A .   296 ack 901
                100  B F.  901 ack 296
                110  A .   297 ack 902       # one number ahead: its FIN was not captured
                330  A F.  296 ack 902       # that FIN again
                340  B .   902 ack 297
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1? CLOSING? TIME-WAIT?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2? TIME-WAIT?")
    }

    @Test func trap13TheSameWithADSackOfThePeersFin() {
        let heard = Hearing(
            established + """
                50   A P.  1(144) ack 1
                60   B P.  1(514) ack 145
                70   A .   145 ack 515
                100  B F.  515 ack 145
                320  B F.  515 ack 145
                330  A .   146 ack 516 sack 515-516
                540  A F.  145 ack 516
                550  B .   516 ack 146
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2? TIME-WAIT?")
    }

    @Test func trap14FinNeverCaptured() {
        let heard = Hearing(
            established + """
                100  A .   1 ack 2           # B's FIN, which did not pass here
                100.1 A F. 1 ack 2
                110  B .   2 ack 2
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED? FIN-WAIT-1? FIN-WAIT-2? TIME-WAIT?")
    }

    @Test(arguments: [
        (38, "CLOSE-WAIT? LAST-ACK? CLOSED?", "FIN-WAIT-1 FIN-WAIT-2? TIME-WAIT?"),
        (20, "FIN-WAIT-1?", "FIN-WAIT-1 CLOSING?"),
    ])
    func trap15UnseenFinAsLateAsAnAnswerIsOne(delay: Int, a: String, b: String) {
        // A is 18 ms away and B 20: A's answer to B's FIN, and B's to that, take 38 ms.
        let heard = Hearing(
            """
            0    A S   0
            20   B S.  0 ack 1
            38   A .   1 ack 1
            60   A P.  1(10) ack 1
            80   B P.  1(10) ack 11
            98   A .   11 ack 11
            200  B F.  11 ack 11
            \(200 + delay) B . 12 ack 12
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED \(a)", b: "LISTEN SYN-RECEIVED ESTABLISHED \(b)")
    }

    // MARK: 16 to 20

    @Test func trap16AcksThatLeftBeforeTheFinWasRead() {
        let heard = Hearing(
            """
            0     A S   0
            0.02  B S.  0 ack 1
            20    A .   1 ack 1
            40    A P.  1(5792) ack 1
            40.01 A P.  5793(2896) ack 1
            40.02 A P.  8689(312) ack 1
            40.03 A F.  9001 ack 1
            40.04 B .   1 ack 5793
            40.05 B .   1 ack 8689
            40.06 B .   1 ack 9001
            80    B .   1 ack 9002
            """, at: .hostB)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT")
    }

    @Test func trap17ResetOfAnAckInTimeWait() {
        let heard = Hearing(
            """
            0      A S   0
            18     B S.  0 ack 1
            18.02  A .   1 ack 1
            28     A P.  1(177) ack 1
            47     B P.  1(841) ack 178
            47.02  A .   178 ack 842
            127    A F.  178 ack 842
            215    B F.  842 ack 179
            215.02 A .   179 ack 843
            339    B .   842 ack 179         # sent before the FIN, overtaken by it
            339.02 A .   179 ack 843
            357    B R   843                 # B was done when that came
            """, at: .hostA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?")
    }

    @Test func trap18FinThatNobodyAnswers() {
        let heard = Hearing(
            established + """
                50   A F.  1 ack 1
                60   B .   1 ack 2
                100  B F.  1 ack 2
                320  B F.  1 ack 2
                760  B F.  1 ack 2
                1600 B F.  1 ack 2
                3300 B F.  1 ack 2
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK")
    }

    @Test func trap18ResetOnADeadPath() {
        let heard = Hearing(
            established + """
                50   A P.  1(10) ack 1
                60   B .   1 ack 11
                2060 A .   10 ack 1           # a keepalive probe, without an answer
                3060 A R.  11 ack 1
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED",
            findings: "half-open abortive-close keepalive")
    }

    @Test func trap18ResetOnALivingPath() {
        let heard = Hearing(
            established + """
                50   A P.  1(10) ack 1
                60   B .   1 ack 11
                2060 A .   10 ack 1
                2070 B .   1 ack 11
                3060 A R.  11 ack 1
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED?",
            findings: "abortive-close keepalive")
    }

    @Test func trap19SynAckAfterTheHandshake() {
        let heard = Hearing(
            established + """
                40  A S.  0 ack 1
                50  B .   1 ack 1
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?")
        #expect(!heard.findingNames().contains("simultaneous-open"), "\(heard)")
    }

    @Test func trap19OneBareSynOfASimultaneousOpenIsMissing() {
        let heard = Hearing(
            """
            0   A S   0
            10  A S.  0 ack 1                # B's SYN did not pass here
            10  B S.  0 ack 1
            20  A .   1 ack 1
            """)
        heard.expectFinding(.simultaneousOpen)
        heard.expect(
            a: "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED?", b: "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED?")
    }

    @Test func trap20DataInASynThatWasNotTaken() {
        let heard = Hearing(
            """
            0   A S   0(40)
            10  B S.  0 ack 1
            20  B R   1
            """)
        heard.expectEnd(.a, .closed)
        let reset = Hearing(
            """
            0    A S   0(40)
            0.02 B S.  0 ack 1
            20   A R.  1 ack 1
            """, at: .hostB)
        reset.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED LISTEN?")
    }

    @Test func trap20DataFromSynReceivedWithFastOpen() {
        let heard = Hearing(
            """
            0    A S   0(1000)
            10   B S.  0 ack 1001
            10.1 B P.  1(500) ack 1001      # SYN-RECEIVED may send: this proves nothing
            20   A .   1001 ack 1
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?")
        #expect(heard.segments[2].responderState == .synReceived, "\(heard)")
    }

    @Test func trap20DataFromSynReceivedWithoutFastOpen() {
        let heard = Hearing(
            """
            0    A S   0(40)
            10   B S.  0 ack 1
            20   A .   1 ack 1
            30   B P.  1(500) ack 1
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
    }

    /// Linux takes the ACK of a segment beyond a hole at once (kernel corpus, ksft_tcp_disorder_fin_in_FIN_WAIT).
    @Test func trap21AckOfTheFinOvertakesThePeersFin() {
        let heard = Hearing(
            """
            0    A S   0
            10   B S.  0 ack 1
            10.1 A .   1 ack 1
            50   A F.  1 ack 1
            60   B .   2 ack 2
            60.5 B F.  1 ack 1
            60.6 A .   2 ack 2
            """, at: .hostA)
        #expect(
            heard.transitions(.a).map(\.to) == [.synSent, .established, .finWait1, .finWait2, .timeWait], "\(heard)")
    }
}
