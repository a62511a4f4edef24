import Capture
import Foundation
import TestSupport
import Testing

/// The readers of our own against libpcap's: the same packets, and an error at the same one.
///
/// Different on purpose, and left out here:
/// - pcapng files whose sections differ in byte order or whose interfaces differ in link type or snapshot length are
///   read; libpcap refuses them (`PcapngReaderTests`). So are those with a second interface of a link type that has
///   another number in files than in memory (RAW), which libpcap takes for different.
/// - Seconds of classic pcap are unsigned, as its draft has them; libpcap 1.10 takes those from 2038 on for ones before
///   1970 in files of this machine's order, and not in those of the other.
/// - Stamps in units finer than 2^-34 seconds overflow in libpcap.
/// - The numbers before the network's headers of NFLOG and USB captures are left as they are in pcapng files of the
///   other order; libpcap turns them round.
/// - More than 65536 interfaces in one section are damage here.
enum ReaderComparison {
    /// All captures of the repository and of the corpora.
    static func captures() throws -> [URL] {
        var folders = [Places.traces]
        if let corpus = try Demands.shared("corpus") { folders.append(corpus) }
        return folders.flatMap { folder in
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL }.filter { $0.pathExtension.hasPrefix("pcap") } ?? []
        }
    }

    /// What both readers make of a file; complains where they differ.
    ///
    /// - Parameter ignoresFractions: the file may count time in units so fine that libpcap's numbers overflow.
    static func compare(_ path: String, ignoresFractions: Bool = false, _ what: @autoclosure () -> String) {
        let mine = read(path)
        let its = read(path, reader: .libpcap)
        if case .damaged(_, _, _, let detail) = its.error, libpcapAlone.contains(where: detail.contains) { return }
        #expect(mine.frames.count == its.frames.count, "\(what()): \(String(describing: its.error))")
        for (one, other) in zip(mine.frames, its.frames) where !isSame(one, other, ignoresFractions) {
            Issue.record("\(what()): packet \(one.info.packet): \(one.info) and \(other.info)")
            return
        }
        #expect(place(mine.error) == place(its.error), "\(what())")
    }

    private static func isSame(_ one: ReadFrame, _ other: ReadFrame, _ ignoresFractions: Bool) -> Bool {
        var info = other.info
        info.time = one.info.time
        info.interface = one.info.interface
        info.direction = one.info.direction
        guard one.octets == other.octets, one.info == info else { return false }
        if ignoresFractions, one.info.time / 1_000_000_000 == other.info.time / 1_000_000_000 { return true }
        // The seconds or their fraction had the highest bit set, which libpcap takes for a sign.
        let wraps = [0, 1 << 32, 1_000_000_000 << 32, 1_000_000_001 << 32, 1000 << 32, (1_000_000_000 + 1000) << 32]
        return wraps.contains { one.info.time &- other.info.time == $0 } || other.info.time < 0
    }

    /// Which error, and at which packet; the words differ.
    private static func place(_ error: CaptureError?) -> String {
        switch error {
        case nil: "none"
        case .cannotOpen: "cannot open"
        case .empty: "empty"
        case .notACapture: "no capture"
        case .damagedHeader: "header"
        case .damaged(_, let packet, _, _): "damaged at \(packet)"
        case .interfaceFailed: "interface"
        case .badFilter: "filter"
        }
    }

    /// What libpcap refuses and is read here.
    private static let libpcapAlone = [
        "different from the type of the first interface", "different from the snapshot length",
        "sections with different byte orders",
    ]

    /// Small files of every format, in both orders, with all kinds of blocks.
    static func samples() -> [Sample] {
        let frames = [
            TestFrame(1_700_000_000, 123_456_000, Array(0..<60)),
            TestFrame(1_700_000_001, 999_999_000, Array(0..<7), originalLength: 1514), TestFrame(1, 0, []),
            TestFrame(1_700_000_002, 0, Array(0..<21)),
        ]
        var samples: [Sample] = []
        for order in ByteOrder.allCases {
            for format in FileFormat.allCases {
                samples.append(Sample(name: "\(format) \(order)", octets: captureFile(frames, format, order)))
            }
            for (resolution, offset) in [(6, 0), (0, 0), (3, 5), (12, 0), (19, 0), (0x80, 1), (0x8A, 0), (0xA0, 3)] {
                let offsetOption = option(14, order.octets(UInt32(0)) + order.octets(UInt32(offset)), order)
                let interface = interfaceDescription(
                    1, order, snapshotLength: 64, resolution: UInt8(resolution), options: offsetOption)
                let unknown = block(0x0BAD, [1, 2, 3, 4], order)
                let simple = block(3, order.octets(UInt32(100)) + Array(0..<64), order)
                let obsolete = block(
                    2, order.octets(UInt16(0)) + order.octets(UInt16(9)) + order.octets(UInt32(1))
                        + order.octets(UInt32(2)) + order.octets(UInt32(5)) + order.octets(UInt32(5))
                        + [1, 2, 3, 4, 5, 0, 0, 0], order)
                let flags = option(2, order.octets(UInt32(1)), order)
                let head = sectionHeader(order) + interface
                let packets = enhancedPacket(frames[0], order, options: flags) + unknown + simple + obsolete
                samples.append(
                    Sample(
                        name: "resolution \(resolution) \(order)", octets: head + packets + head + packets,
                        isBinary: resolution >= 0x80))
            }
        }
        return samples
    }

    /// A file, and whether it counts time in powers of 2.
    struct Sample {
        var name: String
        var octets: [UInt8]
        var isBinary = false
    }

    /// Compares what the readers make of the beginnings of samples.
    static func cut(every step: Int) throws {
        for sample in samples() {
            for length in stride(from: 0, through: sample.octets.count, by: step) {
                let file = try TemporaryFile(Array(sample.octets[..<length]))
                compare(file.path, "\(sample.name), cut at \(length)")
            }
        }
    }

    /// Compares what the readers make of a sample with each of some bits turned round.
    static func flipBits(every step: Int) throws {
        for sample in samples() {
            for bit in stride(from: 0, to: sample.octets.count * 8, by: step) {
                var damaged = sample.octets
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                let file = try TemporaryFile(damaged)
                compare(file.path, ignoresFractions: sample.isBinary, "\(sample.name), bit \(bit)")
            }
        }
    }

    /// Compares what the readers make of a sample with each of some words replaced by each of some numbers.
    static func lie(_ lies: [UInt32], every step: Int) throws {
        for sample in samples() {
            for place in stride(from: 0, to: sample.octets.count - 3, by: step) {
                for lie in lies {
                    var damaged = sample.octets
                    damaged.replaceSubrange(place..<place + 4, with: ByteOrder.little.octets(lie))
                    let file = try TemporaryFile(damaged)
                    compare(file.path, ignoresFractions: sample.isBinary, "\(sample.name), \(lie) at \(place)")
                }
            }
        }
    }
}
