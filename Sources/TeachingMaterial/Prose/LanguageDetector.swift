/// Tells the language of a stretch of prose by its script and its common words.
enum LanguageDetector {
    /// Counts of a text, so that a short one can be judged together with what surrounds it.
    struct Counts: Sendable {
        var hangul = 0, kana = 0, han = 0, cyrillic = 0, arabic = 0, latin = 0
        /// Common words of each language, in the order of `Language.allCases`.
        var words = [Int](repeating: 0, count: Language.allCases.count)

        static func + (one: Counts, other: Counts) -> Counts {
            var sum = one
            sum.hangul += other.hangul
            sum.kana += other.kana
            sum.han += other.han
            sum.cyrillic += other.cyrillic
            sum.arabic += other.arabic
            sum.latin += other.latin
            for index in sum.words.indices { sum.words[index] += other.words[index] }
            return sum
        }
    }

    static func counts(of text: ProseText) -> Counts {
        var counts = Counts()
        let bytes = text.bytes
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0xEA...0xED: counts.hangul += 1
            case 0xE3:
                if index + 1 < bytes.count, bytes[index + 1] >= 0x81, bytes[index + 1] <= 0x83,
                    !(bytes[index + 1] == 0x83 && bytes[min(index + 2, bytes.count - 1)] == 0xBB)
                {
                    counts.kana += 1
                } else if index + 1 < bytes.count, bytes[index + 1] > 0x8F {
                    counts.han += 1
                }
            case 0xE4...0xE9: counts.han += 1
            case 0xD0, 0xD1: counts.cyrillic += 1
            case 0xD8...0xDB: counts.arabic += 1
            case 97...122, 0xC3:
                let end = max(ProseText.endOfWord(bytes, index), index + 1)
                counts.latin += 1
                let word = Array(bytes[index..<end])
                if word.count <= 10 {
                    for (place, vocabulary) in Vocabularies.latin where vocabulary.contains(word) {
                        counts.words[place] += 1
                    }
                }
                index = end
                continue
            default: break
            }
            index += 1
        }
        return counts
    }

    /// The language that the counts speak for; nil if they say nothing.
    static func language(_ counts: Counts) -> Language? {
        if counts.kana > 0, counts.kana * 8 >= counts.han, counts.kana >= counts.hangul { return .japanese }
        if counts.hangul > 1, counts.hangul >= counts.han { return .korean }
        if counts.han > 1 { return .chinese }
        if counts.cyrillic > 8, counts.cyrillic >= counts.latin { return .russian }
        if counts.arabic > 8, counts.arabic >= counts.latin { return .arabic }
        var best: (Int, Int)?
        for (index, count) in counts.words.enumerated() where count > best?.1 ?? 0 { best = (index, count) }
        guard let (index, count) = best, count >= 1 else { return nil }
        let english = counts.words[0]
        // English words stand in every language's texts on networks.
        if index != 0, count <= english { return .english }
        return Language.allCases[index]
    }
}

/// The vocabularies that come with the module, each compiled when it is first needed.
enum Vocabularies {
    static func of(_ language: Language) -> Vocabulary {
        switch language {
        case .english: english
        case .korean: korean
        case .chinese: chinese
        case .japanese: japanese
        case .spanish: spanish
        case .portuguese: portuguese
        case .german: german
        case .french: french
        case .russian: russian
        case .arabic: arabic
        }
    }

    private static let english = Vocabulary([PackageResources.names_txt, PackageResources.en_txt])
    private static let korean = Vocabulary([
        PackageResources.names_txt, PackageResources.ko_txt, PackageResources.en_txt,
    ])
    private static let chinese = Vocabulary([
        PackageResources.names_txt, PackageResources.zh_txt, PackageResources.en_txt,
    ])
    private static let japanese = Vocabulary([
        PackageResources.names_txt, PackageResources.ja_txt, PackageResources.en_txt,
    ])
    private static let spanish = Vocabulary([PackageResources.names_txt, PackageResources.es_txt])
    private static let portuguese = Vocabulary([PackageResources.names_txt, PackageResources.pt_txt])
    private static let german = Vocabulary([PackageResources.names_txt, PackageResources.de_txt])
    private static let french = Vocabulary([PackageResources.names_txt, PackageResources.fr_txt])
    private static let russian = Vocabulary([
        PackageResources.names_txt, PackageResources.ru_txt, PackageResources.en_txt,
    ])
    private static let arabic = Vocabulary([
        PackageResources.names_txt, PackageResources.ar_txt, PackageResources.en_txt,
    ])

    /// The common words of the languages in Latin script, with their place in `Language.allCases`.
    static let latin: [(Int, Set<[UInt8]>)] = Language.allCases.enumerated().compactMap { place, language in
        switch language {
        case .english, .spanish, .portuguese, .german, .french: (place, of(language).frequent)
        case .korean, .chinese, .japanese, .russian, .arabic: nil
        }
    }
}
