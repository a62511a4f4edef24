import TCPStateMachine

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

    /// What comes of an item; a crash is a loss of all memory.
    mutating func take(_ item: LadderItem) {
        if case .comment(.crash) = item.kind { closeAll(at: item.end) }
        set(item.state, at: item.end, item.ports)
    }

    /// The connection that is meant where the ports do not name a peer: the first one there.
    func connection(of ports: PortPair) -> PortPair {
        guard ports.a == 0 || ports.b == 0 else { return ports }
        return known.first { (ports.a == 0 || $0.a == ports.a) && (ports.b == 0 || $0.b == ports.b) } ?? ports
    }

    private mutating func closeAll(at end: End) {
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
