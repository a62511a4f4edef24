import TCPStateMachine

/// What the two ends are like.
extension ScenarioMaker {
    mutating func makeEnds() {
        let both: Profile.Name? = one(of: [.linux, .linux, .linux, .rfc9293, .rfc9293, .rfc793, nil])
        for end in End.allCases {
            let name = both ?? one(of: Profile.Name.allCases)
            scenario.settings[end] = HostSettings(profile: Profile(name))
        }
        // Options count where both ends have them; each is likely to be everybody's or nobody's.
        let (timestamps, sack, scale) = (below(3), below(3), below(3))
        for end in End.allCases {
            scenario.settings[end].parameters.offersTimestamps = offers(timestamps)
            scenario.settings[end].parameters.permitsSack = offers(sack)
            if offers(scale) { scenario.settings[end].parameters.windowScale = UInt8(truncatingIfNeeded: below(9)) }
            makeBuffers(end)
            makeTimers(end)
            makeInitialNumbers(end)
        }
        makeSwitches()
        // Whose profile is whose must not depend on who is the first to open.
        let isSame = scenario.settings.a.profile == scenario.settings.b.profile
        opener = isSame && isLucky(1, in: 6) ? .b : .a
    }

    /// Nobody, both, or whoever likes.
    private mutating func offers(_ custom: Int) -> Bool {
        custom == 0 ? false : custom == 1 ? true : isLucky(1, in: 2)
    }

    private mutating func makeBuffers(_ end: End) {
        var host = scenario.settings[end]
        // Beyond 1460: segments as a capture shows them on hosts that leave the cutting to their cards.
        host.parameters.segmentLimit = one(of: [536, 1460, 1460, 1460, 9000, 65_495])
        host.parameters.receiveBuffer = one(of: [500, 3000, 65_535, 65_535, 65_535, 1 << 20])
        host.parameters.delaysAcknowledgments = isLucky(1, in: 3)
        if host.parameters.delaysAcknowledgments { host.acknowledgmentDelay = milliseconds(10...200) }
        host.parameters.pushes = !isLucky(1, in: 10)
        host.readsAtOnce = !isLucky(1, in: 8)
        scenario.settings[end] = host
    }

    private mutating func makeTimers(_ end: End) {
        if isLucky(1, in: 12) {
            scenario.settings[end].keepalive = HostSettings.Keepalive(
                idle: milliseconds(500...5000), interval: milliseconds(300...2000), probes: UInt8(1 + below(4)))
        }
        if isLucky(1, in: 12) { scenario.settings[end].userTimeout = milliseconds(1000...20_000) }
    }

    private mutating func makeInitialNumbers(_ end: End) {
        guard isLucky(1, in: 3) else { return }
        let numbers: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, .max, .max - 1, .max - 100, .max - 20_000]
        scenario.settings[end].initialNumbers = [SequenceNumber(one(of: numbers))]
    }

    /// Some hosts differ from their kind.
    private mutating func makeSwitches() {
        guard isLucky(1, in: 15) else { return }
        let which: Profile.Switch = one(of: [.resetTimeWait, .challengeACKs, .halfDuplexCloseReset])
        for end in End.allCases { scenario.settings[end].profile[which].toggle() }
    }
}
