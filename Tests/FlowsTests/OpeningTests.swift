import Flows
import TCPStateMachine
import Testing

/// How a flow begins: in mid-stream, without an answer, or with a segment that is no beginning at all.
@Suite struct OpeningTests {
    // MARK: Mid-stream

    @Test func dataFirst() {
        let heard = Hearing(
            """
            0   A P.  51(100) ack 51
            10  B .   51 ack 151
            20  A P.  151(100) ack 51
            30  B P.  51(10) ack 251
            40  A .   251 ack 61
            50  B P.  61(10) ack 251
            60  A .   251 ack 71
            """)
        heard.expect(a: "... ESTABLISHED", b: "... ESTABLISHED", findings: "mid-stream")
        #expect(heard.flows[0].rolesGuessed && heard.role(.b) == .responder, "\(heard)")
        #expect(heard.transitions(.a).first?.time == Conversation.epoch, "backdated to the first packet\n\(heard)")
    }

    @Test func finFirst() {
        let heard = Hearing(
            """
            0   A F.  51 ack 51
            10  B .   51 ack 52
            100 B F.  51 ack 52
            110 A .   52 ack 52
            """)
        heard.expectFinding(.midStream)
        heard.expectEnd(.a, .timeWait)
        heard.expectEnd(.b, .closed)
    }

    /// Neither SYN was captured: B may have opened, too.
    @Test func synAckFirst() {
        let heard = Hearing(
            """
            10  B S.  0 ack 1
            20  A .   1 ack 1
            30  A P.  1(10) ack 1
            40  B .   1 ack 11
            """)
        heard.expect(a: "CLOSED SYN-SENT? ESTABLISHED?", b: "... SYN-RECEIVED ESTABLISHED")
        #expect(!heard.flows[0].rolesGuessed && heard.role(.a) == .initiator, "\(heard)")
    }

    @Test func synAckIsMissing() {
        let heard = Hearing(
            """
            0   A S   0
            20  A .   1 ack 1
            30  A P.  1(10) ack 1
            40  B .   1 ack 11
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED?", b: "LISTEN SYN-RECEIVED? ESTABLISHED?")
    }

    /// Unseen octets may have ended in a FIN, and of an end that is never seen nothing later tells. That it had left
    /// SYN-RECEIVED is shown: 199 octets are more than a FIN.
    @Test func onlyOneDirectionIsSeen() {
        let heard = Hearing(
            """
            0   A S   0
            20  A .   1 ack 1
            30  A P.  1(10) ack 1
            50  A .   11 ack 200
            100 A F.  11 ack 200
            120 A .   12 ack 200
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED?", b: "LISTEN SYN-RECEIVED? ESTABLISHED?")
        heard.expectEnd(.a, nil, possible: [.finWait1, .finWait2, .timeWait, .lastAck, .closed])
        heard.expectEnd(.b, nil, possible: [.closeWait, .lastAck, .closing, .timeWait])
        #expect(heard.end(.b)?.packets == 0)
    }

    @Test func onlyOneDirectionIsSeenAndNothingIsMissingAtTheEnd() {
        let heard = Hearing(
            """
            0   A S   0
            20  A .   1 ack 1
            30  A P.  1(10) ack 1
            100 A F.  11 ack 1
            120 A .   12 ack 2
            """)
        heard.expectEnd(.a, nil, possible: [.finWait1, .finWait2, .closing, .timeWait])
    }

    @Test func loneReset() {
        let heard = Hearing("0 B R 51")
        heard.expect(a: "", b: "")
        heard.expectEnd(.a, nil)
        heard.expectEnd(.b, nil)
    }

    // MARK: No answer

    @Test func synWithoutAnAnswer() {
        let heard = Hearing("0 A S 0")
        heard.expect(a: "CLOSED SYN-SENT", b: "", findings: "")
        heard.expectEnd(.a, .synSent)
        heard.expectEnd(.b, nil, possible: [.closed, .listen, .synReceived])
    }

    @Test func synAckWithoutAnAnswer() {
        let heard = Hearing(
            """
            0    A S  0
            10   B S. 0 ack 1
            1010 B S. 0 ack 1
            3010 B S. 0 ack 1
            """)
        heard.expectEnd(.b, .synReceived)
        #expect(heard.transitions(.a).allSatisfy { $0.to != .established }, "\(heard)")
    }

    @Test func refused() {
        let heard = Hearing(
            """
            0  A S  0
            10 B R. =0 ack 1
            """)
        heard.expect(a: "CLOSED SYN-SENT CLOSED?", b: "... CLOSED", findings: "connection-refused")
        heard.expectFinding(.connectionRefused, of: .a, packet: 2)
    }

    @Test func refusedFirstAndThenAnswered() {
        // The RST is lost behind the vantage point; when the SYN comes again somebody listens.
        let heard = Hearing(
            """
            0    A S  0
            10   B R. =0 ack 1
            1000 A S  0
            1010 B S. 0 ack 1
            1020 A .  1 ack 1
            1030 A P. 1(10) ack 1
            1040 B .  1 ack 11
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "... CLOSED LISTEN SYN-RECEIVED ESTABLISHED")
    }

    // MARK: Scans

    @Test(arguments: ["none 0", "F 0", "FPU 0", "FS 0", "PU 0(10)"])
    func scanStartsNoConnection(segment: String) {
        for answer in ["", "10 B R. =0 ack 0\n"] {
            let heard = Hearing("0 A \(segment)\n" + answer)
            #expect(
                heard.transitions(.a).allSatisfy { $0.to != .established && $0.to != .finWait1 }
                    && heard.transitions(.b).allSatisfy { $0.to != .established }, "\(heard)")
            heard.expectChains()
        }
    }

    @Test func ackScanIsAnsweredWithAReset() {
        let heard = Hearing(
            """
            0  A .  0 ack 777
            10 B R  777
            """)
        heard.expectEnd(.b, .closed)
        #expect(heard.transitions(.a).allSatisfy { $0.to != .established }, "\(heard)")
    }

    // MARK: ICMP

    @Test func portUnreachableEndsSynSent() {
        let heard = Hearing(
            """
            0  A S  0
            10 icmp A 0 3/3
            """)
        heard.expect(a: "CLOSED SYN-SENT CLOSED?", b: "")
        #expect(heard.transitions(.a).last?.rule == .synSentIcmpHardError, "\(heard)")
    }

    @Test func hostUnreachableEndsSynSentByProfile() {
        let story = """
            0  A S  0
            10 icmp A 0 3/1
            """
        Hearing(story).expectEnd(.a, .closed)
        // A soft error (RFC 1122 section 4.2.3.9).
        let other = Hearing(story) { $0.initiatorProfile = .rfc9293 }
        other.expectEnd(.a, .synSent)
    }

    @Test func laterSynWithdrawsTheError() {
        let heard = Hearing(
            """
            0    A S  0
            10   icmp A 0 3/1
            1000 A S  0
            1010 B S. 0 ack 1
            1020 A .  1 ack 1
            """)
        heard.expect(a: "CLOSED SYN-SENT ESTABLISHED", b: "LISTEN SYN-RECEIVED ESTABLISHED?")
    }

    @Test func errorAboutALaterSegmentIsNone() {
        let heard = Hearing(
            """
            0  A S  0
            10 B S. 0 ack 1
            20 A .  1 ack 1
            30 A P. 1(10) ack 1
            40 B .  1 ack 11
            50 icmp A 1 3/3
            """)
        heard.expectEnd(.a, .established)
    }
}
