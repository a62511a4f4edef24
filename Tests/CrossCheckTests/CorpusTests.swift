import CrossCheck
import Flows
import Foundation
import KernelSockets
import TestSupport
import Testing

/// Captures of one host, held against the sockets and transitions of its kernel: whatever differs is explained.
@Suite struct CorpusTests {
    @Test func `kernel`() throws {
        guard let corpus = try Demands.shared("corpus/kernel") else { return }
        var totals = CrossCheckTotals()
        for folder in try folders(corpus) {
            let recording = try CorpusRecording(
                snapshots: folder.appendingPathComponent("snapshots.ndjson"),
                transitions: folder.appendingPathComponent("transitions.ndjson"))
            try check(folder, "capture.pcap", recording, &totals)
        }
        print("corpus/kernel\n\(totals.text)")
        #expect(totals.flows > 100 && totals.rows > 500 && totals.transitions > 500)
    }

    @Test(arguments: ["A", "B"])
    func `vantage`(host: String) throws {
        guard let corpus = try Demands.shared("corpus/vantage") else { return }
        var totals = CrossCheckTotals()
        for folder in try folders(corpus) {
            let recording = try CorpusRecording(
                snapshots: folder.appendingPathComponent("snapshots-\(host).ndjson"),
                transitions: folder.appendingPathComponent("transitions.ndjson"), host: host)
            try check(folder, "\(host).pcap", recording, &totals)
        }
        print("corpus/vantage, \(host)\n\(totals.text)")
        #expect(totals.flows > 100 && totals.rows > 1000 && totals.transitions > 500)
    }

    private func folders(_ corpus: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
            .filter { $0.hasDirectoryPath }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private func check(
        _ folder: URL, _ capture: String, _ recording: CorpusRecording, _ totals: inout CrossCheckTotals
    ) throws {
        let outcome = try crossCheck(
            folder.appendingPathComponent(capture).path, recording.records, local: recording.addresses)
        totals.add(outcome.totals)
        for judgement in outcome.judgements where judgement.verdict.kind == .divergent {
            Issue.record("\(folder.lastPathComponent)/\(capture): \(judgement.line)")
        }
    }
}
