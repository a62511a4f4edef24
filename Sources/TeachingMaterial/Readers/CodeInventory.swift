import TCPStateMachine

/// A list of states in source text: `#define`s, the members of an enum, the keys of a dictionary.
struct CodeInventory: Sendable {
    struct Member: Sendable {
        var name: StateName?
        var text: Piece
        var number: Int?
    }

    var members: [Member] = []

    /// The list in some lines; nil if there are fewer than five states.
    init?(_ pieces: [Piece]) {
        var inComment = false
        for piece in pieces {
            if piece.text.has("/*"), !piece.text.has("*/") { inComment = true }
            if !inComment, let member = CodeInventory.member(piece) { members.append(member) }
            if piece.text.has("*/") { inComment = false }
        }
        let known = Set(members.compactMap { $0.name?.state })
        guard known.count >= 5, !known.isDisjoint(with: Machine.unmistakable) else { return nil }
        // Beyond the list names may be anything.
        guard let first = members.firstIndex(where: { $0.name?.state != nil }),
            let last = members.lastIndex(where: { $0.name?.state != nil || $0.name == .implementation })
        else { return nil }
        let stateLines = members.filter { $0.name?.state != nil }.map(\.text.line)
        members = members[first...last].filter { member in
            member.name?.state != nil || CodeInventory.isAmong(stateLines, member.text.line)
        }
    }

    /// Whether a name stands in the list of states, and not somewhere between two mentions of some: beside a state,
    /// with a line between them at most.
    private static func isAmong(_ states: [Int], _ line: Int) -> Bool {
        let next = states.partitioningIndex { $0 >= line }
        return next < states.count && states[next] - line <= 2 || next > 0 && line - states[next - 1] <= 2
    }

    /// A line that declares one name: `#define TCPS_CLOSED 0`, `TCP_LISTEN = 10,`, `SYN_SENT,`, `"06": "TIME_WAIT",`.
    private static func member(_ piece: Piece) -> Member? {
        var text = piece.text.trimmed
        if let comment = text.firstRange(of: "//") ?? text.firstRange(of: "/*") {
            text = text[..<comment.lowerBound].trimmed
        }
        guard !text.isEmpty, text.utf8.count < 80, !text.contains("(") || text.contains("\"") else { return nil }
        for word in ["#define", "case", "const", "static", "public", "final", "val", "let", "var", "int", "|"] {
            if let rest = text.dropping(prefix: word), rest.first == " " || rest.first == "\t" { text = rest.trimmed }
        }
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard (1...3).contains(words.count) else { return nil }
        let number = words.compactMap { word in
            word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : Int(word)
        }.first
        let names = words.filter { Int($0) == nil && !$0.hasPrefix("0x") }
        guard let name = names.first, names.count == 1 || names.allSatisfy({ StateName($0) != nil }),
            name.utf8.count > 4
        else { return nil }
        guard name.contains("_") || StateName(name, guessing: true) != nil else { return nil }
        return Member(name: CodeInventory.name(name), text: piece.part(name), number: number)
    }

    /// A member's state; what is misspelled may have a prefix.
    private static func name(_ text: Substring) -> StateName? {
        if let name = StateName(text, guessing: true) { return name }
        guard let cut = text.firstIndex(of: "_") else { return nil }
        let rest = StateName(text[text.index(after: cut)...], guessing: true)
        if case .misspelled? = rest { return rest }
        return nil
    }
}

/// Holds a list of states against the eleven, and its numbers against those of the systems.
struct InventoryJudge {
    let machines: MachineJudge

    func judge(_ inventory: CodeInventory) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for member in inventory.members { judge(member, &found) }
        judgeClose(inventory, &found)
        let known = Set(inventory.members.compactMap { $0.name?.state })
        let missing = State.allCases.filter { !known.contains($0) && $0 != .closed }
        if let first = inventory.members.first, known.count >= 7, !missing.isEmpty {
            found.append(
                machines.make(
                    .incompleteList, first.text.place,
                    "this list lacks \(missing.map(\.name).joined(separator: ", "))"))
        }
        judgeNumbers(inventory, &found)
        return found
    }

    private func judge(_ member: CodeInventory.Member, _ found: inout [Diagnostic]) {
        let text = member.text.text
        switch member.name {
        case .misspelled(let state):
            found.append(
                machines.make(
                    .misspelledState, member.text.place, "'\(text)' is no state: \(state) is meant",
                    correction: "the name is \(state)"))
        case .finWait:
            found.append(
                machines.make(.mergedFinWait, member.text.place, "'\(text)' stands for FIN-WAIT-1 and FIN-WAIT-2"))
        case .connected:
            found.append(
                machines.make(.connectedState, member.text.place, "'\(text)' is no state of TCP; ESTABLISHED is"))
        case .implementation:
            found.append(
                machines.make(.implementationValue, member.text.place, "'\(text)' is no state of the protocol"))
        case .unknown:
            found.append(machines.make(.unknownAsState, member.text.place, "'\(text)' is no state of TCP"))
        case .moment:
            found.append(machines.make(.inventedState, member.text.place, "'\(text)' is no state of TCP"))
        case nil where StateName.fold(text).hasPrefix("finwait"):
            found.append(
                machines.make(
                    .inventedState, member.text.place, "'\(text)' is no state: there are FIN-WAIT-1 and FIN-WAIT-2"))
        case nil where isInvented(text):
            found.append(
                machines.make(.inventedState, member.text.place, "'\(text)' is no state of TCP", severity: .note))
        case .state, .terminal, nil: break
        }
    }

    /// A name among the states that counts or bounds nothing, and is none of them.
    private func isInvented(_ text: Substring) -> Bool {
        let words = text.uppercased().split(separator: "_")
        return words.count >= 2 && !words.contains { InventoryJudge.helpers.contains(String($0)) }
    }

    private static let helpers: Set<String> = [
        "MAX", "MIN", "NUM", "COUNT", "LAST", "FIRST", "END", "STATE", "STATES", "NSTATES", "INVALID", "UNDEFINED",
        "NONE", "ANY", "SIZE", "LEN", "MASK", "FLAG", "FLAGS", "H", "F", "ACTION", "NULL", "TYPE", "ID", "NAME",
        "NAMES", "TABLE", "VALUE", "TIMEOUT", "TIMER", "PORT", "ALL", "EVENT", "RCV", "SND", "OPEN", "OUT",
    ]

    private func judgeClose(_ inventory: CodeInventory, _ found: inout [Diagnostic]) {
        let closed = inventory.members.filter { $0.name == .state(.closed) }
        guard closed.contains(where: { StateName.isClosed($0.text.text) }) else { return }
        for member in closed where StateName.isClose(member.text.text) {
            found.append(
                machines.make(
                    .closeAsState, member.text.place, "'\(member.text.text)' is no state besides CLOSED"))
        }
    }

    /// What a prefix says of whose numbers these are.
    private func judgeNumbers(_ inventory: CodeInventory, _ found: inout [Diagnostic]) {
        guard let first = inventory.members.first?.text.text.uppercased() else { return }
        let system: (name: String, numbers: [State: Int])
        if first.hasPrefix("TCPS_") {
            system = ("BSD", InventoryJudge.bsd)
        } else if first.hasPrefix("MIB_TCP_STATE_") {
            system = ("Windows", InventoryJudge.windows)
        } else if first.hasPrefix("TCP_"), first.contains("ESTAB") {
            system = ("Linux", InventoryJudge.linux)
        } else {
            return
        }
        for member in inventory.members {
            guard let state = member.name?.state, let number = member.number, let right = system.numbers[state],
                right != number
            else { continue }
            found.append(
                machines.make(
                    .wrongStateNumber, member.text.place,
                    "\(system.name) gives \(state) the number \(right), not \(number)"))
        }
    }

    /// include/net/tcp_states.h
    private static let linux: [State: Int] = [
        .established: 1, .synSent: 2, .synReceived: 3, .finWait1: 4, .finWait2: 5, .timeWait: 6, .closed: 7,
        .closeWait: 8, .lastAck: 9, .listen: 10, .closing: 11,
    ]
    /// netinet/tcp_fsm.h
    private static let bsd: [State: Int] = [
        .closed: 0, .listen: 1, .synSent: 2, .synReceived: 3, .established: 4, .closeWait: 5, .finWait1: 6, .closing: 7,
        .lastAck: 8, .finWait2: 9, .timeWait: 10,
    ]
    /// MIB_TCP_STATE of iphlpapi
    private static let windows: [State: Int] = [
        .closed: 1, .listen: 2, .synSent: 3, .synReceived: 4, .established: 5, .finWait1: 6, .finWait2: 7,
        .closeWait: 8, .closing: 9, .lastAck: 10, .timeWait: 11,
    ]
}
