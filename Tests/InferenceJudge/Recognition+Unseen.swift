import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// Octets that are known to have been sent, and did not pass (case 7).
extension Recognition {
    /// Octets of an end did not pass, a later number of it shows that they were there, and nothing tells whether a FIN
    /// is the last of them: whatever comes afterwards at that end may have come before its FIN or behind it. Of the
    /// other end that is so until it shows that it does not have them.
    func isAmongUnseenOctets(_ happened: Transition) -> Bool {
        End.allCases.contains { sender in
            guard let unseen = unseenOctets(of: sender), happened.time.nanoseconds >= unseen.since else { return false }
            if sender == happened.end { return true }
            let next = words.first { word in
                word.sent >= happened.time.nanoseconds && history.segments[Int(word.number)].segment.hasAck
            }
            guard let next else { return true }
            return history.segments[Int(next.number)].segment.acknowledgmentNumber.isAtOrAfter(unseen.end)
        }
    }

    /// The octets at the end of what a sender is known to have sent that did not pass, if there are more than one; and
    /// since when they were on their way.
    private func unseenOctets(of sender: End) -> (since: Int64, end: SequenceNumber)? {
        var seen: SequenceNumber?
        var shown: SequenceNumber?
        for tapped in sight.capture {
            let sent = history.segments[Int(tapped.number)]
            guard !tapped.isCorrupt, sent.ports == account.place.ports, sent.origin == .host || isCopy(sent) else {
                continue
            }
            let segment = sent.segment
            if sent.from == sender, !segment.hasRst {
                if segment.hasSyn { (seen, shown) = (segment.end, segment.end) }
                if segment.length > 0, seen.map({ segment.end.isAfter($0) }) ?? true { seen = segment.end }
                if shown.map({ segment.end.isAfter($0) }) ?? true { shown = segment.end }
            } else if sent.from != sender, segment.hasAck, let last = shown,
                segment.acknowledgmentNumber.isAfter(last), last.distance(to: segment.acknowledgmentNumber) < 1 << 24
            {
                shown = segment.acknowledgmentNumber
            }
        }
        guard let seen, let shown, seen.distance(to: shown) > 1 else { return nil }
        let since = history.segments.first {
            $0.from == sender && $0.ports == account.place.ports && $0.segment.length > 0
                && $0.segment.end.isAfter(seen) && $0.segment.end.isAtOrBefore(shown)
        }?.sent.nanoseconds
        return since.map { ($0, shown) }
    }

    /// A single octet at the end of what a sender is known to have sent did not pass: it is presumed to be a FIN, and
    /// was text.
    func isOctetTakenForFin(_ step: TransitionRecord) -> Bool {
        guard !step.seen, let event = step.rule?.event, event == "CLOSE" || event == "rcv FIN" else { return false }
        let sender = event == "CLOSE" ? account.place.end : account.place.end.other
        let told = sight.told(step)
        let passed = sight.capture.filter { !$0.isCorrupt && $0.captured.time &- sight.setting.begin <= told }
            .map { history.segments[Int($0.number)] }
            .filter { $0.ports == account.place.ports && !$0.segment.hasRst }
        let own = passed.filter { $0.from == sender }.map(\.segment)
        let shown = own.map(\.sequenceNumber)
            + passed.filter { $0.from != sender && $0.segment.hasAck }.map(\.segment.acknowledgmentNumber)
        return history.segments.contains { sent in
            sent.from == sender && sent.ports == account.place.ports && sent.segment.payloadLength > 0
                && shown.contains(sent.segment.payloadStart + sent.segment.payloadLength)
                && !own.contains { $0.end.isAtOrAfter(sent.segment.payloadStart + sent.segment.payloadLength)
                    && $0.length > 0 }
        }
    }

    private func isCopy(_ sent: SentSegment) -> Bool {
        if case .copy = sent.origin { true } else { false }
    }
}
