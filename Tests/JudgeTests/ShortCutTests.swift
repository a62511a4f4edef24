import Flows
import Foundation
import TestSupport
import Testing

/// Common segments are taken by a short cut (`Flow+InOrder.swift`), and flows that do what most do in a plain form
/// (`Plain/PlainFlow.swift`): neither may change a record.
@Suite struct ShortCutTests {
    @Test func changeNoRecord() throws {
        // Every plain flow is expanded behind so many segments of one end, or behind what it does not know.
        try ShortCuts.compare(plainSegments: [.max, 2])
    }
}

@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it")) struct LongShortCutTests {
    @Test func changeNoRecord() throws {
        try ShortCuts.compare(plainSegments: [1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32])
    }

    /// What passed longer ago than 131,072 segments of all flows is forgotten while a flow is plain. Nothing is
    /// lost by it: sixteen would do for every capture.
    @Test func changeNoRecordWithLittleMemory() throws {
        try ShortCuts.compare(plainSegments: [.max], passedSegments: 16)
    }

    /// Every packet missing once: what is a surprise for a plain flow comes at each place.
    @Test func changeNoRecordWithoutAPacket() throws {
        for path in try ShortCuts.captures() {
            let count = try ReplayedCapture(path: path, vantage: .middle).packetTimes.count
            guard count <= 60 else { continue }
            for packet in 1...UInt64(max(1, count)) {
                try ShortCuts.compare(path, .middle, [.max], dropping: [packet])
            }
        }
    }
}

private enum ShortCuts {
    static func compare(plainSegments: [UInt32], passedSegments: Int? = nil) throws {
        let paths = try captures()
        #expect(paths.count > 80)
        var plainFlows: UInt64 = 0
        for path in paths {
            for vantage in [TrackerOptions.Vantage.middle, .automatic] {
                plainFlows += try compare(path, vantage, plainSegments, passedSegments: passedSegments)
            }
        }
        if plainSegments.contains(.max) { #expect(plainFlows > 100, "the plain form is not put to use") }
    }

    /// - Returns: how many flows were plain to their end.
    @discardableResult
    static func compare(
        _ path: String, _ vantage: TrackerOptions.Vantage, _ plainSegments: [UInt32], dropping: Set<UInt64> = [],
        passedSegments: Int? = nil
    ) throws -> UInt64 {
        // A file that is no capture tells nothing.
        guard let long = try? ReplayedCapture(path: path, vantage: vantage, dropping: dropping, takingShortCuts: false)
        else { return 0 }
        var plainFlows: UInt64 = 0
        let expected = long.records.map { "\($0)" }
        for most in plainSegments {
            let short = try ReplayedCapture(
                path: path, vantage: vantage, dropping: dropping, plainSegments: most, passedSegments: passedSegments)
            let found = short.records.map { "\($0)" }
            plainFlows += short.plainFlows
            guard found != expected else { continue }
            let difference = zip(found, expected).first { $0 != $1 }
            Issue.record(
                """
                \(path), \(vantage), plain for \(most) segments, without \(dropping):
                \(difference.map { "\($0.0)\n\($0.1)" } ?? "\(found.count) records, not \(expected.count)")
                """)
        }
        return plainFlows
    }

    static func captures(test: String = #function) throws -> [String] {
        var folders = try Corpora.folders(in: Places.traces)
        for corpus in ["corpus/vantage", "corpus/kernel"] {
            guard let folder = try Demands.shared(corpus, test: test) else { continue }
            folders += try Corpora.folders(in: folder)
        }
        return try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "pcap" }.map(\.path)
        }
    }
}
