import TCPStateMachine

/// The languages whose words are known.
enum Language: String, CaseIterable, Hashable, Sendable {
    case english = "en"
    case korean = "ko"
    case chinese = "zh"
    case japanese = "ja"
    case spanish = "es"
    case portuguese = "pt"
    case german = "de"
    case french = "fr"
    case russian = "ru"
    case arabic = "ar"

    /// The verb comes after what it is done with.
    var isVerbFinal: Bool { self == .korean || self == .japanese }

    /// Words stand in it without blanks between them.
    var isUnspaced: Bool { self == .chinese || self == .japanese }
}

/// The words of one language, compiled so that the longest that stands at a place is found in one walk.
///
/// A vocabulary is a text: `concept: words | words`, one concept a line, several lines for one concept if need be; `#`
/// begins a comment. Words are compared in lower case. `word*` is every word that begins so; a blank is any number of
/// blanks; `-` in a name (`fin-wait-1`) is a hyphen, an underscore, a blank or nothing.
struct Vocabulary: Sendable {
    struct Entry: Sendable, Hashable {
        var concept: Concept
        /// The state of a name, and whether it is misspelled.
        var state: UInt8 = .max
        var isMisspelled = false
        /// What a word for a number says.
        var number: Int32 = 0
        /// What a word is that is a state's name only in capitals: "closed".
        var other: Concept?
    }

    private struct Node {
        var byte: UInt8
        var child: Int32 = -1
        var sibling: Int32 = -1
        var entry: Int32 = -1
    }

    private static let restOfWord: UInt8 = 1
    private static let optionalGap: UInt8 = 2

    private var nodes: [Node] = []
    private var roots = [Int32](repeating: -1, count: 256)
    private(set) var entries: [Entry] = []
    /// Common words that tell the language.
    private(set) var frequent: Set<[UInt8]> = []
    private let isUnspaced: Bool

    init(_ texts: [[UInt8]], isUnspaced: Bool = false) {
        self.isUnspaced = isUnspaced
        for text in texts {
            for line in text.split(separator: 10) { add(line: line) }
        }
    }

    private mutating func add(line: ArraySlice<UInt8>) {
        guard line.first != UInt8(ascii: "#"), let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let head = String(decoding: line[..<colon], as: UTF8.self).split(separator: " ")
        guard let name = head.first, let concept = Concept(rawValue: String(name)) else { return }
        var entry = Entry(concept: concept)
        if concept == .state, head.count > 1, let state = StateName(head[1])?.state {
            entry.state = state.rawValue
            entry.isMisspelled = head.count > 2
        }
        if concept == .number, head.count > 1 { entry.number = Int32(head[1]) ?? 0 }
        for words in line[(colon + 1)...].split(separator: UInt8(ascii: "|")) {
            let text = ProseText.normalized(Substring(String(decoding: words, as: UTF8.self)).trimmed)
            guard !text.isEmpty else { continue }
            if concept == .frequent {
                frequent.insert(text)
            } else {
                insert(text, entry, isName: concept == .state || concept == .finWait)
            }
        }
    }

    private mutating func insert(_ words: [UInt8], _ entry: Entry, isName: Bool) {
        var place: (Int32, Bool) = (-1, true)
        for byte in words {
            var byte = byte
            if byte == UInt8(ascii: "*") { byte = Vocabulary.restOfWord }
            if byte == UInt8(ascii: "-"), isName { byte = Vocabulary.optionalGap }
            place = (step(from: place.0, byte), false)
        }
        guard place.0 >= 0 else { return }
        let known = Int(nodes[Int(place.0)].entry)
        guard known < 0 else {
            if entries[known].concept == .state, entry.concept != .state, entries[known].other == nil {
                entries[known].other = entry.concept
            }
            return
        }
        entries.append(entry)
        nodes[Int(place.0)].entry = Int32(entries.count - 1)
    }

    private mutating func step(from parent: Int32, _ byte: UInt8) -> Int32 {
        var next = parent < 0 ? roots[Int(byte)] : nodes[Int(parent)].child
        if parent >= 0 {
            while next >= 0, nodes[Int(next)].byte != byte { next = nodes[Int(next)].sibling }
        }
        if next >= 0 { return next }
        let new = Int32(nodes.count)
        nodes.append(Node(byte: byte))
        if parent < 0 {
            roots[Int(byte)] = new
        } else {
            nodes[Int(new)].sibling = nodes[Int(parent)].child
            nodes[Int(parent)].child = new
        }
        return new
    }

    /// The longest entry at a place of a normalized text, and where it ends; nil if none begins there.
    func longest(in text: [UInt8], at begin: Int) -> (entry: Entry, end: Int)? {
        guard begin < text.count else { return nil }
        let root = roots[Int(text[begin])]
        guard root >= 0 else { return nil }
        var best: (Int32, Int)?
        walk(root, text, begin + 1, &best, depth: 0)
        guard let (entry, end) = best else { return nil }
        return (entries[Int(entry)], end)
    }

    private func walk(_ node: Int32, _ text: [UInt8], _ at: Int, _ best: inout (Int32, Int)?, depth: Int) {
        var node = node
        var at = at
        while true {
            let here = nodes[Int(node)]
            if here.entry >= 0, at > best?.1 ?? 0, isBoundary(text, at) { best = (here.entry, at) }
            var literal: Int32 = -1
            var child = here.child
            while child >= 0 {
                let next = nodes[Int(child)]
                if next.byte == Vocabulary.restOfWord, depth < 6 {
                    walk(child, text, ProseText.endOfWord(text, at), &best, depth: depth + 1)
                } else if next.byte == Vocabulary.optionalGap, depth < 6 {
                    walk(child, text, ProseText.endOfGap(text, at), &best, depth: depth + 1)
                } else if at < text.count, next.byte == text[at] {
                    literal = child
                }
                child = next.sibling
            }
            guard literal >= 0 else { return }
            node = literal
            at += 1
        }
    }

    /// A word may end here: what follows is no letter of the same script.
    private func isBoundary(_ text: [UInt8], _ at: Int) -> Bool {
        guard at < text.count, at > 0 else { return true }
        let (before, after) = (text[at - 1], text[at])
        if before < 0x80 {
            return !(ProseText.isASCIILetter(before) && ProseText.isASCIILetter(after))
                && !(ProseText.isDigit(before) && ProseText.isDigit(after))
        }
        // Letters of Latin, Greek, Cyrillic, Hebrew and Arabic go on; Chinese, Japanese and Korean ones need no blank.
        if ProseText.isWide(text, before: at) { return true }
        return !ProseText.isLetter(text, at) || ProseText.isWide(text, at: at)
    }
}
