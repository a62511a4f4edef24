import TCPStateMachine

/// Recognizes a row of a socket listing: Linux' and the BSDs' netstat, Windows', ss with the state in front, lsof.
enum SocketListingReader {
    static func row(_ piece: Piece) -> SocketListing.Row? {
        // Every row has a number or an unspecified address.
        guard piece.text.utf8.contains(where: { 48...57 ~= $0 || $0 == UInt8(ascii: "*") }) else { return nil }
        let words = piece.text.utf8.split(whereSeparator: { $0 == 32 || $0 == 9 }).map { Substring($0) }
        guard words.count >= 4, words.count <= 40, let first = words.first else { return nil }
        let head = first.lowercased()
        if head == "unix" || head.hasPrefix("u_") {
            guard words.contains("STREAM") || words.contains("DGRAM") || words.contains("]") || head.hasPrefix("u_")
            else { return nil }
            let state = words.first { StateName($0) == .connected || $0 == "LISTENING" }
            return SocketListing.Row(state: state.map(piece.part), local: "", remote: "", isUnix: true, line: piece)
        }
        if protocols.contains(head) { return netstat(words, piece) }
        if let row = ss(words, piece) { return row }
        return lsof(words, piece)
    }

    private static let protocols: Set<String> = [
        "tcp", "tcp4", "tcp6", "tcp46", "udp", "udp4", "udp6", "udp46", "raw", "icm6", "mptcp", "sctp",
    ]

    /// `tcp 0 0 local remote STATE [PID/Program]`; Windows leaves out the queues.
    private static func netstat(_ words: [Substring], _ piece: Piece) -> SocketListing.Row? {
        var fields = words.dropFirst()
        // ss prints the state behind the protocol.
        var early: Substring?
        if let second = fields.first, StateName(second) != nil || second == "UNCONN" {
            early = second
            fields = fields.dropFirst()
        }
        let numbers = fields.prefix(2)
        if numbers.count == 2, numbers.allSatisfy({ $0.allSatisfy(\.isNumber) }) { fields = fields.dropFirst(2) }
        guard fields.count >= 2, let local = fields.first, let remote = fields.dropFirst().first else { return nil }
        guard isAddress(local), isAddress(remote) else { return nil }
        var state = early
        if state == nil {
            // FIN_WAIT 1, TIME WAIT: a name may have a blank.
            let rest = fields.dropFirst(2)
            if let word = rest.first {
                let two = rest.count > 1 ? piece.text[word.startIndex..<rest[rest.startIndex + 1].endIndex] : word
                state = StateName(two)?.state != nil && rest.count > 1 && StateName(word)?.state == nil ? two : word
            }
        }
        let isName = state.map { word in !word.allSatisfy(\.isNumber) && !word.contains("/") } ?? false
        return SocketListing.Row(
            state: isName
                ? state.map { piece.part(TableMachine.plainName($0.hasPrefix("(") ? $0.dropFirst().dropLast() : $0)) }
                : nil,
            local: local, remote: remote, line: piece)
    }

    /// `ESTAB 0 0 local remote`.
    private static func ss(_ words: [Substring], _ piece: Piece) -> SocketListing.Row? {
        guard words.count >= 5, words[1].allSatisfy(\.isNumber), words[2].allSatisfy(\.isNumber) else { return nil }
        guard isAddress(words[3]), isAddress(words[4]),
            StateName(words[0]) != nil || words[0] == "UNCONN" || SocketJudge.looksLikeState(words[0])
        else { return nil }
        return SocketListing.Row(state: piece.part(words[0]), local: words[3], remote: words[4], line: piece)
    }

    /// `sshd 1234 root 3u IPv4 5678 0t0 TCP *:22 (LISTEN)`.
    private static func lsof(_ words: [Substring], _ piece: Piece) -> SocketListing.Row? {
        guard let place = words.firstIndex(where: { $0 == "TCP" || $0 == "TCP4" || $0 == "TCP6" }), place >= 4,
            place + 1 < words.count
        else { return nil }
        guard words[1].allSatisfy(\.isNumber) else { return nil }
        let ends = words[place + 1].parts(separatedBy: "->")
        let state = words.dropFirst(place + 2).first { $0.hasPrefix("(") }
        return SocketListing.Row(
            state: state.map { piece.part($0.dropFirst().dropLast()) }, local: ends[0],
            remote: ends.count > 1 ? ends[1] : "*:*", line: piece)
    }

    /// `127.0.0.1:80`, `*.*`, `[::]:443`, `host.domain:http`, `xxx.xxx.xxx.xxx:1525`, `0.0.0.0.22`.
    static func isAddress(_ text: Substring) -> Bool {
        guard text.utf8.count >= 3 || text == "*" else { return false }
        guard let last = text.lastIndex(where: { $0 == ":" || $0 == "." }) else { return false }
        return text.index(after: last) < text.endIndex
    }

    /// No address and no port: `*:*`, `0.0.0.0:0`, `[::]:0`, `*.*`.
    static func isUnspecified(_ text: Substring) -> Bool {
        unspecified.contains(String(text)) || text.hasSuffix(":*") || text.hasSuffix(".*")
    }

    private static let unspecified: Set<String> = [
        "*:*", "0.0.0.0:*", "0.0.0.0:0", "[::]:*", "[::]:0", ":::*", ":::0", "*.*", "::.*", "*:0", "*", "0.0.0.0.*",
        "[::]:",
    ]
}
