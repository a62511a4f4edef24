/// Reads sentences about states and says which of them contradict the machine.
///
/// It gets the prose of a whole document, in order, so that a subject can be carried from line to line, and gives back
/// what is wrong and what mentions states without having been understood.
struct ProseReader: Sendable {
    let file: String
    /// What the document says of itself.
    let context: Context

    /// What came of it.
    struct Findings: Sendable {
        var diagnostics: [Diagnostic] = []
        /// Sentences that mention states and were held against the machine.
        var checked = 0
        /// Mentions of states that were not understood.
        var unchecked: [Unchecked] = []
    }

    func read(_ blocks: [ProseBlock]) -> Findings {
        Findings()
    }
}

/// A place that mentions a state and was not checked.
public struct Unchecked: Hashable, Sendable {
    public var file: String
    public var place: Place
    /// The words there, shortened.
    public var text: String

    public init(file: String, place: Place, text: String) {
        self.file = file
        self.place = place
        self.text = text
    }
}
