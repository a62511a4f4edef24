import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

extension Judge {
    /// The arrival that the kernel in this state has not taken, while the wire is in one of those.
    func missing(
        for state: State, _ wire: StateSet, _ seen: TimeWindow, _ history: EndpointHistory
    ) -> (arrival: Diagnosis.Arrival, segment: SegmentRecord)? {
        for arrival in arrivals(that: state, leadTo: wire) {
            // What has only just passed is in flight.
            let found = history.segment(to: seen.begin &- Judge.tolerance) { matches($0, arrival, history) }
            guard let found else { continue }
            // A FIN that acknowledges the other one is both.
            return (arrival == .ackOfFin && found.controlBits.contains(.fin) ? .fin : arrival, found)
        }
        return nil
    }

    /// What would lead from the kernel's state into one of the wire's, the likeliest first.
    private func arrivals(that state: State, leadTo wire: StateSet) -> [Diagnosis.Arrival] {
        let reset: [Diagnosis.Arrival] = wire.contains(.closed) || wire.contains(.listen) ? [.rst] : []
        let isSynchronized = !wire.isDisjoint(with: Judge.synchronized)
        switch state {
        case .closed, .listen, .timeWait:
            return []
        case .synSent:
            return reset + (reset.isEmpty && isSynchronized ? [.synAck] : [])
        case .synReceived:
            return reset + (reset.isEmpty && isSynchronized ? [.finalAck] : [])
        case .established:
            return reset + (wire.contains(.closeWait) || wire.contains(.lastAck) ? [.fin] : [])
        case .finWait1:
            if wire.contains(.finWait2) { return [.ackOfFin] }
            if wire.contains(.closing) { return [.fin] }
            return reset + (wire.contains(.timeWait) ? [.fin, .ackOfFin] : [])
        case .finWait2:
            return reset + (wire.contains(.timeWait) ? [.fin] : [])
        case .closeWait:
            return reset
        case .closing:
            return wire.contains(.timeWait) ? [.ackOfFin] : reset
        case .lastAck:
            return reset.isEmpty ? [] : reset + [.ackOfFin]
        }
    }

    private static let synchronized = StateSet([
        .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait,
    ])

    private func matches(
        _ segment: SegmentRecord, _ arrival: Diagnosis.Arrival, _ history: EndpointHistory
    ) -> Bool {
        let bits = segment.controlBits
        switch arrival {
        case .syn: return bits.contains(.syn) && !bits.contains(.ack)
        case .synAck: return bits.isSuperset(of: [.syn, .ack])
        case .finalAck, .ackOfFin: return bits.contains(.ack) && bits.isDisjoint(with: [.syn, .rst])
        case .fin: return bits.contains(.fin)
        case .rst: return bits.contains(.rst)
        }
    }

    /// A segment that passed and was taken only when it came again, though nobody looked in between.
    func judgeRetaken(_ history: EndpointHistory) -> Finding? {
        guard isLocal(history), let (from, step, presumed) = history.retaken(after: Judge.repetition) else {
            return nil
        }
        let moment = presumed &+ Judge.tolerance
        guard
            let (arrival, segment) = missing(
                for: from, StateSet(step.state), TimeWindow(begin: moment, end: moment), history)
        else { return nil }
        // Only these are sent again until they are taken.
        switch arrival {
        case .synAck, .fin: break
        case .syn, .finalAck, .ackOfFin, .rst: return nil
        }
        return notTaken((arrival, segment))
    }

    /// A segment that passed and was not taken: what its checksum says of that.
    func notTaken(_ found: (arrival: Diagnosis.Arrival, segment: SegmentRecord)) -> Finding {
        let isDamaged = found.segment.verdict == .badChecksum || found.segment.verdict == .badInternetHeader
        return Finding(.divergent(isDamaged ? .badChecksum(found.arrival) : .notTaken(found.arrival)), found.segment)
    }

    /// What is worth saying about a row that agrees.
    func note(on socket: KernelSocket, _ seen: TimeWindow, _ history: EndpointHistory) -> Note? {
        guard case .full(let full) = socket.kind else { return nil }
        let quiet = seen.begin &- 2 * Judge.second
        switch full.phase {
        case .synReceived where history.role == .responder: return .fastOpenPending
        case .established where socket.inode == nil && history.role == .responder: return .acceptQueueNotServed
        case .closeWait where socket.inode == nil && history.role == .responder: return .acceptQueueNotServed
        case .closeWait:
            let isQuiet = history.flow.lastSegment(from: history.role).map { $0 < quiet } ?? true
            let isOld = history.step(at: quiet)?.state == .closeWait
            if isQuiet, isOld { return .closeWaitHeld }
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closing, .lastAck: break
        }
        switch full.timer {
        case .retransmission where full.retransmissions ?? 0 >= 2: return .peerSilent
        case .keepalive where full.probes ?? 0 >= 1: return .keepaliveUnanswered
        case .windowProbe where full.sendQueue > 0: return .windowClosed
        case .none, .retransmission, .keepalive, .finWait2, .windowProbe, .other: break
        }
        let hasResetPassed = history.segment(to: seen.begin) { !$0.controlBits.isDisjoint(with: [.rst]) } != nil
        if hasResetPassed || history.flow.findings.contains(.challengeAck) { return .challengeAck }
        let hasFinPassed = history.segment(to: seen.begin) { $0.controlBits.contains(.fin) } != nil
        if full.phase == .established, hasFinPassed { return .arrivalRefused }
        return history.flow.record?.incarnationOf == nil ? nil : .portReused
    }
}
