import TCPStateMachine

/// Reads ladders in the notation of RFC 793 figures 7 to 14, however the blanks have fared.
struct LadderReader {
    /// Whether a line shows a segment in that notation.
    static func showsSegment(_ text: Substring) -> Bool {
        text.has("<SEQ") && text.has("CTL=") || text.has("<CTL=") || text.has("<seq") && text.has("ctl=")
    }

    private var claim = ConversationClaim(form: .ladder)
    /// The column in characters where the segments begin.
    private var middle = 30

    /// Reads a ladder that begins at a line.
    ///
    /// - Returns: the ladder and the line after it.
    static func read(_ pieces: [Piece], from begin: Int) -> (ConversationClaim, Int)? {
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
        guard segments > 0 else { return nil }
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
        let words = LadderReader.words(line)
        let states = words.filter { !$0.text.hasPrefix("(") && StateName($0.text)?.state != nil }
        guard states.count <= 2 else { return false }
        let isComment =
            words.contains { $0.text.hasPrefix("(") }
            && words.allSatisfy { word in
                word.text.hasPrefix("(") || word.text.hasSuffix(".") && word.text.dropLast().allSatisfy(\.isNumber)
            }
        guard !states.isEmpty || isComment else {
            return line.text.trimmed.hasPrefix("(") && line.text.trimmed.hasSuffix(")") && line.text.utf8.count < 90
        }
        return words.allSatisfy { word in
            StateName(word.text)?.state != nil
                || word.text.hasSuffix(".") && word.text.dropLast().allSatisfy(\.isNumber)
                || word.text.hasPrefix("(")
        }
    }

    /// Words, with a comment in parentheses as one.
    private static func words(_ line: Piece) -> [Piece] {
        var words: [Piece] = []
        var rest = line.text
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard let first = rest.first else { return words }
            let end: Substring.Index
            if first == "(", let close = rest.firstIndex(of: ")") {
                end = rest.index(after: close)
            } else {
                end = rest.firstIndex(where: \.isWhitespace) ?? rest.endIndex
            }
            words.append(line.part(rest[..<end]))
            rest = rest[end...]
        }
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
