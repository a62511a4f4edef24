import TCPStateMachine

/// Makes the lines of a ladder: `LadderOrder` says what stands on each, `StateBoard` which states it must show.
struct LadderBuilder {
    private let history: History
    private let begin: VirtualTime
    private var items: [LadderItem] = []
    /// The states as they are at the line that is being made, and as they were printed last.
    private var board = StateBoard()
    private(set) var rows: [Ladder.Row] = []

    init(history: History, from begin: VirtualTime) {
        self.history = history
        self.begin = begin
    }

    mutating func build() {
        collect()
        guard let first = items.first else { return }
        takeOpening()
        // A story that begins with a crash says so first, as figures 10 and 11 do.
        if case .comment(.crash) = first.kind {} else { addStates(first.shownPorts, at: begin, both: true) }
        let order = LadderOrder(of: items, history.segments)
        items = order.items
        for step in order.steps { show(step) }
        flushAll()
    }

    // MARK: What there is to show

    private mutating func collect() {
        var crashes: [End: VirtualTime] = [:]
        for incident in history.incidents {
            if incident.what == .crash { crashes[incident.end] = incident.time }
            // Who is back at once was never away: the line of the crash says it all.
            if incident.what == .restart, crashes[incident.end] == incident.time { continue }
            guard incident.time >= begin else {
                board.set(incident.state, at: incident.end, incident.ports)
                continue
            }
            guard let item = LadderItem(incident, in: history) else { continue }
            board.know(incident.ports)
            items.append(item)
        }
        for place in items.indices { items[place].shownPorts = board.connection(of: items[place].ports) }
    }

    /// Who listens before anything else happens at its end does so on the first line.
    private mutating func takeOpening() {
        var hasBegun: Set<End> = []
        var later: [LadderItem] = []
        for item in items {
            if item.isQuiet, !hasBegun.contains(item.end) {
                board.take(item)
            } else {
                hasBegun.insert(item.end)
                later.append(item)
            }
        }
        items = later
        board.beginPrinting()
    }

    // MARK: One line

    private mutating func show(_ step: LadderOrder.Step) {
        switch step {
        case .alone(let place): show(items[place])
        case .passage(let departure, let arrival): showPassage(items[departure], items[arrival])
        case .crossing(let crossing): showCrossing(crossing)
        case .comments(let one, let other): showComments([items[one], items[other]])
        }
    }

    private mutating func show(_ item: LadderItem) {
        switch item.kind {
        case .departure(let number): showDeparture(number, item)
        case .arrival(let number): showArrival(number, item)
        case .comment: showComments([item])
        case .quiet:
            board.take(item)
            if board.isStale(item.end, item.shownPorts) { addStates(item.shownPorts, at: item.time, both: false) }
        case .states:
            board.take(item)
            addStates(item.shownPorts, at: item.time, both: true)
        }
    }

    /// Departure and arrival on one line.
    private mutating func showPassage(_ departure: LadderItem, _ arrival: LadderItem) {
        guard case .departure(let number) = departure.kind else { return }
        flush(before: departure, at: departure.time)
        flush(before: arrival, at: departure.time)
        board.take(departure)
        board.take(arrival)
        let arrow = Ladder.Mark.arrow(from: departure.end)
        let isTaken = history.segments[Int(number)].fate == .arrived
        addArrow(number, departure, from: departure.end, (arrow, isTaken ? arrow : .lost), shows: End.allCases)
    }

    private mutating func showDeparture(_ number: Int32, _ item: LadderItem) {
        flush(before: item, at: item.time)
        board.take(item)
        let behind: Ladder.Mark =
            switch history.segments[Int(number)].fate {
            case .lostBeforeMiddle, .lostBehindMiddle: .lost
            case .underWay, .arrived, .metNoHost, .corrupt, .backlogFull: .inNetwork
            }
        addArrow(number, item, from: item.end, (.arrow(from: item.end), behind), shows: [item.end])
    }

    private mutating func showArrival(_ number: Int32, _ item: LadderItem) {
        flush(before: item, at: item.time)
        board.take(item)
        let (sent, sender) = (history.segments[Int(number)], item.end.other)
        let mark: Ladder.Mark = sent.fate == .arrived ? .arrow(from: sender) : .lost
        addArrow(number, item, from: sender, (.inNetwork, mark), shows: [item.end])
        switch sent.origin {
        case .host: break
        case .copy, .injected(.oldDuplicate): rows[rows.count - 1][sender].comment = .duplicate
        case .injected(.forged): rows[rows.count - 1][sender].comment = .forged
        }
    }

    /// Figure 14: two segments that leave at the same moment and pass each other make three lines, and the states that
    /// they lead to are shown by the line behind.
    private mutating func showCrossing(_ crossing: LadderOrder.Crossing) {
        let (fromA, fromB) = (items[crossing.departureOfA], items[crossing.departureOfB])
        let (atA, atB) = (items[crossing.arrivalAtA], items[crossing.arrivalAtB])
        guard case .departure(let sentByA) = fromA.kind, case .departure(let sentByB) = fromB.kind else { return }
        flush(before: fromA, at: fromA.time)
        flush(before: fromB, at: fromB.time)
        board.take(fromA)
        board.take(fromB)
        addArrow(sentByA, fromA, from: .a, (.rightArrow, .inNetwork), shows: End.allCases)
        board.take(atA)
        addHiddenArrow(sentByB, fromB, .leftArrow, .leftArrow)
        board.take(atB)
        addHiddenArrow(sentByA, atB, .inNetwork, .rightArrow)
    }

    /// - Parameter marks: at the sender, and at the receiver.
    private mutating func addArrow(
        _ number: Int32, _ item: LadderItem, from end: End, _ marks: (Ladder.Mark, Ladder.Mark), shows: [End]
    ) {
        var row = newRow(item.ports, at: item.time)
        row.arrow = Ladder.Arrow(
            number: number, a: end == .a ? marks.0 : marks.1, b: end == .a ? marks.1 : marks.0)
        for end in End.allCases where shows.contains(end) || board.isStale(end, item.ports) { print(end, in: &row) }
        rows.append(row)
    }

    private mutating func addHiddenArrow(
        _ number: Int32, _ item: LadderItem, _ a: Ladder.Mark, _ b: Ladder.Mark
    ) {
        var row = newRow(item.ports, at: item.time)
        row.arrow = Ladder.Arrow(number: number, a: a, b: b)
        row.isNumbered = false
        rows.append(row)
    }

    // MARK: Comments and states

    /// Calls and timeouts of both ends at the same moment share a line.
    private mutating func showComments(_ comments: [LadderItem]) {
        let (ports, time) = (comments[0].shownPorts, comments[0].time)
        if End.allCases.contains(where: { board.isStale($0, ports) }) { addStates(ports, at: time, both: true) }
        var row = newRow(ports, at: time)
        // What states alone have been shown for belongs to their line, but not to the first.
        let followsStates = rows.last.map { $0.arrow == nil && $0.comments.isEmpty } ?? false
        row.isNumbered = !followsStates || rows.count <= 1
        for item in comments {
            if case .comment(let comment) = item.kind { row[item.end].comment = comment }
            board.take(item)
        }
        for end in End.allCases { row[end].state = board.state(end, ports) }
        rows.append(row)
    }

    /// A state that was never printed is printed before the next one comes.
    private mutating func flush(before item: LadderItem, at time: VirtualTime) {
        guard board.isStale(item.end, item.ports), board.state(item.end, item.ports) != item.state else { return }
        addStates(item.ports, at: time, both: false)
    }

    private mutating func flushAll() {
        let time = rows.last?.time ?? begin
        for ports in board.known where board.isStale(.a, ports) || board.isStale(.b, ports) {
            addStates(ports, at: time, both: false)
        }
    }

    private mutating func addStates(_ ports: PortPair, at time: VirtualTime, both: Bool) {
        var row = newRow(ports, at: time)
        // Behind a comment, what it has led to; a crash is a line of its own.
        let comments = rows.last?.comments ?? []
        let followsComment = rows.last?.arrow == nil && !comments.isEmpty && !comments.contains(.crash)
        row.isNumbered = !followsComment
        for end in End.allCases where both || !followsComment || board.isStale(end, ports) { print(end, in: &row) }
        rows.append(row)
    }

    /// What follows a comment belongs to its line.
    private func newRow(_ ports: PortPair, at time: VirtualTime) -> Ladder.Row {
        var row = Ladder.Row(
            time: time, ports: ports, a: Ladder.Cell(state: board.state(.a, ports)),
            b: Ladder.Cell(state: board.state(.b, ports)))
        row.isNumbered = rows.last.map { $0.arrow != nil || $0.comments.isEmpty } ?? true
        return row
    }

    private mutating func print(_ end: End, in row: inout Ladder.Row) {
        row[end].showsState = true
        board.notePrinted(end, row.ports)
    }
}

extension Ladder.Row {
    fileprivate var comments: [Ladder.Comment] { [a.comment, b.comment].compactMap { $0 } }
}

extension Ladder.Mark {
    /// Departure of a segment of this end, or its arrival at the other.
    fileprivate static func arrow(from end: End) -> Self { end == .a ? .rightArrow : .leftArrow }
}
