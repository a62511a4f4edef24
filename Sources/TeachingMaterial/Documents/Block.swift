/// A stretch of a document that is read in one way.
struct Block: Sendable {
    enum Kind: Hashable, Sendable {
        /// Sentences, lists, headings.
        case prose
        /// Marked as code by a fence, an indented block after `::`, `<pre>` and the like; with the language that is
        /// named there, in lower case, or an empty text.
        case code(String)
    }

    var kind: Kind
    var pieces: [Piece]

    /// The language named at the fence.
    var language: String {
        if case .code(let language) = kind { language } else { "" }
    }
}
