import InferenceJudge
import TestSupport
import Testing

/// The same random stories, seen by poorer captures: less may be said, never something else.
@Suite struct PoorerSightTests {
    /// Steps called proven that are not true, at most so many of a thousand ends; and steps presumed.
    private static let bars: [PoorerSight.Loss: (proven: Double, presumed: Double)] = [
        .onePacket: (0, 20), .severalPackets: (0, 32), .start: (0, 14), .end: (0, 5), .fromA: (0, 65), .fromB: (0, 55),
    ]

    @Test(arguments: PoorerSight.Loss.allCases) func `a poorer capture says less`(loss: PoorerSight.Loss) throws {
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
