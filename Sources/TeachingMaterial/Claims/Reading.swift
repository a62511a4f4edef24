/// All that was found in a document, before it is judged.
struct Reading: Sendable {
    var machines: [(machine: Machine, context: Context)] = []
    var chains: [(chain: StateChain, context: Context)] = []
    var conversations: [(claim: ConversationClaim, context: Context)] = []
    var listings: [SocketListing] = []
    /// Lists of states in source text.
    var inventories: [CodeInventory] = []
    /// The labels of drawings.
    var figures: [[FigureReader.Label]] = []
    /// Diagrams that no edge could be read of.
    var unreadable: [Piece] = []
    /// Lines that mention states, in code that no reader has taken.
    var unread: [Piece] = []
    /// What is left for the reader of prose, in the order of the document.
    var prose: [ProseBlock] = []
}

/// Text for the reader of prose.
struct ProseBlock: Sendable {
    enum Kind: Hashable, Sendable {
        /// Lines of sentences, headings, lists: as they stand in the document.
        case text
        /// A row of a table that is no table of transitions, one piece for each cell.
        case row
        /// A comment of a diagram or of source code.
        case note
    }

    var kind: Kind
    var pieces: [Piece]
    /// The cells of the table's head, for a row.
    var header: [Piece] = []
}
