@testable import TCPStateMachine
import TestSupport
import Testing

/// Any event in any state: the machine never traps, and only moves along rules of its profile.
@Suite struct FuzzTests {
    @Test(arguments: Seeds.all)
    func anyEvents(seed: UInt64) {
        expectToKeepTheRules(connections: 60, events: 120, seed: seed)
    }

    func expectToKeepTheRules(connections: Int, events: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for profile in Profile.standard {
            let allowed = Set(Diagram.rules(of: profile))
            for _ in 0..<connections {
                var c = Connection(
                    profile: profile, parameters: parameters(&generator),
                    nextInitialNumber: SequenceNumber(generator.next32()))
                for step in 0..<events {
                    c.hasFastOpenCookie = step % 3 == 0
                    let event = event(c, &generator)
                    let before = c
                    let outcome = c.handle(event, at: generator.next32())
                    if let error = walkError(from: before, to: c, outcome) {
                        Issue.record("\(error), seed \(seed), \(profile.name), step \(step): \(event)")
                    }
                    if !outcome.rules.allSatisfy(allowed.contains) {
                        Issue.record("\(outcome.text) is not of \(profile.name), seed \(seed), step \(step)")
                    }
                    if let error = invariantError(c) {
                        Issue.record("\(error), seed \(seed), \(profile.name), step \(step): \(event)")
                    }
                }
            }
        }
    }

    private func invariantError(_ c: Connection) -> String? {
        if c.state == .closed, c.inFlight != 0 || !c.running.isEmpty { return "a closed connection has a past" }
        if c.finAcknowledged, c.inFlight != 0 { return "FIN acknowledged with octets in flight" }
        if c.state == .timeWait, !c.running.contains(.timeWait) { return "TIME-WAIT without its timer" }
        if c.state != .timeWait, c.running.contains(.timeWait) { return "a time-wait timer in \(c.state)" }
        if c.formerIncarnation != nil, c.state != .synReceived { return "a former incarnation in \(c.state)" }
        if c.inFlight > 1 << 31 { return "SND.UNA is beyond SND.NXT" }
        return nil
    }

    private func parameters(_ generator: inout SeededGenerator) -> Parameters {
        var parameters = Parameters()
        parameters.receiveBuffer = [0, 1, 500, 65_535, 1 << 20, .max].randomElement(using: &generator)!
        parameters.sendBuffer = [0, 3000, .max].randomElement(using: &generator)!
        parameters.segmentLimit = [0, 1, 536, 1460, .max].randomElement(using: &generator)!
        parameters.windowScale = [nil, 0, 7, 14, 255].randomElement(using: &generator)!
        parameters.offersTimestamps = Bool.random(using: &generator)
        parameters.permitsSack = Bool.random(using: &generator)
        parameters.usesFastOpen = Bool.random(using: &generator)
        parameters.reportsDuplicates = Bool.random(using: &generator)
        parameters.retransmitsFast = Bool.random(using: &generator)
        return parameters
    }

    /// Mostly events near the connection's numbers, sometimes wild ones.
    private func event(_ c: Connection, _ generator: inout SeededGenerator) -> Event {
        switch generator.next() % 10 {
        case 0..<4: return CatalogEntry.all.randomElement(using: &generator)!.make(c)
        case 4 where c.state == .closed: return .fastOpen(octets: generator.next32() % 4000)
        case 4: return .retransmissionTimeout(retransmissions: UInt8(truncatingIfNeeded: generator.next() % 4))
        default: return .segmentArrives(segment(c, &generator))
        }
    }

    private func segment(_ c: Connection, _ generator: inout SeededGenerator) -> Segment {
        func near(_ number: SequenceNumber) -> SequenceNumber {
            switch generator.next() % 6 {
            case 0: SequenceNumber(generator.next32())
            case 1: number + generator.next32() % 3000
            case 2: number - generator.next32() % 3000
            default: number
            }
        }
        let lengths: [UInt32] = [0, 0, 0, 1, 100, 1460, 65_535, 1 << 31, .max]
        // Without RST three times out of four, or every connection would end at once.
        let mask: UInt8 = generator.next() % 4 == 0 ? 0xFF : 0xFB
        let bits = ControlBits(rawValue: UInt8(truncatingIfNeeded: generator.next()) & mask)
        var s = Segment(
            sequenceNumber: near(c.rcvNxt), acknowledgmentNumber: near(c.sndNxt),
            controlBits: bits,
            payloadLength: lengths.randomElement(using: &generator)!,
            window: UInt16(truncatingIfNeeded: generator.next()))
        s.options.present = SegmentOptions.Kinds(rawValue: UInt16(truncatingIfNeeded: generator.next()))
        s.options.windowScale = UInt8(truncatingIfNeeded: generator.next())
        s.options.maximumSegmentSize = UInt16(truncatingIfNeeded: generator.next())
        s.options.timestampValue = (c.recentTimestamp ?? 0) &+ generator.next32() % 3 &- 1
        return s
    }
}
