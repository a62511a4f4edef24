import Flows
import KernelSockets
import TCPStateMachine

/// Gathers judgements, puts those together that say the same, and counts.
struct VerdictLedger {
    private(set) var judgements: [Judgement] = []
    /// The gravest verdict of each endpoint so far.
    private(set) var gravest: [Stories.Place: Verdict.Kind] = [:]

    /// Adds a judgement; one that says the same as the last one of its socket makes that longer.
    mutating func add(_ judgement: Judgement, extending: Bool = false) {
        if let wire = judgement.wire {
            let place = Stories.Place(flow: wire.flow, role: wire.endpoint)
            gravest[place] = max(gravest[place] ?? .agree, judgement.verdict.kind)
        }
        if extending, let last = judgements.indices.last, judgements[last].says(judgement) {
            judgements[last].count &+= judgement.count
            judgements[last].window.end = max(judgements[last].window.end, judgement.window.end)
        } else {
            judgements.append(judgement)
        }
    }

    /// Adds a judgement that makes no endpoint's verdict.
    mutating func append(_ judgement: Judgement) { judgements.append(judgement) }

    /// Whether an endpoint has a verdict.
    func hasVerdict(_ place: Stories.Place) -> Bool { gravest[place] != nil }

    func outcome(
        _ stories: Stories, snapshots: Int, rows: Int, transitions: Int, lost: UInt64
    ) -> CrossCheckOutcome {
        var outcome = CrossCheckOutcome()
        outcome.totals.snapshots = UInt64(snapshots)
        outcome.totals.rows = UInt64(rows)
        outcome.totals.flows = UInt64(stories.flows)
        outcome.totals.transitions = UInt64(transitions)
        outcome.totals.lostTransitions = lost
        for kind in gravest.values { outcome.totals.endpointsPerVerdict[kind, default: 0] += 1 }
        for judgement in judgements { outcome.totals.count(judgement) }
        // Stable: judgements of one socket stay in the order in which they were made.
        outcome.judgements = judgements.enumerated()
            .sorted { left, right in
                left.element.order == right.element.order
                    ? left.offset < right.offset : left.element.order < right.element.order
            }
            .map(\.element)
        return outcome
    }
}

extension CrossCheckTotals {
    fileprivate mutating func count(_ judgement: Judgement) {
        let kind = judgement.verdict.kind
        switch judgement.subject {
        case .row: rowsPerVerdict[kind, default: 0] &+= judgement.count
        case .absence: absencesPerVerdict[kind, default: 0] &+= judgement.count
        case .endpoint: break
        case .transition: transitionsPerVerdict[kind, default: 0] &+= judgement.count
        }
        if let reason = judgement.verdict.reason { perReason[reason.code, default: 0] &+= judgement.count }
    }
}

extension Judgement {
    /// The same about the same socket: only the time differs.
    fileprivate func says(_ other: Judgement) -> Bool {
        subject == other.subject && verdict == other.verdict && pair == other.pair && namespace == other.namespace
            && wire?.flow == other.wire?.flow && wire?.states == other.wire?.states
            && wire?.segment?.reference == other.wire?.segment?.reference && socket?.state == other.socket?.state
            && socket?.identity == other.socket?.identity && socket?.kind.name == other.socket?.kind.name
    }

    /// By flow, those of no flow last; then by time.
    fileprivate var order: (UInt64, UInt8, Int64) {
        (wire?.flow ?? .max, wire?.endpoint.rawValue ?? 0, window.begin)
    }

    /// A judgement about an endpoint, with the wire's view at the end of a window.
    init(
        _ subject: Subject, _ finding: Judge.Finding, of history: EndpointHistory, in window: TimeWindow,
        namespace: NetworkNamespace.Identifier?
    ) {
        let standing = history.settled(in: TimeWindow(begin: window.end, end: window.end))
        let presumed = history.presumed(in: TimeWindow(begin: window.end, end: window.end))
        var wire = Wire(
            flow: history.flow.number, endpoint: history.role,
            states: presumed.states.isEmpty ? standing.states : presumed.states,
            since: history.step(at: window.end)?.record)
        wire.segment = finding.segment
        self.init(
            subject: subject, verdict: finding.verdict, pair: history.pair, namespace: namespace, window: window,
            count: 1, wire: wire)
    }
}
