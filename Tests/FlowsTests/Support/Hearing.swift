@testable import Flows
import TCPStateMachine
import Testing
import WireFormat

/// Where the capture was taken.
enum Vantage: CaseIterable {
    case middle
    case hostA
    case hostB
    /// Both parties on one host.
    case loopback
    /// What the segments' own directions say.
    case automatic

    var option: TrackerOptions.Vantage {
        switch self {
        case .middle: .middle
        case .hostA: .host([Party.a.address])
        case .hostB: .host([Party.b.address])
        case .loopback: .host([Party.a.address, Party.b.address])
        case .automatic: .automatic
        }
    }
}

/// What the tracker made of a conversation.
struct Hearing: CustomStringConvertible {
    var conversation: Conversation
    var vantage: Vantage
    var records: [Record]
    var counts: TrackerCounts

    init(_ text: String, at vantage: Vantage = .middle, configure: (inout TrackerOptions) -> Void = { _ in }) {
        self.init(Conversation(text), at: vantage, configure: configure)
    }

    init(
        _ conversation: Conversation, at vantage: Vantage, configure: (inout TrackerOptions) -> Void = { _ in }
    ) {
        var options = TrackerOptions()
        options.interest = [.transitions, .flows, .findings, .segments]
        options.vantage = vantage.option
        configure(&options)
        var tracker = FlowTracker(options: options)
        for (index, line) in conversation.lines.enumerated() {
            let reference = PacketReference(file: 0, packet: UInt64(index + 1))
            switch line.happening {
            case .segment(let segment): tracker.process([segment], count: 1)
            case .icmpError(let error, let time): tracker.process(error, time: time, reference: reference)
            case .clock(let time): tracker.advance(to: time)
            }
        }
        tracker.finish()
        self.conversation = conversation
        self.vantage = vantage
        records = tracker.records
        counts = tracker.counts
    }

    // MARK: What was said

    var flows: [FlowRecord] {
        records.compactMap { if case .flow(let flow) = $0 { flow } else { nil } }.sorted { $0.flow < $1.flow }
    }

    var findings: [FindingRecord] {
        records.compactMap { if case .finding(let finding) = $0 { finding } else { nil } }
    }

    var segments: [SegmentRecord] {
        records.compactMap { if case .segment(let segment) = $0 { segment } else { nil } }
    }

    func transitions(_ party: Party, flow number: UInt64 = 1) -> [TransitionRecord] {
        guard let role = role(party, flow: number) else { return [] }
        return records.compactMap {
            if case .transition(let step) = $0, step.flow == number, step.endpoint == role { step } else { nil }
        }
    }

    func role(_ party: Party, flow number: UInt64 = 1) -> EndpointRole? {
        guard let flow = flows.first(where: { $0.flow == number }) else { return nil }
        return flow.pair.source == party.address && flow.pair.sourcePort == party.port ? .initiator : .responder
    }

    func end(_ party: Party, flow number: UInt64 = 1) -> EndpointRecord? {
        guard let role = role(party, flow: number), let flow = flows.first(where: { $0.flow == number }) else {
            return nil
        }
        return role == .initiator ? flow.initiator : flow.responder
    }

    /// The states of one end in order, RFC names: `?` follows one that is presumed, `~` one that a timer made, and
    /// `...` stands before the first if nothing was known until then.
    func sequence(_ party: Party, flow number: UInt64 = 1) -> String {
        var words: [String] = []
        for step in transitions(party, flow: number) {
            if words.isEmpty { words.append(step.from?.name ?? "...") }
            let mark = step.certainty == .presumed ? "?" : step.certainty == .timer ? "~" : ""
            words.append(step.to.name + mark)
        }
        return words.joined(separator: " ")
    }

    /// The codes of the findings, in the order of the list.
    func findingNames(flow number: UInt64 = 1) -> String {
        let codes = flows.first { $0.flow == number }?.findings.codes ?? []
        return codes.map(\.name).joined(separator: " ")
    }

    // MARK: Expectations

    /// The sequences of both ends, their certainty, and, where given, all findings.
    func expect(
        a: String, b: String, findings expected: String? = nil, flow number: UInt64 = 1,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(sequence(.a, flow: number) == a, "A of flow \(number)\n\(self)", sourceLocation: location)
        #expect(sequence(.b, flow: number) == b, "B of flow \(number)\n\(self)", sourceLocation: location)
        if let expected {
            #expect(
                findingNames(flow: number) == expected, "findings of flow \(number)\n\(self)",
                sourceLocation: location)
        }
        expectChains(at: location)
    }

    /// The state at the end: nil and what is possible, or the one.
    func expectEnd(
        _ party: Party, _ state: State?, possible: [State]? = nil, flow number: UInt64 = 1,
        at location: SourceLocation = #_sourceLocation
    ) {
        let end = end(party, flow: number)
        #expect(end?.state == state, "\(party.rawValue) of flow \(number)\n\(self)", sourceLocation: location)
        let expected = possible ?? state.map { [$0] }
        if let expected {
            #expect(
                end?.possible == StateSet(expected), "\(party.rawValue): \(end?.possible.states ?? [])\n\(self)",
                sourceLocation: location)
        }
    }

    func expectFinding(
        _ code: FindingCode, of party: Party? = nil, packet: UInt64? = nil, flow number: UInt64 = 1,
        at location: SourceLocation = #_sourceLocation
    ) {
        let found = findings.first { $0.code == code && $0.flow == number }
        #expect(found != nil, "no \(code.name)\n\(self)", sourceLocation: location)
        if let party {
            #expect(found?.endpoint == role(party, flow: number), "\(code.name)\n\(self)", sourceLocation: location)
        }
        if let packet {
            #expect(found?.reference.packet == packet, "\(code.name)\n\(self)", sourceLocation: location)
        }
    }

    /// What holds for every conversation: steps are rules, each begins where the last one ended, and no step is surer
    /// than the one before it.
    func expectChains(at location: SourceLocation = #_sourceLocation) {
        if let error = Chain.error(in: records) {
            Issue.record("\(error)\n\(self)", sourceLocation: location)
        }
    }

    // MARK: Text

    var description: String {
        var text = "heard at \(vantage):\n"
        for (index, line) in conversation.lines.enumerated() {
            let states = segments.first { $0.reference.packet == UInt64(index + 1) }.map(after) ?? ""
            let padded = line.text.padding(to: 44)
            text += "  \("\(index + 1)".padding(to: 3)) \(padded) \(states)\n"
        }
        for flow in flows {
            for party in Party.allCases {
                let end = end(party, flow: flow.flow)
                text += "  flow \(flow.flow) \(party.rawValue): \(sequence(party, flow: flow.flow)); "
                text += "in the end \(end?.possible.states.map(\.name).joined(separator: "|") ?? "-")"
                text += end?.state == nil ? " (not known)\n" : "\n"
            }
            text += "  flow \(flow.flow) findings: \(findingNames(flow: flow.flow))\n"
        }
        return text
    }

    private func after(_ segment: SegmentRecord) -> String {
        let isA = role(.a, flow: segment.flow) == .initiator
        let a = isA ? segment.initiatorState : segment.responderState
        let b = isA ? segment.responderState : segment.initiatorState
        let note = segment.note == .none ? "" : " (\(segment.note.name))"
        return "flow \(segment.flow) A \(a?.name ?? "-") B \(b?.name ?? "-")\(note)"
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}

/// The laws that hold for the transitions of every endpoint.
enum Chain {
    private struct End: Hashable {
        var flow: UInt64
        var role: EndpointRole
    }

    static func error(in records: [Record]) -> String? {
        var last: [End: TransitionRecord] = [:]
        for record in records {
            if case .withdrawal(let taken) = record {
                // Only the last step is taken back, and only one that was not proven.
                let end = End(flow: taken.flow, role: taken.endpoint)
                guard let before = last[end], before.rule == taken.rule, before.certainty == .presumed else {
                    let place = "flow \(taken.flow) \(taken.endpoint.name)"
                    return "\(place): \(taken.rule.id) is withdrawn and was not the last"
                }
                last[end]?.to = taken.rule.from
                last[end]?.rule = nil
                continue
            }
            guard case .transition(let step) = record else { continue }
            let end = End(flow: step.flow, role: step.endpoint)
            let name = "flow \(step.flow) \(step.endpoint.name) \(step.from?.name ?? "...") to \(step.to.name)"
            if let rule = step.rule {
                guard rule.from == step.from, rule.to == step.to else { return "\(name) is not \(rule.id)" }
            } else if step.from != nil {
                return "\(name) has no rule"
            }
            if let before = last[end] {
                guard step.from == before.to else { return "\(name) does not begin in \(before.to.name)" }
                if step.certainty == .proven, before.certainty == .presumed {
                    return "\(name) is proven, the step before it is presumed"
                }
            }
            // A timer's step is as sure as what it rests on.
            if step.certainty != .timer || last[end] == nil { last[end] = step } else { last[end]?.to = step.to }
        }
        return nil
    }
}
