import TCPStateMachine

/// Holds a socket listing to what a listing can show: spellings, a listener without a peer, two ends of one connection
/// in states that can meet.
struct SocketJudge {
    let machines: MachineJudge

    func judge(_ listing: SocketListing, others: Bool) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for row in listing.rows where !row.isUnix { judge(row, &found) }
        judgePairs(listing.rows, &found)
        if let first = listing.rows.first(where: { $0.isUnix && $0.state != nil }), others {
            found.append(
                machines.make(
                    .unixRows, first.line.trimmed.place, "these are UNIX-domain sockets; their states are not TCP's"))
        }
        return found
    }

    private func judge(_ row: SocketListing.Row, _ found: inout [Diagnostic]) {
        guard let word = row.state, let head = row.line.text.split(separator: " ").first,
            !head.lowercased().hasPrefix("udp")
        else { return }
        let name = StateName(word.text, guessing: true)
        if name == nil || name == .moment, SocketJudge.looksLikeState(word.text) || row.isBracketed(word) {
            found.append(machines.make(.misspelledState, word.place, "no tool prints '\(word.text)': it is no state"))
        }
        switch name {
        case .misspelled(let state):
            found.append(
                machines.make(
                    .misspelledState, word.place, "no tool prints '\(word.text)': \(state) is meant",
                    correction: "the name is \(state)"))
        case .connected:
            found.append(machines.make(.connectedState, word.place, "no tool prints CONNECTED for a TCP socket"))
        case .state(.listen):
            guard !SocketListingReader.isUnspecified(row.remote) else { return }
            found.append(
                machines.make(
                    .implausibleRow, word.place,
                    "a socket in LISTEN has no remote address, but here it is \(row.remote)"))
        case .state(let state) where state != .closed:
            guard SocketListingReader.isUnspecified(row.remote) else { return }
            found.append(
                machines.make(.implausibleRow, word.place, "a socket in \(state) has a remote address"))
        case .state, .finWait, .unknown, .implementation, .moment, .terminal, nil: break
        }
    }

    /// Capitals joined by `_` or `-`, as states are written.
    static func looksLikeState(_ text: Substring) -> Bool {
        let letters = text.unicodeScalars.filter { $0.properties.isUppercase }.count
        let others = text.unicodeScalars.filter {
            !($0.isASCIIWord && !$0.properties.isLowercase) && $0 != "_" && $0 != "-"
        }.count
        return letters >= 5 && others == 0 && text.contains { $0 == "_" || $0 == "-" }
    }

    /// Two rows that are the two ends of one connection.
    private func judgePairs(_ rows: [SocketListing.Row], _ found: inout [Diagnostic]) {
        var seen: [String: SocketListing.Row] = [:]
        for row in rows where !row.isUnix && !SocketListingReader.isUnspecified(row.remote) {
            guard let state = row.state.flatMap({ StateName($0.text)?.state }), state != .listen else { continue }
            if let other = seen["\(row.remote) \(row.local)"],
                let peer = other.state.flatMap({ StateName($0.text)?.state })
            {
                if !SocketJudge.canMeet(state, peer) {
                    found.append(
                        machines.make(
                            .implausiblePair, row.state?.place ?? row.line.place,
                            "\(state) here and \(peer) at the other end (line \(other.line.line)) never meet"))
                }
            }
            seen["\(row.local) \(row.remote)"] = row
        }
    }

    /// Whether the two ends of one connection can be in these states at one moment, segments under way and all. What
    /// one end knows of the other is no more than what it has been sent.
    static func canMeet(_ one: State, _ other: State) -> Bool {
        let (a, b) = one.rawValue <= other.rawValue ? (one, other) : (other, one)
        switch (a, b) {
        case (.closed, _), (.listen, _): return true
        case (.synSent, .synSent), (.synSent, .synReceived): return true
        // The peer's SYN,ACK is under way, and it may have closed since.
        case (.synSent, .finWait1): return true
        case (.synSent, _): return false
        case (.synReceived, .synReceived), (.synReceived, .established), (.synReceived, .finWait1): return true
        case (.synReceived, _): return false
        case (.established, .established), (.established, .finWait1): return true
        case (.established, _): return false
        case (.finWait1, .finWait1), (.finWait1, .closeWait), (.finWait1, .closing), (.finWait1, .lastAck): return true
        case (.finWait1, .timeWait), (.finWait1, .finWait2): return false
        case (.finWait2, .closeWait), (.finWait2, .lastAck): return true
        case (.finWait2, _): return false
        case (.closeWait, _): return false
        case (.closing, .closing), (.closing, .lastAck), (.closing, .timeWait): return true
        case (.lastAck, .timeWait), (.timeWait, .timeWait): return true
        default: return false
        }
    }
}

extension SocketListing.Row {
    /// Capitals in parentheses at the end of a row: where lsof prints its states.
    fileprivate func isBracketed(_ word: Piece) -> Bool {
        guard word.text.utf8.count >= 5, word.text.allSatisfy({ $0.isUppercase }) else { return false }
        return line.text.trimmed.hasSuffix("(\(word.text))")
    }
}
