import TCPStateMachine
import WireFormat

// ScenarioWriter            what is there before it begins
// ScenarioWriter+Statements what befalls segments, what happens, what must come of it
// ScenarioWriter+Words      times, connections, segments

/// Writes scenarios in the language of Docs/scenarios.md: what `ScenarioParser` makes an equal scenario of.
struct ScenarioWriter {
    let scenario: Scenario
    private(set) var text = ""

    static func write(_ scenario: Scenario) -> String {
        var writer = ScenarioWriter(scenario: scenario)
        writer.writeStory()
        writer.writeNetwork()
        for end in End.allCases { writer.writeHost(end) }
        for fault in scenario.settings.network.faults { writer.line(writer.statement(of: fault)) }
        writer.blankLine()
        for action in scenario.actions { writer.line(writer.statement(of: action)) }
        writer.blankLine()
        for expectation in scenario.expectations { writer.line(writer.statement(of: expectation)) }
        while writer.text.hasSuffix("\n\n") { writer.text.removeLast() }
        return writer.text
    }

    private mutating func line(_ statement: String) {
        text += statement + "\n"
    }

    private mutating func blankLine() {
        if !text.isEmpty, !text.hasSuffix("\n\n") { text += "\n" }
    }

    // MARK: Settings

    private mutating func writeStory() {
        if let title = scenario.title { line("scenario \(quoted(title))") }
        writeProfiles()
        let usual = Scenario()
        let (first, others) = (scenario.connections[0], scenario.connections.dropFirst())
        if first != usual.connections[0] { line("ports \(portWords(first.ports))") }
        for other in others { line("connection \(other.name ?? "") \(portWords(other.ports))") }
        if scenario.settings.seed != usual.settings.seed { line("seed \(scenario.settings.seed)") }
        if scenario.family == .ipv6 { line("ipv6") }
        if scenario.ladderBegin != .zero { line("ladder from \(moment(scenario.ladderBegin))") }
        if let end = scenario.end { line("end at \(moment(end))") }
    }

    /// First, for a profile sets the timers of an end to its usual ones.
    private mutating func writeProfiles() {
        let (a, b) = (scenario.settings.a.profile.name, scenario.settings.b.profile.name)
        if a == b, a != .rfc9293 { return line("profile \(a)") }
        for end in End.allCases where scenario.settings[end].profile.name != .rfc9293 {
            line("profile \(end.name) \(scenario.settings[end].profile.name)")
        }
    }

    private mutating func writeNetwork() {
        let (network, usual) = (scenario.settings.network, NetworkSettings())
        let (a, b) = (network.latencyFromA, network.latencyFromB)
        if a == b, a != usual.latencyFromA {
            line("latency \(duration(a))")
        } else {
            if a != usual.latencyFromA { line("latency A \(duration(a))") }
            if b != usual.latencyFromB { line("latency B \(duration(b))") }
        }
        if network.isHeld { line("hold") }
        if network.jitter != usual.jitter { line("jitter \(duration(network.jitter))") }
        if network.loss > 0 { line("loss \(percentage(network.loss))") }
        if network.duplication > 0 { line("duplication \(percentage(network.duplication))") }
        if network.reordering > 0 { line("reordering \(percentage(network.reordering))") }
    }

    private mutating func writeHost(_ end: End) {
        let host = scenario.settings[end]
        let usual = HostSettings(profile: Profile(host.profile.name))
        for statement in parameters(of: host, usual) + timers(of: host, usual) + switches(of: host, usual) {
            line("\(end.name) \(statement)")
        }
    }

    private func parameters(of host: HostSettings, _ usual: HostSettings) -> [String] {
        let (parameters, unset) = (host.parameters, usual.parameters)
        var statements: [String] = []
        if !host.initialNumbers.isEmpty {
            statements.append("iss " + host.initialNumbers.map { String($0.rawValue) }.joined(separator: ", "))
        }
        if parameters.receiveBuffer != unset.receiveBuffer { statements.append("window \(parameters.receiveBuffer)") }
        if parameters.sendBuffer != unset.sendBuffer { statements.append("send-buffer \(parameters.sendBuffer)") }
        if parameters.segmentLimit != unset.segmentLimit { statements.append("mss \(parameters.segmentLimit)") }
        if let shift = parameters.windowScale { statements.append("scale \(shift)") }
        if parameters.offersTimestamps { statements.append("timestamps") }
        if parameters.reportsDuplicates {
            statements.append("dsack")
        } else if parameters.permitsSack { statements.append("sack") }
        if parameters.retransmitsFast { statements.append("fast-retransmit") }
        if parameters.usesFastOpen { statements.append("fast-open" + (host.hasFastOpenCookie ? " cookie" : "")) }
        if !parameters.pushes { statements.append("no-push") }
        if !host.readsAtOnce { statements.append("reads-later") }
        return statements
    }

    private func timers(of host: HostSettings, _ usual: HostSettings) -> [String] {
        var statements: [String] = []
        if host.parameters.delaysAcknowledgments {
            statements.append("delayed-acks \(duration(host.acknowledgmentDelay))")
        }
        if let keepalive = host.keepalive {
            let (idle, interval) = (duration(keepalive.idle), duration(keepalive.interval))
            statements.append("keepalive \(idle) every \(interval) times \(keepalive.probes)")
        }
        if host.userTimeout != usual.userTimeout {
            statements.append("user-timeout \(host.userTimeout.map(duration) ?? "none")")
        }
        if host.initialTimeout != usual.initialTimeout {
            statements.append("timeout \(duration(host.initialTimeout))")
        }
        if host.profile.timeWaitSeconds != usual.profile.timeWaitSeconds {
            statements.append("time-wait \(host.profile.timeWaitSeconds) s")
        }
        return statements
    }

    private func switches(of host: HostSettings, _ usual: HostSettings) -> [String] {
        Profile.Switch.allCases.filter { host.profile[$0] != usual.profile[$0] }.map {
            "\(host.profile[$0] ? "with" : "without") \($0)"
        }
    }
}

extension Scenario {
    /// The scenario in the language of Docs/scenarios.md, a statement to a line. Read again it is equal to this one,
    /// if it holds nothing that the language cannot say.
    public var text: String { ScenarioWriter.write(self) }
}
