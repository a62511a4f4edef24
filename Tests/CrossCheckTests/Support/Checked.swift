import Capture
import CrossCheck
import Flows
import TCPStateMachine
import Foundation
import KernelSockets
import Replay
import TestSupport
import Testing
import WireFormat

/// Hands records on to a checker.
struct CheckerSink: RecordSink {
    var checker: CrossChecker

    mutating func receive(_ records: borrowing [Record]) {
        checker.take(records)
    }
}

/// A capture, held against what a kernel told.
func crossCheck(_ capture: String, _ records: [KernelRecord], local: Set<Address>) throws -> CrossCheckOutcome {
    var sink = CheckerSink(checker: CrossChecker(localAddresses: local))
    for record in records { sink.checker.take(record) }
    let pipeline = ReplayPipeline(paths: [capture], tracking: CrossChecker.tracking(localAddresses: local))
    let outcome = try pipeline.run(into: &sink)
    #expect(outcome.problems == [])
    let checked = sink.checker.finish()
    #expect(checked.totals.addsUp, "\(checked.totals)")
    return checked
}

extension Judgement {
    /// One line, for a test that failed.
    var line: String {
        let since = wire?.since.map { " since packet \($0.cause.packet) (\($0.certainty.name))" } ?? ""
        let wireText = wire.map { "wire flow \($0.flow) \($0.endpoint.name) \($0.states.states)\(since)" } ?? "no wire"
        let kernelText = socket.map { "kernel \($0.state) \($0.kind.name)" }
            ?? transition.map { "kernel \($0.from) to \($0.to)" } ?? "no row"
        let time = Double(window.begin) / 1e9
        return "\(subject) \(verdict.kind.rawValue) \(verdict.reason?.code ?? "") x\(count) at \(time):"
            + " \(pair.sourcePort) > \(pair.destinationPort) \(wireText); \(kernelText)"
    }
}

extension CrossCheckTotals {
    /// What it adds up to, for reading.
    var text: String {
        func list(_ counts: [Verdict.Kind: UInt64]) -> String {
            Verdict.Kind.allCases.compactMap { kind in counts[kind].map { "\(kind.rawValue) \($0)" } }
                .joined(separator: ", ")
        }
        let reasons = perReason.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return """
            \(snapshots) snapshots, \(rows) rows: \(list(rowsPerVerdict))
            \(flows) flows, endpoints: \(list(endpointsPerVerdict)); absences: \(list(absencesPerVerdict))
            \(transitions) transitions: \(list(transitionsPerVerdict))
            \(reasons)
            """
    }

    mutating func add(_ other: CrossCheckTotals) {
        snapshots += other.snapshots
        rows += other.rows
        flows += other.flows
        transitions += other.transitions
        rowsPerVerdict.merge(other.rowsPerVerdict, uniquingKeysWith: +)
        endpointsPerVerdict.merge(other.endpointsPerVerdict, uniquingKeysWith: +)
        absencesPerVerdict.merge(other.absencesPerVerdict, uniquingKeysWith: +)
        transitionsPerVerdict.merge(other.transitionsPerVerdict, uniquingKeysWith: +)
        perReason.merge(other.perReason, uniquingKeysWith: +)
    }
}
