import Flows
import TCPStateMachine
import Testing

/// Every finding is raised by its story, and not by the story beside it.
@Suite struct FindingTests {
    private static let talking = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1
        30  A P.  1(50) ack 1
        40  B P.  1(50) ack 51
        50  A .   51 ack 51

        """

    struct Story: CustomTestStringConvertible {
        var code: FindingCode
        var text: String
        var vantage = Vantage.middle
        /// Nil: the flow as a whole.
        var party: Party?
        /// The packet that the finding names.
        var packet: UInt64

        var testDescription: String { code.name }
    }

    static let stories: [Story] = [
        Story(code: .connectionRefused, text: "0 A S 0\n10 B R. =0 ack 1", party: .a, packet: 2),
        Story(code: .connectTimeout, text: "0 A S 0\n1000 A S 0\n3000 A S 0", party: .a, packet: 1),
        Story(
            code: .halfOpen,
            text: talking + """
                60   A P. 51(10) ack 51
                900  A P. 51(10) ack 51
                3000 A R. 61 ack 51        # gives up; nothing has come back for long
                """, party: .b, packet: 9),
        Story(
            code: .halfClosed,
            text: talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 52
                120 B P. 51(500) ack 52
                """, party: .b, packet: 9),
        Story(code: .abortiveClose, text: talking + "200 A R. 51 ack 51", party: .a, packet: 7),
        Story(
            code: .simultaneousOpen,
            text: """
                0  A S  0
                2  B S  0
                10 A S. 0 ack 1
                12 B S. 0 ack 1
                """, packet: 2),
        Story(
            code: .simultaneousClose,
            text: talking + """
                100 A F. 51 ack 51
                102 B F. 51 ack 51
                110 A .  52 ack 52
                112 B .  52 ack 52
                """, packet: 8),
        Story(
            code: .challengeAck,
            text: talking + """
                200 A R. 51 ack 51 ttl 57
                210 B .  51 ack 51
                """, party: .b, packet: 8),
        Story(code: .rstOutOfWindow, text: talking + "200 A R 90000 ttl 57", party: .b, packet: 7),
        Story(
            code: .retransmission, text: talking + "60 A P. 51(10) ack 51\n300 A P. 51(10) ack 51", party: .a,
            packet: 8),
        Story(
            code: .arrivalNotTaken,
            text: """
                0    A S  0
                20   B S. 0 ack 1
                1000 A S  0               # on A's own host the SYN,ACK came to the interface
                """, vantage: .hostA, party: .a, packet: 2),
        Story(code: .forgedSegment, text: talking + "200 B R 51 ttl 57", party: .b, packet: 7),
        Story(code: .midStream, text: "0 A P. 51(10) ack 51\n10 B . 51 ack 61", packet: 1),
        Story(
            code: .captureReordered,
            text: talking + """
                60 A P. 61(10) ack 51
                61 A P. 51(10) ack 51
                """, party: .a, packet: 8),
    ]

    @Test(arguments: stories)
    func raised(story: Story) {
        let heard = Hearing(story.text, at: story.vantage)
        heard.expectFinding(story.code, packet: story.packet)
        let found = heard.findings.first { $0.code == story.code }
        #expect(found?.endpoint == story.party.flatMap { heard.role($0) }, "\(heard)")
        heard.expectChains()
    }

    @Test func portReuseIsRaisedInTheNewFlow() {
        let heard = Hearing(
            Self.talking + """
                200 A R. 51 ack 51
                isn A 90000
                isn B 70000
                300 A S  0
                310 B S. 0 ack 1
                """)
        heard.expectFinding(.portReuse, packet: 8, flow: 2)
    }

    /// The list is closed: who adds a finding adds its story.
    @Test func everyFindingHasItsStory() {
        let told = Set(Self.stories.map(\.code)).union([.portReuse])
        #expect(FindingCode.allCases.filter { !told.contains($0) }.isEmpty)
    }

    @Test func plainConnectionHasNone() {
        let heard = Hearing(
            Self.talking + """
                100 A F. 51 ack 51
                110 B .  51 ack 52
                150 B F. 51 ack 52
                160 A .  52 ack 52
                """)
        #expect(heard.findingNames().isEmpty, "\(heard)")
    }

    // MARK: Decided at the end

    @Test func lateAnswerIsNoTimeout() {
        let heard = Hearing("0 A S 0\n1000 A S 0\n1010 B S. 0 ack 1\n1020 A . 1 ack 1")
        #expect(!heard.findingNames().contains("connect-timeout"), "\(heard)")
    }

    @Test func refusedAtTheSecondAttemptIsNoTimeout() {
        let heard = Hearing("0 A S 0\n1000 A S 0\n1010 B R. =0 ack 1")
        #expect(heard.findingNames() == "connection-refused retransmission", "\(heard)")
    }

    @Test func oneSynMayStillBeAnswered() {
        #expect(Hearing("0 A S 0\n9000 clock").findingNames().isEmpty)
    }

    /// A forged RST that the receiver took: the one whose address it bears knows nothing of it.
    @Test func forgedResetLeavesItsSenderHalfOpen() {
        let heard = Hearing(Self.talking + "200 B R 51 ttl 57")
        heard.expectFinding(.halfOpen, of: .b, packet: 7)
        heard.expectEnd(.a, .closed)
        heard.expectEnd(.b, .established)
    }

    @Test(arguments: [
        ("", State.established), ("100 B F. 51 ack 51\n110 A . 51 ack 52\n", .finWait2),
        ("100 A F. 51 ack 51\n110 B . 51 ack 52\n", .closeWait),
    ])
    func halfOpenInEveryStateThatWaits(before: String, state: State) {
        // A's last segments stay without an answer, so its RST may have gone the same way.
        let number = state == .closeWait ? 52 : 51
        let ack = state == .finWait2 ? 52 : 51
        let heard = Hearing(
            Self.talking + before + """
                2000 A . \(number - 1) ack \(ack)
                3000 A . \(number - 1) ack \(ack)
                4000 A R. \(number) ack \(ack)
                """)
        heard.expectEnd(.b, state)
        heard.expectFinding(.halfOpen, of: .b)
    }

    @Test func resetThatArrivesLeavesNobodyHalfOpen() {
        let heard = Hearing(Self.talking + "200 A R. 51 ack 51")
        #expect(heard.findingNames() == "abortive-close", "\(heard)")
    }

    @Test func orderlyCloseLeavesNobodyHalfOpen() {
        let heard = Hearing(
            Self.talking + """
                100  A F. 51 ack 51
                110  B .  51 ack 52
                150  B F. 51 ack 52
                160  A .  52 ack 52
                90000 clock
                """)
        #expect(heard.findingNames().isEmpty, "\(heard)")
        heard.expectEnd(.a, .closed)
        heard.expectEnd(.b, .closed)
    }
}
