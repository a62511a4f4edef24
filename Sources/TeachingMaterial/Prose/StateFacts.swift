import TCPStateMachine

/// What is true in a state, as prose speaks of it: derived from the rules of the machine, not written down.
///
/// All ways from CLOSED that no error takes are walked, with what each action sends and each event receives; what
/// holds in a state whatever way led there is a fact.
struct StateFacts: Sendable {
    /// What has happened to a connection.
    struct History: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let synSent = History(rawValue: 1)
        static let synReceived = History(rawValue: 2)
        static let synAcknowledged = History(rawValue: 4)
        static let finSent = History(rawValue: 8)
        static let finAcknowledged = History(rawValue: 16)
        static let finReceived = History(rawValue: 32)
    }

    /// True in every way that leads to the state.
    var always: History
    /// True in some way.
    var ever: History
    /// The events that lead on.
    var awaited: Set<DiagramEvent>

    func contradicts(_ feature: History, isTrue: Bool) -> Bool {
        isTrue ? !ever.contains(feature) : always.contains(feature)
    }

    static func of(_ state: State) -> StateFacts { table[Int(state.rawValue)] }

    private static let table: [StateFacts] = {
        var found = [Set<History>](repeating: [], count: State.allCases.count)
        var waiting: [(State, History)] = [(.closed, [])]
        found[Int(State.closed.rawValue)].insert([])
        while let (state, history) = waiting.popLast() {
            for way in Way.leaving(state)
            where isUsual(way) && way.to != .closed && way.to != .listen || way.from == .closed {
                let next = after(way, history)
                if found[Int(way.to.rawValue)].insert(next).inserted { waiting.append((way.to, next)) }
            }
        }
        return State.allCases.map { state in
            let histories = found[Int(state.rawValue)]
            let all = histories.reduce(History(rawValue: .max)) { $0.intersection($1) }
            let some = histories.reduce(History()) { $0.union($1) }
            let events = Way.leaving(state).filter(isUsual).map(\.event)
            return StateFacts(always: all, ever: some, awaited: Set(events))
        }
    }()

    /// A step that an orderly connection takes.
    private static func isUsual(_ way: Way) -> Bool {
        switch way.event {
        case .passiveOpen, .activeOpen, .send, .close, .synArrives, .synAckArrives, .ackOfSynArrives, .finArrives,
            .ackOfFinArrives, .timeWaitTimeout:
            true
        case .abort, .rstArrives, .synInWindowArrives, .dataAfterCloseArrives, .newIncarnationSynArrives, .userTimeout,
            .retransmissionLimit, .icmpHardError, .timeWaitReuse, .finWait2Timeout, .socketGone:
            false
        }
    }

    private static func after(_ way: Way, _ history: History) -> History {
        var next = history
        if way.sends.contains(.syn) { next.insert(.synSent) }
        if way.sends.contains(.fin) { next.insert(.finSent) }
        switch way.event {
        case .synArrives: next.insert(.synReceived)
        case .synAckArrives: next.formUnion([.synReceived, .synAcknowledged])
        case .ackOfSynArrives: next.insert(.synAcknowledged)
        case .finArrives:
            next.insert(.finReceived)
            if way.isComposite { next.insert(way.from == .finWait1 ? .finAcknowledged : .synAcknowledged) }
        case .ackOfFinArrives: next.insert(.finAcknowledged)
        default: break
        }
        return next
    }
}
