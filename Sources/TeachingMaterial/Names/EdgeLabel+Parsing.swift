extension EdgeLabel {
    /// Reads a label in every convention that fits it: event over action, event / action, event, action, `?event
    /// !action`, subject and verb.
    init(_ text: some StringProtocol) {
        let words = LabelLexer(text).words
        // UML writes a guard in brackets.
        isConditional =
            text.utf8.contains(UInt8(ascii: "[")) || words.contains(.condition)
            || words.contains(.passive) && words.contains(.flags(.rst))
        isImmediate = words.contains(.immediately)
        seconds = EdgeLabel.seconds(words)
        var found: [LabelReading] = []
        for parts in EdgeLabel.cuts(words) {
            for reading in EdgeLabel.readings(of: parts) where !found.contains(reading) { found.append(reading) }
        }
        readings = found
    }

    /// An event and an action that stand in columns of their own.
    init(event: some StringProtocol, action: some StringProtocol) {
        self.init(event)
        guard !action.utf8.isEmpty else { return }
        let sent = EdgeLabel.clauses(LabelLexer(action).words).flatMap { EdgeLabel.clause($0, default: .send).sent }
        for index in readings.indices where readings[index].actions.isEmpty {
            readings[index].actions = sent.map { .segment($0) }
        }
        if readings.isEmpty { readings = [LabelReading(actions: sent.map { .segment($0) })] }
    }

    private static func seconds(_ words: [LabelWord]) -> Double? {
        for (place, word) in words.enumerated() {
            guard case .number(let number) = word, place + 1 < words.count else { continue }
            if words[place + 1] == .seconds { return number }
            if words[place + 1] == .minutes { return number * 60 }
        }
        return nil
    }

    /// The parts of a label: what happens, and what is done. A slash between two flags may also join them.
    private static func cuts(_ words: [LabelWord]) -> [[[LabelWord]]] {
        func isFlags(_ index: Int) -> Bool {
            guard words.indices.contains(index), case .flags = words[index] else { return false }
            return true
        }
        func split(joiningFlags: Bool) -> [[LabelWord]] {
            var parts: [[LabelWord]] = [[]]
            for (index, word) in words.enumerated() {
                let isCut: Bool
                switch word {
                case .mark("/"): isCut = !(joiningFlags && isFlags(index - 1) && isFlags(index + 1))
                case .mark("\n"), .mark(";"), .mark("→"), .mark("|"): isCut = true
                default: isCut = false
                }
                if isCut { parts.append([]) } else { parts[parts.count - 1].append(word) }
            }
            return parts.filter { !$0.isEmpty }
        }
        let plain = split(joiningFlags: false)
        let joined = split(joiningFlags: true)
        return plain == joined ? [plain] : [plain, joined]
    }

    private static func readings(of parts: [[LabelWord]]) -> [LabelReading] {
        var first = clause(parts.first ?? [], default: .receive)
        var reading = LabelReading()
        var others = parts.dropFirst().map { clause($0, default: .send) }
        if first.isEmpty, others.count > 1 {
            first = clause(parts[1], default: .receive)
            others.removeFirst()
        }
        reading.events = first.events
        reading.actions = first.sent.map { .segment($0) }
        for other in others {
            // "close / timeout" and "FIN / recv FIN": alternatives.
            reading.events += other.events
            reading.actions += other.sent.map { .segment($0) }
        }
        var readings = [reading]
        switch first.subject {
        case .own: break
        case .peer, .either:
            // What the other end sends arrives here, and what it receives was sent here.
            let swapped = LabelReading(
                events: first.swappedEvents,
                actions: first.received.map { .segment($0) } + others.flatMap(\.sent).map { .segment($0) })
            if first.subject == .peer { readings = [swapped] } else { readings.append(swapped) }
        }
        return readings
    }

    /// At commas before which and after which a whole clause stands, and at "and": `recv FIN and send ACK` is one
    /// clause with two verbs, so that nothing is cut.
    private static func clauses(_ words: [LabelWord]) -> [[LabelWord]] {
        words.split { $0 == .mark(";") || $0 == .mark("\n") || $0 == .mark("/") }.map(Array.init)
    }

    /// What one part of a label says.
    struct Clause {
        enum Subject { case own, peer, either }
        enum Mode { case receive, send }

        var events: [LabelEvent] = []
        var received: [SegmentWords] = []
        var sent: [SegmentWords] = []
        var subject = Subject.own
        /// The events if the clause's subject is the other end.
        var swappedEvents: [LabelEvent] = []

        var isEmpty: Bool { events.isEmpty && sent.isEmpty }
    }

    /// A group of flags with the verb that governs it.
    private struct Group {
        var flags: SegmentWords
        var mode: Clause.Mode?
        var ackOf: SegmentWords?
    }

    private static func clause(_ words: [LabelWord], default usual: Clause.Mode) -> Clause {
        var clause = Clause()
        var groups: [Group] = []
        var mode: Clause.Mode?
        var calls: [LabelEvent] = []
        var joins = false
        var awaitsObject = false
        var (isPassive, isActive, mentionsUser, hasTimeout, hasMSL) = (false, false, false, false, false)
        for word in words {
            switch word {
            case .flags(let flags):
                if awaitsObject, let last = groups.indices.last, groups[last].flags.contains(.ack) {
                    groups[last].ackOf = flags
                } else if joins, let last = groups.indices.last, groups[last].mode == mode || mode == nil {
                    groups[last].flags.formUnion(flags)
                } else {
                    groups.append(Group(flags: flags, mode: mode))
                }
                awaitsObject = false
                joins = true
                continue
            case .mark("+"), .mark(","), .mark("/"), .and: continue
            case .mark("?"):
                if joins, let last = groups.indices.last, groups[last].mode == nil {
                    groups[last].mode = .receive
                } else {
                    mode = .receive
                }
            case .mark("!"):
                if joins, let last = groups.indices.last, groups[last].mode == nil {
                    groups[last].mode = .send
                } else {
                    mode = .send
                }
            case .receive:
                if joins, let last = groups.indices.last, groups[last].mode == nil, mode == nil {
                    groups[last].mode = .receive
                } else {
                    mode = .receive
                }
            case .send:
                if joins, let last = groups.indices.last, groups[last].mode == nil, mode == nil {
                    groups[last].mode = .send
                } else {
                    mode = .send
                }
            case .acknowledges:
                groups.append(Group(flags: .ack, mode: .send))
                awaitsObject = true
                joins = false
                continue
            case .acknowledged:
                if let last = groups.indices.last {
                    groups[last].ackOf = groups[last].flags
                    groups[last].flags = .ack
                    groups[last].mode = .receive
                }
            case .of:
                awaitsObject = groups.last?.flags.contains(.ack) ?? false
                joins = false
                continue
            case .own where awaitsObject, .peer where awaitsObject, .somebody where awaitsObject,
                .other where awaitsObject:
                continue
            case .open: calls.append(isPassive ? .passiveOpen : .activeOpen)
            case .connect: calls.append(.activeOpen)
            case .listen: calls.append(.passiveOpen)
            case .close: calls.append(.close)
            case .abort: calls.append(.abort)
            case .accept: calls.append(.otherCall)
            case .passive: isPassive = true
            case .active: isActive = true
            case .user: mentionsUser = true
            case .timeout, .retries: hasTimeout = true
            case .msl: hasMSL = true
            case .icmp: calls.append(.icmpError)
            case .peer: clause.subject = .peer
            case .somebody: if clause.subject != .peer { clause.subject = .either }
            case .own: break
            case .or: break
            case .mark, .number, .seconds, .minutes, .condition, .immediately, .simultaneous, .other: break
            }
            joins = false
        }
        if calls.isEmpty, groups.isEmpty {
            // "Active", "PASSIVE" alone are the OPENs.
            if isPassive, !isActive { calls.append(.passiveOpen) }
            if isActive, !isPassive { calls.append(.activeOpen) }
        }
        if hasMSL {
            calls.append(.timeWaitTimeout)
        } else if hasTimeout {
            calls.append(mentionsUser ? .userTimeout : .timeout)
        }
        if isPassive, calls.contains(.close) { calls.append(.segment(.fin)) }
        if calls.isEmpty, groups.isEmpty, mode == .send, usual == .receive { calls.append(.send) }
        settle(groups, calls, usual, &clause)
        return clause
    }

    private static func settle(
        _ groups: [Group], _ calls: [LabelEvent], _ usual: Clause.Mode, _ clause: inout Clause
    ) {
        clause.events = calls
        clause.swappedEvents = calls.map { $0 == .close ? .segment(.fin) : $0 }
        for group in groups {
            let mode = group.mode ?? (calls.isEmpty && clause.sent.isEmpty ? usual : .send)
            let event: LabelEvent =
                switch group.ackOf {
                case .some(let of) where of.contains(.syn): .ackOfSyn
                case .some(let of) where of.contains(.fin): .ackOfFin
                default: .segment(group.flags)
                }
            switch mode {
            case .receive:
                clause.received.append(group.flags)
                clause.events.append(event)
            case .send:
                if group.flags == .data {
                    clause.events.append(.send)
                } else {
                    clause.sent.append(group.flags)
                }
                clause.swappedEvents.append(event)
            }
        }
    }
}
