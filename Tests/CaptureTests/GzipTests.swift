import Capture
import Foundation
import TestSupport
import Testing

/// Captures packed with gzip, whole and damaged.
@Suite struct GzipTests {
    private let folder: TemporaryFolder
    private let frames = (0..<2000).map { number in
        TestFrame(UInt32(number), 0, (0..<60).map { UInt8(truncatingIfNeeded: $0 * number + number >> 3) })
    }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Octets packed by gzip itself, an independent writer; without a name, in which a wrong bit would be no damage.
    private func packed(_ octets: [UInt8]) throws -> [UInt8] {
        let plain = try folder.write(octets, to: UUID().uuidString)
        let result = try run("/bin/gzip", ["-kn", plain])
        try #require(result.status == 0, "\(result.error)")
        return Array(try Data(contentsOf: URL(fileURLWithPath: plain + ".gz")))
    }

    private func path(_ octets: [UInt8]) throws -> String {
        try folder.write(octets, to: UUID().uuidString)
    }

    @Test(arguments: FileFormat.allCases, ByteOrder.allCases)
    func `a packed capture is read as if it were not`(_ format: FileFormat, _ order: ByteOrder) throws {
        let whole = captureFile(frames, format, order)
        let (unpacked, _) = try read(whole)
        let (frames, error) = read(try path(try packed(whole)))
        #expect(error == nil)
        #expect(frames == unpacked)
    }

    @Test func `what only libpcap knows is read packed, too`() throws {
        // Version 2.3, in which lengths may be exchanged.
        var old = captureFile(frames, .pcapMicroseconds)
        old[6] = 3
        let (frames, error) = read(try path(try packed(old)))
        #expect(error == nil)
        #expect(frames.count == 2000)
        let cut = read(try path(Array(try packed(old).dropLast(300))))
        guard case .damaged(_, let packet, _, let detail) = cut.error else {
            Issue.record("\(String(describing: cut.error))")
            return
        }
        #expect(cut.frames == Array(frames[..<Int(packet - 1)]))
        #expect(detail.contains("gzip"))
    }

    @Test func `members one behind the other are one capture, zeros behind them nothing`() throws {
        let whole = captureFile(frames)
        let members = try packed(Array(whole[..<50_001])) + packed([]) + packed(Array(whole[50_001...]))
        let (frames, error) = read(try path(members + Array(repeating: 0, count: 1000)))
        #expect(error == nil)
        #expect(frames.count == 2000)
    }

    @Test func `what is no gzip behind the end is damage, after all has been read`() throws {
        let (frames, error) = read(try path(try packed(captureFile(frames)) + Array("garbage".utf8)))
        #expect(frames.count == 2000)
        guard case .damaged(_, packet: 2001, offset: 152_024, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail == "what stands behind the gzip data is none (unpacked octets are counted)")
    }

    @Test func `a stream cut anywhere gives what stands before, and the error`() throws {
        let whole = captureFile(frames)
        let intact = try read(whole).frames
        let packed = try packed(whole)
        for length in stride(from: 2, to: packed.count, by: packed.count / 97) {
            let (frames, error) = read(try path(Array(packed[..<length])))
            #expect(frames == Array(intact[..<frames.count]))
            switch error {
            case .damagedHeader(_, let detail):
                #expect(frames == [])
                #expect(detail == "the gzip data end before their end")
            case .damaged(_, let packet, let offset, let detail):
                #expect(packet == UInt64(frames.count + 1))
                #expect((24 + frames.count * 76..<24 + (frames.count + 1) * 76).contains(Int(offset)))
                #expect(detail.hasPrefix("the gzip data end before their end"))
            case .cannotOpen, .empty, .notACapture, .interfaceFailed, .badFilter, nil:
                Issue.record("cut at \(length): \(String(describing: error))")
            }
        }
    }

    @Test(arguments: Seeds.all) func `a corrupt stream is an error and no end`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = captureFile(frames)
        let intact = try read(whole).frames
        let packed = try packed(whole)
        var harmless = 0
        for _ in 0..<40 {
            var damaged = packed
            let place = 10 + Int(generator.next() % UInt64(packed.count - 10))
            damaged[place] ^= 1 << UInt8(generator.next() % 8)
            let (frames, error) = read(try path(damaged))
            #expect(frames.count <= 2200, "seed \(seed)")
            // zlib's sums are at the end of the stream: what is wrong with the octets never passes unseen.
            #expect(error != nil || frames == intact, "octet \(place), seed \(seed)")
            if error == nil { harmless += 1 }
        }
        // Up to seven bits fill the last octet before the sums, and nobody reads them (RFC 1951 section 3.1.1).
        #expect(harmless <= 1, "seed \(seed)")
    }

    @Test func `a bomb is unpacked in little memory`() async throws {
        // In a process of its own, where nobody else takes memory.
        await #expect(processExitsWith: .success) {
            // 24 MiB of records without octets, less than 100 kB packed; each is a frame.
            let folder = try TemporaryFolder()
            let header = try folder.write(captureFile([]), to: "header")
            let bomb = folder.path("bomb.gz")
            let made = try shell("(cat \(header); head -c \(24 << 20) /dev/zero) | gzip -1 > \(bomb)")
            guard made.status == 0 else { exit(10) }
            let before = try residentKilobytes()
            var file = try CaptureFile(path: bomb)
            var count = 0
            while try file.advance() { count += 1 }
            guard count == 24 << 16 else { exit(11) }
            guard try residentKilobytes() - before < 8000 else { exit(12) }
        }
    }

    @Test func `lengths that claim more than there is take no memory`() async throws {
        await #expect(processExitsWith: .success) {
            // A block of 16 MiB and a USB record of 128 MiB, of which nothing is there.
            let little = ByteOrder.little
            let block =
                sectionHeader(little) + interfaceDescription(1, little) + little.octets(UInt32(6))
                + little.octets(UInt32(16 << 20))
            let record =
                captureFile([], linkType: 189) + Array(repeating: 0, count: 8) + little.octets(UInt32(128 << 20))
                + Array(repeating: 0, count: 4)
            _ = try read(captureFile([]))
            let before = try residentKilobytes()
            for octets in [block, record] {
                guard case .damaged = try read(octets).error else { exit(10) }
            }
            guard try residentKilobytes() - before < 4000 else { exit(11) }
        }
    }

    @Test func `progress is told in packed octets`() throws {
        let packed = try packed(captureFile(frames))
        var file = try CaptureFile(path: try path(packed))
        #expect(file.fileSize == Int64(packed.count))
        while try file.advance() { #expect(file.bytesRead <= packed.count) }
        #expect(file.bytesRead == packed.count)
    }

    @Test func `what is packed and no capture says so`() throws {
        guard case .empty = read(try path(try packed([]))).error else {
            Issue.record("nothing, packed")
            return
        }
        guard case .notACapture(_, let text) = read(try path(try packed(Array("hello, world".utf8)))).error else {
            Issue.record("text, packed")
            return
        }
        #expect(text.contains("unpacked, it begins with 0x68656c6c"))
        guard case .notACapture(_, let twice) = read(try path(try packed(try packed(captureFile(frames))))).error else {
            Issue.record("packed twice")
            return
        }
        #expect(twice.contains("twice"))
        guard case .damagedHeader(_, let detail) = read(try path([0x1F, 0x8B, 8, 0, 0, 0, 0, 0])).error else {
            Issue.record("a header of gzip alone")
            return
        }
        #expect(detail.contains("gzip"))
    }
}

/// Memory that the process holds.
private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) })
}
