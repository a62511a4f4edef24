import Foundation
import TestSupport
import Testing

/// Each diagnosis, made to happen between two network namespaces, recorded by tcpdump and `postel snapshot`, and told
/// by `postel crosscheck`: exactly that verdict and no other. Needs root.
@Suite(.serialized, .enabled(if: Long.isWanted)) struct LongLiveDiagnosisTests {
    /// What must be said of a story: the reasons of rows, absences and endpoints per verdict.
    struct Story: Sendable {
        let name: String
        var divergent: Set<String> = []
        var explained: Set<String> = []
        var notes: Set<String> = []
        /// What may be said besides, for a moment.
        var tolerated: Set<String> = []
    }

    /// The letters are those of kernel-facts section 5; the rest is from section 1.3.
    static let stories: [Story] = [
        Story(name: "syn-ack-dropped", divergent: ["syn-ack-not-taken"]),  // (a)
        Story(name: "fin-damaged", divergent: ["fin-with-bad-checksum"]),  // (b)
        Story(name: "reverse-path", divergent: ["syn-not-taken"]),  // (c)
        Story(
            name: "accept-overflow", explained: ["accept-queue-full"], notes: ["accept-queue-not-served"]),  // (d)
        Story(
            name: "accept-overflow-at-final-ack", explained: ["accept-queue-full"],
            notes: ["accept-queue-not-served"]),
        Story(name: "peer-idle"),  // (e)
        Story(name: "peer-vanished", notes: ["peer-silent"]),
        Story(name: "neighbor-gone", divergent: ["retransmission-not-on-wire"]),
        Story(name: "keepalive", notes: ["keepalive-unanswered"]),  // (e2)
        Story(name: "close-wait-leak", notes: ["close-wait-held"]),  // (f)
        Story(name: "fin-wait-2-orphan", explained: ["fin-wait-2-timeout"]),  // (g)
        Story(name: "time-wait-reset"),  // (h)
        Story(name: "time-wait-reset-kept", explained: ["time-wait-kept"]),
        Story(name: "challenge-ack", notes: ["challenge-ack"]),  // (i)
        Story(name: "old-timestamp", notes: ["arrival-refused"]),  // (j)
        Story(name: "fin-beyond-hole", notes: ["arrival-refused"]),
        Story(name: "checksum-offload"),  // (k)
        Story(name: "giant-segments"),  // (l)
        Story(name: "bridge-on-any"),  // (m)
        Story(name: "syn-cookie", explained: ["syn-cookie"]),
        Story(name: "not-accepted", notes: ["accept-queue-not-served"]),
        Story(
            name: "deferred-accept", explained: ["deferred-accept"], notes: ["accept-queue-not-served"]),
        Story(name: "fast-open", notes: ["fast-open-pending"]),
        Story(name: "fin-behind-data", explained: ["fin-behind-data"], tolerated: ["window-closed"]),
        Story(name: "abortive-close"),
        Story(name: "time-wait-reuse", notes: ["port-reused"]),
        Story(name: "time-wait-overflow", explained: ["time-wait-overflow"]),
        Story(name: "multipath"),
        Story(name: "fin-dropped", divergent: ["fin-not-taken"]),
        Story(
            name: "final-ack-dropped", divergent: ["final-ack-not-taken"], tolerated: ["deferred-accept"]),
        Story(name: "ack-of-fin-dropped", divergent: ["ack-of-fin-not-taken"]),
        Story(name: "reset-dropped", divergent: ["rst-not-taken"]),
        Story(name: "fin-not-sent", divergent: ["fin-not-on-wire"]),
        Story(name: "reset-not-sent", divergent: ["gone-silently"]),
        Story(name: "forged-reset", divergent: ["forged-reset"]),
    ]

    /// The edges of a recording: looks after the last packet, and those that raced with one.
    private static let edges: Set<String> = ["capture-ended", "taken-late", "sent-later", "missed-by-listing"]

    /// Several at a time: they sleep most of it.
    @Test(arguments: stride(from: 0, to: stories.count, by: 9).map { Array($0..<min($0 + 9, stories.count)) })
    func `each story has its verdict`(numbers: [Int]) throws {
        guard try Demands.root() else { return }
        let folders = try numbers.map { _ in try TemporaryFolder() }
        let players = try zip(numbers, folders).map { try play($0, $1) }
        for player in players { player.waitUntilExit() }
        for (number, folder) in zip(numbers, folders) { try judge(Self.stories[number], folder) }
    }

    private func play(_ number: Int, _ folder: TemporaryFolder) throws -> Process {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Support/diagnoses.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-B", script, Self.stories[number].name, "\(number + 1)", Places.program, folder.url.path,
        ]
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write([], to: "log")))
        try process.run()
        return process
    }

    private func judge(_ story: Story, _ folder: TemporaryFolder) throws {
        let result = try run(
            Places.program,
            [
                "crosscheck", "--pcap", folder.path("capture.pcap"), "--snapshots", folder.path("snapshots"),
                "--events", folder.path("events"), "--format", "ndjson", "--show", "all",
            ])
        let log = (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? ""
        #expect(result.status == (story.divergent.isEmpty ? 0 : 1), "\(story.name): \(result.error)\(log.suffix(300))")
        var found: [String: Set<String>] = [:]
        for line in result.output.split(separator: "\n") {
            let record = try JSONValue(text: line)
            guard let verdict = record["verdict"]?.string, let subject = record["subject"]?.string,
                let reason = record["reason"]?.string
            else { continue }
            if subject == "transition", verdict != "divergent" { continue }
            found[verdict, default: []].insert(reason)
            if verdict == "divergent" { expectBothViews(record, story, subject) }
        }
        #expect(found["divergent", default: []] == story.divergent, "\(story.name)")
        let explained = found["explained", default: []].subtracting(Self.edges).subtracting(story.tolerated)
        #expect(explained == story.explained, "\(story.name)")
        // Between a segment that is sent again and its answer, which is not taken, both agree that the peer is silent.
        let notes = found["agree", default: []].subtracting(story.tolerated)
        #expect(notes.subtracting(["peer-silent"]) == story.notes.subtracting(["peer-silent"]), "\(story.name)")
        #expect(notes.isSuperset(of: story.notes), "\(story.name)")
    }

    /// A divergence says what to look at, and shows the wire beside the kernel.
    private func expectBothViews(_ record: JSONValue, _ story: Story, _ subject: String) {
        #expect(record["message"]?.string != nil && record["next"]?.string != nil, "\(story.name)")
        #expect(record["wire"]?["flow"]?.number != nil, "\(story.name)")
        if subject == "row" { #expect(record["kernel"]?["state"]?.string != nil, "\(story.name)") }
    }
}
