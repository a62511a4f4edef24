import TCPStateMachine

/// One statement each: what befalls segments, what happens, what must come of it.
extension ScenarioWriter {
    // MARK: Faults

    func statement(of fault: Fault) -> String {
        let what = "\(occurrences(fault.first, fault.last))\(kind(fault.kind)) of \(fault.from.name)"
        let place = (fault.isBeforeMiddle ? " before the middle" : "") + (fault.ports.map(named) ?? "")
        switch fault.effect {
        case .lose: return "drop \(what)\(place)"
        case .delay(let time): return "delay \(what) by \(duration(time))\(place)"
        case .duplicate(let interval): return "duplicate \(what) after \(duration(interval))\(place)"
        case .reorder: return "reorder \(what)\(place)"
        case .corrupt: return "corrupt \(what)\(place)"
        }
    }

    private func occurrences(_ first: UInt32, _ last: UInt32) -> String {
        if (first, last) == (1, 1) { return "" }
        if (first, last) == (1, .max) { return "every " }
        return first == last ? ordinal(first) + " " : "\(ordinal(first)) to \(ordinal(last)) "
    }

    func ordinal(_ number: UInt32) -> String {
        let words = ScenarioParser.ordinals
        if number > 0, number <= UInt32(words.count) { return words[Int(number) - 1] }
        let suffixes: [UInt32: String] = [1: "st", 2: "nd", 3: "rd"]
        return "\(number)\(11...13 ~= number % 100 ? "th" : suffixes[number % 10] ?? "th")"
    }

    func kind(_ kind: SegmentKind) -> String {
        ScenarioParser.kinds.first { $0.1 == kind }?.0 ?? "segment"
    }

    // MARK: Actions

    func statement(of planned: Scenario.PlannedAction) -> String {
        "at \(moment(planned.time)) \(words(of: planned.action))"
    }

    func words(of action: Action) -> String {
        switch action {
        case .call(let call, let end, let ports): "\(end.name) \(words(of: call))\(place(on: ports))"
        case .crash(let end): "\(end.name) crash"
        case .restart(let end): "\(end.name) restart"
        case .inject(let injection, let ports): words(of: injection, ports)
        case .icmp(let report, let end, let ports): "icmp \(report.name) to \(end.name)\(place(on: ports))"
        case .readAtOnce(let isOn, let end): "\(end.name) \(isOn ? "read" : "stop reading")"
        case .latency(let time, let end): "latency \(end.name) \(duration(time))"
        case .cut(let isOn, let end): "\(isOn ? "cut" : "mend") \(end.name)"
        case .hold(let isOn): isOn ? "hold" : "release"
        case .befall(let mishap, let choice): words(of: mishap, choice)
        case .remark(let number, let end, let ports): "note \(end.name) \(remark(number))\(place(on: ports))"
        case .showStates(let ports): "show states\(place(on: ports))"
        }
    }

    private func words(of mishap: Mishap, _ choice: SegmentChoice) -> String {
        let ordinal = choice.ordinal == 1 ? "" : ordinal(choice.ordinal) + " "
        let what = "\(ordinal)\(kind(choice.kind)) of \(choice.from.name)"
        let place = choice.ports.map(named) ?? ""
        switch mishap {
        case .deliver: return "deliver \(what)\(place)"
        case .lose: return "drop \(what)\(place)"
        case .duplicate: return "duplicate \(what)\(place)"
        case .delay(let time): return "delay \(what) by \(duration(time))\(place)"
        }
    }

    private func words(of call: UserCall) -> String {
        switch call {
        case .openActive: "open active"
        case .openFast(let octets): "open active send \(octets)"
        case .openPassive(let remoteSpecified): "open passive" + (remoteSpecified ? " specified" : "")
        case .listen(let backlog): "listen" + (backlog == ScenarioParser.usualBacklog ? "" : " backlog \(backlog)")
        case .send(let octets): "send \(octets)"
        case .receive(let octets): "receive \(octets)"
        case .close: "close"
        case .shutdown: "shutdown"
        case .abort: "abort"
        case .status: "status"
        case .vanish: "vanish"
        }
    }

    private func words(of injection: Injection, _ ports: PortPair) -> String {
        let fields = fields(
            number(injection.sequenceNumber), injection.acknowledgmentNumber.map(number), injection.controlBits,
            injection.payloadLength == 0 ? nil : injection.payloadLength,
            injection.window == ScenarioParser.usualWindow ? nil : injection.window)
        let kind = injection.kind == .oldDuplicate ? " as duplicate" : ""
        return "inject from \(injection.from.name) \(fields)\(kind)\(place(on: ports))"
    }

    private func remark(_ number: Int32) -> String {
        quoted(scenario.remarks.indices.contains(Int(number)) ? scenario.remarks[Int(number)] : "")
    }

    // MARK: Expectations

    func statement(of expectation: Scenario.Expectation) -> String {
        if case .findings(let codes, let vantage) = expectation.claim { return findings(codes, vantage) }
        return "expect \(expectation.end.name) \(words(of: expectation.claim))\(place(on: expectation.ports))"
    }

    private func words(of claim: Scenario.Claim) -> String {
        switch claim {
        case .state(let state, let time): state.name + (time.map { " at \(moment($0))" } ?? "")
        case .never(let state): "never \(state)"
        case .path(let states): "path " + states.map(\.name).joined(separator: ", ")
        case .rule(let rule): "rule \(rule.id)"
        case .sends(let segment, let times, let time): "sends \(words(of: segment, times, time))"
        case .receives(let segment, let times, let time): "receives \(words(of: segment, times, time))"
        case .told(let signal): "told \"\(ScenarioParser.signals.first { $0.1 == signal }?.0 ?? "")\""
        case .refused(let error): "error \"\(ScenarioParser.words(of: error))\""
        case .findings(let codes, let vantage): findings(codes, vantage)
        }
    }

    private func words(of claim: Scenario.SegmentClaim, _ times: Int?, _ time: VirtualTime?) -> String {
        let fields = fields(
            claim.sequenceNumber.map { String($0.rawValue) }, claim.acknowledgmentNumber.map { String($0.rawValue) },
            claim.controlBits, claim.payloadLength, claim.window)
        let often = times.map { $0 == 0 ? " never" : " \($0) times" } ?? ""
        return fields + often + (time.map { " by \(moment($0))" } ?? "")
    }

    private func findings(_ codes: [String], _ vantage: Vantage) -> String {
        let place = vantage == .middle ? "" : " at \(vantage.name)"
        return codes.isEmpty ? "expect no findings\(place)" : "expect findings \(codes.joined(separator: ", "))\(place)"
    }
}
