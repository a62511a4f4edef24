import Flows
import Foundation
import TCPStateMachine
import TestSupport
import Testing

/// Poorer captures of the same stories: packets missing, the start or the end cut off, every packet twice.
///
/// Such a capture may say less, never something else. What is called proven must hold where at most one packet per
/// decision escaped the capture.
struct Mutation {
    var name: String
    var story: String
    var vantage: String
    var replayed: ReplayedCapture
}

struct MutationScore {
    var verdicts = 0
    var presumedContradictions: [String] = []
    var provenContradictions: [String] = []

    mutating func judge(_ mutation: Mutation, _ truths: [TrueConnection]) {
        // Where sockets are used again, what is missing may be a whole incarnation.
        guard truths.count == 1, let truth = truths.first else { return }
        let flows = mutation.replayed.flows(between: truth.a, and: truth.b)
        guard flows.count == 1, let found = flows.first else { return }
        for (name, sequence) in [("A", truth.sequenceA), ("B", truth.sequenceB)] {
            let role = name == "A" ? found.roleOfA : found.roleOfA.other
            verdicts += 1
            let inferred = found.flow.sequence(role)
            let proven = found.flow.sequence(role, provenOnly: true)
            let line = "\(mutation.story)/\(mutation.vantage) \(mutation.name) \(name): truth [\(codes(sequence))] "
                + "inferred [\(codes(inferred))]"
            if !VantageJudge.agrees(proven, sequence) {
                provenContradictions.append(line + " proven [\(codes(proven))]")
            } else if !VantageJudge.agrees(inferred, sequence) {
                presumedContradictions.append(line)
            }
        }
    }

    func report(_ title: String) {
        print(
            "== \(title): \(verdicts) verdicts, contradictions presumed \(presumedContradictions.count), "
                + "proven \(provenContradictions.count)")
        for line in provenContradictions { print("   PROVEN \(line)") }
        for line in presumedContradictions.prefix(60) { print("   \(line)") }
    }
}

/// Calls `body` for every capture of the corpus with its story's truth.
func everyCapture(
    test: String = #function,
    _ body: (_ path: String, _ story: String, _ vantage: String, TrackerOptions.Vantage, [TrueConnection]) throws ->
        Void
) throws {
    guard let corpus = try Demands.shared("corpus/vantage", test: test) else { return }
    for folder in try Corpora.folders(in: corpus) {
        let truths = try TrueConnection.read(folder)
        guard truths.count == 1, let truth = truths.first else { continue }
        for (vantage, option) in [
            ("A", TrackerOptions.Vantage.host([truth.a.address])), ("R", .middle),
            ("B", .host([truth.b.address])),
        ] {
            let path = folder.appendingPathComponent("\(vantage).pcap").path
            try body(path, folder.lastPathComponent, vantage, option, truths)
        }
    }
}

func packetCount(_ path: String) throws -> UInt64 {
    UInt64(try ReplayedCapture(path: path, vantage: .middle).packetTimes.count)
}

/// Each capture `rounds` times without two packets of it, drawn from a fixed seed.
func scoreWithoutTwoPackets(rounds: Int, test: String = #function) throws -> MutationScore {
    var score = MutationScore()
    var random = SeededGenerator(seed: 793)
    try everyCapture(test: test) { path, story, vantage, option, truths in
        let count = try packetCount(path)
        guard count > 2 else { return }
        for _ in 0..<rounds {
            let pair: Set<UInt64> = [random.next() % count + 1, random.next() % count + 1]
            let replayed = try ReplayedCapture(path: path, vantage: option, dropping: pair)
            score.judge(
                Mutation(name: "minus \(pair.sorted())", story: story, vantage: vantage, replayed: replayed), truths)
        }
    }
    return score
}
