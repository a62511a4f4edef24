import Flows
import Foundation
import TCPStateMachine
import WireFormat

/// Two kernels' truth about one connection: both sequences of states.
struct TrueConnection {
    var a: Socket
    var b: Socket
    /// From 1, among the connections between the same sockets.
    var incarnation: Int
    /// Steps without a packet of their own at some vantage point; empty: every vantage point must give all.
    var blind: [String]
    var sequenceA: [State]
    var sequenceB: [State]

    /// The connections of a story (truth.json).
    static func read(_ folder: URL) throws -> [TrueConnection] {
        let story = try Corpora.object(folder.appendingPathComponent("truth.json"))
        let connections = story["connections"] as? [[String: Any]] ?? []
        return connections.compactMap { connection in
            guard let a = Socket(connection["A"] as? [Any] ?? []), let b = Socket(connection["B"] as? [Any] ?? []),
                let endpoints = connection["endpoints"] as? [String: [String: Any]]
            else { return nil }
            return TrueConnection(
                a: a, b: b, incarnation: connection["incarnation"] as? Int ?? 1,
                blind: connection["blind"] as? [String] ?? [], sequenceA: sequence(endpoints["A"]),
                sequenceB: sequence(endpoints["B"]))
        }
    }

    private static func sequence(_ endpoint: [String: Any]?) -> [State] {
        (endpoint?["seq"] as? String ?? "").split(separator: " ").compactMap { stateCodes[String($0)] }
    }
}

/// Holds what was inferred at one vantage point against both kernels' truth.
struct VantageJudge {
    enum Verdict { case exact, coarser, missed, contradicted }

    /// What no observer can decide (the closed list of Docs/inference.md), recognized by what was inferred and why.
    enum Undecidable: String, CaseIterable {
        case resetLost = "case 1: a RST lost behind the vantage, silence after it"
        case thirdAckLost = "case 2: the third ACK lost behind the vantage, then a RST"
        case resetOnDeadPath = "case 14: a RST behind probes that nobody answered"

        init?(_ inferred: [State], _ truth: [State], _ steps: [TransitionRecord], peer: [TransitionRecord]) {
            let last = steps.last
            let endsByPresumedReset = last?.certainty == .presumed && last?.rule.map { $0.event == "rcv RST" } == true
            if endsByPresumedReset, inferred == truth + [.closed] {
                self = .resetLost
            } else if endsByPresumedReset, truth == [.listen, .synReceived, .listen],
                inferred == [.listen, .synReceived, .established, .closed]
            {
                self = .thirdAckLost
            } else if truth == inferred + [.closed], peer.last?.rule.map({ $0.event == "ABORT" }) == true {
                self = .resetOnDeadPath
            } else {
                return nil
            }
        }
    }

    struct Judgment {
        var story: String
        var family: String
        var vantage: String
        var endpoint: String
        /// Nothing was blind: the sequence must be exact.
        var isStrict: Bool
        var truth: [State]
        var inferred: [State]
        var verdict: Verdict
        var undecidable: Undecidable?
        /// A step called proven that the truth does not have.
        var provenContradiction: Bool

        var holds: Bool { isStrict ? verdict == .exact : verdict == .exact || verdict == .coarser }

        var line: String {
            "\(story)/\(vantage) \(endpoint) \(isStrict ? "strict" : "loose"): truth [\(codes(truth))] inferred "
                + "[\(codes(inferred))]\(provenContradiction ? " PROVEN CONTRADICTION" : "")"
                + (undecidable.map { " (\($0.rawValue))" } ?? "")
        }
    }

    var judgments: [Judgment] = []

    /// The name of a story without its address family and number.
    static func family(_ story: String) -> String {
        var parts = story.split(separator: "-")
        while let last = parts.last, Int(last) != nil || last == "v6" { parts.removeLast() }
        return parts.joined(separator: "-")
    }

    /// Every capture of a story: at each host as what it is and as if it were in the middle, in the middle, on `any`.
    mutating func judge(story folder: URL) throws {
        let connections = try TrueConnection.read(folder)
        for (vantage, isA) in [("A", true), ("B", false)] {
            let addresses = Set(connections.map { isA ? $0.a.address : $0.b.address })
            try judge(folder, vantage: vantage, as: .host(Array(addresses)))
            try judge(folder, vantage: vantage, as: .middle, label: vantage + " as middle")
        }
        try judge(folder, vantage: "R", as: .middle)
        try judge(folder, vantage: "any", as: .automatic)
    }

    mutating func judge(
        _ folder: URL, vantage: String, as option: TrackerOptions.Vantage, label: String? = nil,
        profile: Profile = .linux
    ) throws {
        let capture = folder.appendingPathComponent("\(vantage).pcap")
        guard FileManager.default.fileExists(atPath: capture.path) else { return }
        let replayed = try ReplayedCapture(path: capture.path, vantage: option, profile: profile)
        for truth in try TrueConnection.read(folder) {
            let flows = replayed.flows(between: truth.a, and: truth.b)
            let index = truth.incarnation - 1
            let found = index < flows.count ? flows[index] : nil
            for (name, sequence) in [("A", truth.sequenceA), ("B", truth.sequenceB)] {
                let role = found.map { name == "A" ? $0.roleOfA : $0.roleOfA.other }
                let inferred = role.flatMap { found?.flow.sequence($0) } ?? []
                let proven = role.flatMap { found?.flow.sequence($0, provenOnly: true) } ?? []
                judgments.append(
                    Judgment(
                        story: folder.lastPathComponent, family: Self.family(folder.lastPathComponent),
                        vantage: label ?? vantage, endpoint: name, isStrict: truth.blind.isEmpty, truth: sequence,
                        inferred: inferred, verdict: Self.verdict(inferred, sequence),
                        undecidable: role.flatMap {
                            Undecidable(
                                inferred, sequence, found?.flow.transitions[$0] ?? [],
                                peer: found?.flow.transitions[$0.other] ?? [])
                        },
                        provenContradiction: !Self.agrees(proven, sequence)))
            }
        }
    }

    private static func verdict(_ inferred: [State], _ truth: [State]) -> Verdict {
        if inferred == truth { return .exact }
        if inferred.isEmpty { return .missed }
        return agrees(inferred, truth) ? .coarser : .contradicted
    }

    /// A truncation or coarsening. LISTEN again after an expired request is equally CLOSED (corpus README).
    static func agrees(_ inferred: [State], _ truth: [State]) -> Bool {
        if isSubsequence(inferred, of: truth) { return true }
        guard truth == [.listen, .synReceived, .listen] else { return false }
        return isSubsequence(inferred, of: [.listen, .synReceived, .closed])
    }

    // MARK: Report

    func score(vantage: String, strict: Bool) -> (held: Int, all: Int) {
        let judged = judgments.filter { $0.vantage == vantage && $0.isStrict == strict }
        // What is loose and was not claimed at all is a truncation.
        let held = judged.count { $0.holds || (!strict && $0.verdict == .missed) }
        return (held, judged.count)
    }

    var failures: [Judgment] {
        judgments.filter { !($0.holds || (!$0.isStrict && $0.verdict == .missed)) }
    }

    /// What failed and is not on the closed list.
    var unexplained: [Judgment] { failures.filter { $0.undecidable == nil } }

    var provenContradictions: [Judgment] { judgments.filter(\.provenContradiction) }

    func printScores(_ title: String) {
        print("== \(title)")
        for vantage in Set(judgments.map(\.vantage)).sorted() {
            let strict = score(vantage: vantage, strict: true)
            let loose = score(vantage: vantage, strict: false)
            let proven = judgments.count { $0.vantage == vantage && $0.provenContradiction }
            print(
                "\(vantage): strict \(strict.held)/\(strict.all), loose \(loose.held)/\(loose.all), "
                    + "proven contradictions \(proven)")
        }
        let families = Dictionary(grouping: judgments, by: \.family)
        for family in families.keys.sorted() {
            let judged = families[family] ?? []
            let bad = judged.filter { judgment in failures.contains { $0.line == judgment.line } }
            if bad.isEmpty { continue }
            print("   family \(family): \(judged.count - bad.count)/\(judged.count)")
        }
        for failure in failures { print("   \(failure.line)") }
        for contradiction in provenContradictions where contradiction.holds { print("   \(contradiction.line)") }
    }
}
