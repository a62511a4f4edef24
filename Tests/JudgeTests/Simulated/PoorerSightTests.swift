import InferenceJudge
import TestSupport
import Testing

/// The same random stories, seen by poorer captures: less may be said, never something else.
@Suite struct PoorerSightTests {
    /// Steps called proven that are not true, at most so many of a thousand ends; and steps presumed.
    private static let bars: [CaptureLoss: (proven: Double, presumed: Double)] = [
        .onePacket: (0, 20), .severalPackets: (0, 32), .start: (0, 14), .end: (0, 10), .fromA: (0, 65), .fromB: (0, 55),
        .startAndEnd: (0, 8), .laterFromA: (0, 75), .laterFromB: (0, 70), .thirdFromA: (0, 30), .thirdFromB: (0, 26),
        .bursts: (0, 24), .half: (0, 55), .text: (0, 30), .acknowledgments: (0, 12),
    ]

    @Test(arguments: CaptureLoss.allCases) func `a poorer capture says less`(loss: CaptureLoss) throws {
        var score = PoorerSight()
        for seed in 1...400 as ClosedRange<UInt64> { score.judge(seed: seed, loss) }
        print(
            "== random stories without \(loss.rawValue): \(score.ends) ends, proven and wrong "
                + "\(score.provenWrong.count), presumed and wrong \(score.presumedWrong.count)")
        for line in score.provenWrong.prefix(5) { print("   PROVEN \(line)") }
        let bar = try #require(Self.bars[loss])
        #expect(score.ends > 300)
        #expect(Double(score.provenWrong.count) * 1000 <= bar.proven * Double(score.ends))
        #expect(Double(score.presumedWrong.count) * 1000 <= bar.presumed * Double(score.ends))
    }
}
