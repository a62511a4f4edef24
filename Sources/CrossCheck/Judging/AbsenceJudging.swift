import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// Snapshots in which an endpoint should have a row and has none; and endpoints that were never compared.
struct AbsenceJudging {
    let judge: Judge
    let stories: Stories
    /// The flows of which nothing more comes.
    private let concluded: Set<UInt64>
    private let rows: [Stories.Place: [(look: Int, socket: KernelSocket)]]
    /// The looks at each namespace that tell what is not there, in the order of time.
    private let looks: [NetworkNamespace.Identifier: [Int]]

    init(
        judge: Judge, stories: Stories, concluded: Set<UInt64>,
        rows: [Stories.Place: [(look: Int, socket: KernelSocket)]]
    ) {
        self.judge = judge
        self.stories = stories
        self.concluded = concluded
        self.rows = rows.mapValues { $0.sorted { $0.look < $1.look } }
        var looks: [NetworkNamespace.Identifier: [Int]] = [:]
        for (place, look) in judge.kernel.looks.enumerated() where look.isWhole {
            looks[look.namespace, default: []].append(judge.kernel.firstLook + place)
        }
        self.looks = looks.mapValues { places in
            places.sorted { judge.kernel.look($0).window.begin < judge.kernel.look($1).window.begin }
        }
    }

    func run(_ memory: inout JudgingMemory, into ledger: inout VerdictLedger) {
        for history in stories.all { judge(history, &memory, &ledger) }
        for (place, rows) in rows { if let last = rows.last { memory.rows[place] = last.socket } }
    }

    private func judge(_ history: EndpointHistory, _ memory: inout JudgingMemory, _ ledger: inout VerdictLedger) {
        let homes = homes(of: history)
        let earlier = memory.rows[history.place]
        if let home = homes.min() {
            let seen = rows[history.place] ?? []
            let all = looks[home] ?? []
            let end = life(of: history)
            let begin = all.partitioned { judge.kernel.look($0).window.end < history.first }
            for place in all[begin...] {
                guard judge.kernel.look(place).window.begin <= end else { break }
                memory.looked.insert(history.place)
                judgeLook(place, history, seen, earlier, homes, &ledger)
            }
        }
        guard concluded.contains(history.flow.number) else { return }
        // Without any snapshot nobody knows where it lives; its address is the host's all the same.
        let isAtHome = !homes.isEmpty || judge.kernel.lookCount == 0
        if isAtHome, ledger.gravest[history.place] != .divergent, let finding = judge.judgeRetaken(history) {
            let moment = finding.segment?.time ?? history.first
            let window = TimeWindow(begin: moment, end: moment)
            ledger.add(Judgement(.endpoint, finding, of: history, in: window, namespace: homes.min()))
        }
        guard !ledger.hasVerdict(history.place) else { return }
        let finding = judgeUncompared(history, homes, hasLook: memory.looked.contains(history.place))
        let window = TimeWindow(begin: history.first, end: max(history.first, history.lastMoment))
        ledger.add(Judgement(.endpoint, finding, of: history, in: window, namespace: homes.min()))
    }

    private func judgeLook(
        _ place: Int, _ history: EndpointHistory, _ seen: [(look: Int, socket: KernelSocket)],
        _ earlier: KernelSocket?, _ homes: Set<NetworkNamespace.Identifier>, _ ledger: inout VerdictLedger
    ) {
        let before = seen.partitioned { $0.look < place }
        guard before == seen.count || seen[before].look != place else { return }
        var context = Judge.Context()
        context.last = before > 0 ? seen[before - 1].socket : earlier
        context.isBefore = context.last != nil
        context.isAfter = before < seen.count || judge.kernel.laterPairs.contains(history.pair)
        context.namespaces = Array(homes)
        let look = judge.kernel.look(place)
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
        // An address of this host of which no socket was ever seen.
        if homes.isEmpty { return Judge.Finding(.wireOnly(judge.isLocal(history) ? .noSnapshot : .otherHost)) }
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
        let due = history.segment(to: judge.captured.end &- Judge.lateness) { $0.controlBits.contains(.syn) }
        guard let due else { return Judge.Finding(.explained(.captureEnded), syn) }
        return judge.notTaken((.syn, due))
    }
}
