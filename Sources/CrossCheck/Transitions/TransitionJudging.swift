import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Every transition that the kernel told, against those that were inferred (kernel-facts 3.1).
struct TransitionJudging {
    let judge: Judge
    let stories: Stories
    let transitions: [KernelTransition]

    /// Judges those before a time; all without one.
    func run(before time: Int64?, _ memory: inout JudgingMemory, into ledger: inout VerdictLedger) {
        for transition in withPorts() where time.map({ transition.time < $0 }) ?? true {
            judge(transition, &memory.taken, &ledger)
        }
    }

    /// A step of an endpoint that has been paired.
    struct Pairing: Hashable {
        let place: Stories.Place
        let step: Int
    }

    /// In the order of time; a port that was not chosen at CLOSED to SYN-SENT is that of the socket's next transition.
    private func withPorts() -> [KernelTransition] {
        var ordered = transitions
        ordered.sort { $0.time < $1.time }
        var next: [UInt64: SocketPair] = [:]
        for place in ordered.indices.reversed() {
            let socket = ordered[place].socket
            if ordered[place].pair.sourcePort == 0, let pair = next[socket],
                pair.destinationPort == ordered[place].pair.destinationPort
            {
                ordered[place].pair = pair
            }
            next[socket] = ordered[place].pair
        }
        return ordered
    }

    private func judge(
        _ transition: KernelTransition, _ taken: inout Set<Pairing>, _ ledger: inout VerdictLedger
    ) {
        var judgement = Judgement(
            subject: .transition, verdict: .agree(nil), pair: transition.pair, namespace: nil,
            window: TimeWindow(begin: transition.time, end: transition.time), count: 1)
        judgement.transition = transition
        // It makes no endpoint's verdict, which its rows make.
        defer { ledger.append(judgement) }
        if transition.pair.destinationPort == 0 {
            judgement.verdict = .kernelOnly(.listener)
            return
        }
        let incarnations = stories.incarnations(of: transition.pair)
        var best: (verdict: Verdict, history: EndpointHistory, step: Int?)?
        // A SYN may wait for its neighbor's address.
        let latest = transition.time &+ (transition.to == .synSent ? Judge.second : Judge.tolerance)
        for history in incarnations.reversed() where history.first <= latest {
            let (verdict, step) = judge(transition, against: history, taken)
            if best.map({ verdict.kind < $0.verdict.kind }) ?? true { best = (verdict, history, step) }
        }
        guard let (verdict, history, step) = best else {
            judgement.verdict = .kernelOnly(reasonWithoutFlow(transition, hasFlow: !incarnations.isEmpty))
            return
        }
        if let step { taken.insert(Pairing(place: history.place, step: step)) }
        let finding = judgeOrigin(of: transition, history) ?? Judge.Finding(verdict)
        judgement.verdict = temper(finding.verdict, transition, history)
        let standing = history.settled(in: judgement.window)
        judgement.wire = Judgement.Wire(
            flow: history.flow.number, endpoint: history.role, states: standing.states,
            since: history.step(at: transition.time)?.record, segment: finding.segment)
    }

    private func temper(_ verdict: Verdict, _ transition: KernelTransition, _ history: EndpointHistory) -> Verdict {
        guard case .divergent = verdict else { return verdict }
        if transition.time > judge.captured.end { return .explained(.captureEnded) }
        // The kernel tells of all namespaces, and does not say of which.
        if !judge.isLocal(history) { return .explained(.distantVantage) }
        let isLossy = history.flow.findings.contains(.captureLoss) || history.flow.findings.contains(.ackedUnseen)
        return isLossy ? .explained(.captureLoss) : verdict
    }

    private func reasonWithoutFlow(_ transition: KernelTransition, hasFlow: Bool) -> KernelOnlyReason {
        if transition.time < judge.captured.begin &- Judge.tolerance { return .beforeCapture }
        if transition.time > judge.captured.end &+ Judge.tolerance { return .afterCapture }
        if hasFlow { return .beforeFirstSegment }
        return transition.to == .synSent || transition.from == .synSent ? .synNotOnWire : .elsewhere
    }

    private func judge(
        _ transition: KernelTransition, against history: EndpointHistory, _ taken: Set<Pairing>
    ) -> (Verdict, Int?) {
        let free = history.steps.indices.filter { !taken.contains(Pairing(place: history.place, step: $0)) }
        let fitting = free.filter { fits(history.steps[$0], transition) }
        let nearest = fitting.min { distance(history.steps[$0], transition) < distance(history.steps[$1], transition) }
        if let nearest, distance(history.steps[nearest], transition) <= Judge.tolerance {
            return (.agree(nil), nearest)
        }
        if transition.from == transition.to { return (.explained(.closedAgain), nil) }
        if let verdict = explain(transition, history) { return (verdict, nil) }
        guard let nearest else { return (explainAlone(transition, history), nil) }
        let lag = transition.time &- history.steps[nearest].time
        if isUserCall(transition), lag < 0 { return (.explained(.sentLater), nearest) }
        if lag > 0, lag <= Judge.lateness { return (.explained(.takenLate), nearest) }
        return (explainAlone(transition, history), nil)
    }

    private func distance(_ step: EndpointHistory.Step, _ transition: KernelTransition) -> Int64 {
        let lag = transition.time.subtractingReportingOverflow(step.time)
        return lag.overflow ? .max : Int64(clamping: lag.partialValue.magnitude)
    }

    /// The same step; the kernel says CLOSED for TIME-WAIT, and for LISTEN where a handshake was reset.
    private func fits(_ step: EndpointHistory.Step, _ transition: KernelTransition) -> Bool {
        let isSameEnd = step.state == transition.to
            || (transition.to == .closed && (step.state == .timeWait || step.state == .listen))
        guard let from = step.record.from else { return isSameEnd }
        return isSameEnd && from == transition.from
    }

    private func isUserCall(_ transition: KernelTransition) -> Bool {
        switch transition.to {
        case .synSent, .finWait1, .lastAck: true
        case .closed, .listen, .synReceived, .established, .finWait2, .closeWait, .closing, .timeWait: false
        }
    }

    /// What the kernel tells at another moment, or what it alone knows.
    private func explain(_ transition: KernelTransition, _ history: EndpointHistory) -> Verdict? {
        let near = TimeWindow(begin: transition.time, end: transition.time).widened(by: Judge.tolerance)
        switch (transition.from, transition.to) {
        case (.listen, .synReceived):
            // Fast Open makes the socket at the SYN, which has paired then.
            let isKnown = history.steps.contains { $0.state == .synReceived && $0.time <= near.end }
            return isKnown ? .explained(.childAtFinalAck) : nil
        case (.synReceived, .established):
            // It waits for data, or for the accept queue, and takes the ACK that it left out when it comes again.
            let isLate = history.steps.contains { $0.state == .established && $0.time < near.begin }
            let hasArrival = history.flow.hasSegment(from: history.role.other, in: near)
            return isLate && hasArrival ? .explained(.childAtFinalAck) : nil
        case (.finWait2, .closed):
            let standing = history.settled(in: near).states
            return standing.contains(.finWait2) || standing.contains(.timeWait) ? .explained(.remnantTakesOver) : nil
        case (.closing, .closed):
            return history.settled(in: near).states.contains(.timeWait) ? .explained(.remnantTakesOver) : nil
        case (.finWait1, .finWait2), (.finWait1, .closing):
            // FIN and ACK of the FIN lead to TIME-WAIT in either order.
            let standing = history.settled(in: near).states
            return standing.contains(.finWait1) && standing.contains(.timeWait) ? .explained(.arrivalOrder) : nil
        default:
            return nil
        }
    }

    /// No step of the wire is like it.
    private func explainAlone(_ transition: KernelTransition, _ history: EndpointHistory) -> Verdict {
        let moment = TimeWindow(begin: transition.time, end: transition.time).widened(by: Judge.lateness)
        let standing = history.settled(in: moment)
        if standing.isOpen { return .explained(.wireUncertain) }
        if isUserCall(transition) {
            let isLater = history.steps.contains { $0.state == transition.to && $0.time >= transition.time }
            return .explained(isLater ? .sentLater : .neverSent)
        }
        let near = TimeWindow(begin: transition.time, end: transition.time).widened(by: Judge.tolerance)
        let isSilent = !history.flow.segments.contains { segment in
            segment.from == history.role && segment.controlBits.contains(.rst)
                && segment.time >= near.begin && segment.time <= near.end
        }
        if transition.to == .closed, isSilent { return .explained(.silentEnd) }
        // What a damaged segment said has been believed, and the kernel has rightly not.
        if let damaged = history.segment(to: transition.time, where: { $0.verdict == .badChecksum }) {
            return .divergent(.badChecksum(Diagnosis.Arrival(damaged.controlBits)))
        }
        return .divergent(.transitionNotInferred)
    }
}
