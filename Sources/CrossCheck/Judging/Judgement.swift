public import Flows
public import KernelSockets
public import TCPStateMachine
public import WireFormat

/// One verdict, with both views: for a row that stays as it is, one for all snapshots in a row.
public struct Judgement: Sendable {
    /// What is judged.
    public enum Subject: String, Sendable, CaseIterable {
        /// Rows of snapshots.
        case row
        /// Snapshots that have no row where the wire would have one.
        case absence
        /// An endpoint of a flow that was never compared with a row.
        case endpoint
        /// A transition that the kernel told.
        case transition
    }

    /// The wire's view.
    public struct Wire: Sendable {
        public var flow: UInt64
        public var endpoint: EndpointRole
        /// What it says at the end of the time looked at; several where it leaves several.
        public var states: StateSet
        /// The step that led there; nil before the first one.
        public var since: TransitionRecord?
        /// The segment that the diagnosis is about, if it is about one.
        public var segment: SegmentRecord?
    }

    public var subject: Subject
    public var verdict: Verdict
    /// The local socket is the source.
    public var pair: SocketPair
    public var namespace: NetworkNamespace.Identifier?
    /// From the first to the last time at which the kernel looked.
    public var window: TimeWindow
    /// How many rows, snapshots without a row, endpoints or transitions it is about.
    public var count: UInt64
    public var wire: Wire?
    /// The kernel's view of a row: as it was first seen so.
    public var socket: KernelSocket?
    /// Who holds the socket; nil if nobody looked.
    public var owners: [SocketOwner]?
    /// The kernel's transition, if the judgement is about one.
    public var transition: KernelTransition?
}

/// What a cross-check came to.
public struct CrossCheckOutcome: Sendable {
    /// In the order of the sockets' flows, and of time.
    public var judgements: [Judgement] = []
    public var totals = CrossCheckTotals()
}

/// Counts of verdicts. Nothing is dropped: those of rows add up to all rows, those of endpoints to both ends of all
/// flows, those of transitions to all transitions that the kernel told.
public struct CrossCheckTotals: Hashable, Sendable {
    public var snapshots: UInt64 = 0
    public var rows: UInt64 = 0
    public var flows: UInt64 = 0
    public var transitions: UInt64 = 0
    /// Transitions that the kernel made and nobody could read.
    public var lostTransitions: UInt64 = 0
    public var rowsPerVerdict: [Verdict.Kind: UInt64] = [:]
    /// Each endpoint by the gravest of its verdicts.
    public var endpointsPerVerdict: [Verdict.Kind: UInt64] = [:]
    /// Snapshots in which an endpoint should have had a row; without those that agree.
    public var absencesPerVerdict: [Verdict.Kind: UInt64] = [:]
    public var transitionsPerVerdict: [Verdict.Kind: UInt64] = [:]
    /// Judgements that were counted and are not told one by one (`CrossChecker.mostJudgements`).
    public var untold: UInt64 = 0
    /// Judged rows, absences, endpoints and transitions per reason, by its name.
    public var perReason: [String: UInt64] = [:]

    public init() {}

    /// Whether everything has got exactly one verdict.
    public var addsUp: Bool {
        rowsPerVerdict.values.reduce(0, +) == rows && endpointsPerVerdict.values.reduce(0, +) == 2 * flows
            && transitionsPerVerdict.values.reduce(0, +) == transitions
    }

    /// Whether something is left that somebody should look at.
    public var hasDivergence: Bool {
        [rowsPerVerdict, endpointsPerVerdict, absencesPerVerdict, transitionsPerVerdict].contains {
            $0[.divergent, default: 0] > 0
        }
    }
}
