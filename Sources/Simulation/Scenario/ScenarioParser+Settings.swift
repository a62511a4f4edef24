import TCPStateMachine
import WireFormat

/// What is there before anything happens.
extension ScenarioParser {
    mutating func parseSetting() throws(ScenarioError) {
        if peekWord == "A" || peekWord == "B" { return try parseHostSetting(try takeEnd()) }
        let word = peekWord
        advance()
        switch word {
        case "profile":
            if peekWord == "A" || peekWord == "B" { return setProfile(try takeEnd(), try takeProfile()) }
            let profile = try takeProfile()
            for end in End.allCases { setProfile(end, profile) }
        case "ports": scenario.connections[0].ports = try takeNewPorts(of: nil)
        case "connection": try parseConnection()
        case "latency": try parseLatency()
        case "jitter": scenario.settings.network.jitter = try takeDuration()
        case "loss": scenario.settings.network.loss = try takePercentage()
        case "duplication": scenario.settings.network.duplication = try takePercentage()
        case "reordering": scenario.settings.network.reordering = try takePercentage()
        case "seed": scenario.settings.seed = try takeNumber(0...UInt64.max, "a seed")
        case "hold": scenario.settings.network.isHeld = true
        case "ipv6": scenario.family = .ipv6
        case "ladder":
            try take("from")
            scenario.ladderBegin = try takeTime()
        default:  // end
            try take("at")
            scenario.end = try takeTime()
        }
    }

    /// A profile resets what it decides, and nothing else.
    private mutating func setProfile(_ end: End, _ profile: Profile) {
        let old = scenario.settings[end]
        var new = HostSettings(profile: profile)
        new.parameters = old.parameters
        new.initialNumbers = old.initialNumbers
        new.readsAtOnce = old.readsAtOnce
        new.keepalive = old.keepalive
        new.hasFastOpenCookie = old.hasFastOpenCookie
        scenario.settings[end] = new
    }

    private mutating func takeProfile() throws(ScenarioError) -> Profile {
        let names = Profile.Name.allCases
        guard let name = names.first(where: { $0.description == peekWord }) else {
            throw expected("a profile: \(names.map(\.description).joined(separator: ", "))")
        }
        advance()
        return Profile(name)
    }

    mutating func takePorts() throws(ScenarioError) -> PortPair {
        try take("A")
        let a = try takePort()
        try take("B")
        return PortPair(a: a, b: try takePort())
    }

    private mutating func parseConnection() throws(ScenarioError) {
        guard let name = peekWord, name != "A", name != "B" else { throw expected("a name for the connection") }
        guard !scenario.connections.contains(where: { $0.name == name }) else {
            throw expected("a name that no other connection has")
        }
        advance()
        scenario.connections.append(Scenario.Connection(name: name, ports: try takeNewPorts(of: name)))
    }

    /// Ports that no other connection than the one of this name has.
    private mutating func takeNewPorts(of name: String?) throws(ScenarioError) -> PortPair {
        let start = current
        let ports = try takePorts()
        guard !scenario.connections.contains(where: { $0.ports == ports && $0.name != name }) else {
            throw ScenarioError(
                line: start.place.line, column: start.place.column, found: "ports A \(ports.a) B \(ports.b)",
                expected: "ports that no other connection has")
        }
        return ports
    }

    private mutating func parseLatency() throws(ScenarioError) {
        if peekWord == "A" || peekWord == "B" {
            let end = try takeEnd()
            scenario.settings.network[latencyFrom: end] = try takeDuration()
            return
        }
        let latency = try takeDuration()
        for end in End.allCases { scenario.settings.network[latencyFrom: end] = latency }
    }

    /// What may stand behind A or B before it begins.
    static let hostSettings = [
        "iss", "window", "send-buffer", "mss", "scale", "timestamps", "sack", "dsack", "fast-retransmit",
        "fast-open", "delayed-acks", "no-push", "reads-later",
        "keepalive", "user-timeout", "timeout", "time-wait", "with", "without",
    ]

    private static let anyHostSetting = "a setting: " + hostSettings.joined(separator: ", ")

    private static func settings(insteadOf word: String) -> String {
        (hostActions.contains(word) ? timeFirst : "") + anyHostSetting
    }

    private mutating func parseHostSetting(_ end: End) throws(ScenarioError) {
        guard let word = peekWord else { throw expected(ScenarioParser.anyHostSetting) }
        let place = current
        advance()
        var host = scenario.settings[end]
        switch word {
        case "iss":
            host.initialNumbers = []
            repeat {
                let number = try takeNumber(0...UInt64(UInt32.max), "a sequence number")
                host.initialNumbers.append(SequenceNumber(UInt32(truncatingIfNeeded: number)))
            } while skipSymbol(",")
        case "window":
            host.parameters.receiveBuffer = UInt32(
                truncatingIfNeeded: try takeNumber(1...(1 << 30), "a number of octets"))
        case "send-buffer": host.parameters.sendBuffer = try takeOctets()
        case "mss": host.parameters.segmentLimit = UInt16(truncatingIfNeeded: try takeNumber(1...65_495, "octets"))
        case "scale": host.parameters.windowScale = UInt8(truncatingIfNeeded: try takeNumber(0...14, "a shift"))
        case "timestamps": host.parameters.offersTimestamps = true
        case "sack": host.parameters.permitsSack = true
        case "dsack":
            host.parameters.permitsSack = true
            host.parameters.reportsDuplicates = true
        case "fast-retransmit": host.parameters.retransmitsFast = true
        case "fast-open":
            host.parameters.usesFastOpen = true
            if skip("cookie") { host.hasFastOpenCookie = true }
        case "delayed-acks":
            host.parameters.delaysAcknowledgments = true
            if !isAtEnd { host.acknowledgmentDelay = try takeDuration() }
        case "no-push": host.parameters.pushes = false
        case "reads-later": host.readsAtOnce = false
        case "keepalive": host.keepalive = try takeKeepalive()
        case "user-timeout": host.userTimeout = skip("none") ? nil : try takeDuration()
        case "timeout": host.initialTimeout = max(try takeDuration(), Duration.millisecond)
        case "time-wait":
            let duration = try takeDuration()
            host.profile.timeWaitSeconds = UInt32(clamping: duration / Duration.second)
        case "with", "without": host.profile[try takeSwitch()] = word == "with"
        default:
            throw ScenarioError(
                line: place.place.line, column: place.place.column, found: place.shown,
                expected: ScenarioParser.settings(insteadOf: word))
        }
        scenario.settings[end] = host
    }

    /// `keepalive 10 s every 1 s times 3`
    private mutating func takeKeepalive() throws(ScenarioError) -> HostSettings.Keepalive {
        var keepalive = HostSettings.Keepalive()
        if isAtEnd { return keepalive }
        keepalive.idle = try takeDuration()
        if skip("every") { keepalive.interval = max(try takeDuration(), Duration.millisecond) }
        if skip("times") { keepalive.probes = UInt8(truncatingIfNeeded: try takeNumber(1...100, "a number of probes")) }
        return keepalive
    }

    private mutating func takeSwitch() throws(ScenarioError) -> Profile.Switch {
        guard let known = Profile.Switch.allCases.first(where: { "\($0)" == peekWord }) else {
            throw expected("a switch of Docs/state-machine.md, such as challengeACKs or resetTimeWait")
        }
        advance()
        return known
    }
}
