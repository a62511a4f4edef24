/// An arrow in a line: `-->`, `->`, `=>`, `→`, `-[dotted]->`, `-down->`, `-.->`, `<--`.
struct FoundArrow {
    let range: Range<Substring.Index>
    /// It points from right to left.
    let isBackward: Bool
}

enum ArrowScanner {
    /// The first arrow of a text.
    static func first(in text: Substring) -> FoundArrow? {
        let bytes = text.utf8
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "-"), UInt8(ascii: "="):
                if let end = shaftEnd(bytes, index) { return FoundArrow(range: index..<end, isBackward: false) }
                index = skip(bytes, index)
            case UInt8(ascii: "<"):
                let next = bytes.index(after: index)
                if next < bytes.endIndex, bytes[next] == UInt8(ascii: "-") || bytes[next] == UInt8(ascii: "=") {
                    let end = skip(bytes, next)
                    // `<->` goes both ways and is no arrow; `<!--` is a comment.
                    if end < bytes.endIndex, bytes[end] == UInt8(ascii: ">") {
                        index = bytes.index(after: end)
                        continue
                    }
                    return FoundArrow(range: index..<end, isBackward: true)
                }
                index = next
            case 0xE2:
                if let (end, isBackward) = unicodeArrow(text, index) {
                    return FoundArrow(range: index..<end, isBackward: isBackward)
                }
                index = bytes.index(after: index)
            default: index = bytes.index(after: index)
            }
        }
        return nil
    }

    /// Where an arrow that begins with a dash ends; nil if it is none.
    private static func shaftEnd(_ bytes: Substring.UTF8View, _ begin: Substring.Index) -> Substring.Index? {
        var index = begin
        var length = 0
        while index < bytes.endIndex, length < 24 {
            switch bytes[index] {
            case UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: "."), UInt8(ascii: "~"): break
            case UInt8(ascii: ">"):
                guard length > 0 else { return nil }
                // `->>` of sequence diagrams.
                let next = bytes.index(after: index)
                return next < bytes.endIndex && bytes[next] == UInt8(ascii: ">") ? bytes.index(after: next) : next
            case UInt8(ascii: "["):
                guard let close = bytes[index...].prefix(40).firstIndex(of: UInt8(ascii: "]")) else { return nil }
                index = close
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                // `-down->`: a direction of PlantUML.
                let word = bytes[index...].prefix { (97...122).contains($0) }
                guard directions.contains(String(Substring(word))) else { return nil }
                index = word.endIndex
                continue
            default: return nil
            }
            index = bytes.index(after: index)
            length += 1
        }
        return nil
    }

    private static let directions: Set<String> = ["up", "down", "left", "right", "u", "d", "l", "r", "le", "ri", "do"]

    private static func skip(_ bytes: Substring.UTF8View, _ begin: Substring.Index) -> Substring.Index {
        bytes[begin...].firstIndex { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "=") } ?? bytes.endIndex
    }

    private static func unicodeArrow(_ text: Substring, _ index: Substring.Index) -> (Substring.Index, Bool)? {
        guard let scalar = text.unicodeScalars[index...].first else { return nil }
        let next = text.unicodeScalars.index(after: index)
        switch scalar {
        case "→", "⇒", "➜", "➔", "⟶", "⟹", "➡", "▶", "►": return (next, false)
        case "←", "⇐", "⟵": return (next, true)
        default: return nil
        }
    }
}
