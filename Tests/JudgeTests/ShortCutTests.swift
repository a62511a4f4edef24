import Flows
import Foundation
import TestSupport
import Testing

/// Common segments are taken by a short cut (`Flow+InOrder.swift`): it must change no record.
@Suite struct ShortCutTests {
    @Test func changesNoRecord() throws {
        var captures = 0
        for folder in try folders() {
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            where file.pathExtension == "pcap" {
                for vantage in [TrackerOptions.Vantage.middle, .automatic] {
                    let short = try? ReplayedCapture(path: file.path, vantage: vantage)
                    let long = try? ReplayedCapture(path: file.path, vantage: vantage, takingShortCuts: false)
                    let (a, b) = (short?.records.map { "\($0)" } ?? [], long?.records.map { "\($0)" } ?? [])
                    let difference = zip(a, b).first { $0 != $1 }
                    #expect(
                        a == b, "\(file.path): \(difference.map { "\($0.0)\n\($0.1)" } ?? "\(a.count) and \(b.count)")")
                }
                captures += 1
            }
        }
        #expect(captures > 80)
    }

    private func folders(test: String = #function) throws -> [URL] {
        var all = try Corpora.folders(in: Places.traces)
        for corpus in ["corpus/vantage", "corpus/kernel"] {
            guard let folder = try Demands.shared(corpus, test: test) else { continue }
            all += try Corpora.folders(in: folder)
        }
        return all
    }
}
