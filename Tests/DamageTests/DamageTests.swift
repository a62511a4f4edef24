import Capture
import Foundation
import TestSupport
import Testing

/// Every capture, damaged: no trap, no hang, and what stands before the damage is told as if nothing had happened.
@Suite(.serialized) struct DamageTests {
    /// One kind of damage after the other over all captures: each capture gets one, each kind dozens of captures.
    @Test func aSampleOfAllCaptures() throws {
        try damageAll(kindsForEach: 1, seed: 793)
    }

    /// In the program: the exit status is 0 or 2, and memory does not depend on what a length says.
    @Test func theProgramEndsWithZeroOrTwo() throws {
        try runProgram(every: 24, seed: 5961)
    }
}

@Suite(.enabled(if: Long.isWanted, "POSTEL_LONG=1 runs it"), .serialized) struct LongDamageTests {
    @Test func everyKindInEveryCapture() throws {
        try damageAll(kindsForEach: Damage.allCases.count, seed: 1)
    }

    @Test func theProgramEndsWithZeroOrTwo() throws {
        try runProgram(every: 2, seed: 2)
    }
}

private func damageAll(kindsForEach count: Int, seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: seed)
    var cases: [Damage: Int] = [:]
    var turn = 0
    for (place, path) in try Captures.paths().enumerated() {
        let original = try Captures.bytes(path)
        // Each third capture is tried as pcapng.
        let isConverted = place % 3 == 0 && !path.hasSuffix("ng")
        let bytes = isConverted ? try Captures.pcapng(of: path, in: folder) : original
        guard let anatomy = Anatomy(bytes) else {
            Issue.record("\(path): not taken apart")
            continue
        }
        var patient = Patient(bytes: bytes, anatomy: anatomy, folder: folder)
        for _ in 0..<count {
            let kind = Damage.allCases[turn % Damage.allCases.count]
            turn += 1
            guard let damaged = kind.inflict(on: bytes, anatomy, &random) else { continue }
            cases[kind, default: 0] += 1
            try patient.check(damaged, of: path + (isConverted ? " as pcapng" : ""))
        }
    }
    print("== damage: " + Damage.allCases.map { "\($0) \(cases[$0] ?? 0)" }.joined(separator: ", "))
    for kind in Damage.allCases { #expect(cases[kind] ?? 0 > 0, "\(kind) found no place") }
}

/// A capture that is damaged again and again.
private struct Patient {
    let bytes: [UInt8]
    let anatomy: Anatomy
    let folder: TemporaryFolder
    /// What so many packets settle, kept: most damage of a capture is behind the same ones.
    private var prefixes: [Int: (settled: [UInt8], whole: Replayed)] = [:]

    init(bytes: [UInt8], anatomy: Anatomy, folder: TemporaryFolder) {
        self.bytes = bytes
        self.anatomy = anatomy
        self.folder = folder
    }

    mutating func check(_ damaged: Damage.Result, of path: String) throws {
        let name = "\(path): \(damaged.story)"
        CaseName.begin(name)
        defer { CaseName.end() }
        let intact = anatomy.packets(before: damaged.firstWrong)
        let replayed = Replayed(path: try folder.write(damaged.bytes, to: "damaged"))
        // Before the first packet stands what every packet depends on.
        guard damaged.firstWrong >= anatomy.headerEnd else {
            #expect(!damaged.isCut || replayed.packets == 0, "\(name)")
            return
        }
        if prefixes[intact] == nil {
            prefixes[intact] = try Replayed.prefix(path: folder.write(anatomy.prefix(intact, of: bytes), to: "prefix"))
        }
        guard let prefix = prefixes[intact] else { return }
        #expect(replayed.packets >= UInt64(intact), "\(name): packets before the damage are missing")
        #expect(
            replayed.lines.starts(with: prefix.settled),
            "\(name): what the \(intact) packets before the damage settled is told otherwise")
        guard damaged.isCut else { return }
        #expect(replayed.lines == prefix.whole.lines, "\(name): not what the \(intact) packets before the cut give")
        let isAtBound =
            damaged.bytes.count == bytes.count || anatomy.records.contains { $0.start == damaged.firstWrong }
        #expect(replayed.problems.isEmpty == isAtBound, "\(name): \(replayed.problems)")
        guard let problem = replayed.problems.first else { return }
        guard case .damaged(_, packet: UInt64(intact) + 1, _, _) = problem else {
            Issue.record("\(name): \(problem)")
            return
        }
    }
}

/// Damaged files through the real program, each a process of its own.
private func runProgram(every step: Int, seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: seed)
    var stories: [String: String] = [:]
    var names: [String] = []
    for (index, path) in try Captures.paths().enumerated() where index % step == 0 {
        let form = Captures.Form.allCases[index / step % 3]
        let kind = Damage.allCases[index / step % Damage.allCases.count]
        var bytes = try Captures.bytes(path)
        if form == .pcapng, !path.hasSuffix("ng") { bytes = try Captures.pcapng(of: path, in: folder) }
        guard let anatomy = Anatomy(bytes), let damaged = kind.inflict(on: bytes, anatomy, &random) else { continue }
        let name = try folder.write(damaged.bytes, to: "\(index).pcap")
        stories[name] = "\(path) as \(form): \(damaged.story)"
        names.append(name)
        guard form == .gzip else { continue }
        // Once the damage is inside, once it is the compression that is damaged.
        let packed = try Captures.gzip(of: name, in: folder)
        let inside = try folder.write(packed, to: "\(index).gz")
        stories[inside] = stories[name]
        var broken = packed
        if let offset = random.pick(0..<packed.count) { broken[offset] ^= UInt8(1) << UInt8(random.next() % 8) }
        if random.next() & 1 == 0, let end = random.pick(0..<packed.count) { broken.removeSubrange(end...) }
        let outside = try folder.write(broken, to: "\(index)-broken.gz")
        stories[outside] = "\(path) as damaged gzip"
        names += [inside, outside]
    }
    let sound = try #require(try Captures.paths().first)
    let runs = try measure([sound] + names)
    #expect(runs.count == names.count + 1)
    let usual = try #require(runs.first)
    #expect(usual.status == 0)
    for run in runs {
        let story = stories[run.path] ?? run.path
        #expect(run.status == 0 || run.status == 2, "\(story): exit status \(run.status)")
        #expect(run.peak < usual.peak + 32 * 1024, "\(story): \(run.peak) KiB, usually \(usual.peak)")
    }
    let most = runs.map(\.peak).max() ?? 0
    let damaged = runs.count { $0.status == 2 }
    print("== damage: \(runs.count) runs of the program, \(damaged) ended with 2, peak \(most) KiB")
}

private struct Run {
    var status: Int
    /// Peak memory in KiB.
    var peak: Int
    var path: String
}

/// Replays each file in a process of its own, with everything shown; one that takes longer than 60 s is killed.
private func measure(_ paths: [String]) throws -> [Run] {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("measure.py").path
    let arguments = [
        script, "60", Places.program, "replay", "--show", "flows,transitions,segments,findings,summary",
    ]
    let input = paths.joined(separator: "\n") + "\n"
    let result = try run("/usr/bin/env", ["python3"] + arguments, input: Array(input.utf8))
    return result.output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let status = Int(words[0]), let peak = Int(words[1]) else { return nil }
        return Run(status: status, peak: peak, path: String(words[2]))
    }
}
