import Flows
import TCPStateMachine
import Testing

/// What the wire does not decide: the closed list of `Docs/inference.md`, one test each. None of these claims is
/// proven, and none is more than the packets allow.
@Suite struct UndecidableTests {
    private let established = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1

        """

    /// 50 data and its acknowledgment: from here on both ends are proven to be ESTABLISHED.
    private let talking = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1
        30  A P.  1(50) ack 1
        40  B P.  1(50) ack 51
        50  A .   51 ack 51

        """

    @Test func case01ResetLostBehindTheVantagePoint() {
        let heard = Hearing(talking + "200 A R. 51 ack 51\n3000 clock")
        // It arrives or it does not, and nobody says a word.
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED?")
    }

    @Test func case02ThirdSegmentLostBehindTheVantagePointThenReset() {
        // At the opener's host; a responder that never had the third segment goes back to LISTEN.
        let heard = Hearing(
            """
            0     A S   0
            20    B S.  0 ack 1
            20.02 A .   1 ack 1
            60    A R.  1 ack 1
            """, at: .hostA)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED? CLOSED?")
    }

    @Test func case03LastAckLostBehindTheVantagePoint() {
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                110 B F. 51 ack 52
                120 A .  52 ack 52
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?")
    }

    @Test func case03TheFinThatComesAgainDecides() {
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                110 B F. 51 ack 52
                120 A .  52 ack 52
                330 B F. 51 ack 52
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? LAST-ACK?")
    }

    @Test func case04FinTakenAndItsAckLost() {
        // As far as anyone can see here, the FIN may as well have been lost: nothing is claimed.
        let heard = Hearing(
            talking + """
                100  A F. 51 ack 51
                110  B .  51 ack 52
                200  B F. 51 ack 52
                410  B F. 51 ack 52
                5000 clock
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK")
    }

    @Test func case05OnlyTheSecondSendingOfAFinWasCaptured() {
        // A's first FIN, and its ACK of B's, did not pass: CLOSING and TIME-WAIT, or LAST-ACK and CLOSED.
        let heard = Hearing(
            talking + """
                100 B F. 51 ack 51
                330 A F. 51 ack 52
                340 B .  52 ack 52
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT")
    }

    @Test func case06PureAckBehindAnUnseenFin() {
        let heard = Hearing(
            talking + """
                100 B F. 51 ack 51
                320 B F. 51 ack 51
                330 A .  52 ack 52 sack 51-52
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT? LAST-ACK?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?")
    }

    @Test func case07UnseenOctetsThatMayEndInAFin() {
        let heard = Hearing(talking + "200 B . 51 ack 151")
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
        heard.expectEnd(.a, nil, possible: [.established, .finWait1, .finWait2])
        heard.expectEnd(.b, nil, possible: [.established, .closeWait])
    }

    @Test func case07ALaterOctetDecides() {
        let heard = Hearing(
            talking + """
                200 B .  51 ack 151
                300 A P. 151(10) ack 51
                310 B .  51 ack 161
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
        heard.expectEnd(.a, .established)
    }

    @Test func case08SimultaneousCloseWithoutItsLastSegments() {
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                102 B F. 51 ack 51
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1", b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1")
    }

    @Test func case09BareResetAgainstAFinThatWasLost() {
        // Whether A had closed before it answered cannot be seen: coarser, not wrong.
        let heard = Hearing(
            talking + """
                100 B F. 51 ack 51
                110 A R  51
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSED?")
    }

    @Test func case10SilentByNature() {
        // close() in SYN-SENT sends nothing, no more than a time-out does.
        let heard = Hearing(
            """
            0    A S 0
            1000 A S 0
            9000 clock
            """)
        heard.expect(a: "CLOSED SYN-SENT", b: "", findings: "connect-timeout retransmission")
        heard.expectEnd(.a, .synSent)
        heard.expectEnd(.b, nil, possible: [.closed, .listen, .synReceived])
    }

    @Test func case11ResetInTheWindowOfFinWait2() {
        // A full socket answers with a challenge ACK, which is rate-limited; a small one dies. Nothing is claimed.
        let heard = Hearing(
            talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 52
                200 B R. 151 ack 52 ttl 57
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT")
    }

    @Test func case12ForgedResetIsTheFirstSegmentOfItsSender() {
        // No usual TTL yet to compare with: taken for its own.
        let heard = Hearing(
            """
            0   A .  51 ack 51
            200 B R  51 ttl 57
            """)
        heard.expectEnd(.b, .closed)
        #expect(heard.transitions(.a).allSatisfy { $0.certainty != .proven }, "\(heard)")
    }

    @Test func case13OneEndSendsNothingButAcks() {
        // Whether it had sent its FIN before the capture began remains open.
        let heard = Hearing(
            """
            0   B P. 51(100) ack 51
            10  A .  51 ack 151
            20  B P. 151(100) ack 51
            30  A .  51 ack 251
            """)
        heard.expectEnd(.a, nil, possible: [.established, .finWait1, .finWait2])
        heard.expectEnd(.b, nil, possible: [.established, .closeWait])
    }

    @Test func case14ResetBehindProbesThatNobodyAnswered() {
        // The path may be dead in one direction only: the RST arrives, or goes the way of the probes.
        let heard = Hearing(
            talking + """
                2050 A . 50 ack 51
                3050 A . 50 ack 51
                4050 A R. 51 ack 51
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
    }

    /// The same, so late that the flow had been settled: what was reported is withdrawn.
    @Test func case03TheFinThatComesAgainLateWithdraws() {
        let heard = Hearing(
            talking + """
                100   A F. 51 ack 51
                110   B F. 51 ack 52
                120   A .  52 ack 52
                9000  clock
                12000 B F. 51 ack 52
                12001 clock
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT? LAST-ACK? CLOSED?")
        let withdrawn = heard.records.compactMap { if case .withdrawal(let record) = $0 { record } else { nil } }
        #expect(withdrawn.map(\.rule) == [.lastAckAckOfFin] && withdrawn.first?.cause.packet == 9)
        #expect(heard.flows.first?.responder.state == .lastAck)
    }
}
