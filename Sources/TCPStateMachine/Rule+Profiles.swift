extension Rule {
    /// The standard profiles that have this rule, asked of the diagram itself so that the two cannot drift apart. Empty
    /// for an option that all of them have switched off (`Profile.Switch.abortMayEnterTimeWait`).
    public var profiles: ProfileSet {
        Profile.Name.allCases.reduce(into: ProfileSet()) { set, name in
            if Diagram.rules(of: Profile(name)).contains(self) { set.insert(ProfileSet(name)) }
        }
    }

    /// Whether two rules in a row are one packet's work that diagrams often draw as one arrow: an ACK of our FIN that
    /// carries a FIN (FIN-WAIT-1 to TIME-WAIT), an ACK of our SYN that carries a FIN (SYN-RECEIVED to CLOSE-WAIT).
    public func composes(with next: Rule) -> Bool {
        switch self {
        case .finWait1AckOfFin: next == .finWait2Fin
        case .synReceivedAckOfSyn, .synReceivedSynAck, .synSentSynAck: next == .establishedFin
        default: false
        }
    }
}

extension Diagram {
    /// All rules that a profile has, in the order of `Rule.allCases`. Not for the hot path: it asks for every event.
    public static func rules(of profile: Profile) -> [Rule] {
        var found: Set<Rule> = []
        for state in State.allCases {
            for event in DiagramEvent.allCases {
                for opening in Opening.allCases {
                    guard let rule = rule(in: state, on: event, openedBy: opening, profile: profile) else { continue }
                    found.insert(rule)
                }
            }
        }
        return Rule.allCases.filter { found.contains($0) }
    }
}
