public import TCPStateMachine

/// Holds a whole diagram against the rules: each edge, each node, and what is missing.
struct MachineJudge: Sendable {
    let file: String
    let edges: EdgeJudge
    let context: Context

    func judge(_ machine: Machine) -> (diagnostics: [Diagnostic], coverage: Coverage?) {
        var found: [Diagnostic] = []
        judgeNodes(of: machine, &found)
        let isTracker = context.contains(.middlebox) || looksLikeTracker(machine)
        if isTracker { judgeTracker(machine, &found) } else { judgeEdges(of: machine, &found) }
        guard machine.form.isWhole, machine.isTCP, !isTracker else { return (found, nil) }
        if machine.form.hasNodes { judgeDuplicates(in: machine, &found) } else { judgeNumbered(machine, &found) }
        judgeMissing(in: machine, &found)
        return (found, coverage(of: machine))
    }

    func make(
        _ code: DiagnosticCode, _ place: Place, _ message: String, severity: Severity? = nil,
        correction: String? = nil
    ) -> Diagnostic {
        Diagnostic(
            file: file, place: place, severity: severity ?? code.severity, code: code, message: message,
            correction: correction ?? code.fact, source: code.source)
    }

    // MARK: Nodes

    private func judgeNodes(of machine: Machine, _ found: inout [Diagnostic]) {
        var told: Set<String> = []
        let hasClosed = machine.nodes.contains { StateName.isClosed($0.text.text) }
        for node in machine.nodes {
            let text = String(node.text.text.prefix(40))
            if hasClosed, StateName.isClose(node.text.text), node.name == .state(.closed) {
                found.append(make(.closeAsState, node.text.place, "'\(text)' is no state besides CLOSED"))
            }
            guard told.insert(StateName.fold(text)).inserted else { continue }
            switch node.name {
            case .misspelled(let state):
                found.append(
                    make(
                        .misspelledState, node.text.place, "'\(text)' is no state: \(state) is meant",
                        correction: "the name is \(state)"))
            case .finWait where !machine.hasBothFinWaits:
                found.append(make(.mergedFinWait, node.text.place, "'\(text)' stands for FIN-WAIT-1 and FIN-WAIT-2"))
            case .connected:
                found.append(make(.connectedState, node.text.place, "'\(text)' is no state of TCP; ESTABLISHED is"))
            case .unknown: found.append(make(.unknownAsState, node.text.place, "'\(text)' is no state of TCP"))
            case .implementation:
                found.append(make(.implementationValue, node.text.place, "'\(text)' is no state of the protocol"))
            case .moment where machine.form.isWhole && machine.isTCP:
                found.append(make(.inventedState, node.text.place, "'\(text)' is no state of TCP"))
            case .state, .terminal, .moment, .finWait, nil: break
            }
        }
    }

    /// TIME_WAIT_2: where nothing is drawn, nothing is drawn twice.
    private func judgeNumbered(_ machine: Machine, _ found: inout [Diagnostic]) {
        var told: Set<String> = []
        for node in machine.nodes {
            let text = TableMachine.plainName(node.text.text)
            guard let state = node.name?.state, state != .finWait1, state != .finWait2, text.last?.isNumber == true,
                StateName(text) == .state(state), told.insert(String(text)).inserted
            else { continue }
            found.append(
                make(
                    .misspelledState, node.text.place, "'\(text)' is no state: there is one \(state)",
                    correction: "the name is \(state)"))
        }
    }

    /// The same state under two ids with different ways out.
    private func judgeDuplicates(in machine: Machine, _ found: inout [Diagnostic]) {
        var exits: [State: [String: Set<State>]] = [:]
        var places: [State: [Piece]] = [:]
        for edge in machine.edges {
            guard let from = edge.from.id, let state = edge.from.name?.state, let to = edge.to.name?.state else {
                continue
            }
            exits[state, default: [:]][from, default: []].insert(to)
        }
        for node in machine.nodes {
            guard let state = node.name?.state, node.id != nil, node.name != .terminal else { continue }
            places[state, default: []].append(node.text)
        }
        for state in State.allCases where state != .closed {
            guard let ids = places[state], ids.count > 1, let ways = exits[state] else { continue }
            guard Set(ways.values).count > 1 || ways.count < ids.count else { continue }
            for again in ids.dropFirst() {
                found.append(
                    make(.duplicateNode, again.place, "\(state) is drawn as \(ids.count) nodes with different ways out")
                )
            }
        }
    }

    // MARK: Edges

    private func judgeEdges(of machine: Machine, _ found: inout [Diagnostic]) {
        for edge in machine.edges {
            guard let diagnostic = judge(edge, in: machine) else { continue }
            found.append(diagnostic)
        }
    }

    private func judge(_ edge: Machine.Edge, in machine: Machine) -> Diagnostic? {
        if edge.from.name == .finWait || edge.to.name == .finWait { return judgeMerged(edge) }
        guard let from = edge.from.name?.state, let to = edge.to.name?.state else { return nil }
        // The end of a picture may be drawn at any state; its begin leads where it likes.
        if edge.from.name == .terminal, to != .timeWait { return nil }
        if edge.to.name == .terminal, from != .timeWait || edge.label?.isEmpty ?? true {
            if !(from == .timeWait && edge.label?.seconds != nil) { return nil }
        }
        if from == .timeWait, to == .closed, let duration = judgeDuration(edge) { return duration }
        if from == .finWait1, to == .closing, let finAck = judgeFinAck(edge, in: machine) { return finAck }
        if from == .finWait1, to == .timeWait, let fin = judgePlainFin(edge, in: machine) { return fin }
        if from == .synReceived, to == .listen, let reset = judgeReset(edge, in: machine) { return reset }
        guard let verdict = edges.verdict(from: from, to: to, label: edge.label) else { return nil }
        return make(
            verdict.code, edge.place, verdict.message, severity: lowered(verdict), correction: verdict.correction)
    }

    /// What says of itself that it is simplified may be; a wrong word stays wrong.
    private func lowered(_ verdict: EdgeJudge.Verdict) -> Severity {
        if context.contains(.otherProtocol) { return min(verdict.severity, .note) }
        guard context.contains(.simplified) else { return verdict.severity }
        return min(verdict.severity, .warning)
    }

    /// FIN_WAIT without a number: what neither of the two does is wrong.
    private func judgeMerged(_ edge: Machine.Edge) -> Diagnostic? {
        let froms: [State] =
            edge.from.name == .finWait ? [.finWait1, .finWait2] : [edge.from.name?.state].compactMap(\.self)
        let tos: [State] = edge.to.name == .finWait ? [.finWait1, .finWait2] : [edge.to.name?.state].compactMap(\.self)
        guard !froms.isEmpty, !tos.isEmpty else { return nil }
        var last: EdgeJudge.Verdict?
        for from in froms {
            for to in tos {
                if from == to { return nil }
                guard let verdict = edges.verdict(from: from, to: to, label: edge.label) else { return nil }
                last = verdict
            }
        }
        guard let verdict = last else { return nil }
        let isAck = edge.from.name == .finWait && edge.to.name?.state == .timeWait
        let code: DiagnosticCode =
            isAck ? .finWaitFinalAck : edge.to.name?.state == .closeWait ? .finWait1ToCloseWait : verdict.code
        return make(code, edge.place, verdict.message, severity: lowered(verdict), correction: code.fact)
    }

    /// FIN,ACK that leads to CLOSING: wrong where FIN alone is drawn, too (formats.md 2).
    private func judgeFinAck(_ edge: Machine.Edge, in machine: Machine) -> Diagnostic? {
        func hasEvent(_ edge: Machine.Edge, _ words: SegmentWords) -> Bool {
            guard let readings = edge.label?.readings, !readings.isEmpty else { return false }
            return readings.allSatisfy { $0.events.contains(.segment(words)) }
        }
        guard hasEvent(edge, [.fin, .ack]) else { return nil }
        let isTwofold = machine.edges.contains {
            $0.from.name?.state == .finWait1 && $0.to.name?.state == .closing && hasEvent($0, .fin)
        }
        return make(
            isTwofold ? .finWait1WrongExit : .finAckAsOneEvent, edge.place,
            "FIN,ACK leads to CLOSING only if its ACK does not cover our FIN", severity: isTwofold ? .error : .note)
    }

    /// The same FIN cannot lead to CLOSING and to TIME-WAIT.
    private func judgePlainFin(_ edge: Machine.Edge, in machine: Machine) -> Diagnostic? {
        func isPlain(_ edge: Machine.Edge) -> Bool {
            guard let label = edge.label, !label.isConditional, !label.readings.isEmpty else { return false }
            return label.readings.allSatisfy { $0.events == [.segment(.fin)] }
        }
        guard isPlain(edge) else { return nil }
        let splits = machine.edges.contains {
            $0.from.name?.state == .finWait1 && $0.to.name?.state == .closing && isPlain($0)
        }
        guard splits else { return nil }
        return make(
            .finWait1WrongExit, edge.place,
            "a FIN leads to CLOSING here, and to TIME-WAIT only with the ACK of our FIN")
    }

    /// A RST that leads to LISTEN without a condition, and nothing that leads elsewhere.
    private func judgeReset(_ edge: Machine.Edge, in machine: Machine) -> Diagnostic? {
        guard let label = edge.label, !label.isConditional else { return nil }
        let isReset = label.readings.contains {
            $0.events.contains(.segment(.rst)) || $0.events.contains(.segment([.rst, .ack]))
        }
        let isSplit = machine.edges.contains { $0.from.name?.state == .synReceived && $0.to.name?.state == .closed }
        guard isReset, !isSplit else { return nil }
        return make(
            .rstUnconditionalInSynReceived, edge.place, "a RST leads back to LISTEN only after a passive OPEN")
    }

    private func judgeDuration(_ edge: Machine.Edge) -> Diagnostic? {
        guard let label = edge.label else { return nil }
        if label.isImmediate {
            return make(
                .timeWaitDuration, edge.place, "TIME-WAIT does not end at once",
                severity: context.contains(.simplified) ? .warning : .error)
        }
        guard let seconds = label.seconds, seconds != 240 else { return nil }
        let isKnown = [30, 60, 120].contains(seconds)
        return make(
            .timeWaitDuration, edge.place, "TIME-WAIT lasts 2 MSL, not \(EdgeJudge.number(seconds)) seconds",
            severity: isKnown ? .note : .error)
    }

    // MARK: A tracker's machine

    /// A tracker's table shows itself by what no end does: the opening through SYN-SENT and SYN-RECEIVED in a row, and
    /// one FIN-WAIT that becomes CLOSE-WAIT.
    private func looksLikeTracker(_ machine: Machine) -> Bool {
        func has(_ from: State, _ to: State) -> Bool {
            machine.edges.contains { $0.from.name?.state == from && $0.to.name?.state == to }
        }
        let merges = machine.edges.contains { $0.from.name == .finWait && $0.to.name?.state == .closeWait }
        return merges && has(.synSent, .synReceived) && has(.synReceived, .established)
            && (has(.lastAck, .timeWait) || has(.closeWait, .lastAck))
    }

    private func judgeTracker(_ machine: Machine, _ found: inout [Diagnostic]) {
        for edge in machine.edges {
            guard let diagnostic = judge(edge, in: machine), diagnostic.severity > .note else { continue }
            found.append(
                make(
                    .middleboxMachine, edge.place, "\(diagnostic.message); a tracker of both directions may",
                    severity: .warning))
        }
    }

    // MARK: What is missing

    private func judgeMissing(in machine: Machine, _ found: inout [Diagnostic]) {
        let exits = machine.edges.filter { $0.from.name?.state == .finWait1 }
        guard let first = exits.first, exits.contains(where: { $0.to.name?.state == .finWait2 }),
            exits.contains(where: { $0.to.name?.state == .closing }),
            !exits.contains(where: { $0.to.name?.state == .timeWait })
        else { return }
        found.append(make(.missingDirectTimeWait, first.place, "the way from FIN-WAIT-1 to TIME-WAIT is missing"))
    }

    /// A fragment is not meant to be complete.
    private static let fewestEdges = 8

    private func coverage(of machine: Machine) -> Coverage? {
        guard machine.edges.count >= MachineJudge.fewestEdges else { return nil }
        let ways = State.allCases.flatMap { edges.ways(from: $0) }.filter(\.isNormal)
        func isDrawn(_ way: Way) -> Bool {
            machine.edges.contains { edge in
                guard edge.from.name?.state == way.from, edge.to.name?.state == way.to else { return false }
                guard let readings = edge.label?.readings, !(edge.label?.isEmpty ?? true) else { return true }
                return readings.contains { reading in
                    reading.events.isEmpty || reading.events.contains { $0.means(way, from: way.from) }
                }
            }
        }
        let rules = ways.filter { !$0.isComposite }
        let missing = rules.filter { !isDrawn($0) }
        return Coverage(
            file: file, place: machine.place, form: machine.form.rawValue, drawn: rules.count - missing.count,
            total: rules.count, missing: missing.map(\.rule))
    }
}

/// Which rules a diagram draws.
public struct Coverage: Hashable, Sendable {
    public var file: String
    public var place: Place
    /// What it is: Mermaid, table, ...
    public var form: String
    /// Rules that it has an edge for; resets, aborts and timeouts other than 2 MSL are not counted.
    public var drawn: Int
    /// Rules of the profile that are counted so.
    public var total: Int
    /// Rules that it leaves out.
    public var missing: [Rule]
}

extension Machine {
    var hasBothFinWaits: Bool {
        knownStates.contains(.finWait1) || knownStates.contains(.finWait2)
    }
}

extension EdgeJudge {
    /// Without a fraction where there is none.
    static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e9 ? String(Int(value)) : String(value)
    }
}
