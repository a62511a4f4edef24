public import TCPStateMachine

/// A way through an exploration in the notation of RFC 793's figures: the states of both ends, arrows, segments; `...`
/// for a segment that is under way, `XXX` for one that is lost.
///
/// Unlike in the figures a segment has two lines, one where it is sent and one where it arrives, because what happens
/// in between is the point.
public struct ExplorationLadder: Sendable {
    /// One line.
    public struct Row: Hashable, Sendable {
        /// The number of the step, from 1; 0 for how it begins. A step that sends several segments has several rows.
        public let number: Int
        /// The states behind the step.
        public let states: BothEnds<State>
        /// What is seen of the network, if anything is.
        public let arrow: Arrow?
        /// What happened besides, for example `A: CLOSE`, or nil.
        public let remark: String?
    }

    /// A segment between the ends.
    public struct Arrow: Hashable, Sendable {
        public enum Phase: Hashable, Sendable {
            case sent
            case arrives
            case lost
            case duplicated
        }

        /// Who sent it.
        public let from: End
        public let phase: Phase
        public let segment: Segment
    }

    public private(set) var rows: [Row] = []

    init(_ path: [(action: WorldAction?, state: World)], table: EndpointTable) {
        var before: World?
        for (number, step) in path.enumerated() {
            let states = BothEnds(
                a: table.endpoint(step.state.a).connection.state, b: table.endpoint(step.state.b).connection.state)
            guard let action = step.action, let world = before else {
                rows.append(Row(number: number, states: states, arrow: nil, remark: nil))
                before = step.state
                continue
            }
            for (arrow, remark) in ExplorationLadder.lines(of: action, in: world, table) {
                rows.append(Row(number: number, states: states, arrow: arrow, remark: remark))
            }
            before = step.state
        }
    }

    private static func lines(
        of action: WorldAction, in world: World, _ table: EndpointTable
    ) -> [(arrow: Arrow?, remark: String?)] {
        let side = action.side
        func network(_ phase: Arrow.Phase) -> Arrow {
            let number = world[to: side][Int(action.lane)]
            return Arrow(from: side.other, phase: phase, segment: table.segment(number))
        }
        switch action.kind {
        case .lose: return [(network(.lost), nil)]
        case .duplicate: return [(network(.duplicated), "duplicated")]
        case .deliver: return [(network(.arrives), nil)] + sent(by: side, table.step(action.step), table)
        case .local:
            let step = table.step(action.step)
            let remark = step.event.map { "\(side.name): \($0.name)" }
            var lines = sent(by: side, step, table)
            if lines.isEmpty { return [(nil, remark)] }
            lines[0].remark = remark
            return lines
        }
    }

    private static func sent(
        by side: End, _ step: EndpointStep, _ table: EndpointTable
    ) -> [(arrow: Arrow?, remark: String?)] {
        (0..<step.segments.count).map { lane in
            (Arrow(from: side, phase: .sent, segment: table.segment(step.segments[lane])), nil)
        }
    }
}

extension ExplorationLadder: CustomStringConvertible {
    /// The ladder as lines of text.
    public var description: String {
        let texts = rows.map { $0.arrow?.description ?? "" }
        let width = max(texts.map(\.count).max() ?? 0, 24)
        var lines = ["      TCP A" + String(repeating: " ", count: width + 11) + "TCP B"]
        var last = -1
        for (row, text) in zip(rows, texts) {
            let number = row.number == last ? "    " : padded("\(row.number).", to: 4)
            last = row.number
            let line =
                "\(number)  \(padded(row.states.a.name, to: 12))  \(padded(text, to: width))  "
                + padded(row.states.b.name, to: 12) + (row.remark.map { "  " + $0 } ?? "")
            lines.append(String(line.reversed().drop { $0 == " " }.reversed()))
        }
        return lines.joined(separator: "\n")
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }
}

extension ExplorationLadder.Arrow: CustomStringConvertible {
    /// `--> <SEQ=100><CTL=SYN> ...` where A sends, `... <SEQ=100><CTL=SYN> -->` where it arrives at B.
    public var description: String {
        let text = SegmentNotation.text(segment, isBrief: true)
        return switch (from, phase) {
        case (.a, .sent): "--> \(text) ..."
        case (.a, .arrives): "... \(text) -->"
        case (.a, .lost): "... \(text) XXX"
        case (.b, .sent): "... \(text) <--"
        case (.b, .arrives): "<-- \(text) ..."
        case (.b, .lost): "XXX \(text) ..."
        case (_, .duplicated): "... \(text) ..."
        }
    }
}
