/// What is done to segments under way, by the numbers of a list.
extension Session {
    /// Which of the segments under way is meant.
    public enum Target: Hashable, Sendable {
        /// By its place in `underWay`, from 1.
        case number(Int)
        /// The one that is due first.
        case next
        case all
        /// By what it is.
        case choice(SegmentChoice)
    }

    /// The segments under way, by their numbers in the history, in the order in which they were sent.
    public var underWay: [Int32] { simulator.segmentsUnderWay }

    /// Time goes on until a segment is due, and it arrives.
    public mutating func deliver(_ target: Target) throws(Problem) {
        var later = simulator
        var moment = nextMoment
        var actions: [(action: Action, time: VirtualTime)] = []
        for number in try numbers(of: target) {
            moment = max(moment, simulator.history.segments[Int(number)].arrival)
            later.run(before: moment, limit: 100_000)
            // Time alone may have brought it there.
            guard let choice = later.choice(of: number) else { continue }
            later.perform(.befall(.deliver, choice))
            actions.append((.befall(.deliver, choice), moment))
        }
        guard !actions.isEmpty else { return try wait(moment.nanoseconds - simulator.now.nanoseconds) }
        try perform(actions)
    }

    /// Something else befalls a segment, now.
    public mutating func befall(_ mishap: Mishap, _ target: Target) throws(Problem) {
        let moment = nextMoment
        var later = simulator
        var actions: [(action: Action, time: VirtualTime)] = []
        later.run(before: moment)
        for number in try numbers(of: target) {
            guard let choice = later.choice(of: number) else { continue }
            later.perform(.befall(mishap, choice))
            actions.append((.befall(mishap, choice), moment))
        }
        try perform(actions)
    }

    private func numbers(of target: Target) throws(Problem) -> [Int32] {
        let underWay = underWay
        guard !underWay.isEmpty else { throw Problem(message: "no segment is under way") }
        let byArrival = underWay.sorted {
            (simulator.history.segments[Int($0)].arrival, $0) < (simulator.history.segments[Int($1)].arrival, $1)
        }
        switch target {
        case .all: return byArrival
        case .next: return Array(byArrival.prefix(1))
        case .number(let number):
            guard underWay.indices.contains(number - 1) else {
                throw Problem(message: "no segment \(number) is under way: there are 1 to \(underWay.count)")
            }
            return [underWay[number - 1]]
        case .choice(let choice):
            let matching = underWay.filter { choice.matches(simulator.history.segments[Int($0)]) }
            guard matching.indices.contains(Int(choice.ordinal) - 1) else {
                throw Problem(message: "no such segment is under way")
            }
            return [matching[Int(choice.ordinal) - 1]]
        }
    }
}
