import Flows
import TCPStateMachine
import Testing

/// Every finding is raised by its story, and not by the story beside it.
@Suite struct FindingTests {
    private static let talking = FindingStory.talking

    @Test(arguments: FindingStory.told)
    func raised(story: FindingStory) {
        let heard = Hearing(story.text, at: story.vantage)
        heard.expectFinding(story.code, packet: story.packet)
        let found = heard.findings.first { $0.code == story.code }
        #expect(found?.endpoint == story.party.flatMap { heard.role($0) }, "\(heard)")
        if let detail = story.detail { #expect(found?.detail == detail, "\(heard)") }
        heard.expectChains()
    }

    /// What looks alike and is something else.
    @Test(arguments: FindingStory.untold)
    func notRaised(story: FindingStory) {
        let heard = Hearing(story.text, at: story.vantage)
        #expect(!heard.findings.contains { $0.code == story.code }, "\(story.code.name)\n\(heard)")
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
        // Floods and scans take many flows (OpeningWatchTests), so does full memory (EvictionTests), a reused port two.
        let told = Set(FindingStory.told.map(\.code)).union([.portReuse, .synFlood, .evicted])
        #expect(FindingCode.allCases.filter { !told.contains($0) }.map(\.name) == [])
        let untold = Set(FindingStory.untold.map(\.code)).union([.portReuse, .synFlood, .evicted])
        #expect(FindingCode.allCases.filter { !untold.contains($0) }.map(\.name) == [])
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
