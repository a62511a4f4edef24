import Flows
import KernelSockets
import TCPStateMachine

extension Judge {
    /// What is known of an endpoint's rows when one is missing.
    struct Context {
        /// Rows of it were seen before the look, and after.
        var isBefore = false
        var isAfter = false
        /// The last row before the look.
        var last: KernelSocket?
        /// The namespaces that were looked at.
        var namespaces: [NetworkNamespace.Identifier] = []
    }

    /// The kernel has no row: it says CLOSED. Nil where the wire may say so, too.
    func judgeAbsence(in window: TimeWindow, of history: EndpointHistory, _ context: Context) -> Finding? {
        let views = Views(history, window)
        let wire = views.near
        guard !wire.isEmpty, !views.isOpen, wire.isDisjoint(with: [StateSet(.closed), StateSet(.listen)]) else {
            return nil
        }
        // The kernel may have ended it just before its RST left.
        let soon = TimeWindow(begin: window.begin, end: window.end &+ Judge.lateness)
        if !history.settled(in: soon).states.isDisjoint(with: [StateSet(.closed), StateSet(.listen)]) {
            return Finding(.explained(.sentLater))
        }
        if context.isBefore, context.isAfter { return Finding(.explained(.missedByListing)) }
        let finding = explainAbsence(wire, window, history, context)
        guard case .divergent = finding.verdict else { return finding }
        return temperAbsence(finding, window, history)
    }

    private func temperAbsence(_ finding: Finding, _ window: TimeWindow, _ history: EndpointHistory) -> Finding {
        if window.begin > captured.end { return Finding(.explained(.captureEnded)) }
        if !isLocal(history) { return Finding(.explained(.distantVantage)) }
        let isLossy = history.flow.findings.contains(.captureLoss) || history.flow.findings.contains(.ackedUnseen)
        return isLossy ? Finding(.explained(.captureLoss)) : finding
    }

    /// The wire would have a row in each of these states; the furthest one that it allows is explained.
    private func explainAbsence(
        _ wire: StateSet, _ window: TimeWindow, _ history: EndpointHistory, _ context: Context
    ) -> Finding {
        if wire.contains(.timeWait) {
            if hasOutlived(context.last, window) { return Finding(.explained(.finWait2Timeout)) }
            let isReset = history.flow.findings.contains(.timeWaitAssassination)
            return Finding(.explained(isReset ? .timeWaitEnded : .timeWaitOverflow))
        }
        if wire.contains(.finWait2) {
            let age = history.steps.last { $0.state == .finWait2 }.map { window.begin &- $0.time } ?? .max
            let hasRemnant = context.last?.state == .finWait2
            return Finding(.explained(age < Judge.second && !hasRemnant ? .timeWaitOverflow : .finWait2Timeout))
        }
        if wire.contains(.synSent) { return Finding(.explained(.connectEnded)) }
        if wire.contains(.synReceived), history.role == .responder {
            let isListening = context.namespaces.contains {
                kernel.listener(for: history.pair, in: $0, at: window.end) != nil
            }
            return Finding(.explained(context.last == nil && isListening ? .synCookie : .requestEnded))
        }
        if !wire.isDisjoint(with: [StateSet(.finWait1), StateSet(.closing), StateSet(.lastAck)]) {
            let isResent = history.ownSegments(to: window.end) { $0.controlBits.contains(.fin) } > 1
            return Finding(isResent ? .explained(.orphanTimedOut) : .divergent(.goneSilently))
        }
        return explainMissingConnection(window, history, context)
    }

    /// What was left of it in FIN-WAIT-2 has ended before the look: a FIN that came later met nothing.
    private func hasOutlived(_ socket: KernelSocket?, _ window: TimeWindow) -> Bool {
        guard let socket, case .remnant(let remnant) = socket.kind else { return false }
        switch remnant.phase {
        case .finWait2: return socket.seen.end &+ remnant.remaining < window.begin
        case .timeWait: return false
        }
    }

    /// ESTABLISHED or CLOSE-WAIT on the wire.
    private func explainMissingConnection(
        _ window: TimeWindow, _ history: EndpointHistory, _ context: Context
    ) -> Finding {
        let isSilent = history.ownSegment(to: window.end) { !$0.controlBits.contains(.syn) } == nil
            && (history.flow.lastSegment(from: history.role).map { time in
                history.ownSegment(to: window.end) { $0.controlBits.contains(.syn) && $0.time == time } != nil
            } ?? true)
        if history.role == .responder, context.last == nil || context.last?.state == .synReceived, isSilent {
            let last = history.segment(to: window.end) { !$0.controlBits.contains(.syn) }
            let hasOverflow = context.namespaces.contains {
                isFull(kernel.listener(for: history.pair, in: $0, at: window.end))
            }
            if hasOverflow { return Finding(.explained(.acceptQueueFull), last) }
            return Finding(.divergent(.notTaken(.finalAck)), last)
        }
        let tries = history.ownSegments(to: window.end) { segment in
            switch segment.note {
            case .retransmission, .keepalive, .windowProbe: true
            case .none, .copy, .stranger, .reordered, .outOfOrder, .challengeAck, .candidateSyn: false
            }
        }
        return Finding(tries > 0 || isWaiting(context.last) ? .explained(.timedOut) : .divergent(.goneSilently))
    }

    /// The kernel's last row has something under way that the peer has not answered; a user timeout may end that.
    private func isWaiting(_ socket: KernelSocket?) -> Bool {
        guard case .full(let full)? = socket?.kind else { return false }
        return full.sendQueue > 0 && full.timer != .none || full.probes ?? 0 > 0
    }
}
