import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// Why nobody could have told: by what happened and what the capture has.
struct Recognition {
    let account: Account
    /// What the end's connections sent and the capture has, in the order in which it was sent.
    let words: [Word]
    /// When forged segments began to be at work.
    let deceptions: [Int64]

    /// A captured segment of the end's.
    struct Word {
        var number: Int32
        var sent: Int64
        var passed: Int64
        /// The answer of an end that has no connection.
        var isRefusal: Bool
    }

    var sight: SimulatedSight { account.sight }
    var history: History { account.sight.simulator.history }

    init(of account: Account) {
        self.account = account
        let sight = account.sight
        var words: [Word] = []
        for incident in sight.simulator.history.incidents {
            guard incident.end == account.place.end, incident.ports == account.place.ports,
                case .departure(let number) = incident.what, let passed = Recognition.passed(number, sight)
            else { continue }
            let sent = sight.simulator.history.segments[Int(number)]
            let ends = account.truth.contains {
                $0.time == incident.time && $0.to == .closed && $0.rule != nil && !Account.isSilent($0)
            }
            let isRefusal = sent.segment.hasRst && (incident.state == .closed || incident.state == .listen) && !ends
            words.append(
                Word(number: number, sent: incident.time.nanoseconds, passed: passed, isRefusal: isRefusal))
        }
        self.words = words
        deceptions = Recognition.deceptions(account)
    }

    private static func deceptions(_ account: Account) -> [Int64] {
        let sight = account.sight
        let steps = sight.inferred.filter { $0.key.ports == account.place.ports }.flatMap(\.value)
        let named = Set(steps.flatMap { [sight.segment(of: $0.cause), sight.segment(of: $0.proof)] })
        let taken = Set(sight.simulator.history.transitions.map(\.cause))
        return sight.simulator.history.segments.enumerated().compactMap { place, sent in
            guard case .injected = sent.origin, sent.ports == account.place.ports else { return nil }
            let number = Int32(place)
            guard !sent.segment.hasRst || named.contains(number) || taken.contains(number) else { return nil }
            return min(sight.time(of: number) ?? .max, sent.arrival.nanoseconds)
        }
    }

    /// When a segment or a copy of it passed first.
    private static func passed(_ number: Int32, _ sight: SimulatedSight) -> Int64? {
        let segments = sight.simulator.history.segments
        let copies = segments.indices.filter { segments[$0].origin == .copy(of: number) }
        return ([number] + copies.map(Int32.init)).compactMap { sight.time(of: $0) }.min()
    }

    /// The end's own RST or FIN, with which it took the step: it tells of the segment that it answers, or behind which
    /// a CLOSE had waited.
    func tells(_ named: Int32, of happened: Transition) -> Bool {
        let sent = history.segments[Int(named)]
        guard sent.from == account.place.end else { return false }
        return sent.segment.hasRst && happened.to == .closed || sent.segment.hasFin && sent.sent == happened.time
    }

    // MARK: Cases

    func `case`(of happened: Transition, namedInstead named: Int32) -> UndecidableCase? {
        guard let cause = happened.cause else { return nil }
        let (a, b) = (history.segments[Int(cause)], history.segments[Int(named)])
        if isCloseUnseen(happened) { return .lastWordsLost }
        guard a.from == b.from else { return nil }
        if a.segment.hasRst != b.segment.hasRst || a.segment.hasSyn != b.segment.hasSyn { return nil }
        return .anotherCopy
    }

    /// A step that happened and was not inferred.
    func `case`(ofMissing happened: Transition) -> UndecidableCase? {
        let time = happened.time.nanoseconds
        if happened.isListeners(account.place.end) || happened.from == .listen && happened.to == .closed
            || happened.to == .listen && happened.from == .closed
        {
            return .silentByNature
        }
        if isOpening(happened), isOpeningUnseen(at: time) { return .openerUnseen }
        if isDeceived(at: time) || isTakenBackForForgery(happened) { return .forgedAsFirst }
        if isDeferred(happened) { return .finBehindText }
        if isSaidOfEarlierCopy(happened) { return .anotherCopy }
        if happened.rule == .synSentSyn, !isAnswerSeen(to: happened) { return .openerUnseen }
        if isAmongUnseenOctets(happened) { return .unseenOctets }
        if isBegunUnseen(happened) { return .begunAnew }
        guard let cause = happened.cause else {
            if Account.isSilent(happened) {
                if !hasSpoken(before: happened) { return .lastWordsLost }
                return isSilentForEver(after: time) || happened.from == .synSent ? .silentByNature : nil
            }
            if !isShown(happened) { return .lastWordsLost }
            if happened.rule?.event == "ABORT", isMisled(at: time) { return .lateOnItsWay }
            return isDepartureLate(happened) ? .lateOnItsWay : nil
        }
        if isLate(cause) { return .lateOnItsWay }
        if isMisled(at: time) { return .lateOnItsWay }
        if !isShown(happened) {
            // What gets no answer is presumed to arrive where it was captured.
            let segment = history.segments[Int(cause)].segment
            let isAnswered = segment.hasSyn || segment.hasFin || segment.payloadLength > 0
            if isAnswered || sight.time(of: cause) == nil { return .answerLost }
            if happened.rule?.event == "rcv ACK of FIN", isBehindFin(cause) { return .lastSegmentsUnseen }
            if segment.hasRst, isPathDead(before: cause) { return .resetOnDeadPath }
            if segment.hasRst, isBehindLoss(cause) { return .resetNotTaken }
        }
        return nil
    }

    /// A step that was inferred and did not happen.
    func `case`(ofExtra step: TransitionRecord, in gap: Gap) -> UndecidableCase? {
        guard let rule = step.rule else { return nil }
        if isListeningAssumed(step) { return .openerUnseen }
        if isDeceived(at: step) { return .forgedAsFirst }
        if rule == .synSentSynAck, let crossing = gap.missing.first(where: { $0.rule == .synSentSyn }),
            !isAnswerSeen(to: crossing)
        {
            return .openerUnseen
        }
        if let proof = sight.segment(of: step.proof), case .injected = history.segments[Int(proof)].origin {
            return .forgedAsFirst
        }
        if isOctetTakenForFin(step) { return .unseenOctets }
        guard let cause = sight.segment(of: step.cause) else { return nil }
        let sent = history.segments[Int(cause)]
        guard sent.from != account.place.end else {
            if case .injected = sent.origin { return .forgedAsFirst }
            if isOpenedBefore(step), isLateHere(cause) { return .lateOnItsWay }
            return nil
        }
        if isLate(cause) { return .lateOnItsWay }
        if isMisled(at: sent.arrival.nanoseconds) || isCrossed(cause) { return .lateOnItsWay }
        if isCallBefore(cause, in: gap) { return .lateOnItsWay }
        if rule.event == "rcv ACK of FIN", !arrived(cause), !isFinSentAgain(after: sent.arrival) {
            return .acknowledgmentLost
        }
        if rule.from == .synReceived, rule.to == .established, !arrived(cause), isClosedNext(after: sent.arrival) {
            return .thirdAckLostThenClose
        }
        guard isSilent(after: sent.arrival.nanoseconds, strictly: true) else { return nil }
        if sent.segment.hasRst, rule.event == "rcv RST" { return .resetNotTaken }
        guard !arrived(cause) else { return nil }
        let isBeforeReset = gap.extra.contains { $0.rule?.event == "rcv RST" }
        return rule == .synReceivedAckOfSyn && isBeforeReset ? .thirdAckLostThenReset : .acknowledgmentLost
    }

    /// The same events in another order.
    func `case`(ofOrder happened: [Transition]) -> UndecidableCase? {
        if happened.contains(where: { isDeceived(at: $0.time.nanoseconds) }) { return .forgedAsFirst }
        if happened.contains(where: isDeferred) { return .finBehindText }
        if happened.contains(where: isAnswerLost) { return .answerLost }
        if happened.contains(where: isAnswerLate) { return .lateOnItsWay }
        if happened.contains(where: { $0.rule == .synReceivedAckOfSyn }) { return .anotherCopy }
        if happened.contains(where: Account.isSilent) { return .silentByNature }
        if happened.contains(where: { $0.cause.map(isLate) ?? false }) { return .lateOnItsWay }
        return nil
    }

    /// When the first of the segments passed that came late and that a step of the gap is due to, in truth or as
    /// inferred.
    func beginOfLateness(in gap: Gap) -> Int64? {
        let causes = gap.missing.compactMap(\.cause) + gap.extra.compactMap { sight.segment(of: $0.cause) }
        return causes.filter(isLate).compactMap { sight.time(of: $0) }.min()
    }

    /// A FIN that was not captured when it was sent first, or a RST without ACK from an end whose ABORT looks like its
    /// answer to a segment.
    func `case`(ofGap gap: Gap) -> UndecidableCase? {
        if gap.missing.contains(where: isCloseUnseen) { return .lastWordsLost }
        if gap.missing.contains(where: { isDeceived(at: $0.time.nanoseconds) }) { return .forgedAsFirst }
        if gap.extra.contains(where: { isDeceived(at: $0) }) { return .forgedAsFirst }
        let profile = sight.simulator[account.place.end].settings.profile
        let isAbort = (gap.missing.map(\.rule) + gap.extra.map(\.rule)).contains { $0?.event == "ABORT" }
        let isBare = gap.extra.flatMap { [sight.segment(of: $0.cause), sight.segment(of: $0.proof)] }.contains {
            guard let number = $0 else { return false }
            let segment = history.segments[Int(number)].segment
            return segment.hasRst && !segment.hasAck && history.segments[Int(number)].from == account.place.end
        }
        if isAbort, isBare, !profile[.abortAcknowledges] { return .bareReset }
        if isEndBehindText(gap) { return .finBehindText }
        if gap.missing.contains(where: isRefusalUnseen) { return .lastWordsLost }
        if isCopyTakenForResend(in: gap) { return .anotherCopy }
        return isTripMisread(in: gap) || isAnswerToCopy(in: gap) || isOvertaken(in: gap) ? .lateOnItsWay : nil
    }

    func isTrue(firstKnowledge step: TransitionRecord) -> Bool {
        let moment = sight.segment(of: step.cause).map { history.segments[Int($0)].sent.nanoseconds } ?? step.time
        let state = account.truth.last { $0.time.nanoseconds <= moment }?.to ?? .closed
        return state == step.to || (step.to == .closed && state == .listen)
    }
}
