/// The segments that are under way, and what somebody in the network does to them.
extension Simulator {
    /// Those that have been sent and not yet arrived, by their numbers, in the order in which they were sent.
    public var segmentsUnderWay: [Int32] {
        history.segments.indices.filter { history.segments[$0].fate == .underWay }.map { Int32(truncatingIfNeeded: $0) }
    }

    /// Whether segments stay in the network until one is delivered.
    public var isHolding: Bool { network.isHolding }

    /// How a segment under way is chosen by the end that has sent it and its place among those; nil if it is not there.
    public func choice(of number: Int32) -> SegmentChoice? {
        guard history.segments.indices.contains(Int(number)) else { return nil }
        let end = history.segments[Int(number)].from
        let ofThisEnd = segmentsUnderWay.filter { history.segments[Int($0)].from == end }
        guard let index = ofThisEnd.firstIndex(of: number) else { return nil }
        return SegmentChoice(from: end, kind: .any, ordinal: UInt32(truncatingIfNeeded: index) + 1)
    }

    mutating func hold(_ isOn: Bool) {
        guard network.isHolding != isOn else { return }
        network.isHolding = isOn
        for number in segmentsUnderWay {
            if isOn { queue.remove(.arrival(number)) } else { queueArrival(of: number) }
        }
    }

    /// The segment arrives when it is due, unless it is held.
    mutating func queueArrival(of number: Int32) {
        guard !network.isHolding else { return }
        queue.add(.arrival(number), at: max(now, history.segments[Int(number)].arrival))
    }

    mutating func befall(_ mishap: Mishap, _ choice: SegmentChoice) {
        let chosen = segmentsUnderWay.filter { choice.matches(history.segments[Int($0)]) }
        guard choice.ordinal >= 1, chosen.count >= Int(choice.ordinal) else {
            history.misses.append(History.Miss(time: now, mishap: mishap, choice: choice))
            return
        }
        let number = chosen[Int(choice.ordinal) - 1]
        let place = Int(number)
        let isBeforeMiddle = history.segments[place].middle > now
        switch mishap {
        case .deliver:
            queue.remove(.arrival(number))
            history.segments[place].hasten(to: now)
            arrive(number)
        case .lose:
            queue.remove(.arrival(number))
            history.segments[place].fate = isBeforeMiddle ? .lostBeforeMiddle : .lostBehindMiddle
        case .duplicate:
            duplicate(place, after: Duration.millisecond, isBeforeMiddle: isBeforeMiddle)
        case .delay(let time):
            delay(place, by: time, isBeforeMiddle: isBeforeMiddle)
            history.segments[place].isDelayed = true
            queueArrival(of: number)
        }
    }
}

extension SentSegment {
    /// It arrives at `time`, and has passed the middle before.
    fileprivate mutating func hasten(to time: VirtualTime) {
        arrival = time
        guard middle > time else { return }
        middle = sent.advanced(by: (time.nanoseconds - sent.nanoseconds) / 2)
    }
}
