import Simulation
import TCPStateMachine
import TestSupport
import Testing

/// In which order a ladder tells what happened at its two ends.
@Suite struct LadderOrderTests {
    private func ladder(_ text: String) throws -> Ladder {
        Ladder(of: try Scenario(parsing: text).run().simulator.history)
    }

    /// The marks of a line, and when the first thing on it happened, in milliseconds.
    private func lines(_ ladder: Ladder) -> [String] {
        ladder.rows.compactMap { row in
            row.arrow.map { "\(row.time.nanoseconds / Duration.millisecond) \($0.a.rawValue) \($0.b.rawValue)" }
        }
    }

    @Test func `what left first takes two lines where segments cross`() throws {
        let ladder = try ladder(
            "latency A 100 ms\nlatency B 50 ms\nat 0 A open active\nat 0.05 B open active\nend at 0.3")
        #expect(
            lines(ladder) == ["0 --> ...", "50 <-- <--", "100 ... -->", "100 --> ...", "100 <-- <--", "200 ... -->"])
    }

    @Test func `a call while a segment is under way stands between its two lines`() throws {
        let ladder = try ladder("latency 10 ms\nat 0 B listen\nat 0 A open active\nat 0.015 A close\nend at 0.025")
        #expect(lines(ladder) == ["0 --> -->", "10 ... <--", "20 <-- ...", "20 --> ..."])
        let close = try #require(ladder.rows.firstIndex { $0.a.comment == .close })
        #expect(ladder.rows[close - 1].arrow?.a == .inNetwork && ladder.rows[close + 1].showsOnly(.closed, at: .a))
    }

    @Test func `segments without latency arrive behind their departure`() throws {
        let ladder = try ladder("latency 0 s\nat 0 B listen\nat 0 A open active\nat 1 A close\nat 1 B close\nend at 2")
        #expect(lines(ladder).prefix(3) == ["0 --> -->", "0 <-- <--", "0 --> -->"])
    }

    /// Time never goes back, nothing is left out, and each end's own order is kept.
    @Test(arguments: Seeds.all)
    func `random stories are told in order`(seed: UInt64) {
        for seed in (seed &* 1000)..<(seed &* 1000 &+ 40) {
            let history = Scenario.random(seed: seed).run(limit: 20_000).simulator.history
            let rows = Ladder(of: history).rows
            #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.time <= $1.time }, "seed \(seed)")
            for end in End.allCases {
                #expect(shown(rows, history, at: end) == happened(history, at: end), "seed \(seed), \(end.name)")
            }
        }
    }

    /// Departures and arrivals of an end in the order of the lines.
    private func shown(_ rows: [Ladder.Row], _ history: History, at end: End) -> [Incident.Key] {
        rows.compactMap { row in
            guard let arrow = row.arrow else { return nil }
            let isSender = history.segments[Int(arrow.number)].from == end
            guard (end == .a ? arrow.a : arrow.b) != .inNetwork else { return nil }
            // `XXX` at the receiver's end of a line that shows only the departure is no arrival.
            if !isSender, history.segments[Int(arrow.number)].isLostUnderWay { return nil }
            return Incident.Key(number: arrow.number, isDeparture: isSender)
        }
    }

    private func happened(_ history: History, at end: End) -> [Incident.Key] {
        history.incidents.compactMap { incident in
            guard incident.end == end else { return nil }
            switch incident.what {
            case .departure(let number): return Incident.Key(number: number, isDeparture: true)
            case .arrival(let number, _): return Incident.Key(number: number, isDeparture: false)
            case .icmpError, .call, .timeout, .crash, .restart, .signal, .remark, .statesAsked: return nil
            }
        }
    }
}

extension Incident {
    fileprivate struct Key: Hashable {
        var number: Int32
        var isDeparture: Bool
    }
}

extension SentSegment {
    fileprivate var isLostUnderWay: Bool { fate == .lostBeforeMiddle || fate == .lostBehindMiddle }
}

extension Ladder.Row {
    fileprivate func showsOnly(_ state: State, at end: End) -> Bool {
        self[end].state == state && self[end].showsState
    }
}
