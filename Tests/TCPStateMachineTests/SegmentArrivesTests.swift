@testable import TCPStateMachine
import Testing

/// Single decisions of SEGMENT ARRIVES, each with the line of the RFC or the measurement it stands for.
@Suite struct SegmentArrivesTests {
    private func arrive(
        _ setup: Bench.Setup, _ profile: Profile, _ make: (Connection) -> Segment
    ) -> (Connection, Outcome) {
        var c = Bench.connection(setup, profile)!
        let outcome = c.handle(.segmentArrives(make(c)))
        return (c, outcome)
    }

    // MARK: FIN (RFC 793 p. 73, 75)

    @Test("FIN,ACK in FIN-WAIT-1 ends in TIME-WAIT only if the ACK covers our FIN", arguments: Profile.standard)
    func finAckInFinWait1(_ profile: Profile) {
        let (both, taken) = arrive(.finWait1, profile) { Bench.peer($0, [.fin, .ack]) }
        #expect(both.state == .timeWait && Array(taken.rules) == [.finWait1AckOfFin, .finWait2Fin])
        let (finOnly, rules) = arrive(.finWait1, profile) { Bench.peer($0, [.fin, .ack], ack: $0.sndUna) }
        #expect(finOnly.state == .closing && Array(rules.rules) == [.finWait1Fin])
        // The ACK covers the data but not the FIN behind it.
        var c = Bench.connection(.established, profile)!
        _ = c.handle(.send(octets: 10))
        _ = c.handle(.close(furtherReceiving: true))
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], ack: c.sndNxt - 1)))
        #expect(c.state == .closing)
    }

    @Test("ACK of our SYN with a FIN: two rules by one segment", arguments: Profile.standard)
    func finInSynReceived(_ profile: Profile) {
        let (c, outcome) = arrive(.synReceivedPassive, profile) { Bench.peer($0, [.fin, .ack]) }
        #expect(c.state == .closeWait && Array(outcome.rules) == [.synReceivedAckOfSyn, .establishedFin])
    }

    @Test("A FIN beyond a hole waits for the octets before it", arguments: Profile.standard)
    func finBeyondHole(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        let hole = c.rcvNxt
        let early = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], seq: hole + 10, octets: 5)))
        #expect(c.state == .established && early.segments[0].acknowledgmentNumber == hole)
        let filling = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 10)))
        #expect(c.state == .closeWait && Array(filling.rules) == [.establishedFin])
        #expect(filling.segments[0].acknowledgmentNumber == hole + 16)
    }

    @Test("Linux takes a FIN into a window of zero, the RFCs do not")
    func finIntoZeroWindow() {
        for profile in Profile.standard {
            var parameters = Parameters()
            parameters.receiveBuffer = 10
            var c = Bench.connection(.established, profile, parameters)!
            _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 10)))
            #expect(c.rcvWnd == 0)
            _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack])))
            #expect(c.state == (profile.name == .linux ? .closeWait : .established), "\(profile.name)")
        }
    }

    @Test("Text and FIN of a SYN wait for ESTABLISHED (RFC 793 p. 66)", arguments: Profile.standard)
    func textOnSyn(_ profile: Profile) {
        var c = Bench.connection(.listen, profile)!
        let syn = Bench.peer(c, [.syn, .fin], seq: Bench.peerInitialNumber, octets: 20)
        let answer = c.handle(.segmentArrives(syn))
        #expect(c.state == .synReceived && answer.segments[0].acknowledgmentNumber == SequenceNumber(5001))
        let taken = c.handle(.segmentArrives(Bench.peer(c, .ack)))
        #expect(Array(taken.rules) == [.synReceivedAckOfSyn, .establishedFin])
        #expect(c.rcvNxt == SequenceNumber(5022) && c.unread == 20)
    }

    @Test("CLOSE queued in SYN-RECEIVED behind data, and a FIN with the ACK: three rules", arguments: Profile.standard)
    func threeRules(_ profile: Profile) {
        var c = Bench.connection(.synReceivedPassive, profile)!
        _ = c.handle(.send(octets: 10))
        _ = c.handle(.close(furtherReceiving: true))
        #expect(c.state == .synReceived && c.closePending)
        let outcome = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack])))
        #expect(Array(outcome.rules) == [.synReceivedAckOfSyn, .establishedFin, .closeWaitClose])
        #expect(outcome.segments.count == 1 && outcome.segments[0].hasFin && outcome.segments[0].payloadLength == 10)
    }

    @Test("Text behind a known FIN does not exist, and a FIN has one number", arguments: Profile.standard)
    func textBehindFin(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        let hole = c.rcvNxt
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], seq: hole + 10)))
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], seq: hole + 20)))
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 30)))
        #expect(c.state == .closeWait && c.rcvNxt == hole + 11 && c.unread == 10)
    }

    @Test("Only the peer's own FIN, repeated, starts TIME-WAIT anew", arguments: Profile.standard)
    func strangeFinInTimeWait(_ profile: Profile) {
        let (_, outcome) = arrive(.timeWait, profile) { Bench.peer($0, [.fin, .ack], seq: $0.rcvNxt - 100) }
        #expect(outcome.reason == .outsideWindow && outcome.segments.count == 1)
    }

    // MARK: Sending

    @Test("After 4 GB the numbers are those of the SYN again: data is resent, not the SYN", arguments: Profile.standard)
    func onceAround(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        _ = c.handle(.send(octets: 10))
        c.initialSendNumber = c.sndUna
        let outcome = c.handle(.retransmissionTimeout(retransmissions: 0))
        #expect(outcome.segments.count == 1 && outcome.segments[0].payloadLength == 10)
        #expect(!outcome.segments[0].hasSyn)
    }

    @Test("A window of zero takes no text, but the ACK with it (RFC 793 p. 69)", arguments: Profile.standard)
    func acknowledgmentIntoZeroWindow(_ profile: Profile) {
        var parameters = Parameters()
        parameters.receiveBuffer = 10
        var c = Bench.connection(.established, profile, parameters)!
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 10)))
        _ = c.handle(.send(octets: 25))
        let outcome = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 1)))
        #expect(c.inFlight == 0 && c.unread == 10 && outcome.signals.contains(.sendAcknowledged))
        #expect(outcome.segments.count == 1 && outcome.segments[0].acknowledgmentNumber == c.rcvNxt)
    }

    @Test("CLOSING sends what waits behind a closed window (RFC 793 p. 61, 73)", arguments: Profile.standard)
    func closingBehindClosedWindow(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, window: 10)))
        _ = c.handle(.send(octets: 15))
        _ = c.handle(.close(furtherReceiving: true))
        #expect(c.state == .finWait1 && !c.finSent && c.unsent == 5)
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], ack: c.sndUna, window: 10)))
        #expect(c.state == .closing)
        // The ten octets are acknowledged, the window is closed: the timer must run for probes.
        let closed = c.handle(.segmentArrives(Bench.peer(c, .ack, window: 0)))
        #expect(c.running.contains(.retransmission) && closed.signals.contains(.sendAcknowledged))
        var probing = c
        #expect(probing.handle(.retransmissionTimeout(retransmissions: 0)).segments.first?.payloadLength == 1)
        // It opens: text and FIN go out.
        let opened = c.handle(.segmentArrives(Bench.peer(c, .ack, window: 10)))
        #expect(opened.segments.count == 1 && opened.segments[0].payloadLength == 5 && opened.segments[0].hasFin)
        // An ACK that says nothing new is ignored as before.
        #expect(c.handle(.segmentArrives(Bench.peer(c, .ack, ack: c.sndUna, window: 10)))
            == .ignored(.acknowledgmentNotOfFin, reply: nil))
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack)))
        #expect(c.state == .timeWait)
    }

    @Test("RECEIVE tells of a window that opens, however small the buffer (RFC 1122 section 4.2.3.3)")
    func windowOfOneOctet() {
        var parameters = Parameters()
        parameters.receiveBuffer = 1
        var c = Bench.connection(.established, .rfc9293, parameters)!
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 1)))
        #expect(c.rcvWnd == 0)
        let outcome = c.handle(.receive(octets: 1))
        #expect(outcome.segments.count == 1 && outcome.segments[0].window == 1)
    }

    @Test("A passive OPEN without a remote socket has none again after a RST", arguments: Profile.standard)
    func unspecifiedAgain(_ profile: Profile) {
        var c = Bench.closed(profile)
        _ = c.handle(.passiveOpen(remoteSpecified: false))
        let listening = c
        _ = c.handle(.segmentArrives(Bench.peer(c, .syn)))
        #expect(c.remoteSpecified)
        _ = c.handle(.segmentArrives(Bench.peer(c, .rst)))
        #expect(c == listening)
    }

    @Test("A CLOSE that waits for ESTABLISHED is a CLOSE in LISTEN after a RST", arguments: Profile.standard)
    func queuedCloseInListen(_ profile: Profile) {
        var c = Bench.connection(.synReceivedPassive, profile)!
        _ = c.handle(.send(octets: 10))
        _ = c.handle(.close(furtherReceiving: true))
        let outcome = c.handle(.segmentArrives(Bench.peer(c, .rst)))
        #expect(Array(outcome.rules) == [.synReceivedRstPassive, .listenClose])
        #expect(c == Bench.closed(profile))
    }

    @Test("Behind a CLOSE that waits, SEND and CLOSE are errors", arguments: Profile.standard)
    func callsBehindQueuedClose(_ profile: Profile) {
        var c = Bench.connection(.synReceivedPassive, profile)!
        _ = c.handle(.send(octets: 10))
        _ = c.handle(.close(furtherReceiving: true))
        #expect(c.handle(.send(octets: 10)).error == .connectionClosing)
        #expect(c.handle(.close(furtherReceiving: true)).error == .connectionClosing)
        #expect(c.unsent == 10)
    }

    @Test("Urgent data is signaled once until all is read (RFC 793 p. 73)", arguments: Profile.standard)
    func urgentData(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        var signaled: [Bool] = []
        for _ in 0..<2 {
            for _ in 0..<2 {
                let outcome = c.handle(.segmentArrives(Bench.peer(c, [.urg, .ack], octets: 5)))
                signaled.append(outcome.signals.contains(.urgentData))
            }
            _ = c.handle(.receive(octets: 10))
        }
        #expect(signaled == [true, false, true, false])
    }

    // MARK: Half-duplex close (RFC 1122 section 4.2.2.13)

    @Test("CLOSE with unread data, and data after CLOSE, answer by a RST", arguments: Profile.standard)
    func halfDuplexClose(_ profile: Profile) {
        var c = Bench.connection(.established, profile)!
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 10)))
        let lost = c.handle(.close(furtherReceiving: false))
        #expect(c.state == .closed && Array(lost.rules) == [.establishedAbort] && lost.segments[0].hasRst)
        let (_, late) = arrive(.finWait2Full, profile) { Bench.peer($0, .ack, octets: 1) }
        #expect(Array(late.rules) == [.finWait2DataAfterClose] && late.segments[0].controlBits == .rst)
        // Old text that comes again with the FIN is not lost.
        let (done, last) = arrive(.finWait2Full, profile) {
            Bench.peer($0, [.fin, .ack], seq: $0.rcvNxt - 10, octets: 10)
        }
        #expect(done.state == .timeWait && Array(last.rules) == [.finWait2Fin])
        let (open, read) = arrive(.finWait2, profile) { Bench.peer($0, .ack, octets: 1) }
        #expect(open.state == .finWait2 && read.rules.isEmpty)
    }

    @Test("CLOSE-WAIT waits until SENDs are segmentized (RFC 793 p. 61); Linux is in LAST-ACK at once")
    func closeBehindData() {
        for profile in Profile.standard {
            var c = Bench.connection(.established, profile)!
            _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], window: 0)))
            _ = c.handle(.send(octets: 10))
            let closed = c.handle(.close(furtherReceiving: true))
            #expect(closed.segments.isEmpty, "the window is closed")
            #expect(c.state == (profile.name == .linux ? .lastAck : .closeWait), "\(profile.name)")
            let opened = c.handle(.segmentArrives(Bench.peer(c, .ack, window: 100)))
            #expect(c.state == .lastAck && opened.segments.count == 1 && opened.segments[0].hasFin)
        }
    }

    @Test("A CLOSE queued in SYN-RECEIVED, a FIN with the ACK, and a closed window")
    func queuedCloseBehindClosedWindow() {
        for profile in Profile.standard {
            var c = Bench.connection(.synReceivedPassive, profile)!
            _ = c.handle(.send(octets: 10))
            _ = c.handle(.close(furtherReceiving: true))
            _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], window: 0)))
            #expect(c.state == (profile.name == .linux ? .lastAck : .closeWait), "\(profile.name)")
        }
    }

    // MARK: RST and SYN (RFC 5961; kernel-facts 5)

    @Test("In CLOSE-WAIT, LAST-ACK and CLOSING Linux takes a RST at the FIN's number", arguments: Bench.Setup.allCases)
    func resetAtFinNumber(_ setup: Bench.Setup) {
        let closes: Set<Bench.Setup> = [.closeWait, .lastAck, .closing]
        guard Bench.connection(setup, .linux) != nil, setup != .closed else { return }
        let (c, _) = arrive(setup, .linux) { Bench.peer($0, .rst, seq: $0.rcvNxt - 1) }
        #expect((c.state == .closed) == closes.contains(setup))
        let (strict, _) = arrive(setup, .rfc9293) { Bench.peer($0, .rst, seq: $0.rcvNxt - 1) }
        #expect(strict.state != .closed)
        let (older, _) = arrive(setup, .linux) { Bench.peer($0, .rst, seq: $0.rcvNxt - 2) }
        #expect(older.state != .closed)
    }

    @Test("Linux takes a RST at the right edge of what has arrived out of order, where SACK is in use")
    func resetAtSackEdge() {
        for sack in [false, true] {
            var parameters = Parameters()
            parameters.permitsSack = sack
            var c = Bench.connection(.synSent, .linux, parameters)!
            var answer = Bench.peer(c, [.syn, .ack], seq: Bench.peerInitialNumber)
            answer.options.present = .sackPermitted
            _ = c.handle(.segmentArrives(answer))
            _ = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: c.rcvNxt + 100, octets: 50)))
            let outcome = c.handle(.segmentArrives(Bench.peer(c, .rst, seq: c.rcvNxt + 150)))
            #expect(c.state == (sack ? .closed : .established))
            if !sack { #expect(outcome.reason == .resetChallenged) }
        }
    }

    @Test("RFC 1337: a RST in TIME-WAIT is ignored where the switch is off")
    func resetInTimeWait() {
        let (c, outcome) = arrive(.timeWait, .linux.with(.resetTimeWait, false)) { Bench.peer($0, .rst) }
        #expect(c.state == .timeWait && outcome.reason == .resetInTimeWait)
        let (d, _) = arrive(.timeWait, .linux) { Bench.peer($0, .rst) }
        #expect(d.state == .closed)
    }

    @Test("A SYN that begins before RCV.NXT is trimmed off (RFC 793 p. 70), or challenged (RFC 5961 section 4.2)")
    func synBeforeWindow() {
        for profile in Profile.standard {
            let (c, outcome) = arrive(.established, profile) {
                Bench.peer($0, [.syn, .ack], seq: $0.rcvNxt - 5, octets: 20)
            }
            #expect(c.state == .established)
            #expect(outcome.reason == (profile.name == .rfc793 ? nil : .synChallenged), "\(profile.name)")
            #expect(c.unread == (profile.name == .rfc793 ? 16 : 0), "\(profile.name)")
        }
    }

    /// A segment of the peer at a distance from RCV.NXT, whether it ends the connection, and by what it is answered.
    struct Measured: Sendable {
        let bits: ControlBits
        let distance: Int64
        let ends: Bool
        let answer: ControlBits?

        init(_ bits: ControlBits, _ distance: Int64, ends: Bool, answer: ControlBits?) {
            self.bits = bits
            self.distance = distance
            self.ends = ends
            self.answer = answer
        }
    }

    private func expect(_ row: Measured, in setup: Bench.Setup, endsIn end: State) {
        let before = Bench.connection(setup, .linux)!
        let (c, outcome) = arrive(setup, .linux) {
            let number = $0.rcvNxt + UInt32(truncatingIfNeeded: row.distance)
            return Bench.peer($0, row.bits, seq: number, ack: SequenceNumber(5))
        }
        #expect(c.state == (row.ends ? end : before.state), "\(setup.rawValue): \(outcome.text)")
        #expect(outcome.segments.first?.controlBits == row.answer, "\(setup.rawValue): \(outcome.text)")
    }

    static let orphanRows = [
        Measured(.rst, 0, ends: true, answer: nil), Measured(.rst, 10, ends: true, answer: nil),
        Measured(.rst, -1, ends: false, answer: .ack), Measured(.syn, 10, ends: true, answer: [.rst, .ack]),
        Measured(.syn, 0, ends: true, answer: [.rst, .ack]),
    ]

    @Test("An orphan in FIN-WAIT-2 is easily reset in Linux (Docs/state-machine.md, Measured)", arguments: orphanRows)
    func orphan(_ row: Measured) {
        expect(row, in: .finWait2Full, endsIn: .closed)
    }

    static let ownedRows = [
        Measured(.rst, 0, ends: true, answer: nil), Measured(.rst, 10, ends: false, answer: .ack),
        Measured(.rst, -1, ends: false, answer: nil), Measured(.syn, 10, ends: false, answer: .ack),
        Measured(.syn, 0, ends: false, answer: .ack),
    ]

    @Test("FIN-WAIT-2 of a user who still receives, in Linux (Docs/state-machine.md, Measured)", arguments: ownedRows)
    func owned(_ row: Measured) {
        expect(row, in: .finWait2, endsIn: .closed)
    }

    static let requestRows = [
        Measured(.rst, 0, ends: true, answer: nil), Measured(.rst, 10, ends: false, answer: .ack),
        Measured(.rst, -2, ends: false, answer: nil), Measured(.syn, 10, ends: true, answer: [.rst, .ack]),
        Measured(.syn, 0, ends: true, answer: [.rst, .ack]), Measured(.syn, -1, ends: false, answer: [.syn, .ack]),
        Measured([.syn, .ack], 10, ends: true, answer: .rst), Measured(.ack, 0, ends: false, answer: .rst),
    ]

    @Test("A request in SYN-RECEIVED in Linux (Docs/state-machine.md, Measured)", arguments: requestRows)
    func request(_ row: Measured) {
        expect(row, in: .synReceivedPassive, endsIn: .listen)
    }

    @Test("Linux drops an inexact RST in TIME-WAIT silently (Docs/state-machine.md, Measured)")
    func inexactResetInTimeWait() {
        let (c, outcome) = arrive(.timeWait, .linux) { Bench.peer($0, .rst, seq: $0.rcvNxt + 10) }
        #expect(c.state == .timeWait && outcome.segments.isEmpty)
        let (_, challenged) = arrive(.timeWait, .rfc9293) { Bench.peer($0, .rst, seq: $0.rcvNxt + 10) }
        #expect(challenged.segments.count == 1)
    }

    // MARK: Timestamps (RFC 7323, RFC 6191)

    private func withTimestamps(_ setup: Bench.Setup, _ profile: Profile) -> Connection {
        var parameters = Parameters()
        parameters.offersTimestamps = true
        var c = Bench.closed(profile, parameters)
        _ = c.handle(.activeOpen(remoteSpecified: true))
        _ = c.handle(.segmentArrives(Bench.peer(c, [.syn, .ack], seq: Bench.peerInitialNumber, timestamp: 1000)))
        guard setup == .timeWait else { return c }
        _ = c.handle(.close(furtherReceiving: true))
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], timestamp: 1000)))
        #expect(c.state == .timeWait)
        return c
    }

    @Test("PAWS: an older timestamp is answered by an ACK and dropped, a RST is not protected")
    func paws() {
        for profile in [Profile.rfc9293, .linux] {
            var c = withTimestamps(.established, profile)
            let old = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], timestamp: 999)))
            #expect(old.reason == .oldTimestamp && old.segments.count == 1 && c.state == .established)
            var reset = c
            _ = reset.handle(.segmentArrives(Bench.peer(c, .rst, timestamp: 1)))
            #expect(reset.state == .closed)
            _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], timestamp: 1001)))
            #expect(c.state == .closeWait && c.recentTimestamp == 1001)
        }
        var c = withTimestamps(.established, .rfc793)
        _ = c.handle(.segmentArrives(Bench.peer(c, [.fin, .ack], timestamp: 999)))
        #expect(c.state == .closeWait, "RFC 793 knows no timestamps")
    }

    @Test("TS.Recent does not follow a segment beyond a hole (RFC 7323 section 4.3)")
    func recentTimestampAndHoles() {
        var c = withTimestamps(.established, .rfc9293)
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, seq: c.rcvNxt + 10, octets: 5, timestamp: 2000)))
        #expect(c.recentTimestamp == 1000)
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, octets: 10, timestamp: 1500)))
        #expect(c.recentTimestamp == 1500 && c.unread == 15)
    }

    @Test("Timestamps wrap", arguments: [
        (UInt32(1), UInt32(0), false), (0, 1, true), (0, 0xFFFF_FFFF, false), (0xFFFF_FFFF, 0, true), (5, 5, false),
    ])
    func timestampsWrap(value: UInt32, recent: UInt32, old: Bool) {
        #expect(Timestamps.isOld(value, recent: recent) == old)
    }

    @Test("A SYN in TIME-WAIT is new by RFC 6191", arguments: [
        // Above RCV.NXT?, timestamp: newer, same, older, none.
        (true, UInt32?.some(1001), true), (true, 1000, true), (true, 999, false), (true, nil, true),
        (false, 1001, true), (false, 1000, false), (false, 999, false), (false, nil, false),
    ])
    func newIncarnation(above: Bool, timestamp: UInt32?, new: Bool) {
        for profile in [Profile.rfc9293, .linux] {
            var c = withTimestamps(.timeWait, profile)
            let number = above ? c.rcvNxt + 1 : c.rcvNxt - 1
            _ = c.handle(.segmentArrives(Bench.peer(c, .syn, seq: number, timestamp: timestamp)))
            let expected: State = new ? (profile.name == .linux ? .closed : .synReceived) : .timeWait
            #expect(c.state == expected, "\(profile.name)")
        }
    }

    @Test("Timestamps for the first time: new by RFC 6191, by its number alone in Linux")
    func firstTimestamps() {
        for profile in [Profile.rfc9293, .linux] {
            var c = Bench.connection(.timeWait, profile)!
            _ = c.handle(.segmentArrives(Bench.peer(c, .syn, seq: c.rcvNxt - 1, timestamp: 5)))
            #expect(c.state == (profile.name == .linux ? .timeWait : .synReceived), "\(profile.name)")
        }
    }

    @Test("A connection reopened from TIME-WAIT returns there if the SYN was an old duplicate (RFC 1122 4.2.2.13)")
    func oldDuplicate() {
        for profile in [Profile.rfc793, .rfc9293] {
            let before = Bench.connection(.timeWait, profile)!
            var c = Bench.connection(.synReceivedReopened, profile)!
            #expect(c.initialSendNumber.isAfter(before.sndNxt))
            let outcome = c.handle(.segmentArrives(Bench.peer(c, .rst)))
            #expect(Array(outcome.rules) == [.synReceivedOldDuplicate])
            #expect(c.state == .timeWait && c.rcvNxt == before.rcvNxt && c.sndNxt == before.sndNxt)
        }
    }

    @Test("Linux reuses a TIME-WAIT for an active OPEN, where timestamps are in use")
    func timeWaitReuse() {
        var c = withTimestamps(.timeWait, .linux)
        let old = c
        let outcome = c.handle(.activeOpen(remoteSpecified: true))
        #expect(Array(outcome.rules) == [.timeWaitReuse, .closedActiveOpen] && c.state == .synSent)
        #expect(c.initialSendNumber.isAfter(old.sndNxt))
        var without = Bench.connection(.timeWait, .linux)!
        #expect(without.handle(.activeOpen(remoteSpecified: true)).error == .connectionAlreadyExists)
        var rfc = withTimestamps(.timeWait, .rfc9293)
        #expect(rfc.handle(.activeOpen(remoteSpecified: true)).error == .connectionAlreadyExists)
    }

    // MARK: Corrections of RFC 793 (RFC 1122 section 4.2.2.20)

    @Test("(a) CLOSE in CLOSE-WAIT leads to LAST-ACK, not CLOSING", arguments: Profile.standard)
    func correctionA(_ profile: Profile) {
        #expect(Bench.connection(.lastAck, profile)!.state == .lastAck)
    }

    @Test("(c), (f) the window is set on entry to ESTABLISHED", arguments: Profile.standard)
    func correctionsCF(_ profile: Profile) {
        let (active, _) = arrive(.synSent, profile) { Bench.peer($0, [.syn, .ack], window: 1234) }
        #expect(active.sndWnd == 1234 && active.sndWl2 == active.sndNxt)
        let (passive, _) = arrive(.synReceivedPassive, profile) { Bench.peer($0, .ack, window: 1234) }
        #expect(passive.sndWnd == 1234 && passive.sndWl1 == passive.rcvNxt)
    }

    @Test("(e) a SYN in the window of a passive SYN-RECEIVED returns it to LISTEN", arguments: Profile.standard)
    func correctionE(_ profile: Profile) {
        let (c, outcome) = arrive(.synReceivedPassive, profile) { Bench.peer($0, .syn, seq: $0.rcvNxt + 5) }
        #expect(c.state == .listen && Array(outcome.rules) == [.synReceivedSynInWindowPassive])
        #expect(c == Bench.connection(.listen, profile))
    }

    @Test("(g) the window is updated by an ACK of SND.UNA, not by an older segment", arguments: Profile.standard)
    func correctionG(_ profile: Profile) {
        let (c, _) = arrive(.established, profile) { Bench.peer($0, .ack, ack: $0.sndUna, window: 99) }
        #expect(c.sndWnd == 99)
        var d = c
        _ = d.handle(.segmentArrives(Bench.peer(d, .ack, seq: d.rcvNxt + 5, octets: 5, window: 50)))
        _ = d.handle(.segmentArrives(Bench.peer(d, .ack, octets: 5, window: 70)))
        #expect(d.sndWnd == 50, "SND.WL1 protects from the older one")
    }

    @Test("An ACK of nothing does not open a connection: SND.UNA < SEG.ACK", arguments: Profile.standard)
    func acknowledgmentOfNothing(_ profile: Profile) {
        let (sent, _) = arrive(.synSent, profile) { Bench.peer($0, [.syn, .ack], ack: $0.sndUna) }
        #expect(sent.state == .synSent)
        let (received, _) = arrive(.synReceivedPassive, profile) { Bench.peer($0, .ack, ack: $0.sndUna) }
        #expect(received.state == .synReceived)
    }

    // MARK: Window scale (RFC 7323 section 2)

    @Test func windowScale() {
        var parameters = Parameters()
        parameters.windowScale = 7
        parameters.receiveBuffer = 1 << 20
        var c = Bench.connection(.synSent, .linux, parameters)!
        var answer = Bench.peer(c, [.syn, .ack], window: 1000)
        answer.options.present = .windowScale
        answer.options.windowScale = 3
        let outcome = c.handle(.segmentArrives(answer))
        #expect(c.sndWnd == 1000, "the window of a SYN is not scaled")
        #expect(outcome.segments[0].window == 8192 && c.rcvWnd == 1 << 20)
        _ = c.handle(.segmentArrives(Bench.peer(c, .ack, window: 1000)))
        #expect(c.sndWnd == 8000)
        var without = Bench.connection(.established, .linux, parameters)!
        #expect(without.rcvWnd == 65_535, "what the header cannot say is not offered")
        _ = without.handle(.segmentArrives(Bench.peer(without, .ack, window: 1000)))
        #expect(without.sndWnd == 1000)
    }
}
