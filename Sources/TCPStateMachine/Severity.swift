/// How loud it is that something departs from the machine: a finding in a capture, a diagnostic in a document.
/// `--fail-on` compares with it.
public enum Severity: UInt8, CaseIterable, Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Worth knowing. In a document: imprecise, incomplete, a spelling, or a defect of an RFC itself.
    case note
    /// Something may be wrong. In a document: misleading, or right only for some implementation or side.
    case warning
    /// Contradicts the state machine.
    case error

    public var name: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }

    public static func < (lower: Severity, higher: Severity) -> Bool { lower.rawValue < higher.rawValue }
}
