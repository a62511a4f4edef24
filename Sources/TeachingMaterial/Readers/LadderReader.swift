import TCPStateMachine

/// Reads ladders in the notation of RFC 793 figures 7 to 14, however the blanks have fared.
struct LadderReader {
    /// Whether a line shows a segment in that notation.
    static func showsSegment(_ text: Substring) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "<")), text.has("CTL=") || text.has("ctl=") else { return false }
        guard text.has("<SEQ") || text.has("<CTL=") || text.has("<seq") else { return false }
        return ["->", "<-", "...", "XXX", "→", "←"].contains { text.has($0) }
    }

    private var claim = ConversationClaim(form: .ladder)
    /// The column in characters where the segments begin.
    private var middle = 30

    /// Reads a ladder that begins at a line.
    ///
    /// - Returns: the ladder, if there is one, and the line up to which none begins any more.
    static func read(_ pieces: [Piece], from begin: Int) -> (claim: ConversationClaim?, end: Int) {
        var end = begin
        var blanks = 0
        var last = begin
        var segments = 0
        while end < pieces.count, end - begin < 400 {
            let line = pieces[end]
            if showsSegment(line.text) {
                segments += 1
                (last, blanks) = (end, 0)
            } else if line.isBlank {
                blanks += 1
                if blanks > 2 { break }
            } else if isStateLine(line) {
                (last, blanks) = (end, 0)
            } else if blanks > 0 || !line.text.trimmed.hasPrefix("(") {
                break
            }
            end += 1
        }
        // A segment in the words of a sentence goes nowhere.
        guard segments > 0, pieces[begin...last].contains(where: { showsArrow($0.text) }) else { return (nil, end) }
        var reader = LadderReader()
        let lines = pieces[begin...last]
        if let first = lines.first(where: { showsSegment($0.text) }), let at = fieldStart(first.text) {
            reader.middle = first.place(of: at).column
        }
        for line in lines where !line.isBlank { reader.read(line) }
        return (reader.claim, last + 1)
    }

    /// A line of a ladder without a segment: a number, states, comments in parentheses, nothing else.
    static func isStateLine(_ line: Piece) -> Bool {
        let text = line.text.trimmed
        guard text.utf8.count <= longestStateLine else { return false }
        let isRemark = text.hasPrefix("(") && text.hasSuffix(")") && text.utf8.count < 90
        var (states, hasRemark) = (0, false)
        var rest = line.text
        while let word = nextWord(&rest) {
            if word.hasPrefix("(") {
                hasRemark = true
            } else if word.hasSuffix("."), word.utf8.dropLast().allSatisfy({ 48...57 ~= $0 }) {
                continue
            } else if StateName(word)?.state != nil {
                states += 1
                if states > 2 { return false }
            } else {
                return states == 0 && isRemark
            }
        }
        return states > 0 || hasRemark
    }

    /// A longer line has more than a number, two states and remarks.
    private static let longestStateLine = 300
    /// A longer text in parentheses is no remark of a ladder.
    private static let longestRemark = 120

    /// Words, with a comment in parentheses as one.
    private static func words(_ line: Piece) -> [Piece] {
        var words: [Piece] = []
        var rest = line.text
        while let word = nextWord(&rest) { words.append(line.part(word)) }
        return words
    }

    private static func nextWord(_ rest: inout Substring) -> Substring? {
        rest = Substring(rest.unicodeScalars.drop(while: \.isBlank))
        guard let first = rest.utf8.first else { return nil }
        let end: Substring.Index
        let open = UInt8(ascii: "(")
        if first == open, let close = rest.utf8.prefix(longestRemark).firstIndex(of: UInt8(ascii: ")")) {
            end = rest.utf8.index(after: close)
        } else {
            end = rest.unicodeScalars.firstIndex(where: \.isBlank) ?? rest.endIndex
        }
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    private static func fieldStart(_ text: Substring) -> Substring.Index? {
        let starts = ["<SEQ", "<seq", "<ACK", "<CTL", "<ctl", "<DATA"].compactMap {
            text.firstRange(of: $0)?.lowerBound
        }
        return starts.min()
    }

    private mutating func read(_ line: Piece) {
        guard let begin = LadderReader.fieldStart(line.text) else { return readStates(line) }
        var row = ConversationClaim.Row(place: line.trimmed.place)
        guard let (segment, end) = LadderReader.segment(line, from: begin) else { return }
        row.segment = segment
        let left = line.part(line.text[..<begin])
        let right = line.part(line.text[end...])
        let leftMark = LadderReader.mark(left.text)
        let rightMark = LadderReader.mark(right.text)
        row.isRightward = leftMark == "-->" || rightMark == "-->"
        row.departs = (row.isRightward ? leftMark : rightMark) != "..."
        row.arrives = (row.isRightward ? rightMark == "-->" : leftMark == "<--")
        row.isDuplicate = left.text.has("(duplicate") || right.text.has("(duplicate")
        row.a = cell(left)
        row.b = cell(right)
        claim.rows.append(row)
    }

    private static func showsArrow(_ text: Substring) -> Bool {
        ["->", "<-", "...", "XXX"].contains { text.has($0) }
    }

    private static func mark(_ text: Substring) -> String {
        for mark in ["-->", "<--", "...", "XXX"] where text.has(mark) { return mark }
        return text.has("->") ? "-->" : text.has("<-") ? "<--" : "..."
    }

    private mutating func cell(_ side: Piece) -> ConversationClaim.Cell? {
        for word in LadderReader.words(side) {
            if !word.text.hasPrefix("("), let state = StateName(word.text)?.state {
                return ConversationClaim.Cell(state: state, place: word.place)
            }
            if word.text.hasPrefix("("), !LadderReader.followed.contains(StateName.fold(word.text)) {
                claim.isUnfollowable = true
            }
        }
        return nil
    }

    /// Comments that the replay can follow.
    private static let followed: Set<String> = ["close", "2msl", "abort", "shutdown", "duplicate"]

    private mutating func readStates(_ line: Piece) {
        var row = ConversationClaim.Row(place: line.trimmed.place)
        for word in LadderReader.words(line) {
            let isLeft = word.place.column < middle
            var cell = ConversationClaim.Cell(state: nil, place: word.place)
            if !word.text.hasPrefix("("), let state = StateName(word.text)?.state {
                cell.state = state
            } else if word.text.hasPrefix("(") {
                switch StateName.fold(word.text) {
                case "2msl": cell.timesOut = true
                case "close", "shutdown": cell.closes = true
                case "abort": cell.aborts = true
                default: claim.isUnfollowable = true
                }
            } else {
                continue
            }
            if isLeft, row.a == nil { row.a = cell } else { row.b = cell }
        }
        if row.a != nil || row.b != nil { claim.rows.append(row) }
    }

    /// `<SEQ=300><ACK=101><CTL=SYN,ACK><DATA=10>`
    private static func segment(
        _ line: Piece, from begin: Substring.Index
    ) -> (ConversationClaim.SegmentClaim, Substring.Index)? {
        var segment = ConversationClaim.SegmentClaim(control: [], length: 0, place: line.place(of: begin))
        var rest = line.text[begin...]
        var end = begin
        var hasControl = false
        while rest.hasPrefix("<"), let close = rest.firstIndex(of: ">") {
            let field = rest[..<close].dropFirst()
            let parts = field.split(separator: "=", maxSplits: 1)
            guard let name = parts.first?.uppercased() else { break }
            let value = parts.count > 1 ? parts[1].trimmed : ""
            switch name {
            case "SEQ": segment.sequence = UInt32(value)
            case "ACK": segment.acknowledgment = UInt32(value)
            case "DATA", "LEN": segment.length = UInt32(value.prefix { $0.isNumber })
            case "CTL":
                hasControl = true
                for bit in value.split(whereSeparator: { $0 == "," || $0 == "+" || $0 == " " }) {
                    switch bit.uppercased() {
                    case "SYN": segment.control.insert(.syn)
                    case "ACK": segment.control.insert(.ack)
                    case "FIN": segment.control.insert(.fin)
                    case "RST": segment.control.insert(.rst)
                    case "PSH": segment.control.insert(.psh)
                    case "URG": segment.control.insert(.urg)
                    default: return nil
                    }
                }
            case "WND", "WIN": break
            default: return nil
            }
            end = line.text.index(after: close)
            rest = line.text[end...].drop { $0 == " " }
        }
        return hasControl ? (segment, end) : nil
    }
}
