import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// What only time tells, where the capture has no true measure of it (case 16).
extension Recognition {
    /// The time from the vantage point to the end and back, on the shortest way.
    private var shortestTrip: Int64 {
        let end = account.place.end
        let (there, back) = (sight.simulator.latency(from: end.other), sight.simulator.latency(from: end))
        switch sight.vantage {
        case .host(let host): return host == end ? 0 : there + back
        case .middle: return there / 2 + back / 2
        }
    }

    /// The smallest time that the capture has by then from octets towards an end to what acknowledges them. If it has
    /// none, that of the other end; else what is usual.
    private func measuredTrip(by time: Int64) -> Int64 {
        measuredTrip(of: account.place.end, by: time) ?? measuredTrip(of: account.place.end.other, by: time)
            ?? 50 * Duration.millisecond
    }

    private func measuredTrip(of end: End, by time: Int64) -> Int64? {
        let passed = sight.capture.filter { tapped in
            let sent = history.segments[Int(tapped.number)]
            return sent.ports == account.place.ports && !tapped.isCorrupt
        }.map { (history.segments[Int($0.number)], $0.captured.time &- sight.setting.begin) }
        var smallest: Int64?
        for (place, (question, asked)) in passed.enumerated() {
            guard question.from != end, question.segment.length > 0 else { continue }
            // What passed more than once measures nothing.
            let isRepeated = passed[..<place].contains { earlier, _ in
                earlier.from == question.from && earlier.segment.length > 0
                    && earlier.segment.end.isAtOrAfter(question.segment.end)
            }
            guard !isRepeated else { continue }
            let answer = passed.first { answer, answered in
                answer.from == end && answered >= asked && answered <= time && answer.segment.hasAck
                    && answer.segment.acknowledgmentNumber.isAtOrAfter(question.segment.end)
            }
            guard let answer else { continue }
            smallest = min(smallest ?? .max, answer.1 - asked)
        }
        return smallest
    }

    /// Every measure of the trip is of something late, or there is none: whether an answer is one, or comes too soon or
    /// too late to be one, nobody can tell.
    func isTripMisread(in gap: Gap) -> Bool {
        let trip = shortestTrip
        guard trip > 0 else { return false }
        if words.contains(where: { isNearlyAnswer($0, to: gap, trip) }) { return true }
        return decisiveWords(of: gap).contains { word in
            let measured = measuredTrip(by: word.passed)
            let (low, high) = (min(trip, measured), max(trip, measured))
            guard high > low + low / 10 + Duration.millisecond else { return false }
            // What it truly answers seems to have passed too late for that.
            let question = history.segments.indices.first {
                history.segments[$0].from != account.place.end && history.segments[$0].arrival.nanoseconds == word.sent
                    && history.segments[$0].ports == account.place.ports && arrived(Int32($0))
            }
            if word.isRefusal, let question, let asked = sight.time(of: Int32(question)),
                word.passed - asked < measured / 10 * 7 - 2 * Duration.millisecond
            {
                return true
            }
            return causes(of: gap).contains { cause in
                let waited = word.passed - cause
                return waited >= low / 10 * 9 && waited <= high + high / 4 + 3 * Duration.millisecond
            }
        }
    }

    /// It passed just as long after what is named in the gap as its answer would, and is none.
    private func isNearlyAnswer(_ word: Word, to gap: Gap, _ trip: Int64) -> Bool {
        let numbers = gap.missing.compactMap(\.cause) + gap.extra.compactMap { sight.segment(of: $0.cause) }
        return numbers.contains { number in
            let cause = history.segments[Int(number)]
            guard cause.from != account.place.end, let passed = sight.time(of: number) else { return false }
            let isAnswer = cause.fate == .arrived && cause.arrival.nanoseconds <= word.sent
            let waited = word.passed - passed
            let looksLikeIt = waited >= trip / 10 * 9 && waited <= trip + trip / 20 + 2 * Duration.millisecond
            return !isAnswer && looksLikeIt
        }
    }

    /// When what steps of the gap are due to passed, if the other end sent it.
    private func causes(of gap: Gap) -> [Int64] {
        let numbers = gap.missing.compactMap(\.cause) + gap.extra.compactMap { sight.segment(of: $0.cause) }
        return numbers.filter { history.segments[Int($0)].from != account.place.end }.compactMap(sight.time(of:))
    }

    /// The end's own segments from which the steps of the gap are read.
    private func decisiveWords(of gap: Gap) -> [Word] {
        let named = gap.extra.flatMap { [sight.segment(of: $0.cause), sight.segment(of: $0.proof)] }.compactMap { $0 }
        let following = gap.missing.compactMap { happened in
            words.filter { $0.sent >= happened.time.nanoseconds }.min { $0.sent < $1.sent }?.number
        }
        let numbers = Set(named + following)
        return words.filter { numbers.contains($0.number) }
    }

    /// The RST that tells of the gap answers a copy that the network made.
    func isAnswerToCopy(in gap: Gap) -> Bool {
        decisiveWords(of: gap).contains { word in
            history.segments[Int(word.number)].segment.hasRst
                && history.segments.contains { sent in
                    guard case .copy = sent.origin else { return false }
                    return sent.from != account.place.end && sent.ports == account.place.ports
                        && sent.arrival.nanoseconds == word.sent
                }
        }
    }

    /// Two segments that steps of the gap are due to came in another order than that in which they passed.
    func isOvertaken(in gap: Gap) -> Bool {
        let numbers = Set(gap.missing.compactMap(\.cause) + gap.extra.compactMap { sight.segment(of: $0.cause) })
        let causes = numbers.filter { history.segments[Int($0)].from != account.place.end && arrived($0) }
        return causes.contains { first in
            causes.contains { second in
                guard first != second, let a = sight.time(of: first), let b = sight.time(of: second) else {
                    return false
                }
                return a <= b && history.segments[Int(first)].arrival > history.segments[Int(second)].arrival
            }
        }
    }

    /// A copy of the end's SYN or FIN passed that nothing tells from one that it sent again: it has no count.
    func isCopyTakenForResend(in gap: Gap) -> Bool {
        let told = gap.extra.map { sight.told($0) }.max() ?? .max
        return sight.capture.contains { tapped in
            let sent = history.segments[Int(tapped.number)]
            guard case .copy = sent.origin, sent.from == account.place.end, sent.ports == account.place.ports else {
                return false
            }
            return !tapped.captured.hasIdentification && (sent.segment.hasSyn || sent.segment.hasFin)
                && tapped.captured.time &- sight.setting.begin <= told
        }
    }

    /// The end made a call when the segment had almost come: less than the tenth of a trip that is allowed for.
    func isCallBefore(_ cause: Int32, in gap: Gap) -> Bool {
        let arrival = history.segments[Int(cause)].arrival.nanoseconds
        return gap.missing.contains { happened in
            let early = arrival - happened.time.nanoseconds
            return happened.cause == nil && !Account.isSilent(happened) && early >= 0 && early <= shortestTrip / 10
        }
    }
}
