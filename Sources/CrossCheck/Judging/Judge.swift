import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Holds single rows, and missing rows, against the history of an endpoint.
struct Judge {
    let kernel: KernelSide
    /// When segments passed: nothing is known of other times.
    let captured: TimeWindow
    /// The addresses of the host on which the capture was taken.
    let localAddresses: Set<Address>

    /// Ten times the longest time that was measured between a packet's stamp and the change of state (kernel-facts 4).
    static let tolerance: Int64 = 1_000_000
    /// A busy host takes a segment so late at most, when a program keeps the socket locked.
    static let lateness: Int64 = 50_000_000
    /// What is sent again comes later than that: the shortest timer is that of tail loss probes, some 10 ms.
    static let repetition: Int64 = 3_000_000
    static let second: Int64 = 1_000_000_000

    /// A diagnosis, with the segment that it is about.
    struct Finding {
        var verdict: Verdict
        var segment: SegmentRecord?

        init(_ verdict: Verdict, _ segment: SegmentRecord? = nil) {
            self.verdict = verdict
            self.segment = segment
        }
    }

    /// What both kinds of knowledge say in the time of a look.
    struct Views {
        /// At moments at which the kernel looked.
        let presumed: EndpointHistory.Standing
        let settled: EndpointHistory.Standing
        /// Within the tolerance before and after.
        let presumedNear: EndpointHistory.Standing
        let settledNear: EndpointHistory.Standing

        init(_ history: EndpointHistory, _ window: TimeWindow) {
            let wide = window.widened(by: Judge.tolerance)
            presumed = history.presumed(in: window)
            settled = history.settled(in: window)
            presumedNear = history.presumed(in: wide)
            settledNear = history.settled(in: wide)
        }

        /// All states that are not excluded.
        var near: StateSet { presumedNear.states.union(settledNear.states) }
        var isOpen: Bool { presumedNear.isOpen || settledNear.isOpen }
    }

    func isLocal(_ history: EndpointHistory) -> Bool { localAddresses.contains(history.pair.source) }

    // MARK: A row

    /// A row of the kernel against an endpoint.
    func judge(
        _ socket: KernelSocket, in namespace: NetworkNamespace.Identifier, seen: TimeWindow,
        against history: EndpointHistory
    ) -> Finding {
        let views = Views(history, seen)
        let state = socket.state
        let isLocal = isLocal(history)
        if views.presumed.states.contains(state) || (!isLocal && views.settled.states.contains(state)) {
            if isLocal, isSendingUnseen(socket, seen, history) {
                return Finding(.divergent(.notOnWire(.retransmission)))
            }
            return Finding(.agree(note(on: socket, seen, history)))
        }
        if views.presumedNear.states.contains(state) || (!isLocal && views.settledNear.states.contains(state)) {
            return Finding(.inFlight)
        }
        let finding = judgeDifference(socket, namespace, seen, history, views)
        guard case .divergent = finding.verdict else { return finding }
        return temper(finding, seen, history)
    }

    /// The presumed state is another one.
    private func judgeDifference(
        _ socket: KernelSocket, _ namespace: NetworkNamespace.Identifier, _ seen: TimeWindow,
        _ history: EndpointHistory, _ views: Views
    ) -> Finding {
        if case .request = socket.kind, !views.isOpen { return judgeRequest(socket, namespace, seen, history) }
        let state = socket.state
        if let finding = judgeUnsentFin(socket, seen, history, views) { return finding }
        // What the kernel has not taken although it passed; the inference, too, may have come to that in the end.
        if let (arrival, segment) = missing(for: state, views.near, seen, history) {
            let isSettledSo = views.settledNear.states.contains(state)
            if !isSettledSo, wasLately(state, seen, history) { return Finding(.explained(.takenLate)) }
            return notTaken((arrival, segment))
        }
        if views.settledNear.states.contains(state) { return Finding(.agree(note(on: socket, seen, history))) }
        if views.isOpen { return Finding(.explained(.wireUncertain)) }
        if wasLately(state, seen, history) { return Finding(.explained(.takenLate)) }
        if state == .timeWait, let finding = judgeTimeWait(seen, history) { return finding }
        if isSoon(state, seen, history) { return Finding(.explained(.sentLater)) }
        if let reset = ownReset(to: seen.end, history), views.near.contains(.closed) {
            return Finding(.divergent(.forgedReset), reset)
        }
        return Finding(.divergent(isAhead(state, views.near) ? .notCaptured : .unexplained))
    }

    /// Where nothing can be known for certain, a difference is explained by that.
    private func temper(_ finding: Finding, _ seen: TimeWindow, _ history: EndpointHistory) -> Finding {
        if seen.begin > captured.end.addingReportingOverflow(Judge.tolerance).partialValue {
            return Finding(.explained(.captureEnded))
        }
        if !isLocal(history) { return Finding(.explained(.distantVantage)) }
        let isLossy = history.flow.findings.contains(.captureLoss) || history.flow.findings.contains(.ackedUnseen)
        switch finding.verdict {
        case .divergent(.notCaptured) where isLossy, .divergent(.unexplained) where isLossy,
            .divergent(.goneSilently) where isLossy:
            return Finding(.explained(.captureLoss))
        case .divergent, .agree, .inFlight, .explained, .kernelOnly, .wireOnly: return finding
        }
    }

    /// The endpoint was in this state less than the time ago that a busy host may take.
    private func wasLately(_ state: State, _ seen: TimeWindow, _ history: EndpointHistory) -> Bool {
        let before = TimeWindow(begin: seen.begin &- Judge.lateness, end: seen.end)
        return history.presumed(in: before).states.contains(state) || history.settled(in: before).states.contains(state)
    }

    private func isSoon(_ state: State, _ seen: TimeWindow, _ history: EndpointHistory) -> Bool {
        history.settled(in: TimeWindow(begin: seen.begin, end: seen.end &+ Judge.lateness)).states.contains(state)
    }

    // MARK: Kinds of differences

    /// The listener has answered, and the wire shows the whole handshake.
    private func judgeRequest(
        _ socket: KernelSocket, _ namespace: NetworkNamespace.Identifier, _ seen: TimeWindow,
        _ history: EndpointHistory
    ) -> Finding {
        let ends = history.segment(to: seen.end) { !$0.controlBits.contains(.syn) && $0.acknowledgmentNumber != nil }
        guard let ends else { return Finding(.divergent(.unexplained)) }
        if ends.controlBits.contains(.rst) { return Finding(.divergent(.notTaken(.rst)), ends) }
        if ends.verdict == .badChecksum { return Finding(.divergent(.badChecksum(.finalAck)), ends) }
        if isFull(kernel.listener(for: socket.pair, in: namespace, at: seen.end)) {
            return Finding(.explained(.acceptQueueFull), ends)
        }
        let hasData = history.segment(to: seen.end &- Judge.lateness) {
            $0.length > 0 && !$0.controlBits.contains(.syn)
        }
        let first = history.flow.segments.first {
            $0.from == history.role.other && !$0.controlBits.contains(.syn) && $0.acknowledgmentNumber != nil
        }
        let resent = history.ownSegment(to: seen.end) {
            $0.controlBits.contains(.syn) && $0.time > (first?.time ?? .max)
        }
        // A listener that waits for data does not send its SYN,ACK again for some time.
        if hasData == nil, resent == nil { return Finding(.explained(.deferredAccept), ends) }
        return Finding(.divergent(.notTaken(.finalAck)), ends)
    }

    /// More connections wait than the program asked for. procfs does not tell how many may.
    func isFull(_ listener: KernelSocket.Listener?) -> Bool {
        guard let listener else { return false }
        return listener.acceptQueue > (listener.backlog ?? 0)
    }

    /// The program has closed, and the wire shows no FIN.
    private func judgeUnsentFin(
        _ socket: KernelSocket, _ seen: TimeWindow, _ history: EndpointHistory, _ views: Views
    ) -> Finding? {
        guard case .full(let full) = socket.kind else { return nil }
        let open: StateSet
        switch full.phase {
        case .finWait1: open = [StateSet(.established), StateSet(.synReceived), StateSet(.closeWait)]
        case .closing, .lastAck: open = [StateSet(.established), StateSet(.closeWait)]
        case .synSent, .synReceived, .established, .finWait2, .closeWait: return nil
        }
        guard !views.near.isDisjoint(with: open), views.near.isSubset(of: open) else { return nil }
        if full.sendQueue > 1 || history.flow.findings.contains(.zeroWindow) {
            return Finding(.explained(.finBehindData))
        }
        if isSoon(full.phase.state, seen, history) { return Finding(.explained(.sentLater)) }
        return Finding(.divergent(.notOnWire(.fin)))
    }

    /// The wire has left TIME-WAIT and the kernel has not.
    private func judgeTimeWait(_ seen: TimeWindow, _ history: EndpointHistory) -> Finding? {
        guard let step = history.step(at: seen.end), step.state == .closed, step.record.from == .timeWait else {
            return nil
        }
        if step.record.certainty == .timer {
            // An eighth of the sixty seconds.
            return seen.begin &- step.time < 8 * Judge.second ? Finding(.explained(.timerGranularity)) : nil
        }
        let isByReset = step.record.rule == .timeWaitRst
        return isByReset ? Finding(.explained(.timeWaitKept)) : nil
    }

    /// The latest RST that this end sent.
    private func ownReset(to end: Int64, _ history: EndpointHistory) -> SegmentRecord? {
        history.ownSegment(to: end) { $0.controlBits.contains(.rst) }
    }

    /// The kernel says that it has sent again several times, and the wire shows less than half of that.
    private func isSendingUnseen(_ socket: KernelSocket, _ seen: TimeWindow, _ history: EndpointHistory) -> Bool {
        guard case .full(let full) = socket.kind, let count = full.retransmissions, count >= 2 else { return false }
        let seen = history.ownSegments(to: seen.end) { $0.note == .retransmission }
        return seen * 2 < Int(count)
    }

    /// States that come later than all that the wire allows.
    private func isAhead(_ state: State, _ wire: StateSet) -> Bool {
        func rank(_ state: State) -> Int {
            switch state {
            case .closed, .listen: 0
            case .synSent: 1
            case .synReceived: 2
            case .established: 3
            case .finWait1, .closeWait: 4
            case .finWait2, .closing, .lastAck: 5
            case .timeWait: 6
            }
        }
        return !wire.isEmpty && wire.states.allSatisfy { rank($0) < rank(state) }
    }
}
