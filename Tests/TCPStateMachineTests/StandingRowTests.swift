import TCPStateMachine
import Testing

/// The rows of the reference table that change no state: errors, answers, drops. Each is reproduced in the profile of
/// its text; a row that nobody has written a reproduction for fails.
@Suite struct StandingRowTests {
    /// What a row asks for: what happens to a connection in the row's state, and what must come of it.
    struct Reproduction {
        var setup: (Connection) -> Connection = { $0 }
        let event: (Connection) -> Event
        let check: (Outcome, _ before: Connection, _ after: Connection) -> Bool
    }

    @Test func everyRowIsReproduced() throws {
        guard let rows = try ReferenceTableTests.rows()?.filter({ !$0.changesState }) else { return }
        #expect(rows.count > 100)
        var excluded = 0
        for row in rows {
            if ReferenceTableTests.exclusion(row) == .security || row.condition == "security mismatch" {
                excluded += 1
                continue
            }
            let reproductions = Self.reproductions(row)
            #expect(!reproductions.isEmpty, "no reproduction of: \(row)")
            let profile: Profile = row.text793 == "Y" || row.rfc1122 == "Y" ? .rfc793 : .rfc9293
            for reproduction in reproductions { expect(row, reproduction, profile) }
            // The text of RFC 9293 says the same of the row, or has it as an option that the profile takes.
            if row.text9293 != "-" { for r in reproductions { expect(row, r, .rfc9293) } }
        }
        #expect(excluded == 3, "SYN-SENT, SYN-RECEIVED and LISTEN have a row of security each")
    }

    private func expect(_ row: ReferenceTableTests.Row, _ reproduction: Reproduction, _ profile: Profile) {
        let setup: Bench.Setup =
            row.condition.hasPrefix("active origin") ? .synReceivedActive : Bench.Setup(row.from)
        let before = reproduction.setup(Bench.connection(setup, profile)!)
        #expect(before.state == row.from, "\(row)")
        var after = before
        let outcome = after.handle(reproduction.event(before))
        #expect(after.state == row.to && outcome.rules.isEmpty, "\(profile.name): \(row): \(outcome.text)")
        #expect(reproduction.check(outcome, before, after), "\(profile.name): \(row): \(outcome.text)")
    }

    // MARK: What must come of it

    private static func refuses(_ error: UserError) -> (Outcome, Connection, Connection) -> Bool {
        { outcome, _, _ in outcome.error == error }
    }

    private static func drops(_ reason: Reason) -> (Outcome, Connection, Connection) -> Bool {
        { outcome, _, _ in outcome.reason == reason && outcome.segments.isEmpty }
    }

    /// Answered by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
    private static func answersWithAck(_ outcome: Outcome, _ before: Connection, _ after: Connection) -> Bool {
        guard outcome.segments.count == 1, let reply = outcome.segments.first else { return false }
        return reply.controlBits == .ack && reply.sequenceNumber == after.sndNxt
            && reply.acknowledgmentNumber == after.rcvNxt && reply.payloadLength == 0
    }

    private static func answersWithReset(_ number: UInt32) -> (Outcome, Connection, Connection) -> Bool {
        { outcome, _, _ in
            outcome.segments.count == 1 && outcome.segments[0].controlBits == .rst
                && outcome.segments[0].sequenceNumber == SequenceNumber(number)
        }
    }

    private static func isAccepted(_ outcome: Outcome, _ before: Connection, _ after: Connection) -> Bool {
        outcome.reaction != nil && outcome.segments.isEmpty
    }

    private static func segment(
        _ bits: ControlBits, seq: Int64 = 0, octets: UInt32 = 0, ack: Int64 = 0
    ) -> (Connection) -> Event {
        { c in
            .segmentArrives(
                Bench.peer(
                    c, bits, seq: c.rcvNxt + UInt32(truncatingIfNeeded: seq),
                    ack: c.sndNxt + UInt32(truncatingIfNeeded: ack), octets: octets))
        }
    }

    // MARK: The rows

    private static func reproductions(_ row: ReferenceTableTests.Row) -> [Reproduction] {
        switch (row.event, row.condition) {
        case ("active OPEN", "remote socket unspecified"):
            [
                Reproduction(
                    event: { _ in .activeOpen(remoteSpecified: false) }, check: refuses(.foreignSocketUnspecified))
            ]
        case ("SEND, RECEIVE, CLOSE, ABORT, STATUS", _):
            [
                .send(octets: 1), .receive(octets: 1), .close(furtherReceiving: true),
                .close(furtherReceiving: false), .abort, .status,
            ].map { event in Reproduction(event: { _ in event }, check: refuses(.connectionDoesNotExist)) }
        case ("passive OPEN", _):
            [
                Reproduction(
                    event: { _ in .passiveOpen(remoteSpecified: true) }, check: refuses(.connectionAlreadyExists))
            ]
        case ("OPEN", _):
            [.passiveOpen(remoteSpecified: true), .activeOpen(remoteSpecified: true)].map { event in
                Reproduction(event: { _ in event }, check: refuses(.connectionAlreadyExists))
            }
        case ("STATUS", _):
            [Reproduction(event: { _ in .status }) { outcome, _, _ in outcome.reaction?.status == row.from }]
        case ("SEND", _), ("RECEIVE", _), ("SEND, RECEIVE", _), ("CLOSE", _):
            userCall(row)
        case ("retransmission timeout", _):
            [retransmission(row.from)]
        default:
            arrival(row)
        }
    }

    private static func userCall(_ row: ReferenceTableTests.Row) -> [Reproduction] {
        let send = { (_: Connection) in Event.send(octets: 10) }
        let receive = { (_: Connection) in Event.receive(octets: 10) }
        switch (row.event, row.condition, row.action) {
        case ("SEND", "remote socket unspecified", _):
            return [
                Reproduction(
                    setup: { c in
                        var fresh = Bench.closed(c.profile)
                        _ = fresh.handle(.passiveOpen(remoteSpecified: false))
                        return fresh
                    }, event: send, check: refuses(.foreignSocketUnspecified))
            ]
        case ("SEND", _, "snd data"):
            return [
                Reproduction(event: send) { outcome, before, after in
                    outcome.segments.count == 1 && outcome.segments[0].payloadLength == 10
                        && outcome.segments[0].sequenceNumber == before.sndNxt && after.sndNxt == before.sndNxt + 10
                }
            ]
        case ("SEND", _, _):
            return [Reproduction(event: send, check: refuses(.connectionClosing))]
        case ("SEND, RECEIVE", _, _):
            return [
                Reproduction(event: send) { outcome, before, after in
                    isAccepted(outcome, before, after) && after.unsent == 10
                },
                Reproduction(event: receive) { outcome, before, after in
                    isAccepted(outcome, before, after) && after.awaited == 10
                },
            ]
        case ("RECEIVE", _, "queue"):
            return [Reproduction(event: receive, check: isAccepted)]
        case ("RECEIVE", "data left / none left", _):
            return [
                Reproduction(event: receive, check: refuses(.connectionClosing)),
                Reproduction(
                    setup: { c in
                        var c = Bench.connection(.established, c.profile)!
                        _ = c.handle(segment([.fin, .ack], octets: 25)(c))
                        return c
                    }, event: receive) { outcome, _, after in
                        outcome.reaction?.delivered == 10 && after.unread == 15
                    },
            ]
        case ("RECEIVE", _, _):
            return [Reproduction(event: receive, check: refuses(.connectionClosing))]
        case ("CLOSE", "data pending", _):
            return [
                Reproduction(
                    setup: { c in
                        var c = c
                        _ = c.handle(.send(octets: 10))
                        return c
                    }, event: { _ in .close(furtherReceiving: true) }) { outcome, before, after in
                        isAccepted(outcome, before, after) && after.closePending
                    }
            ]
        case ("CLOSE", _, _):
            return [Reproduction(event: { _ in .close(furtherReceiving: true) }, check: refuses(.connectionClosing))]
        default:
            return []
        }
    }

    private static func retransmission(_ state: State) -> Reproduction {
        Reproduction(
            setup: { c in
                var c = c
                _ = c.handle(.send(octets: 10))
                return c
            }, event: { _ in .retransmissionTimeout(retransmissions: 0) }) { outcome, before, _ in
                guard outcome.segments.count == 1, let again = outcome.segments.first else { return false }
                return again.sequenceNumber == before.sndUna && outcome.reaction?.started == .retransmission
            }
    }

    private static func arrival(_ row: ReferenceTableTests.Row) -> [Reproduction] {
        switch (row.event, row.condition) {
        case ("rcv RST", "") where row.from == .closed, ("rcv RST", "") where row.from == .listen:
            return [Reproduction(event: segment(.rst), check: drops(.resetWithoutConnection))]
        case ("rcv any segment without RST", _):
            return [
                Reproduction(event: segment([.psh, .ack], octets: 5, ack: 77), check: answersWithReset(77)),
                Reproduction(event: segment(.syn, seq: 40, octets: 5)) { outcome, _, _ in
                    outcome.segments.count == 1 && outcome.segments[0].controlBits == [.rst, .ack]
                        && outcome.segments[0].sequenceNumber == SequenceNumber(0)
                        && outcome.segments[0].acknowledgmentNumber == SequenceNumber(46)
                },
            ]
        case ("rcv segment with ACK", "no RST"):
            return [
                Reproduction(event: segment(.ack, ack: 77), check: answersWithReset(77)),
                Reproduction(event: segment([.syn, .ack], ack: 77), check: answersWithReset(77)),
            ]
        case ("rcv anything else", _):
            return [[], .fin, .psh].map { Reproduction(event: segment($0), check: drops(.nothingForListen)) }
        case ("rcv RST", "no ACK"):
            return [Reproduction(event: segment(.rst), check: drops(.resetWithoutAcknowledgment))]
        case ("rcv RST", "ACK unacceptable"):
            return [1, -1].map { Reproduction(event: segment([.rst, .ack], ack: $0), check: drops(.resetNotOfSyn)) }
        case ("rcv segment with ACK", _):
            // ISS is 1000: acknowledging it, or 1002, is wrong.
            return [
                Reproduction(event: segment(.ack, ack: -1), check: answersWithReset(1000)),
                Reproduction(event: segment([.syn, .ack], ack: 1), check: answersWithReset(1002)),
            ]
        case ("rcv ACK", "acceptable, no SYN, no RST"):
            return [Reproduction(event: segment(.ack), check: drops(.noSyn))]
        case ("rcv FIN", "no SYN"):
            return [Reproduction(event: segment([.fin, .ack]), check: drops(.noSyn))]
        case ("rcv segment", "ACK not acceptable, in window"):
            return [
                Reproduction(event: segment(.ack, ack: -1), check: answersWithReset(1000)),
                Reproduction(event: segment(.ack, octets: 5, ack: 1), check: answersWithReset(1002)),
            ]
        case ("rcv RST", "in window but not RCV.NXT (RFC 5961)"):
            return [Reproduction(event: segment(.rst, seq: 10), check: answersWithAck)]
        case ("rcv RST", "outside window"):
            return [-1, 70_000].map { Reproduction(event: segment(.rst, seq: $0), check: drops(.resetOutsideWindow)) }
        case ("rcv segment", "outside window, no RST"):
            return [-100, 70_000].map { Reproduction(event: segment(.ack, seq: $0, octets: 10), check: answersWithAck) }
        case ("rcv segment", "ACK bit off, no RST/SYN"):
            return [[], .fin, .psh].map { Reproduction(event: segment($0), check: drops(.noAcknowledgment)) }
        case ("rcv ACK", "acks something not sent (SEG.ACK > SND.NXT)"):
            return [Reproduction(event: segment(.ack, octets: 5, ack: 1), check: answersWithAck)]
        case ("rcv ACK", "not of our FIN"):
            return [Reproduction(event: segment(.ack, ack: -1), check: drops(.acknowledgmentNotOfFin))]
        case ("rcv SYN", _):
            // In TIME-WAIT a SYN above RCV.NXT would be a new incarnation; one at RCV.NXT or below is not.
            return [0, -1].map { Reproduction(event: segment(.syn, seq: $0), check: answersWithAck) }
        case ("rcv FIN", "retransmitted"):
            return [
                Reproduction(event: segment([.fin, .ack], seq: -1, ack: -1)) { outcome, before, after in
                    let restarts = outcome.reaction?.started == .timeWait
                    return answersWithAck(outcome, before, after) && restarts == (row.from == .timeWait)
                }
            ]
        case ("rcv data", "in window"):
            return [
                Reproduction(event: segment([.psh, .ack], octets: 10, ack: row.from == .finWait1 ? -1 : 0)) {
                    outcome, before, after in
                    answersWithAck(outcome, before, after) && after.rcvNxt == before.rcvNxt + 10 && after.unread == 10
                }
            ]
        case ("rcv data or URG", ""):
            return [
                Reproduction(event: segment([.psh, .urg, .ack], octets: 10, ack: row.from == .timeWait ? 0 : -1)) {
                    outcome, before, after in
                    after.rcvNxt == before.rcvNxt && after.unread == 0 && outcome.signals.isEmpty
                        && outcome.segments.isEmpty
                }
            ]
        default:
            return []
        }
    }
}
