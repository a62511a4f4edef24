import TCPStateMachine

/// Brings two orders, what happened at A and what happened at B, into one of lines.
///
/// A segment stands on one line if its departure and its arrival can be shown at once without turning around what
/// happened at either end. Where two cross, one of them takes two lines: the one that crosses more, otherwise A's, as
/// in figures 8 and 14.
struct LadderBuilder {
    /// What one end has to show.
    struct Item {
        enum Kind {
            case departure(Int32)
            case arrival(Int32)
            case comment(Ladder.Comment)
            /// The state alone.
            case quiet
            /// Both states are asked for.
            case states
        }

        var time: VirtualTime
        var ports: PortPair
        var state: State
        var kind: Kind
    }

    private let history: History
    private let begin: VirtualTime
    /// What is left of A's items and of B's.
    private var items: [[Item]] = [[], []]
    private var heads = [0, 0]
    /// The place of each segment's arrival among the items of its end, and of its departure.
    private var arrivals: [Int32: Int] = [:]
    private var departures: [Int32: Int] = [:]
    /// Segments that take two lines.
    private var split: Set<Int32> = []
    /// The states as they are at the line that is being made, and as they were printed last.
    private var board = StateBoard()
    private(set) var rows: [Ladder.Row] = []

    init(history: History, from begin: VirtualTime) {
        self.history = history
        self.begin = begin
    }

    mutating func build() {
        sort()
        takeOpening()
        guard let first = items.joined().min(by: { $0.time < $1.time }) else { return }
        // A story that begins with a crash says so first, as figures 10 and 11 do.
        if case .comment(.crash) = first.kind {} else { addStates(shown(first.ports), at: begin, both: true) }
        while heads[0] < items[0].count || heads[1] < items[1].count { advance() }
        flushAll()
    }

    // MARK: What there is to show

    private mutating func sort() {
        var crashes: [End: VirtualTime] = [:]
        for incident in history.incidents {
            if incident.what == .crash { crashes[incident.end] = incident.time }
            // Who is back at once was never away: the line of the crash says it all.
            if incident.what == .restart, crashes[incident.end] == incident.time { continue }
            guard incident.time >= begin else {
                board.set(incident.state, at: incident.end, incident.ports)
                continue
            }
            guard let kind = kind(of: incident) else { continue }
            let side = Int(incident.end.rawValue)
            switch kind {
            case .departure(let number): departures[number] = items[side].count
            case .arrival(let number): arrivals[number] = items[side].count
            case .comment, .quiet, .states: break
            }
            board.know(incident.ports)
            items[side].append(
                Item(time: incident.time, ports: incident.ports, state: incident.state, kind: kind))
        }
    }

    /// Who listens before anything else happens does so on the first line.
    private mutating func takeOpening() {
        for end in End.allCases {
            while case .quiet? = head(end)?.kind { pop(end) }
        }
        board.beginPrinting()
    }

    /// The connection that a line is about, where the ports do not name a peer: the first one there.
    private func shown(_ ports: PortPair) -> PortPair {
        guard ports.a == 0 || ports.b == 0 else { return ports }
        return board.known.first { (ports.a == 0 || $0.a == ports.a) && (ports.b == 0 || $0.b == ports.b) } ?? ports
    }

    private func kind(of incident: Incident) -> Item.Kind? {
        switch incident.what {
        case .departure(let number): return .departure(number)
        case .arrival(let number, _): return .arrival(number)
        case .icmpError(let number, _): return .comment(.icmp(history.errors[Int(number)].report))
        case .call(_, .error): return nil
        case .call(let call, _): return kind(of: call)
        case .timeout(let timer): return kind(of: timer, incident.state)
        case .crash: return .comment(.crash)
        case .restart: return .comment(.restart)
        case .remark(let number): return .comment(.remark(number))
        case .statesAsked: return .states
        case .signal: return nil
        }
    }

    private func kind(of call: UserCall) -> Item.Kind? {
        switch call {
        case .close: .comment(.close)
        case .shutdown: .comment(.shutdown)
        case .abort: .comment(.abort)
        case .vanish: .comment(.vanish)
        case .openPassive, .listen: .quiet
        case .openActive, .openFast, .send, .receive, .status: nil
        }
    }

    private func kind(of timer: TimerKind, _ state: State) -> Item.Kind? {
        switch timer {
        case .timeWait: .comment(.twiceMSL)
        case .user: .comment(.userTimeout)
        case .finWait2: .comment(.finWait2Timeout)
        case .retransmission: state == .closed ? .comment(.retransmissionLimit) : nil
        case .keepalive: state == .closed ? .comment(.keepaliveTimeout) : nil
        case .delayedAcknowledgment: nil
        }
    }

    // MARK: One line

    private func head(_ end: End) -> Item? {
        let side = Int(end.rawValue)
        return heads[side] < items[side].count ? items[side][heads[side]] : nil
    }

    private mutating func pop(_ end: End) {
        guard let item = head(end) else { return }
        if case .comment(.crash) = item.kind { board.closeAll(at: end) }
        board.set(item.state, at: end, item.ports)
        heads[Int(end.rawValue)] += 1
    }

    private mutating func advance() {
        let ready = End.allCases.filter(isReady)
        if let end = ready.min(by: { time($0) < time($1) }) {
            // What will take two lines anyway leaves when it left, and not behind what came later.
            if let early = mustCross(end.other), time(end.other) < time(end) {
                split.insert(early)
            } else {
                show(end)
            }
        } else {
            splitOne()
        }
    }

    private func time(_ end: End) -> VirtualTime { head(end)?.time ?? .distantFuture }

    /// Whether what stands first at an end can be shown now.
    private func isReady(_ end: End) -> Bool {
        guard let item = head(end) else { return false }
        switch item.kind {
        case .comment, .quiet, .states: return true
        case .arrival(let number):
            return departures[number] == nil || split.contains(number)
        case .departure(let number):
            return takesTwoLines(number) || arrivals[number] == heads[Int(end.other.rawValue)]
        }
    }

    private func takesTwoLines(_ number: Int32) -> Bool {
        arrivals[number] == nil || history.segments[Int(number)].isDelayed || split.contains(number)
    }

    private mutating func show(_ end: End) {
        guard let item = head(end) else { return }
        switch item.kind {
        case .comment(let comment): showComment(comment, end, item)
        case .quiet:
            pop(end)
            let ports = shown(item.ports)
            if board.isStale(end, ports) { addStates(ports, at: item.time, both: false) }
        case .states:
            pop(end)
            addStates(shown(item.ports), at: item.time, both: true)
        case .arrival(let number): showArrival(number, end, item)
        case .departure(let number):
            if takesTwoLines(number) { showDeparture(number, end, item) } else { showBoth(number, end, item) }
        }
    }

    /// Departure and arrival on one line.
    private mutating func showBoth(_ number: Int32, _ end: End, _ item: Item) {
        flush(end, before: item)
        if let arrival = head(end.other) { flush(end.other, before: arrival) }
        pop(end)
        pop(end.other)
        let arrow: Ladder.Mark = end == .a ? .rightArrow : .leftArrow
        let isTaken = history.segments[Int(number)].fate == .arrived
        addArrow(number, item, from: end, (arrow, isTaken ? arrow : .lost), shows: [.a, .b])
    }

    private mutating func showDeparture(_ number: Int32, _ end: End, _ item: Item) {
        flush(end, before: item)
        pop(end)
        split.insert(number)
        let isLost = arrivals[number] == nil && history.segments[Int(number)].fate != .underWay
        addArrow(
            number, item, from: end, (end == .a ? .rightArrow : .leftArrow, isLost ? .lost : .inNetwork), shows: [end])
    }

    private mutating func showArrival(_ number: Int32, _ end: End, _ item: Item) {
        flush(end, before: item)
        pop(end)
        let sent = history.segments[Int(number)]
        let arrow: Ladder.Mark = end == .b ? .rightArrow : .leftArrow
        addArrow(
            number, item, from: end.other, (.inNetwork, sent.fate == .arrived ? arrow : .lost), shows: [end])
        switch sent.origin {
        case .host: break
        case .copy, .injected(.oldDuplicate): rows[rows.count - 1][end.other].comment = .duplicate
        case .injected(.forged): rows[rows.count - 1][end.other].comment = .forged
        }
    }

    private mutating func addArrow(
        _ number: Int32, _ item: Item, from end: End, _ marks: (Ladder.Mark, Ladder.Mark), shows: [End]
    ) {
        var row = newRow(item.ports, at: item.time)
        row.arrow = Ladder.Arrow(
            number: number, a: end == .a ? marks.0 : marks.1, b: end == .a ? marks.1 : marks.0)
        for end in End.allCases where shows.contains(end) || board.isStale(end, item.ports) { print(end, in: &row) }
        rows.append(row)
    }

    // MARK: Comments and states

    /// Calls and timeouts of both ends at the same moment share a line.
    private mutating func showComment(_ comment: Ladder.Comment, _ end: End, _ item: Item) {
        let ports = shown(item.ports)
        if End.allCases.contains(where: { board.isStale($0, ports) }) { addStates(ports, at: item.time, both: true) }
        var row = newRow(ports, at: item.time)
        row.isNumbered = !(rows.last?.arrow == nil && rows.last?.a.comment == nil && rows.last?.b.comment == nil)
            || rows.count <= 1
        row[end].comment = comment
        pop(end)
        if let other = head(end.other), other.time == item.time, shown(other.ports) == ports,
            case .comment(let second) = other.kind
        {
            row[end.other].comment = second
            pop(end.other)
        }
        for end in End.allCases { row[end].state = board.state(end, ports) }
        rows.append(row)
    }

    /// A state that was never printed is printed before the next one comes.
    private mutating func flush(_ end: End, before item: Item) {
        guard board.isStale(end, item.ports), board.state(end, item.ports) != item.state else { return }
        addStates(item.ports, at: item.time, both: false)
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
        let comments = rows.last.map { [$0.a.comment, $0.b.comment].compactMap { $0 } } ?? []
        let followsComment = rows.last?.arrow == nil && !comments.isEmpty && !comments.contains(.crash)
        row.isNumbered = !followsComment
        for end in End.allCases where both || !followsComment || board.isStale(end, ports) { print(end, in: &row) }
        rows.append(row)
    }

    private func newRow(_ ports: PortPair, at time: VirtualTime) -> Ladder.Row {
        var row = Ladder.Row(
            time: time, ports: ports, a: Ladder.Cell(state: board.state(.a, ports)),
            b: Ladder.Cell(state: board.state(.b, ports)))
        let last = rows.last
        row.isNumbered = last == nil || last?.arrow != nil || (last?.a.comment == nil && last?.b.comment == nil)
        return row
    }

    private mutating func print(_ end: End, in row: inout Ladder.Row) {
        row[end].showsState = true
        board.notePrinted(end, row.ports)
    }

    // MARK: Crossing

    /// Nothing can be shown: two segments cross, or one overtakes another. One of them takes two lines.
    private mutating func splitOne() {
        let blocked = End.allCases.compactMap { end -> (End, Int32)? in
            guard case .departure(let number)? = head(end)?.kind else { return nil }
            return (end, number)
        }
        guard let first = blocked.first else {
            // An arrival whose departure was overtaken by all the rest: the other end has nothing left to show.
            for end in End.allCases { if case .arrival(let number)? = head(end)?.kind { split.insert(number) } }
            return
        }
        guard blocked.count == 2 else {
            split.insert(first.1)
            return
        }
        if showExactCrossing(blocked[0].1, blocked[1].1) { return }
        let isSecond = crossings(of: blocked[1].1, from: .b) > crossings(of: first.1, from: .a)
        split.insert(isSecond ? blocked[1].1 : first.1)
    }

    /// How many segments of the other end depart before this one arrives, and arrive after it has departed.
    private func crossings(of number: Int32, from end: End) -> Int {
        guard let arrival = arrivals[number], let departure = departures[number] else { return 0 }
        let other = Int(end.other.rawValue)
        return items[other][heads[other]..<max(arrival, heads[other])].count { item in
            guard case .departure(let crossing) = item.kind, let place = arrivals[crossing] else { return false }
            return place > departure
        }
    }

    /// The segment that stands first at an end, if it crosses one of the other end and is the one to take two lines.
    private func mustCross(_ end: End) -> Int32? {
        guard case .departure(let number)? = head(end)?.kind, let arrival = arrivals[number],
            let departure = departures[number], !isReady(end)
        else { return nil }
        let other = Int(end.other.rawValue)
        for item in items[other][heads[other]..<max(arrival, heads[other])] {
            guard case .departure(let crossing) = item.kind, let place = arrivals[crossing], place > departure else {
                continue
            }
            let (mine, theirs) = (crossings(of: number, from: end), crossings(of: crossing, from: end.other))
            return end == .a ? (mine >= theirs ? number : nil) : (mine > theirs ? number : nil)
        }
        return nil
    }

    /// Figure 14: two segments that leave at the same moment and pass each other make three lines, and the states that
    /// they lead to are shown by the line behind.
    private mutating func showExactCrossing(_ fromA: Int32, _ fromB: Int32) -> Bool {
        guard let a = head(.a), let b = head(.b), a.time == b.time, a.ports == b.ports else { return false }
        guard arrivals[fromA] == heads[1] + 1, arrivals[fromB] == heads[0] + 1 else { return false }
        guard !takesTwoLines(fromA), !takesTwoLines(fromB) else { return false }
        let isTaken = [fromA, fromB].allSatisfy { history.segments[Int($0)].fate == .arrived }
        guard isTaken else { return false }
        flush(.a, before: a)
        flush(.b, before: b)
        pop(.a)
        pop(.b)
        addArrow(fromA, a, from: .a, (.rightArrow, .inNetwork), shows: [.a, .b])
        let arrival = head(.a)?.time ?? a.time
        pop(.a)
        addHiddenArrow(fromB, b.ports, at: b.time, .leftArrow, .leftArrow)
        pop(.b)
        addHiddenArrow(fromA, a.ports, at: arrival, .inNetwork, .rightArrow)
        return true
    }

    private mutating func addHiddenArrow(
        _ number: Int32, _ ports: PortPair, at time: VirtualTime, _ a: Ladder.Mark, _ b: Ladder.Mark
    ) {
        var row = newRow(ports, at: time)
        row.arrow = Ladder.Arrow(number: number, a: a, b: b)
        row.isNumbered = false
        rows.append(row)
    }
}

/// The states of both ends of every connection as a ladder knows them.
struct StateBoard {
    private struct Key: Hashable {
        var end: End
        var ports: PortPair
    }

    private var states: [Key: State] = [:]
    private var printed: [Key: State] = [:]
    /// In the order in which they turned up.
    private(set) var known: [PortPair] = []

    mutating func know(_ ports: PortPair) {
        if !known.contains(ports), ports.a != 0, ports.b != 0 { known.append(ports) }
    }

    func state(_ end: End, _ ports: PortPair) -> State {
        if let state = states[Key(end: end, ports: ports)] { return state }
        return states[Key(end: end, ports: ports.with(0, at: end.other))] ?? .closed
    }

    mutating func set(_ state: State, at end: End, _ ports: PortPair) {
        states[Key(end: end, ports: ports)] = state
    }

    /// A host has lost its memory.
    mutating func closeAll(at end: End) {
        for key in states.keys where key.end == end { states[key] = .closed }
    }

    /// What is there at the begin counts as printed: the first line shows it.
    mutating func beginPrinting() {
        for ports in known {
            for end in End.allCases { notePrinted(end, ports) }
        }
    }

    mutating func notePrinted(_ end: End, _ ports: PortPair) {
        printed[Key(end: end, ports: ports)] = state(end, ports)
    }

    /// The state is not the one that was printed last.
    func isStale(_ end: End, _ ports: PortPair) -> Bool {
        state(end, ports) != printed[Key(end: end, ports: ports)] ?? .closed
    }
}
