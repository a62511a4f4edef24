import Foundation
import Simulation
import TCPStateMachine
import TestSupport
import Testing

/// Stories that are made while they are told.
@Suite struct SessionTests {
    /// Takes a line as the command does; false if it was a mistake.
    @discardableResult
    private func take(_ line: String, _ session: inout Session) -> Bool {
        do {
            switch try session.understand(line, number: 1) {
            case .act(let action)?: try session.perform(action)
            case .deliver(let target)?: try session.deliver(target)
            case .befall(let mishap, let target)?: try session.befall(mishap, target)
            case .wait(let time?)?: try session.wait(time)
            case .wait(nil)?: try session.waitForNext()
            case .undo(let all)?: if all { try session.undoAll() } else { try session.undo() }
            case .redo?: try session.redo()
            case .set?, .why?, .ladder?, .states?, .story?, .save?, .help?, .quit?, nil: break
            }
            return true
        } catch {
            return false
        }
    }

    private func session(_ lines: String..., from opening: Session = .empty) -> Session {
        var session = opening
        for line in lines { #expect(take(line, &session), "\(line)") }
        return session
    }

    private func states(_ session: Session) -> [State] {
        End.allCases.map { session.simulator.state(at: $0, of: session.ports) }
    }

    @Test func `two FINs that cross make CLOSING`() {
        let crossed = session("B listen", "A open", "deliver", "deliver", "deliver", "A close", "B close", "deliver 2")
        #expect(states(crossed) == [.closing, .finWait1])
        #expect(crossed.lastEvents.flatMap { Array($0.outcome.rules) } == [.finWait1Fin])
    }

    @Test func `two SYNs that cross make a simultaneous open`() {
        var crossed = session("A open", "open B", "deliver all")
        #expect(states(crossed) == [.synReceived, .synReceived])
        #expect(take("deliver all", &crossed))
        #expect(states(crossed) == [.established, .established])
    }

    @Test func `what is held waits while timers run`() {
        var held = session("A open", "wait 1 s")
        #expect(held.underWay.count == 2)
        #expect(take("drop 1", &held) && held.underWay.count == 1)
        #expect(take("duplicate SYN of A", &held) && held.underWay.count == 2)
        #expect(!take("deliver 3", &held))
        #expect(take("release", &held) && take("wait", &held))
        #expect(states(held) == [.synSent, .closed])
        // A RST for each SYN is due; the second changes nothing.
        #expect(take("wait 1 s", &held))
        #expect(states(held) == [.closed, .closed])
    }

    @Test func `a step is undone and done again`() {
        var one = session("B listen", "A open", "deliver")
        let before = one
        #expect(take("deliver", &one))
        let after = one
        #expect(take("undo", &one))
        #expect(one.simulator == before.simulator)
        #expect(take("redo", &one))
        #expect(one.simulator == after.simulator)
        #expect(!take("redo", &one))
        #expect(take("undo all", &one) && states(one) == [.closed, .closed] && !take("undo", &one))
    }

    @Test func `settings come before the first step`() {
        var late = session("A iss 7", "profile linux", "A open")
        #expect(late.simulator.history.segments[0].segment.sequenceNumber == SequenceNumber(7))
        #expect(!take("A iss 8", &late))
        #expect(take("undo", &late) && take("A iss 8", &late) && take("open A", &late))
        #expect(late.simulator.history.segments[0].segment.sequenceNumber == SequenceNumber(8))
    }

    /// Notes that were undone have had numbers, too.
    private func incidents(_ history: History) -> [Incident] {
        history.incidents.map { incident in
            guard case .remark = incident.what else { return incident }
            var note = incident
            note.what = .remark(0)
            return note
        }
    }

    /// Whatever is done, the story that is saved tells it again.
    @Test(arguments: Seeds.all)
    func `a saved story tells the same`(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let calls = [
            "A open", "B open", "B listen", "A send 10", "B send 3000", "A close", "B close", "A half-close", "B abort",
            "A crash", "A restart", "deliver", "deliver", "deliver all", "deliver 2", "drop 1", "drop FIN of A",
            "duplicate 1", "delay 1 by 70 ms", "wait", "wait", "wait 50 ms", "wait 0.1", "wait 3 s", "hold", "release",
            "undo", "undo", "redo", "cut A", "mend A", "latency A 10 ms", "note A \"here\"", "show states",
            "inject from B <SEQ=A.RCV.NXT><CTL=RST>", "A status", "B stop reading", "B read",
            "connection c A 50000 B 81", "A open on c", "B listen on c",
        ]
        let opening = try Scenario(
            parsing: "latency 50 ms\nloss 10 %\njitter 5 ms\nat 0 B listen\nat 0.1 A open active\nat 0.1 A send 100\n")
        for round in 0..<40 {
            var session = round % 2 == 0 ? Session.empty : Session(opening)
            var lines: [String] = []
            for _ in 0..<Int(dice.next() % 30) {
                let line = calls[Int(dice.next() % UInt64(calls.count))]
                if take(line, &session) { lines.append(line) }
            }
            guard session.hasBegun else { continue }
            let text = session.story().scenario.text
            let again = try Scenario(parsing: text).run().simulator.history
            let history = session.simulator.history
            #expect(
                again.segments == history.segments && incidents(again) == incidents(history)
                    && again.transitions == history.transitions,
                "seed \(seed):\n\(lines.joined(separator: "\n"))\n\nsaved as\n\n\(text)")
        }
    }
}
