import Simulation
import TCPStateMachine

/// The totals of an exploration for people.
struct ExplorationTable {
    let width: Int
    private static let labelWidth = 15

    func write(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        let totals = exploration.totals
        write("profiles", [End.allCases.map { "\($0.name) \(exploration.bounds.profiles[$0].name)" }], to: &buffer)
        write("bounds", [exploration.bounds.words], to: &buffer)
        let (distinct, generated) = (grouped(totals.distinct), grouped(totals.generated))
        write("states", [["\(distinct) distinct", "\(generated) generated", "depth \(totals.depth)"]], to: &buffer)
        let (endpoints, segments) = (grouped(exploration.endpoints), grouped(exploration.segments))
        write("", [["\(endpoints) endpoints", "\(segments) segments"]], to: &buffer)
        if totals.rejected > 0 {
            let rejected = grouped(totals.rejected)
            write("not taken", [["\(rejected) steps, more under way than --in-flight allows"]], to: &buffer)
        }
        for sentence in cuts(exploration) { write("cut", [[sentence]], to: &buffer) }
        writeStates(exploration, to: &buffer)
        writeRules(exploration, to: &buffer)
        writeDeadEnds(exploration, to: &buffer)
        let violated = Set(exploration.violations.map(\.invariant))
        write(
            "invariants",
            [Invariant.allCases.map { "\($0.name) \(violated.contains($0) ? "VIOLATED" : "holds")" }], to: &buffer)
    }

    private func cuts(_ exploration: ConnectionExploration) -> [String] {
        let unexpanded = grouped(exploration.totals.unexpanded)
        return exploration.cutNames.map { name in
            "by \(name): \(unexpanded) states were not followed, so that what holds is not proven"
        }
    }

    private func writeStates(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        for side in End.allCases {
            let counts = State.allCases.map { ($0.name, exploration.pairs.total(of: side, in: $0)) }
            write("states of \(side.name)", [listed(counts)], to: &buffer)
        }
        let missing = exploration.statesNeverReached.map(\.name)
        write("never reached", [missing.isEmpty ? ["none"] : missing], to: &buffer)
    }

    private func writeRules(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        let counts = Rule.allCases.map { rule in
            (rule.id, End.allCases.reduce(0) { $0 + exploration.steps(by: rule, of: $1) })
        }
        write("rules", [listed(counts)], to: &buffer)
        for profile in exploration.profiles {
            let missing = exploration.rulesNeverTaken(of: profile).map(\.id)
            let all = Diagram.rules(of: profile).count
            let label = "never taken"
            write(label, [["\(missing.count) of \(all) of \(profile.name)"], missing], to: &buffer)
        }
    }

    private func writeDeadEnds(_ exploration: ConnectionExploration, to buffer: inout ByteBuffer) {
        let ends = exploration.deadEndNames.map { end in
            ("\(end.a.name)/\(end.b.name)\(end.isFinal ? "" : " (NOT FINAL)")", end.count)
        }
        write("dead ends", [listed(ends)], to: &buffer)
    }

    private func grouped(_ count: Int) -> String { TableText.grouped(UInt64(clamping: count)) }

    private func listed(_ counts: [(String, Int)]) -> [String] {
        let parts = counts.filter { $0.1 > 0 }.map { "\($0.0) \(grouped($0.1))" }
        return parts.isEmpty ? ["none"] : parts
    }

    /// A label, and groups of parts: commas between the parts of a group, colons between groups.
    private func write(_ label: String, _ groups: [[String]], to buffer: inout ByteBuffer) {
        var parts: [String] = []
        for (place, group) in groups.enumerated() where !group.isEmpty {
            let isLast = groups[(place + 1)...].allSatisfy(\.isEmpty)
            parts += group.dropLast().map { $0 + "," }
            parts.append((group.last ?? "") + (isLast ? "" : ":"))
        }
        let lines = TableText.wrapped(parts, width: max(width - Self.labelWidth, 20))
        for (place, line) in lines.enumerated() {
            let label = place == 0 ? label : ""
            buffer.put(text: label)
            buffer.put(UInt8(ascii: " "), times: Self.labelWidth - label.count)
            buffer.put(text: line)
            buffer.put("\n")
        }
    }
}
