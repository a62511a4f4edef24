import Flows
import InferenceJudge
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
        #expect(score.provenContradictions.isEmpty)
        // A forged SYN as the first of all packets.
        #expect(score.conventions <= 2)
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
        #expect(score.presumedContradictions.count <= 211)
        #expect(score.provenContradictions.isEmpty)
        #expect(score.conventions <= 2)
    }

    /// Contradictions that are presumed, at most.
    private static let bars: [(CaptureLoss, presumed: Int)] = [
        (.startAndEnd, 10), (.laterFromA, 75), (.laterFromB, 100), (.thirdFromA, 22), (.thirdFromB, 40), (.bursts, 55),
        (.half, 80), (.text, 270), (.acknowledgments, 14),
    ]

    @Test(arguments: bars) func somethingIsMissing(loss: CaptureLoss, presumed: Int) throws {
        let score = try scoreWithout(loss, rounds: 1)
        score.report("without \(loss.rawValue)")
        #expect(score.verdicts > 1000)
        #expect(score.presumedContradictions.count <= presumed)
        #expect(score.provenContradictions.isEmpty)
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
