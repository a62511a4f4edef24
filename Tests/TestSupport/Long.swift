import Foundation

/// The suites that take minutes; each has *Long* in its name.
public enum Long {
    /// Whether they were asked for: by POSTEL_LONG=1, or by their name (`swift test --filter Long`).
    public static let isWanted: Bool = {
        if ProcessInfo.processInfo.environment["POSTEL_LONG"] == "1" { return true }
        let arguments = CommandLine.arguments
        return zip(arguments, arguments.dropFirst()).contains { $0 == "--filter" && $1.contains("Long") }
    }()
}
