import TCPStateMachine
import TeachingMaterial

/// The settings of `postel verify` that a file holds: one to a line, `#` begins a comment.
///
///     profile rfc9293
///     fail-on warning
///     disable coverage opening-state-by-role
///     include *.md
///     exclude vendor
struct VerifySettings {
    var profile: Profile.Name?
    var failOn: Severity?
    var disabled: Set<DiagnosticCode> = []
    var include: [String] = []
    var exclude: [String] = []

    /// The file that is read where none is named.
    static let usualPath = ".postel-verify"

    init() {}

    /// Reads a file; without a path, the usual one if it is there.
    init(path: String?) throws(TextInput.Problem) {
        guard let path = path ?? (DocumentFinder.exists(VerifySettings.usualPath) ? VerifySettings.usualPath : nil)
        else { return }
        let input = try TextInput(path: path)
        // By octets: CR and LF are one character.
        let lines = input.text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Substring($0) }
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let name = words.first else { continue }
            if let problem = take(name, words.dropFirst()) {
                throw TextInput.Problem(message: "\(input.name):\(index + 1): \(problem)")
            }
        }
    }

    /// Takes one setting; what is wrong with it, or nil.
    private mutating func take(_ name: Substring, _ values: ArraySlice<Substring>) -> String? {
        guard !values.isEmpty else { return "'\(name)' needs a value" }
        switch name {
        case "profile":
            guard let known = Profile.Name.allCases.first(where: { $0.description == values.first ?? "" }) else {
                return "'\(values.joined())' is no profile: rfc793, rfc9293, linux"
            }
            profile = known
        case "fail-on":
            guard let severity = Severity.allCases.first(where: { $0.name == values.first ?? "" }) else {
                return "'\(values.joined())' is no severity: note, warning, error"
            }
            failOn = severity
        case "disable":
            for value in values {
                guard let code = DiagnosticCode(name: value) else {
                    return "'\(value)' is no code: Docs/verify.md has all"
                }
                disabled.insert(code)
            }
        case "include": include += values.map(String.init)
        case "exclude": exclude += values.map(String.init)
        default: return "'\(name)' is no setting: profile, fail-on, disable, include, exclude"
        }
        return nil
    }
}
