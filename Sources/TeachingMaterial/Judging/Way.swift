import TCPStateMachine

/// A legal step from one state to another, as a diagram may draw it: a rule of the machine, or two rules that one
/// segment takes at once.
struct Way: Sendable {
    let from: State
    let to: State
    let event: DiagramEvent
    /// The segment that is sent, empty for none.
    let sends: SegmentWords
    let rule: Rule
    let profiles: ProfileSet
    /// Two rules that one segment takes: a FIN that acknowledges ours, a FIN with the ACK of our SYN.
    var isComposite = false

    /// All of them, those of the RFCs' figures first.
    static let all: [Way] = {
        var ways: [Way] = []
        for rule in Rule.allCases {
            for event in events(of: rule) {
                ways.append(
                    Way(
                        from: rule.from, to: rule.to, event: event, sends: segment(in: rule.action.description),
                        rule: rule,
                        profiles: rule.profiles))
            }
        }
        let every: ProfileSet = Profile.Name.allCases.reduce(into: []) { $0.insert(ProfileSet($1)) }
        ways.append(
            Way(
                from: .finWait1, to: .timeWait, event: .finArrives, sends: .ack, rule: .finWait2Fin, profiles: every,
                isComposite: true))
        ways.append(
            Way(
                from: .synReceived, to: .closeWait, event: .finArrives, sends: .ack, rule: .establishedFin,
                profiles: every, isComposite: true))
        return ways
    }()

    /// Those that leave a state.
    static func leaving(_ state: State) -> [Way] { byState[Int(state.rawValue)] }

    private static let byState: [[Way]] = State.allCases.map { state in all.filter { $0.from == state } }

    /// The events that take a rule, asked of the diagram.
    private static func events(of rule: Rule) -> [DiagramEvent] {
        let profiles = Profile.standard + [Profile.rfc9293.with(.abortMayEnterTimeWait)]
        return DiagramEvent.allCases.filter { event in
            profiles.contains { profile in
                Opening.allCases.contains { opening in
                    Diagram.rule(in: rule.from, on: event, openedBy: opening, profile: profile) == rule
                }
            }
        }
    }

    /// The segment that the action of a rule sends: `snd SYN,ACK`.
    private static func segment(in action: String) -> SegmentWords {
        guard let found = action[...].firstRange(of: "snd ") else { return [] }
        var flags: SegmentWords = []
        for name in action[found.upperBound...].split(separator: " ")[0].split(separator: ",") {
            switch name {
            case "SYN": flags.insert(.syn)
            case "ACK": flags.insert(.ack)
            case "FIN": flags.insert(.fin)
            case "RST": flags.insert(.rst)
            default: return flags
            }
        }
        return flags
    }

    /// The way in words: `CLOSE: ESTABLISHED to FIN-WAIT-1, snd FIN`.
    var text: String {
        let what = isComposite && from == .finWait1 ? "rcv FIN with the ACK of our FIN" : event.words
        return "\(what) leads to \(to)" + (sends.isEmpty ? "" : " (snd \(sends.text))")
    }

    /// What is normal, and not a reset, a timeout or an abort.
    var isNormal: Bool {
        switch event {
        case .passiveOpen, .activeOpen, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
            .ackOfFinArrives, .timeWaitTimeout:
            true
        case .send, .abort, .rstArrives, .synInWindowArrives, .dataAfterCloseArrives, .newIncarnationSynArrives,
            .userTimeout, .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout, .socketGone:
            false
        }
    }
}

extension DiagramEvent {
    /// In the words of the figures.
    var words: String {
        switch self {
        case .passiveOpen: "passive OPEN"
        case .activeOpen: "active OPEN"
        case .send: "SEND"
        case .close: "CLOSE"
        case .abort: "ABORT"
        case .synArrives: "rcv SYN"
        case .synAckArrives: "rcv SYN,ACK"
        case .ackOfSynArrives: "rcv ACK of our SYN"
        case .finArrives: "rcv FIN"
        case .ackOfFinArrives: "rcv ACK of our FIN"
        case .rstArrives: "rcv RST"
        case .synInWindowArrives: "rcv SYN in the window"
        case .dataAfterCloseArrives: "rcv data that nobody reads"
        case .newIncarnationSynArrives: "rcv SYN of a new connection"
        case .timeWaitTimeout: "the 2 MSL timeout"
        case .userTimeout: "the user timeout"
        case .retransmissionLimit: "giving up retransmissions"
        case .icmpHardError: "an ICMP hard error"
        case .timeWaitReuse: "reuse by an active OPEN"
        case .finWait2Timeout: "Linux' tcp_fin_timeout"
        case .socketGone: "the loss of the socket"
        }
    }
}
