import Foundation
import TCPStateMachine

/// What the tests speak in: a connection whose ISS is 1000 and whose peer's is 5000, brought into a state by events,
/// and segments of the peer said in words.
enum Bench {
    static let initialNumber = SequenceNumber(1000)
    static let peerInitialNumber = SequenceNumber(5000)

    static func closed(_ profile: Profile, _ parameters: Parameters = Parameters()) -> Connection {
        Connection(profile: profile, parameters: parameters, nextInitialNumber: initialNumber)
    }

    /// A way into a state, as the matrix names it.
    enum Setup: String, CaseIterable {
        case closed = "CLOSED"
        case listen = "LISTEN"
        case synSent = "SYN-SENT"
        case synReceivedPassive = "SYN-RECEIVED (passive)"
        case synReceivedActive = "SYN-RECEIVED (active)"
        case synReceivedReopened = "SYN-RECEIVED (reopened)"
        case established = "ESTABLISHED"
        case finWait1 = "FIN-WAIT-1"
        case finWait1Full = "FIN-WAIT-1 (no further receiving)"
        case finWait2 = "FIN-WAIT-2"
        case finWait2Full = "FIN-WAIT-2 (no further receiving)"
        case closeWait = "CLOSE-WAIT"
        case closing = "CLOSING"
        case lastAck = "LAST-ACK"
        case timeWait = "TIME-WAIT"

        /// The plain way into each of the eleven states.
        init(_ state: State) {
            switch state {
            case .closed: self = .closed
            case .listen: self = .listen
            case .synSent: self = .synSent
            case .synReceived: self = .synReceivedPassive
            case .established: self = .established
            case .finWait1: self = .finWait1
            case .finWait2: self = .finWait2
            case .closeWait: self = .closeWait
            case .closing: self = .closing
            case .lastAck: self = .lastAck
            case .timeWait: self = .timeWait
            }
        }
    }

    /// A connection of this profile in this state; nil where the profile has no such state (a reopened one in Linux).
    static func connection(
        _ setup: Setup, _ profile: Profile, _ parameters: Parameters = Parameters()
    ) -> Connection? {
        var c = closed(profile, parameters)
        func take(_ event: Event) { _ = c.handle(event) }
        switch setup {
        case .closed: break
        case .listen: take(.passiveOpen(remoteSpecified: true))
        case .synSent: take(.activeOpen(remoteSpecified: true))
        case .synReceivedPassive:
            take(.passiveOpen(remoteSpecified: true))
            take(.segmentArrives(peer(c, .syn, seq: peerInitialNumber)))
        case .synReceivedActive:
            take(.activeOpen(remoteSpecified: true))
            take(.segmentArrives(peer(c, .syn, seq: peerInitialNumber)))
        case .established:
            take(.activeOpen(remoteSpecified: true))
            take(.segmentArrives(peer(c, [.syn, .ack], seq: peerInitialNumber)))
        case .finWait1, .finWait1Full:
            c = connection(.established, profile, parameters)!
            take(.close(furtherReceiving: setup == .finWait1))
        case .finWait2, .finWait2Full:
            c = connection(setup == .finWait2 ? .finWait1 : .finWait1Full, profile, parameters)!
            take(.segmentArrives(peer(c, .ack)))
        case .closeWait:
            c = connection(.established, profile, parameters)!
            take(.segmentArrives(peer(c, [.fin, .ack])))
        case .closing:
            c = connection(.finWait1, profile, parameters)!
            take(.segmentArrives(peer(c, [.fin, .ack], ack: c.sndUna)))
        case .lastAck:
            c = connection(.closeWait, profile, parameters)!
            take(.close(furtherReceiving: true))
        case .timeWait:
            c = connection(.finWait2, profile, parameters)!
            take(.segmentArrives(peer(c, [.fin, .ack])))
        case .synReceivedReopened:
            c = connection(.timeWait, profile, parameters)!
            take(.segmentArrives(peer(c, .syn, seq: c.rcvNxt + 100_000)))
            if c.state != .synReceived { return nil }
        }
        return c
    }

    /// A segment of the peer: at RCV.NXT and acknowledging all we have sent, unless told otherwise.
    static func peer(
        _ c: Connection, _ bits: ControlBits, seq: SequenceNumber? = nil, ack: SequenceNumber? = nil,
        octets: UInt32 = 0, window: UInt16 = 65_535, timestamp: UInt32? = nil
    ) -> Segment {
        var options = SegmentOptions()
        if let timestamp {
            options.present = .timestamps
            options.timestampValue = timestamp
        }
        return Segment(
            sequenceNumber: seq ?? c.rcvNxt,
            acknowledgmentNumber: bits.contains(.ack) ? ack ?? c.sndNxt : SequenceNumber(0),
            controlBits: bits, payloadLength: octets, window: window, options: options)
    }
}

extension Segment {
    /// The RFC's notation: <SEQ=100><ACK=301><CTL=SYN,ACK>, with the number of octets where there is text.
    var text: String {
        let names: [(ControlBits, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"), (.urg, "URG"), (.ece, "ECE"),
            (.cwr, "CWR"),
        ]
        let bits = names.filter { controlBits.contains($0.0) }.map(\.1).joined(separator: ",")
        let ack = hasAck ? "<ACK=\(acknowledgmentNumber.rawValue)>" : ""
        let data = payloadLength > 0 ? "<DATA=\(payloadLength)>" : ""
        return "<SEQ=\(sequenceNumber.rawValue)>\(ack)\(data)<CTL=\(bits)>"
    }
}

extension Outcome {
    /// One line: what came of it.
    var text: String {
        switch self {
        case .refused(let error): return "refused \"\(error)\""
        case .ignored(let reason, let reply): return "ignored \(reason)" + (reply.map { ", snd \($0.text)" } ?? "")
        case .accepted(let reaction):
            var parts = reaction.rules.map(\.id)
            parts += reaction.segments.map { "snd \($0.text)" }
            if let state = reaction.status { parts.append("state = \(state)") }
            if reaction.delivered > 0 { parts.append("delivered \(reaction.delivered)") }
            if !reaction.signals.isEmpty { parts.append("signal \"\(reaction.signals)\"") }
            if !reaction.started.isEmpty { parts.append("start \(reaction.started)") }
            if !reaction.stopped.isEmpty { parts.append("stop \(reaction.stopped)") }
            return parts.isEmpty ? "accepted" : "accepted " + parts.joined(separator: "; ")
        }
    }

    var reason: Reason? {
        if case .ignored(let reason, _) = self { reason } else { nil }
    }

    var error: UserError? {
        if case .refused(let error) = self { error } else { nil }
    }

    var reaction: Reaction? {
        if case .accepted(let reaction) = self { reaction } else { nil }
    }
}
