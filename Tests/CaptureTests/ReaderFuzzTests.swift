import Capture
import Foundation
import TestSupport
import Testing

/// Anything whatever is read to some end: no trap, no hang, and no more frames than octets allow.
@Suite struct ReaderFuzzTests {
    private func survive(_ octets: [UInt8], _ what: @autoclosure () -> String) throws {
        let file = try TemporaryFile(octets)
        let (frames, _) = read(file.path)
        // The shortest record has 16 octets.
        #expect(frames.count <= octets.count / 16, "\(what())")
        #expect(frames.reduce(0) { $0 + $1.octets.count } <= octets.count, "\(what())")
    }

    @Test(arguments: Seeds.all) func `random octets behind a good beginning`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var beginnings = FileFormat.allCases.flatMap { format in
            ByteOrder.allCases.map { captureFile([], format, $0) }
        }
        beginnings.append([])
        for beginning in beginnings {
            for _ in 0..<60 {
                let count = Int(generator.next() % 600)
                let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                try survive(beginning + noise, "seed \(seed)")
            }
        }
    }

    @Test(arguments: Seeds.all) func `blocks of random kinds with random bodies`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let order = generator.next() % 2 == 0 ? ByteOrder.little : .big
            var octets = sectionHeader(order) + interfaceDescription(1, order)
            for _ in 0..<generator.next() % 12 {
                // Small numbers are likelier to mean something.
                let words = (0..<Int(generator.next() % 16)).map { _ in
                    generator.next32() >> UInt32(generator.next() % 32)
                }
                let type = [1, 2, 3, 5, 6, 6, 0x0A0D_0D0A, generator.next32()][Int(generator.next() % 8)]
                octets += block(type, words.flatMap(order.octets), order)
            }
            try survive(octets, "seed \(seed)")
        }
    }

    @Test func `a file that shrinks or grows while it is read has an end`() throws {
        let frames = (0..<20_000).map { TestFrame(UInt32($0), 0, Array(repeating: 7, count: 100)) }
        let whole = captureFile(frames)
        for length in [24, 1000, 300_000] {
            let temporary = try TemporaryFile(whole)
            var file = try CaptureFile(path: temporary.path)
            #expect(try file.advance())
            #expect(unsafe truncate(temporary.path, off_t(length)) == 0)
            var count = 1
            do throws(CaptureError) {
                while try file.advance() { count += 1 }
            } catch {
                guard case .damaged(_, let packet, _, _) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(packet == UInt64(count + 1))
            }
            #expect(count < 20_000)
        }
        let growing = try TemporaryFile(Array(whole[..<1000]))
        var file = try CaptureFile(path: growing.path)
        let rest = FileHandle(forWritingAtPath: growing.path)
        try rest?.seekToEnd()
        #expect(try file.advance())
        try rest?.write(contentsOf: Data(whole[1000...]))
        var count = 1
        while try file.advance() { count += 1 }
        #expect(count == 20_000)
    }
}
