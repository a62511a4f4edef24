import Flows
import KernelSockets
import TCPStateMachine

extension TransitionJudging {
    /// The state that a transition leaves tells what had not been taken until then: whatever had passed by that time
    /// and would have led out of it.
    ///
    /// What was settled in the end need not tell: where an endpoint is silent between a segment and its copy, either
    /// may be the one that it took. The kernel knows which.
    func judgeOrigin(of transition: KernelTransition, _ history: EndpointHistory) -> Judge.Finding? {
        switch transition.from {
        // A request stands for what is no socket yet; in the others nothing is missing.
        case .closed, .listen, .synReceived, .timeWait: return nil
        case .synSent, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: break
        }
        let moment = TimeWindow(begin: transition.time, end: transition.time)
        let wide = moment.widened(by: Judge.tolerance)
        let standing = history.presumed(in: wide)
        guard judge.isLocal(history), transition.to != transition.from, !standing.isOpen,
            !standing.states.contains(transition.from),
            let found = judge.missing(for: transition.from, standing.states, moment, history)
        else { return nil }
        let copy = history.copy(of: found.segment)
        // It was taken, then, however late.
        if history.acknowledges(found.segment, before: copy) { return nil }
        let age = transition.time &- found.segment.time
        let isTakenNow = copy.map { $0.time <= transition.time && $0.time >= wide.begin } ?? false
        if standing.states.contains(transition.to) {
            // The step itself: at a copy of what should have led to it, or late.
            return isTakenNow && age > Judge.repetition ? judge.notTaken(found) : nil
        }
        // Two that passed together may have been taken the other way round, and to TIME-WAIT the kernel says CLOSED: it
        // may be the step itself, late. What comes again was not taken.
        let entersTimeWait = transition.to == .closed && standing.states.contains(.timeWait)
        let isSettledSo = history.settled(in: wide).states.contains(transition.from)
        let isOtherStep = isSettledSo || (transition.to == .closed && !entersTimeWait)
        guard copy != nil || age > (isOtherStep ? Judge.repetition : Judge.lateness) else { return nil }
        return judge.notTaken(found)
    }
}
