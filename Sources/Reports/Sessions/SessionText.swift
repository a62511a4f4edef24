public import Simulation
import TCPStateMachine

/// What a session shows: states, segments under way, the ladder, and how it grows.
public struct SessionText: Sendable {
    public var hasColors = false
    /// Columns and lines of the terminal; nil where there is none.
    public var screen: (columns: Int, lines: Int)?

    public init(hasColors: Bool = false, screen: (columns: Int, lines: Int)? = nil) {
        self.hasColors = hasColors
        self.screen = screen
    }

    // MARK: After a step

    /// What is new since `former`: the lines of the ladder that were added or have changed, what users were told, and
    /// the states.
    public func step(from former: Session, to session: Session) -> String {
        var text = newRows(from: former, to: session)
        for line in answers(from: former, to: session) { text += line + "\n" }
        return text + situation(of: session)
    }

    /// The time, the states and the segments under way.
    public func situation(of session: Session) -> String {
        let (simulator, ports) = (session.simulator, session.ports)
        let states = End.allCases.map { "\($0.name) \(simulator.state(at: $0, of: ports))" }
        return "\(simulator.now)  \(states.joined(separator: "  "))\n" + underWay(in: session)
    }

    private func newRows(from former: Session, to session: Session) -> String {
        let (old, new) = (former.ladder, session.ladder)
        let lines = LadderText(remarks: session.opening.remarks, showsTimes: true).rows(of: new)
        let unchanged = zip(old.rows, new.rows).prefix { $0 == $1 }.count
        return lines.dropFirst(unchanged).map { $0 + "\n" }.joined()
    }

    /// What no ladder shows: errors, and what users were told.
    public func answers(from former: Session, to session: Session) -> [String] {
        let known = former.simulator.history.incidents.count
        return session.simulator.history.incidents.dropFirst(known).compactMap { incident in
            let name = incident.end.name
            switch incident.what {
            case .call(_, .error(let error)): return "\(name)'s user is answered: \(error)"
            case .call(_, .status(let state)): return "\(name)'s user is answered: state = \(state)"
            case .signal(let signals): return "\(name)'s user is told: \(signals)"
            case .departure, .arrival, .icmpError, .call, .timeout, .crash, .restart, .remark, .statesAsked: return nil
            }
        }
    }

    func underWay(in session: Session) -> String {
        let simulator = session.simulator
        var text = ""
        for (index, number) in session.underWay.enumerated() {
            let sent = simulator.history.segments[Int(number)]
            let due = simulator.isHolding ? "held" : "due at \(sent.arrival)"
            let what = SegmentNotation.text(sent.segment)
            text += "  \(index + 1)  \(sent.from.name) to \(sent.from.other.name)  \(what)  \(due)\n"
        }
        return text
    }

    // MARK: Looking around

    /// Both diagrams, where there is room, and each end's numbers and timers.
    public func states(of session: Session) -> String {
        text(of: diagrams(of: session) + variables(in: session))
    }

    private func text(of lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    private func diagrams(of session: Session) -> [String] {
        guard (screen?.columns ?? 80) > DiagramPair.fullWidth else { return [] }
        let states = End.allCases.map { session.simulator.state(at: $0, of: session.ports) }
        return DiagramPair(hasColors: hasColors).lines(states[0], states[1]).map(trimmed) + [""]
    }

    private func variables(in session: Session) -> [String] {
        End.allCases.flatMap { variables(at: $0, in: session) }
    }

    /// `A  ESTABLISHED  SND.UNA=101 SND.NXT=101 RCV.NXT=301`, and below it the timers.
    private func variables(at end: End, in session: Session) -> [String] {
        let (simulator, ports) = (session.simulator, session.ports)
        let state = simulator.state(at: end, of: ports)
        guard let index = simulator[end].socket(for: ports), state != .listen else { return ["\(end.name)  \(state)"] }
        let connection = simulator[end].sockets[Int(index)].connection
        var line = "\(end.name)  \(state)"
        line += "  SND.UNA=\(connection.sndUna.rawValue) SND.NXT=\(connection.sndNxt.rawValue)"
        if state != .synSent { line += " SND.WND=\(connection.sndWnd) RCV.NXT=\(connection.rcvNxt.rawValue)" }
        let timers = simulator.timers(at: end, of: ports).map { "\($0.kind.name) at \($0.time)" }
        return timers.isEmpty ? [line] : [line, "   timers: \(timers.joined(separator: ", "))"]
    }

    /// The whole ladder.
    public func ladder(of session: Session) -> String {
        LadderText(remarks: session.opening.remarks, showsTimes: true).render(session.ladder)
    }

    /// A screenful: the diagrams, as much of the end of the ladder as there is room for, what is under way.
    ///
    /// - Parameter below: what stands under it.
    public func view(of session: Session, below: String) -> String {
        let (columns, height) = screen ?? (80, 24)
        let underWay = underWay(in: session)
        let rest = [underWay, below].reduce(0) { $0 + $1.count { $0 == "\n" } } + 3
        // A small terminal has no room for all: the diagrams tell more than the numbers.
        let choices = [diagrams(of: session) + variables(in: session), diagrams(of: session), variables(in: session)]
        let head = choices.first { $0.count + rest + 2 <= height } ?? []
        let room = max(height - head.count - rest, 3)
        let ladder = session.ladder
        let isCut = ladder.rows.count > room
        let rows = LadderText(remarks: session.opening.remarks, showsTimes: true)
            .lastRows(isCut ? room - 1 : room, of: ladder, columns: columns)
        var text = self.text(of: head) + (head.last == "" ? "" : "\n")
        if isCut { text += "  ...\n" }
        for line in rows { text += String(line.prefix(columns)) + "\n" }
        text += "\n" + underWay
        return "\u{1B}[H\u{1B}[2J" + text + below
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
