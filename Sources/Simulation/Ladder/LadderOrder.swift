import TCPStateMachine

/// Which things share a line of a ladder, and which line comes first.
///
/// A line stands where the first thing on it happened, so that the times of lines never go back. Departure and arrival
/// of a segment share one if that turns nothing around which the receiver did meanwhile; where two segments cross, the
/// one that left first takes two lines, as in figure 8.
struct LadderOrder {
    /// What is shown at once: items by their places.
    enum Step {
        case alone(Int)
        /// Departure and arrival of one segment.
        case passage(departure: Int, arrival: Int)
        /// Figure 14: two departures at the same moment, and both arrivals.
        case crossing(Crossing)
        /// Calls or timeouts of both ends at the same moment.
        case comments(Int, Int)
    }

    struct Crossing {
        var departureOfA: Int
        var departureOfB: Int
        var arrivalAtA: Int
        var arrivalAtB: Int

        /// Nothing of either end happens between the later departure and the arrivals.
        var place: Int { max(departureOfA, departureOfB) }
    }

    /// In the order of `steps`' places.
    private(set) var items: [LadderItem]
    private let segments: [SentSegment]
    /// The places of departures and arrivals, by the numbers of segments.
    private var departures: [Int32: Int] = [:]
    private var arrivals: [Int32: Int] = [:]
    /// The next item of the same end, and of the other.
    private var successors: [(same: Int?, other: Int?)] = []
    private(set) var steps: [Step] = []

    /// - Parameter items: in the order in which they happened.
    init(of items: [LadderItem], _ segments: [SentSegment]) {
        self.items = items
        self.segments = segments
        findPlaces()
        settleTies()
        findPlaces()
        findSuccessors()
        arrange()
    }

    private mutating func findPlaces() {
        for (place, item) in items.enumerated() {
            switch item.kind {
            case .departure(let number): departures[number] = place
            case .arrival(let number): arrivals[number] = place
            case .comment, .quiet, .states: break
            }
        }
    }

    /// What happens at the same moment at both ends is told in the order of the figures: arrivals first, and A before
    /// B.
    private mutating func settleTies() {
        var begin = 0
        while begin < items.count {
            let end = items[begin...].firstIndex { $0.time != items[begin].time } ?? items.count
            if end - begin > 1 { settleTie(begin..<end) }
            begin = end
        }
    }

    private mutating func settleTie(_ moment: Range<Int>) {
        var left = End.allCases.map { end in moment.filter { items[$0].end == end }[...] }
        guard left.allSatisfy({ !$0.isEmpty }) else { return }
        var order: [LadderItem] = []
        while let place = next(of: left.map(\.first), in: moment) {
            order.append(items[place])
            left[Int(items[place].end.rawValue)].removeFirst()
        }
        items.replaceSubrange(moment, with: order)
    }

    /// Which of what is left of A and B comes first. Where latency is zero, an arrival waits for its departure.
    private func next(of heads: [Int?], in moment: Range<Int>) -> Int? {
        let heads = heads.compactMap { $0 }
        let arrivals = heads.filter { items[$0].isArrival }
        let fromBefore = arrivals.first { place in
            guard case .arrival(let number) = items[place].kind, let departure = departures[number] else { return true }
            return !moment.contains(departure)
        }
        return fromBefore ?? heads.first { !arrivals.contains($0) } ?? arrivals.min()
    }

    private mutating func findSuccessors() {
        var next: [End: Int] = [:]
        successors = Array(repeating: (nil, nil), count: items.count)
        for place in items.indices.reversed() {
            let end = items[place].end
            successors[place] = (next[end], next[end.other])
            next[end] = place
        }
    }

    private mutating func arrange() {
        var steps: [Step?] = Array(repeating: nil, count: items.count)
        var isShown = Array(repeating: false, count: items.count)
        /// The line that the last item of each end stands on.
        var latest: [End: Int] = [:]
        for (place, item) in items.enumerated() where !isShown[place] {
            if let crossing = crossing(of: place) {
                for part in [crossing.departureOfA, crossing.departureOfB, crossing.arrivalAtA, crossing.arrivalAtB] {
                    isShown[part] = true
                }
                steps[crossing.place] = .crossing(crossing)
                for end in End.allCases { latest[end] = crossing.place }
            } else if let partner = partner(of: place), !isShown[partner] {
                isShown[partner] = true
                steps[place] = .comments(place, partner)
                for end in End.allCases { latest[end] = place }
            } else if let departure = departure(of: item), latest[item.end] ?? -1 < departure {
                steps[departure] = .passage(departure: departure, arrival: place)
                latest[item.end] = departure
            } else {
                steps[place] = .alone(place)
                latest[item.end] = place
            }
        }
        self.steps = steps.compactMap { $0 }
    }

    /// Where the segment that arrives has left, if it may stand on one line.
    private func departure(of item: LadderItem) -> Int? {
        guard case .arrival(let number) = item.kind, !segments[Int(number)].isDelayed else { return nil }
        return departures[number]
    }

    /// The comment of the other end that shares the line of this one.
    private func partner(of place: Int) -> Int? {
        let item = items[place]
        guard item.isComment, let partner = successors[place].other else { return nil }
        let other = items[partner]
        return other.isComment && other.time == item.time && other.shownPorts == item.shownPorts ? partner : nil
    }

    /// Two segments that leave and arrive at the same moments, and are taken before either end does anything else.
    private func crossing(of place: Int) -> Crossing? {
        guard let mine = takenAtOnce(place), let back = successors[place].same,
            case .arrival(let number) = items[back].kind, let other = departures[number],
            takenAtOnce(other) != nil, successors[other].same == mine,
            items[other].time == items[place].time, items[back].time == items[mine].time,
            items[other].ports == items[place].ports
        else { return nil }
        let isA = items[place].end == .a
        return Crossing(
            departureOfA: isA ? place : other, departureOfB: isA ? other : place,
            arrivalAtA: isA ? back : mine, arrivalAtB: isA ? mine : back)
    }

    /// Where a segment that departs here arrives, if it is not delayed and the TCP takes it.
    private func takenAtOnce(_ place: Int) -> Int? {
        guard case .departure(let number) = items[place].kind else { return nil }
        let sent = segments[Int(number)]
        return sent.isDelayed || sent.fate != .arrived ? nil : arrivals[number]
    }
}
