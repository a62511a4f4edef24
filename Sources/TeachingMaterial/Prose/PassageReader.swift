import TCPStateMachine

/// An entry of a glossary, or a paragraph: sentences with the subject that they share.
struct Passage: Sendable {
    var sentences: [Sentence] = []
    /// What the entry is about; empty for a paragraph.
    var names: [Token] = []
    var place: Place?
    /// "(client)" beside the name.
    var headTokens: [Token] = []
    /// A heading stands for what follows it.
    var isHeading = false
    /// A step of a numbered list.
    var isNumbered = false
    /// Under a heading, or after a sentence, that announces mistakes, a quiz or another machine.
    var isQuoted = false
    /// What stood last before a list: the place of a list that is incomplete.
    var introduction: Place?
}

/// Cuts the prose of a document into passages: joins lines that wrap, finds the entries of glossaries.
struct PassageReader {
    private(set) var passages: [Passage] = []
    /// Lines under headings that announce mistakes.
    private(set) var quotedLines: [ClosedRange<Int>] = []
    private var quotedFrom: Int?
    private var paragraph = ProseText()
    private var raw: [Piece] = []
    private var names: [Token] = []
    private var headTokens: [Token] = []
    private var headPlace: Place?
    private var documentLanguage: Language
    /// The level of the heading that announces mistakes: they go on up to the next of that level.
    private var quotedLevel: Int?
    private var isQuotedList = false
    private var introduction: Place?
    private var isEntryOpen = false
    /// A name stood alone on its line, and its text follows.
    private var awaitsBody = false
    /// What is read began as an item of a list, of a numbered one.
    private var isItem = false
    private var isQuizItem = false
    private var isNumbered = false

    /// In octets; nobody writes a longer one, and what is read of a sentence may take time beyond its length.
    private static let longestParagraph = 16_384

    init(language: Language) { documentLanguage = language }

    /// The passages, and the lines under headings that announce mistakes.
    static func passages(of blocks: [ProseBlock]) -> (passages: [Passage], quotedLines: [ClosedRange<Int>]) {
        var counts = LanguageDetector.Counts()
        var sample = ProseText()
        for block in blocks {
            for piece in block.pieces where !piece.isBlank {
                sample.removeAll()
                sample.append(piece)
                counts = counts + LanguageDetector.counts(of: sample)
            }
        }
        var reader = PassageReader(language: LanguageDetector.language(counts) ?? .english)
        for block in blocks {
            switch block.kind {
            case .text, .note: for piece in block.pieces { reader.read(line: piece) }
            case .row: reader.read(row: block.pieces, header: block.header)
            }
        }
        reader.flush()
        reader.endQuotation(before: .max)
        return (reader.passages, reader.quotedLines)
    }

    private mutating func endQuotation(before line: Int) {
        if let quotedFrom, quotedFrom < line { quotedLines.append(quotedFrom...(line - 1)) }
        quotedLevel = nil
        quotedFrom = nil
    }

    // MARK: Lines

    private mutating func read(line piece: Piece) {
        guard !piece.isBlank else { return blank() }
        guard let line = Line(piece) else { return }
        switch line.kind {
        case .skip: return
        case .data, .rule: return flush()
        case .heading:
            flush()
            if line.level <= quotedLevel ?? 0 { endQuotation(before: piece.line) }
            isQuotedList = false
            if begin(entry: line.content, isLone: true) { return }
            paragraph.append(line.content)
            flush(heading: line.level)
            return
        case .item:
            flush()
            isItem = true
            isNumbered = line.isNumbered
        case .text: break
        }
        let mayBegin =
            paragraph.isEmpty && !awaitsBody || PassageReader.endsSentence(paragraph) || isEntryOpen
            || line.kind == .item
        if mayBegin, begin(entry: line.content, isLone: false) { return }
        awaitsBody = false
        if isEntryOpen, !paragraph.isEmpty, endsEntry(line.content) { flush() }
        if paragraph.count > PassageReader.longestParagraph { flush() }
        paragraph.append(line.content)
    }

    /// After the end of a sentence, a line that names other states is no longer about the entry's.
    private func endsEntry(_ piece: Piece) -> Bool {
        guard PassageReader.endsSentence(paragraph) || paragraph.bytes.last.map({ $0 >= 0x80 }) == true else {
            return false
        }
        var text = ProseText()
        text.append(piece)
        let tokens = TokenScanner(vocabulary: Vocabularies.of(documentLanguage)).tokens(of: text)
        return tokens.contains { token in
            token.concept == .state && !token.isPlain && !names.contains { $0.state == token.state }
        }
    }

    private mutating func blank() {
        if awaitsBody, paragraph.isEmpty { return }
        flush()
    }

    /// A row of a table that has one state in one of its first cells is an entry.
    private mutating func read(row cells: [Piece], header: [Piece]) {
        flush()
        // A table of mistakes says so in its head.
        let isQuoted = isQuotedList
        defer { isQuotedList = isQuoted }
        if !header.isEmpty {
            var head = ProseText()
            for cell in header { head.append(cell) }
            let tokens = TokenScanner(vocabulary: Vocabularies.of(documentLanguage)).tokens(of: head)
            isQuotedList = isQuotedList || tokens.contains { $0.concept == .quoted }
        }
        let texts = cells.filter { !$0.isBlank }
        guard !texts.isEmpty else { return }
        var at: Int?
        for (index, cell) in texts.prefix(3).enumerated() {
            var text = ProseText()
            text.append(cell)
            if EntryHead(text, language: documentLanguage, isWholeLine: true) != nil {
                if at != nil { return }
                at = index
            }
        }
        guard let at else {
            for cell in texts {
                paragraph.append(cell)
                flush()
            }
            return
        }
        _ = begin(entry: texts[at], isLone: true)
        for (index, cell) in texts.enumerated() where index != at {
            if !paragraph.isEmpty { paragraph.append(Piece(line: cell.line, whole: ";", text: ";")) }
            paragraph.append(cell)
        }
        awaitsBody = false
        flush()
    }

    // MARK: Entries

    private mutating func begin(entry piece: Piece, isLone: Bool) -> Bool {
        var text = ProseText()
        text.append(piece)
        let wide = PassageReader.gap(in: piece)
        guard let head = EntryHead(text, language: documentLanguage, isWholeLine: isLone, column: wide) else {
            return false
        }
        // A name alone on a line in the midst of a sentence is part of that sentence.
        if head.body >= text.count, !isLone, !paragraph.isEmpty, !PassageReader.endsSentence(paragraph), !isEntryOpen {
            return false
        }
        let (item, numbered) = (isItem, isNumbered)
        flush()
        (isItem, isNumbered) = (item, numbered)
        names = head.names
        headTokens = head.tokens
        headPlace = text.place(at: head.names.first?.begin ?? 0)
        isEntryOpen = true
        paragraph = text.part(head.body..<text.count)
        awaitsBody = paragraph.isEmpty
        return true
    }

    /// The column where text goes on after two or more blanks.
    private static func gap(in piece: Piece) -> Int? {
        var blanks = 0
        var column = piece.place.column
        var hasText = false
        for scalar in piece.text.unicodeScalars {
            if scalar.isBlank {
                blanks += scalar == "\t" ? 2 : 1
            } else {
                if hasText, blanks >= 2 { return column }
                hasText = true
                blanks = 0
            }
            column += 1
        }
        return nil
    }

    private static func endsSentence(_ text: ProseText) -> Bool {
        guard let last = text.bytes.last(where: { $0 != 32 && $0 != 34 && $0 != 41 }) else { return true }
        return last == 46 || last == 33 || last == 63 || last == 58 || last == 0x82
    }

    // MARK: Sentences

    /// - Parameter heading: the level of the heading that the paragraph is; nil for others.
    private mutating func flush(heading: Int? = nil) {
        defer {
            paragraph.removeAll()
            names = []
            headTokens = []
            headPlace = nil
            isEntryOpen = false
            awaitsBody = false
            isItem = false
            isNumbered = false
        }
        paragraph.trimEnd()
        guard !paragraph.isEmpty || !names.isEmpty else { return }
        var passage = Passage()
        passage.names = names
        passage.headTokens = headTokens
        passage.place = headPlace
        passage.isHeading = heading != nil
        passage.isNumbered = isNumbered
        let language =
            LanguageDetector.language(LanguageDetector.counts(of: paragraph)).map {
                PassageReader.settle($0, documentLanguage, paragraph)
            } ?? documentLanguage
        let scanner = TokenScanner(vocabulary: Vocabularies.of(language))
        let states = names.compactMap(\.state)
        for range in PassageReader.sentences(in: paragraph) {
            let text = paragraph.part(range)
            var sentence = Sentence(text: text, tokens: scanner.tokens(of: text), language: language)
            sentence.subject = states
            sentence.isEntry = !names.isEmpty
            sentence.isFirst = passage.sentences.isEmpty
            sentence.isQuotation =
                text.bytes.first == 34 && text.bytes.last { $0 != 32 && $0 != 46 && $0 != 44 } == 34
            sentence.isQuestion = text.bytes.last == 63 || text.bytes.suffix(2).elementsEqual([0xD8, 0x9F])
            sentence.head = headPlace
            if sentence.tokens.isEmpty { continue }
            (sentence.acts, sentence.tokens) = ActReader.acts(sentence.tokens, language)
            passage.sentences.append(sentence)
        }
        let announces = passage.sentences.contains { $0.isQuestion || $0.has(any: .quoted, .otherProtocol) }
        let endsWithColon = paragraph.bytes.last == 58
        if let heading {
            // A question as a heading is one that the section answers.
            let isTitle = passage.sentences.contains { $0.has(any: .quoted, .otherProtocol) }
            if isTitle, quotedLevel == nil {
                quotedLevel = heading
                if passage.sentences.contains(where: { $0.has(.quoted) }) { quotedFrom = paragraph.place(at: 0).line }
            }
        } else if isItem {
            // A question among the items puts what stands below it in question, up to the next number.
            if passage.sentences.last?.isQuestion == true {
                (isQuotedList, isQuizItem) = (true, true)
            } else if isQuizItem, isNumbered {
                (isQuotedList, isQuizItem) = (false, false)
            }
        } else if names.isEmpty {
            isQuotedList = announces && (endsWithColon || passage.sentences.last?.isQuestion == true)
        }
        passage.isQuoted = quotedLevel != nil || (isQuotedList && !(announces && names.isEmpty))
        if names.isEmpty {
            introduction = passage.sentences.last?.place(0) ?? (paragraph.isEmpty ? nil : paragraph.place(at: 0))
        }
        passage.introduction = introduction
        passages.append(passage)
    }

    /// A few words in another language's clothes belong to the document's.
    private static func settle(_ found: Language, _ document: Language, _ text: ProseText) -> Language {
        guard found != document else { return found }
        if document == .japanese, found == .chinese { return .japanese }
        return found
    }

    private static func sentences(in text: ProseText) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var begin = 0
        let bytes = text.bytes
        func close(_ end: Int) {
            if end > begin { ranges.append(begin..<end) }
            begin = end
        }
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 33, 63:
                close(index + 1)
            case 46:
                let next = index + 1 < bytes.count ? bytes[index + 1] : 32
                let isEnd = next == 32 || next == 34 || next == 41 || next >= 0xE0
                if isEnd, !isAbbreviation(bytes, index) { close(index + 1) }
            case 0xE3 where index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x82:
                close(index + 3)
                index += 2
            case 0xD8 where index + 1 < bytes.count && bytes[index + 1] == 0x9F:
                close(index + 2)
                index += 1
            default: break
            }
            index += 1
        }
        close(bytes.count)
        return ranges
    }

    /// "e.g.", "z. B.", "etc.", "no. 3".
    private static func isAbbreviation(_ bytes: [UInt8], _ dot: Int) -> Bool {
        var start = dot
        while start > 0, ProseText.isASCIILetter(bytes[start - 1]) || bytes[start - 1] == 46 { start -= 1 }
        let word = bytes[start..<dot]
        if word.isEmpty {
            return start > 0 && ProseText.isDigit(bytes[start - 1]) && dot + 2 < bytes.count
                && ProseText.isDigit(bytes[dot + 1])
        }
        if word.contains(46) { return true }
        if word.count == 1 {
            return dot + 2 < bytes.count && bytes[dot + 1] == 32 && ProseText.isASCIILetter(bytes[dot + 2])
                && word.first != 105
        }
        for short in abbreviations where word.elementsEqual(short.utf8) { return true }
        return false
    }

    private static let abbreviations: [StaticString.Words] = [
        "vs", "etc", "cf", "fig", "sec", "bzw", "ca", "usw", "approx", "resp", "ej", "ex", "sog",
    ].map { StaticString.Words($0) }
}

extension StaticString {
    /// A short word as octets.
    struct Words: Sendable {
        let utf8: [UInt8]
        init(_ text: String) { utf8 = Array(text.utf8) }
    }
}
