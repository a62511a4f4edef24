import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing

/// A SYN,ACK or a FIN that passes the interface and does not come to TCP: whatever the kernel makes of what follows, it
/// is told as that, and nothing else is told.
@Suite struct NotTakenTests {
    struct Story: Sendable {
        let name: String
        /// The accounts that show it; in the others nothing is to be seen.
        var shown: Set<Tale.Account> = Set(Tale.Account.allCases)
        let tell: @Sendable (inout Tale) -> Void
    }

    // MARK: FINs

    /// The host has closed, and the FIN that is missed acknowledges its own: from FIN-WAIT-1.
    static let finsThatAcknowledge: [Story] = [
        Story(name: "the peer sends it again first") { tale in
            closes(&tale)
            tale.at(310)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            entersTimeWait(&tale)
        },
        Story(name: "both send again, and a duplicate ACK comes first") { tale in
            closes(&tale)
            sendsAgain(&tale, at: 305)
            endsWithCopy(&tale, at: 310)
        },
        Story(name: "both send again at once") { tale in
            closes(&tale)
            tale.at(304)
            tale.sends([.fin, .ack], seq: 101, ack: 301)
            tale.at(304.01)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            entersTimeWait(&tale)
            tale.at(304.3)
            tale.takes(.ack, seq: 302, ack: 102)
        },
        Story(name: "it is missed twice") { tale in
            closes(&tale)
            tale.at(306)
            tale.misses([.fin, .ack], seq: 301, ack: 102)
            tale.at(712)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            entersTimeWait(&tale)
        },
        Story(name: "it is missed twice, with a duplicate ACK in between") { tale in
            closes(&tale)
            sendsAgain(&tale, at: 304)
            tale.at(306)
            tale.misses([.fin, .ack], seq: 301, ack: 102)
            endsWithCopy(&tale, at: 712)
        },
        Story(name: "the socket was closed, and its remnant takes the copy") { tale in
            closes(&tale)
            sendsAgain(&tale, at: 304)
            tale.leaves(.finWait2)
            tale.at(310)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            tale.remains(.timeWait)
            tale.at(310.1)
            tale.sends(.ack, seq: 102, ack: 302)
        },
        Story(name: "it carries text") { tale in
            closes(&tale, text: 10)
            tale.at(304)
            tale.sends([.fin, .ack], seq: 101, ack: 301)
            tale.at(304.1)
            tale.takes(.ack, seq: 312, ack: 102)
            tale.becomes(.finWait2)
            tale.at(310)
            tale.takes([.fin, .psh, .ack], seq: 301, ack: 102, length: 10)
            tale.leaves(.timeWait)
            tale.at(310.1)
            tale.sends(.ack, seq: 102, ack: 312)
        },
        Story(name: "it carries text, which the closed socket answers with RST") { tale in
            closes(&tale, text: 10)
            tale.at(310)
            tale.takes([.fin, .psh, .ack], seq: 301, ack: 102, length: 10)
            tale.becomes(.finWait2)
            tale.becomes(.closed)
            tale.at(310.1)
            tale.sends(.rst, seq: 102)
        },
        Story(name: "it never comes again", shown: [.rows, .both]) { tale in
            closes(&tale)
            tale.at(900)
            tale.sends([.fin, .ack], seq: 101, ack: 301)
        },
        Story(name: "an ACK ends FIN-WAIT-1, and it never comes again") { tale in
            closes(&tale)
            sendsAgain(&tale, at: 304)
        },
    ]

    /// Both close at once, and the peer's FIN, which is missed, does not acknowledge the host's.
    static let crossingFins: [Story] = [0.05, 1.5, 40].map { delay in
        Story(name: "crossing FINs, the ACK \(delay) ms behind") { tale in
            crosses(&tale)
            tale.at(100.2 + delay)
            tale.takes(.ack, seq: 302, ack: 102)
            tale.becomes(.finWait2)
            endsWithCopy(&tale, at: 310)
        }
    } + [
        Story(name: "crossing FINs, and the copy acknowledges") { tale in
            crosses(&tale)
            tale.at(310)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            entersTimeWait(&tale)
        },
        Story(name: "crossing FINs that both come again") { tale in
            crosses(&tale)
            sendsAgain(&tale, at: 305)
            endsWithCopy(&tale, at: 310)
        },
        Story(name: "a copy that acknowledges, in CLOSING") { tale in
            closesFirst(&tale)
            tale.at(100.2)
            tale.takes([.fin, .ack], seq: 301, ack: 101)
            tale.becomes(.closing)
            tale.at(100.3)
            tale.sends(.ack, seq: 102, ack: 302)
            tale.at(305)
            tale.sends([.fin, .ack], seq: 101, ack: 302)
            tale.at(305.5)
            tale.misses([.fin, .ack], seq: 301, ack: 102)
            tale.at(720)
            tale.sends([.fin, .ack], seq: 101, ack: 302)
            endsWithCopy(&tale, at: 720.5)
        },
    ]

    /// The FIN alone is missed: from FIN-WAIT-2, and from ESTABLISHED.
    static let fins: [Story] = [
        Story(name: "in FIN-WAIT-2") { tale in
            halfCloses(&tale)
            tale.becomes(.finWait2)
            tale.at(200)
            tale.misses([.fin, .ack], seq: 301, ack: 102)
            endsWithCopy(&tale, at: 410)
        },
        Story(name: "in FIN-WAIT-2 of a closed socket") { tale in
            halfCloses(&tale)
            tale.becomes(.finWait2)
            tale.leaves(.finWait2)
            tale.at(200)
            tale.misses([.fin, .ack], seq: 301, ack: 102)
            tale.at(410)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            tale.remains(.timeWait)
            tale.at(410.1)
            tale.sends(.ack, seq: 102, ack: 302)
        },
        Story(name: "in ESTABLISHED") { tale in
            isLeft(&tale)
            takesCopy(&tale, at: 310)
        },
        Story(name: "in ESTABLISHED, and a copy soon after") { tale in
            isLeft(&tale)
            takesCopy(&tale, at: 112)
        },
        Story(name: "in ESTABLISHED, twice") { tale in
            isLeft(&tale)
            tale.at(306)
            tale.misses([.fin, .ack], seq: 301, ack: 101)
            takesCopy(&tale, at: 712)
        },
        Story(name: "in ESTABLISHED, with text") { tale in
            tale.opens()
            tale.at(100)
            tale.misses([.fin, .psh, .ack], seq: 301, ack: 101, length: 50)
            tale.at(310)
            tale.takes([.fin, .psh, .ack], seq: 301, ack: 101, length: 50)
            tale.becomes(.closeWait)
            tale.at(310.1)
            tale.sends(.ack, seq: 101, ack: 352)
        },
        Story(name: "in ESTABLISHED, and the host goes on to send") { tale in
            isLeft(&tale)
            tale.at(150)
            tale.sends([.psh, .ack], seq: 101, ack: 301, length: 20)
            tale.at(150.1)
            tale.takes(.ack, seq: 302, ack: 121)
            tale.at(310)
            tale.takes([.fin, .ack], seq: 301, ack: 121)
            tale.becomes(.closeWait)
            tale.at(310.1)
            tale.sends(.ack, seq: 121, ack: 302)
        },
        Story(name: "in ESTABLISHED, and keepalives go on") { tale in
            isLeft(&tale)
            tale.at(250)
            tale.sends(.ack, seq: 100, ack: 301)
            tale.at(250.1)
            tale.takes(.ack, seq: 302, ack: 101)
            takesCopy(&tale, at: 310)
        },
        Story(name: "in ESTABLISHED, and the host closes, too") { tale in
            isLeft(&tale)
            tale.at(180)
            tale.sends([.fin, .ack], seq: 101, ack: 301)
            tale.becomes(.finWait1)
            tale.at(180.1)
            tale.takes(.ack, seq: 302, ack: 102)
            tale.becomes(.finWait2)
            endsWithCopy(&tale, at: 310)
        },
        Story(name: "in ESTABLISHED, and a copy acknowledges the host's own") { tale in
            isLeft(&tale)
            tale.at(309.8)
            tale.sends([.fin, .ack], seq: 101, ack: 301)
            tale.becomes(.finWait1)
            tale.at(310)
            tale.takes([.fin, .ack], seq: 301, ack: 102)
            entersTimeWait(&tale)
        },
        Story(name: "in ESTABLISHED, and a RST behind it", shown: [.rows, .both]) { tale in
            isLeft(&tale)
            tale.at(400)
            tale.takes([.rst, .ack], seq: 302, ack: 101)
            tale.at(400.1)
            tale.sends(.ack, seq: 101, ack: 301)
            tale.at(400.2)
            tale.takes(.rst, seq: 301)
            tale.becomes(.closed)
        },
        Story(name: "in ESTABLISHED, and the host aborts", shown: [.rows, .both]) { tale in
            isLeft(&tale)
            tale.at(260)
            tale.sends([.rst, .ack], seq: 101, ack: 301)
            tale.becomes(.closed)
        },
    ]

    // MARK: SYN,ACKs

    static let synAcks: [Story] = [
        Story(name: "both send again") { tale in
            asks(&tale)
            tale.at(1027)
            tale.sends(.syn, seq: 100)
            isAnswered(&tale, at: 1027.1)
        },
        Story(name: "both send again, and it comes twice") { tale in
            asks(&tale)
            tale.at(1027)
            tale.sends(.syn, seq: 100)
            isAnswered(&tale, at: 1027.03)
            tale.at(1027.06)
            tale.takes([.syn, .ack], seq: 300, ack: 101)
            tale.at(1027.07)
            tale.sends(.ack, seq: 101, ack: 301)
        },
        Story(name: "both send again, and it is missed once more") { tale in
            asks(&tale)
            tale.at(1027)
            tale.sends(.syn, seq: 100)
            tale.at(1027.03)
            tale.misses([.syn, .ack], seq: 300, ack: 101)
            isAnswered(&tale, at: 1027.06)
        },
        Story(name: "the peer sends it again first") { tale in
            asks(&tale)
            isAnswered(&tale, at: 1001)
        },
        Story(name: "it is missed three times") { tale in
            asks(&tale)
            for second in [1000.0, 3000] {
                tale.at(second)
                tale.sends(.syn, seq: 100)
                tale.at(second + 0.1)
                tale.misses([.syn, .ack], seq: 300, ack: 101)
            }
            tale.at(7000)
            tale.sends(.syn, seq: 100)
            isAnswered(&tale, at: 7000.1)
        },
        Story(name: "the host gives up") { tale in
            asks(&tale)
            tale.at(1000)
            tale.sends(.syn, seq: 100)
            tale.at(1000.1)
            tale.misses([.syn, .ack], seq: 300, ack: 101)
            tale.at(1500)
            tale.becomes(.closed)
            tale.at(3000)
            tale.takes([.syn, .ack], seq: 300, ack: 101)
            tale.at(3000.1)
            tale.sends(.rst, seq: 101)
        },
        Story(name: "the peer gives up", shown: [.rows, .both]) { tale in
            asks(&tale)
            tale.at(1000)
            tale.sends(.syn, seq: 100)
            tale.at(1000.1)
            tale.takes([.rst, .ack], seq: 0, ack: 101)
            tale.becomes(.closed)
        },
    ]

    // MARK: Late ones

    /// So long a busy host leaves a segment between the interface and TCP, in milliseconds.
    static let delays = [0.4, 1.5, 3.8, 20, 45]

    /// What is taken so many milliseconds after it passed, and acknowledged then.
    static func lateOnes(_ delay: Double) -> [Story] {
        [
            Story(name: "a FIN in FIN-WAIT-2") { tale in takesLate(&tale, delay) },
            Story(name: "a FIN in FIN-WAIT-2, of which a needless copy comes") { tale in
                takesLate(&tale, delay)
                tale.at(410)
                tale.takes([.fin, .ack], seq: 301, ack: 102)
                tale.at(410.1)
                tale.sends(.ack, seq: 102, ack: 302)
            },
            Story(name: "a FIN that acknowledges the host's own") { tale in
                closesFirst(&tale)
                tale.at(100.2)
                tale.takes([.fin, .ack], seq: 301, ack: 102)
                tale.at(100.2 + delay)
                tale.sends(.ack, seq: 102, ack: 302)
                tale.becomes(.finWait2)
                tale.leaves(.timeWait)
            },
            Story(name: "the ACK of a FIN in CLOSING") { tale in
                closesFirst(&tale)
                tale.at(100.2)
                tale.takes([.fin, .ack], seq: 301, ack: 101)
                tale.becomes(.closing)
                tale.at(100.3)
                tale.sends(.ack, seq: 102, ack: 302)
                tale.at(150)
                tale.takes(.ack, seq: 302, ack: 102)
                tale.at(151 + delay)
                tale.leaves(.timeWait)
            },
            Story(name: "a RST in CLOSE-WAIT") { tale in
                tale.opens()
                tale.at(100)
                tale.takes([.fin, .ack], seq: 301, ack: 101)
                tale.becomes(.closeWait)
                tale.at(100.1)
                tale.sends(.ack, seq: 101, ack: 302)
                tale.at(150)
                tale.takes(.rst, seq: 302)
                tale.at(151 + delay)
                tale.becomes(.closed)
            },
            Story(name: "a FIN in ESTABLISHED") { tale in
                tale.opens()
                tale.at(100)
                tale.takes([.fin, .ack], seq: 301, ack: 101)
                tale.at(100 + delay)
                tale.sends(.ack, seq: 101, ack: 302)
                tale.becomes(.closeWait)
            },
            Story(name: "a SYN,ACK") { tale in
                tale.at(0)
                tale.sends(.syn, seq: 100)
                tale.becomes(.synSent)
                tale.at(0.1)
                tale.takes([.syn, .ack], seq: 300, ack: 101)
                tale.at(0.1 + delay)
                tale.sends(.ack, seq: 101, ack: 301)
                tale.becomes(.established)
            },
        ]
    }

    /// In FIN-WAIT-2 the peer's FIN passes at 200 ms.
    private static func takesLate(_ tale: inout Tale, _ delay: Double) {
        halfCloses(&tale)
        tale.becomes(.finWait2)
        tale.at(200)
        tale.takes([.fin, .ack], seq: 301, ack: 102)
        tale.at(200 + delay)
        tale.sends(.ack, seq: 102, ack: 302)
        tale.leaves(.timeWait)
    }

    // MARK: What they have in common

    /// The host opens, and closes at 100 ms.
    private static func closesFirst(_ tale: inout Tale) {
        tale.opens()
        tale.at(100)
        tale.sends([.fin, .ack], seq: 101, ack: 301)
        tale.becomes(.finWait1)
    }

    /// The host closes, and the peer's FIN, which acknowledges that, is missed at 100.2 ms.
    private static func closes(_ tale: inout Tale, text: UInt32 = 0) {
        closesFirst(&tale)
        tale.at(100.2)
        tale.misses([.fin, .ack], seq: 301, ack: 102, length: text)
    }

    /// FIN and ACK of the FIN come in one segment.
    private static func entersTimeWait(_ tale: inout Tale) {
        tale.becomes(.finWait2)
        tale.leaves(.timeWait)
        tale.sends(.ack, seq: 102, ack: 302)
    }

    /// The host's FIN comes again, and is acknowledged alone.
    private static func sendsAgain(_ tale: inout Tale, at milliseconds: Double) {
        tale.at(milliseconds)
        tale.sends([.fin, .ack], seq: 101, ack: 301)
        tale.at(milliseconds + 0.1)
        tale.takes(.ack, seq: 302, ack: 102)
        tale.becomes(.finWait2)
    }

    /// The peer's FIN comes again, and is taken in FIN-WAIT-2.
    private static func endsWithCopy(_ tale: inout Tale, at milliseconds: Double) {
        tale.at(milliseconds)
        tale.takes([.fin, .ack], seq: 301, ack: 102)
        tale.leaves(.timeWait)
        tale.at(milliseconds + 0.1)
        tale.sends(.ack, seq: 102, ack: 302)
    }

    private static func crosses(_ tale: inout Tale) {
        closesFirst(&tale)
        tale.at(100.2)
        tale.misses([.fin, .ack], seq: 301, ack: 101)
    }

    private static func halfCloses(_ tale: inout Tale) {
        closesFirst(&tale)
        tale.at(100.1)
        tale.takes(.ack, seq: 301, ack: 102)
    }

    /// The peer closes, and that is missed at 100 ms.
    private static func isLeft(_ tale: inout Tale) {
        tale.opens()
        tale.at(100)
        tale.misses([.fin, .ack], seq: 301, ack: 101)
    }

    private static func takesCopy(_ tale: inout Tale, at time: Double) {
        tale.at(time)
        tale.takes([.fin, .ack], seq: 301, ack: 101)
        tale.becomes(.closeWait)
        tale.at(time + 0.05)
        tale.sends(.ack, seq: 101, ack: 302)
    }

    private static func asks(_ tale: inout Tale) {
        tale.at(0)
        tale.sends(.syn, seq: 100)
        tale.becomes(.synSent)
        tale.at(0.1)
        tale.misses([.syn, .ack], seq: 300, ack: 101)
    }

    private static func isAnswered(_ tale: inout Tale, at time: Double) {
        tale.at(time)
        tale.takes([.syn, .ack], seq: 300, ack: 101)
        tale.becomes(.established)
        tale.at(time + 0.02)
        tale.sends(.ack, seq: 101, ack: 301)
    }

    // MARK: The judgement

    @Test(arguments: finsThatAcknowledge + crossingFins + fins, EndpointRole.allCases)
    func `a FIN that is missed`(story: Story, local: EndpointRole) throws {
        for loss in Tale.Loss.allCases {
            try expect(story, local, loss, loss == .dropped ? .notTaken(.fin) : .badChecksum(.fin))
        }
    }

    @Test(arguments: synAcks) func `a SYN,ACK that is missed`(story: Story) throws {
        for loss in Tale.Loss.allCases {
            try expect(story, .initiator, loss, loss == .dropped ? .notTaken(.synAck) : .badChecksum(.synAck))
        }
    }

    @Test(arguments: delays) func `what is taken late is no divergence`(delay: Double) throws {
        for story in NotTakenTests.lateOnes(delay) { try expect(story, .initiator, .dropped, nil) }
    }

    private func expect(_ story: Story, _ local: EndpointRole, _ loss: Tale.Loss, _ diagnosis: Diagnosis?) throws {
        var tale = Tale(local: local, loss: loss)
        story.tell(&tale)
        for account in Tale.Account.allCases {
            let outcome = try tale.check(account)
            var diagnosed: Set<Diagnosis> = []
            for judgement in outcome.judgements {
                if case .divergent(let diagnosis) = judgement.verdict { diagnosed.insert(diagnosis) }
            }
            let lines = outcome.judgements.map(\.line).joined(separator: "\n   ")
            #expect(
                diagnosed == Set(story.shown.contains(account) ? [diagnosis].compactMap(\.self) : []),
                "\(story.name), \(loss) at the \(local), told by \(account):\n   \(lines)")
        }
    }
}
