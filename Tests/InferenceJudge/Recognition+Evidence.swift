import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// What the cases of the closed list are recognized by.
extension Recognition {
    // MARK: Silence

    /// When the connection that takes a step at `time` comes to its end.
    func end(after time: Int64) -> Int64 {
        let last = account.truth.last { $0.time.nanoseconds < time && !$0.isListeners(account.place.end) }
        if let last, last.to == .closed || last.to == .listen, !account.truth.contains(where: {
            $0.time.nanoseconds == time && $0.from != .closed && $0.from != .listen
        }) {
            return time
        }
        let end = account.truth.first { $0.time.nanoseconds >= time && ($0.to == .closed || $0.to == .listen) }
        return end?.time.nanoseconds ?? .max
    }

    /// Nothing that the connection sent after `time` was captured.
    func isSilent(after time: Int64, strictly: Bool = false) -> Bool {
        let end = end(after: time)
        return !words.contains {
            (strictly ? $0.sent > time : $0.sent >= time) && $0.sent <= end && !$0.isRefusal
        }
    }

    /// Nothing that the end sent after `time`, of whatever connection, was captured; the refusal of what never belonged
    /// to a connection says nothing of one.
    func isSilentForEver(after time: Int64) -> Bool {
        !words.contains { $0.sent > time && !($0.isRefusal && isOfNoConnection($0)) }
    }

    /// A RST with a number that its sender has never had.
    private func isOfNoConnection(_ word: Word) -> Bool {
        let segment = history.segments[Int(word.number)].segment
        guard !segment.hasAck else { return false }
        return !history.segments.contains { sent in
            sent.from == account.place.end && sent.ports == account.place.ports && sent.origin == .host
                && !sent.segment.hasRst && sent.sent.nanoseconds < word.sent
                && (sent.segment.sequenceNumber == segment.sequenceNumber
                    || sent.segment.end == segment.sequenceNumber)
        }
    }

    /// The segment with which the end took a step of its own passed later than others do: others passed before it.
    func isDepartureLate(_ happened: Transition) -> Bool {
        let syn = happened.to == .synSent ? history.segments.first { departed in
            departed.from == happened.end && departed.ports == happened.ports && departed.sent == happened.time
        }?.segment.sequenceNumber : nil
        return words.contains { word in
            // A SYN that is sent again stands for the first, if that is lost.
            let isAgain = word.sent > happened.time.nanoseconds
                && syn == history.segments[Int(word.number)].segment.sequenceNumber
            return (word.sent == happened.time.nanoseconds || isAgain) && isLateHere(word.number)
        }
    }

    /// The segment took longer to the vantage point than the shortest way there.
    func isLateHere(_ number: Int32) -> Bool {
        guard let passed = sight.time(of: number) else { return false }
        let sent = history.segments[Int(number)]
        let way: Int64
        switch sight.vantage {
        case .host(let end): way = end == sent.from ? 0 : sight.simulator.latency(from: sent.from)
        case .middle: way = sight.simulator.latency(from: sent.from) / 2
        }
        return passed - sent.sent.nanoseconds > way + way / 50
    }

    /// The capture has something of what the connection sent before it took the step.
    func hasSpoken(before happened: Transition) -> Bool {
        let time = happened.time.nanoseconds
        let begin = account.truth.last { ($0.from == .closed || $0.from == .listen) && $0.time.nanoseconds <= time }
        return words.contains { $0.sent >= begin?.time.nanoseconds ?? 0 && $0.sent <= time && !$0.isRefusal }
    }

    /// What the end sent next was its FIN, or the RST of its ABORT: whether it was ESTABLISHED or in SYN-RECEIVED, that
    /// looks the same.
    func isClosedNext(after arrival: VirtualTime) -> Bool {
        let next = words.filter { $0.sent > arrival.nanoseconds && !$0.isRefusal }.min { $0.sent < $1.sent }
        guard let next else { return false }
        let segment = history.segments[Int(next.number)].segment
        let closes = account.truth.contains {
            ($0.rule?.event == "CLOSE" || $0.rule?.event == "ABORT") && $0.time.nanoseconds <= next.sent
        }
        // Or what comes behind the FIN, which is late itself or was lost before the vantage point.
        return closes && segment.payloadLength == 0
    }

    // MARK: Timeliness

    /// The segment took longer behind the vantage point than the shortest way of its direction.
    func isLate(_ number: Int32) -> Bool {
        guard let passed = sight.time(of: number) else { return false }
        let sent = history.segments[Int(number)]
        let way: Int64
        switch sight.vantage {
        case .host(let end): way = end == sent.from ? sight.simulator.latency(from: sent.from) : 0
        case .middle: way = sight.simulator.latency(from: sent.from) / 2
        }
        return sent.arrival.nanoseconds - passed > way + max(way / 50, Duration.microsecond)
    }

    func arrived(_ number: Int32) -> Bool { history.segments[Int(number)].fate == .arrived }

    /// What the end answered to a FIN at once was not captured: a later answer looks like one to a later copy.
    func isAnswerLost(to happened: Transition) -> Bool {
        guard happened.rule?.event == "rcv FIN", let cause = happened.cause else { return false }
        let fin = history.segments[Int(cause)].segment.finNumber
        let answers = history.segments.indices.filter { place in
            let sent = history.segments[place]
            return sent.from == happened.end && sent.origin == .host && sent.sent == happened.time
                && sent.segment.hasAck && sent.segment.acknowledgmentNumber.isAfter(fin)
        }
        return !answers.isEmpty && answers.allSatisfy { sight.time(of: Int32($0)) == nil }
    }

    /// What the end answered to a FIN at once passed later than others do: it looks like an answer to a later copy.
    func isAnswerLate(to happened: Transition) -> Bool {
        guard happened.rule?.event == "rcv FIN", let cause = happened.cause else { return false }
        let fin = history.segments[Int(cause)].segment.finNumber
        let answers = words.filter { word in
            let segment = history.segments[Int(word.number)].segment
            return word.sent == happened.time.nanoseconds && segment.hasAck
                && segment.acknowledgmentNumber.isAfter(fin)
        }
        return !answers.isEmpty && answers.allSatisfy { isLateHere($0.number) }
    }

    /// What would show that the ACK of its FIN had not come.
    func isFinSentAgain(after arrival: VirtualTime) -> Bool {
        let end = end(after: arrival.nanoseconds)
        return words.contains {
            $0.sent > arrival.nanoseconds && $0.sent <= end && history.segments[Int($0.number)].segment.hasFin
        }
    }

    /// The SYN,ACK of a simultaneous open was captured.
    func isAnswerSeen(to happened: Transition) -> Bool {
        words.contains { word in
            let segment = history.segments[Int(word.number)].segment
            return word.sent >= happened.time.nanoseconds && segment.hasSyn && segment.hasAck
        }
    }

    /// The end has said something, and the capture has it, that it would not have said without the step.
    func isShown(_ happened: Transition) -> Bool {
        let time = happened.time.nanoseconds
        let end = end(after: time)
        let later = words.filter { $0.sent >= time && $0.sent <= end && !$0.isRefusal }
            .map { history.segments[Int($0.number)].segment }
        let cause = happened.cause.map { history.segments[Int($0)].segment }
        switch happened.rule?.event {
        case "CLOSE":
            guard let fin = later.first(where: \.hasFin) ?? ownFin(after: happened) else { return false }
            return later.contains { $0.hasFin || $0.sequenceNumber.isAfter(fin.finNumber) }
        case "ABORT":
            // A RST alone, of an end of which nothing else passed, may be anybody's.
            return later.contains(where: \.hasRst)
                && words.contains { !history.segments[Int($0.number)].segment.hasRst }
        case "active OPEN": return later.contains(where: \.hasSyn)
        case "rcv RST": return false
        case "rcv FIN":
            return later.contains { segment in
                segment.hasAck && (cause.map { segment.acknowledgmentNumber.isAfter($0.finNumber) } ?? true)
            }
        case "rcv SYN", "rcv SYN,ACK":
            return later.contains { segment in
                segment.hasAck && (cause.map { segment.acknowledgmentNumber.isAfter($0.sequenceNumber) } ?? true)
            }
        default: return !later.isEmpty
        }
    }

    /// The RST is one that the end takes because what passed before it was lost behind the vantage point; else it would
    /// not have.
    func isBehindLoss(_ cause: Int32) -> Bool {
        let rst = history.segments[Int(cause)]
        guard let passed = sight.time(of: cause) else { return false }
        return sight.capture.contains { tapped in
            let sent = history.segments[Int(tapped.number)]
            let isBefore = tapped.captured.time &- sight.setting.begin <= passed
            return sent.from == rst.from && sent.ports == rst.ports && isBefore && sent.fate != .arrived
                && sent.segment.length > 0 && sent.segment.end.isAfter(rst.segment.sequenceNumber)
                && sent.segment.sequenceNumber.isAtOrBefore(rst.segment.sequenceNumber)
        }
    }

    /// Its sender's FIN had passed before, or left before and was lost on its way here.
    func isBehindFin(_ cause: Int32) -> Bool {
        let ack = history.segments[Int(cause)]
        guard ack.segment.sequenceNumber != ack.segment.finNumber || !ack.segment.hasFin else { return false }
        return history.segments.contains { sent in
            sent.from == ack.from && sent.ports == ack.ports && sent.origin == .host && sent.segment.hasFin
                && sent.sent <= ack.sent && sent.segment.end == ack.segment.sequenceNumber
        }
    }

    func ownFin(after happened: Transition) -> Segment? {
        history.segments.first {
            $0.from == happened.end && $0.ports == happened.ports && $0.segment.hasFin && $0.sent >= happened.time
        }?.segment
    }

    /// Before the segment came, the end had been asked for an answer for long, and none had passed.
    func isPathDead(before cause: Int32) -> Bool {
        guard let time = sight.time(of: cause) else { return false }
        return sight.capture.contains { tapped in
            let sent = history.segments[Int(tapped.number)]
            let asked = tapped.captured.time &- sight.setting.begin
            guard sent.from == account.place.end.other, sent.ports == account.place.ports,
                sent.segment.length > 0 || isKeepalive(sent),
                asked + 250 * Duration.millisecond < time
            else { return false }
            return !words.contains { word in
                let segment = history.segments[Int(word.number)].segment
                return word.passed >= asked && word.passed < time && segment.hasAck
                    && segment.acknowledgmentNumber.isAtOrAfter(sent.segment.end)
            }
        }
    }

    /// It stands one number before what its sender has sent, to be answered.
    private func isKeepalive(_ sent: SentSegment) -> Bool {
        history.segments.contains { earlier in
            earlier.from == sent.from && earlier.ports == sent.ports && earlier.sent < sent.sent
                && sent.segment.sequenceNumber == earlier.segment.end - 1
        }
    }

    /// The segment passed before a segment of the end's that had left before it arrived.
    func isCrossed(_ cause: Int32) -> Bool {
        guard let passed = sight.time(of: cause) else { return false }
        let arrival = history.segments[Int(cause)].arrival.nanoseconds
        return words.contains { $0.passed >= passed && $0.sent < arrival }
    }

    /// A segment of the end's passed after the step that it had sent before: late, or copied by the network.
    func isMisled(at time: Int64) -> Bool {
        sight.capture.contains { tapped in
            let sent = history.segments[Int(tapped.number)]
            let way = sight.vantage == .host(sent.from) ? 0 : sight.simulator.latency(from: sent.from)
            let passed = tapped.captured.time &- sight.setting.begin
            return sent.from == account.place.end && sent.ports == account.place.ports
                && sent.sent.nanoseconds <= time && passed > time && passed - sent.sent.nanoseconds > way + way / 50
        }
    }

    /// The FIN that left with a CLOSE is not in the capture: when it was made, and what had come by then, is not
    /// either.
    func isCloseUnseen(_ happened: Transition) -> Bool {
        guard happened.rule?.event == "CLOSE", happened.to != .closed else { return false }
        let departure = WireAccount.finDeparture(after: happened, history)
        let fin = history.segments.indices.first { place in
            let sent = history.segments[place]
            return sent.from == happened.end && sent.ports == happened.ports && sent.origin == .host
                && sent.segment.hasFin && sent.sent == departure
        }
        return fin.map { !words.map(\.number).contains(Int32($0)) } ?? false
    }

    /// A CLOSE whose FIN waited behind text.
    func isDeferred(_ happened: Transition) -> Bool {
        happened.rule?.event == "CLOSE" && happened.to != .closed
            && WireAccount.finDeparture(after: happened, history) != happened.time
    }
}
