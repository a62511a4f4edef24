import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// The states that one endpoint can have had, and when: what was settled in the end, and what was presumed meanwhile.
struct EndpointHistory {
    /// The states in a window, of one kind of knowledge.
    struct Standing {
        var states: StateSet = []
        /// At some moment in it nothing was known, or several states were possible.
        var isOpen = false
    }

    struct Step {
        var time: Int64
        var state: State
        var record: TransitionRecord
    }

    private struct Presumption {
        var time: Int64
        /// nil: several are possible.
        var state: State?
    }

    let flow: FlowEvidence
    let role: EndpointRole
    /// When the first segment of the flow passed.
    let first: Int64
    let steps: [Step]
    private let initial: StateSet
    private let presumptions: [Presumption]
    /// What the evidence left in the end, from `last` on.
    private let possible: StateSet
    private let last: Int64

    init?(_ flow: FlowEvidence, _ role: EndpointRole) {
        guard let record = flow.record else { return nil }
        self.flow = flow
        self.role = role
        first = record.first
        last = record.last
        let endpoint = role == .initiator ? record.initiator : record.responder
        possible = endpoint.possible
        var steps: [Step] = []
        for transition in flow[role] {
            // What is known late is backdated; the order is causal all the same.
            let time = max(transition.time, steps.last?.time ?? .min)
            steps.append(Step(time: time, state: transition.to, record: transition))
        }
        self.steps = steps
        if let from = steps.first?.record.from {
            // Nobody can tell LISTEN from CLOSED before an answer.
            initial = from == .listen ? [StateSet(.listen), StateSet(.closed)] : StateSet(from)
        } else {
            initial = []
        }
        var presumptions: [Presumption] = []
        for segment in flow.segments {
            let state = role == .initiator ? segment.initiatorState : segment.responderState
            if let known = presumptions.last, known.state == state { continue }
            presumptions.append(Presumption(time: segment.time, state: state))
        }
        self.presumptions = presumptions
    }

    /// The socket of this end, and the other one.
    var pair: SocketPair {
        let pair = flow.record?.pair ?? SocketPair(
            source: Address(ipv4: 0), destination: Address(ipv4: 0), sourcePort: 0, destinationPort: 0, family: .ipv4)
        return role == .initiator ? pair : pair.reversed
    }

    /// When something of it was last seen.
    var lastMoment: Int64 { last }

    /// Whether it ever had anything to do with a connection.
    var isKnown: Bool { !steps.isEmpty }

    // MARK: States in a window

    /// What was settled in the end.
    func settled(in window: TimeWindow) -> Standing {
        var standing = Standing()
        let begin = steps.partitioned { $0.time <= window.begin }
        let end = steps.partitioned { $0.time <= window.end }
        if begin > 0 {
            standing.states.insert(StateSet(steps[begin - 1].state))
        } else if initial.isEmpty {
            standing.isOpen = true
        } else {
            standing.states.formUnion(initial)
        }
        for place in begin..<max(begin, end) { standing.states.insert(StateSet(steps[place].state)) }
        // The end of the flow left several.
        if window.end >= last, possible.only == nil {
            standing.states.formUnion(possible)
            standing.isOpen = true
        }
        return standing
    }

    /// What was presumed when the segments passed: all that had passed towards it, taken as arrived.
    func presumed(in window: TimeWindow) -> Standing {
        var standing = Standing()
        add(at: window.begin, to: &standing)
        for place in presumptions.partitioned({ $0.time <= window.begin })..<presumptions.count {
            guard presumptions[place].time <= window.end else { break }
            add(presumptions[place].state, to: &standing)
        }
        // Timers and what is known only from the other end move it without a segment.
        for place in steps.partitioned({ $0.time <= window.begin })..<steps.count {
            guard steps[place].time <= window.end else { break }
            if isLater(steps[place]) { standing.states.insert(StateSet(steps[place].state)) }
        }
        return standing
    }

    private func add(at time: Int64, to standing: inout Standing) {
        let place = presumptions.partitioned { $0.time <= time }
        let step = steps.partitioned { $0.time <= time }
        if step > 0, isLater(steps[step - 1]), place == 0 || presumptions[place - 1].time < steps[step - 1].time {
            standing.states.insert(StateSet(steps[step - 1].state))
        } else if place > 0 {
            add(presumptions[place - 1].state, to: &standing)
        } else if initial.isEmpty {
            standing.isOpen = true
        } else {
            standing.states.formUnion(initial)
        }
    }

    private func add(_ state: State?, to standing: inout Standing) {
        if let state { standing.states.insert(StateSet(state)) } else { standing.isOpen = true }
    }

    /// The step has no segment of its own time: the presumptions do not know of it.
    private func isLater(_ step: Step) -> Bool {
        step.record.cause.isNone || step.record.certainty == .timer
    }

    // MARK: Single steps and segments

    /// A step that was presumed when a segment passed, and was taken only when that came again: the state before it,
    /// the step, and when it was presumed first.
    func retaken(after lateness: Int64) -> (from: State, step: Step, presumed: Int64)? {
        for (before, step) in zip(steps, steps.dropFirst()) {
            let early = presumptions.first { presumption in
                presumption.state == step.state && presumption.time > before.time
                    && presumption.time < step.time &- lateness
            }
            if let early { return (before.state, step, early.time) }
        }
        return nil
    }

    /// The step that was in force at a time.
    func step(at time: Int64) -> Step? {
        let place = steps.partitioned { $0.time <= time }
        return place > 0 ? steps[place - 1] : nil
    }

    /// The latest segment to this end, not after a time, that meets a condition.
    func segment(to end: Int64, where matches: (SegmentRecord) -> Bool) -> SegmentRecord? {
        flow.segments.last { $0.from == role.other && $0.time <= end && matches($0) }
    }

    /// The first segment to this end behind another that says the same again: a SYN or FIN with the same number.
    func copy(of segment: SegmentRecord) -> SegmentRecord? {
        let bits = segment.controlBits.intersection([.syn, .fin])
        guard !bits.isEmpty else { return nil }
        // One segment that passed two interfaces is no second one.
        return flow.segments.first {
            $0.from == segment.from && $0.time > segment.time && $0.note != .copy
                && $0.controlBits.intersection([.syn, .fin]) == bits
                && $0.sequenceNumber + $0.length == segment.sequenceNumber + segment.length
        }
    }

    /// Whether this end acknowledged a SYN or FIN before that came again: it took the first one.
    func acknowledges(_ segment: SegmentRecord, before copy: SegmentRecord?) -> Bool {
        guard !segment.controlBits.isDisjoint(with: [.syn, .fin]) else { return false }
        let end = segment.sequenceNumber + segment.length + 1
        let latest = copy?.time ?? .max
        return flow.segments.contains {
            $0.from == role && $0.time >= segment.time && $0.time < latest
                && $0.acknowledgmentNumber?.isAtOrAfter(end) == true
        }
    }

    /// The latest segment of this end, not after a time, that meets a condition.
    func ownSegment(to end: Int64, where matches: (SegmentRecord) -> Bool) -> SegmentRecord? {
        flow.segments.last { $0.from == role && $0.time <= end && matches($0) }
    }

    /// How many of its segments that meet a condition passed up to a time.
    func ownSegments(to end: Int64, where matches: (SegmentRecord) -> Bool) -> Int {
        flow.segments.count { $0.from == role && $0.time <= end && matches($0) }
    }
}

extension Array {
    /// The number of elements at the beginning that meet a condition that none meets afterwards.
    func partitioned(_ meets: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if meets(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension TimeWindow {
    /// Wider by so many nanoseconds on both sides.
    func widened(by slack: Int64) -> TimeWindow {
        let low = begin.subtractingReportingOverflow(slack)
        let high = end.addingReportingOverflow(slack)
        return TimeWindow(
            begin: low.overflow ? .min : low.partialValue, end: high.overflow ? .max : high.partialValue)
    }
}
