import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Gathers judgements, puts those together that say the same, and counts.
struct VerdictLedger {
    private(set) var judgements: [Judgement] = []
    /// The gravest verdict so far of each endpoint that may have more.
    private(set) var gravest: [Stories.Place: Verdict.Kind] = [:]
    private(set) var totals = CrossCheckTotals()
    /// The last judgement of each socket, by its place.
    private var latest: [Subject: Int] = [:]
    /// So many judgements are kept: beyond them those that nobody need look at go, then all.
    var mostKept = Int.max
    private var keepsAll = true

    private struct Subject: Hashable {
        let subject: Judgement.Subject
        let pair: SocketPair
        let namespace: NetworkNamespace.Identifier?
    }

    /// Adds a judgement; one that says the same as the last one of its socket makes that longer.
    mutating func add(_ judgement: Judgement, extending: Bool = false) {
        if let wire = judgement.wire {
            let place = Stories.Place(flow: wire.flow, role: wire.endpoint)
            gravest[place] = max(gravest[place] ?? .agree, judgement.verdict.kind)
        }
        guard extending else { return append(judgement) }
        let subject = Subject(subject: judgement.subject, pair: judgement.pair, namespace: judgement.namespace)
        if let last = latest[subject], judgements[last].says(judgement) {
            judgements[last].count &+= judgement.count
            judgements[last].window.end = max(judgements[last].window.end, judgement.window.end)
            totals.count(judgement)
        } else {
            let count = judgements.count
            append(judgement)
            latest[subject] = judgements.count > count ? judgements.count - 1 : nil
        }
    }

    /// Adds a judgement that makes no endpoint's verdict.
    mutating func append(_ judgement: Judgement) {
        totals.count(judgement)
        if judgements.count >= mostKept, keepsAll {
            keepsAll = false
            latest = [:]
            judgements.removeAll { judgement in
                let isCalm = judgement.verdict.kind < .explained
                if isCalm { totals.untold &+= 1 }
                return isCalm
            }
        }
        if judgements.count < mostKept, keepsAll || judgement.verdict.kind >= .explained {
            judgements.append(judgement)
        } else {
            totals.untold &+= 1
        }
    }

    /// Whether an endpoint has a verdict.
    func hasVerdict(_ place: Stories.Place) -> Bool { gravest[place] != nil }

    /// Nothing more comes of an endpoint: its verdict counts.
    mutating func conclude(_ place: Stories.Place) {
        guard let kind = gravest.removeValue(forKey: place) else { return }
        totals.endpointsPerVerdict[kind, default: 0] += 1
    }

    /// What was not seen since a time is not made longer any more.
    mutating func forget(before time: Int64) {
        latest = latest.filter { judgements[$0.value].window.end >= time }
    }

    /// Everything, with what is counted elsewhere.
    func outcome(_ wire: WireSide, _ kernel: KernelSide, transitions: UInt64, lost: UInt64) -> CrossCheckOutcome {
        var outcome = CrossCheckOutcome()
        outcome.totals = totals
        outcome.totals.snapshots = UInt64(kernel.lookCount)
        outcome.totals.rows = UInt64(kernel.rows)
        outcome.totals.flows = UInt64(wire.reported)
        outcome.totals.transitions = transitions
        outcome.totals.lostTransitions = lost
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
