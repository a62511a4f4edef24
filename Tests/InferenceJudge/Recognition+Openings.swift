import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// What the conventions of the closed list (cases 12 and 18), and what was over or begun before, are recognized by.
extension Recognition {
    /// A forged segment was at work by then: one that is no RST had passed or come, or one that is had been believed by
    /// the inference, or taken by the end.
    func isDeceived(at time: Int64) -> Bool { deceptions.contains { $0 <= time } }

    func isDeceived(at step: TransitionRecord) -> Bool { isDeceived(at: sight.told(step)) }

    /// An end that answers is said to have listened, and had opened.
    func isListeningAssumed(_ step: TransitionRecord) -> Bool {
        let saysListening: Set<Rule> = [.listenSyn, .synReceivedAckOfSyn, .closedPassiveOpen]
        return step.rule.map(saysListening.contains) ?? false && isOpeningUnseen(at: sight.told(step))
    }

    /// A step of the opening: only there does LISTEN differ from SYN-SENT.
    func isOpening(_ happened: Transition) -> Bool {
        let opening: Set<State> = [.closed, .listen, .synSent, .synReceived]
        return opening.contains(happened.from) && (opening.contains(happened.to) || happened.to == .established)
    }

    /// The active OPEN did happen, and this SYN left with it: what is wrong is what is said of the time before.
    func isOpenedBefore(_ step: TransitionRecord) -> Bool {
        guard step.rule == .closedActiveOpen, let number = sight.segment(of: step.cause) else { return false }
        let sent = history.segments[Int(number)]
        guard sent.from == account.place.end else { return false }
        // Or it was sent again, when that OPEN lasted.
        return account.truth.contains { open in
            open.to == .synSent && open.time <= sent.sent
                && history.segments.contains {
                    $0.from == sent.from && $0.ports == sent.ports && $0.sent == open.time
                        && $0.segment.sequenceNumber == sent.segment.sequenceNumber
                }
        }
    }

    /// The end was in this state and is in that one, and went there before without a word: what came then met nobody.
    func isOverSilently(_ step: TransitionRecord) -> Bool {
        let told = sight.told(step)
        guard let last = account.truth.last(where: { $0.time.nanoseconds <= told }), Account.isSilent(last) else {
            return false
        }
        let isEnd = (last.to == .closed || last.to == .listen) && (step.to == .closed || step.to == .listen)
        return last.from == step.from && isEnd
    }

    /// The end opened actively, and no SYN of it passed before its SYN,ACK: it seems to have answered from LISTEN.
    func isOpeningUnseen(at time: Int64) -> Bool {
        guard let open = account.truth.last(where: { $0.to == .synSent && $0.time.nanoseconds <= time }),
            account.truth.contains(where: { $0.rule == .synSentSyn && $0.time >= open.time })
        else { return false }
        let first = words.filter { $0.sent >= open.time.nanoseconds }.min { $0.passed < $1.passed }
        guard let first else { return false }
        let segment = history.segments[Int(first.number)].segment
        return !(segment.hasSyn && !segment.hasAck)
    }

    /// The end has begun anew where its connection seemed to go on, and nothing that passed belongs to what it began:
    /// an old SYN that comes late, or somebody else's, looks the same. So does what ended its connection before.
    func isBegunUnseen(_ happened: Transition) -> Bool {
        let open = account.truth.first { $0.time >= happened.time && $0.to == .synSent }
        guard let open, open.time == happened.time && open.rule == happened.rule || Account.isSilent(happened),
            !account.truth.contains(where: { $0.time > happened.time && $0.time < open.time && $0.cause != nil })
        else { return false }
        let syn = history.segments.first {
            $0.from == open.end && $0.ports == account.place.ports && $0.sent == open.time && $0.segment.hasSyn
        }?.segment
        guard let syn else { return false }
        return !sight.capture.contains { tapped in
            let sent = history.segments[Int(tapped.number)]
            guard sent.ports == account.place.ports, sent.sent >= open.time, !tapped.isCorrupt else { return false }
            let segment = sent.segment
            if sent.from == open.end { return !segment.hasSyn && segment.sequenceNumber == syn.end }
            return segment.hasAck && segment.acknowledgmentNumber.isAfter(syn.sequenceNumber)
                && segment.acknowledgmentNumber.isAtOrBefore(syn.end)
        }
    }

    /// It was ended by a RST, and somebody spoke in its name afterwards: it seems to have gone on.
    func isTakenBackForForgery(_ happened: Transition) -> Bool {
        guard happened.rule?.event == "ABORT" || happened.rule?.event == "rcv RST" else { return false }
        return history.segments.contains { sent in
            guard case .injected = sent.origin else { return false }
            return sent.from == account.place.end && sent.ports == account.place.ports && sent.sent >= happened.time
        }
    }

    /// The end took the same SYN twice, and went back to LISTEN between: one LISTEN-SYN is said, of the first.
    func isSaidOfEarlierCopy(_ happened: Transition) -> Bool {
        guard happened.rule == .listenSyn, let cause = happened.cause else { return false }
        let syn = history.segments[Int(cause)]
        return account.alignment.pairings.contains { pairing in
            guard case .both(let other, let step) = pairing, other.rule == .listenSyn,
                let named = sight.segment(of: step.cause), named != cause
            else { return false }
            let said = history.segments[Int(named)]
            return said.from == syn.from && said.segment.sequenceNumber == syn.segment.sequenceNumber
        }
    }
}
