import Flows
import Foundation
import InferenceJudge
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
    /// The exceptions of the closed list. Case 12: a forged SYN as the first of all packets is taken for its sender's.
    /// Case 18: who answers a SYN that was captured is said to come from LISTEN, and had opened.
    var conventions = 0

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
            if !VantageJudge.agrees(proven, sequence), Self.isConvention(proven, sequence) {
                conventions += 1
            } else if !VantageJudge.agrees(proven, sequence) {
                provenContradictions.append(line + " proven [\(codes(proven))]")
            } else if !VantageJudge.agrees(inferred, sequence) {
                presumedContradictions.append(line)
            }
        }
    }

    private static func isConvention(_ proven: [State], _ truth: [State]) -> Bool {
        let isForgedSyn = truth.first == .listen && proven.starts(with: [.closed, .synSent])
        let hadOpened = truth.starts(with: [.closed, .synSent, .synReceived])
            && proven.starts(with: [.listen, .synReceived])
        return (isForgedSyn && VantageJudge.agrees(Array(proven.dropFirst(2)), truth))
            || (hadOpened && VantageJudge.agrees(Array(proven.dropFirst()), truth))
    }

    func report(_ title: String) {
        print(
            "== \(title): \(verdicts) verdicts, contradictions presumed \(presumedContradictions.count), "
                + "proven \(provenContradictions.count), and \(conventions) by convention")
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

/// Each capture `rounds` times without what `loss` takes away, drawn from a fixed seed.
func scoreWithout(_ loss: CaptureLoss, rounds: Int, test: String = #function) throws -> MutationScore {
    var score = MutationScore()
    var random = SeededGenerator(seed: 793)
    try everyCapture(test: test) { path, story, vantage, option, truths in
        let whole = try ReplayedCapture(path: path, vantage: option).packets(of: truths[0])
        guard whole.count > 2 else { return }
        for round in 1...rounds {
            let missing = loss.missing(of: whole.map(\.packet)) { random.next() }
            let dropped = Set(missing.filter(whole.indices.contains).map { whole[$0].number })
            let replayed = try ReplayedCapture(path: path, vantage: option, dropping: dropped)
            score.judge(
                Mutation(
                    name: "\(round) without \(loss.rawValue), \(dropped.sorted())", story: story, vantage: vantage,
                    replayed: replayed), truths)
        }
    }
    return score
}

extension ReplayedCapture {
    /// Each segment between two sockets, with the number of its packet.
    func packets(of truth: TrueConnection) -> [(number: UInt64, packet: CaptureLoss.Packet)] {
        let segments = flows(between: truth.a, and: truth.b).flatMap { found in
            found.flow.segments.map { ($0, $0.from == found.roleOfA) }
        }
        return segments.sorted { $0.0.reference.packet < $1.0.reference.packet }.map { segment, isFromA in
            (
                segment.reference.packet,
                CaptureLoss.Packet(
                    isFromA: isFromA, controlBits: segment.controlBits, length: segment.length)
            )
        }
    }
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
