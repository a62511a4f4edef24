import Simulation
import TCPStateMachine

/// The names that both forms of the report use.
extension ConnectionExploration {
    /// What ended the exploration early.
    var cutNames: [String] {
        let names: [(Exploration.Cuts, String)] = [
            (.states, "max-states"), (.depth, "max-depth"), (.stopped, "interruption"),
        ]
        return names.filter { totals.cuts.contains($0.0) }.map(\.1)
    }

    /// A pair of states in which nothing can happen any more.
    struct DeadEnd {
        let a: State
        let b: State
        let count: Int
        var isFinal: Bool { FinalStates.isFinal(a, b) }
    }

    /// The pairs of states in which worlds ended.
    var deadEndNames: [DeadEnd] {
        State.allCases.flatMap { a in
            State.allCases.compactMap { b in
                let count = deadEnds[a, b]
                return count > 0 ? DeadEnd(a: a, b: b, count: count) : nil
            }
        }
    }
}

extension ExplorationBounds {
    /// The bounds of one endpoint by the name of their option.
    static let allowanceNames: [(name: String, count: @Sendable (Allowance) -> UInt8)] = [
        ("opens", { $0.opens }), ("sends", { $0.sends }), ("closes", { $0.closes }), ("aborts", { $0.aborts }),
        ("retransmissions", { $0.retransmissions }), ("user-timeouts", { $0.userTimeouts }),
        ("icmp-errors", { $0.icmpErrors }), ("crashes", { $0.crashes }),
    ]

    /// The bounds of the network and the users by the name of their option.
    var numbers: [(name: String, value: Int)] {
        [
            ("losses", Int(losses)), ("duplicates", Int(duplicates)), ("in-flight", inFlight),
            ("octets", Int(octets)), ("window", Int(window)),
        ]
    }

    /// What is switched on or off, by the name of the option.
    var flags: [(name: String, isOn: Bool)] {
        [
            ("reorder", reorders), ("short-time-wait", shortTimeWait), ("half-duplex-close", halfDuplexClose),
            ("slow-reader", slowReader), ("timestamps", timestamps),
        ]
    }

    /// All bounds in words.
    var words: [String] {
        let ends = ExplorationBounds.allowanceNames.map { name, count in
            let (a, b) = (count(allowances.a), count(allowances.b))
            return a == b ? "\(name) \(a)" : "\(name) A=\(a) B=\(b)"
        }
        let openings = End.allCases.filter { allowances[$0].openings != .either }
            .map { "\($0.name) \(allowances[$0].openings)" }
        return ends + openings + numbers.map { "\($0.name) \($0.value)" } + flags.filter(\.isOn).map(\.name)
    }
}

extension ByteBuffer {
    /// The record `exploration`.
    mutating func put(_ exploration: ConnectionExploration) {
        let totals = exploration.totals
        put(#"{"record":"exploration","profiles":"#)
        put(object: End.allCases.map { ($0.name.lowercased(), $0) }) { buffer, side in
            buffer.put(quoted: exploration.bounds.profiles[side].name.description)
        }
        put(#","bounds":"#)
        put(exploration.bounds)
        put(#","distinct":"#)
        put(decimal: UInt64(totals.distinct))
        put(#","generated":"#)
        put(decimal: UInt64(totals.generated))
        put(#","depth":"#)
        put(decimal: UInt64(totals.depth))
        put(#","rejected":"#)
        put(decimal: UInt64(totals.rejected))
        put(#","unexpanded":"#)
        put(decimal: UInt64(totals.unexpanded))
        put(#","cut_by":"#)
        put(strings: exploration.cutNames)
        put(#","endpoints":"#)
        put(decimal: UInt64(exploration.endpoints))
        put(#","segments":"#)
        put(decimal: UInt64(exploration.segments))
        put(#","states":"#)
        put(object: State.allCases.map { ($0.name, $0) }) { buffer, state in
            buffer.put(object: End.allCases.map { ($0.name.lowercased(), $0) }) { buffer, side in
                buffer.put(decimal: UInt64(exploration.pairs.total(of: side, in: state)))
            }
        }
        put(#","states_never_reached":"#)
        put(strings: exploration.statesNeverReached.map(\.name))
        putRules(of: exploration)
        put(#","dead_ends":["#)
        for (place, end) in exploration.deadEndNames.enumerated() {
            if place > 0 { put(UInt8(ascii: ",")) }
            put(end)
        }
        put(#"],"invariants":"#)
        let violated = Set(exploration.violations.map(\.invariant))
        put(object: Invariant.allCases.map { ($0.name, $0) }) { buffer, invariant in
            buffer.put(!violated.contains(invariant))
        }
        put("}\n")
    }

    private mutating func putRules(of exploration: ConnectionExploration) {
        put(#","rules":"#)
        let taken = Rule.allCases.filter { rule in
            End.allCases.contains { exploration.steps(by: rule, of: $0) > 0 }
        }
        put(object: taken.map { ($0.id, $0) }) { buffer, rule in
            buffer.put(object: End.allCases.map { ($0.name.lowercased(), $0) }) { buffer, side in
                buffer.put(decimal: UInt64(exploration.steps(by: rule, of: side)))
            }
        }
        put(#","rules_never_taken":"#)
        put(object: exploration.profiles.map { ($0.name.description, $0) }) { buffer, profile in
            buffer.put(strings: exploration.rulesNeverTaken(of: profile).map(\.id))
        }
    }

    private mutating func put(_ bounds: ExplorationBounds) {
        put("{" as StaticString)
        for (name, count) in ExplorationBounds.allowanceNames {
            put(quoted: name)
            put(#":{"a":"#)
            put(decimal: UInt64(count(bounds.allowances.a)))
            put(#","b":"#)
            put(decimal: UInt64(count(bounds.allowances.b)))
            put("}," as StaticString)
        }
        put(#""opening":"#)
        put(object: End.allCases.map { ($0.name.lowercased(), $0) }) { buffer, side in
            buffer.put(quoted: "\(bounds.allowances[side].openings)")
        }
        put(UInt8(ascii: ","))
        for (name, value) in bounds.numbers {
            put(quoted: name)
            put(UInt8(ascii: ":"))
            put(decimal: UInt64(clamping: value))
            put(UInt8(ascii: ","))
        }
        for (place, flag) in bounds.flags.enumerated() {
            if place > 0 { put(UInt8(ascii: ",")) }
            put(quoted: flag.name)
            put(UInt8(ascii: ":"))
            put(flag.isOn)
        }
        put("}" as StaticString)
    }

    private mutating func put(_ end: ConnectionExploration.DeadEnd) {
        put(#"{"a":"#)
        put(quoted: end.a.name)
        put(#","b":"#)
        put(quoted: end.b.name)
        put(#","states":"#)
        put(decimal: UInt64(end.count))
        put(#","final":"#)
        put(end.isFinal)
        put("}" as StaticString)
    }

    /// The record `violation`.
    mutating func put(_ violated: ConnectionExploration.ViolatedInvariant) {
        put(#"{"record":"violation","invariant":"#)
        put(quoted: violated.invariant.name)
        put(#","message":"#)
        put(quoted: violated.invariant.text)
        put(#","source":"#)
        put(quoted: violated.invariant.source)
        put(#","occurrences":"#)
        put(decimal: UInt64(violated.occurrences))
        put(#","ladder":["#)
        for (place, row) in violated.ladder.rows.enumerated() {
            if place > 0 { put(UInt8(ascii: ",")) }
            put(row)
        }
        put("]}\n")
    }

    private mutating func put(_ row: ExplorationLadder.Row) {
        put(#"{"step":"#)
        put(decimal: UInt64(row.number))
        put(#","a":"#)
        put(quoted: row.states.a.name)
        put(#","segment":"#)
        if let arrow = row.arrow { put(quoted: arrow.description) } else { put("null" as StaticString) }
        put(#","b":"#)
        put(quoted: row.states.b.name)
        put(#","event":"#)
        if let remark = row.remark { put(quoted: remark) } else { put("null" as StaticString) }
        put("}" as StaticString)
    }

    /// An object whose values `write` renders.
    private mutating func put<Value>(object members: [(String, Value)], _ write: (inout ByteBuffer, Value) -> Void) {
        put("{" as StaticString)
        for (place, member) in members.enumerated() {
            if place > 0 { put(UInt8(ascii: ",")) }
            put(quoted: member.0)
            put(UInt8(ascii: ":"))
            write(&self, member.1)
        }
        put("}" as StaticString)
    }

    private mutating func put(strings: [String]) {
        put("[" as StaticString)
        for (place, text) in strings.enumerated() {
            if place > 0 { put(UInt8(ascii: ",")) }
            put(quoted: text)
        }
        put("]" as StaticString)
    }
}
