/// Text made comparable: lower case, full-width signs as their usual ones, no marks of emphasis; each octet still knows
/// where it stood.
struct ProseText: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Line and column of each octet.
    private(set) var places: [Place] = []
    /// Octets that were written in upper case.
    private(set) var upper: [Bool] = []
    /// Octets inside backticks, `**` or quotation marks around the whole word.
    private(set) var marked: [Bool] = []

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count }

    func place(at index: Int) -> Place {
        index < places.count ? places[max(0, index)] : places.last ?? Place(line: 1, column: 1)
    }

    static func normalized(_ text: Substring) -> [UInt8] {
        var result = ProseText()
        result.append(Piece(line: 1, whole: text, text: text), keepsStars: true)
        return result.bytes
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        upper.removeAll(keepingCapacity: true)
        marked.removeAll(keepingCapacity: true)
    }

    mutating func trimEnd() {
        while let last = bytes.last, last == 32 {
            bytes.removeLast()
            places.removeLast()
            upper.removeLast()
            marked.removeLast()
        }
    }

    /// A stretch of it, as a text of its own.
    func part(_ range: Range<Int>) -> ProseText {
        var part = ProseText()
        let range = range.clamped(to: 0..<bytes.count)
        part.bytes = Array(bytes[range])
        part.places = Array(places[range])
        part.upper = Array(upper[range])
        part.marked = Array(marked[range])
        return part
    }

    mutating func append(_ other: ProseText) {
        bytes += other.bytes
        places += other.places
        upper += other.upper
        marked += other.marked
    }

    private mutating func put(_ byte: UInt8, _ place: Place, _ isUpper: Bool, _ isMarked: Bool) {
        if byte == 32, bytes.last == 32 || bytes.isEmpty { return }
        bytes.append(byte)
        places.append(place)
        upper.append(isUpper)
        marked.append(isMarked)
    }

    private mutating func put(_ scalar: Unicode.Scalar, _ place: Place, _ isMarked: Bool) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { put(byte, place, false, isMarked) }
    }

    mutating func appendBlank(at place: Place) { put(32, place, false, false) }

    /// Adds a piece of a line, with a blank before it where words would run together.
    mutating func append(_ piece: Piece, keepsStars: Bool = false) {
        var column = piece.place.column
        if let last = bytes.last, last != 32, !(last >= 0x80 && ProseText.isUnspacedEnd(bytes)) {
            put(32, Place(line: piece.line, column: column), false, false)
        }
        let scalars = piece.text.unicodeScalars
        var isMarked = false
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let place = Place(line: piece.line, column: column)
            let next = scalars.index(after: index)
            switch scalar.value {
            case 0x60:  // `
                isMarked.toggle()
            case 0x2A where !keepsStars:  // *
                if next < scalars.endIndex, scalars[next] == "*" { isMarked.toggle() }
            case 0x5C:  // A backslash before `_`, `-` and the like.
                if next < scalars.endIndex, scalars[next] == "f" {
                    // troff: \fB, \fR, \f(CW.
                    column += 2
                    index = scalars.index(next, offsetBy: 2, limitedBy: scalars.endIndex) ?? scalars.endIndex
                    column += 1
                    continue
                }
            case 0x3C where ProseText.isTag(scalars, next):  // <b>
                while index < scalars.endIndex, scalars[index] != ">" {
                    index = scalars.index(after: index)
                    column += 1
                }
                put(32, place, false, false)
                if index < scalars.endIndex {
                    index = scalars.index(after: index)
                    column += 1
                }
                continue
            case 0x41...0x5A: put(UInt8(scalar.value) + 32, place, true, isMarked)
            case 0x09, 0x0D, 0xA0, 0x3000, 0x2000...0x200A: put(32, place, false, isMarked)
            case 0x200B...0x200F, 0xFEFF, 0xAD, 0x0640, 0x64B...0x652: break
            case 0x21...0x7E: put(UInt8(scalar.value), place, false, isMarked)
            case 0x20: put(32, place, false, isMarked)
            case 0xC0...0xD6, 0xD8...0xDE, 0x410...0x42F:
                put(Unicode.Scalar(scalar.value + 32) ?? scalar, place, isMarked)
            case 0x400...0x40F: put(Unicode.Scalar(scalar.value + 80) ?? scalar, place, isMarked)
            case 0x451: put(Unicode.Scalar(0x435) ?? scalar, place, isMarked)
            case 0x622, 0x623, 0x625: put(Unicode.Scalar(0x627) ?? scalar, place, isMarked)
            case 0xFF21...0xFF3A: put(UInt8(scalar.value - 0xFF21) + 97, place, true, isMarked)
            case 0xFF01...0xFF5E: put(UInt8(scalar.value - 0xFF01) + 33, place, false, isMarked)
            case 0x2018, 0x2019, 0x2BC: put(39, place, false, isMarked)
            case 0x201C, 0x201D, 0xAB, 0xBB: put(34, place, false, isMarked)
            case 0x2010, 0x2011, 0x2212: put(45, place, false, isMarked)
            default:
                if scalar.value >= 0x80 { put(scalar, place, isMarked) }
            }
            index = next
            column += 1
        }
    }

    private static func isTag(_ scalars: Substring.UnicodeScalarView, _ begin: Substring.UnicodeScalarView.Index)
        -> Bool
    {
        guard begin < scalars.endIndex else { return false }
        let first = scalars[begin]
        guard first == "/" || (first.value >= 97 && first.value <= 122) else { return false }
        return scalars[begin...].prefix(200).contains(">")
    }

    // MARK: Letters

    static func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 32) >= 97 && (byte | 32) <= 122 }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    /// A scalar of three octets whose script needs no blanks: kana, Han, Hangul.
    static func isWide(_ text: [UInt8], at index: Int) -> Bool {
        index < text.count && text[index] >= 0xE3 && text[index] <= 0xED
    }

    static func isWide(_ text: [UInt8], before index: Int) -> Bool {
        var start = index - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return start >= 0 && isWide(text, at: start)
    }

    private static func isUnspacedEnd(_ text: [UInt8]) -> Bool {
        var start = text.count - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        guard start >= 0 else { return false }
        // Hangul has blanks; kana, Han and their punctuation have none.
        return text[start] >= 0xE3 && text[start] <= 0xE9
    }

    /// A letter begins or goes on here: of ASCII, or any scalar beyond it but punctuation.
    static func isLetter(_ text: [UInt8], _ index: Int) -> Bool {
        guard index < text.count else { return false }
        let byte = text[index]
        if byte < 0x80 { return isASCIILetter(byte) }
        // U+2000...U+2FFF is punctuation, arrows, signs; U+3000...U+303F is East Asian punctuation.
        if byte == 0xE2 { return false }
        if byte == 0xE3, index + 1 < text.count, text[index + 1] == 0x80 { return false }
        if byte == 0xC2 { return false }
        if byte == 0xD8, index + 1 < text.count {
            return text[index + 1] != 0x8C && text[index + 1] != 0x9B && text[index + 1] != 0x9F
        }
        return true
    }

    /// What is longer is no word, and its end is not looked for again and again.
    private static let longestWord = 240

    /// Where a word that goes on at a place ends; in Chinese and Japanese a word has no end, so it ends at once.
    static func endOfWord(_ text: [UInt8], _ begin: Int) -> Int {
        var at = begin
        let limit = min(text.count, begin + longestWord)
        while at < limit, isLetter(text, at) || (text[at] >= 0x80 && text[at] < 0xC0) {
            if text[at] >= 0xE3 && text[at] <= 0xE9 { break }
            at += 1
        }
        return at
    }

    static func endOfGap(_ text: [UInt8], _ begin: Int) -> Int {
        guard begin < text.count else { return begin }
        let byte = text[begin]
        return byte == 32 || byte == 45 || byte == 95 ? begin + 1 : begin
    }
}
