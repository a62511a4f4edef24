import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Snapshots in which an endpoint should have a row and has none; and endpoints that were never compared.
struct AbsenceJudging {
    let judge: Judge
    let stories: Stories
    private let rows: [Stories.Place: [(look: Int, socket: KernelSocket)]]
    /// The looks at each namespace that tell what is not there, in the order of time.
    private let looks: [NetworkNamespace.Identifier: [Int]]

    init(judge: Judge, stories: Stories, rows: [Stories.Place: [(look: Int, socket: KernelSocket)]]) {
        self.judge = judge
        self.stories = stories
        self.rows = rows.mapValues { $0.sorted { $0.look < $1.look } }
        var looks: [NetworkNamespace.Identifier: [Int]] = [:]
        for (place, look) in judge.kernel.looks.enumerated() where look.isWhole {
            looks[look.namespace, default: []].append(place)
        }
        self.looks = looks.mapValues { places in
            places.sorted { judge.kernel.looks[$0].window.begin < judge.kernel.looks[$1].window.begin }
        }
    }

    func run(into ledger: inout VerdictLedger) {
        for history in stories.all { judge(history, &ledger) }
    }

    private func judge(_ history: EndpointHistory, _ ledger: inout VerdictLedger) {
        let homes = homes(of: history)
        var hasLook = false
        if let home = homes.min() {
            let seen = rows[history.place] ?? []
            let all = looks[home] ?? []
            let end = life(of: history)
            let begin = all.partitioned { judge.kernel.looks[$0].window.end < history.first }
            for place in all[begin...] {
                let look = judge.kernel.looks[place]
                guard look.window.begin <= end else { break }
                hasLook = true
                judgeLook(place, history, seen, homes, &ledger)
            }
        }
        // Without any snapshot nobody knows where it lives; its address is the host's all the same.
        let isAtHome = !homes.isEmpty || judge.kernel.looks.isEmpty
        if isAtHome, ledger.gravest[history.place] != .divergent, let finding = judge.judgeRetaken(history) {
            let moment = finding.segment?.time ?? history.first
            let window = TimeWindow(begin: moment, end: moment)
            ledger.add(Judgement(.endpoint, finding, of: history, in: window, namespace: homes.min()))
        }
        guard !ledger.hasVerdict(history.place) else { return }
        let finding = judgeUncompared(history, homes, hasLook: hasLook)
        let window = TimeWindow(begin: history.first, end: max(history.first, history.lastMoment))
        ledger.add(Judgement(.endpoint, finding, of: history, in: window, namespace: homes.min()))
    }

    private func judgeLook(
        _ place: Int, _ history: EndpointHistory, _ seen: [(look: Int, socket: KernelSocket)],
        _ homes: Set<NetworkNamespace.Identifier>, _ ledger: inout VerdictLedger
    ) {
        let before = seen.partitioned { $0.look < place }
        guard before == seen.count || seen[before].look != place else { return }
        var context = Judge.Context()
        context.isBefore = before > 0
        context.isAfter = before < seen.count
        context.last = before > 0 ? seen[before - 1].socket : nil
        context.namespaces = Array(homes)
        let look = judge.kernel.looks[place]
        guard let finding = judge.judgeAbsence(in: look.window, of: history, context) else { return }
        ledger.add(
            Judgement(.absence, finding, of: history, in: look.window, namespace: look.namespace), extending: true)
    }

    /// The namespaces that this end may live in: where it was seen, else where its address is, else where somebody
    /// listens for it.
    private func homes(of history: EndpointHistory) -> Set<NetworkNamespace.Identifier> {
        if let seen = judge.kernel.namespacesOfPair[history.pair] { return seen }
        if let known = judge.kernel.namespacesOfAddress[history.pair.source] { return known }
        let isPeerKnown = judge.kernel.namespacesOfAddress[history.pair.destination] != nil
        guard history.role == .responder, !isPeerKnown || judge.isLocal(history) else { return [] }
        return judge.kernel.namespaces(listeningFor: history.pair)
    }

    /// Until when a row of this incarnation may be missed.
    private func life(of history: EndpointHistory) -> Int64 {
        let next = stories.end(of: history)
        guard let last = history.steps.last, last.state == .closed || last.state == .listen else { return next }
        return min(next, last.time)
    }

    /// It has neither a row nor should it have had one.
    private func judgeUncompared(
        _ history: EndpointHistory, _ homes: Set<NetworkNamespace.Identifier>, hasLook: Bool
    ) -> Judge.Finding {
        if homes.isEmpty { return Judge.Finding(.wireOnly(.otherHost)) }
        if !hasLook { return Judge.Finding(.wireOnly(.noSnapshot)) }
        if history.role == .responder, let finding = judgeUnansweredSyn(history, homes) { return finding }
        return Judge.Finding(.wireOnly(history.isKnown ? .noSocket : .unanswered))
    }

    /// A SYN passed to a port that somebody listens on, and nothing came back.
    private func judgeUnansweredSyn(
        _ history: EndpointHistory, _ homes: Set<NetworkNamespace.Identifier>
    ) -> Judge.Finding? {
        guard history.flow.lastSegment(from: .responder) == nil,
            let syn = history.segment(to: .max, where: { $0.controlBits.contains(.syn) })
        else { return nil }
        let listeners = homes.compactMap { judge.kernel.listener(for: history.pair, in: $0, at: syn.time) }
        guard !listeners.isEmpty else { return nil }
        if listeners.contains(where: judge.isFull) { return Judge.Finding(.explained(.acceptQueueFull), syn) }
        // Nobody has said where an address is that no socket bears; where its listener is, it is.
        let isHere = !judge.localAddresses.isEmpty && judge.kernel.namespacesOfAddress[history.pair.source] == nil
        guard isHere || judge.isLocal(history) else { return Judge.Finding(.explained(.distantVantage), syn) }
        // An answer takes no longer than that; without a later packet nobody knows whether the capture still ran.
        guard syn.time < judge.captured.end &- Judge.lateness else {
            return Judge.Finding(.explained(.captureEnded), syn)
        }
        return judge.notTaken((.syn, syn))
    }
}
