import Foundation
import Simulation
import TestSupport
import Testing

/// A scenario that is written out and read again is the same.
@Suite struct ScenarioWriterTests {
    @Test func `every scenario of Traces reads back as it was written`() throws {
        let folder = Places.traces.appendingPathComponent("scenarios")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "scenario" }
        #expect(files.count >= 20)
        for file in files {
            let scenario = try Scenario(parsing: String(contentsOf: file, encoding: .utf8))
            #expect(try Scenario(parsing: scenario.text) == scenario, "\(file.lastPathComponent):\n\(scenario.text)")
        }
    }

    @Test(arguments: Seeds.all)
    func `so does any other`(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let source = RandomStatements.story(&dice)
            let scenario = try Scenario(parsing: source)
            let text = scenario.text
            let again = try Scenario(parsing: text)
            #expect(again == scenario, "seed \(seed):\n\(source)\n\nwas written as\n\n\(text)")
            #expect(again.text == text)
        }
    }

    @Test(arguments: Seeds.all)
    func `and it is told the same way`(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let scenario = try Scenario(parsing: RandomStatements.story(&dice) + "\nend at 20\n")
            let again = try Scenario(parsing: scenario.text)
            #expect(again.run(limit: 20_000).simulator == scenario.run(limit: 20_000).simulator)
        }
    }

    @Test func `statements are written as a person would`() throws {
        let source = """
            scenario "A lost FIN"
            profile linux
            connection c2 A 50000 B 80
            latency 20 ms
            A iss 100, 400
            B delayed-acks 40 ms
            B with timeWaitReopens
            drop second to 11th FIN of B before the middle
            delay every SYN of A by 400 us on c2

            at 0 B listen
            at 0.25 A open active on c2
            at 1 inject from B <SEQ=A.RCV.NXT-1><ACK=5><CTL=RST,ACK> as duplicate

            expect A path CLOSED, SYN-SENT
            expect B sends <WND=0><CTL=ACK> 2 times by 1.5
            expect no findings at A

            """
        #expect(try Scenario(parsing: source).text == source)
    }

    @Test func `what no text can hold is replaced`() throws {
        var scenario = Scenario()
        scenario.title = "a \"title\"\nof two lines"
        #expect(try Scenario(parsing: scenario.text).title == "a 'title' of two lines")
    }
}

/// Statements of every kind, filled with numbers.
private enum RandomStatements {
    private static let templates = [
        "scenario \"Story # %n\"", "profile %p", "profile %e %p", "ports A %o B 8%d", "latency %t", "latency %e %t",
        "jitter %t", "loss 1%d.%d %%", "duplication 0.0%d %%", "reordering %d %%", "seed %n", "ipv6", "hold",
        "ladder from %t",
        "%e iss %n, %n", "%e iss 0", "%e window 1%d%d", "%e send-buffer 1%d%d", "%e mss 1%d%d", "%e scale 1",
        "%e timestamps", "%e sack", "%e delayed-acks", "%e delayed-acks %t", "%e no-push", "%e reads-later",
        "%e keepalive", "%e keepalive %t every %t times 1%d", "%e user-timeout %t", "%e user-timeout none",
        "%e timeout %t", "%e time-wait %t", "%e with challengeACKs", "%e without resetTimeWait",
        "%e with lastAckAtOnce",
        "drop %k of %e", "drop %i %k of %e%c", "delay every %k of %e by %t%c", "duplicate %i %k of %e",
        "duplicate %k of %e after %t before the middle%c", "reorder third to 1%dth %k of %e",
        "corrupt 2%d%dth %k of %e before the middle", "at %t %e open active%c", "at %t %e open passive%c",
        "at %t %e open passive specified%c", "at %t %e listen%c", "at %t %e listen backlog %d%c",
        "at %t %e send %d%d%c",
        "at %t %e receive %d%d%c", "at %t %e close%c", "at %t %e shutdown%c", "at %t %e abort%c", "at %t %e status%c",
        "at %t %e vanish%c", "at %t %e read", "at %t %e stop reading", "at %t %e crash", "at %t %e restart",
        "at %t cut %e", "at %t mend %e", "at %t latency %e %t", "at %t note %e \"Note %n\"%c", "at %t show states%c",
        "at %t hold", "at %t release", "%e fast-open", "%e fast-open cookie", "%e dsack", "%e fast-retransmit",
        "at %t icmp port-unreachable to %e%c", "at %t icmp time-exceeded to %e", "at %t %e open active send %d%c",
        "at %t deliver %k of %e%c", "at %t drop second %k of %e",
        "at %t duplicate 31st %k of %e%c", "at %t delay first segment of %e by %t%c",
        "at %t inject from %e <SEQ=%v><CTL=%b>%c", "at %t inject from %e <CTL=none><SEQ=%n><WND=%d>%c",
        "at %t inject from %e <SEQ=%v><ACK=%v><DATA=%d><CTL=%b,ACK> as duplicate%c", "expect %e %s%c",
        "expect %e %s at %t%c", "expect %e never %s%c", "expect %e path %s, %s, %s%c", "expect %e rule %r%c",
        "expect %e sends <SEQ=%n><ACK=%n>%c", "expect %e sends <CTL=%b> %d times%c",
        "expect %e receives <DATA=%d><WND=%d> never by %t%c", "expect %e told \"connection reset\"%c",
        "expect %e error \"connection closing\"%c", "expect no findings at %e", "expect findings half-open, rst-seen",
        "expect findings half-open at %e",
    ]

    private static let words: [Character: [String]] = [
        "e": ["A", "B"], "p": ["rfc793", "rfc9293", "linux"],
        "k": ["SYN", "SYN-ACK", "ACK", "DATA", "FIN", "RST", "segment"],
        "i": ["first", "second", "tenth", "11th", "22nd", "every", "1st to third"],
        "b": ["SYN", "RST", "FIN", "PSH", "URG"],
        "c": ["", "", " on c", " on A 7 B 9"], "s": ["CLOSED", "TIME-WAIT", "FIN-WAIT-1"],
        "r": ["ESTABLISHED-RST", "LISTEN-SYN"],
        "v": ["A.SND.NXT", "B.RCV.NXT+5", "A.SND.UNA - 2147483648", "B.SND.NXT-1", "77"],
    ]

    /// The connection that some of the statements name, and up to 30 of them.
    static func story(_ dice: inout SeededGenerator) -> String {
        let count = Int(dice.next() % 30)
        var lines = ["connection c A 50001 B 81"]
        for _ in 0..<count { lines.append(statement(&dice)) }
        return lines.joined(separator: "\n")
    }

    private static func statement(_ dice: inout SeededGenerator) -> String {
        var text = ""
        var isPlace = false
        for character in pick(templates, &dice) {
            if isPlace {
                text += filling(character, &dice)
                isPlace = false
            } else if character == "%" {
                isPlace = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    private static func filling(_ kind: Character, _ dice: inout SeededGenerator) -> String {
        if let words = words[kind] { return pick(words, &dice) }
        switch kind {
        case "d": return String(dice.next() % 10)
        case "n": return String(dice.next() % 0x4000_0000)
        case "o": return String(1 + dice.next() % 50_000)
        case "t":
            let number = dice.next() % 20
            return pick(["\(number)", "\(number).5 s", "\(number) ms", "\(number) us", "0.\(number)0000001"], &dice)
        default: return String(kind)
        }
    }

    private static func pick(_ words: [String], _ dice: inout SeededGenerator) -> String {
        words[Int(dice.next() % UInt64(words.count))]
    }
}
