import Foundation
import TCPStateMachine
import TestSupport
import Testing

/// The reference table (transitions.tsv), the table of rules and the diagram must say the same, in both directions.
///
/// The table lies outside the package: in the folder POSTEL_SHARED names, or in `shared` beside the package root.
@Suite struct ReferenceTableTests {
    struct Row: CustomStringConvertible {
        let from, to: State
        let event, condition, action: String
        let text793, rfc1122, text9293: String
        let sections: String

        var changesState: Bool { from != to }
        var description: String { "\(from) | \(event) | \(condition) | \(to)" }
    }

    /// Why a state-changing row is not a rule.
    enum Exclusion: String {
        case security = "security and precedence are not part of the machine (obsolete: RFC 9293 appendix A.1)"
        case defect = "a plain error of the text; the row itself says never to accept it"
    }

    static func exclusion(_ row: Row) -> Exclusion? {
        if row.condition.hasPrefix("security") { return .security }
        // RFC 793 p. 61 as printed (RFC 1122 section 4.2.2.20(a)), and the leftover sentence of p. 32.
        if row.from == .closeWait, row.to == .closing { return .defect }
        if row.from == .synSent, row.to == .listen { return .defect }
        return nil
    }

    /// Rows that two rules make, taken by one segment.
    static func composition(_ row: Row) -> (Rule, Rule)? {
        guard row.event == "rcv FIN" else { return nil }
        if row.from == .finWait1, row.to == .timeWait { return (.finWait1AckOfFin, .finWait2Fin) }
        if row.from == .synReceived, row.to == .closeWait { return (.synReceivedAckOfSyn, .establishedFin) }
        return nil
    }

    static func rule(_ row: Row) -> Rule? {
        Rule.allCases.first {
            $0.from == row.from && $0.to == row.to && $0.event == row.event && $0.condition == row.condition
        }
    }

    /// The rows, or nil if the table is not there, which is said loudly and is an error in CI.
    static func rows(test: String = #function) throws -> [Row]? {
        guard let url = try Demands.shared("transitions.tsv", test: test) else { return nil }
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst()
        return try lines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Row(
                from: try #require(State(name: fields[0])), to: try #require(State(name: fields[4])),
                event: fields[1], condition: fields[2], action: fields[3], text793: fields[6], rfc1122: fields[7],
                text9293: fields[9], sections: fields[10])
        }
    }

    @Test func everyStateChangingRowIsAccountedFor() throws {
        guard let rows = try Self.rows()?.filter(\.changesState) else { return }
        #expect(rows.count > 80)
        for row in rows {
            let kinds = [
                Self.rule(row) != nil, Self.composition(row) != nil, Self.exclusion(row) != nil,
            ].filter { $0 }.count
            #expect(kinds == 1, "must be exactly one of rule, composition, exclusion: \(row)")
        }
    }

    @Test func everyRuleOfAnRfcIsARow() throws {
        guard let rows = try Self.rows() else { return }
        let found = Set(rows.compactMap(Self.rule))
        for rule in Rule.allCases {
            let ofTheKernel = rule.source.hasPrefix("kernel-facts")
            #expect(found.contains(rule) != ofTheKernel, "\(rule.id): \(rule.source)")
            if ofTheKernel { #expect(rule.profiles == ProfileSet(.linux), "\(rule.id)") }
        }
    }

    @Test func theTextsAndTheSourcesAgree() throws {
        guard let rows = try Self.rows() else { return }
        for row in rows {
            guard let rule = Self.rule(row) else { continue }
            #expect(rule.source.replacing("RFC ", with: "") == row.sections, "\(rule.id)")
        }
    }

    /// Y is a rule of the profile, m an option of it, n and - neither (but an option may exist: the reset-issuer rule).
    @Test func theProfilesAgreeWithTheMarks() throws {
        guard let rows = try Self.rows() else { return }
        for row in rows {
            guard let rule = Self.rule(row) else { continue }
            let in793 = row.text793 == "Y" || row.rfc1122 == "Y" || row.rfc1122 == "m"
            #expect(rule.profiles.contains(Profile.Name.rfc793) == in793, "\(row)")
            switch row.text9293 {
            case "Y": #expect(rule.profiles.contains(Profile.Name.rfc9293), "\(row)")
            case "m": #expect(Self.isOption(rule, of: .rfc9293), "\(row)")
            default:
                // Crossing SYNs: the text of 9293 forgets them, its figure 7 line 6 and RFC 1122 do not.
                let figure7 = rule == .synReceivedSynAck
                #expect(rule.profiles.contains(Profile.Name.rfc9293) == figure7, "\(row)")
            }
        }
    }

    private static func isOption(_ rule: Rule, of profile: Profile) -> Bool {
        rule.profiles.contains(profile.name)
            || Profile.Switch.allCases.contains { Diagram.rules(of: profile.with($0)).contains(rule) }
    }

    @Test func compositionsAreTwoRules() throws {
        guard let rows = try Self.rows() else { return }
        let composed = rows.filter(\.changesState).compactMap { row in Self.composition(row).map { (row, $0) } }
        #expect(composed.count == 2)
        for (row, (first, second)) in composed {
            #expect(first.composes(with: second))
            #expect(first.from == row.from && first.to == second.from && second.to == row.to, "\(row)")
        }
    }
}
