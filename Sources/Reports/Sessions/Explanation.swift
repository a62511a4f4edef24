public import Simulation
import TCPStateMachine

/// Why: what each event of a step did, by which rule, and where that is written.
public struct Explanation: Sendable {
    private let session: Session

    /// Of the last step of a session.
    public init(of session: Session) {
        self.session = session
    }

    /// A step that waits for long has many events: the last of them are told.
    private static let mostEvents = 12

    /// Several lines, or one that says that no TCP had anything to do.
    public var text: String {
        let events = session.lastEvents
        guard !events.isEmpty else {
            return session.hasBegun
                ? "No TCP had anything to do in this step: it was about the network or the clock.\n"
                : "Nothing has been done yet.\n"
        }
        var text = ""
        let left = events.count - Explanation.mostEvents
        if left > 0 { text += "\(left) events before these are not told.\n" }
        for event in events.suffix(Explanation.mostEvents) { text += paragraph(event) }
        return text
    }

    private func paragraph(_ event: TracedEvent) -> String {
        var lines = ["\(event.time): \(sentence(event))"]
        switch event.outcome {
        case .accepted(let reaction): lines += accepted(reaction, event)
        case .ignored(let reason, _): lines.append("nothing changes: \(reason.explanation)")
        case .refused(let error): lines.append("the user is answered \"\(error)\" (\(event.source))")
        }
        let segments = event.outcome.segments
        for segment in segments { lines.append("sends \(SegmentNotation.text(segment))") }
        if segments.isEmpty { lines.append("sends nothing") }
        return lines.enumerated().map { ($0.offset == 0 ? "" : "  ") + $0.element + "\n" }.joined()
    }

    private func sentence(_ event: TracedEvent) -> String {
        let name = event.end.name
        switch event.trigger {
        case .arrival(let number), .handedOn(let number):
            let segment = session.simulator.history.segments[Int(number)].segment
            return "\(SegmentNotation.text(segment)) arrives at \(name) in \(event.before)"
        case .icmpError(let number):
            let report = session.simulator.history.errors[Int(number)].report
            return "ICMP \(report.name) arrives at \(name) in \(event.before)"
        case .call(let call): return "\(name)'s user calls \(call.name) in \(event.before)"
        case .timeout(let kind): return "\(name)'s \(kind.name) timer runs out in \(event.before)"
        case .habit: return "\(name)'s user reads"
        }
    }

    private func accepted(_ reaction: Reaction, _ event: TracedEvent) -> [String] {
        var lines: [String] = []
        for rule in reaction.rules {
            let condition = rule.condition.isEmpty ? "" : " (\(rule.condition))"
            lines.append("rule \(rule.id): \(rule.event)\(condition): \(rule.action); \(rule.from) to \(rule.to)")
            lines.append("source: \(rule.source)")
        }
        if reaction.rules.isEmpty { 
            lines.append("no arrow of the diagram: the state stays \(event.after)")
            lines.append("source: \(event.source)")
        }
        if let status = reaction.status { lines.append("the user is answered: state = \(status)") }
        let signals = reaction.signals.subtracting(.passSegmentToListener)
        if !signals.isEmpty { lines.append("the user is told: \(signals)") }
        if !reaction.started.isEmpty { lines.append("timers started: \(reaction.started)") }
        if !reaction.stopped.isEmpty { lines.append("timers stopped: \(reaction.stopped)") }
        return lines
    }
}

extension TracedEvent {
    /// Where it is written what such an event does in this state.
    fileprivate var source: String {
        switch trigger {
        case .arrival, .handedOn:
            switch before {
            case .closed: "RFC 793 p65; RFC 9293 3.10.7.1"
            case .listen: "RFC 793 p65-66; RFC 9293 3.10.7.2"
            case .synSent: "RFC 793 p66-68; RFC 9293 3.10.7.3"
            case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
                "RFC 793 p69-76; RFC 9293 3.10.7.4"
            }
        case .icmpError: "RFC 1122 4.2.3.9; RFC 9293 3.9.2.2"
        case .call(let call): call.source
        case .timeout(let kind): kind.source
        case .habit: UserCall.receive(octets: 0).source
        }
    }
}

extension TimerKind {
    fileprivate var source: String {
        switch self {
        case .retransmission: "the front of the queue is sent again: RFC 793 p77; RFC 9293 3.10.8; RFC 6298 5.4 to 5.6"
        case .user, .timeWait: "RFC 793 p77; RFC 9293 3.10.8"
        case .finWait2: "kernel-facts 5(g)"
        case .delayedAcknowledgment: "an ACK must not wait for longer: RFC 9293 3.8.6.3"
        case .keepalive: "an idle peer is asked for a sign of life: RFC 9293 3.8.4"
        }
    }
}

extension UserCall {
    fileprivate var source: String {
        switch self {
        case .openFast: "RFC 7413 4.2; RFC 9293 3.10.1"
        case .openActive, .openPassive, .listen: "RFC 793 p54-55; RFC 9293 3.10.1"
        case .send: "RFC 793 p56-57; RFC 9293 3.10.2"
        case .receive: "RFC 793 p58-59; RFC 9293 3.10.3"
        case .close, .shutdown: "RFC 793 p60-61; RFC 9293 3.10.4"
        case .abort: "RFC 793 p62; RFC 9293 3.10.5"
        case .status: "RFC 793 p63-64; RFC 9293 3.10.6"
        case .vanish: "kernel-facts 1.3"
        }
    }

    /// In the RFC's words.
    fileprivate var name: String {
        switch self {
        case .openActive: "active OPEN"
        case .openFast(let octets): "active OPEN with \(octets) octets (Fast Open)"
        case .openPassive: "passive OPEN"
        case .listen: "listen (passive OPEN)"
        case .send(let octets): "SEND of \(octets) octets"
        case .receive(let octets): "RECEIVE of \(octets) octets"
        case .close: "CLOSE"
        case .shutdown: "CLOSE, and goes on receiving,"
        case .abort: "ABORT"
        case .status: "STATUS"
        case .vanish: "nothing, and the socket is gone,"
        }
    }
}
