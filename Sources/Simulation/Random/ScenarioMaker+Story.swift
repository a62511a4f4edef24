import TCPStateMachine

/// What the users do, what is forged, and what breaks.
extension ScenarioMaker {
    private static let usualEnd = 700 * Duration.second

    mutating func makeStory() {
        makeOpening()
        makeTalk()
        let closed = makeClosing()
        if isLucky(1, in: 7) { makeForgery() }
        if isLucky(1, in: 20) { makeCut() }
        if isLucky(1, in: 7) { makeReuse(after: closed) }
        scenario.end = VirtualTime(nanoseconds: isLucky(1, in: 3) ? milliseconds(100...6000) : Self.usualEnd)
    }

    // MARK: Opening

    private mutating func makeOpening() {
        switch below(12) {
        case 0:
            // Both at once, or nearly.
            let latency = scenario.settings.network[latencyFrom: opener]
            call(.openActive, at: opener, at: 0)
            call(.openActive, at: opener.other, at: latency * Int64(below(12)) / 10)
        case 1:
            // Nobody listens, or not yet.
            call(.openActive, at: opener, at: 0)
            if isLucky(2, in: 3) { listen(at: opener.other, at: milliseconds(1...3000)) }
            if isLucky(1, in: 2) { call(.openActive, at: opener, at: milliseconds(100...4000)) }
        default:
            listen(at: opener.other, at: 0)
            call(.openActive, at: opener, at: milliseconds(0...5))
        }
    }

    /// Whoever has sockets listens; RFC 793's passive OPEN is the other kind.
    private mutating func listen(at end: End, at time: Int64) {
        let isSocket = scenario.settings[end].profile.name == .linux || isLucky(1, in: 3)
        if isSocket {
            call(.listen(backlog: 128), at: end, at: time)
        } else {
            call(.openPassive(remoteSpecified: isLucky(1, in: 2)), at: end, at: time)
        }
    }

    // MARK: Talk

    private mutating func makeTalk() {
        for _ in 0..<one(of: [0, 1, 1, 2, 3, 4, 6]) {
            let octets: UInt32 = one(of: [1, 10, 100, 100, 1000, 5000, 20_000])
            call(.send(octets: octets), at: anyEnd(), at: milliseconds(0...1500))
        }
        for end in End.allCases where !scenario.settings[end].readsAtOnce {
            if isLucky(2, in: 3) { plan(.readAtOnce(true, at: end), at: milliseconds(200...8000)) }
        }
    }

    // MARK: Closing

    /// Returns when the last of the closing calls is made.
    private mutating func makeClosing() -> Int64 {
        let first = milliseconds(0...2000)
        let latency = scenario.settings.network[latencyFrom: opener]
        let pause = one(of: [0, latency * Int64(below(25)) / 10, milliseconds(0...300), milliseconds(0...4000)])
        let leader = anyEnd()
        close(leader, at: first)
        close(leader.other, at: first + pause)
        // Text behind the other's FIN.
        if isLucky(1, in: 6) { call(.send(octets: 100), at: anyEnd(), at: first + pause + milliseconds(0...1000)) }
        return first + pause
    }

    private mutating func close(_ end: End, at time: Int64) {
        switch below(20) {
        case 0, 1, 2: call(.abort, at: end, at: time)
        case 3:
            plan(.crash(end), at: time)
            if isLucky(3, in: 4) { plan(.restart(end), at: time + milliseconds(1...2000)) }
        case 4 where scenario.settings[end].profile.name == .linux: call(.vanish, at: end, at: time)
        case 5, 6: break
        case 7, 8, 9:
            call(.shutdown, at: end, at: time)
            if isLucky(1, in: 2) { call(.close, at: end, at: time + milliseconds(1...2000)) }
            if isLucky(1, in: 6) { call(.abort, at: end, at: time + milliseconds(1...2000)) }
        default:
            call(.close, at: end, at: time)
            if isLucky(1, in: 12) { call(.abort, at: end, at: time + milliseconds(1...500)) }
        }
    }

    private mutating func makeReuse(after closed: Int64) {
        let time = closed + one(of: [milliseconds(1...500), milliseconds(500...10_000), milliseconds(60_000...70_000)])
        if isLucky(1, in: 4) { listen(at: opener.other, at: max(0, time - Duration.millisecond)) }
        call(.openActive, at: opener, at: time)
        if isLucky(1, in: 2) { call(.send(octets: 100), at: opener, at: time + milliseconds(10...500)) }
        if isLucky(2, in: 3) { call(.close, at: opener, at: time + milliseconds(10...1500)) }
        if isLucky(2, in: 3) { call(.close, at: opener.other, at: time + milliseconds(10...2500)) }
    }

    // MARK: Trouble

    private mutating func makeCut() {
        let end = anyEnd()
        let time = milliseconds(0...2500)
        plan(.cut(true, from: end), at: time)
        if isLucky(2, in: 3) { plan(.cut(false, from: end), at: time + milliseconds(10...5000)) }
    }

    private mutating func makeForgery() {
        for _ in 0...below(2) {
            let from = anyEnd()
            var forged = Injection(
                kind: isLucky(1, in: 3) ? .oldDuplicate : .forged, from: from,
                sequenceNumber: Injection.Number(base: receiveNext(of: from.other), offset: makeOffset()),
                controlBits: one(of: [.rst, .rst, .rst, [.rst, .ack], .syn, [.fin, .ack], .ack]))
            if forged.controlBits.contains(.ack) {
                forged.acknowledgmentNumber = Injection.Number(base: sendNext(of: from.other), offset: 0)
                if forged.controlBits == .ack { forged.payloadLength = UInt32(below(2) * 10) }
            }
            plan(.inject(forged, ports), at: milliseconds(50...2500))
        }
    }

    /// Exact, in the window, or far from it.
    private mutating func makeOffset() -> UInt32 {
        one(of: [0, 0, 1, 10, 1000, 100_000, 0 &- 1, 0 &- 10, 0 &- 100_000])
    }

    private func receiveNext(of end: End) -> Injection.Number.Base { end == .a ? .aReceiveNext : .bReceiveNext }
    private func sendNext(of end: End) -> Injection.Number.Base { end == .a ? .aSendNext : .bSendNext }
}
