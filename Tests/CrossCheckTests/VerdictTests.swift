import CrossCheck
import Flows
import Foundation
import KernelSockets
import Reports
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Rows against connections, both made by hand.
@Suite struct VerdictTests {
    /// The time of the first packet; each later one comes a millisecond after the one before.
    private static let start: Int64 = 1_700_000_000_000_000_000
    private static let second: Int64 = 1_000_000_000
    private let server = SyntheticCapture().pair.reversed

    private func capture(_ body: (inout SyntheticCapture) -> Void) -> SyntheticCapture {
        var capture = SyntheticCapture(time: Self.start)
        body(&capture)
        // Somebody else's connection shows that the capture still runs ten seconds later.
        capture.time += 10 * Self.second
        capture.pair.sourcePort = 50000
        capture.send(.syn, seq: 1)
        capture.reply([.rst, .ack], seq: 0, ack: 2)
        return capture
    }

    private func full(_ phase: KernelSocket.Phase, sendQueue: UInt32 = 0) -> KernelSocket.Kind {
        .full(.init(phase: phase, sendQueue: sendQueue, receiveQueue: 0, timer: .none, retransmissions: 0))
    }

    /// A snapshot at so many microseconds after the first packet.
    private func snapshot(
        _ microseconds: Int64, _ sockets: [(SocketPair, KernelSocket.Kind)], number: UInt64 = 1, namespace: UInt64 = 1
    ) -> KernelRecord {
        let begin = Self.start + microseconds * 1000
        let window = TimeWindow(begin: begin, end: begin + 50_000)
        let rows = sockets.map { pair, kind in
            KernelSocket(
                pair: pair, socketFamily: .ipv4, kind: kind, inode: 7, identity: .cookie(UInt64(pair.sourcePort)),
                seen: window)
        }
        let taken = KernelSnapshot(namespace: .init(namespace), source: .sockdiag, window: window, sockets: rows)
        return .snapshot(
            SnapshotRecord(number: number, snapshot: taken, owners: [7: [.init(process: 4711, program: "server")]]))
    }

    private func check(
        _ capture: SyntheticCapture, _ records: [KernelRecord], local: Set<Address>? = nil
    ) throws -> CrossCheckOutcome {
        let folder = try TemporaryFolder()
        let local = local ?? CrossChecker.localAddresses(in: records).union([server.source])
        return try crossCheck(folder.write(capture.bytes, to: "capture"), records, local: local)
    }

    /// The verdict on the only row.
    private func verdict(
        _ row: KernelSocket.Kind, at microseconds: Int64, _ body: (inout SyntheticCapture) -> Void,
        local: Set<Address>? = nil
    ) throws -> Verdict {
        let outcome = try check(capture(body), [snapshot(microseconds, [(server, row)])], local: local)
        let rows = outcome.judgements.filter { $0.subject == .row }
        #expect(rows.count == 1)
        return try #require(rows.first).verdict
    }

    private func handshake(_ capture: inout SyntheticCapture) {
        capture.send(.syn, seq: 100)
        capture.reply([.syn, .ack], seq: 300, ack: 101)
        capture.send(.ack, seq: 101, ack: 301)
    }

    private func halfClosed(_ capture: inout SyntheticCapture) {
        handshake(&capture)
        capture.time += Self.second
        capture.send([.fin, .ack], seq: 101, ack: 301)
    }

    // MARK: Single rows

    @Test func `the same state agrees`() throws {
        #expect(try verdict(full(.established), at: 500_000, handshake) == .agree(nil))
        #expect(try verdict(full(.closeWait), at: 1_010_000, halfClosed) == .agree(nil))
    }

    @Test func `half a millisecond after a packet both states are in flight`() throws {
        #expect(try verdict(full(.established), at: 1_003_500, halfClosed) == .inFlight)
        #expect(try verdict(full(.closeWait), at: 1_002_500, halfClosed) == .inFlight)
    }

    @Test func `a FIN that passed long ago and was not taken`() throws {
        let verdict = try verdict(full(.established), at: 1_500_000) { capture in
            halfClosed(&capture)
            for _ in 0..<3 {
                capture.time += Self.second / 5
                capture.send([.fin, .ack], seq: 101, ack: 301)
            }
        }
        #expect(verdict == .divergent(.notTaken(.fin)))
    }

    @Test func `the same on a router is not known`() throws {
        let verdict = try verdict(
            full(.established), at: 1_500_000,
            { capture in
                halfClosed(&capture)
                capture.time += Self.second
                capture.send([.fin, .ack], seq: 101, ack: 301)
            }, local: [])
        #expect(verdict.kind != .divergent)
    }

    @Test func `a kernel that is ahead has taken what was not captured`() throws {
        #expect(try verdict(full(.closeWait), at: 500_000, handshake) == .divergent(.notCaptured))
    }

    @Test func `a FIN behind data, and one that should have left`() throws {
        let behind = try verdict(full(.finWait1, sendQueue: 4000), at: 500_000, handshake)
        #expect(behind == .explained(.finBehindData))
        let alone = try verdict(full(.finWait1, sendQueue: 1), at: 500_000, handshake)
        #expect(alone == .divergent(.notOnWire(.fin)))
    }

    @Test func `what the wire has nothing of`() throws {
        let other = SocketPair(
            source: server.source, destination: server.destination, sourcePort: 22, destinationPort: 50022,
            family: .ipv4)
        func reasons(_ kind: KernelSocket.Kind, at microseconds: Int64) throws -> [Verdict] {
            try check(capture(handshake), [snapshot(microseconds, [(other, kind)])]).judgements
                .filter { $0.subject == .row }.map(\.verdict)
        }
        #expect(try reasons(full(.established), at: 500_000) == [.kernelOnly(.quiet)])
        #expect(try reasons(full(.established), at: -500_000) == [.kernelOnly(.beforeCapture)])
        #expect(try reasons(full(.established), at: 20_000_000) == [.kernelOnly(.afterCapture)])
        #expect(try reasons(full(.synSent), at: 500_000) == [.kernelOnly(.synNotOnWire)])
        #expect(try reasons(.bound, at: 500_000) == [.kernelOnly(.bound)])
        #expect(try reasons(.listener(.init(acceptQueue: 0)), at: 500_000) == [.kernelOnly(.listener)])
    }

    @Test func `of two namespaces with the same addresses one fits`() throws {
        let outcome = try check(
            capture(handshake),
            [
                snapshot(500_000, [(server, full(.established))], namespace: 1),
                snapshot(500_000, [(server, full(.lastAck))], namespace: 2),
            ])
        let verdicts = Set(outcome.judgements.filter { $0.subject == .row }.map(\.verdict))
        #expect(verdicts == [.agree(nil), .kernelOnly(.anotherNamespace)])
    }

    @Test func `ports used again`() throws {
        let outcome = try check(
            capture { capture in
                capture.connection()
                capture.time += Self.second
                capture.connection(iss: 5_000_000, irs: 9_000_000)
            }, [snapshot(4_500, [(server, full(.established))]), snapshot(1_013_200, [(server, full(.established))])])
        let rows = outcome.judgements.filter { $0.subject == .row }
        #expect(rows.map { $0.wire?.flow } == [1, 2])
        #expect(rows.map(\.verdict) == [.agree(nil), .agree(.portReused)], "\(rows.map(\.line))")
    }

    // MARK: Absences

    @Test func `no row`() throws {
        let listener = SocketPair(
            source: server.source, destination: Address(ipv4: 0), sourcePort: server.sourcePort, destinationPort: 0,
            family: .ipv4)
        func verdicts(_ records: [KernelRecord], _ body: (inout SyntheticCapture) -> Void) throws -> [Verdict] {
            try check(capture(body), records).judgements
                .filter { $0.subject == .absence && $0.wire?.endpoint == .responder }.map(\.verdict)
        }
        let listening: (SocketPair, KernelSocket.Kind) = (listener, .listener(.init(acceptQueue: 0, backlog: 8)))
        let row = (server, full(.established))
        let empty = try verdicts([snapshot(500_000, [listening])]) { capture in
            capture.send(.syn, seq: 100)
            capture.reply([.syn, .ack], seq: 300, ack: 101)
        }
        #expect(empty == [.explained(.synCookie)])
        let gone = try verdicts([snapshot(100_000, [row]), snapshot(500_000, [listening])], handshake)
        #expect(gone == [.divergent(.goneSilently)])
        let missed = try verdicts(
            [snapshot(100_000, [row]), snapshot(200_000, []), snapshot(300_000, [row])], handshake)
        #expect(missed == [.explained(.missedByListing)])
    }

    @Test(arguments: [(1, Verdict.explained(.captureEnded)), (2, .divergent(.notTaken(.syn)))])
    func `a SYN that nobody answers, the last one at the capture's end`(count: Int, verdict: Verdict) throws {
        var capture = SyntheticCapture(time: Self.start)
        for _ in 0..<count {
            capture.send(.syn, seq: 100)
            capture.time += Self.second
        }
        capture.time -= Self.second - 5_000_000
        capture.pair.sourcePort = 50000
        capture.send(.syn, seq: 1)
        capture.reply([.rst, .ack], seq: 0, ack: 2)
        let listener = SocketPair(
            source: server.source, destination: Address(ipv4: 0), sourcePort: server.sourcePort, destinationPort: 0,
            family: .ipv4)
        let looks: [KernelRecord] = [0, 100_000, 1_004_000].map { time in
            snapshot(time, [(listener, .listener(.init(acceptQueue: 0, backlog: 8)))])
        }
        let outcome = try check(capture, looks)
        let found = outcome.judgements.filter { $0.wire?.flow == 1 && $0.wire?.endpoint == .responder }
        #expect(found.map(\.verdict) == [verdict], "\(found.map(\.line))")
    }

    // MARK: All together

    @Test func `everything gets exactly one verdict, whatever comes`() throws {
        for seed in Seeds.all {
            var generator = SeededGenerator(seed: seed)
            var capture = SyntheticCapture(time: Self.start)
            for _ in 0..<200 {
                capture.pair.sourcePort = UInt16.random(in: 40000...40004, using: &generator)
                let bits: ControlBits = [
                    .syn, [.syn, .ack], .ack, [.fin, .ack], .rst, [.psh, .ack],
                ].randomElement(using: &generator) ?? .ack
                let number = UInt32.random(in: 0...5, using: &generator)
                let ack = UInt32.random(in: 0...5, using: &generator)
                if Bool.random(using: &generator) {
                    capture.send(bits, seq: 100 + number, ack: 300 + ack)
                } else {
                    capture.reply(bits, seq: 300 + number, ack: 100 + ack)
                }
            }
            var records: [KernelRecord] = []
            for number in 0..<60 {
                records.append(randomSnapshot(UInt64(number), &generator))
                records.append(.transition(randomTransition(&generator)))
            }
            let local: Set<Address> = Bool.random(using: &generator) ? [server.source] : []
            let outcome = try check(capture, records, local: local)
            #expect(outcome.totals.addsUp, "seed \(seed): \(outcome.totals)")
            let rows = outcome.judgements.filter { $0.subject == .row }.reduce(0) { $0 + $1.count }
            #expect(rows == outcome.totals.rows, "seed \(seed)")
        }
    }

    private func randomPair(_ generator: inout SeededGenerator) -> SocketPair {
        var pair = server
        pair.destinationPort = UInt16.random(in: 39999...40005, using: &generator)
        return Bool.random(using: &generator) ? pair : pair.reversed
    }

    private func randomSnapshot(_ number: UInt64, _ generator: inout SeededGenerator) -> KernelRecord {
        let kinds: [KernelSocket.Kind] =
            KernelSocket.Phase.allCases.map { full($0, sendQueue: UInt32.random(in: 0...3, using: &generator)) }
            + KernelSocket.Remnant.Phase.allCases.map { .remnant(.init(phase: $0, remaining: 0)) }
            + [.request(.init(retransmissions: 1, remaining: 0)), .bound, .listener(.init(acceptQueue: 2, backlog: 1))]
        // Damaged recordings tell any time.
        let times: [Int64] = [.min, .max, 0, Self.start, Self.start + 1_000_000]
        let begin = times.randomElement(using: &generator) ?? 0
        let window = TimeWindow(
            begin: begin == Self.start ? begin + Int64.random(in: -5_000_000...300_000_000, using: &generator) : begin,
            end: times.randomElement(using: &generator) ?? 0)
        var sockets: [KernelSocket] = []
        for _ in 0..<3 {
            sockets.append(
                KernelSocket(
                    pair: randomPair(&generator), socketFamily: .ipv4,
                    kind: kinds.randomElement(using: &generator) ?? .bound, seen: window))
        }
        let snapshot = KernelSnapshot(
            namespace: .init(UInt64.random(in: 1...2, using: &generator)), source: .procfs, window: window,
            sockets: sockets)
        return .snapshot(SnapshotRecord(number: number, snapshot: snapshot))
    }

    private func randomTransition(_ generator: inout SeededGenerator) -> KernelTransition {
        let times: [Int64] = [.min, .max, Self.start + Int64.random(in: 0...200_000_000, using: &generator)]
        return KernelTransition(
            time: times.randomElement(using: &generator) ?? 0, pair: randomPair(&generator), socketFamily: .ipv4,
            from: State.allCases.randomElement(using: &generator) ?? .closed,
            to: State.allCases.randomElement(using: &generator) ?? .closed,
            socket: UInt64.random(in: 0...9, using: &generator))
    }

    // MARK: The report

    @Test func `as table and records`() throws {
        let outcome = try check(
            capture { capture in
                halfClosed(&capture)
                for _ in 0..<3 {
                    capture.time += Self.second / 5
                    capture.send([.fin, .ack], seq: 101, ack: 301)
                }
            },
            [
                snapshot(500_000, [(server, full(.established))], number: 1),
                snapshot(1_500_000, [(server, full(.established))], number: 2),
                snapshot(1_600_000, [(server, full(.established))], number: 3),
                .transition(
                    KernelTransition(
                        time: Self.start + 2_010_000, pair: server, socketFamily: .ipv4, from: .synReceived,
                        to: .established, socket: 1)),
            ])
        let folder = try TemporaryFolder()
        for (format, name) in [(KernelReportFormat.table, "crosscheck.txt"), (.ndjson, "crosscheck.ndjson")] {
            var report = CrossCheckReport(
                format: format, output: try OutputFile(path: folder.path(name)),
                shown: format == .table ? [.divergent] : Set(Verdict.Kind.allCases))
            try report.write(outcome, files: ["capture.pcap"])
            let text = try String(contentsOfFile: folder.path(name), encoding: .utf8)
            #expect(Golden.difference(text, name) == nil)
            guard format == .ndjson else { continue }
            for line in text.split(separator: "\n") {
                let value = try JSONValue(text: line)
                let kind = try #require(value["record"]?.string)
                let schema = Places.package.appendingPathComponent("Docs/schema/\(kind).json")
                let errors = JSONSchema(try JSONValue(text: String(contentsOf: schema, encoding: .utf8)))
                    .errors(in: value)
                #expect(errors == [], "\(line)")
            }
        }
    }

    @Test func `every reason is explained`() throws {
        let page = try String(
            contentsOf: Places.package.appendingPathComponent("Docs/crosscheck.md"), encoding: .utf8)
        for (kind, reason) in VerdictReasons.all {
            #expect(page.contains("`\(reason.code)`"), "\(reason.code)")
            if kind != .divergent {
                #expect(page.contains("| `\(reason.code)` | \(reason.meaning) |"), "\(reason.code)")
                #expect(page.contains("| \(reason.source) |"), "\(reason.code)")
            } else {
                #expect(reason.nextStep != nil)
            }
        }
        #expect(Set(VerdictReasons.all.map(\.reason.code)).count == VerdictReasons.all.count)
        for kind in Verdict.Kind.allCases { #expect(page.contains("| `\(kind.rawValue)` |")) }
    }
}
