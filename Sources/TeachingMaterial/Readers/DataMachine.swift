import TCPStateMachine

/// Finds the machine in data: states as keys with their events below them, or records with `from`, `event` and `to`.
struct DataMachine {
    private var builder: MachineBuilder
    private var steps = 0

    /// A tree with more nodes is no machine; aliases of YAML can make one out of a few lines.
    private static let mostSteps = 20_000
    private static let deepest = 40

    init(_ form: Machine.Form) {
        builder = MachineBuilder(form)
    }

    mutating func read(_ tree: DataTree) -> Machine? {
        builder.begin(at: tree.place)
        walk(tree, from: nil, depth: 0)
        return builder.edgeCount > 0 ? builder.machine() : nil
    }

    static let fromKeys: Set<String> = [
        "from", "source", "src", "current", "currentstate", "fromstate", "state", "start", "when", "old", "oldstate",
        "prev",
        "sourcestate", "origin", "origen", "origem", "de", "von", "begin", "initial",
    ]
    static let toKeys: Set<String> = [
        "to", "target", "dest", "destination", "next", "nextstate", "tostate", "newstate", "new", "goto", "then", "end",
        "targetstate", "destino", "nach", "para", "result", "dst", "becomes", "enter",
    ]
    static let eventKeys: Set<String> = [
        "event", "trigger", "on", "input", "evt", "rcv", "recv", "receive", "received", "when", "cond", "condition",
        "label",
        "name", "cause", "evento", "ereignis", "if", "call", "by", "segment",
    ]
    static let actionKeys: Set<String> = [
        "action", "actions", "send", "snd", "output", "response", "emit", "sends", "do", "out", "reply", "accion",
        "aktion",
        "effect",
    ]

    private static func state(_ tree: DataTree) -> Piece? {
        guard let piece = tree.scalar else { return nil }
        let plain = piece.part(TableMachine.plainName(piece.text))
        guard let name = StateName(plain.text, guessing: plain.text.utf8.count > 7), name != .terminal else {
            return nil
        }
        return plain
    }

    private mutating func walk(_ tree: DataTree, from: Piece?, depth: Int) {
        steps += 1
        guard steps < DataMachine.mostSteps, depth < DataMachine.deepest else { return }
        switch tree {
        case .scalar: break
        case .list(let items, _): walk(list: items, from: from, depth: depth)
        case .map(let entries, _):
            if readRecord(tree, from: from, entries) { return }
            walk(map: entries, from: from, depth: depth)
        }
    }

    /// `{from, event, to}` in any words; below a state, `{event, target}`.
    private mutating func readRecord(_ tree: DataTree, from: Piece?, _ entries: [DataTree.Entry]) -> Bool {
        guard let to = tree.value(DataMachine.toKeys) else { return false }
        var sources: [Piece] = []
        if let source = tree.value(DataMachine.fromKeys) {
            if case .list(let items, _) = source { sources = items.compactMap(DataMachine.state) }
            if let one = DataMachine.state(source) { sources = [one] }
        }
        if sources.isEmpty, let from { sources = [from] }
        guard !sources.isEmpty else { return false }
        let targets: [Piece]
        if let one = DataMachine.state(to) {
            targets = [one]
        } else if to.scalar?.text == "=" {
            targets = sources
        } else {
            return false
        }
        let (event, action) = DataMachine.label(of: tree)
        for source in sources {
            for target in targets { add(source, target, event: event, action: action, at: target.place) }
        }
        return true
    }

    /// The event and the action of a record; `action: {rcv: ..., send: ...}` may hold both.
    private static func label(of tree: DataTree) -> (event: String, action: String) {
        var event = text(tree.value(eventKeys))
        var action = text(tree.value(actionKeys))
        if case .map? = tree.value(actionKeys), let inner = tree.value(actionKeys) {
            if event.isEmpty { event = text(inner.value(eventKeys)) }
            action = text(inner.value(actionKeys))
        }
        return (event, action)
    }

    private static func text(_ tree: DataTree?) -> String {
        switch tree {
        case .scalar(let piece):
            TableMachine.isNothing(piece.text) ? "" : TableMachine.plain(TableMachine.plainName(piece.text))
        case .list(let items, _): items.prefix(8).map { text($0) }.filter { !$0.isEmpty }.joined(separator: ", ")
        case .map, nil: ""
        }
    }

    private mutating func add(_ from: Piece, _ to: Piece, event: String, action: String, at place: Place) {
        let label = event.isEmpty && action.isEmpty ? nil : EdgeLabel(event: event, action: action)
        builder.edge(from, to, label: label, text: event, at: place)
    }

    // MARK: Maps

    private static let wrappers: Set<String> = [
        "on", "transitions", "events", "edges", "next", "transition", "exits", "out", "after",
    ]

    private mutating func walk(map entries: [DataTree.Entry], from: Piece?, depth: Int) {
        for entry in entries {
            if let pair = DataMachine.pair(entry.key) {
                // ("LISTEN", "syn"): "SYN_RCVD"
                read(value: entry.value, from: pair.state, event: pair.event)
            } else if from == nil, let state = DataMachine.state(entry.key) {
                let before = builder.edgeCount
                readExits(entry.value, of: state, depth: depth)
                // A key that nothing leads away from may be any word.
                if builder.edgeCount > before { builder.mention(state) }
            } else if let from {
                let word = entry.key.scalar?.text ?? ""
                if DataMachine.wrappers.contains(StateName.fold(word)) {
                    walk(entry.value, from: from, depth: depth + 1)
                } else {
                    read(value: entry.value, from: from, event: DataMachine.text(entry.key))
                }
            } else {
                walk(entry.value, from: nil, depth: depth + 1)
            }
        }
    }

    /// What follows a state as key.
    private mutating func readExits(_ value: DataTree, of state: Piece, depth: Int) {
        switch value {
        case .scalar:
            if let to = DataMachine.state(value) { add(state, to, event: "", action: "", at: to.place) }
        case .list, .map: walk(value, from: state, depth: depth + 1)
        }
    }

    /// `EVENT: "STATE"`, `EVENT: ["STATE", "output"]`, `EVENT: {target: "STATE"}`.
    private mutating func read(value: DataTree, from: Piece, event: String) {
        switch value {
        case .scalar(let piece):
            if let to = DataMachine.state(value) {
                add(from, to, event: event, action: "", at: to.place)
            } else if piece.text == "=" {
                return
            }
        case .list(let items, _):
            guard let first = items.first else { return }
            if let to = DataMachine.state(first) {
                let rest = items.dropFirst().filter { DataMachine.state($0) == nil }
                let action = rest.prefix(4).map { DataMachine.text($0) }.filter { !$0.isEmpty }.joined(separator: ", ")
                add(from, to, event: event, action: action, at: to.place)
            } else {
                for item in items.prefix(64) {
                    if case .map = item { read(value: item, from: from, event: event) }
                }
            }
        case .map:
            guard
                let target = value.value(DataMachine.toKeys).flatMap(DataMachine.state)
                    ?? value.value(["state"]).flatMap(DataMachine.state)
            else { return }
            let (inner, action) = DataMachine.label(of: value)
            add(from, target, event: event.isEmpty ? inner : event, action: action, at: target.place)
        }
    }

    /// A key of a state and an event.
    private static func pair(_ key: DataTree) -> (state: Piece, event: String)? {
        guard case .list(let items, _) = key, items.count >= 2, let state = state(items[0]) else { return nil }
        return (state, text(items[1]))
    }

    // MARK: Lists

    private mutating func walk(list items: [DataTree], from: Piece?, depth: Int) {
        if readTuple(items) { return }
        for item in items {
            if let from, let to = DataMachine.state(item) {
                // `{STATE: [next, next]}`
                add(from, to, event: "", action: "", at: to.place)
            } else if let from, case .list(let inner, _) = item, inner.count >= 2, let to = DataMachine.state(inner[1]),
                DataMachine.state(inner[0]) == nil
            {
                let action = inner.count > 2 ? DataMachine.text(inner[2]) : ""
                add(from, to, event: DataMachine.text(inner[0]), action: action, at: to.place)
            } else {
                walk(item, from: from, depth: depth + 1)
            }
        }
    }

    /// `[from, event, to]`, `[from, to, event]`, with an action behind.
    private mutating func readTuple(_ items: [DataTree]) -> Bool {
        guard items.count >= 3, items.count <= 6, let from = DataMachine.state(items[0]) else { return false }
        let third = DataMachine.state(items[2])
        // Between two states CLOSE is the call.
        let isCall = third != nil && items[1].scalar.map { StateName.fold($0.text) == "close" } ?? false
        let second = isCall ? nil : DataMachine.state(items[1])
        let action = items.count > 3 ? DataMachine.text(items[3]) : ""
        if second == nil, let to = third {
            add(from, to, event: DataMachine.text(items[1]), action: action, at: to.place)
            return true
        }
        if let to = second, third == nil, items[2].scalar != nil {
            add(from, to, event: DataMachine.text(items[2]), action: action, at: to.place)
            return true
        }
        return false
    }
}
