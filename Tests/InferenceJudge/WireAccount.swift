import Simulation
import TCPStateMachine

/// What happened, as far as the wire can have it: a CLOSE that waits behind text is not on the wire until its FIN is
/// sent (case 10), and until then the end does what it would do without it.
struct WireAccount {
    private(set) var steps: [Transition]
    /// Closes whose FIN left later, or never.
    private(set) var deferred = 0

    init(_ truth: [Transition], _ history: History) {
        steps = truth.flatMap(Self.perIncarnation)
        var index = 0
        while index < steps.count {
            if let rule = steps[index].rule, rule.event == "CLOSE", rule.to == .finWait1 || rule.to == .lastAck {
                index = deferClose(at: index, history)
            }
            index += 1
        }
    }

    /// A flow is one incarnation: where TIME-WAIT reopens (RFC 1122 section 4.2.2.13), one ends and another begins.
    private static func perIncarnation(_ step: Transition) -> [Transition] {
        if step.rule == .synReceivedOldDuplicate {
            // Back to the TIME-WAIT of the flow before: this one's end goes back to where it came from.
            var end = step
            (end.to, end.rule) = (.listen, .synReceivedRstPassive)
            return [end]
        }
        guard step.rule == .timeWaitNewIncarnation else { return [step] }
        var (end, begin) = (step, step)
        (end.to, end.rule, end.cause) = (.closed, nil, nil)
        (begin.from, begin.rule) = (.listen, .listenSyn)
        return [end, begin]
    }

    /// When the connection that takes this step sends its FIN.
    static func finDeparture(after step: Transition, _ history: History) -> VirtualTime? {
        let ended = history.transitions.first {
            $0.end == step.end && $0.connection == step.connection && $0.time > step.time && $0.to == .closed
        }
        return history.segments.first {
            $0.from == step.end && $0.ports == step.ports && $0.origin == .host && $0.segment.hasFin
                && $0.sent >= step.time && $0.sent <= ended?.time ?? .distantFuture
        }?.sent
    }

    /// Moves a close to where its FIN leaves; returns the index to go on from.
    private mutating func deferClose(at index: Int, _ history: History) -> Int {
        let close = steps[index]
        let departure = Self.finDeparture(after: close, history)
        guard departure != close.time else { return index }
        var next = index + 1
        let end = departure ?? .distantFuture
        // A FIN that lets the own one go has come before it.
        while next < steps.count, steps[next].time < end || steps[next].time == end && steps[next].to == .closing {
            guard steps[next].connection == close.connection else {
                next += 1
                continue
            }
            // A FIN that comes meanwhile makes a difference that lasts, if the own one leaves later.
            if steps[next].to == .closing, departure != nil { return index }
            next += 1
            if steps[next - 1].to == .closed { break }
        }
        deferred += 1
        var state = close.from
        let own = (index + 1..<next).filter { steps[$0].connection == close.connection }
        for place in own {
            let isFin = steps[place].to == .closing
            steps[place] = Self.step(steps[place], from: state)
            if isFin { (steps[place].to, state) = (.closeWait, .closeWait) }
        }
        steps.remove(at: index)
        if let departure, own.isEmpty {
            var moved = close
            moved.time = departure
            steps.insert(moved, at: next - 1)
        }
        return next - 2
    }

    /// The same event in the state before the close.
    private static func step(_ step: Transition, from state: State) -> Transition {
        var step = step
        let event = step.rule.map { $0.id.dropFirst($0.from.name.count) } ?? ""
        let isSaid = step.cause != nil || step.rule.map { $0.event == "ABORT" && $0.from == .finWait1 } ?? false
        step.rule = Rule(id: state.name + event) ?? (isSaid ? Rule(id: state.name + "-SOCKET-GONE") : nil)
        if !isSaid, step.rule?.event == "ABORT" { step.rule = nil }
        step.from = state
        return step
    }
}
