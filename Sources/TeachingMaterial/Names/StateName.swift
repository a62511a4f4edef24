import TCPStateMachine

/// What a name that stands where a state should stand means.
enum StateName: Hashable, Sendable {
    case state(State)
    /// Wrong, but clear.
    case misspelled(State)
    /// FIN_WAIT without a number: both in one.
    case finWait
    /// CONNECTED, the word of AF_UNIX sockets and of APIs.
    case connected
    /// What a tool prints where it knows nothing.
    case unknown
    /// A value of an implementation: DELETE_TCB, BOUND, ...
    case implementation
    /// A segment or a moment dressed up as a state: ACK_RECEIVED, SYNACK_SENT, TIMEOUT.
    case moment
    /// The begin or the end of a diagram.
    case terminal

    /// The state that is meant, if one is.
    var state: State? {
        switch self {
        case .state(let state), .misspelled(let state): state
        case .terminal: .closed
        case .finWait, .connected, .unknown, .implementation, .moment: nil
        }
    }

    /// Letters and digits alone, in lower case: what is left of a name after all that spellings differ in.
    static func fold(_ text: some StringProtocol) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return foldASCII(text.utf8) }
        var folded = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 48...57, 97...122: folded.append(scalar)
            case 65...90: folded.append(Unicode.Scalar(UInt8(scalar.value) + 32))
            case 0xFF10...0xFF19: folded.append(Unicode.Scalar(UInt8(scalar.value - 0xFF10) + 48))
            case 0xFF21...0xFF3A: folded.append(Unicode.Scalar(UInt8(scalar.value - 0xFF21) + 97))
            case 0xFF41...0xFF5A: folded.append(Unicode.Scalar(UInt8(scalar.value - 0xFF41) + 97))
            case 0x80...: if scalar.properties.isAlphabetic { folded.append(scalar) }
            default: break
            }
        }
        return String(folded)
    }

    private static func foldASCII(_ octets: some Sequence<UInt8>) -> String {
        var folded: [UInt8] = []
        for octet in octets {
            switch octet {
            case 48...57, 97...122: folded.append(octet)
            case 65...90: folded.append(octet + 32)
            default: break
            }
        }
        return String(decoding: folded, as: UTF8.self)
    }

    /// CLOSED by that name, and not as Linux has it.
    static func isClosed(_ text: Substring) -> Bool { text.utf8.count <= 64 && fold(text).hasSuffix("closed") }

    /// Linux' name of CLOSED, which elsewhere is a user call.
    static func isClose(_ text: Substring) -> Bool { text.utf8.count <= 64 && fold(text).hasSuffix("close") }

    /// The state of a name as it may stand in a diagram, a table or a listing; nil if it is none.
    ///
    /// - Parameter guessing: names that are close to a state's count as misspelled.
    init?(_ text: some StringProtocol, guessing: Bool = false) {
        guard text.utf8.count <= 64 else { return nil }
        if text == "[*]" || text == "(*)" {
            self = .terminal
            return
        }
        // `<br>`, `\n` and LaTeX's `\_` are no letters.
        let hasMarkup = text.utf8.contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") || $0 == 0x5C }
        var cleaned =
            hasMarkup
            ? text.parts(separatedBy: "<br/>", "<br />", "<br>", "\\n", "\\_", "&#45;", "&nbsp;") : String(text)
        if let paren = cleaned.firstIndex(of: "("), paren > cleaned.startIndex, cleaned.last == ")" {
            // FIN_WAIT_1 (client)
            cleaned = String(cleaned[..<paren])
        }
        let folded = StateName.fold(cleaned)
        guard !folded.isEmpty, folded.utf8.count <= StateName.longestName else { return nil }
        if let known = StateName.lookUp(folded) {
            self = known
        } else if guessing, let near = StateName.nearest(to: folded) {
            self = .misspelled(near)
        } else {
            return nil
        }
    }

    private static func lookUp(_ folded: String) -> StateName? {
        if let known = table[folded] { return known }
        var core = folded[...]
        var stripped = core
        for prefix in prefixes {
            if let rest = core.dropping(prefix: prefix), !rest.isEmpty {
                if let known = table[String(rest)] { return known }
                stripped = rest
            }
        }
        core = stripped
        for suffix in suffixes where core.hasSuffix(suffix) && core.count > suffix.count {
            if let known = table[String(core.dropLast(suffix.count))] { return known }
        }
        // FreeRTOS writes eCLOSE_WAIT.
        if core.first == "e", let known = table[String(core.dropFirst())], core.count > 7 { return known }
        // CLOSED2: drawn twice.
        if let last = core.last, last.isNumber, let known = table[String(core.dropLast())], known != .finWait {
            return known
        }
        return nil
    }

    /// With its prefix and its suffix.
    private static let longestName = 40

    private static let prefixes = [
        "mibtcpstate", "tcpconntrack", "tcpstate", "bpftcp", "tcps", "tcp", "etcp", "states", "status", "state", "sk",
        "s", "st",
    ]
    private static let suffixes = ["state", "状态", "阶段", "상태", "状態", "狀態", "階段", "состояние", "s"]

    /// Names whose folded form is at most so far from a state's that no other could be meant.
    private static func nearest(to folded: String) -> State? {
        guard folded.utf8.count >= 6, folded.utf8.count <= 14, !notMisspelled.contains(folded) else { return nil }
        let limit = folded.utf8.count >= 9 ? 2 : 1
        var best: (state: State, distance: Int)?
        var isUnique = true
        for (name, state) in usualNames where abs(name.utf8.count - folded.utf8.count) <= limit {
            let distance = editDistance(Array(name.utf8), Array(folded.utf8))
            guard distance <= limit else { continue }
            if let found = best, found.state != state {
                if distance == found.distance { isUnique = false }
                if distance >= found.distance { continue }
                isUnique = true
            }
            if distance <= best?.distance ?? .max { best = (state, distance) }
        }
        return isUnique ? best?.state : nil
    }

    private static let notMisspelled: Set<String> = [
        "close", "closes", "closer", "closing", "closed", "listens", "listener", "listened", "connected", "synsend",
        "finsent", "acksent", "rstsent", "synack", "lastack", "firstack", "established",
    ]

    private static let usualNames: [(String, State)] = [
        ("closed", .closed), ("listen", .listen), ("listening", .listen), ("synsent", .synSent),
        ("synreceived", .synReceived), ("synrcvd", .synReceived), ("synrecv", .synReceived),
        ("established", .established), ("finwait1", .finWait1), ("finwait2", .finWait2), ("closewait", .closeWait),
        ("closing", .closing), ("lastack", .lastAck), ("timewait", .timeWait),
    ]

    /// Letters to change, add, leave out or swap with their neighbors.
    static func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before = [Int](repeating: 0, count: other.count + 1)
        var above = Array(0...other.count)
        for row in 0..<one.count {
            var line = [row + 1]
            for column in 0..<other.count {
                var cost = min(line[column] + 1, above[column + 1] + 1)
                cost = min(cost, above[column] + (one[row] == other[column] ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, before[column - 1] + 1)
                }
                line.append(cost)
            }
            (before, above) = (above, line)
        }
        return above[other.count]
    }
}

extension StringProtocol {
    /// The text without these pieces, a blank in their places.
    func parts(separatedBy separators: String...) -> String {
        var text = Substring(self)
        for separator in separators where text.has(separator) {
            text = Substring(text.parts(separatedBy: separator).joined(separator: " "))
        }
        return String(text)
    }
}
