import TCPStateMachine
import Testing

/// Every rule can be made to happen, and nothing happens that is not a rule.
@Suite struct RuleTests {
    @Test func idsAreStableNames() {
        #expect(Set(Rule.allCases.map(\.id)).count == Rule.allCases.count)
        for rule in Rule.allCases {
            #expect(rule.id.hasPrefix(rule.from.name + "-"), "\(rule.id)")
            #expect(Rule(id: rule.id) == rule)
            #expect(!rule.event.isEmpty && !rule.action.isEmpty && !rule.source.isEmpty, "\(rule.id)")
            #expect(rule.from != rule.to, "\(rule.id)")
        }
        #expect(Rule(id: "established-fin") == nil)
    }

    /// Literals: who renames one of these breaks records that others have stored.
    @Test(arguments: [
        ("CLOSED-ACTIVE-OPEN", Rule.closedActiveOpen), ("ESTABLISHED-FIN", .establishedFin),
        ("SYN-RECEIVED-ACK-OF-SYN", .synReceivedAckOfSyn), ("FIN-WAIT-1-ACK-OF-FIN", .finWait1AckOfFin),
        ("TIME-WAIT-TIMEOUT", .timeWaitTimeout), ("SYN-RECEIVED-RST-PASSIVE", .synReceivedRstPassive),
    ])
    func id(_ id: String, _ rule: Rule) {
        #expect(rule.id == id)
    }

    @Test func theDiagramOnlyHasRulesOfTheStateItIsAskedIn() {
        for profile in Self.variants {
            for state in State.allCases {
                for event in DiagramEvent.allCases {
                    for opening in Opening.allCases {
                        let rule = Diagram.rule(in: state, on: event, openedBy: opening, profile: profile)
                        if let rule { #expect(rule.from == state, "\(rule.id)") }
                    }
                }
            }
        }
    }

    @Test func everyRuleIsInTheDiagramOfSomeVariant() {
        let found = Set(Self.variants.flatMap { Diagram.rules(of: $0) })
        #expect(Set(Rule.allCases).subtracting(found).isEmpty)
    }

    /// The standard profiles, and each with one switch turned over.
    static let variants: [Profile] = Profile.standard
        + Profile.standard.flatMap { p in Profile.Switch.allCases.map { p.with($0, !p[$0]) } }

    /// What tells two moments of a connection apart for the search: not the numbers, but what the rules ask about.
    struct Moment: Hashable {
        let state: State
        let opening: Opening
        let finSent, closePending, receiving, unread, unsent, inFlight, timestamps: Bool

        init(_ c: Connection) {
            state = c.state
            opening = c.opening
            finSent = c.finSent
            closePending = c.closePending
            receiving = c.receiving
            unread = c.unread > 0
            unsent = c.unsent > 0
            inFlight = c.inFlight > 0
            timestamps = c.recentTimestamp != nil
        }
    }

    @Test func everyRuleHappensAndNothingElse() {
        var happened: Set<Rule> = []
        for profile in Profile.standard + [.rfc9293.with(.abortMayEnterTimeWait), .rfc9293.with(.synInWindowReset)] {
            let allowed = Set(Diagram.rules(of: profile))
            let taken = search(profile)
            #expect(taken.isSubset(of: allowed), "\(profile.name)")
            #expect(taken == allowed, "\(profile.name): never happened: \(allowed.subtracting(taken).map(\.id))")
            happened.formUnion(taken)
        }
        #expect(happened == Set(Rule.allCases))
    }

    /// Breadth-first over events from CLOSED; returns the rules that were taken.
    private func search(_ profile: Profile) -> Set<Rule> {
        var parameters = Parameters()
        parameters.offersTimestamps = true
        let start = Bench.closed(profile, parameters)
        var (queue, seen, taken): ([Connection], Set<Moment>, Set<Rule>) = ([start], [Moment(start)], [])
        var next = 0
        while next < queue.count {
            let before = queue[next]
            next += 1
            for entry in CatalogEntry.all + Self.withTimestamps {
                var c = before
                let outcome = c.handle(entry.make(c), at: 7)
                #expect(walkError(from: before, to: c, outcome) == nil, "\(profile.name): \(entry.name)")
                taken.formUnion(outcome.rules)
                if seen.insert(Moment(c)).inserted { queue.append(c) }
            }
        }
        return taken
    }

    /// Timestamps come into use by both SYNs; Linux reuses a TIME-WAIT only with them.
    private static let withTimestamps: [CatalogEntry] = [
        CatalogEntry(segment: "SYN,ACK with timestamp") { Bench.peer($0, [.syn, .ack], timestamp: 100) },
        CatalogEntry(segment: "SYN with timestamp") { Bench.peer($0, .syn, seq: $0.rcvNxt + 5, timestamp: 200) },
    ]
}
