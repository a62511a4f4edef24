/// What is wrong with a scenario, and where.
public struct ScenarioError: Error, Hashable, Sendable {
    /// From 1.
    public var line: Int
    /// In characters, from 1.
    public var column: Int
    /// What stands there; nil where it is not about a single word.
    public var found: String?
    /// What would be right.
    public var expected: String

    /// Without the place: "found X, expected Y".
    public var message: String {
        guard let found else { return expected }
        return "found \(found), expected \(expected)"
    }
}

/// A place in a scenario.
public struct ScenarioPlace: Hashable, Sendable, BitwiseCopyable {
    /// From 1.
    public var line: Int
    /// In characters, from 1.
    public var column: Int
}
