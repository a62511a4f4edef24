import TCPStateMachine

/// Holds a chain of states against the rules: each hop must be one that one end can take.
struct ChainJudge {
    let machines: MachineJudge

    func judge(_ chain: StateChain) -> [Diagnostic] {
        var wrong: [(Machine.Node, EdgeJudge.Verdict)] = []
        var found: [Diagnostic] = []
        for node in chain.nodes {
            if case .misspelled(let state) = node.name {
                found.append(
                    machines.make(
                        .misspelledState, node.text.place, "'\(node.text.text)' is no state: \(state) is meant",
                        correction: "the name is \(state)"))
            }
        }
        for (left, right) in zip(chain.nodes, chain.nodes.dropFirst()) {
            guard let from = left.name?.state, let to = right.name?.state else { continue }
            guard let verdict = machines.edges.verdict(from: from, to: to, label: nil) else { continue }
            wrong.append((left, verdict))
        }
        let isTracker = machines.context.contains(.middlebox)
        if wrong.count == 1, !isTracker, let (node, verdict) = wrong.first {
            found.append(machines.make(verdict.code, node.text.place, verdict.message, correction: verdict.correction))
        } else if let (node, _) = wrong.first {
            let all = wrong.map(\.1.message).prefix(4).joined(separator: "; ")
            found.append(
                machines.make(
                    isTracker ? .middleboxMachine : .oneEndVisitsAll, node.text.place,
                    "this chain mixes the states of both ends: \(all)"))
        }
        return found
    }
}
