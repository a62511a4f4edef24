import Flows
import TestSupport
import Testing

@Suite struct MutationTests {
    @Test func onePacketMissing() throws {
        var score = MutationScore()
        try everyCapture { path, story, vantage, option, truths in
            for packet in 1...max(1, min(60, try packetCount(path))) {
                let replayed = try ReplayedCapture(path: path, vantage: option, dropping: [packet])
                score.judge(
                    Mutation(name: "minus \(packet)", story: story, vantage: vantage, replayed: replayed), truths)
            }
        }
        score.report("one packet missing")
        #expect(score.presumedContradictions.count <= 51)
        #expect(score.provenContradictions.isEmpty)
    }

    @Test func startMissing() throws {
        var score = MutationScore()
        try everyCapture { path, story, vantage, option, truths in
            let count = try packetCount(path)
            guard count > 1 else { return }
            for length in 1..<min(60, count) {
                let replayed = try ReplayedCapture(path: path, vantage: option, dropping: Set(1...length))
                score.judge(
                    Mutation(name: "from \(length + 1)", story: story, vantage: vantage, replayed: replayed), truths)
            }
        }
        score.report("start missing")
        #expect(score.presumedContradictions.count <= 17)
        // A forged segment as the first of its sender, and simultaneous opens known only from their SYN,ACKs.
        #expect(score.provenContradictions.count <= 15)
    }

    @Test func endMissing() throws {
        var score = MutationScore()
        try everyCapture { path, story, vantage, option, truths in
            let count = try packetCount(path)
            guard count > 1 else { return }
            for length in 1..<min(60, count) {
                let replayed = try ReplayedCapture(path: path, vantage: option, dropping: Set((length + 1)...count))
                score.judge(Mutation(name: "to \(length)", story: story, vantage: vantage, replayed: replayed), truths)
            }
        }
        score.report("end missing")
        #expect(score.presumedContradictions.count <= 7)
        #expect(score.provenContradictions.isEmpty)
    }

    @Test func everyPacketTwice() throws {
        var score = MutationScore()
        try everyCapture { path, story, vantage, option, truths in
            let replayed = try ReplayedCapture(path: path, vantage: option, repeating: true)
            score.judge(Mutation(name: "doubled", story: story, vantage: vantage, replayed: replayed), truths)
        }
        score.report("every packet twice")
        #expect(score.presumedContradictions.count <= 6)
        #expect(score.provenContradictions.isEmpty)
    }

    @Test func twoPacketsMissing() throws {
        let score = try scoreWithoutTwoPackets(rounds: 12)
        score.report("two packets missing")
        #expect(score.presumedContradictions.count <= 210)
        #expect(score.provenContradictions.count <= 5)
    }

    @Test func oneDirectionOnly() throws {
        var score = MutationScore()
        try everyCapture { path, story, vantage, option, truths in
            for sender in [truths[0].a, truths[0].b] {
                let replayed = try ReplayedCapture(path: path, vantage: .middle, onlyFrom: sender)
                score.judge(
                    Mutation(name: "only \(sender.port)", story: story, vantage: vantage, replayed: replayed), truths)
            }
        }
        score.report("one direction only")
        // One of them is case 1.
        #expect(score.presumedContradictions.count <= 22)
        #expect(score.provenContradictions.isEmpty)
    }
}
