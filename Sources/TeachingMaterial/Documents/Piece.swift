/// A place in a document: both from 1, the column in characters (Unicode scalar values), not octets.
public struct Place: Hashable, Sendable, Comparable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (one: Place, other: Place) -> Bool {
        (one.line, one.column) < (other.line, other.column)
    }
}

/// A part of one line that still knows where it stands.
struct Piece: Sendable {
    /// From 1.
    let line: Int
    /// The whole line.
    let whole: Substring
    /// The part, a slice of the line.
    var text: Substring

    var place: Place { place(of: text.startIndex) }

    /// The place of an index of the line.
    func place(of index: Substring.Index) -> Place {
        let scalars = whole.unicodeScalars
        guard index > whole.startIndex else { return Place(line: line, column: 1) }
        let end = min(index, whole.endIndex)
        return Place(line: line, column: scalars.distance(from: scalars.startIndex, to: end) + 1)
    }

    /// The same line, another part.
    func part(_ text: Substring) -> Piece {
        Piece(line: line, whole: whole, text: text)
    }

    /// Without blanks at both ends.
    var trimmed: Piece { part(text.trimmed) }

    var isBlank: Bool { text.utf8.allSatisfy { $0 == 32 || 9...13 ~= $0 } }

    /// How many columns of blanks it begins with; a tab goes to the next multiple of eight.
    var indent: Int {
        var columns = 0
        for byte in text.utf8 {
            if byte == 32 { columns += 1 } else if byte == 9 { columns = (columns / 8 + 1) * 8 } else { break }
        }
        return columns
    }
}

extension Substring {
    /// Without blanks at both ends, those of Unicode included.
    var trimmed: Substring {
        let octets = utf8
        var (begin, end) = (startIndex, endIndex)
        while begin < end, Substring.isBlank(octets[begin]) { begin = octets.index(after: begin) }
        while begin < end {
            let last = octets.index(before: end)
            guard Substring.isBlank(octets[last]) else { break }
            end = last
        }
        guard begin < end else { return self[begin..<begin] }
        // Blanks beyond ASCII are rare.
        let isPlain = octets[begin] < 0x80 && octets[octets.index(before: end)] < 0x80
        return isPlain ? self[begin..<end] : self[begin..<end].trimmedOfAllBlanks
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 32 || 9...13 ~= octet && octet != 10 }

    private var trimmedOfAllBlanks: Substring {
        var part = unicodeScalars[...]
        while let first = part.first, first.isBlank { part = part.dropFirst() }
        while let last = part.last, last.isBlank { part = part.dropLast() }
        return Substring(part)
    }

    /// Octet by octet: texts that are canonically equivalent are not meant here, and to look for them takes time.
    func hasPrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Octet by octet.
    func hasSuffix(_ suffix: String) -> Bool { utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    /// What follows a prefix, or nil.
    func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...] : nil
    }

    /// Whether it contains a text, octet by octet.
    func has(_ text: String) -> Bool {
        firstRange(of: text) != nil
    }

    /// Where a text stands first, octet by octet; nil if nowhere.
    func firstRange(of text: String) -> Range<Index>? {
        let (here, wanted) = (utf8, text.utf8)
        guard let first = wanted.first, here.count >= wanted.count else { return nil }
        var position = here.startIndex
        while position < here.endIndex {
            guard let found = here[position...].firstIndex(of: first) else { return nil }
            var (left, right) = (found, wanted.startIndex)
            while left < here.endIndex, right < wanted.endIndex, here[left] == wanted[right] {
                left = here.index(after: left)
                right = wanted.index(after: right)
            }
            if right == wanted.endIndex { return found..<left }
            position = here.index(after: found)
        }
        return nil
    }

    /// The parts between the occurrences of a text.
    func parts(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self
        while let found = rest.firstRange(of: separator) {
            parts.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        parts.append(rest)
        return parts
    }
}

extension Unicode.Scalar {
    var isBlank: Bool {
        self == " " || self == "\t" || self == "\r" || self == "\u{B}" || self == "\u{C}" || self == "\u{85}"
            || self == "\u{A0}" || self == "\u{3000}" || self == "\u{200B}"
            || self == "\u{FEFF}" || self == "\u{200E}" || self == "\u{200F}" || (value > 0x1FFF && value < 0x200B)
    }

    /// A letter or digit of ASCII.
    var isASCIIWord: Bool {
        switch value {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }
}
