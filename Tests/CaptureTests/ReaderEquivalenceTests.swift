import Foundation
import TestSupport
import Testing

/// The readers of our own against libpcap's; `ReaderComparison` says where they differ on purpose.
@Suite struct ReaderEquivalenceTests {
    @Test func `every capture gives the same packets`() throws {
        let captures = try ReaderComparison.captures()
        #expect(captures.count > 100)
        for capture in captures { ReaderComparison.compare(capture.path, capture.path) }
    }

    @Test func `files of every kind give the same packets, cut`() throws {
        try ReaderComparison.cut(every: 13)
    }

    @Test func `a flipped bit makes the same difference`() throws {
        try ReaderComparison.flipBits(every: 61)
    }

    @Test func `lying lengths make the same difference`() throws {
        try ReaderComparison.lie([0, 13, 65, 262_145], every: 12)
        try ReaderComparison.lie([.max], every: 4)
    }

    @Test(arguments: Seeds.all) func `mutated captures give the same packets`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let captures = try ReaderComparison.captures().sorted { $0.path < $1.path }
        for _ in 0..<30 {
            let capture = captures[Int(generator.next() % UInt64(captures.count))]
            var octets = Array(try Data(contentsOf: capture).prefix(60_000))
            for _ in 0...generator.next() % 8 {
                let place = Int(generator.next() % UInt64(octets.count))
                octets[place] = UInt8(truncatingIfNeeded: generator.next())
            }
            if generator.next() % 2 == 0 { octets.removeLast(Int(generator.next() % UInt64(octets.count))) }
            let file = try TemporaryFile(octets)
            ReaderComparison.compare(file.path, "\(capture.path), seed \(seed)")
        }
    }
}

/// The same with more cuts and bits, and with many more lies.
@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongReaderEquivalenceTests {
    @Test func `files of every kind give the same packets, cut in many places`() throws {
        try ReaderComparison.cut(every: 3)
    }

    @Test func `many a flipped bit makes the same difference`() throws {
        try ReaderComparison.flipBits(every: 11)
    }

    @Test func `many a lying length makes the same difference`() throws {
        try ReaderComparison.lie(
            [0, 1, 3, 11, 12, 13, 16, 27, 28, 64, 65, 262_144, 262_145, 1 << 24, 1 << 31, .max], every: 16)
    }
}
