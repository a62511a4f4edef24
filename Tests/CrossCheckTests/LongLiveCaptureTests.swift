import Foundation
import TestSupport
import Testing

/// `postel capture --crosscheck` tells live what `postel crosscheck` tells afterwards. Needs root.
@Suite(.serialized, .enabled(if: Long.isWanted)) struct LongLiveCaptureTests {
    @Test(arguments: ["syn-ack-dropped", "fin-behind-data", "close-wait-leak", "reset-not-sent"])
    func `the same verdicts live and afterwards`(story: String) throws {
        guard try Demands.root() else { return }
        let folder = try TemporaryFolder()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Support/diagnoses.py").path
        let played = try run(
            "/usr/bin/env", ["python3", "-B", script, story, "201", Places.program, folder.url.path, "live"])
        #expect(played.status == 0, "\(played.error)")
        let afterwards = try run(
            Places.program,
            [
                "crosscheck", "--pcap", folder.path("capture.pcap"), "--snapshots", folder.path("snapshots"),
                "--events", folder.path("events"), "--format", "ndjson",
            ])
        let live = try String(contentsOfFile: folder.path("live"), encoding: .utf8)
        let expected = try verdicts(afterwards.output)
        #expect(!expected.isEmpty)
        let found = try verdicts(live)
        #expect(found == expected, "\(story): live \(found), afterwards \(expected)")
        #expect(live.split(separator: "\n").last?.hasPrefix(#"{"record":"crosscheck""#) == true)
        let status = try String(contentsOfFile: folder.path("live-status"), encoding: .utf8)
        #expect(status == "\(afterwards.status)")
    }

    /// What is said of rows and of their absence. The two looked at other moments: what only one of them saw in passing
    /// is left out.
    private func verdicts(_ text: String) throws -> Set<String> {
        // The window is closed for some milliseconds before the FIN queues behind it: one of the two may see only that.
        let edges: Set = ["in-flight", "capture-ended", "taken-late", "sent-later", "peer-silent", "window-closed"]
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            let record = try JSONValue(text: line)
            guard let verdict = record["verdict"]?.string, let subject = record["subject"]?.string,
                subject == "row" || subject == "absence", record["wire"]?["flow"] != nil,
                let remote = record["remote"]?["port"]?.number, let local = record["local"]?["port"]?.number,
                local == 8080 || remote == 8080
            else { continue }
            let reason = record["reason"]?.string ?? ""
            if edges.contains(verdict) || edges.contains(reason) || reason.isEmpty { continue }
            found.insert("\(subject) \(verdict) \(reason)")
        }
        return found
    }
}
