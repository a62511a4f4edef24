import Flows
import Foundation
import TestSupport
import Testing

/// What is found in every capture that there is, as a table that was read by hand against the stories (RECORD=1 writes
/// it).
///
/// A line is a capture and where it is read as taken; a finding is its code and whom it concerns.
@Suite struct FindingTableTests {
    @Test func traces() throws {
        let table = try table(of: Places.traces)
        #expect(Golden.difference(table, "findings-traces.txt") == nil)
        #expect(!table.contains(FindingCode.protocolViolation.name), "the last resort is never needed here")
    }

    @Test(arguments: ["vantage", "kernel"])
    func corpus(name: String) throws {
        guard let folder = try Demands.shared("corpus/\(name)") else { return }
        let table = try table(of: folder)
        #expect(Golden.difference(table, "findings-\(name).txt") == nil)
        #expect(!table.contains(FindingCode.protocolViolation.name), "the last resort is never needed here")
    }

    private func table(of folder: URL) throws -> String {
        var lines: [String] = []
        for story in try Corpora.folders(in: folder) {
            let captures = try FileManager.default.contentsOfDirectory(at: story, includingPropertiesForKeys: nil)
                .filter { ["pcap", "pcapng"].contains($0.pathExtension) }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
            for capture in captures {
                for (label, vantage) in try vantages(of: capture, in: story) {
                    let replayed = try ReplayedCapture(path: capture.path, vantage: vantage)
                    let words = replayed.findings.map(Self.word).sorted().joined(separator: " ")
                    lines.append("\(story.lastPathComponent)/\(capture.lastPathComponent) \(label): \(words)")
                }
            }
        }
        return lines.map { $0.trimmingCharacters(in: .whitespaces) + "\n" }.joined()
    }

    private static func word(_ finding: FindingRecord) -> String {
        let flow = finding.flow == 1 ? "" : "#\(finding.flow)"
        let whose = finding.endpoint.map { $0 == .initiator ? "/i" : "/r" } ?? ""
        return finding.code.name + whose + flow
    }

    /// As in the middle; captures of one host also as that host's.
    private func vantages(
        of capture: URL, in story: URL
    ) throws -> [(String, TrackerOptions.Vantage)] {
        var all: [(String, TrackerOptions.Vantage)] = [("middle", .middle)]
        let name = capture.deletingPathExtension().lastPathComponent
        let truth = story.appendingPathComponent("truth.json")
        guard name == "A" || name == "B", FileManager.default.fileExists(atPath: truth.path) else { return all }
        let connections = try TrueConnection.read(story)
        let addresses = Set(connections.map { name == "A" ? $0.a.address : $0.b.address })
        all.append(("host", .host(Array(addresses))))
        return all
    }
}
