import TCPStateMachine

/// An expectation that was not met.
public struct FailedExpectation: Hashable, Sendable {
    public var place: ScenarioPlace
    /// What was expected, and what was the case.
    public var message: String

    public init(place: ScenarioPlace, message: String) {
        self.place = place
        self.message = message
    }
}

extension Scenario {
    /// The expectations that the story does not meet. Findings are not looked at: they are the inference's, which knows
    /// only what a capture shows.
    public func failures(in simulator: Simulator) -> [FailedExpectation] {
        misses(in: simulator)
            + expectations.compactMap { expectation in
                failure(of: expectation, in: simulator).map {
                    FailedExpectation(place: expectation.place, message: $0)
                }
            }
    }

    /// What was to befall a segment that was not there.
    private func misses(in simulator: Simulator) -> [FailedExpectation] {
        simulator.history.misses.compactMap { miss in
            let planned = actions.first { $0.time == miss.time && $0.action == .befall(miss.mishap, miss.choice) }
            guard let place = planned?.place else { return nil }
            return FailedExpectation(place: place, message: "no such segment was under way at \(miss.time)")
        }
    }

    private func failure(of expectation: Expectation, in simulator: Simulator) -> String? {
        let account = Account(simulator: simulator, end: expectation.end, ports: expectation.ports)
        let who = expectation.end.name
        switch expectation.claim {
        case .state(let state, let time):
            let moment = time.map { " at \($0)" } ?? " at the end"
            if let time, let end, time > end {
                return "expected \(who) in \(state)\(moment); the story ends before that, at \(end)"
            }
            let actual = account.state(at: time)
            if actual == state || state == .listen && actual == .closed && account.listens(at: time) { return nil }
            return "expected \(who) in \(state)\(moment); it was in \(actual)"
        case .never(let state):
            guard let step = account.transitions.first(where: { $0.to == state }) else { return nil }
            return "expected \(who) never in \(state); it came there at \(step.time) by \(step.rule?.id ?? "a crash")"
        case .path(let path):
            let actual = account.path
            guard actual != path else { return nil }
            return "expected \(who) to go \(Account.text(path)); it went \(Account.text(actual))"
        case .rule(let rule):
            guard !account.transitions.contains(where: { $0.rule == rule }) else { return nil }
            let taken = account.transitions.compactMap { $0.rule?.id }.joined(separator: ", ")
            return "expected \(who) to take \(rule.id); it took \(taken.isEmpty ? "no rule" : taken)"
        case .sends(let claim, let times, let time):
            return account.failure(of: claim, times, time, among: account.sent, verb: "send")
        case .receives(let claim, let times, let time):
            return account.failure(of: claim, times, time, among: account.received, verb: "receive")
        case .told(let signal):
            guard !account.signals.contains(signal) else { return nil }
            let told = account.signals.isEmpty ? "nothing" : "\"\(account.signals)\""
            return "expected \(who)'s user to be told \"\(signal)\"; it was told \(told)"
        case .refused(let error):
            guard !account.errors.contains(error) else { return nil }
            let answers = account.errors.map { "\"\($0)\"" }.joined(separator: ", ")
            return "expected a call of \(who)'s user to be answered \"\(error)\"; "
                + (answers.isEmpty ? "none was refused" : "the answers were \(answers)")
        case .findings: return nil
        }
    }
}

/// What one end has to tell of one connection.
private struct Account {
    let simulator: Simulator
    let end: End
    let ports: PortPair

    /// What concerns this connection: a TCB that names no peer yet is everybody's.
    private func concerns(_ other: PortPair) -> Bool {
        other[end] == ports[end] && (other[end.other] == ports[end.other] || other[end.other] == 0)
    }

    var transitions: [Transition] {
        simulator.history.transitions.filter { $0.end == end && concerns($0.ports) }
    }

    var path: [State] {
        let steps = transitions
        guard let first = steps.first else { return [simulator.state(at: end, of: ports)] }
        return [first.from] + steps.map(\.to)
    }

    static func text(_ path: [State]) -> String {
        path.map(\.name).joined(separator: ", ")
    }

    /// Of the connection, even if it has ended and somebody still listens there.
    func state(at time: VirtualTime?) -> State {
        transitions.last { $0.time <= time ?? .distantFuture }?.to ?? .closed
    }

    /// Whether somebody waits there for anyone.
    func listens(at time: VirtualTime?) -> Bool {
        var last: [Int32: Transition] = [:]
        for step in transitions where step.time <= time ?? .distantFuture { last[step.connection] = step }
        return last.values.contains { $0.to == .listen && $0.ports[end.other] == 0 }
    }

    private func numbers(_ isDeparture: Bool) -> [(Int32, VirtualTime)] {
        simulator.history.incidents.compactMap { incident in
            guard incident.end == end, incident.ports == ports else { return nil }
            switch incident.what {
            case .departure(let number): return isDeparture ? (number, incident.time) : nil
            case .arrival(let number, _): return isDeparture ? nil : (number, incident.time)
            case .icmpError, .call, .timeout, .crash, .restart, .signal, .remark, .statesAsked: return nil
            }
        }
    }

    var sent: [(Int32, VirtualTime)] { numbers(true) }
    var received: [(Int32, VirtualTime)] { numbers(false) }

    func failure(
        of claim: Scenario.SegmentClaim, _ times: Int?, _ time: VirtualTime?, among numbers: [(Int32, VirtualTime)],
        verb: String
    ) -> String? {
        let count = numbers.count { number, moment in
            moment <= time ?? .distantFuture
                && claim.matches(simulator.history.segments[Int(number)].segment)
        }
        guard times.map({ $0 != count }) ?? (count == 0) else { return nil }
        let wanted = times.map { "\($0) times" } ?? "at least once"
        return "expected \(end.name) to \(verb) such a segment \(wanted); it did \(count) times"
    }

    var signals: Signals {
        simulator.history.incidents.reduce(into: Signals()) { all, incident in
            guard incident.end == end, concerns(incident.ports) else { return }
            if case .signal(let signals) = incident.what { all.formUnion(signals) }
        }
    }

    var errors: [UserError] {
        simulator.history.incidents.compactMap { incident in
            guard incident.end == end, concerns(incident.ports), case .call(_, .error(let error)) = incident.what else {
                return nil
            }
            return error
        }
    }
}

extension VirtualTime: CustomStringConvertible {
    /// In seconds, with as many places as are not zero, at least one: `1.2 s`.
    public var description: String {
        let (whole, part) = nanoseconds.quotientAndRemainder(dividingBy: Duration.second)
        var digits = String(part + Duration.second).dropFirst()
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits) s"
    }
}
