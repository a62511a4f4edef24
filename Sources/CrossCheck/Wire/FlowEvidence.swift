import Flows
import KernelSockets
import TCPStateMachine

/// All that the tracker said of one flow, as far as a comparison needs it.
struct FlowEvidence {
    let number: UInt64
    var record: FlowRecord?
    var transitions: [[TransitionRecord]] = [[], []]
    /// Segments that open, close, reset, are sent again, or change what is presumed of an end.
    private(set) var segments: [SegmentRecord] = []
    private(set) var findings: FindingSet = []
    /// When the last segment of each end passed.
    private(set) var lastSegments: [Int64?] = [nil, nil]
    private var latest: SegmentRecord?
    /// The ends whose first text has passed.
    private var hasText: Set<EndpointRole> = []
    /// Segments beyond so many of one flow are not kept: what they would show, the earlier ones do.
    private static let mostSegments = 4096

    init(number: UInt64) {
        self.number = number
    }

    subscript(role: EndpointRole) -> [TransitionRecord] {
        get { transitions[Int(role.rawValue)] }
        set { transitions[Int(role.rawValue)] = newValue }
    }

    /// When something of it was last seen, or a timer moved it.
    var lastMoment: Int64 {
        let steps = transitions.compactMap { $0.last?.time }
        return max(record?.last ?? .min, steps.max() ?? .min)
    }

    func lastSegment(from role: EndpointRole) -> Int64? { lastSegments[Int(role.rawValue)] }

    /// Whether a telling segment of an end passed in a window.
    func hasSegment(from role: EndpointRole, in window: TimeWindow) -> Bool {
        segments.contains { $0.from == role && $0.time >= window.begin && $0.time <= window.end }
    }

    mutating func take(_ segment: SegmentRecord) {
        lastSegments[Int(segment.from.rawValue)] = segment.time
        defer {
            latest = segment
            if segment.length > 0 { hasText.insert(segment.from) }
        }
        guard segments.count < FlowEvidence.mostSegments, isTelling(segment) else { return }
        segments.append(segment)
    }

    /// A step that was told when it was presumed is told again when it is proven.
    mutating func take(_ transition: TransitionRecord) {
        let place = self[transition.endpoint].lastIndex {
            $0.rule == transition.rule && $0.to == transition.to && $0.cause == transition.cause && !$0.cause.isNone
        }
        if let place {
            self[transition.endpoint][place] = transition
        } else {
            self[transition.endpoint].append(transition)
        }
    }

    mutating func take(_ finding: FindingCode) { findings.insert(FindingSet(finding)) }

    /// A step that turned out untrue is taken back.
    mutating func withdraw(_ withdrawal: WithdrawalRecord) {
        let place = self[withdrawal.endpoint].lastIndex { $0.cause == withdrawal.cause && $0.rule == withdrawal.rule }
        if let place { self[withdrawal.endpoint].remove(at: place) }
    }

    private func isTelling(_ segment: SegmentRecord) -> Bool {
        guard let latest else { return true }
        return !segment.controlBits.isDisjoint(with: [.syn, .fin, .rst]) || segment.note != .none
            || (segment.length > 0 && !hasText.contains(segment.from))
            || segment.initiatorState != latest.initiatorState || segment.responderState != latest.responderState
    }
}
