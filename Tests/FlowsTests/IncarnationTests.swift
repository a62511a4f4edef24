import Flows
import TCPStateMachine
import Testing
import WireFormat

/// One connection after the other on the same addresses and ports, and segments that belong to none of them.
@Suite struct IncarnationTests {
    private let talking = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1
        30  A P.  1(50) ack 1
        40  B P.  1(50) ack 51
        50  A .   51 ack 51

        """

    private let closedByA = """
        100 A F.  51 ack 51
        110 B .   51 ack 52
        120 B F.  51 ack 52
        130 A .   52 ack 52

        """

    // MARK: Candidates

    @Test func synWithAnotherNumberIsOnlyACandidate() {
        let heard = Hearing(
            talking + """
                isn A 90000
                200  A S  0
                5000 clock
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED")
        #expect(heard.flows.count == 1, "\(heard)")
    }

    @Test func synAckCommitsTheCandidate() {
        let heard = Hearing(
            talking + """
                isn A 90000
                isn B 70000
                200 A S  0
                210 B S. 0 ack 1
                220 A .  1 ack 1
                230 A P. 1(10) ack 1
                240 B .  1 ack 11
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED CLOSED?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSED?")
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED", findings: "port-reuse", flow: 2)
        #expect(heard.flows[1].incarnationOf == 1)
        #expect(heard.transitions(.a, flow: 2).first?.cause.packet == 7, "the SYN, not the SYN,ACK\n\(heard)")
    }

    @Test func candidateWaitsThreeSeconds() {
        let heard = Hearing(
            talking + """
                isn A 90000
                isn B 70000
                200  A S  0
                3300 B S. 0 ack 1
                """)
        #expect(heard.flows.count == 1, "\(heard)")
    }

    @Test func oldNumbersInTheAnswerMeanHalfOpen() {
        // RFC 793 figure 10: A crashed and opens again, B still holds the old connection and is told by a RST.
        let heard = Hearing(
            talking + """
                isn A 90000
                200 A S  0
                isn A 1000
                210 B .  51 ack 51
                isn B 5000
                220 A R  51
                """, at: .hostA)
        heard.expectFinding(.halfOpen, flow: 1)
        heard.expectEnd(.b, .closed)
    }

    // MARK: TIME-WAIT

    @Test func initiatorReusesItsTimeWait() {
        let heard = Hearing(
            talking + closedByA + """
                isn A 90000
                isn B 70000
                3000 A S  0
                3010 B S. 0 ack 1
                3020 A .  1 ack 1
                3030 A P. 1(10) ack 1
                3040 B .  1 ack 11
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?")
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED", flow: 2)
        #expect(heard.transitions(.a).last?.rule == .timeWaitReuse)
        heard.expectFinding(.portReuse, flow: 2)
    }

    @Test func responderInTimeWaitTakesANewSyn() {
        let heard = Hearing(
            talking + """
                100 B F.  51 ack 51
                110 A .   51 ack 52
                120 A F.  51 ack 52
                130 B .   52 ack 52
                isn A 90000
                isn B 70000
                3000 A S  0
                3010 B S. 0 ack 1
                3020 A .  1 ack 1
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?",
            b: "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED")
        #expect(heard.transitions(.b).last?.rule == .timeWaitReplaced)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?", flow: 2)
    }

    @Test func timeWaitEndsOnThePacketClock() {
        let heard = Hearing(talking + closedByA + "60200 clock")
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED~",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?")
        let timer = heard.transitions(.a).last
        #expect(timer?.cause.isNone == true && timer?.time == Conversation.epoch + 60_120_000_000, "\(heard)")
    }

    @Test func timeWaitHasNotEndedBefore() {
        Hearing(talking + closedByA + "60100 clock").expectEnd(.a, .timeWait)
    }

    @Test func peersFinBeginsTimeWaitAnew() {
        let again = Hearing(
            talking + closedByA + """
                1000  B F. 51 ack 52
                1010  A .  52 ack 52
                60500 clock
                """)
        again.expectEnd(.a, .timeWait)
    }

    @Test func incarnationAfterTimeWaitHasEnded() {
        let heard = Hearing(
            talking + closedByA + """
                isn A 90000
                isn B 70000
                70000 A S  0
                70010 B S. 0 ack 1
                """)
        #expect(heard.sequence(.a).hasSuffix("TIME-WAIT CLOSED~"), "\(heard)")
        #expect(heard.flows.count == 2)
    }

    // MARK: Numbers

    @Test func segmentsBelongToTheIncarnationWhoseNumbersTheyFit() {
        let heard = Hearing(
            talking + closedByA + """
                isn A 900000000
                isn B 700000000
                3000 A S  0
                3010 B S. 0 ack 1
                isn A 1000
                isn B 5000
                3015 B F. 51 ack 52          # the old FIN once more
                isn A 900000000
                isn B 700000000
                3020 A .  1 ack 1
                """)
        #expect(heard.segments[12].flow == 1, "\(heard)")
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?", flow: 2)
    }

    @Test(arguments: [UInt32.max, UInt32.max - 30, 0x7FFF_FFF0, 0])
    func numbersWrap(base: UInt32) {
        let heard = Hearing("isn A \(base)\nisn B \(base &- 7)\n" + talking + closedByA)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
            b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED?", findings: "")
        #expect(heard.end(.a)?.bytes == 50 && heard.end(.b)?.bytes == 50, "\(heard)")
    }

    // MARK: Strangers

    @Test func segmentThatFitsNothingChangesNothing() {
        let heard = Hearing(
            talking + """
                100 A F.  1000000 ack 51
                120 B .   1000000000 ack 51
                """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED", findings: "")
        #expect(heard.segments[6].note == .stranger && heard.segments[7].note == .stranger, "\(heard)")
    }

    @Test func secondSegmentThatAgreesResynchronizes() {
        let heard = Hearing(
            talking + """
                1000 A P. 1000051(100) ack 2000051
                1010 B P. 2000051(100) ack 1000151     # agrees; what was missed may have held FINs
                1020 A P. 1000151(10) ack 2000151
                1030 B P. 2000151(10) ack 1000161      # now it cannot have: nobody sends beyond his FIN
                1100 A F. 1000161 ack 2000161
                1110 B .  2000161 ack 1000162
                """)
        heard.expectEnd(.a, .finWait2)
        heard.expectEnd(.b, .closeWait)
    }

    @Test func repetitionOfAStrangerIsNoSecondWitness() {
        let heard = Hearing(
            talking + """
                1000 A P. 1000051(100) ack 2000051
                1200 A P. 1000051(100) ack 2000051
                1300 A F. 51 ack 51
                1310 B .  51 ack 52
                """)
        heard.expect(
            a: "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2?", b: "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT")
    }

    /// The sender has restarted, the other end too: the SYN is refused, and that is a story of its own.
    @Test func candidateIsRefused() {
        let heard = Hearing(
            """
            0    A S   0
            10   B S.  0 ack 1
            20   A .   1 ack 1
            30   A P.  1(50) ack 1
            40   B P.  1(50) ack 51
            50   A .   51 ack 51
            isn A 900000000
            5000 A S   0
            5010 B R.  =0 ack 1
            """)
        #expect(heard.flows.count == 2 && heard.flows.last?.incarnationOf == 1)
        heard.expect(a: "CLOSED SYN-SENT CLOSED?", b: "... CLOSED", flow: 2)
        #expect(heard.findings.contains { $0.flow == 2 && $0.code == .connectionRefused })
        #expect(!heard.findings.contains { $0.code == .forgedSegment })
        #expect(heard.segments.filter { $0.note == .candidateSyn }.map(\.flow) == [1])
    }

    /// Ports used again and again: every incarnation is reported, few are kept.
    @Test func manyIncarnations() {
        var options = TrackerOptions()
        options.interest = [.flows]
        var tracker = FlowTracker(options: options)
        for round in 0..<1000 {
            var syn = CapturedSegment(
                segment: Segment(sequenceNumber: SequenceNumber(UInt32(round) * 100_000), controlBits: .syn),
                pair: Party.a.pair, time: Conversation.epoch + Int64(round) * 2_000_000, packet: UInt64(round * 2 + 1))
            tracker.process([syn], count: 1)
            syn.pair = Party.b.pair
            syn.segment = Segment(
                sequenceNumber: SequenceNumber(0), acknowledgmentNumber: SequenceNumber(UInt32(round) * 100_000 + 1),
                controlBits: [.rst, .ack])
            syn.time += 1_000_000
            syn.packet += 1
            tracker.process([syn], count: 1)
            #expect(tracker.flowsInMemory <= 6)
        }
        tracker.finish()
        let numbers = tracker.records.compactMap { if case .flow(let flow) = $0 { flow.flow } else { nil } }
        #expect(numbers.sorted() == (1...1000).map { UInt64($0) })
    }
}
