import Simulation

/// Recognizes the statements of `postel simulate` (Docs/scenarios.md): a script, not a claim. `expect A TIME-WAIT at 2`
/// is what must come of a story, and `postel simulate` says whether it does.
enum ScenarioLine {
    static func isStatement(_ text: Substring) -> Bool {
        let line = text.trimmed
        guard line.utf8.count <= longest else { return false }
        guard let head = line.utf8.first, firstOctets.contains(head) else { return false }
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count > 1, let first = words.first, let second = words[1].first else { return false }
        switch first {
        case "at" where second.isASCII && second.isNumber: break
        case "expect", "scenario", "drop", "delay", "duplicate", "reorder", "corrupt": break
        default: return false
        }
        return (try? Scenario(parsing: String(line))) != nil
    }

    private static let firstOctets = Set("aesdrc".utf8)

    /// A longer line is no statement that a person has written.
    private static let longest = 400
}
