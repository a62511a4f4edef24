import Flows
import TCPStateMachine
import Testing

/// Where the capture was taken, and segments that were seen twice.
@Suite struct SightTests {
    private let quiet = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1

        """

    // MARK: Copies

    @Test func secondSightOnAnotherInterfaceCountsOnce() {
        let heard = Hearing(
            """
            0     A S   0 id 7 if 1 ttl 64
            0.5   A S   0 id 7 if 2 ttl 63
            10    B S.  0 ack 1 id 3 if 2 ttl 64
            10.5  B S.  0 ack 1 id 3 if 1 ttl 63
            20    A .   1 ack 1 id 8 if 1 ttl 64
            20.5  A .   1 ack 1 id 8 if 2 ttl 63
            30    A P.  1(10) ack 1 id 9 if 1 ttl 64
            30.5  A P.  1(10) ack 1 id 9 if 2 ttl 63
            """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?", findings: "duplicate-frame")
        #expect(heard.end(.a)?.packets == 3 && heard.end(.a)?.retransmissions == 0, "\(heard)")
        #expect(heard.counts.copies == 4 && heard.counts.segments == 8)
    }

    @Test func sameSegmentOnTheSameInterfaceIsARetransmission() {
        let heard = Hearing(
            quiet + """
                30    A P.  1(10) ack 1 id 9
                30.5  A P.  1(10) ack 1 id 9
                """)
        #expect(heard.counts.copies == 0 && heard.end(.a)?.retransmissions == 1, "\(heard)")
    }

    @Test func laterThanTwoMillisecondsIsNoCopy() {
        let heard = Hearing(
            quiet + """
                30    A P.  1(10) ack 1 id 9
                32.5  A P.  1(10) ack 1 id 9 ttl 63
                """)
        #expect(heard.counts.copies == 0 && heard.end(.a)?.retransmissions == 1, "\(heard)")
    }

    @Test func otherIdentificationIsNoCopy() {
        let heard = Hearing(
            quiet + """
                30    A P.  1(10) ack 1 id 9
                31    A P.  1(10) ack 1 id 10 ttl 63
                """)
        #expect(heard.counts.copies == 0 && heard.end(.a)?.retransmissions == 1, "\(heard)")
    }

    @Test func timestampTellsACopyWhereThereIsNoIdentification() {
        let heard = Hearing(
            quiet + """
                30    A P.  1(10) ack 1 ts 5:5
                31    A P.  1(10) ack 1 ts 5:5 vlan 12
                """)
        #expect(heard.counts.copies == 1 && heard.end(.a)?.retransmissions == 0, "\(heard)")
    }

    @Test func pureAckWithoutMarksIsNeverACopy() {
        let heard = Hearing(
            quiet + """
                30   A . 1 ack 1 if 1
                31   A . 1 ack 1 if 2 ttl 63
                """)
        #expect(heard.counts.copies == 0 && heard.end(.a)?.packets == 4, "\(heard)")
    }

    // MARK: Whose host

    /// The FIN comes, and its receiver has said nothing yet.
    private func withUnansweredFin(at vantage: Vantage, out: String = "", in inward: String = "") -> Hearing {
        Hearing(
            """
            0    A S   0 \(inward)
            0.02 B S.  0 ack 1 \(out)
            20   A .   1 ack 1 \(inward)
            30   A P.  1(10) ack 1 \(inward)
            30.1 B .   1 ack 11 \(out)
            40   A F.  11 ack 1 \(inward)
            41   clock
            """, at: vantage)
    }

    @Test func onItsOwnHostAnArrivalIsPresumedAtOnce() {
        withUnansweredFin(at: .hostB).expectEnd(.b, .closeWait)
        withUnansweredFin(at: .middle).expectEnd(.b, .established)
    }

    @Test func directionsTellWhoseHostItIs() {
        withUnansweredFin(at: .automatic, out: "out", in: "in").expectEnd(.b, .closeWait)
        withUnansweredFin(at: .automatic).expectEnd(.b, .established)
    }

    @Test func forwardingHostIsNobodysHost() {
        let heard = Hearing(
            """
            0     A S   0 id 7 if 1 ttl 64 in
            0.1   A S   0 id 7 if 2 ttl 63 out
            10    B S.  0 ack 1 id 3 if 2 ttl 64 in
            10.1  B S.  0 ack 1 id 3 if 1 ttl 63 out
            20    A .   1 ack 1 id 8 if 1 ttl 64 in
            20.1  A .   1 ack 1 id 8 if 2 ttl 63 out
            30    A P.  1(10) ack 1 id 9 if 1 ttl 64 in
            30.1  A P.  1(10) ack 1 id 9 if 2 ttl 63 out
            40    B .   1 ack 11 id 4 if 2 ttl 64 in
            40.1  B .   1 ack 11 id 4 if 1 ttl 63 out
            50    A F.  11 ack 1 id 10 if 1 ttl 64 in
            50.1  A F.  11 ack 1 id 10 if 2 ttl 63 out
            51    clock
            """, at: .automatic)
        heard.expectEnd(.b, .established)
        #expect(heard.counts.copies == 6, "\(heard)")
    }

    @Test func onLoopbackBothAreAtHome() {
        let heard = Hearing(
            """
            0     A S   0
            0.01  B S.  0 ack 1
            0.02  A .   1 ack 1
            100   clock
            """, at: .loopback)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
    }

    @Test func lastAckIsProvenOnItsReceiversHostAfterTwoMilliseconds() {
        let closing = """
            0     A S   0
            0.02  B S.  0 ack 1
            20    A .   1 ack 1
            30    A F.  1 ack 1
            30.02 B .   1 ack 2
            40    B F.  1 ack 2
            60    A .   2 ack 2

            """
        Hearing(closing + "61 clock", at: .hostB).expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?")
        Hearing(closing + "70 clock", at: .hostB).expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED")
    }

    @Test func pawsRefusesOnTheReceiversHost() {
        let heard = Hearing(
            """
            0     A S   0 ts 100:0
            0.02  B S.  0 ack 1 ts 900:100
            20    A .   1 ack 1 ts 120:900
            30    A P.  1(10) ack 1 ts 130:900
            30.02 B .   1 ack 11 ts 930:130
            40    A F.  11 ack 1 ts 90:900      # older than what came before
            60    clock
            """, at: .hostB)
        heard.expectEnd(.b, .established)
    }

    @Test func everyVantagePointTellsTheSameOfAPlainConnection() {
        func at(_ a: Double, _ b: Double, _ vantage: Vantage) -> Hearing {
            // Times of A's segments, and of B's, as they pass the vantage point: 10 ms each way in all.
            let lines: [(Double, String)] = [
                (a, "A S 0"), (10 + b, "B S. 0 ack 1"), (20 + a, "A . 1 ack 1"), (30 + a, "A P. 1(50) ack 1"),
                (40 + b, "B P. 1(60) ack 51"), (50 + a, "A . 51 ack 61"), (100 + a, "A F. 51 ack 61"),
                (110 + b, "B . 61 ack 52"), (150 + b, "B F. 61 ack 52"), (160 + a, "A . 52 ack 62"),
            ]
            let text = lines.map { "\($0.0) \($0.1)" }.joined(separator: "\n")
            return Hearing(text + "\n400 clock", at: vantage)
        }
        let states = [
            "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED",
        ]
        for heard in [at(0, 10, .hostA), at(5, 5, .middle), at(10, 0, .hostB)] {
            let said = Party.allCases.map { heard.sequence($0).filter { $0 != "?" } }
            #expect(said == states, "\(heard)")
        }
    }
}
