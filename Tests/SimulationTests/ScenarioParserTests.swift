import Simulation
import TCPStateMachine
import TestSupport
import Testing

/// The language of scenarios: what it takes, and what it says of what it does not take.
@Suite struct ScenarioParserTests {
    private static let mistakes: [(String, Int, Int, String)] = [
        ("hello", 1, 1, "found 'hello', expected a statement: scenario"),
        ("at x A close", 1, 4, "found 'x', expected a time such as 1.5, 1.5 s, 200 ms or 50 us"),
        ("at 0,5 A close", 1, 5, "found ',', expected a point: 0.5"),
        ("loss 0,25 %", 1, 7, "found ',', expected a point: 0.25"),
        ("at 1", 1, 5, "found the end of the line, expected A, B, inject"),
        ("at 1 A fly", 1, 8, "found 'fly', expected a call (open, listen"),
        ("at 1 A open", 1, 12, "found the end of the line, expected active or passive"),
        ("at 1 A send many", 1, 13, "found 'many', expected a number of octets, 0 to 16777216"),
        ("at 1 A send 99999999999999999999", 1, 13, "expected a number of octets"),
        ("at 1 A close now", 1, 14, "found 'now', expected 'on' or the end of the line"),
        ("latency 5 min", 1, 11, "found 'min', expected 's', 'ms', 'us' or the end of the line"),
        ("expect A ESTABLISHED 1", 1, 22, "found '1', expected 'at', 'on' or the end of the line"),
        ("expect A path CLOSED SYN-SENT", 1, 22, "expected ',', 'on' or the end of the line"),
        ("expect A sends <CTL=SYN> at 1", 1, 26, "how often (2 times), 'never', 'by', 'on' or the end of"),
        ("at 0 B listen at 0 A close", 1, 15, "found 'at', expected 'backlog', 'on' or the end of the line"),
        ("A open active", 1, 3, "found 'open', expected 'at TIME' in front of what happens, or a setting: iss"),
        ("deliver FIN of A", 1, 1, "found 'deliver', expected 'at TIME' in front of what happens, or a statement"),
        ("at 0 A\0 close", 1, 7, "found U+0000, expected a call"),
        ("at 0\u{200B} B listen", 1, 5, "found U+200B, expected A, B"),
        ("at 0 note A \"\u{1B}[31mred\"", 1, 14, "found U+001B, expected no control characters"),
        ("at 1 A close on c9", 1, 17, "expected the name of a connection that a line above has given"),
        ("# a comment\n\nprofile bsd", 3, 9, "expected a profile: rfc793, rfc9293, linux"),
        ("loss 5", 1, 7, "found the end of the line, expected '%'"),
        ("loss 101 %", 1, 6, "expected a percentage such as"),
        ("drop third FOO of A", 1, 12, "expected a kind of segment: SYN, SYN-ACK"),
        ("drop third to second FIN of A", 1, 15, "expected an ordinal that does not lie before the first one"),
        ("drop 2 FIN of A", 1, 8, "expected st, nd, rd or th behind the number"),
        ("at 1 inject from A <CTL=RST>", 1, 29, "expected <SEQ=...> among the fields"),
        ("at 1 inject from A <SEQ=C.SND.NXT><CTL=RST>", 1, 25, "expected a number or a variable: A.SND.NXT"),
        ("at 1 inject from A <SEQ=4294967296><CTL=RST>", 1, 25, "expected a sequence number"),
        ("at 1 inject from A <SEQ=1><CTL=XYZ>", 1, 32, "expected a control bit"),
        ("expect A ESTABLISH", 1, 10, "expected a state, or one of: never, path"),
        ("expect A told \"hello\"", 1, 15, "expected one of \"connection reset\""),
        ("scenario \"no end", 1, 10, "found a quotation mark, expected another one behind it"),
        ("A mss 0", 1, 7, "expected octets, 1 to 65495"),
        ("A with magic", 1, 8, "expected a switch of Docs/state-machine.md"),
        ("connection A A 1 B 2", 1, 12, "expected a name for the connection"),
        ("connection c A 49152 B 80", 1, 14, "expected ports that no other connection has"),
        ("ports A 0 B 80", 1, 9, "expected a port, 1 to 65535"),
    ]

    @Test(arguments: mistakes)
    func `an error says where, what and what instead`(_ mistake: (String, Int, Int, String)) {
        do throws(ScenarioError) {
            _ = try Scenario(parsing: mistake.0)
            Issue.record("\(mistake.0) was taken")
        } catch {
            #expect(error.line == mistake.1 && error.column == mistake.2, "\(mistake.0): \(error)")
            #expect(error.message.contains(mistake.3), "\(mistake.0): \(error.message)")
        }
    }

    @Test func `byte order mark, tabs, and any end of line are nothing to complain about`() throws {
        let plain = try Scenario(parsing: "at 0 B listen\nat 0 A open active\n")
        for text in [
            "\u{FEFF}at 0 B listen\nat 0 A open active", "at 0 B listen\r\nat 0 A open active\r\n",
            "at 0 B listen\rat 0 A open active", "\tat\t0\tB\tlisten\n\n\t# nothing\nat 0 A open active # now",
        ] {
            #expect(try Scenario(parsing: text) == plain, "\(text.debugDescription)")
        }
    }

    @Test func `columns count characters`() {
        do throws(ScenarioError) {
            _ = try Scenario(parsing: "scenario \"Ä🙂\" x")
            Issue.record("taken")
        } catch {
            #expect(error.column == 15)
        }
    }

    @Test func `times, numbers and faults mean what they say`() throws {
        let scenario = try Scenario(
            parsing: """
                latency A 1.5 ms
                A iss 1, 2   # two of them
                drop second FIN of B before the middle
                delay every SYN of A by 2 s
                at 0.25 inject from B <SEQ=A.RCV.NXT-1><ACK=A.SND.NXT + 7><CTL=RST,ACK>
                expect A FIN-WAIT-2 at 1.2
                """)
        #expect(scenario.settings.network.latencyFromA == 1_500_000)
        #expect(scenario.settings.a.initialNumbers == [SequenceNumber(1), SequenceNumber(2)])
        let faults = scenario.settings.network.faults
        #expect(faults.map(\.first) == [2, 1] && faults.map(\.last) == [2, .max])
        #expect(faults[0].isBeforeMiddle && !faults[1].isBeforeMiddle)
        guard case .inject(let injection, _)? = scenario.actions.first?.action else {
            Issue.record("no injection")
            return
        }
        #expect(injection.sequenceNumber == Injection.Number(base: .aReceiveNext, offset: .max))
        #expect(injection.acknowledgmentNumber == Injection.Number(base: .aSendNext, offset: 7))
        #expect(scenario.actions.first?.time == VirtualTime(nanoseconds: 250_000_000))
        #expect(
            scenario.expectations.first?.claim
                == .state(.finWait2, at: VirtualTime(nanoseconds: 1_200_000_000)))
    }

    /// Damaged scenarios are errors or other scenarios, and never a crash or a hang.
    @Test(arguments: Seeds.all)
    func `anything may stand in a scenario`(seed: UInt64) {
        let words = [
            "at", "A", "B", "expect", "0", "1.5", "ms", "open", "active", "passive", "send", "4294967295", "<", "SEQ",
            "=", ">", "CTL", "SYN", ",", "drop", "every", "of", "on", "c", "connection", "\"", "#", "\n", "\n",
            "inject",
            "from", "close", "abort", "crash", "restart", "loss", "%", "latency", "listen", "backlog", "keepalive",
            "times", "-", "é", "path", "ESTABLISHED", "delay", "by", "duplicate", "reorder", "FIN", "vanish", "end",
        ]
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let count = Int(dice.next() % 60)
            let text = (0..<count).map { _ in words[Int(dice.next() % UInt64(words.count))] }.joined(separator: " ")
            guard let scenario = try? Scenario(parsing: text) else { continue }
            let (simulator, _) = scenario.run(limit: 2000)
            _ = scenario.failures(in: simulator)
            _ = Ladder(of: simulator.history)
        }
    }
}
