import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Every row of every snapshot, each against the incarnation that fits it best.
struct RowJudging {
    let judge: Judge
    let stories: Stories
    /// The snapshots in which each endpoint has had a row, as indices of looks in ascending order.
    private(set) var sightings: [Stories.Place: [(look: Int, socket: KernelSocket)]] = [:]

    init(judge: Judge, stories: Stories) {
        self.judge = judge
        self.stories = stories
    }

    mutating func run(into ledger: inout VerdictLedger) {
        for (key, runs) in sorted(judge.kernel.others) {
            for run in runs { judgeOther(run, key, &ledger) }
        }
        for (key, runs) in sorted(judge.kernel.connections) {
            let incarnations = stories.incarnations(of: key.pair)
            for run in runs {
                for sighting in run.sightings { judge(run, sighting, key, runs, incarnations, &ledger) }
            }
        }
    }

    /// Dictionaries have no order, and the same input gives the same output.
    private func sorted(_ runs: [KernelSide.Key: [KernelSide.Run]]) -> [(KernelSide.Key, [KernelSide.Run])] {
        runs.sorted { left, right in
            let begins = (first(left.value), first(right.value))
            return begins.0 == begins.1 ? left.key.order < right.key.order : begins.0 < begins.1
        }.map { ($0.key, $0.value) }
    }

    private func first(_ runs: [KernelSide.Run]) -> Int64 { runs.first?.sightings.first?.seen.begin ?? .max }

    /// Listening and bound sockets have no counterpart on the wire.
    private func judgeOther(_ run: KernelSide.Run, _ key: KernelSide.Key, _ ledger: inout VerdictLedger) {
        let reason: KernelOnlyReason
        switch run.socket.kind {
        case .listener: reason = .listener
        case .bound, .request, .full, .remnant: reason = .bound
        }
        for sighting in run.sightings {
            ledger.add(kernelOnly(reason, run, sighting, key), extending: true)
        }
    }

    private mutating func judge(
        _ run: KernelSide.Run, _ sighting: KernelSide.Sighting, _ key: KernelSide.Key, _ runs: [KernelSide.Run],
        _ incarnations: [EndpointHistory], _ ledger: inout VerdictLedger
    ) {
        var best: (finding: Judge.Finding, history: EndpointHistory)?
        for history in incarnations.reversed() where history.first <= sighting.seen.end &+ Judge.tolerance {
            let finding = judge.judge(run.socket, in: key.namespace, seen: sighting.seen, against: history)
            if best.map({ finding.verdict.kind < $0.finding.verdict.kind }) ?? true { best = (finding, history) }
            if finding.verdict.kind == .agree { break }
        }
        guard let (finding, history) = best else {
            let reason = reasonWithoutFlow(run, sighting, runs, hasFlow: !incarnations.isEmpty)
            ledger.add(kernelOnly(reason, run, sighting, key), extending: true)
            return
        }
        if finding.verdict.kind >= .explained, fitsElsewhere(sighting, key, history) {
            ledger.add(kernelOnly(.anotherNamespace, run, sighting, key), extending: true)
            return
        }
        sightings[history.place, default: []].append((sighting.look, run.socket))
        var judgement = Judgement(.row, finding, of: history, in: sighting.seen, namespace: key.namespace)
        judgement.socket = run.socket
        judgement.owners = judge.kernel.owners(of: run)
        ledger.add(judgement, extending: true)
    }

    /// A socket of another namespace has the same pair, and it fits.
    private func fitsElsewhere(
        _ sighting: KernelSide.Sighting, _ key: KernelSide.Key, _ history: EndpointHistory
    ) -> Bool {
        let others = judge.kernel.namespacesOfPair[key.pair, default: []].subtracting([key.namespace])
        let number = judge.kernel.look(sighting.look).number
        return others.contains { namespace in
            let runs = judge.kernel.connections[KernelSide.Key(namespace: namespace, pair: key.pair)] ?? []
            return runs.contains { run in
                run.sightings.contains { other in
                    judge.kernel.look(other.look).number == number
                        && judge.judge(run.socket, in: namespace, seen: other.seen, against: history).verdict.kind
                            <= .inFlight
                }
            }
        }
    }

    /// Why no flow can be compared with a row.
    private func reasonWithoutFlow(
        _ run: KernelSide.Run, _ sighting: KernelSide.Sighting, _ runs: [KernelSide.Run], hasFlow: Bool
    ) -> KernelOnlyReason {
        if sighting.seen.end < judge.captured.begin { return .beforeCapture }
        if sighting.seen.begin > judge.captured.end { return .afterCapture }
        if hasFlow { return .beforeFirstSegment }
        if run.socket.state == .synSent { return .synNotOnWire }
        let states = runs.filter { run in
            run.sightings.contains { $0.seen.begin >= judge.captured.begin && $0.seen.end <= judge.captured.end }
        }
        return Set(states.map(\.socket.state)).count > 1 ? .elsewhere : .quiet
    }

    private func kernelOnly(
        _ reason: KernelOnlyReason, _ run: KernelSide.Run, _ sighting: KernelSide.Sighting, _ key: KernelSide.Key
    ) -> Judgement {
        Judgement(
            subject: .row, verdict: .kernelOnly(reason), pair: key.pair, namespace: key.namespace,
            window: sighting.seen, count: 1, socket: run.socket, owners: judge.kernel.owners(of: run))
    }
}

extension KernelSide.Key {
    /// Any order that is always the same.
    var order: (NetworkNamespace.Identifier, UInt64, UInt64, UInt64, UInt64, UInt32) {
        (
            namespace, pair.source.high, pair.source.low, pair.destination.high, pair.destination.low,
            UInt32(pair.sourcePort) << 16 | UInt32(pair.destinationPort)
        )
    }
}
