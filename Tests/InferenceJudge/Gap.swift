import Flows
import Simulation
import TCPStateMachine

/// Steps between two that both accounts have: those that happened and were not inferred, and those that were inferred
/// and did not happen.
struct Gap {
    var missing: [Transition] = []
    var extra: [TransitionRecord] = []

    /// Why nobody could have told, step by step; nil where there is no reason.
    ///
    /// An event that both have, taken in different states, follows from the steps before it: it has their reason.
    func reasons(_ recognition: Recognition) -> (missing: [UndecidableCase?], extra: [UndecidableCase?]) {
        var partners = [Int?](repeating: nil, count: missing.count)
        var isPaired = [Bool](repeating: false, count: extra.count)
        for (index, happened) in missing.enumerated() {
            let partner = extra.indices.first { !isPaired[$0] && Self.isSameEvent(happened, extra[$0]) }
            guard let partner, !happened.isListeners(recognition.account.place.end) else { continue }
            partners[index] = partner
            isPaired[partner] = true
        }
        var ofMissing = missing.indices.map { place in
            partners[place] == nil ? recognition.case(ofMissing: missing[place]) : nil
        }
        var ofExtra = extra.indices.map { place in
            isPaired[place] ? nil : recognition.case(ofExtra: extra[place], in: self)
        }
        // What they share is explained where all the rest is.
        let own = missing.indices.filter { partners[$0] == nil }.map { ofMissing[$0] }
            + extra.indices.filter { !isPaired[$0] }.map { ofExtra[$0] }
        let inherited = own.isEmpty ? recognition.case(ofOrder: missing) : own.contains { $0 == nil } ? nil : own[0]
        for place in missing.indices where partners[place] != nil { ofMissing[place] = inherited }
        for place in extra.indices where isPaired[place] {
            ofExtra[place] = recognition.isListeningAssumed(extra[place]) ? .openerUnseen : inherited
        }
        // That an end is gone is all that "socket gone" says: how it went has a reason of its own.
        for place in missing.indices where ofMissing[place] == nil {
            guard let partner = partners[place], extra[partner].rule?.event == "socket gone",
                missing[place].from == extra[partner].from, let reason = recognition.case(ofMissing: missing[place])
            else { continue }
            (ofMissing[place], ofExtra[partner]) = (reason, reason)
        }
        // Who seems to have gone from SYN-SENT to ESTABLISHED at once does not seem to leave SYN-RECEIVED.
        let isCrossingUnseen = missing.indices.contains {
            missing[$0].rule == .synSentSyn && ofMissing[$0] == .openerUnseen
        }
        for place in missing.indices where isCrossingUnseen && ofMissing[place] == nil {
            let isOpened = missing[place].from == .synReceived && missing[place].to == .established
            if isOpened { ofMissing[place] = .openerUnseen }
        }
        explainEndings(recognition, &ofMissing, &ofExtra)
        // What comes too late is taken for what came in time; what was before it is no worse to see.
        if let late = recognition.beginOfLateness(in: self) {
            for place in missing.indices where missing[place].time.nanoseconds >= late {
                ofMissing[place] = ofMissing[place] ?? .lateOnItsWay
            }
            for place in extra.indices where recognition.sight.told(extra[place]) >= late {
                ofExtra[place] = ofExtra[place] ?? .lateOnItsWay
            }
        }
        if let reason = recognition.case(ofGap: self) {
            ofMissing = ofMissing.map { $0 ?? reason }
            ofExtra = ofExtra.map { $0 ?? reason }
        }
        // What is said of a forgery by convention is said of what follows from it, too.
        for place in extra.indices where recognition.isDeceived(at: extra[place]) { ofExtra[place] = .forgedAsFirst }
        return (ofMissing, ofExtra)
    }

    /// An end that has gone without a word, or whose last words nobody has, and that is said to have ended by what came
    /// then: that it ended is right, and how it did is not to be seen.
    private func explainEndings(
        _ recognition: Recognition, _ ofMissing: inout [UndecidableCase?], _ ofExtra: inout [UndecidableCase?]
    ) {
        for place in missing.indices where missing[place].to == .closed || missing[place].to == .listen {
            let time = missing[place].time.nanoseconds
            guard recognition.isSilent(after: time, strictly: true) else { continue }
            let isEnded = extra.last.map { $0.to == .closed || $0.to == .listen } ?? false
            if ofMissing[place] == nil, Account.isSilent(missing[place]), isEnded { ofMissing[place] = .silentByNature }
            guard let reason = ofMissing[place] else { continue }
            for step in extra.indices where ofExtra[step] == nil {
                let cause = recognition.sight.segment(of: extra[step].cause)
                if let cause, recognition.history.segments[Int(cause)].arrival.nanoseconds >= time {
                    ofExtra[step] = reason
                }
            }
        }
    }

    /// The step leads from where the missing ones begin to where they end: less is said, nothing else.
    func isCoarser(_ step: TransitionRecord) -> Bool {
        guard let first = missing.first(where: { $0.from == step.from }) else { return false }
        return missing.contains { last in
            Self.isSame(last.to, step.to) && first.time <= last.time
                && (Self.isSameEvent(last, step) || step.rule?.event == "socket gone")
        }
    }

    /// LISTEN and CLOSED are the same to the wire, where a connection ends.
    private static func isSame(_ a: State, _ b: State) -> Bool {
        a == b || (a == .closed || a == .listen) && (b == .closed || b == .listen)
    }

    private static func isSameEvent(_ happened: Transition, _ step: TransitionRecord) -> Bool {
        guard let rule = step.rule else { return false }
        // A SYN,ACK or a later segment acknowledged the SYN.
        if happened.rule == .synReceivedAckOfSyn, rule == .synReceivedSynAck { return true }
        if let other = happened.rule, other.event == rule.event { return true }
        if rule.event == "socket gone", happened.to == .closed { return true }
        // It had gone without a word before.
        return happened.from == step.from && isSame(happened.to, step.to) && Account.isSilent(happened)
    }
}

extension Transition {
    /// A step of a socket that waits for anyone.
    func isListeners(_ end: End) -> Bool { ports[end.other] == 0 }
}
