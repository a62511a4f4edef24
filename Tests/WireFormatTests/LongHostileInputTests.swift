import TestSupport
import Testing
import WireFormat

/// Millions of frames that nobody vouches for.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongHostileInputTests {
    @Test(arguments: LinkType.allCases, Seeds.all)
    func randomOctetsNeverTrap(_ linkType: LinkType, _ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = [UInt8](repeating: 0, count: 160)
        for _ in 0..<20_000 {
            // A few octets change from frame to frame, so that sense and nonsense stand side by side.
            for _ in 0..<generator.next() % 16 {
                bytes[Int(generator.next() % 160)] = UInt8(truncatingIfNeeded: generator.next())
            }
            let frame = Array(bytes.prefix(Int(generator.next() % 161)))
            feed(frame, linkType, originalLength: randomLength(using: &generator, captured: frame.count), seed: seed)
        }
    }

    @Test(arguments: LinkType.allCases, Seeds.all)
    func damagedFramesAreSurvived(_ linkType: LinkType, _ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let frames = validFrames(linkType)
        for _ in 0..<20_000 {
            var bytes = frames[Int(generator.next() % UInt64(frames.count))]
            for _ in 0..<generator.next() % 6 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            bytes.removeLast(Int(generator.next() % UInt64(bytes.count)))
            feed(bytes, linkType, originalLength: randomLength(using: &generator, captured: bytes.count), seed: seed)
        }
    }
}
